"""Copies of states change only while nobody believes them."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from graph import copies
from graph.copies import refresh
from graph.store import Address, Pace, Store
from graph.times import OPEN
from tests.asking import TESTER, put, thing
from tests.looking import year

IDS = [f"theme:{number:02}" for number in range(20)]
COPIES = """
MATCH (e:Identity:Theme)
WITH e ORDER BY e.id
RETURN collect([e.name, e.superseded, EXISTS {
  MATCH (e)-[:STATE]->(x) WHERE properties(e) = properties(x)
}]) AS answer
"""
LONG = """
MATCH (l:Ledger) SET l.looked = true
WITH l UNWIND range(1, 4000) AS a UNWIND range(1, 4000) AS b
WITH l, count(*) AS looked REMOVE l.looked
RETURN looked AS answer
"""


class Watched:
    """A store that notes what the copies are whenever a statement of its own transactions ends."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.database, self.turns = store.database, store.turns
        self.seen: list[list[list[Any]]] = []

    async def answer(self, statement: str, **parameters: Any) -> Any:
        """As of the store."""
        return await self.store.answer(statement, **parameters)

    async def transact(self, work: Any, *given: Any) -> Any:
        """As of the store."""
        return await self.store.transact(work, *given)

    async def alone(self, statement: str, **parameters: Any) -> None:
        """As of the store, and what is there then."""
        await self.store.alone(statement, **parameters)
        self.seen.append(await self.store.answer(COPIES))


@pytest.fixture
async def stale(store: Store, address: Address, monkeypatch: pytest.MonkeyPatch) -> Store:
    """A store with copies of what a load has superseded; the load did not put them right."""

    async def left(*given: object) -> None:
        return None

    async with Store.at(address, pace=Pace(small=5)) as quick:
        await quick.put([thing(id_, name="old") for id_ in IDS], TESTER, "a load")
        with monkeypatch.context() as patched:
            patched.setattr("graph.putting.refresh", left)
            await quick.put([thing(id_, name="new") for id_ in IDS], TESTER, "a load")
    return store


async def test_a_copy_is_changed_before_it_is_believed(stale: Store) -> None:
    """
    As the database may show a node half written: first all but the end of belief, then that.
    """
    watched = Watched(stale)
    before = await stale.answer(COPIES)
    await refresh(watched, stale.ontology)
    copied, believed, _ = watched.seen

    assert [["old", 2, True]] * 20 == before
    assert [["new", 2, False]] * 20 == copied
    assert [["new", OPEN, True]] * 20 == believed
    assert not (await stale.answer("MATCH (l:Ledger) RETURN l {.stale} AS answer"))["stale"]


async def test_readers_who_believe_a_copy_are_waited_for(stale: Store) -> None:
    """
    Nothing is copied before the transactions under way have ended; one that began later is not.
    """

    async def read(run: Any) -> int:
        looked: int = await run(LONG)
        return looked

    reading = asyncio.create_task(stale.transact(read))
    while not await stale.answer(
        "SHOW TRANSACTIONS YIELD currentQuery WHERE currentQuery CONTAINS 'l.looked'"
        " AND NOT currentQuery STARTS WITH 'SHOW' RETURN count(*) AS answer"
    ):
        await asyncio.sleep(0.01)
    watched = Watched(stale)
    refreshing = asyncio.create_task(refresh(watched, stale.ontology))
    done, _ = await asyncio.wait([reading, refreshing], return_when=asyncio.FIRST_COMPLETED)

    assert {reading} == done
    assert [] == watched.seen
    await refreshing
    assert watched.seen


async def test_copies_are_left_where_somebody_reads_for_too_long(
    stale: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """
    They stay unbelieved, and the ledger says that they are to be put right.
    """

    async def never(door: object) -> bool:
        return False

    with monkeypatch.context() as patched:
        patched.setattr(copies, "_settled", never)
        await refresh(stale, stale.ontology)
    left = await stale.answer(COPIES)
    await put(stale, thing(IDS[0], year(2025), name="newest"))
    await refresh(stale, stale.ontology)

    assert [["old", 2, True]] * 20 == left
    assert {OPEN} == {end for _, end, _ in await stale.answer(COPIES)}
