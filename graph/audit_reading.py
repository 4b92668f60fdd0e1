"""Reads the audit in its order, a stretch at a time, so that memory does not grow with it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

from graph.ledger import Transaction
from queries import LEDGER

ENTRIES = 1_000
"""Entries that are read at once."""
PARTS = 200
"""Parts of leaves that are read at once."""


async def length(answer: Transaction) -> int:
    """How many entries are published."""
    ledger = await answer(LEDGER["ledger"])
    return int(ledger["entries"]) if ledger else 0


async def entries(
    answer: Transaction, last: int
) -> AsyncIterator[tuple[dict[str, Any], list[list[Any]]]]:
    """Entries up to one, each with its commits: number, instant, run."""
    after, given = 0, {"last": last, "count": ENTRIES}
    while found := await answer(LEDGER["audit_entries"], after=after, **given):
        for entry, commits in found:
            yield entry, commits
        after = found[-1][0]["sequence"]


async def parts(
    answer: Transaction, last: int, first: int = 1
) -> AsyncIterator[tuple[int, int, list[str]]]:
    """Leaves of entries: the entry, the place of the first of them, their texts."""
    place, given = 0, {"last": last, "count": PARTS}
    while found := await answer(LEDGER["audit_leaves"], entry=first, place=place, **given):
        for part in found:
            yield part
        first, place = found[-1][0], found[-1][1] + 1
