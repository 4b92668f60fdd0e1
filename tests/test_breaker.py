"""A database that fails again and again is not asked for a while; others are told so at once."""

from __future__ import annotations

import asyncio
import time

import pytest
from starlette.testclient import TestClient

from api.app import create_app
from api.limits import Limits
from graph.breaker import FAILURES, REST, WINDOW, Away, Breaker
from graph.errors import TooComplex, Unavailable
from graph.store import Address, Store
from tests.proxies import proxied
from tests.serving import ask, code

QUESTION = '{ kpi(key: "nps") { name } }'


class Clock:
    """A clock that is set."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        """The time."""
        return self.now


def fail(breaker: Breaker, times: int = 1) -> None:
    """Ask as often, each time in vain."""
    for _ in range(times):
        with pytest.raises(OSError), breaker.passing((OSError,)):
            raise OSError


def passes(breaker: Breaker) -> bool:
    """Whether a question is let through; it is answered."""
    try:
        with breaker.passing((OSError,)):
            return True
    except Away:
        return False


def test_it_opens_after_failures_in_a_row() -> None:
    """
    The fifth within two seconds; a success between them begins anew.
    """
    breaker = Breaker(Clock())
    fail(breaker, FAILURES - 1)
    assert passes(breaker)
    fail(breaker, FAILURES - 1)
    assert not breaker.open
    fail(breaker)

    assert breaker.open
    assert not passes(breaker)


def test_failures_that_lie_apart_open_nothing() -> None:
    """
    Five in more than two seconds.
    """
    clock = Clock()
    breaker = Breaker(clock)
    for _ in range(3 * FAILURES):
        fail(breaker)
        clock.now += WINDOW / (FAILURES - 1) + 0.01

    assert not breaker.open


def test_one_is_let_through_to_see() -> None:
    """
    While it is under way no other; where it fails all wait again, where it succeeds none.
    """
    clock = Clock()
    breaker = Breaker(clock)
    fail(breaker, FAILURES)
    clock.now += REST
    with pytest.raises(OSError), breaker.passing((OSError,)):
        assert not passes(breaker)
        raise OSError
    assert not passes(breaker)

    clock.now += REST
    assert passes(breaker)
    assert passes(breaker)


def test_a_fault_of_the_question_is_a_sign_of_life() -> None:
    """
    The database answered, if only to refuse.
    """
    breaker = Breaker(Clock())
    fail(breaker, FAILURES - 1)
    with pytest.raises(ValueError), breaker.passing((OSError,)):
        raise ValueError
    fail(breaker)

    assert not breaker.open


async def test_while_it_is_away_nobody_waits(bank: Store, address: Address) -> None:
    """
    Cut off: after five failures refusals are quick and say when to come again; then it is back.
    """
    with proxied(address) as proxy, TestClient(create_app(proxy.address)) as client:
        ask(client, QUESTION)
        proxy.cut()
        for _ in range(FAILURES):
            assert "UNAVAILABLE" == code(ask(client, QUESTION))
        began = time.monotonic()
        response = client.post("/graphql", json={"query": QUESTION})
        spent = time.monotonic() - began
        proxy.restore()
        await asyncio.sleep(REST + 0.1)
        back = ask(client, QUESTION)

    assert ("1", "UNAVAILABLE") == (response.headers["Retry-After"], _code(response.json()))
    assert spent < 0.3
    assert {"data": {"kpi": {"name": "Net promoter score"}}} == back


def _code(told: dict[str, list[dict[str, dict[str, str]]]]) -> str:
    return told["errors"][0]["extensions"]["code"]


async def test_silence_is_noticed_by_who_waited_in_vain(bank: Store, address: Address) -> None:
    """
    A database that keeps its lines and says nothing costs a deadline once, and no more.
    """
    few = Limits(deadline=0.5)
    with proxied(address) as proxy, TestClient(create_app(proxy.address, limits=few)) as client:
        ask(client, QUESTION)
        proxy.silence()
        first = client.post("/graphql", json={"query": QUESTION})
        await asyncio.sleep(1.5)
        began = time.monotonic()
        second = client.post("/graphql", json={"query": QUESTION})
        spent = time.monotonic() - began

    assert _code(first.json()) in ("TIMEOUT", "UNAVAILABLE")
    assert "UNAVAILABLE" == _code(second.json())
    assert spent < 0.3


async def test_too_much_memory_is_not_asked_for_again(store: Store) -> None:
    """
    The database ends a statement over its memory: told at once, for reading and for writing.
    """
    hungry = "UNWIND range(1, 30000000) AS x RETURN collect(toString(x)) AS answer, 1 AS k"
    began = time.monotonic()
    with pytest.raises(TooComplex):
        await store.read(hungry, {}, 60)
    with pytest.raises(TooComplex):
        await store.transact(lambda run: run(hungry))
    spent = time.monotonic() - began

    assert not store.breaker.open
    assert spent < 20


async def test_a_write_waits_for_another_that_holds_its_thing(store: Store) -> None:
    """
    Two that want each other's locks: one of them is begun again, and both are done.
    """
    await store.alone("UNWIND range(1, 2) AS x CREATE (:Scratch {x: x, n: 0})")

    async def work(run, first: int, second: int) -> None:  # type: ignore[no-untyped-def]
        for x in (first, second):
            await run("MATCH (s:Scratch {x: $x}) SET s.n = s.n + 1 RETURN 1 AS answer", x=x)
            await asyncio.sleep(0.3)

    await asyncio.gather(store.transact(work, 1, 2), store.transact(work, 2, 1))

    assert [2, 2] == await store.answer(
        "MATCH (s:Scratch) WITH s ORDER BY s.x RETURN collect(s.n) AS answer"
    )


async def test_a_lost_database_is_told_to_who_writes(bank: Store, address: Address) -> None:
    """
    UNAVAILABLE within the patience of a write.
    """
    with proxied(address) as proxy:
        async with Store.at(proxy.address) as behind:
            proxy.cut()
            with pytest.raises(Unavailable):
                await behind.transact(lambda run: run("RETURN 1 AS answer"))
