"""Effects as published: input and output, occupations, and the business cycle."""

from __future__ import annotations

import pytest

from graph.insight.effects import effects_of, respond_to, stability_of
from graph.insight.influences import Influence, Shock
from tests.influences import links


def test_the_input_output_example_of_miller_and_blair() -> None:
    """
    Two sectors (Miller & Blair 2009, 2.2.2): the published inverse, and output for f = (600, 1500).
    """
    # a[i][j]: input of i for one unit of j; more demand for j moves the output of i
    model = links(("1", "1", 0.15), ("2", "1", 0.25), ("1", "2", 0.20), ("2", "2", 0.05))
    inverse = {
        (row, column): effects_of(model, {column: 1.0}).estimates[row].total + (row == column)
        for row in "12"
        for column in "12"
    }
    both = effects_of(model, {"1": 600.0, "2": 1500.0}).estimates

    published = {("1", "1"): 1.2541, ("1", "2"): 0.3300, ("2", "1"): 0.2640, ("2", "2"): 1.1221}
    assert pytest.approx(published, abs=5e-5) == inverse
    assert pytest.approx(1247.5, abs=0.1) == both["1"].total + 600
    assert pytest.approx(1841.6, abs=0.1) == both["2"].total + 1500


def test_the_path_model_of_blau_and_duncan() -> None:
    """
    Occupation in 1962 (Blau & Duncan 1967, fig. 5.1): total effects added up by hand from the
    published coefficients.
    """
    model = links(
        ("father's education", "education", 0.310),
        ("father's occupation", "education", 0.279),
        ("education", "first job", 0.440),
        ("father's occupation", "first job", 0.224),
        ("education", "occupation", 0.394),
        ("first job", "occupation", 0.281),
        ("father's occupation", "occupation", 0.115),
    )
    father = effects_of(model, {"father's occupation": 1.0}).estimates["occupation"]
    schooling = effects_of(model, {"education": 1.0}).estimates["occupation"]

    assert 0.115 == father.direct
    expected = 0.279 * 0.394 + 0.224 * 0.281 + 0.279 * 0.440 * 0.281
    assert pytest.approx(expected) == father.indirect
    assert pytest.approx(0.394 + 0.440 * 0.281) == schooling.total


def samuelson(alpha: float, beta: float) -> list[Influence]:
    """Income, consumption and induced investment (Samuelson 1939)."""
    return links(
        ("government", "income", 1.0, 0),
        ("income", "consumption", alpha, 1),
        ("consumption", "investment", beta, 0),
        ("consumption", "investment", -beta, 1),
        ("consumption", "income", 1.0, 0),
        ("investment", "income", 1.0, 0),
    )


def test_income_moves_as_in_samuelsons_first_table() -> None:
    """
    Samuelson 1939, table 1: one unit of spending in each period, alpha 0.5 and beta 1.
    """
    found = respond_to(samuelson(0.5, 1.0), [Shock("government", 1.0)], horizon=8)

    expected = [1.0, 2.0, 2.5, 2.5, 2.25, 2.0, 1.875, 1.875, 1.9375]
    assert pytest.approx(expected) == found.periods["income"]
    assert found.end is not None
    assert pytest.approx(2.0) == found.end["income"]


@pytest.mark.parametrize("alpha", [0.3, 0.6, 0.9, 0.99])
@pytest.mark.parametrize("beta", [0.0, 0.5, 1.05, 1.5, 4.0])
def test_the_multiplier_and_accelerator_are_stable_where_samuelson_says(
    alpha: float, beta: float
) -> None:
    """
    Stable for alpha beta < 1; the radius is that of z^2 - alpha(1+beta) z + alpha beta.
    """
    found = stability_of(samuelson(alpha, beta))
    half = alpha * (1 + beta) / 2
    root = abs(half**2 - alpha * beta) ** 0.5
    expected = (alpha * beta) ** 0.5 if half**2 < alpha * beta else half + root

    assert (alpha * beta < 1) == found.converges
    assert pytest.approx(expected, rel=1e-6) == found.spectral_radius
