"""Entries of the audit, one at a time."""

from __future__ import annotations

from graph.store import Store
from queries import LEDGER


async def hash_of(store: Store, entry: int | None) -> str:
    """Hash of an entry, hexadecimal; empty where there is no entry."""
    if entry is None:
        return ""
    given = {"after": entry - 1, "last": entry, "count": 1}
    found = await store.answer(LEDGER["audit_entries"], **given)
    return str(found[0][0]["hash"]) if found else ""
