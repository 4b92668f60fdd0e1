"""Writes of several transactions: all or nothing, one after another, nothing left of a kill."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import astuple, replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from graph.changes import Change
from graph.errors import Conflict, NotFound
from graph.ledger import Cause, beat, open_load, take_over
from graph.store import Address, Pace, Store
from graph.times import Moment
from tests.asking import TESTER, link, put, thing
from tests.looking import copy, everything, name, numbers, things

NOW = datetime(2026, 11, 1, tzinfo=UTC)
SMALL = Pace(small=10, chunk=10, poll=0.02)
IDS = [f"theme:{number:02}" for number in range(40)]
ROOT = Path(__file__).parent.parent
KILLED = """
import asyncio, sys
from graph.store import Address, Pace, Store
from tests.asking import TESTER, thing
async def main():
    async with Store.at(Address(*sys.argv[1:]), pace=Pace(small=10, chunk=10)) as store:
        changes = [thing(f"theme:{number:02}", name="new") for number in range(60)]
        def progress(done):
            if done: print(done, flush=True); sys.stdin.readline()
        await store.put(changes, TESTER, "a load that is killed", progress)
asyncio.run(main())
"""


def named(word: str, ids: Sequence[str] = IDS) -> list[Change]:
    """Things that all have the same name."""
    return [thing(id_, name=word) for id_ in ids]


async def test_a_large_write_is_one_commit_and_one_audit_entry(
    store: Store, address: Address
) -> None:
    """
    Four transactions, and yet one thing happened.
    """
    async with Store.at(address, pace=SMALL) as small:
        receipt = await put(small, *named("new"))

    assert (1, 40) == (receipt.sequence, receipt.created)
    assert {"published": 1, "entries": 1, "commits": 1} == await numbers(store)
    assert dict.fromkeys(IDS, "new") == await things(store, Moment(NOW), IDS)


async def test_a_large_write_leaves_what_a_small_one_leaves(store: Store, address: Address) -> None:
    """
    States, live labels and copies do not tell how they were written.
    """

    async def written(pace: Pace) -> object:
        await store.alone("MATCH (n) DETACH DELETE n")
        await store.migrate()
        async with Store.at(address, clock=lambda: NOW, pace=pace) as other:
            await put(other, *named("old"), *owned("old"))
            await put(other, *named("new", IDS[::2]), *owned("new"))
        return await everything(store)

    def owned(word: str) -> list[Change]:
        ends = [thing("process:p", name=word), thing("role:r", name=word)]
        return [*ends, link("owns", "role:r", "process:p", share=len(word) / 10)]

    assert await written(Pace()) == await written(SMALL)


async def test_readers_see_all_of_a_load_or_nothing_of_it(store: Store, address: Address) -> None:
    """
    While 40 things are renamed in four transactions, every reader finds one name.
    """
    await put(store, *named("old"))
    seen: list[set[str]] = []

    async def reader(loading: asyncio.Task[object]) -> None:
        while not loading.done():
            seen.append(set((await things(store, Moment(NOW), IDS)).values()))

    async with Store.at(address, pace=SMALL) as small:
        loading = asyncio.create_task(put(small, *named("new")))
        await asyncio.gather(loading, *(reader(loading) for _ in range(3)))

    assert all(names in ({"old"}, {"new"}) for names in seen)
    assert {"old"} in seen
    assert dict.fromkeys(IDS, "new") == await things(store, Moment(NOW), IDS)


class Stop(BaseException):
    """Something that no handler of ours expects."""


def broken(done: int) -> None:
    """Progress that fails once something is written."""
    if done:
        raise Stop


async def fails_with_an_error_of_ours(store: Store) -> None:
    """The last change lacks an end."""
    lost = link("performed_by", "process:nowhere", "org_unit:nowhere")
    with pytest.raises(NotFound):
        await put(store, *named("new"), lost)


async def fails_with_an_error_of_others(store: Store) -> None:
    """Who is told of the progress breaks down."""
    with pytest.raises(Stop):
        await store.put(named("new"), TESTER, "a load", broken)


async def is_cancelled(store: Store) -> None:
    """The client leaves after the first transaction."""
    begun = asyncio.Event()
    load = store.put(named("new"), TESTER, "a load", lambda done: begun.set() if done else None)
    task = asyncio.create_task(load)
    await begun.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


@pytest.mark.parametrize(
    "fail", [fails_with_an_error_of_ours, fails_with_an_error_of_others, is_cancelled]
)
async def test_a_load_that_fails_midway_leaves_nothing(
    store: Store, address: Address, fail: Callable[[Store], asyncio.Future[None]]
) -> None:
    """
    Whatever the cause: states, copies, identities and ledger are as before, and the next may write.
    """
    await put(store, *named("old", IDS[:5]), thing("process:p"))
    before = await everything(store)
    async with Store.at(address, pace=SMALL) as small:
        await fail(small)
    assert before == await everything(store)
    await put(store, *named("new", IDS[:1]))

    assert "new" == await name(store, IDS[0], NOW)


async def test_a_load_whose_process_was_killed_is_taken_back_by_the_next_writer(
    store: Store, address: Address
) -> None:
    """
    Killed after 20 of 60: readers see nothing of it, and the next writer finds a clean graph.
    """
    await put(store, *named("old", IDS[:5]))
    before = await everything(store)
    given = astuple(address)
    process = subprocess.Popen(
        [sys.executable, "-c", KILLED, *given],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        assert process.stdout and process.stdin
        assert "10" == process.stdout.readline().strip()
        process.stdin.write("\n")
        process.stdin.flush()
        assert "10" == process.stdout.readline().strip()
        process.send_signal(signal.SIGKILL)
    assert {"old"} == set((await things(store, Moment(NOW), IDS)).values())

    async with Store.at(address, pace=Pace(patience=0.3)) as hasty:
        with pytest.raises(Conflict, match="a load by tester is at work"):
            await put(hasty, thing("theme:late"))
    async with Store.at(address, pace=Pace(abandoned=0.2)) as next_:
        await asyncio.sleep(0.2)
        nothing = await put(next_, *named("old", IDS[:1]))
        assert (1, 1) == (nothing.sequence, nothing.unchanged)
        assert before == await everything(store)
        await put(next_, *named("new", IDS[:1]))

    assert "new" == (await copy(store, IDS[0]) or {})["name"]
    assert {"published": 2, "entries": 2, "commits": 2} == await numbers(store)


async def test_a_load_that_was_taken_back_can_write_no_more(store: Store) -> None:
    """
    A process that slept too long wakes up: its token is worth nothing.
    """
    load = await store.transact(open_load, {None}, NOW, Cause(TESTER, "a load"))
    assert await store.transact(take_over, load.token, 60.0) is None
    taken = await store.transact(take_over, load.token, 0.0)
    assert taken
    assert await store.transact(take_over, load.token, 0.0) is None
    with pytest.raises(Conflict, match="taken for abandoned"):
        await store.transact(beat, load.token)

    await store.transact(beat, taken.token)


@pytest.mark.parametrize("sleeps_after", [10, 40], ids=["its first part", "its last part"])
async def test_a_load_that_wakes_up_too_late_leaves_nothing(
    store: Store, address: Address, sleeps_after: int
) -> None:
    """
    Taken over between two of its transactions, it is refused, and undone by who took it. It gives
    no sign of life meanwhile: asleep in the middle of one it would hold the ledger.
    """
    await put(store, *named("old", IDS[:5]))
    before = await everything(store)
    written: list[int] = []

    def sleep(done: int) -> None:
        written.append(done)
        if sum(written) == sleeps_after:
            with ThreadPoolExecutor() as elsewhere:
                elsewhere.submit(asyncio.run, steal(address)).result(60)

    async with Store.at(address, pace=replace(SMALL, beat=3600.0)) as small:
        with pytest.raises(Conflict, match="taken for abandoned"):
            await small.put(named("new"), TESTER, "a load", sleep)

    assert before == await everything(store)


async def steal(address: Address) -> None:
    """Write although a load is open, which has been silent for a moment."""
    async with Store.at(address, pace=Pace(abandoned=0.1, poll=0.01)) as thief:
        await put(thief, *named("old", IDS[:1]))


async def test_a_writer_waits_for_a_load_to_be_published(store: Store, address: Address) -> None:
    """
    A small change that comes in the middle of a load is the commit after it.
    """
    begun = asyncio.Event()
    async with Store.at(address, pace=SMALL) as small:
        load = small.put(named("new"), TESTER, "a load", lambda done: begun.set())
        loading = asyncio.create_task(load)
        await begun.wait()
        late = await put(small, thing(IDS[0], name="late"))

    assert 1 == (await loading).sequence
    assert 2 == late.sequence
    assert "late" == await name(store, IDS[0], NOW)


async def test_two_loads_queue(store: Store, address: Address) -> None:
    """
    The second waits for the first; both are there in the end.
    """
    async with Store.at(address, pace=SMALL) as small:
        receipts = await asyncio.gather(put(small, *named("a")), put(small, *named("b")))

    assert [1, 2] == sorted(receipt.sequence for receipt in receipts)
    assert 1 == len(set((await things(store, Moment(NOW), IDS)).values()))


async def test_what_a_load_superseded_is_live_no_longer(store: Store, address: Address) -> None:
    """
    After publishing, the live label is on what is believed, and on nothing else.
    """
    async with Store.at(address, pace=SMALL) as small:
        await put(small, *named("old"))
        await put(small, *named("new"))

    text = "MATCH (x:ThemeLive) RETURN collect(x.name) AS answer"
    assert ["new"] * 40 == await store.answer(text)


async def test_what_a_load_records_was_not_known_before_it_was_published(
    store: Store, address: Address
) -> None:
    """
    Asked for what was known while the load was on its way, the answer stays: nothing.
    """
    instants: list[datetime] = []
    async with Store.at(address, pace=SMALL) as small:
        await small.put(
            named("new"), TESTER, "a load", lambda done: instants.append(datetime.now(UTC))
        )

    assert await name(store, IDS[0], NOW, known=instants[-1]) is None
    assert "new" == await name(store, IDS[0], NOW, known=datetime.now(UTC))
