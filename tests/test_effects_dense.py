"""Sparse, lagged effects against dense numpy on random systems, stable and not."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from graph.insight import radius as radii
from graph.insight import systems as solving
from graph.insight.effects import causes_of, effects_of, respond_to, stability_of
from graph.insight.influences import Influence, Shock, ShockShape
from graph.insight.radius import radius
from graph.insight.systems import LongRun, System
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

WEIGHTS = st.floats(-1.5, 1.5).filter(lambda weight: abs(weight) > 0.05)
CLEAR = 1e-3
"""Radii closer to 1 than this are left to the warm-ups."""


def radii_of(model: list[Influence]) -> tuple[float, float]:
    """The radius within a period, and of the companion, from dense matrices."""
    matrices = dense(model, NODES)
    within = spectral_radius(matrices[0])
    return within, companion_radius(matrices) if within < 1 else np.inf


@settings(max_examples=120, deadline=None)
@given(model=systems(WEIGHTS))
def test_numbers_are_given_exactly_where_the_dense_companion_fades(model: list[Influence]) -> None:
    """
    Also where the radius of the summed matrix says the opposite.
    """
    within, companion = radii_of(model)
    assume(abs(within - 1) > CLEAR and abs(companion - 1) > CLEAR)
    found = stability_of(model)

    assert (within < 1 and companion < 1) == found.converges
    if found.converges:
        # a dense eigenvalue of zero comes with rounding, to a root of its multiplicity
        assert pytest.approx(max(within, companion), abs=0.02) == found.spectral_radius


@settings(max_examples=120, deadline=None)
@given(model=systems(WEIGHTS))
def test_long_run_effects_are_those_of_the_dense_inverse(model: list[Influence]) -> None:
    """
    T = (I - B)^-1 - I over the summed matrix, for every source and, backwards, every target.
    """
    within, companion = radii_of(model)
    assume(within < 1 - CLEAR and companion < 1 - CLEAR)
    summed = sum(dense(model, NODES))
    expected = np.linalg.inv(np.eye(len(NODES)) - summed) - np.eye(len(NODES))

    for row, source in enumerate(NODES):
        there = effects_of(model, {source: 1.0}, NODES, draws=0).estimates
        assert pytest.approx(expected[row], abs=1e-9, rel=1e-9) == [
            there[node].total for node in NODES
        ]
        back = causes_of(model, source, draws=0).estimates
        assert all(
            abs(expected[NODES.index(str(node)), row] - one.total) < 1e-9 * (1 + abs(one.total))
            for node, one in back.items()
        )


@settings(max_examples=80, deadline=None)
@given(
    model=systems(WEIGHTS),
    shapes=st.lists(
        st.tuples(
            st.sampled_from(NODES),
            st.floats(-2, 2),
            st.sampled_from(list(ShockShape)),
            st.integers(0, 4),
        ),
        min_size=1,
        max_size=3,
    ),
)
def test_responses_are_those_of_the_dense_recursion(
    model: list[Influence], shapes: list[tuple[str, float, ShockShape, int]]
) -> None:
    """
    x_t = (I - B_0^T)^-1 (u_t + sum B_l^T x_{t-l}), step by step, with several shocks at once.
    """
    within, companion = radii_of(model)
    assume(within < 1 - CLEAR and companion < 1 - CLEAR)
    found = respond_to(model, [Shock(*one) for one in shapes], horizon=8)

    expected = recursion(dense(model, NODES), shapes, 9)
    for node, periods in found.periods.items():
        assert pytest.approx(expected[:, NODES.index(str(node))], abs=1e-9, rel=1e-9) == periods


def recursion(
    matrices: list[Floats], shapes: list[tuple[str, float, ShockShape, int]], periods: int
) -> Floats:
    """The definition, with dense matrices."""
    x = np.zeros((periods, len(NODES)))
    for t in range(periods):
        pushed = np.zeros(len(NODES))
        for node, change, shape, start in shapes:
            size = {
                ShockShape.STEP: t >= start,
                ShockShape.PULSE: t == start,
                ShockShape.RAMP: max(0, t - start + 1),
            }[shape]
            pushed[NODES.index(node)] += change * size
        for lag, moved in enumerate(matrices[1 : t + 1], start=1):
            pushed += moved.T @ x[t - lag]
        x[t] = np.linalg.solve(np.eye(len(NODES)) - matrices[0].T, pushed)
    return x


@settings(max_examples=60, deadline=None)
@given(model=systems(WEIGHTS))
def test_a_stable_response_comes_to_rest_at_the_long_run(model: list[Influence]) -> None:
    """
    What a lasting change leads to after many periods is what effects call its total.
    """
    within, companion = radii_of(model)
    assume(within < 0.95 and companion < 0.9)
    response = respond_to(model, [Shock("a", 1.0)], horizon=400)
    total = effects_of(model, {"a": 1.0}, draws=0).estimates

    assert response.end is not None
    for node, periods in response.periods.items():
        assert pytest.approx(total[node].total + (node == "a"), abs=1e-7) == periods[-1]
        assert pytest.approx(response.end[node], abs=1e-7) == periods[-1]


def explosive_sum() -> list[Influence]:
    """Stable period by period, though the sum over its lags is not."""
    links = [("a", "a", 1.0, 1), ("a", "b", 1.0, 0), ("b", "a", -1.5, 1)]
    return [
        Influence(f"{number}:{source}>{target}", source, target, weight, lag, 0.1, 0)
        for number, (source, target, weight, lag) in enumerate(links)
    ]


@settings(max_examples=60, deadline=None)
@given(model=systems(WEIGHTS))
@example(model=explosive_sum())
def test_iterating_gives_what_factoring_gives(model: list[Influence]) -> None:
    """
    Large systems are iterated: over the sum of lags, or through the periods where that explodes.
    """
    within, companion = radii_of(model)
    assume(within < 0.98 and companion < 0.98)
    system = System.of(model, NODES)
    factored = LongRun.of(system)
    iterating = LongRun(factored.summed, factored.by_lag, None)
    changes = np.eye(len(NODES))

    there, back = iterating.forward(changes), iterating.backward(changes)
    assert np.allclose(factored.forward(changes), there, rtol=1e-9, atol=1e-9)
    assert np.allclose(factored.backward(changes), back, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("lags", [[0], [1], [0, 1, 3]])
def test_a_large_component_gets_the_radius_that_all_its_eigenvalues_give(
    lags: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """
    The same system by Arnoldi iteration and in full, and by the growth of a change to 2 percent.
    """
    rng = np.random.default_rng(3)
    ends = rng.integers(0, 60, (240, 2))
    model = [
        link(f"n{a}", f"n{b}", float(weight), int(lag))
        for (a, b), weight, lag in zip(
            ends, rng.uniform(-0.5, 0.5, 240), rng.choice(lags, 240), strict=True
        )
    ]
    system = System.of(model)
    expected = radius(system)
    monkeypatch.setattr(radii, "DENSE", 30)
    iterated = radius(system)

    def fails(*_: object) -> float:
        raise radii.linalg.ArpackError(-9999)

    monkeypatch.setattr(radii, "_arnoldi", fails)
    grown = radius(system)

    assert pytest.approx(expected.value, rel=1e-3) == iterated.value
    assert not expected.estimated and not iterated.estimated
    assert pytest.approx(expected.value, rel=0.02) == grown.value
    assert grown.estimated


def test_one_long_circle_has_its_radius_though_all_eigenvalues_are_equally_large() -> None:
    """
    600 links in a circle, half of 0.9 and half of 0.8: the radius is the geometric mean.
    """
    model = [link(str(i), str((i + 1) % 600), 0.9 if i % 2 else 0.8) for i in range(600)]

    assert pytest.approx(0.72**0.5, abs=1e-6) == radius(System.of(model)).value


def test_a_large_system_is_iterated_and_agrees_with_its_factors(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """
    2,000 nodes, once as they come, once with factoring switched off.
    """
    rng = np.random.default_rng(5)
    rows = zip(rng.integers(0, 2000, (5000, 2)), rng.uniform(-0.4, 0.4, 5000), strict=True)
    model = [link(f"n{a}", f"n{b}", float(weight)) for (a, b), weight in rows]
    factored = effects_of(model, {"n1": 1.0}).estimates
    monkeypatch.setattr(solving, "FACTORED", 0)
    iterated = effects_of(model, {"n1": 1.0}).estimates

    assert factored.keys() == iterated.keys()
    assert all(abs(factored[node].total - iterated[node].total) < 1e-10 for node in factored)


def test_loops_that_cancel_are_no_loops() -> None:
    """
    Each of two nodes moves both, [[1, 1], [-1, -1]]: strongly connected and nilpotent, T = B.
    """
    model = links(("a", "a", 1.0), ("a", "b", 1.0), ("b", "a", -1.0), ("b", "b", -1.0))
    found = effects_of(model, {"a": 1.0})

    assert found.stability.converges
    assert pytest.approx(1.0) == found.estimates["a"].total == found.estimates["b"].total
