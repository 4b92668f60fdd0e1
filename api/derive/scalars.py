"""Scalars that GraphQL itself lacks: instants, days, periods."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any, NewType

import strawberry
from strawberry.types.scalar import ScalarDefinition

from graph.errors import BadRequest
from graph.ontology.marks import PERIOD
from graph.times import day, instant

Instant = NewType("Instant", str)
Day = NewType("Day", str)
PeriodText = NewType("PeriodText", str)


def _told(value: Any) -> Any:
    """Answers hold their texts already."""
    return value


def _read(read: Callable[[str], Any], given: Any, write: str) -> Any:
    try:
        return read(given)
    except (TypeError, ValueError, OverflowError):
        raise BadRequest(f"{str(given)[:40]!r} is not {write}") from None


def _instant(given: Any) -> datetime:
    read: datetime = _read(instant, given, "a time; write 2026-07-20 or 2026-07-20T09:00:00Z")
    return read


def _day(given: Any) -> date:
    read: date = _read(day, given, "a day; write 2026-07-20")
    return read


def _period(given: Any) -> str:
    if not isinstance(given, str) or not re.match(PERIOD, given):
        raise BadRequest(f"{str(given)[:40]!r} is not a period; write 2025, 2025-Q3 or 2025-07")
    return given


def _scalar(name: str, description: str, parse: Callable[[Any], Any]) -> ScalarDefinition:
    return strawberry.scalar(name=name, description=description, serialize=_told, parse_value=parse)


SCALARS: Mapping[object, ScalarDefinition] = {
    Instant: _scalar(
        "DateTime",
        "An instant, RFC 3339 in UTC: `2026-07-20T09:00:00Z`. A plain date is its 00:00 UTC.",
        _instant,
    ),
    Day: _scalar("Date", "A day, ISO 8601: `2026-07-20`.", _day),
    PeriodText: _scalar(
        "Period",
        "A period: `2025`, `2025-Q3`, `2025-07`, `2025-W27` or `2025-07-14`.",
        _period,
    ),
}
