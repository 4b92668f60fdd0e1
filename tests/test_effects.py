"""Effects of lagged influences: warm-ups with exact answers, and what is declined and why."""

from __future__ import annotations

import subprocess
import sys

import pytest

from graph.insight.effects import causes_of, effects_of, respond_to, stability_of
from graph.insight.influences import Influence, Shock, ShockShape, numbered
from tests.influences import link, links

TOTALS = {
    "chain": ([("a", "b", 0.5), ("b", "c", -0.4)], "a", "c", -0.2),
    "two routes, opposite signs": (
        [("a", "b", 0.5), ("b", "d", 0.6), ("a", "c", 0.9), ("c", "d", -0.3)],
        "a",
        "d",
        0.03,
    ),
    "loop": ([("a", "b", 0.6), ("b", "a", 0.5), ("b", "c", 1.0)], "a", "c", 0.8571428571428572),
    "balancing loop": ([("a", "b", 0.6), ("b", "a", -0.5)], "a", "b", 0.4615384615384615),
}
INERTIA = links(("u", "y", 0.3, 1), ("y", "y", 0.5, 1))


@pytest.mark.parametrize("name", TOTALS)
def test_a_total_effect_adds_up_all_ways_and_rounds(name: str) -> None:
    """
    The warm-ups without lags: chain, two routes, and loops of both kinds.
    """
    rows, start, end, expected = TOTALS[name]
    found = effects_of(links(*rows), {start: 1.0})
    backwards = causes_of(links(*rows), end)

    assert found.stability.converges
    assert pytest.approx(expected, abs=1e-12) == found.estimates[end].total
    assert pytest.approx(expected, abs=1e-12) == backwards.estimates[start].total


def test_no_number_is_given_where_a_loop_does_not_fade() -> None:
    """
    2.0 x 0.6 in a circle is above 1: the answer names the things in it and gives no total.
    """
    found = effects_of(links(("a", "b", 2.0), ("b", "a", 0.6)), {"a": 1.0})

    assert {} == found.estimates
    assert not found.stability.converges
    assert pytest.approx(1.2**0.5) == found.stability.spectral_radius
    assert "a, b" in found.stability.explanation


def test_a_lasting_change_comes_in_by_and_by() -> None:
    """
    The warm-up of inertia: +1 in u lasts, y takes over half of itself from period to period.
    """
    found = respond_to(INERTIA, [Shock("u", 1.0)], horizon=4)

    assert pytest.approx([0.0, 0.3, 0.45, 0.525, 0.5625]) == found.periods["y"]
    assert found.end is not None
    assert pytest.approx(0.6) == found.end["y"]


def test_a_pulse_dies_away() -> None:
    """
    The warm-up of a pulse: +1 in u in one period alone.
    """
    found = respond_to(INERTIA, [Shock("u", 1.0, ShockShape.PULSE)], horizon=4)

    assert pytest.approx([0.0, 0.3, 0.15, 0.075, 0.0375]) == found.periods["y"]
    assert found.end is not None
    assert 0.0 == found.end["y"]


def test_a_ramp_is_the_running_sum_of_a_step_and_has_no_end() -> None:
    """
    In a linear system the answer to a running sum is the running sum of the answers.
    """
    step = respond_to(INERTIA, [Shock("u", 2.0, start=1)], horizon=6)
    ramp = respond_to(INERTIA, [Shock("u", 2.0, ShockShape.RAMP, start=1)], horizon=6)

    sums = [sum(step.periods["y"][: at + 1]) for at in range(7)]
    assert pytest.approx(sums) == ramp.periods["y"]
    assert ramp.end is None


def test_shocks_at_once_add_up() -> None:
    """
    A step in one thing and a pulse in another, from different periods on.
    """
    model = [*INERTIA, *links(("v", "y", -1.0, 0))]
    both = [Shock("u", 1.0), Shock("v", 0.2, ShockShape.PULSE, start=2)]
    found = respond_to(model, both, horizon=3)

    assert pytest.approx([0.0, 0.3, 0.45 - 0.2, 0.525 - 0.1]) == found.periods["y"]
    assert found.end is not None
    assert pytest.approx(0.6) == found.end["y"]


def test_an_accumulator_has_a_path_and_no_end() -> None:
    """
    A stock that keeps all of itself: the path is told, the long run is not.
    """
    found = respond_to(
        links(("flow", "stock", 1.0, 1), ("stock", "stock", 1.0, 1)),
        [Shock("flow", 2.0)],
        horizon=3,
    )

    assert (0.0, 2.0, 4.0, 6.0) == found.periods["stock"]
    assert found.end is None
    assert not found.stability.converges
    assert 1.0 == found.stability.spectral_radius


def test_a_loop_that_a_change_does_not_reach_takes_no_answer_away() -> None:
    """
    An explosive circle upstream, or beside the way to the target, plays no part.
    """
    model = links(("x", "x", 1.5), ("x", "a", 1.0), ("a", "b", 0.5), ("a", "z", 1.0), ("z", "z", 2))
    found = effects_of(model, {"a": 1.0}, targets=["b"])

    assert pytest.approx(0.5) == found.estimates["b"].total
    assert not effects_of(model, {"a": 1.0}).stability.converges
    assert not stability_of(model).converges


def test_a_large_circle_is_told_by_some_of_its_things_in_the_callers_words() -> None:
    """
    Seven KPIs in a circle: five by name, and how many more.
    """
    model = [link(str(i), str((i + 1) % 7), 1.1, 1) for i in range(7)]
    found = stability_of(model, name=lambda node: f"KPI {node}")

    assert "KPI 0, KPI 1, KPI 2, KPI 3, KPI 4 and 2 more" in found.explanation
    assert "1.1 in each period" in found.explanation
    assert not found.converges


def test_an_acyclic_map_has_radius_zero_however_large_its_weights() -> None:
    """
    A ladder of 50 steps with weights of 1,000: rounding must not invent a loop.
    """
    model = [link(str(i), str(i + 1), 1000.0) for i in range(50)]
    found = effects_of(model, {"0": 1.0})

    assert 0.0 == found.stability.spectral_radius
    assert pytest.approx(1000.0**50, rel=1e-12) == found.estimates["50"].total


def test_a_link_known_by_its_sign_takes_no_part_in_numbers_and_is_told() -> None:
    """
    a moves c by a measured link, and by two of which one is known by its sign only.
    """
    model = [*links(("a", "c", 0.5), ("a", "b", 2.0)), Influence("s", "b", "c", None, sign=-1)]
    found = effects_of(model, {"a": 1.0})

    assert ("s",) == found.sign_only
    assert 0.5 == found.estimates["c"].total
    assert ["s"] == [one.id for one in numbered(model)[1]]


def test_damping_counts_every_link_for_less_and_is_stated() -> None:
    """
    T_d = sum d^k B^k: a circle with gain 1.2 has an end if damped by a half.
    """
    found = effects_of(links(("a", "b", 2.0), ("b", "a", 0.6)), {"a": 1.0}, damping=0.5)

    assert pytest.approx(1.0 / (1 - 0.25 * 1.2)) == found.estimates["b"].total
    assert "damping" in found.stability.explanation
    with pytest.raises(ValueError, match="damping is 0"):
        effects_of([], {"a": 1.0}, damping=0)


def test_a_change_of_something_without_links_has_no_effect() -> None:
    """
    Nothing is downstream: the answer is a sure nothing, not an error.
    """
    found = effects_of([], {"a": 1.0}, targets=["b"])

    assert found.stability.converges
    assert 0.0 == found.estimates["b"].total == found.estimates["b"].se


def test_no_change_at_all_moves_nothing() -> None:
    """
    Without changes, or without links, the answers are empty and stable.
    """
    assert {} == effects_of(INERTIA, {}).estimates
    assert {} == respond_to(INERTIA, [], 3).periods
    assert stability_of([]).converges
    assert {"y"} == causes_of([], "y").estimates.keys()


def test_a_summed_map_that_fades_can_explode_once_its_lags_unfold() -> None:
    """
    -0.5 after one period and 0.6 after two sum up to 0.1, and yet z^2 + 0.5 z - 0.6 has a root
    below -1: no numbers.
    """
    model = links(("u", "y", 1.0, 0), ("y", "y", -0.5, 1), ("y", "y", 0.6, 2))

    assert {} == effects_of(model, {"u": 1.0}).estimates
    assert {} == respond_to(model, [Shock("u", 1.0)], 5).periods


def test_a_summed_map_beyond_one_can_fade_once_its_lags_unfold() -> None:
    """
    -0.6 after one and after two periods sum up to -1.2, and yet the roots are inside the circle:
    the long run is 1 / 2.2.
    """
    model = links(("u", "y", 1.0, 0), ("y", "y", -0.6, 1), ("y", "y", -0.6, 2))
    found = effects_of(model, {"u": 1.0})

    assert pytest.approx(0.6**0.5) == found.stability.spectral_radius
    assert pytest.approx(1 / 2.2) == found.estimates["y"].total


def test_what_is_written_wrong_is_refused() -> None:
    """
    A weight that is no number, a lag, an error or a horizon below zero are named.
    """
    with pytest.raises(ValueError, match="a>b/0 has the weight nan"):
        link("a", "b", float("nan"))
    with pytest.raises(ValueError, match="a>b/-1 has the lag -1"):
        link("a", "b", 1.0, -1)
    with pytest.raises(ValueError, match="standard error -0"):
        link("a", "b", 1.0, 0, -0.1)
    with pytest.raises(ValueError, match="horizon is -1"):
        respond_to(INERTIA, [Shock("u", 1.0)], horizon=-1)


def test_the_door_to_the_arithmetic_loads_no_matrices() -> None:
    """
    Importing the questions' side must stay fast: scipy comes with the first question.
    """
    program = (
        "import sys, graph.insight.effects, graph.insight.paths, graph.insight.loops\n"
        "import graph.insight.edits, graph.insight.conflicts\n"
        "print(*{'scipy', 'numpy'} & sys.modules.keys())"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)

    assert b"" == done.stdout.strip()
