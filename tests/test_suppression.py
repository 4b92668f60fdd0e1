"""Counts of small groups are kept back, and cannot be had by subtraction."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from graph.insight.suppression import suppressed

COUNTS = st.dictionaries(st.sampled_from("abcdefg"), st.integers(0, 30), max_size=6)
LEAST = st.integers(1, 20)


def test_a_large_neighbour_joins_a_single_small_group() -> None:
    """
    The total would tell the one that is kept back; the smallest other goes with it.
    """
    assert frozenset("ab") == suppressed({"a": 3, "b": 12, "c": 40}, 10)


def test_groups_that_are_large_enough_are_all_told() -> None:
    """
    Nothing is kept back, and an empty group says nothing of anybody.
    """
    assert frozenset() == suppressed({"a": 10, "b": 0, "c": 11}, 10)


@given(COUNTS, LEAST)
def test_no_small_group_is_told_nor_follows_from_the_total(
    counts: dict[str, int], least: int
) -> None:
    """
    What the told counts and the total leave open is at least `least` and shared by two, if it is
    not everything there is.
    """
    kept = suppressed(counts, least)
    left = sum(counts.values()) - sum(n for name, n in counts.items() if name not in kept)
    filled = {name for name, count in counts.items() if count}

    assert {name for name, count in counts.items() if 0 < count < least} <= kept <= filled
    assert not kept or kept == filled or (left >= least and len(kept) > 1)


@given(COUNTS, LEAST)
def test_nothing_is_kept_back_without_need(counts: dict[str, int], least: int) -> None:
    """
    Brute force: of the counts that joined the small ones, the largest could not be left out.
    """
    kept = suppressed(counts, least)
    joined = {name for name in kept if counts[name] >= least}
    fewer = kept - {max(joined, key=lambda name: (counts[name], name))} if joined else kept

    assert not joined or len(fewer) < 2 or sum(counts[name] for name in fewer) < least
