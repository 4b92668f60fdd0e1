"""What a writer may demand: revisions it has seen, a key of its own, a graph that did not move."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import orjson
import pytest

from graph.at_once import repeated
from graph.audit import Actor, digest, merkle_root
from graph.changes import Change
from graph.store import Receipt, Store
from graph.terms import KeyTaken, Moved, Stale, Terms
from tests.asking import TESTER, link, put, thing
from tests.looking import chain, everything, gone, kept, name, numbers, year

A, B = "theme:a", "theme:b"
NOW = datetime(2026, 11, 1, tzinfo=UTC)


async def write(store: Store, *changes: Change, by: Actor = TESTER, **terms: Any) -> Receipt:
    """Put changes on terms."""
    return await store.put(changes, by, "a test", terms=Terms(**terms))


async def test_an_edit_over_a_newer_revision_is_refused(store: Store) -> None:
    """
    Whoever has seen the first state does not take the place of the second unseen.
    """
    first = await put(store, thing(A, name="red"))
    second = await write(store, thing(A, name="blue"), revisions={A: first.sequence})
    before = await everything(store)
    with pytest.raises(Stale) as caught:
        await write(store, thing(A, name="green"), revisions={A: first.sequence})

    assert (A, first.sequence, second.sequence) == (
        caught.value.id,
        caught.value.seen,
        caught.value.revision,
    )
    assert before == await everything(store)


async def test_terms_hold_for_many_changes_too(store: Store) -> None:
    """
    A write of more than goes into a small one is refused all the same, and writes nothing.
    """
    many = store.pace.small + 50
    first = await put(store, thing(A, name="red"))
    await put(store, thing(A, name="blue"))
    before = await everything(store)
    changes = [thing(f"theme:t{number}", name="new") for number in range(many)]
    with pytest.raises(Stale):
        seen = {A: first.sequence}
        await write(store, thing(A, name="green"), *changes, revisions=seen)
    with pytest.raises(Moved):
        await write(store, *changes, judged=first.sequence)

    assert before == await everything(store)
    done = await write(store, *changes, judged=first.sequence + 1)
    assert (many, many) == (done.created, len(done.revisions))


@pytest.mark.parametrize("ends", [lambda: gone(A, year(2020)), lambda: gone(A, year(2000))])
async def test_an_ending_is_a_revision_too(store: Store, ends: Callable[[], Change]) -> None:
    """
    Also where nothing believed is left of the thing.
    """
    first = await put(store, thing(A, year(2010), name="red"))
    ended = await put(store, ends())
    with pytest.raises(Stale):
        await write(store, thing(A, name="blue"), revisions={A: first.sequence})

    last = await write(store, thing(A, name="blue"), revisions={A: ended.sequence})
    assert ended.sequence < last.sequence


async def test_a_link_has_revisions_of_its_own(store: Store) -> None:
    """
    They do not move with its ends.
    """
    first = await put(
        store, thing("role:r"), thing("process:p"), link("owns", "role:r", "process:p")
    )
    await put(store, thing("role:r", name="other"))
    owned = link("owns", "role:r", "process:p", year(2020), share=0.5)
    id_ = owned.id
    second = await write(store, owned, revisions={id_: first.sequence})
    with pytest.raises(Stale):
        await write(store, gone_link(owned), revisions={id_: first.sequence})

    assert first.sequence + 2 == second.sequence


def gone_link(change: Change) -> Change:
    """The end of a link."""
    return replace(change, pieces=())


async def test_of_many_who_saw_the_same_one_wins(store: Store) -> None:
    """
    Forty writers, each revision won by one, no name lost.
    """
    seen = (await put(store, thing(A, name="0"))).sequence
    said = ["0"]

    async def writer(number: int) -> int:
        lost, last = 0, seen
        while True:
            try:
                done = await write(store, thing(A, name=f"{number}"), revisions={A: last})
            except Stale as stale:
                lost, last = lost + 1, stale.revision
                continue
            said.append(f"{number}")
            return done.sequence

    sequences = await asyncio.gather(*map(writer, range(1, 41)))

    assert list(range(seen + 1, seen + 41)) == sorted(sequences)
    assert {str(number) for number in range(41)} == set(said)
    assert 41 == (await numbers(store))["entries"]


async def test_a_repeat_gives_the_first_receipt(store: Store) -> None:
    """
    It writes nothing, also where the graph has moved on; its digest must be the same.
    """
    first = await write(store, thing(A, name="red"), key="k1", digest="d1")
    await put(store, thing(A, name="blue"))
    before = await everything(store)
    again = await write(store, thing(A, name="red"), key="k1", digest="d1")
    with pytest.raises(KeyTaken):
        await write(store, thing(B), key="k1", digest="d2")

    assert (first, first.entry, first.at, True) == (again, again.entry, again.at, again.repeated)
    assert before == await everything(store)
    assert first == await repeated(store.answer, Terms(key="k1", digest="d1"))
    assert await repeated(store.answer, Terms(key="k2")) is None


async def test_twins_at_the_same_moment_write_once(store: Store) -> None:
    """
    Twenty at once with one key, each with the revision of the first.
    """
    seen = (await put(store, thing(A, name="red"))).sequence
    blue = thing(A, name="blue")
    terms = {"key": "k1", "digest": "d", "revisions": {A: seen}}
    receipts = await asyncio.gather(*(write(store, blue, **terms) for _ in range(20)))

    assert 1 == len({receipt.sequence for receipt in receipts})
    assert [False] + 19 * [True] == sorted(receipt.repeated for receipt in receipts)
    assert 2 == (await numbers(store))["entries"]


async def test_twins_of_other_things_write_once_too(store: Store) -> None:
    """
    They wait for no common lock but the ledger: the key is unique in the database.
    """

    async def writer(id_: str) -> str:
        try:
            await write(store, thing(id_), key="k1", digest=id_)
        except KeyTaken:
            return "taken"
        return "written"

    told = await asyncio.gather(*(writer(f"theme:{number}") for number in range(10)))

    assert ["taken"] * 9 + ["written"] == sorted(told)
    assert 1 == (await numbers(store))["published"]


async def test_what_was_judged_before_the_graph_moved_is_not_written(store: Store) -> None:
    """
    Rules across things must be judged again.
    """
    judged = (await put(store, thing(A, name="red"))).sequence
    await put(store, thing(B))
    with pytest.raises(Moved):
        await write(store, thing(A, name="blue"), judged=judged)

    done = await write(store, thing(A, name="blue"), judged=judged + 1)
    assert judged + 2 == done.sequence


async def test_a_dry_run_tells_the_same_and_writes_nothing(store: Store) -> None:
    """
    Counts and revisions are those of the write that follows.
    """
    await put(store, thing(A, name="red"), thing(B))
    before = await everything(store)
    said = [thing(A, year(2024), name="blue"), gone(B, year(2025)), thing("theme:c")]
    dry = await write(store, *said, dry=True)

    assert before == await everything(store)
    done = await write(store, *said)
    assert (1, 1, 1) == (dry.created, dry.changed, dry.ended)
    assert replace(done, sequence=0) == dry
    assert [_told(one) for one in done.revisions] == [_told(one) for one in dry.revisions]
    assert dry.entry is None


def _told(revision: Any) -> tuple[object, ...]:
    return revision.change, [one.piece for one in revision.superseded], revision.made


async def test_an_entry_says_who_in_which_role_and_names_values_by_hash(store: Store) -> None:
    """
    Its leaves stand beside it, and give its root.
    """
    by = Actor("ada", ("board", "planner"), "t-7", "r-9")
    done = await write(store, thing(A, name="red"), thing(B), by=by, key="k1")
    (entry,), leaves = await chain(store), (await kept(store))[1]
    first = orjson.loads(leaves[0])

    assert ("ada", ["board", "planner"], "t-7", "r-9", "k1") == tuple(
        entry[name] for name in ("actor", "roles", "token", "request", "key")
    )
    assert merkle_root([leaf.encode() for leaf in leaves]) == entry["root"]
    assert (A, "CREATED", done.sequence) == (first["id"], first["action"], first["commit"])
    assert [digest(done.revisions[0].made[0])] == first["after"]
    assert "red" not in str((entry, leaves))


async def test_a_key_may_be_missing_from_many_entries(store: Store) -> None:
    """
    Only keys that are said are unique.
    """
    await put(store, thing(A))
    await put(store, thing(B))

    assert {A: "a", B: "b"} == {id_: await name(store, id_, NOW) for id_ in (A, B)}
