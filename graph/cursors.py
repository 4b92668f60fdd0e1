"""Cursors of keyset pages: where a page ended, in which list, and at which moment it was read."""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import orjson

from graph.errors import BadCursor
from graph.times import Moment, instant, written


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
    """Read a cursor of that list with that many order values. Raises BadCursor for any other text."""
    try:
        raw = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        seal, body = raw[:6], raw[6:]
        if seal != _seal(listing, body):
            raise BadCursor(cursor)
        values, *when = orjson.loads(body)
        if len(values) != length:
            raise BadCursor(cursor)
        return Cursor(tuple(_read(value) for value in values), _moment(when))
    except (binascii.Error, ValueError, TypeError) as error:
        raise BadCursor(cursor) from error


def moment_of(cursor: str) -> Moment | None:
    """The moment that a cursor carries, if any; whether it is a right one is for `decode` to say."""
    try:
        raw = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        return _moment(orjson.loads(raw[6:])[1:])
    except (binascii.Error, ValueError, TypeError, IndexError) as error:
        raise BadCursor(cursor) from error


def _seal(listing: str, body: bytes) -> bytes:
    return hashlib.sha256(listing.encode() + b"\0" + body).digest()[:6]


def _moment(when: list[Any]) -> Moment | None:
    if not when:
        return None
    valid, known = when
    return Moment(instant(valid), instant(known) if isinstance(known, str) else known)


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
