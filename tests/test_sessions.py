"""Reads that follow one another share a transaction, and see what others commit meanwhile."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from neo4j.exceptions import ClientError

from graph import sessions
from graph.errors import Unavailable
from graph.store import Address, Store
from tests.asking import put, thing

READ = "MATCH (l:Ledger) RETURN l.published AS answer"
TERMINATED = """
SHOW TRANSACTIONS YIELD transactionId, currentQuery
WHERE NOT currentQuery CONTAINS 'SHOW TRANSACTIONS'
TERMINATE TRANSACTIONS transactionId YIELD message
RETURN count(message) AS answer
"""
LONG = "UNWIND range(1, 999999999) AS i RETURN max(i) AS answer"


@pytest.fixture
async def other(address: Address) -> AsyncIterator[Store]:
    """A second process on the same database."""
    async with Store.at(address) as made:
        yield made


class Begun:
    """Counts the transactions that a watch begins."""

    def __init__(self, watch: sessions.Watch) -> None:
        self.count = 0
        self._begin = watch._begun
        watch._begun = self._noted  # type: ignore[method-assign]

    async def _noted(self) -> sessions.Open:
        self.count += 1
        return await self._begin()


async def seen(store: Store) -> int:
    """What a watch reads."""
    row = await store._watch.read(READ, {})
    return int((row or {})["answer"])


async def ended(store: Store) -> bool:
    """Whether nothing of a watch is open any more."""
    await asyncio.gather(*store._watch._ending)
    return store._watch._free is None


async def test_a_transaction_sees_what_others_commit_while_it_is_open(
    store: Store, other: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """
    Another process writes between every two of ten reads.
    """
    monkeypatch.setattr(sessions, "LASTING", 60.0)
    begun = Begun(store._watch)
    told = []
    for number in range(10):
        receipt = await put(other, thing(f"theme:t{number}"))
        told.append(await seen(store) == receipt.sequence)
    assert (told, begun.count) == ([True] * 10, 1)
    await store._watch.close()


async def test_a_transaction_is_good_for_some_reads_and_a_moment(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """
    One read more than it is good for, then a pause.
    """
    monkeypatch.setattr(sessions, "LASTING", 1.0)
    begun = Begun(store._watch)
    for _ in range(sessions.MOST):
        await seen(store)
    assert begun.count == 1
    assert await ended(store)
    await seen(store)
    assert begun.count == 2
    assert not await ended(store)
    await asyncio.sleep(2 * sessions.LASTING)
    assert await ended(store)


async def test_after_a_write_of_its_own_it_reads_by_another(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """
    A cluster shows it to transactions that begin after it.
    """
    monkeypatch.setattr(sessions, "LASTING", 60.0)
    begun = Begun(store._watch)
    await seen(store)
    receipt = await put(store, thing("theme:a"))
    assert (await seen(store), begun.count) == (receipt.sequence, 2)
    await store._watch.close()


async def test_what_is_ended_for_it_is_begun_anew(
    store: Store, other: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """
    The database ends the transaction between two reads; then who reads gives up.
    """
    monkeypatch.setattr(sessions, "LASTING", 60.0)
    begun = Begun(store._watch)
    await seen(store)
    assert await other.answer(TERMINATED) == 1
    with pytest.raises(ClientError, match=r"(?i)terminated"):
        await seen(store)
    assert (await seen(store), begun.count) == (0, 2)
    given_up = asyncio.ensure_future(store._watch.read(LONG, {}))
    await asyncio.sleep(0.1)
    given_up.cancel()
    with pytest.raises(asyncio.CancelledError):
        await given_up
    assert (await seen(store), begun.count) == (0, 3)
    await store._watch.close()


async def test_a_look_by_an_ended_transaction_fails_as_any_read(
    store: Store, other: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """
    What the driver raises is told in our words.
    """
    monkeypatch.setattr(sessions, "LASTING", 60.0)
    await store.heads.look()
    await store.heads.look()
    assert await other.answer(TERMINATED) == 1
    with pytest.raises(Unavailable):
        await store.heads.look()
    assert (await store.heads.look()).published == 0
    await store._watch.close()
