"""A load that is cut off at any stage: the same files finish it, and nobody can tell."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from graph import putting
from graph.changes import Change
from graph.errors import Conflict
from graph.putting import Put
from graph.store import Address, Pace, Store
from graph.times import INSTANT, Moment
from loaders.load import load
from loaders.reading import Reading
from tests.asking import TESTER, link, put, thing
from tests.looking import chain, everything, loaded, name, numbers, things, year

NOW = datetime(2026, 11, 1, tzinfo=UTC)
QUICK = Pace(small=10, chunk=10, beat=0.05, silent=0.2, poll=0.02)
IDS = [f"theme:{number:02}" for number in range(40)]


def changes(history: bool = False) -> list[Change]:
    """Forty named things, links between new things, and where wanted a thing with a history."""
    said = [thing(id_, name="new") for id_ in IDS]
    ends = [thing("process:p"), thing("role:r"), thing("role:s")]
    owned = [link("owns", f"role:{key}", "process:p", share=0.5) for key in "rs"]
    told = [thing("theme:told", name="later"), replace(thing("theme:told"), recorded=year(2026))]
    return [*said, *ends, *owned, *(told if history else ())]


class Cut(BaseException):
    """Stands for the end of a process."""


def after(count: int) -> Callable[[int], None]:
    """Progress that ends the process when so many changes are written."""
    written = 0

    def told(done: int) -> None:
        nonlocal written
        written += done
        if written >= count:
            raise Cut

    return told


async def prepared(store: Store) -> None:
    """A store in which half of the things have another name."""
    await store.alone("MATCH (n) DETACH DELETE n")
    await store.migrate()
    await put(store, *(thing(id_, name="old") for id_ in IDS[::2]))


@pytest.fixture
def killed(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """Processes that end without taking anything back."""

    async def nothing(*given: object) -> None:
        return None

    monkeypatch.setattr(Put, "_undo", nothing)
    return monkeypatch


@pytest.mark.parametrize("count", [1, 11, 31, 41, 45], ids=lambda count: f"after {count}")
@pytest.mark.parametrize("history", [False, True], ids=["without history", "with history"])
async def test_a_load_that_is_cut_off_ends_as_if_it_had_not_been(
    store: Store, address: Address, killed: pytest.MonkeyPatch, history: bool, count: int
) -> None:
    """
    Between any two transactions and before publishing: states, ledger, roots and hashes are equal.
    """
    given = changes(history)
    async with Store.at(address, clock=lambda: NOW, pace=QUICK) as quick:
        await prepared(quick)
        whole = await quick.put(given, TESTER, "a load", batch="b")
        expected = await everything(store)

        await prepared(quick)
        before = await things(store, Moment(NOW), IDS)
        with pytest.raises(Cut):
            await quick.put(given, TESTER, "a load", after(count), "b")
        assert before == await things(store, Moment(NOW), IDS)
        written: list[int] = []
        receipt = await quick.put(given, TESTER, "a load", written.append, "b")

    assert whole == receipt
    assert expected == await everything(store)
    assert written[0] >= count - 1
    assert len(given) == sum(written)


async def test_a_load_that_was_published_and_not_swept_is_swept_by_the_next(
    store: Store, address: Address, killed: pytest.MonkeyPatch
) -> None:
    """
    Killed between publishing and tidying up: the same files again say that they are loaded.
    """

    async def cut(*given: object) -> None:
        raise Cut

    async with Store.at(address, clock=lambda: NOW, pace=QUICK) as quick:
        await prepared(quick)
        await quick.put(changes(), TESTER, "a load", batch="b")
        expected = await everything(store)

        await prepared(quick)
        with killed.context() as patched:
            patched.setattr(putting, "refresh", cut)
            with pytest.raises(Cut):
                await quick.put(changes(), TESTER, "a load", batch="b")
        assert "new" == await name(store, IDS[0], NOW)
        again = await quick.published("b")

    assert again
    assert (NOW + INSTANT, len(changes())) == (again[0], again[1].unchanged)
    assert expected == await everything(store)


async def test_other_changes_do_not_go_on_with_a_load(
    store: Store, address: Address, killed: pytest.MonkeyPatch
) -> None:
    """
    A small write, and a load of other files, wait until it counts as abandoned, and undo it.
    """
    async with Store.at(address, pace=QUICK) as quick:
        await prepared(quick)
        before = await everything(store)
        with pytest.raises(Cut):
            await quick.put(changes(), TESTER, "a load", after(21), "b")
    killed.undo()
    for batch in ("", "c"):
        async with Store.at(address, pace=Pace(small=10, silent=0.1, patience=0.4)) as hasty:
            with pytest.raises(Conflict, match="a load by tester is at work"):
                await hasty.put([thing(IDS[0], name="old")], TESTER, "late", batch=batch)
    async with Store.at(address, pace=Pace(abandoned=0.1)) as next_:
        await put(next_, thing(IDS[0], name="old"))

    assert before == await everything(store)


async def test_a_load_that_lives_is_not_taken_over_by_the_same_files(
    store: Store, address: Address
) -> None:
    """
    While its holder waits long for one portion, its sign of life keeps the second one waiting.
    """
    begun, go, pace = asyncio.Event(), asyncio.Event(), replace(QUICK, silent=1.5)

    async with Store.at(address, pace=pace) as one, Store.at(address, pace=pace) as other:
        transact = one.transact

        async def slow(work: Callable[..., object], *given: object) -> object:
            if work.__name__ == "_publish":
                begun.set()
                await go.wait()
            return await transact(work, *given)  # type: ignore[arg-type]

        one.transact = slow  # type: ignore[assignment, method-assign]
        first = asyncio.create_task(one.put(changes(), TESTER, "a load", batch="b"))
        await begun.wait()
        second = asyncio.create_task(other.put(changes(), TESTER, "a load", batch="b"))
        await asyncio.sleep(2.5)
        assert not second.done()
        go.set()
        await first
        receipt = await second

    assert (0, 0) == (receipt.created, receipt.changed)
    assert {"published": 1, "entries": 1, "commits": 1} == await numbers(store)


async def test_the_same_files_again_are_not_read(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """
    They say when they were loaded; after another write they are read, and change what differs.
    """
    first = await loaded(store, tmp_path, themes="key,name\na,A\nb,B\n")
    with monkeypatch.context() as patched:
        patched.setattr(Reading, "read", lambda *given: pytest.fail("rows were read"))
        again = await load(store, tmp_path, TESTER)
    await put(store, thing("theme:a", name="other"))
    later = await load(store, tmp_path, TESTER)

    assert first.already is None
    assert again.already
    assert 2 == again.receipt.unchanged
    assert later.already is None
    assert (1, 1) == (later.receipt.changed, later.receipt.unchanged)
    assert "A" == await name(store, "theme:a", NOW)


async def test_the_audit_names_the_files_of_a_load(store: Store, tmp_path: Path) -> None:
    """
    The same files have one name, other files another; a write without files has none.
    """
    await loaded(store, tmp_path, themes="key,name\na,A\n")
    await put(store, thing("theme:a", name="other"))
    await load(store, tmp_path, TESTER)
    await loaded(store, tmp_path, themes="key,name\na,B\n")
    first, small, again, other = (one.get("batch") for one in await chain(store))

    assert first == again
    assert None is small
    assert first != other
    assert first and other and 64 == len(first) == len(other)
