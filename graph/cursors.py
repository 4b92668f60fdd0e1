"""Cursors of keyset pages: where a page ended, in which list, and at which moment it was read."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import orjson

from graph.errors import BadCursor
from graph.times import Moment, instant, written

SEAL = 6
"""Bytes before the body that tell whether list and body belong together."""


@dataclass(frozen=True, slots=True)
class Cursor:
    """The order values of the row it follows, and the moment of the page it was given out with."""

    values: tuple[Any, ...]
    moment: Moment | None


def encode(listing: str, values: Sequence[Any], moment: Moment | None) -> str:
    """A cursor of the list so named; opaque, but not secret."""
    told: list[Any] = [[_told(value) for value in values]]
    if moment:
        known = moment.known
        told += [written(moment.valid), written(known) if isinstance(known, datetime) else known]
    body = orjson.dumps(told)
    return base64.urlsafe_b64encode(_seal(listing, body) + body).decode().rstrip("=")


def decode(listing: str, cursor: str, length: int) -> Cursor:
    """Read a cursor of that list with that many order values. Raises BadCursor for any other."""
    with _refusing(cursor):
        seal, body = _parts(cursor)
        values, *when = orjson.loads(body)
        if seal != _seal(listing, body) or len(values) != length:
            raise BadCursor(cursor)
        return Cursor(tuple(_read(value) for value in values), _moment(when))


def moment_of(cursor: str) -> Moment | None:
    """The moment that a cursor carries, if any; whether it is right is for `decode` to say."""
    with _refusing(cursor):
        _, *when = orjson.loads(_parts(cursor)[1])
        return _moment(when)


@contextmanager
def _refusing(cursor: str) -> Iterator[None]:
    try:
        yield
    except (ValueError, TypeError, KeyError, OverflowError) as error:
        raise BadCursor(cursor) from error


def _parts(cursor: str) -> tuple[bytes, bytes]:
    raw = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
    return raw[:SEAL], raw[SEAL:]


def _seal(listing: str, body: bytes) -> bytes:
    return hashlib.sha256(listing.encode() + b"\0" + body).digest()[:SEAL]


def _moment(when: list[Any]) -> Moment | None:
    if not when:
        return None
    valid, known = when
    if isinstance(known, str):
        return Moment(instant(valid), instant(known))
    return Moment(instant(valid), None if known is None else int(known))


def _told(value: Any) -> Any:
    if hasattr(value, "to_native"):
        value = value.to_native()
    if isinstance(value, datetime):
        return {"t": written(value)}
    return {"d": value.isoformat()} if isinstance(value, date) else value


def _read(value: Any) -> Any:
    if isinstance(value, dict):
        return instant(value["t"]) if "t" in value else date.fromisoformat(value["d"])
    return value
