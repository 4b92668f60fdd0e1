"""Options compared on one thing, group by group: asked through the API."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from graph.changes import Change
from graph.store import Store
from tests.asking import answer, link, put, thing
from tests.plans import P, Q, affects, kpi, lacking, refusal

COMPARE = """
query ($options: [ShockInput!]!, $on: ID!, $groups: [ID!], $weights: [GroupWeightInput!]) {
  compare(options: $options, on: $on, groups: $groups, weights: $weights) {
    on { id } unit moreIsBetter
    options {
      number of { id } gains { group { id } gain low high }
      pareto worstOff { group { id } gain } mean regret
    }
    pareto byWorstOff byMean byRegret
    signOnly { id }
    stability { converges explanation }
    completeness { complete }
  }
}
"""
WEIGHTS = [{"group": P, "weight": 1.0}, {"group": Q, "weight": 3.0}]


def four_ways() -> list[Change]:
    """
    Falls of k, of which less is better: alike 3 and 3, for p 9 and 1, for q 0 and 6, worse 3 and 2.
    """
    return [
        thing(P),
        thing(Q),
        *kpi("k", "LOWER"),
        *(change for name in ("alike", "for_p", "for_q", "worse") for change in kpi(name)),
        affects("alike", "k", weight=-3.0, se=0.5),
        affects("for_p", "k", "p", weight=-9.0),
        affects("for_p", "k", "q", weight=-1.0),
        affects("for_q", "k", "q", weight=-6.0),
        affects("worse", "k", "p", weight=-3.0),
        affects("worse", "k", "q", weight=-2.0),
    ]


def measured(name: str, group: str) -> list[Change]:
    """A series of a KPI for one persona."""
    series = f"series:{name}/{group}"
    return [
        thing(series, scopeKind="PERSONA"),
        link("has_series", f"kpi:{name}", series),
        link("for_group", series, f"persona:{group}"),
    ]


def rises(*names: str) -> list[dict[str, Any]]:
    """Options: +1 of each KPI."""
    return [{"on": f"kpi:{name}"} for name in names]


FOUR = rises("alike", "for_p", "for_q", "worse")


async def compared(store: Store, **asked: Any) -> Any:
    """A comparison on k for p and q."""
    asked = {"on": "kpi:k", "groups": [P, Q], "options": FOUR} | asked
    return (await answer(store, COMPARE, **asked))["compare"]


def gains(told: Any) -> list[list[float | None]]:
    """What each option brings each group."""
    return [[one["gain"] for one in option["gains"]] for option in told["options"]]


async def test_options_are_ranked_by_four_rules(store: Store) -> None:
    """
    Worked out by hand: each rule has a choice of its own, and the average is only one of them.
    """
    await put(store, *four_ways())
    store.reads = 0
    told = await compared(store, weights=WEIGHTS)

    assert 1 == store.reads
    assert [[3.0, 3.0], [9.0, 1.0], [0.0, 6.0], [3.0, 2.0]] == gains(told)
    assert [True, True, True, False] == [one["pareto"] for one in told["options"]]
    assert [3.0, 1.0, 0.0, 2.0] == [one["worstOff"]["gain"] for one in told["options"]]
    assert [3.0, 3.0, 4.5, 2.25] == [one["mean"] for one in told["options"]]
    assert [6.0, 5.0, 9.0, 6.0] == [one["regret"] for one in told["options"]]
    assert ([0, 1, 2], [0, 3, 1, 2], [2, 0, 1, 3], [1, 0, 3, 2]) == (
        told["pareto"],
        told["byWorstOff"],
        told["byMean"],
        told["byRegret"],
    )
    assert (False, "points") == (told["moreIsBetter"], told["unit"])


async def test_a_gain_has_the_interval_of_the_fall_turned_round(store: Store) -> None:
    """
    A fall of 3 +- 0.5 is a gain of 3 between 2.02 and 3.98; without weights groups count alike.
    """
    await put(store, *four_ways())
    told = await compared(store)
    first = told["options"][0]["gains"][0]

    assert [3 - 0.97998, 3 + 0.97998] == pytest.approx([first["low"], first["high"]], rel=1e-5)
    assert [3.0, 5.0, 3.0, 2.5] == [one["mean"] for one in told["options"]]


async def test_a_change_of_the_thing_itself_counts(store: Store) -> None:
    """
    Lowering k by 2 brings 2 to all, or to the one group for which it is made.
    """
    await put(store, *four_ways())
    lower = {"on": "kpi:k", "change": -2.0}

    assert [[2.0, 2.0], [0.0, 2.0]] == gains(
        await compared(store, options=[lower, {**lower, "group": Q}])
    )


async def test_an_option_that_nobody_can_size_is_told_and_not_ranked(store: Store) -> None:
    """
    Known by its sign only, it has no gain; the others are ranked without it.
    """
    sign = affects("guess", "k", sign=-1)
    await put(store, *four_ways(), *kpi("guess"), sign)
    told = await compared(store, options=rises("guess", "for_q", "alike"))

    assert [[None, None], [0.0, 6.0], [3.0, 3.0]] == gains(told)
    assert [None] * 4 == [
        told["options"][0][rule] for rule in ("pareto", "worstOff", "mean", "regret")
    ]
    assert ([1, 2], [2, 1]) == (told["pareto"], told["byWorstOff"])
    assert [{"id": sign.id}] == told["signOnly"]


async def test_options_on_a_loop_that_grows_have_no_gain_and_say_why(store: Store) -> None:
    """
    k and m multiply each other by 2: nothing is ranked, and a sentence names the loop.
    """
    loop = [affects("k", "m", weight=2.0, lag=1), affects("m", "k", weight=1.0, lag=1)]
    await put(store, *four_ways(), *kpi("m"), *loop)
    told = await compared(store, options=rises("alike"))

    assert [[None, None]] == gains(told)
    assert [] == told["pareto"] == told["byMean"]
    assert not told["stability"]["converges"]
    assert "kpi:m" in told["stability"]["explanation"]


async def test_a_comparison_that_makes_no_sense_is_refused(store: Store) -> None:
    """
    No good way, no groups, weights that weigh nothing: the error names the argument.
    """
    await put(
        store,
        *four_ways(),
        *measured("k", "p"),
    )
    twice = [WEIGHTS[0], WEIGHTS[0]]
    cases: list[tuple[dict[str, Any], str]] = [
        ({"on": "kpi:alike"}, "`on`: nobody said which way of `kpi:alike` is good"),
        ({"groups": [P, Q]}, f"`groups`: `kpi:k` is not told for {Q}"),
        ({"groups": ["persona:nope"]}, "`kpi:k` is not told for persona:nope"),
        ({"groups": []}, "`groups`: no group is known for `kpi:k`"),
        ({"groups": ["kpi:k"]}, "is no group"),
        ({"weights": [{"group": P, "weight": 0.0}]}, "`weights` are all 0"),
        ({"weights": []}, "`weights` are all 0"),
        ({"weights": WEIGHTS}, f"`weights`: {Q} is not compared"),
        ({"weights": twice}, "names a group twice"),
        ({"weights": [{"group": P, "weight": -1.0}]}, "weights.0.weight"),
        ({"options": [{"on": "kpi:alike", "shape": "PULSE"}]}, "leave `shape` out"),
        ({"options": []}, "`options: []` is refused"),
        ({"options": FOUR * 3}, "`options:"),
    ]
    for asked, said in cases:
        whole = {"on": "kpi:k", "groups": [P], "options": FOUR} | asked
        assert said in await refusal(store, COMPARE, **whole)


async def test_without_groups_all_are_compared_for_which_the_thing_is_measured(
    store: Store,
) -> None:
    """
    k is measured for p alone, m for both: q is no part of a comparison on k.
    """
    await put(
        store,
        *four_ways(),
        *kpi("m"),
        affects("alike", "m", weight=1.0),
        *measured("k", "p"),
        *measured("m", "p"),
        *measured("m", "q"),
    )
    told = await compared(store, groups=None)

    assert [[3.0], [9.0], [0.0], [3.0]] == gains(told)
    assert [P] == [one["group"]["id"] for one in told["options"][0]["gains"]]


async def test_what_is_not_in_force_is_not_compared(store: Store) -> None:
    """
    An option on a retired KPI, one for a missing group, and a missing thing: the error says which.
    """
    gone = datetime(2025, 1, 1, tzinfo=UTC)
    await put(store, *four_ways(), thing("kpi:old", until=gone, kpiKind="BASE"))

    plain = {"on": "kpi:k", "groups": [P, Q], "options": FOUR}
    nobody = [{"on": "kpi:alike", "group": "persona:nope"}]

    assert "kpi:old" == await lacking(store, COMPARE, **plain | {"options": rises("old")})
    assert "kpi:nope" == await lacking(store, COMPARE, **plain | {"on": "kpi:nope"})
    assert "persona:nope" == await lacking(store, COMPARE, **plain | {"options": nobody})


async def test_the_bank_is_told_whom_each_initiative_leaves_waiting(bank: Store) -> None:
    """
    Call-backs bring traders most and make digital natives wait; shorter hours only cut costs.
    """
    loop = 0.06 * -0.4 * (1.5 + 0.8 * 0.25) * -0.35
    told = await compared(
        bank,
        options=[{"on": "initiative:call_back"}, {"on": "initiative:branch_hours"}],
        on="kpi:time_to_resolve",
        groups=["persona:small_trader", "persona:digital_native"],
    )
    hours = -0.5 * -0.4 * (1.5 + 0.8 * 0.25) * 0.35

    assert [
        pytest.approx([3 / (1 - loop), -1 / (1 - loop)]),
        pytest.approx([hours / (1 - loop)] * 2),
    ] == gains(told)
    assert ([0, 1], [1, 0], [0, 1]) == (told["pareto"], told["byWorstOff"], told["byMean"])
