"""Two times of a thing: when it holds, and since when that is known."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import partial

import pytest

from graph.changes import Change, Piece
from graph.errors import BadRequest, Refused
from graph.store import Address, Store
from graph.times import DAWN, FAR, INSTANT
from tests.asking import put, thing
from tests.looking import copy, everything, gone, name, year

A = "theme:a"
NOW = datetime(2026, 11, 1, tzinfo=UTC)


def told(id_: str, since: datetime, until: datetime, word: str, recorded: datetime) -> Change:
    """What was recorded at a time of the past."""
    return Change(id_, since, (Piece(since, until, {"name": word}),), recorded=recorded)


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
    await put(
        store, Change(A, year(2020), (Piece(year(2020), year(2021), {"name": "x"}),), year(2021))
    )

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
        async with Store.at(
            address, clock=partial(datetime.fromtimestamp, clock.timestamp(), UTC)
        ) as other:
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
        async with Store.at(
            address, clock=partial(datetime.fromtimestamp, clock.timestamp(), UTC)
        ) as other:
            await put(other, *changes)

    assert "red" == await name(store, A, year(2021), known=NOW + timedelta(hours=24))
