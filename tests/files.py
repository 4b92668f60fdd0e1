"""The sample bank as plain rows of its files: what expectations are worked out from."""

from __future__ import annotations

import csv
from datetime import date
from functools import cache
from pathlib import Path

BANK = Path(__file__).parents[1] / "seed" / "omnichannel_bank"
Row = dict[str, str]


@cache
def table(name: str) -> tuple[Row, ...]:
    """Every row of a table."""
    with (BANK / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return tuple(csv.DictReader(file))


def held(name: str, day: str = "2026-07-20") -> list[Row]:
    """The rows of a table that are in force on a day, going by their validity columns."""
    return [
        row
        for row in table(name)
        if (row.get("valid_from") or "0001-01-01") <= day < (row.get("valid_to") or "9999-12-31")
    ]


def number(cell: str) -> float | None:
    """A number, None where the cell is empty."""
    return float(cell) if cell else None


def day(cell: str) -> date | None:
    """A day, None where the cell is empty."""
    return date.fromisoformat(cell) if cell else None
