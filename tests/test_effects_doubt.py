"""Standard errors against numerical differentiation and draws; draws against closed forms."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from graph.insight import doubt, draws
from graph.insight.draws import drawn
from graph.insight.effects import causes_of, effects_of
from graph.insight.influences import Influence
from graph.insight.systems import System
from tests.influences import (
    NODES,
    Floats,
    companion_radius,
    dense,
    link,
    links,
    spectral_radius,
    systems,
)

WEIGHTS = st.floats(-1.2, 1.2).filter(lambda weight: abs(weight) > 0.05)


def totals(model: list[Influence], changes: dict[str, float]) -> Floats:
    """(I - B^T)^-1 s - s, dense."""
    s = np.array([changes.get(node, 0.0) for node in NODES])
    summed = sum(dense(model, NODES))
    return np.asarray(np.linalg.solve(np.eye(len(NODES)) - summed.T, s) - s)


def numerical(model: list[Influence], changes: dict[str, float]) -> Floats:
    """First-order standard errors, each weight moved a little to both sides."""
    variance, step = np.zeros(len(NODES)), 1e-6
    for place, one in enumerate(model):
        up, down = list(model), list(model)
        up[place] = replace(one, weight=(one.weight or 0.0) + step)
        down[place] = replace(one, weight=(one.weight or 0.0) - step)
        slope = (totals(up, changes) - totals(down, changes)) / (2 * step)
        variance += (slope * (one.se or 0.0)) ** 2
    return np.asarray(np.sqrt(variance))


@settings(max_examples=60, deadline=None)
@given(model=systems(WEIGHTS), many=st.booleans(), few=st.booleans())
def test_standard_errors_are_slopes_times_errors(
    model: list[Influence], many: bool, few: bool
) -> None:
    """
    For two changes at once, whichever way the solutions are worked out.
    """
    matrices = dense(model, NODES)
    assume(spectral_radius(matrices[0]) < 0.9 and companion_radius(matrices) < 0.9)
    changes, targets = {"a": 1.0, "b": -2.0}, NODES[:1] if few else NODES
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(doubt, "MANY", 0 if many else 100)
        patch.setattr(doubt, "BLOCK", 2)
        found = effects_of(model, changes, targets, draws=0).estimates

    expected = numerical(model, changes)
    for node in targets:
        size = expected[NODES.index(node)]
        assert abs(size - found[node].se) < 1e-5 * (1 + size)


def test_a_chain_of_two_has_the_error_of_sobel_and_its_draws_the_exact_one() -> None:
    """
    To first order a^2 sb^2 + b^2 sa^2 (Sobel 1982); the product of independent normals has
    sa^2 sb^2 more.
    """
    model = links(("a", "b", 0.5, 0, 0.2), ("b", "c", -0.4, 0, 0.3))
    found = effects_of(model, {"a": 1.0}).estimates["c"]
    made = drawn(System.of(model), np.array([1.0, 0, 0]), np.array([2]), count=40_000)

    first_order = (0.4**2 * 0.2**2 + 0.5**2 * 0.3**2) ** 0.5
    assert pytest.approx(first_order) == found.se
    assert pytest.approx(-0.2 - 1.96 * first_order, abs=1e-4) == found.low
    exact = (first_order**2 + 0.2**2 * 0.3**2) ** 0.5
    assert pytest.approx(exact, rel=0.02) == made.totals.std()
    assert pytest.approx(-0.2, abs=0.01) == made.totals.mean()
    assert 0 == made.diverging


def test_parallel_links_have_errors_of_their_own() -> None:
    """
    Two links between the same things add; so do the squares of their errors.
    """
    model = links(("a", "b", 0.5, 0, 0.3), ("a", "b", 0.2, 1, 0.4))
    found = effects_of(model, {"a": 1.0}).estimates["b"]

    assert pytest.approx(0.7) == found.total
    assert pytest.approx(0.5) == found.se


def test_small_errors_give_the_same_by_draws_and_to_first_order() -> None:
    """
    With errors of a hundredth of the weights, draws spread as the first order says.
    """
    model = [
        replace(one, se=abs(one.weight or 0) / 100)
        for one in links(
            ("a", "b", 0.6, 0), ("b", "a", 0.5, 1), ("b", "c", 1.0, 0), ("c", "b", -0.3, 2)
        )
    ]
    found = effects_of(model, {"a": 1.0}, draws=0).estimates
    made = drawn(System.of(model), np.array([1.0, 0, 0]), np.arange(3), count=20_000)

    for place, node in enumerate("abc"):
        assert pytest.approx(found[node].se, rel=0.03) == made.totals[:, place].std()


def test_near_instability_the_share_of_draws_without_end_is_told() -> None:
    """
    A self-link of 0.9 with error 0.1: one draw in 6.3 is at or above 1 (16 percent).
    """
    model = links(("u", "y", 1.0, 0), ("y", "y", 0.9, 1, 0.1))
    found = effects_of(model, {"u": 1.0})
    low, high = found.estimates["y"].low, found.estimates["y"].high

    assert 1000 == found.draws
    assert pytest.approx(0.1587, abs=0.035) == found.diverging / found.draws
    assert f"{found.diverging} of these" in found.stability.explanation
    assert "independent" in found.stability.explanation
    # of the draws with an end: 1 / (1 - w), w normal, cut at 1
    assert low is not None and high is not None
    assert 3.0 < low < 4.0 and high > 60


def test_draws_without_any_end_leave_no_interval() -> None:
    """
    The estimate fades by a hair and its error is tiny beside a second link that never does.
    """
    model = links(("a", "a", 0.5, 1, 0.0), ("a", "b", 1.0, 0, 0.1))
    sure = effects_of(model, {"a": 1.0}, draws=50)
    assert (50, 0) == (sure.draws, sure.diverging)

    wild = effects_of(links(("a", "b", 0.9, 0, 1e9), ("b", "a", 0.9, 0, 1e9)), {"a": 1.0}, draws=50)
    assert 50 == wild.diverging
    assert None is wild.estimates["b"].low
    assert pytest.approx(0.9 / 0.19) == wild.estimates["b"].total


def test_the_same_question_gets_the_same_interval() -> None:
    """
    The seed is fixed; backwards the same draws are used, so the interval is the same.
    """
    model = links(("a", "b", 0.9, 0, 0.05), ("b", "a", 0.9, 0, 0.05))
    once, again = (effects_of(model, {"a": 1.0}, draws=200).estimates["b"] for _ in range(2))
    back = causes_of(model, "b", draws=200).estimates["a"]

    assert once == again
    assert pytest.approx(once.low) == back.low


def test_draws_in_a_large_circle_are_swept_to_the_same_totals() -> None:
    """
    A circle of 80 links is too large for eigenvalues of each draw: the sweeps tell which end.
    """
    gains, expected = circle_of_80(count=100)
    made = drawn_on_a_circle(lag=0, count=100)

    assert 100 == made.count
    assert made.diverging == int((gains >= 1).sum()) > 0
    assert np.allclose(expected[gains < 1], made.totals[:, 0], rtol=1e-6)


def circle_of_80(count: int) -> tuple[Floats, Floats]:
    """By draw: the gain of one round, and the effect of the first thing on the second."""
    weights = 0.99 + 0.05 * np.random.default_rng(4).standard_normal((count, 80))
    gains = weights.prod(axis=1)
    return gains, weights[:, 0] / (1 - gains)


def drawn_on_a_circle(lag: int, count: int) -> draws.Draws:
    """80 links of 0.99 with an error of 0.05 each, drawn anew."""
    model = [link(str(i), str((i + 1) % 80), 0.99, lag, 0.05) for i in range(80)]
    system = System.of(model)
    return drawn(system, system.vector({"0": 1.0}), np.array([1]), count=count, seed=4)


@pytest.mark.parametrize("lag", [0, 1])
def test_fewer_draws_are_made_where_each_takes_long_and_that_is_told(
    lag: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """
    With large lagged loops, or with many draws that sweeps leave open: the first ones alone.
    """
    monkeypatch.setattr(draws, "FEW", 20)
    found = drawn_on_a_circle(lag, count=100)
    gains, expected = circle_of_80(count=20 if lag else 100)

    assert 20 == found.count
    assert found.diverging == int((gains[:20] >= 1).sum())
    assert np.allclose(expected[:20][gains[:20] < 1], found.totals[:, 0], rtol=1e-6)


def test_certain_links_need_no_draws() -> None:
    """
    Near instability, but without any doubt: the interval is the estimate itself.
    """
    found = effects_of(links(("a", "b", 0.95), ("b", "a", 0.95)), {"a": 1.0})

    assert 0 == found.draws
    assert found.estimates["b"].low == found.estimates["b"].total == found.estimates["b"].high
