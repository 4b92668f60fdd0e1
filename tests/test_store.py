"""What the store promises: one way to write, one audit entry, nothing half there."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

import pytest

from graph.audit import GENESIS, Actor, chained
from graph.changes import Change, Piece
from graph.errors import BadRequest, NotFound, Refused, Unavailable
from graph.neighbours import Neighbours
from graph.store import Address, Pace, Receipt, Store
from graph.times import DAWN, FAR, OPEN, Moment
from tests.asking import TESTER, link, put, thing
from tests.looking import chain, copy, everything, gone, links, name, numbers, year

A = "theme:a"
NOW = datetime(2026, 11, 1, tzinfo=UTC)
SMALL = Pace(small=10, chunk=10)
IDS = [f"theme:{number:02}" for number in range(40)]


def named(word: str, ids: Sequence[str] = IDS) -> list[Change]:
    """Things that all have the same name."""
    return [thing(id_, name=word) for id_ in ids]


async def test_saying_the_same_again_writes_nothing_at_all(store: Store) -> None:
    """
    No commit, no audit entry, not a property differs.
    """
    changes = [thing(A, name="red"), thing("theme:b"), gone("theme:never", year(2020))]
    first = await put(store, *changes)
    before = await everything(store)
    second = await put(store, *changes)

    assert (first.sequence, 3) == (second.sequence, second.unchanged)
    assert before == await everything(store)


async def test_a_link_holds_for_its_time_and_points_with_the_data(store: Store) -> None:
    """
    A role owns a process; what flows backward is stored the other way round.
    """
    await put(
        store,
        thing("role:r"),
        thing("process:p"),
        thing("org_unit:u"),
        link("owns", "role:r", "process:p", year(2020)),
        link("performed_by", "process:p", "org_unit:u", year(2020), year(2021)),
    )

    owns = store.ontology.links["owns"]
    ends = ("process:p", "role:r") if owns.reversed() else ("role:r", "process:p")
    assert [ends] == await links(store, owns.type, Moment(year(2022)))
    assert [("process:p", "org_unit:u")] == await links(store, "PERFORMED_BY", Moment(year(2020)))
    assert [] == await links(store, "PERFORMED_BY", Moment(year(2021)))


async def test_a_link_without_one_of_its_ends_is_not_found_and_nothing_is_written(
    store: Store,
) -> None:
    """
    What stands beside it in the same write is not written either.
    """
    await put(store, thing("process:p"))
    before = await everything(store)
    with pytest.raises(NotFound, match=r"there is no org_unit:nowhere$"):
        await put(store, thing(A), link("performed_by", "process:p", "org_unit:nowhere"))

    assert before == await everything(store)


async def test_a_thing_that_was_never_there_is_no_end_of_a_link(store: Store) -> None:
    """
    Retiring what nobody knows does not make it known.
    """
    await put(store, thing("process:p"))
    never = gone("org_unit:u", year(2020))
    with pytest.raises(NotFound):
        await put(store, never, link("performed_by", "process:p", "org_unit:u"))


async def test_a_link_keeps_its_ends(store: Store) -> None:
    """
    A causal link with a key of its own cannot be turned to another KPI.
    """
    await put(store, *map(thing, ("kpi:a", "kpi:b", "kpi:c")))
    await put(store, link("affects", "kpi:a", "kpi:b", key="a/b", sign=1))
    for other in ("kpi:c", "kpi:new"):
        moved = link("affects", "kpi:a", other, key="a/b", sign=1)
        with pytest.raises(Refused, match="joins kpi:a and kpi:b; a link keeps its ends"):
            await put(store, thing("kpi:new"), moved)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (thing("unheard:a"), "names no declared kind or link"),
        (thing("affects:a/b"), "a link has a source and a target"),
        (link("theme", "kpi:a", "kpi:b", key="a"), "a thing has neither"),
        (Change(A, year(2020), (Piece(DAWN, FAR, {}),)), "do not follow one another"),
    ],
)
async def test_a_change_that_makes_no_sense_is_refused(
    store: Store, change: Change, words: str
) -> None:
    """
    Unknown words, links without ends, pieces outside of their stretch.
    """
    with pytest.raises(Refused, match=words):
        await put(store, change)


@pytest.mark.parametrize("reason", ["", "  \n"])
async def test_a_change_needs_a_reason(store: Store, reason: str) -> None:
    """
    The audit says why, always.
    """
    with pytest.raises(BadRequest, match="a change needs a reason"):
        await put(store, thing(A), reason=reason)


async def test_eighty_changes_of_eight_writers_are_eighty_commits(store: Store) -> None:
    """
    Nobody overwrites anybody: 80 states, 80 sequences, one of them believed to the end.
    """

    async def writer(number: int) -> list[int]:
        return [
            (await put(store, thing(A, name=f"{number}/{step}"))).sequence for step in range(10)
        ]

    given = [sequence for some in await asyncio.gather(*map(writer, range(8))) for sequence in some]
    text = "MATCH (x:ThemeState) RETURN collect([x.recorded, x.superseded]) AS answer"
    pieces = sorted(await store.answer(text))

    assert list(range(1, 81)) == sorted(given)
    assert list(range(1, 81)) == [recorded for recorded, _ in pieces]
    assert [*range(2, 81), OPEN] == [superseded for _, superseded in pieces]
    assert {"published": 80, "entries": 80, "commits": 80} == await numbers(store)


async def test_writers_of_many_things_do_not_block_one_another_for_good(store: Store) -> None:
    """
    Things and links of either order: locks are always taken in the same one.
    """
    ids = [f"{word}:{number}" for word in ("kpi", "theme", "process") for number in range(5)]
    pairs = [(f"process:{a}", f"kpi:{b}") for a in range(5) for b in range(5)]

    async def writer(number: int) -> None:
        said = [thing(id_, name=str(number)) for id_ in ids]
        drives = [link("drives", *pair, sign=1, reason=str(number)) for pair in pairs]
        mixed = [*said, *drives]
        await put(store, *(mixed if number % 2 else reversed(mixed)))

    await asyncio.gather(*map(writer, range(6)))

    assert 6 == (await numbers(store))["published"]


async def test_the_audit_is_one_chain(store: Store) -> None:
    """
    Each entry holds the hash of the one before, and can be worked out again.
    """
    await put(store, thing(A, name="red"), reason="it begins")
    await store.put([thing(A, name="blue")], Actor("ada"), "it changes")
    await store.put([gone(A, year(2024))], Actor("bob"), "it ends")
    found = await chain(store)

    assert ["tester", "ada", "bob"] == [one["actor"] for one in found]
    assert [1, 2, 3] == [one["sequence"] for one in found]
    assert GENESIS == found[0]["previous"]
    assert all(before["hash"] == after["previous"] for before, after in pairwise(found))
    assert [one["hash"] for one in found] == [chained(one) for one in found]
    assert [1, 1, 1] == [one["count"] for one in found]
    assert ["red", "blue"] == [word for word in ("red", "blue") if word not in str(found)]


async def test_values_come_back_as_they_were_written(store: Store) -> None:
    """
    Text in any script, dates, numbers at the edge of 64 bits, lists.
    """
    state: dict[str, Any] = {
        "name": "Ünïcode 漢字 'quoted' \"twice\" \\ `back` ${x}",
        "order": 2**63 - 1,
        "share": 0.1,
        "open": True,
        "heldOn": datetime(2026, 7, 20).date(),
        "at": datetime(2026, 7, 20, 9, 30, 0, 1, tzinfo=UTC),
        "about": ["kpi:a", "kpi:b"],
    }
    await put(store, thing("review:r", **state))
    receipt = await put(store, thing("review:r", **state))

    assert 1 == receipt.unchanged
    assert state == {key: (await copy(store, "review:r") or {})[key] for key in state}


@pytest.mark.parametrize(
    "key", ["50% off", "a/b", "a'b\"c", "a:b", "ä ö", "a\\b", "{x}", "$x", "%2F"]
)
async def test_any_key_is_found_again(store: Store, key: str) -> None:
    """
    Signs that mean something elsewhere mean nothing in a key.
    """
    await put(store, thing(f"theme:{key}", name="it"))

    assert "it" == await name(store, f"theme:{key}", NOW)
    assert key == (await copy(store, f"theme:{key}") or {})["key"]
    assert {"theme:other"} == await (await Neighbours.of(store)).missing(
        [f"theme:{key}", "theme:other"]
    )


async def test_a_database_that_is_away_is_unavailable(address: Address) -> None:
    """
    Nobody listens on port 1: reading and writing say so, at once.
    """
    async with Store.at(Address("bolt://127.0.0.1:1", "neo4j", "x")) as away:
        begun = asyncio.get_running_loop().time()
        with pytest.raises(Unavailable, match="the database does not answer"):
            await away.ready()
        assert asyncio.get_running_loop().time() - begun < 5


async def test_a_wrong_password_is_told_with_its_remedy(address: Address) -> None:
    """
    The words of the driver stay out of it.
    """
    async with Store.at(replace(address, password="wrong")) as closed:
        with pytest.raises(Unavailable, match="check NEO4J_USERNAME and NEO4J_PASSWORD"):
            await closed.ready(timeout=10)


async def test_a_wrong_name_of_the_database_is_told_with_its_remedy(address: Address) -> None:
    """
    The server is there, a database of that name is not.
    """
    async with Store.at(replace(address, database="nowhere")) as closed:
        with pytest.raises(Unavailable, match="check NEO4J_DATABASE"):
            await closed.ready(timeout=10)


async def test_a_wrong_address_is_told_before_anything_is_asked() -> None:
    """
    An address without a scheme is answered with what to write.
    """
    with pytest.raises(BadRequest, match=r"write neo4j://localhost or bolt://localhost:7687"):
        async with Store.at(Address("localhost", "neo4j", "x")):
            pass


async def test_a_receipt_counts_what_was_done(store: Store) -> None:
    """
    One made, two altered, one ended, one as it was.
    """
    await put(store, *(thing(f"theme:{key}") for key in "bcde"))
    changes = [thing("theme:a"), thing("theme:b", name="x"), thing("theme:c", year(2020), name="x")]
    receipt = await put(store, *changes, gone("theme:d", year(2020)), thing("theme:e"))

    assert Receipt(2, created=1, changed=2, ended=1, unchanged=1) == receipt


async def test_loading_again_opens_no_load(store: Store, address: Address) -> None:
    """
    What is stored already is found out by reading alone: not a property differs.
    """
    history = [
        replace(thing(A, name=str(number)), recorded=year(number)) for number in (2020, 2021)
    ]
    progress: list[int] = []
    async with Store.at(address, pace=SMALL) as small:
        for changes in (named("new"), history):
            first = await put(small, *changes)
            before = await everything(store)
            receipt = await small.put(changes, TESTER, "again", progress.append)
            assert (first.sequence, len(changes)) == (receipt.sequence, receipt.unchanged)
            assert before == await everything(store)

    assert [] == progress


async def test_a_few_changes_among_many_are_one_small_write(store: Store, address: Address) -> None:
    """
    Forty are told, three differ: those are written in one transaction.
    """
    async with Store.at(address, pace=SMALL) as small:
        await put(small, *named("new"))
        progress: list[int] = []
        changes = [*named("new", IDS[3:]), *named("newer", IDS[:3])]
        receipt = await small.put(changes, TESTER, "three", progress.append)

    assert (3, 37) == (receipt.changed, receipt.unchanged)
    assert [] == progress
