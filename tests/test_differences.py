"""What lies between two beliefs about one life, against a plain model that looks at every day."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.changes import Piece
from graph.differences import Carried, compared, difference, with_carried
from graph.insight.past import FieldChange
from graph.times import FAR
from tests.days import DAYS, Days, called, day, ends, expected, pieces, runs

NOW = day(4)
STATES = st.fixed_dictionaries(
    {"a": st.sampled_from(["x", "y"])}, optional={"b": st.sampled_from(["1", "2"])}
)
LIVES = st.lists(st.none() | STATES, min_size=DAYS, max_size=DAYS)


def by_day(fields: tuple[FieldChange, ...]) -> dict[tuple[str, int], tuple[str | None, str | None]]:
    """The same from changes of fields."""
    return {
        (one.name, number): (one.before, one.after)
        for one in fields
        if not one.name.startswith("valid")
        for number in range(DAYS)
        if one.valid_from <= day(number) < (one.valid_to or FAR)
    }


@given(LIVES, LIVES, st.sets(st.integers(1, DAYS)), st.sets(st.integers(1, DAYS)), st.booleans())
def test_a_difference_is_what_a_plain_model_finds_day_by_day(
    before: Days, after: Days, cuts: set[int], others: set[int], known: bool
) -> None:
    """
    Action, stretch, validity and each field on each day, however the lives are cut into pieces.
    """
    differing = [n for n in range(DAYS) if before[n] != after[n]]
    if not differing:
        return
    told = difference(pieces(before, cuts), pieces(after, others), known, NOW)

    assert called(before, after, known, NOW) == told.action
    assert (day(differing[0]), day(differing[-1] + 1)) == (told.since, told.until)
    assert expected(before, after) == by_day(told.fields)
    for name, place in (("validFrom", 0), ("validTo", 1)):
        was, now = (ends([run[place] for run in runs(days)]) for days in (before, after))
        found = [(one.before, one.after) for one in told.fields if one.name == name]
        assert ([(was, now)] if was != now else []) == found


@given(LIVES, LIVES)
def test_a_field_that_changed_alike_throughout_a_stretch_is_told_once(
    before: Days, after: Days
) -> None:
    """
    No two changes of one field that say the same are neighbours.
    """
    if before == after:
        return
    told = difference(pieces(before, set()), pieces(after, set()), True, NOW).fields
    ends_at = {(one.name, one.before, one.after, one.valid_to) for one in told}

    assert not any((x.name, x.before, x.after, x.valid_from) in ends_at for x in told)


def life(*parts: tuple[int, int, str]) -> list[Piece]:
    """Pieces from one day to another with a value of `a`."""
    return [Piece(day(since), day(until), {"a": value}) for since, until, value in parts]


@pytest.mark.parametrize(
    ("before", "after", "action", "fields"),
    [
        ([], [(0, 10, "x")], "CREATED", [("a", None, "x"), ("validFrom", None, "2020-01-01")]),
        ([(0, 10, "x")], [(0, 3, "x"), (3, 10, "y")], "CHANGED", [("a", "x", "y")]),
        ([(0, 10, "x")], [(0, 5, "x")], "ENDED", [("validTo", None, "2020-01-06")]),
        ([(0, 3, "x")], [(0, 10, "x")], "RESTORED", [("validTo", "2020-01-04", None)]),
        ([(0, 6, "x")], [(0, 10, "x")], "CHANGED", [("validTo", "2020-01-07", None)]),
        ([(0, 10, "x")], [], "RETRACTED", [("a", "x", None), ("validFrom", "2020-01-01", None)]),
        (
            [(0, 10, "x")],
            [(0, 2, "x"), (4, 10, "x")],
            "CHANGED",
            [
                ("validFrom", "2020-01-01", "2020-01-01; 2020-01-05"),
                ("validTo", None, "2020-01-03; open"),
            ],
        ),
    ],
    ids=["first", "version", "retired", "restored", "prolonged", "taken back", "suspended"],
)
def test_what_usually_happens_has_a_name(
    before: list[tuple[int, int, str]],
    after: list[tuple[int, int, str]],
    action: str,
    fields: list[tuple[str, str | None, str | None]],
) -> None:
    """
    A new version, a retirement, a return, a prolongation before the end, a gap.
    """
    told = difference(life(*before), life(*after), False, NOW)
    texts = [
        (f.name, *(x and x.replace("T00:00:00Z", "") for x in (f.before, f.after)))
        for f in told.fields
    ]

    assert action == told.action.name
    assert fields == texts


def test_what_a_column_carries_is_told_with_the_state() -> None:
    """
    The owner changes in the middle of a piece; of two at once, both are told, in order.
    """
    carried = [
        Carried("owner", "role:b", day(0), day(3)),
        Carried("owner", "role:c", day(2), day(10)),
    ]
    told = with_carried(life((1, 6, "x")), carried)

    assert [
        (day(1), day(2), "role:b"),
        (day(2), day(3), "role:b; role:c"),
        (day(3), day(6), "role:c"),
    ] == [(piece.since, piece.until, piece.state["owner"]) for piece in told]


def test_two_states_are_compared_field_by_field() -> None:
    """
    Of two states the values that differ are told, and when each holds.
    """
    was = Piece(day(0), day(4), {"a": "x", "b": "1"})
    now = Piece(day(4), day(10), {"a": "y", "b": "1"})

    assert [
        ("a", "x", "y"),
        ("validFrom", "2020-01-01T00:00:00Z", "2020-01-05T00:00:00Z"),
        ("validTo", "2020-01-05T00:00:00Z", None),
    ] == [(one.name, one.before, one.after) for one in compared(was, now)]
