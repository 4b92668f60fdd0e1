"""The copies of states that identities carry for readers, put right after many were superseded.

The database shows the properties of one node as it writes them, not all at once. So a copy changes
only while nobody believes it: those who could are waited for, the copy changes and keeps the end
that it had, and at last, in another transaction, gets its own. (Readers are waited for as in
read-copy-update: McKenney and Slingwine, 1998.)
"""

from __future__ import annotations

import asyncio

from graph.door import Door
from graph.ontology import Ontology
from queries import LEDGER

PATIENCE = 15.0
"""Seconds of the longest pause between two looks: readers are waited for twice as long, longer
than any question may take."""
LOOK = 0.02
"""Seconds before the second look at who still reads; every other waits twice as long."""


async def refresh(door: Door, ontology: Ontology) -> None:
    """Put the copies on identities right; until then they cost readers time, and nothing else.

    Where somebody reads for too long they are left to whoever refreshes next.
    """
    ledger = await door.answer(LEDGER["ledger"])
    stale = ledger.get("stale")
    if not stale:
        return
    for name in ("copy_states", "believe_copies"):
        if not await _settled(door):
            return
        for word in stale:
            text = LEDGER[name].replace("{kind}", ontology.kinds[word].label)
            await door.alone(text, last=ledger["published"])
    await door.alone(LEDGER["refreshed"], stale=stale)


async def _settled(door: Door) -> bool:
    """Whether everybody is done who began before now."""
    text, given = LEDGER["under_way"], {"database": door.database}
    under_way = await door.answer(text, among=None, **given)
    pause = LOOK
    while under_way and pause < PATIENCE:
        await asyncio.sleep(pause)
        under_way = await door.answer(text, among=under_way, **given)
        pause *= 2
    return not under_way
