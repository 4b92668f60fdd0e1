"""Roll-up against closed forms, a published example, and its own laws on random scores."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from math import exp, log

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.insight.formulas import MEAN, NOTATION, Rule, read
from graph.insight.readings import Goal, attainment
from graph.insight.rollup import Part, composite, contribution, equal, rounded
from graph.ontology.measures import KpiDirection
from graph.times import begin_of, end_of

GEOMETRIC = Rule(geometric=True)
PARTS = st.lists(
    st.tuples(st.floats(0.01, 1), st.none() | st.floats(-2, 3)), min_size=1, max_size=8
).map(lambda pairs: [Part(weight, score) for weight, score in pairs])


def of(*scores: float) -> list[Part]:
    """Scores of equal weight."""
    return [Part(1 / len(scores), score) for score in scores]


def test_attainment_is_the_way_made_from_where_it_is_nought() -> None:
    """
    HIGHER from floor to target, LOWER from ceiling to target, BAND by distance; nothing is cut.
    """
    found = [
        attainment(60, Goal(80, floor=40), KpiDirection.HIGHER),
        attainment(-30, Goal(20, floor=-80), KpiDirection.HIGHER),
        attainment(20, Goal(10, ceiling=50), KpiDirection.LOWER),
        attainment(5, Goal(10, ceiling=50), KpiDirection.LOWER),
        attainment(23, Goal(20, tolerance=4), KpiDirection.BAND),
        attainment(12, Goal(20, tolerance=4), KpiDirection.BAND),
    ]

    assert [0.5, 0.5, 0.75, 1.125, 0.25, -1.0] == found


def test_attainment_without_a_range_is_not_defined() -> None:
    """
    A floor at the target, no floor, no tolerance: None, and never a division by nought.
    """
    assert attainment(5, Goal(5, floor=5), KpiDirection.HIGHER) is None
    assert attainment(5, Goal(5), KpiDirection.LOWER) is None
    assert attainment(5, Goal(5, tolerance=0), KpiDirection.BAND) is None


def test_the_handbooks_two_countries_are_equal_by_sums_and_far_apart_by_products() -> None:
    """
    OECD/JRC 2008, step 6: 21, 1, 1, 1 and 6, 6, 6, 6 both give 6 added up; multiplied 2.14 and 6.
    """
    uneven, even = of(21, 1, 1, 1), of(6, 6, 6, 6)

    assert [6.0, 6.0] == [composite(parts, MEAN).value for parts in (uneven, even)]
    assert [2.14, 6.0] == [
        rounded(composite(parts, GEOMETRIC).value, 2) for parts in (uneven, even)
    ]


def test_a_score_counts_within_the_cap_and_what_is_missing_shares_its_weight() -> None:
    """
    0.4 * 1.2 + 0.35 * 0.5 over 0.75 of the weight: 100 * 0.655 / 0.75.
    """
    rule = Rule(100, 0, 1.2)
    parts = [Part(0.4, 1.7), Part(0.35, 0.5), Part(0.25, None)]
    total = composite(parts, rule, 0.6)

    assert total.value == pytest.approx(100 * 0.655 / 0.75)
    assert 0.75 == pytest.approx(total.coverage)
    assert [64.0, 100 * 0.175 / 0.75, None] == [
        None if one is None else pytest.approx(one)
        for one in (contribution(part, rule, total) for part in parts)
    ]


def test_under_the_least_coverage_there_is_no_value_and_at_it_there_is() -> None:
    """
    0.6 of the weight where 0.6 is asked for; 0.1 + 0.2 must not fail by rounding.
    """
    parts = [Part(0.1, 1.0), Part(0.2, 1.0), Part(0.7, None)]

    assert composite(parts, MEAN, 0.3).value == 1.0
    assert composite(parts, MEAN, 0.31).value is None
    assert composite([Part(1.0, None)], MEAN, None).value is None
    assert composite([], MEAN, None).value is None


@given(PARTS)
def test_the_mean_is_that_of_numpy(parts: list[Part]) -> None:
    """
    Weighted averages of what is there, arithmetic and by logarithms.
    """
    there = [(part.weight, part.score) for part in parts if part.score is not None]
    if not there:
        return
    weights, scores = np.array(there).T
    rule = Rule(geometric=True, low=0.001)
    cut = np.maximum(scores, 0.001)

    assert composite(parts, MEAN).value == pytest.approx(np.average(scores, weights=weights))
    assert composite(parts, rule).value == pytest.approx(
        exp(np.average([log(one) for one in cut], weights=weights))
    )


@given(PARTS)
def test_contributions_add_up_to_the_composite(parts: list[Part]) -> None:
    """
    What the parts add is what the whole is.
    """
    rule = Rule(100, 0, 1)
    total = composite(parts, rule)
    added = [one for part in parts if (one := contribution(part, rule, total)) is not None]

    assert (total.value or 0) == pytest.approx(sum(added))


@pytest.mark.parametrize(
    ("exact", "told", "decimals", "same"),
    [
        (92.2225, 92.2, 1, True),
        (92.25, 92.2, 1, True),
        (92.25, 92.3, 1, True),
        (92.26, 92.2, 1, False),
        (92.2225, 92.22, 1, False),
        (92.2225, 92.2225, None, True),
        (92.2225, 92.2226, None, False),
        (None, None, 1, True),
        (None, 0.0, 1, False),
        (0.0, None, 1, False),
    ],
)
def test_a_published_value_is_equal_if_it_is_the_exact_one_rounded(
    exact: float | None, told: float | None, decimals: int | None, same: bool
) -> None:
    """
    A tie may have been rounded either way; more decimals than the version gives are no rounding.
    """
    assert same is equal(exact, told, decimals)


def test_formulas_are_read_in_their_notation() -> None:
    """
    The factor, the limits and the words at the end may be left out; spaces mean nothing.
    """
    assert Rule(100, 0, 1.2) == read(NOTATION[0])
    assert Rule(100, 0, 1.2, geometric=True) == read(NOTATION[1])
    assert Rule() == read("sum( w_i*a_i )/ sum(w_i) over components present")
    assert Rule(1, -0.5, 2) == read("sum(w_i * clip(a_i, -0.5, 2)) / sum(w_i)")


@pytest.mark.parametrize(
    "words", ["", "as measured", "sum(w_i * a_i)", "100 * sum(w_i * a_i) / sum(w_i) + 5", "1e3*a_i"]
)
def test_other_words_are_no_formula(words: str) -> None:
    """
    What is not wholly understood is not computed.
    """
    assert read(words) is None


@pytest.mark.parametrize(
    "text", ["2025", "2024-Q4", "2024-02", "2025-12", "2026-W53", "2024-02-29"]
)
def test_a_period_ends_where_the_next_begins(text: str) -> None:
    """
    The end is the first instant after, and pandas agrees on calendar periods.
    """
    end = end_of(text)

    assert begin_of(text) < end
    if "W" not in text:
        last = pd.Period(text.replace("-Q", "Q")).end_time
        assert end == (last + timedelta(microseconds=1)).floor("us").to_pydatetime().replace(
            tzinfo=UTC
        )
    else:
        assert end == datetime(2027, 1, 4, tzinfo=UTC)
