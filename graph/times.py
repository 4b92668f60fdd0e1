"""Two times: when a fact holds in the world, and since when it is known. Everything is UTC."""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache

DAWN = datetime(1, 1, 1, tzinfo=UTC)
"""Stands for `always`: the beginning of validity that nobody wrote down."""
FAR = datetime(9999, 12, 31, tzinfo=UTC)
"""Stands for an open end, so that every predicate is `from <= t AND t < to`."""
OPEN = 2**62
"""Stands for a commit sequence that has not come: what is not superseded."""
INSTANT = timedelta(microseconds=1)

NO_PERIOD = "is not a period; write 2025, 2025-Q3, 2025-07, 2025-W27 or 2025-07-14"
"""What to say of a text that is none."""

_DAY = r"\d{4}-\d{2}-\d{2}"
_TIME = r"[Tt ]\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?"
_ZONE = r"([Zz]|[+-]\d{2}:\d{2})"


class BadTime(ValueError):
    """A text that is no time or period; `rule` says what to write."""

    def __init__(self, text: str, rule: str) -> None:
        super().__init__(f"{text[:40]!r} {rule}")
        self.rule = rule


def utc(when: date | datetime) -> datetime:
    """An instant in UTC; a plain date means its 00:00 UTC. Raises ValueError without a zone."""
    if not isinstance(when, datetime):
        return datetime(when.year, when.month, when.day, tzinfo=UTC)
    if when.tzinfo is None:
        raise ValueError(f"{when.isoformat()} has no time zone; write {when.isoformat()}Z")
    return when.astimezone(UTC)


def day(text: str) -> date:
    """Read a plain date. Raises BadTime."""
    with suppress(ValueError):
        if re.fullmatch(_DAY, text, re.ASCII):
            return date.fromisoformat(text)
    raise BadTime(text, "is not a date; write 2026-07-20")


def instant(text: str) -> datetime:
    """Read RFC 3339 (`2026-07-20T09:00:00Z`) or a plain date. Raises BadTime."""
    with suppress(ValueError, OverflowError):
        if re.fullmatch(_DAY, text, re.ASCII):
            return utc(date.fromisoformat(text))
        if re.fullmatch(_DAY + _TIME + _ZONE, text, re.ASCII):
            return utc(datetime.fromisoformat(text.upper().replace(" ", "T")))
    if re.fullmatch(_DAY + _TIME, text, re.ASCII):
        raise BadTime(text, f"has no time zone; write {text[:40]}Z")
    raise BadTime(text, "is not a time; write 2026-07-20 or 2026-07-20T09:00:00Z")


@lru_cache(maxsize=8192)
def stored(text: str) -> datetime:
    """An instant as the database writes it."""
    return datetime.fromisoformat(text)


@lru_cache(maxsize=8192)
def written(when: datetime) -> str:
    """RFC 3339 in UTC, fractions only where there are some."""
    text = when.astimezone(UTC).isoformat()
    return text.removesuffix("+00:00") + "Z"


@lru_cache(maxsize=8192)
def begin_of(period: str) -> datetime:
    """
    First instant of `2025`, `2025-Q3`, `2025-07`, `2025-W27` or `2025-07-14`.

    Raises BadTime where there is no such period.
    """
    year, _, rest = period.partition("-")
    try:
        if rest[:1] == "W":
            return utc(date.fromisocalendar(int(year), int(rest[1:]), 1))
        if rest[:1] == "Q":
            rest = f"{3 * int(rest[1:]) - 2}"
        month, _, day = rest.partition("-")
        return datetime(int(year), int(month or 1), int(day or 1), tzinfo=UTC)
    except ValueError:
        raise BadTime(period, NO_PERIOD) from None


@lru_cache(maxsize=8192)
def end_of(period: str) -> datetime:
    """
    First instant after `2025`, `2025-Q3`, `2025-07`, `2025-W27` or `2025-07-14`.

    Raises BadTime where there is no such period.
    """
    begin, (year, _, rest) = begin_of(period), period.partition("-")
    if rest[:1] == "W":
        return begin + timedelta(weeks=1)
    if rest.count("-"):
        return begin + timedelta(days=1)
    month = begin.month + (3 if rest[:1] == "Q" else 1 if rest else 12)
    return datetime(int(year) + (month - 1) // 12, (month - 1) % 12 + 1, 1, tzinfo=UTC)


def months_between(earlier: date, later: date) -> int:
    """Calendar months from one day's month to another's."""
    return 12 * (later.year - earlier.year) + later.month - earlier.month


@dataclass(frozen=True, slots=True)
class Moment:
    """The point on both axes at which a question is asked.

    `known` is None for everything published, a commit sequence (a page that goes on), or an
    instant. `now` says that nobody named a time, so what is live can be read without the past.
    """

    valid: datetime
    known: datetime | int | None = None
    now: bool = False

    def parameters(self) -> dict[str, datetime | str | int | None]:
        """Parameters of the fragments that read the two times.

        Every statement has an instant, which is sent as text: the driver takes a tenth of a read
        for a datetime.
        """
        return {"validAt": written(self.valid), "knownAt": self.known}
