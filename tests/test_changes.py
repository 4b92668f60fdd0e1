"""Revising a life: pieces on the axis of valid time, against painting day by day."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graph.changes import Change, Piece, Stored, believed, in_force, overlap, revise
from graph.errors import Refused
from graph.times import DAWN, OPEN

DAYS = 12
Painted = list[str | None]


def at(number: int) -> datetime:
    """The beginning of a day."""
    return DAWN + timedelta(days=number)


def piece(since: int, until: int, word: str) -> Piece:
    """What holds from one day to another."""
    return Piece(at(since), at(until), {"name": word})


def stored(*pieces: Piece) -> list[Stored]:
    """Pieces as they would be found."""
    return [Stored(str(place), one, recorded=1) for place, one in enumerate(pieces)]


def change(since: int, until: int, *pieces: Piece) -> Change:
    """What a stretch of days is from now on."""
    return Change("theme:a", at(since), pieces, at(until))


@st.composite
def changes(draw: st.DrawFn) -> Change:
    """A stretch of days, cut into pieces, some of which are gaps."""
    cuts = sorted(draw(st.sets(st.integers(0, DAYS), min_size=2, max_size=5)))
    words = draw(st.lists(st.sampled_from(["red", "blue", None]), min_size=4, max_size=4))
    spans = zip(cuts, cuts[1:], words, strict=False)
    return change(cuts[0], cuts[-1], *(piece(a, b, word) for a, b, word in spans if word))


def paint(days: Painted, one: Change) -> Painted:
    """The same change, day by day."""
    told = [in_force(one.pieces, at(number)) for number in range(DAYS)]
    return [
        (str(now.state["name"]) if now else None) if one.since <= at(number) < one.until else before
        for number, (before, now) in enumerate(zip(days, told, strict=True))
    ]


def seen(pieces: list[Piece]) -> Painted:
    """What pieces say, day by day."""
    found = [in_force(pieces, at(number)) for number in range(DAYS)]
    return [str(one.state["name"]) if one else None for one in found]


@settings(max_examples=300, deadline=None)
@given(st.lists(changes(), max_size=8))
def test_a_life_revised_is_a_life_repainted(given_changes: list[Change]) -> None:
    """
    After any changes the pieces say of each day what the last painter left, and never overlap.
    """
    life: list[Stored] = []
    painted: Painted = [None] * DAYS
    for one in given_changes:
        before, painted = painted, paint(painted, one)
        revision = revise(life, one)
        assert (revision is None) == (before == painted)
        if revision:
            life = stored(*(s.piece for s in revision.kept), *revision.made)
        pieces = [s.piece for s in life]
        assert painted == seen(pieces)
        assert overlap(pieces) is None


@settings(max_examples=200, deadline=None)
@given(st.lists(changes(), max_size=4), changes())
def test_a_revision_touches_only_what_it_speaks_of(before: list[Change], last: Change) -> None:
    """
    What lies outside of the stretch, or is said again, is kept as it is stored.
    """
    life: list[Stored] = []
    for one in before:
        if revision := revise(life, one):
            life = stored(*(s.piece for s in revision.kept), *revision.made)
    if revision := revise(life, last):
        outside = [s for s in life if s.piece.until <= last.since or last.until <= s.piece.since]
        assert [s for s in outside if s not in revision.kept] == []
        after = seen([*(s.piece for s in revision.kept), *revision.made])
        assert [s for s in revision.superseded if says_all(after, s)] == []


def says_all(days: Painted, one: Stored) -> bool:
    """Whether days say throughout a stored piece what it says."""
    within = [number for number in range(DAYS) if one.piece.since <= at(number) < one.piece.until]
    return all(days[number] == one.piece.state["name"] for number in within)


@settings(max_examples=200, deadline=None)
@given(st.lists(changes(), max_size=6), st.sets(st.integers(1, DAYS - 1)))
def test_a_life_told_as_a_whole_is_stored_as_if_told_in_parts(
    told: list[Change], cuts: set[int]
) -> None:
    """
    After each change the whole life is told again, cut anywhere: the same pieces are stored.
    """
    parts: list[Stored] = []
    whole: list[Stored] = []
    for number, one in enumerate(told):
        if revision := revise(parts, one):
            made = [Stored("", piece, recorded=number) for piece in revision.made]
            parts = sorted([*revision.kept, *made], key=lambda s: s.piece.since)
        edges = [0, *sorted(cuts), DAYS]
        pieces = [
            Piece(max(s.piece.since, at(a)), min(s.piece.until, at(b)), s.piece.state)
            for s in parts
            for a, b in pairwise(edges)
            if s.piece.since < at(b) and at(a) < s.piece.until
        ]
        if revision := revise(whole, change(0, DAYS, *pieces)):
            made = [Stored("", piece, recorded=number) for piece in revision.made]
            whole = sorted([*revision.kept, *made], key=lambda s: s.piece.since)
        assert parts == whole


def test_a_new_version_closes_the_one_before() -> None:
    """
    From day 5 on the life is blue; red keeps its first five days.
    """
    revision = revise(stored(piece(0, 9, "red")), change(5, 9, piece(5, 9, "blue")))

    assert revision
    assert (piece(0, 5, "red"), piece(5, 9, "blue")) == revision.made
    assert "CHANGED" == revision.action


def test_a_correction_of_the_past_leaves_both_sides() -> None:
    """
    A stretch in the middle cuts one piece into three.
    """
    revision = revise(stored(piece(0, 9, "red")), change(3, 5, piece(3, 5, "blue")))

    assert revision
    assert (piece(0, 3, "red"), piece(3, 5, "blue"), piece(5, 9, "red")) == revision.made


def test_a_retirement_makes_nothing_new() -> None:
    """
    No piece from day 4 on: the remainder is all that is written.
    """
    revision = revise(stored(piece(0, 9, "red")), change(4, 9))

    assert revision
    assert (piece(0, 4, "red"),) == revision.made
    assert "ENDED" == revision.action


def test_a_first_piece_creates() -> None:
    """
    Where nothing was stored, something begins.
    """
    revision = revise([], change(0, 9, piece(2, 4, "red")))

    assert revision
    assert "CREATED" == revision.action


@pytest.mark.parametrize(
    "same",
    [
        change(0, 9, piece(0, 9, "red")),
        change(2, 5, piece(2, 5, "red")),
        change(0, 9, piece(0, 4, "red"), piece(4, 9, "red")),
        change(9, 12),
    ],
    ids=["the whole", "a part", "in two pieces", "nothing where nothing was"],
)
def test_saying_the_same_is_no_change(same: Change) -> None:
    """
    However it is cut, what holds already is not written again.
    """
    assert revise(stored(piece(0, 9, "red")), same) is None


@pytest.mark.parametrize(
    "wrong",
    [
        change(5, 5),
        change(5, 3),
        change(0, 9, piece(2, 2, "red")),
        change(0, 9, piece(4, 2, "red")),
        change(0, 9, piece(0, 5, "red"), piece(4, 9, "blue")),
        change(2, 9, piece(1, 3, "red")),
        change(2, 9, piece(8, 10, "red")),
    ],
)
def test_pieces_that_do_not_follow_one_another_are_refused(wrong: Change) -> None:
    """
    An empty stretch, an empty piece, pieces that overlap or leave the stretch: none is written.
    """
    with pytest.raises(Refused, match="theme:a"):
        wrong.check()


def test_what_was_believed_at_an_instant_is_what_was_told_and_not_taken_back() -> None:
    """
    Commit 1 on day 1 says red; commit 2 on day 3 takes it back and says blue.
    """
    red = Stored("1", piece(0, 9, "red"), recorded=1, superseded=2)
    blue = Stored("2", piece(0, 9, "blue"), recorded=2, superseded=OPEN)
    commits = {1: at(1), 2: at(3)}

    assert [[], [red], [red], [blue]] == [
        list(believed([red, blue], at(number), commits)) for number in range(4)
    ]
