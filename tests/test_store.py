"""What the store promises: two times, one way to write, one audit entry, nothing half there."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from graph.audit import GENESIS, Actor, chained
from graph.changes import Change, Piece
from graph.errors import BadRequest, NotFound, Refused, Unavailable
from graph.store import Address, Store
from graph.times import DAWN, FAR, INSTANT, OPEN, Moment
from tests.asking import TESTER, link, put, thing
from tests.looking import chain, copy, everything, links, name, numbers

A = "theme:a"
NOW = datetime(2026, 11, 1, tzinfo=UTC)


def year(number: int) -> datetime:
    """The beginning of a year."""
    return datetime(number, 1, 1, tzinfo=UTC)


def told(id_: str, since: datetime, until: datetime, word: str, recorded: datetime) -> Change:
    """What was recorded at a time of the past."""
    return Change(id_, since, (Piece(since, until, {"name": word}),), recorded=recorded)


def gone(id_: str, since: datetime, recorded: datetime | None = None) -> Change:
    """Something that is no longer in force from some time on."""
    return Change(id_, since, (), recorded=recorded)


async def test_a_thing_is_in_force_from_its_first_instant_to_just_before_its_last(
    store: Store,
) -> None:
    """
    Validity is half-open on both sides of a stretch.
    """
    await put(store, thing(A, year(2020), year(2022), name="red"))

    assert await name(store, A, year(2020) - INSTANT) is None
    assert "red" == await name(store, A, year(2020))
    assert "red" == await name(store, A, year(2022) - INSTANT)
    assert await name(store, A, year(2022)) is None


async def test_a_new_version_leaves_the_old_one_to_its_years(store: Store) -> None:
    """
    Blue from 2022 on; 2021 stays red.
    """
    await put(store, thing(A, year(2020), name="red"))
    receipt = await put(store, thing(A, year(2022), name="blue"))

    assert (0, 1) == (receipt.created, receipt.changed)
    assert "red" == await name(store, A, year(2021))
    assert "blue" == await name(store, A, year(2023))


async def test_what_was_known_before_stays_known_as_it_was(store: Store) -> None:
    """
    A correction does not rewrite what anyone had been told.
    """
    first = await put(store, thing(A, year(2020), name="red"))
    second = await put(store, thing(A, year(2020), name="blue"))

    assert "red" == await name(store, A, year(2021), known=first.sequence)
    assert "blue" == await name(store, A, year(2021), known=second.sequence)


async def test_a_correction_of_the_past_leaves_the_present_alone(store: Store) -> None:
    """
    2021 was blue, as it turns out; the identity still carries what holds today.
    """
    await put(store, thing(A, year(2020), name="red"))
    wrong = Change(A, year(2021), (Piece(year(2021), year(2022), {"name": "blue"}),), year(2022))
    await put(store, wrong)

    assert ["red", "blue", "red"] == [
        await name(store, A, year(number)) for number in (2020, 2021, 2022)
    ]
    assert {"name": "red", "validFrom": year(2022), "validTo": FAR} == {
        key: (await copy(store, A) or {})[key] for key in ("name", "validFrom", "validTo")
    }


async def test_a_copy_of_a_piece_that_was_kept_keeps_its_commit(store: Store) -> None:
    """
    A change that speaks of the past alone does not make the present look newer.
    """
    first = await put(store, thing(A, year(2022), name="red"))
    await put(store, Change(A, year(2020), (Piece(year(2020), year(2021), {"name": "x"}),), year(2021)))

    assert first.sequence == (await copy(store, A) or {})["recorded"]
    assert "red" == await name(store, A, NOW, known=first.sequence)


async def test_what_begins_later_comes_into_force_with_no_write(store: Store) -> None:
    """
    Blue was written ahead of time: the day before it is red, on the day it is blue.
    """
    soon = datetime.now(UTC) + timedelta(days=30)
    await put(store, thing(A, year(2020), soon, name="red"), thing("theme:b", soon, name="new"))
    await put(store, thing(A, soon, name="blue"))

    assert "red" == await name(store, A, soon - INSTANT)
    assert "blue" == await name(store, A, soon)
    assert "new" == await name(store, "theme:b", soon)
    live = "MATCH (x:ThemeLive) WHERE x.superseded = $open RETURN count(x) AS answer"
    assert 3 == await store.answer(live, open=OPEN)


async def test_a_retired_thing_leaves_no_copy(store: Store) -> None:
    """
    Who is not in force carries nothing but an id; the past answers all the same.
    """
    await put(store, thing(A, year(2020), name="red"))
    receipt = await put(store, gone(A, year(2024)))

    assert 1 == receipt.ended
    assert {"id": A} == await copy(store, A)
    assert "red" == await name(store, A, year(2023))
    assert await name(store, A, year(2025)) is None


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
    with pytest.raises(Refused, match="affects:a/b joins kpi:a and kpi:b; a link keeps its ends"):
        await put(store, link("affects", "kpi:a", "kpi:c", key="a/b", sign=1))


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


async def test_history_is_known_from_the_day_it_was_recorded(store: Store) -> None:
    """
    Two record times of one thing in one write are two commits, seen at once.
    """
    receipt = await put(
        store,
        told(A, year(2020), FAR, "blue", year(2022)),
        told(A, year(2020), FAR, "red", year(2021)),
    )

    assert 2 == receipt.sequence
    assert [None, "red", "red", "blue"] == [
        await name(store, A, year(2023), known=known)
        for known in (year(2021) - INSTANT, year(2021), year(2022) - INSTANT, year(2022))
    ]


async def test_history_told_again_changes_nothing(store: Store) -> None:
    """
    The former version is no longer believed, and still known to have been.
    """
    history = [
        told(A, year(2020), FAR, "red", year(2021)),
        told(A, year(2020), FAR, "blue", year(2022)),
        gone(A, year(2023), year(2024)),
    ]
    await put(store, *history)
    before = await everything(store)
    receipt = await put(store, *history)

    assert 3 == receipt.unchanged
    assert before == await everything(store)


async def test_what_is_known_later_cannot_be_forestalled(store: Store) -> None:
    """
    Nobody may add to the past of a thing something that later knowledge does not know of.
    """
    await put(store, told(A, year(2020), FAR, "red", year(2022)))
    before = await everything(store)
    with pytest.raises(Refused, match=r"something later \(2022-01-01T00:00:00Z\) is already known"):
        await put(store, thing("theme:b"), told(A, year(2020), FAR, "blue", year(2021)))

    assert before == await everything(store)


async def test_what_was_taken_back_counts_as_known_later(store: Store) -> None:
    """
    Nothing of it is believed any more, and still its past is closed.
    """
    await put(store, told(A, year(2020), FAR, "red", year(2020)), gone(A, DAWN, year(2023)))
    with pytest.raises(Refused, match="something later"):
        await put(store, told(A, year(2020), FAR, "blue", year(2021)))


async def test_nothing_is_recorded_in_the_future(store: Store) -> None:
    """
    A record time later than the clock's is refused.
    """
    with pytest.raises(BadRequest, match="recorded_on 9000-01-01T00:00:00Z lies in the future"):
        await put(store, told(A, year(2020), FAR, "red", year(9000)))


async def test_record_times_grow_although_the_clock_goes_back(
    store: Store, address: Address
) -> None:
    """
    Two machines disagree by a day; what is written later is known later.
    """
    for hours, word in ((24, "red"), (0, "blue")):
        clock = NOW + timedelta(hours=hours)
        async with Store.at(address, clock=lambda clock=clock: clock) as other:
            await put(other, thing(A, year(2020), name=word))

    late = NOW + timedelta(hours=24)
    assert "red" == await name(store, A, year(2021), known=late)
    assert "blue" == await name(store, A, year(2021), known=late + INSTANT)
    assert await name(store, A, year(2021), known=late - INSTANT) is None


async def test_a_clock_that_goes_back_after_a_load_of_history_still_goes_on(
    store: Store, address: Address
) -> None:
    """
    A load that ends in 2021 is no reason to record the next change before the last of today.
    """
    for hours, changes in (
        (24, [thing(A, year(2020), name="red")]),
        (24, [told("theme:b", year(2020), FAR, "old", year(2021))]),
        (0, [thing(A, year(2020), name="blue")]),
    ):
        clock = NOW + timedelta(hours=hours)
        async with Store.at(address, clock=lambda clock=clock: clock) as other:
            await put(other, *changes)

    assert "red" == await name(store, A, year(2021), known=NOW + timedelta(hours=24))


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
    assert all(word in found[1]["changes"] for word in ('"red"', '"blue"', '"CHANGED"'))


async def test_values_come_back_as_they_were_written(store: Store) -> None:
    """
    Text in any script, dates, numbers at the edge of 64 bits, lists.
    """
    state = {
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


@pytest.mark.parametrize("key", ["50% off", "a/b", "a'b\"c", "a:b", "ä ö", "a\\b", "{x}", "$x", "%2F"])
async def test_any_key_is_found_again(store: Store, key: str) -> None:
    """
    Signs that mean something elsewhere mean nothing in a key.
    """
    await put(store, thing(f"theme:{key}", name="it"))

    assert "it" == await name(store, f"theme:{key}", NOW)
    assert key == (await copy(store, f"theme:{key}") or {})["key"]
    assert {"theme:other"} == await store.missing([f"theme:{key}", "theme:other"])


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
    async with Store.at(Address(address.uri, address.username, "wrong")) as closed:
        with pytest.raises(Unavailable, match="check NEO4J_USERNAME and NEO4J_PASSWORD"):
            await closed.ready(timeout=10)


async def test_a_wrong_address_is_told_before_anything_is_asked() -> None:
    """
    An address without a scheme is answered with what to write.
    """
    with pytest.raises(BadRequest, match=r"write neo4j://localhost or bolt://localhost:7687"):
        async with Store.at(Address("localhost", "neo4j", "x")):
            pass


async def test_who_writes_is_kept(store: Store) -> None:
    """
    The actor of the write stands in its entry, with the reason.
    """
    await store.put([thing(A)], TESTER, "because")
    (found,) = await chain(store)

    assert ("tester", "because") == (found["actor"], found["reason"])
