"""So many at once, a bounded line, a share for each; deadlines; nothing goes on for who left."""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import pytest
from starlette.testclient import TestClient

from api.limits import Limits
from api.sign_in import SignIn
from api.turns import Busy, Turns
from graph.store import Address, Store
from tests.serving import Anything, Everything, code, create_app, listening
from tests.spoken import AS_JSON, POST, asked, posted, spoken

SMALL = Limits(at_work=4, waiting=8, share=0.5)
SLOW = "UNWIND range(1, 2000000000) AS slow WITH sum(slow) AS x RETURN x AS answer, 1 AS k"
RUNNING = (
    "SHOW TRANSACTIONS YIELD currentQuery WHERE currentQuery CONTAINS 'AS slow'"
    " AND NOT currentQuery CONTAINS 'SHOW' RETURN count(*) AS answer"
)
STRICT = SignIn(Everything(), Anything())
QUESTION = '{ kpi(key: "nps") { name } }'


@asynccontextmanager
async def turn(turns: Turns, caller: str) -> AsyncIterator[None]:
    """A turn for as long as the block runs, as a request takes it."""
    place = turns.enter(caller)
    try:
        await place.called
        yield
    finally:
        place.leave()


async def begun(turns: Turns, callers: str, stack: AsyncExitStack) -> list[asyncio.Task[str]]:
    """A task for each caller that wants a turn; those that have one keep it."""

    async def one(caller: str) -> str:
        await stack.enter_async_context(turn(turns, caller))
        return caller

    tasks = [asyncio.create_task(one(caller)) for caller in callers]
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    return tasks


def ended(tasks: list[asyncio.Task[str]]) -> str:
    """Who has a turn, and ! for who was refused."""
    done = [task for task in tasks if task.done()]
    return "".join("!" if task.exception() else task.result() for task in done)


async def test_no_more_work_at_once_than_is_set() -> None:
    """
    Four of six callers; the fifth as soon as one is done.
    """
    turns = Turns(SMALL)
    async with AsyncExitStack() as stack:
        async with turn(turns, "z"):
            tasks = await begun(turns, "abcde", stack)
            assert ("abc", 2) == (ended(tasks), turns.waiting)
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        assert ("abcd", 4, 1) == (ended(tasks), turns.working, turns.waiting)
        tasks[-1].cancel()
    await asyncio.wait(tasks)

    assert (0, 0) == (turns.working, turns.waiting)


async def test_one_caller_holds_its_share_and_is_passed_over() -> None:
    """
    Half of four at work and half of eight in line, while others come and go.
    """
    turns = Turns(SMALL)
    async with AsyncExitStack() as stack:
        greedy = await begun(turns, "a" * 8, stack)
        assert ("aa!!", 4) == (ended(greedy), turns.waiting)
        others = await begun(turns, "bc", stack)
        assert "bc" == ended(others)
        for task in greedy:
            task.cancel()
    await asyncio.wait(greedy)

    assert (0, 0) == (turns.working, turns.waiting)


async def test_whoever_finds_no_place_in_line_is_refused() -> None:
    """
    The thirteenth of thirteen.
    """
    turns = Turns(SMALL)
    async with AsyncExitStack() as stack:
        tasks = await begun(turns, "abcdefghijkl", stack)
        with pytest.raises(Busy):
            async with turn(turns, "m"):
                raise AssertionError("there was room")
        for task in tasks:
            task.cancel()
    await asyncio.wait(tasks)


async def test_a_turn_that_was_given_to_who_left_is_passed_on() -> None:
    """
    Cancelled between being called and coming: the next one works.
    """
    turns = Turns(Limits(at_work=1, waiting=4, share=1))
    async with AsyncExitStack() as stack:
        async with turn(turns, "z"):
            tasks = await begun(turns, "ab", stack)
        tasks[0].cancel()
        await asyncio.wait(tasks)

        assert [True, False] == [task.cancelled() for task in tasks]
        assert 1 == turns.working
    assert 0 == turns.working


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every question takes the database for ever."""
    read = Store.read

    async def slowly(store: Store, text: str, given: Any, timeout: float = 10.0) -> Any:
        return await read(store, SLOW, {}, timeout)

    monkeypatch.setattr(Store, "read", slowly)


async def left(door: Store, most: float = 2.0) -> int:
    """Slow statements that still run, after some time at most."""
    until = time.monotonic() + most
    while (count := await door.answer(RUNNING)) and time.monotonic() < until:
        await asyncio.sleep(0.05)
    return int(count)


async def test_a_request_ends_at_its_deadline_and_so_does_its_statement(
    bank: Store, address: Address, slow: None
) -> None:
    """
    By default and as the caller wants, who cannot have more; Neo4j has nothing left to do.
    """
    spent = {}
    with TestClient(create_app(address, limits=Limits(deadline=1))) as client:
        for wanted in ("0.3", "90", None):
            headers = {"X-Deadline": wanted} if wanted else {}
            began = time.monotonic()
            response = await asyncio.to_thread(
                client.post, "/graphql", json={"query": QUESTION}, headers=headers
            )
            spent[wanted] = time.monotonic() - began
            assert "TIMEOUT" == code(response.json())

    assert 0.3 <= spent["0.3"] < 0.8
    assert all(1 <= spent[wanted] < 1.5 for wanted in ("90", None))
    assert 0 == await left(bank)


async def test_who_leaves_frees_the_transaction(bank: Store, address: Address, slow: None) -> None:
    """
    The connection of the caller closes, and Neo4j stops working on its question.
    """
    with listening(create_app(address, limits=Limits(deadline=60))) as port:
        with socket.create_connection(("127.0.0.1", port)) as line:
            line.sendall(asked(QUESTION))
            for _ in range(100):
                if running := await bank.answer(RUNNING):
                    break
                await asyncio.sleep(0.05)
        assert 1 == running
        assert 0 == await left(bank)


async def test_who_finds_no_room_is_told_to_come_again(
    bank: Store, address: Address, slow: None
) -> None:
    """
    503 with Retry-After, while those before it are worked on until their deadline.
    """
    few = Limits(at_work=1, waiting=1, share=1, deadline=2)
    with listening(create_app(address, limits=few)) as port, ThreadPoolExecutor(4) as pool:
        tasks = [pool.submit(spoken, port, asked(QUESTION)) for _ in range(4)]
        replies = [await asyncio.wrap_future(task) for task in tasks]

    assert [503, 503, 504, 504] == sorted(reply.status for reply in replies)
    for reply in replies:
        expected = ("UNAVAILABLE", "1") if reply.status == 503 else ("TIMEOUT", None)
        assert expected == (reply.codes[0], reply.headers.get("retry-after"))


@pytest.mark.parametrize("share", [1, 0.5])
async def test_who_finds_no_room_is_refused_before_its_body_comes(
    bank: Store, address: Address, slow: None, share: float
) -> None:
    """
    Where all is taken, and where a caller has its share: 503 for headers whose body never comes.
    """
    few = Limits(at_work=1, waiting=2, share=share, deadline=2, body_seconds=5)
    with listening(create_app(address, limits=few)) as port, ThreadPoolExecutor(4) as pool:
        tasks = [pool.submit(spoken, port, asked(QUESTION)) for _ in range(3)]
        await asyncio.sleep(0.5)
        began = time.monotonic()
        head = POST + AS_JSON + b"Content-Length: 100\r\n\r\n"
        reply = await asyncio.to_thread(spoken, port, head)
        spent = time.monotonic() - began
        for task in tasks:
            await asyncio.wrap_future(task)

    assert (503, ["UNAVAILABLE"], "1") == (reply.status, reply.codes, reply.headers["retry-after"])
    assert spent < 1


async def test_under_overload_no_token_is_proven_and_health_is_told(
    bank: Store, address: Address, slow: None
) -> None:
    """
    A wrong token is 401 while there is room, 503 while there is none; the probes answer.
    """
    none = b"Authorization: Basic x\r\n"
    few = Limits(at_work=1, waiting=0, share=1, deadline=2)
    with listening(create_app(address, limits=few, sign_in=STRICT)) as port:
        early = await asyncio.to_thread(spoken, port, posted(b"{}", none))
        with ThreadPoolExecutor(1) as pool:
            task = pool.submit(spoken, port, asked(QUESTION))
            await asyncio.sleep(0.5)
            late = await asyncio.to_thread(spoken, port, posted(b"{}", none))
            health = b"GET /health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
            alive = await asyncio.to_thread(spoken, port, health)
            await asyncio.wrap_future(task)

    assert [401, 503, 200] == [early.status, late.status, alive.status]


async def test_an_answer_that_is_too_long_is_refused(bank: Store, address: Address) -> None:
    """
    With what to do.
    """
    question = "{ kpis(first: 200) { nodes { id name validFrom recordedAt } } }"
    with TestClient(create_app(address, limits=Limits(reply_bytes=2_000))) as client:
        response = client.post("/graphql", json={"query": question})

    assert "QUERY_TOO_COMPLEX" == code(response.json())
    assert "2000 bytes" in response.json()["errors"][0]["message"]
