"""Whether the database answers: one look at a time, which nobody's impatience ends."""

from __future__ import annotations

import asyncio

import pytest

from graph.breaker import FAILURES, Breaker
from graph.errors import Unavailable
from graph.looks import Looks


class Database:
    """Answers after some seconds; who gives up and asks anew waits as long again."""

    def __init__(self, seconds: float = 0.0, prepared: bool = True) -> None:
        self.seconds = seconds
        self.prepared = prepared
        self.away = False
        self.asked = 0

    async def ask(self, seconds: float) -> bool:
        """Whether it is prepared."""
        self.asked += 1
        await asyncio.sleep(self.seconds)
        if self.away:
            raise Unavailable("away")
        return self.prepared


async def test_a_database_that_wakes_up_slowly_is_asked_once() -> None:
    """
    Three who wait a tenth of a second each, a first answer after a quarter: the third has it.
    """
    database, breaker = Database(0.25), Breaker()
    looks = Looks(database.ask, breaker)
    for _ in range(2):
        with pytest.raises(Unavailable, match="in time"):
            await looks.ready(0.1)
        assert breaker.open
    await looks.ready(0.1)

    assert (1, False) == (database.asked, breaker.open)


async def test_one_look_serves_all_who_ask_at_once() -> None:
    """
    Twenty of them; the next one afterwards has a look of its own.
    """
    database = Database(0.05)
    looks = Looks(database.ask, Breaker())
    await asyncio.gather(*(looks.ready(1) for _ in range(20)))
    assert 1 == database.asked
    await looks.ready(1)

    assert 2 == database.asked


async def test_what_looks_find_opens_and_closes_the_breaker() -> None:
    """
    Away five times, then there again; one that is not prepared is no database that is away.
    """
    database, breaker = Database(), Breaker()
    looks = Looks(database.ask, breaker)
    database.away = True
    for _ in range(FAILURES):
        with pytest.raises(Unavailable, match="away"):
            await looks.ready(1)
    assert breaker.open

    database.away, database.prepared = False, False
    with pytest.raises(Unavailable, match="goldenthread migrate"):
        await looks.ready(1)
    assert not breaker.open


async def test_a_look_that_is_never_answered_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    """
    A line that broke without a word is not waited at for ever: the next look takes another.
    """
    monkeypatch.setattr("graph.looks.LOOK", 0.1)
    database = Database(seconds=60)
    looks = Looks(database.ask, Breaker())
    for _ in range(2):
        with pytest.raises(Unavailable, match="in time"):
            await looks.ready(1)
    database.seconds = 0
    await looks.ready(1)

    assert 3 == database.asked
