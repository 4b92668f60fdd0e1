"""Two times: when a fact holds in the world, and since when it is known. Everything is UTC."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

DAWN = datetime(1, 1, 1, tzinfo=UTC)
"""Stands for `always`: the beginning of validity that nobody wrote down."""
FAR = datetime(9999, 12, 31, tzinfo=UTC)
"""Stands for an open end, so that every predicate is `from <= t AND t < to`."""
OPEN = 2**62
"""Stands for a commit sequence that has not come: what is not superseded."""
INSTANT = timedelta(microseconds=1)


def utc(when: date | datetime) -> datetime:
    """An instant in UTC; a plain date means its 00:00 UTC. Raises ValueError without a zone."""
    if not isinstance(when, datetime):
        return datetime(when.year, when.month, when.day, tzinfo=UTC)
    if when.tzinfo is None:
        raise ValueError(f"{when.isoformat()} has no time zone; write {when.isoformat()}Z")
    return when.astimezone(UTC)


def instant(text: str) -> datetime:
    """Read RFC 3339 (`2026-07-20T09:00:00Z`) or a plain date. Raises ValueError saying what to write."""
    if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
        return utc(date.fromisoformat(text))
    if not re.fullmatch(r"\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?([Zz]|[+-]\d{2}:\d{2})?", text):
        raise ValueError(f"{text[:40]!r} is not a time; write 2026-07-20 or 2026-07-20T09:00:00Z")
    return utc(datetime.fromisoformat(text.upper().replace(" ", "T")))


def written(when: datetime) -> str:
    """RFC 3339 in UTC, fractions only where there are some."""
    text = when.astimezone(UTC).isoformat()
    return text.removesuffix("+00:00") + "Z"


def begin_of(period: str) -> datetime:
    """First instant of `2025`, `2025-Q3`, `2025-07`, `2025-W27` or `2025-07-14`."""
    year, _, rest = period.partition("-")
    if not rest:
        return datetime(int(year), 1, 1, tzinfo=UTC)
    if rest[0] == "Q":
        return datetime(int(year), 3 * int(rest[1]) - 2, 1, tzinfo=UTC)
    if rest[0] == "W":
        return utc(date.fromisocalendar(int(year), int(rest[1:]), 1))
    month, _, day = rest.partition("-")
    return datetime(int(year), int(month), int(day or 1), tzinfo=UTC)


def months_between(earlier: date, later: date) -> int:
    """Calendar months from one day's month to another's."""
    return 12 * (later.year - earlier.year) + later.month - earlier.month


@dataclass(frozen=True, slots=True)
class Moment:
    """The point on both axes at which a question is asked.

    `known` is None for everything published, a commit sequence (a page that goes on), or an instant.
    `now` says that nobody named a time, so what is live can be read without the past.
    """

    valid: datetime
    known: datetime | int | None = None
    now: bool = False

    def parameters(self) -> dict[str, datetime | int | None]:
        """Parameters of the fragments that read the two times."""
        return {"validAt": self.valid, "knownAt": self.known}
