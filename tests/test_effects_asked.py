"""Effects, causes and loops asked through the API: against numpy on the rows of the files."""

from __future__ import annotations

from math import isclose
from typing import Any

import numpy as np
import pytest

from graph.store import Store
from tests.asking import answer, codes, link, put, thing
from tests.files import held

DAY = "2026-07-20"
GROUP = "persona:small_trader"
EFFECTS = """
query ($of: ID!, $group: ID, $horizon: Int, $damping: Float! = 1, $asOf: AsOf) {
  effects(of: $of, group: $group, horizon: $horizon, damping: $damping, asOf: $asOf) {
    of { id }
    effects {
      on { id } group { id } sign lag direct total se low high unit response
      chains(first: 2) { effect sign lag edges { id } }
    }
    signOnly { id }
    stability { converges spectralRadius explanation }
    completeness { complete }
  }
}
"""
CAUSES = """
query ($of: ID!, $group: ID, $asOf: AsOf) {
  causes(of: $of, group: $group, asOf: $asOf) {
    effects { on { id } sign lag total direct unit chains(first: 1) { effect edges { id } } }
    stability { converges }
  }
}
"""
LOOPS = """
query ($of: ID!, $group: ID, $first: Int! = 10) {
  loops(of: $of, group: $group, first: $first) {
    loops { gain kind lag edges { from { id } to { id } } }
    stability { converges spectralRadius explanation }
    completeness { complete }
  }
}
"""


def measured(kpi: str) -> set[str]:
    """The groups a KPI is measured for; empty for what is no KPI."""
    return {row["group"] for row in held("series", DAY) if f"kpi:{row['kpi']}" == kpi}


def holds(thing_: str) -> bool:
    """Whether a thing is there for small traders: measured for them, for all alone, or not."""
    of = measured(thing_)
    return not of or GROUP in of or of == {""}


def matrix() -> tuple[list[str], Any]:
    """B[i, j] = direct effect of i on j among KPIs, for small traders, summed over lags."""
    rows = [
        row
        for row in held("affects", DAY)
        if row["weight"]
        and row["group"] in ("", GROUP)
        and holds(row["source"])
        and holds(row["target"])
    ]
    names = sorted({row[end] for row in rows for end in ("source", "target")})
    found = np.zeros((len(names), len(names)))
    for row in rows:
        found[names.index(row["source"]), names.index(row["target"])] += float(row["weight"])
    return names, found


async def test_effects_of_a_kpi_are_those_of_the_inverse(bank: Store) -> None:
    """
    T = (I - B)^-1 - I (Bollen 1987), by numpy on the weights of the table.
    """
    names, b = matrix()
    inverse = np.linalg.inv(np.eye(len(names)) - b) - np.eye(len(names))
    start = "kpi:training_hours"
    told = await answer(bank, EFFECTS, of=start, group=GROUP, asOf={"validAt": DAY})
    row = inverse[names.index(start)]
    totals = {one["on"]["id"]: one["total"] for one in told["effects"]["effects"]}
    expected = {name: value for name, value in zip(names, row, strict=True) if value}

    assert expected.keys() == {name for name, total in totals.items() if total}
    assert all(isclose(expected[name], totals[name], rel_tol=1e-9) for name in expected)
    assert told["effects"]["stability"]["converges"]
    assert 1 == bank.reads


async def test_causes_are_effects_read_backwards(bank: Store) -> None:
    """
    What moves churn is the column of the same inverse.
    """
    names, b = matrix()
    inverse = np.linalg.inv(np.eye(len(names)) - b) - np.eye(len(names))
    told = await answer(bank, CAUSES, of="kpi:churn", group=GROUP, asOf={"validAt": DAY})
    totals = {one["on"]["id"]: one["total"] for one in told["causes"]["effects"]}
    column = dict(zip(names, inverse[:, names.index("kpi:churn")], strict=True))

    kpis = {name for name, total in totals.items() if total and name.startswith("kpi:")}
    assert {name for name, value in column.items() if value} == kpis
    assert all(isclose(column[name], totals[name], rel_tol=1e-9) for name in kpis)
    one = next(e for e in told["causes"]["effects"] if e["on"]["id"] == "kpi:nps")
    assert ["affects:nps/churn/all/1"] == [edge["id"] for edge in one["chains"][0]["edges"]]
    assert "%/month" == one["unit"]


async def test_a_response_adds_up_to_the_total(bank: Store) -> None:
    """
    After ten years a lasting change has come to its total; before the lag nothing has moved.
    """
    told = await answer(
        bank, EFFECTS, of="kpi:training_hours", group=GROUP, horizon=120, asOf={"validAt": DAY}
    )
    for one in told["effects"]["effects"]:
        if one["total"] is not None and one["on"]["id"] != "kpi:training_hours":
            assert isclose(one["total"], one["response"][-1], rel_tol=1e-6)
            assert all(value == 0 for value in one["response"][: one["lag"]])
            assert 121 == len(one["response"])


async def test_the_loop_of_cost_and_training_is_told_with_gain_and_delay(bank: Store) -> None:
    """
    cost_to_serve > training_hours > first_contact_fix > time_to_resolve > cost_to_serve.
    """
    way = ["cost_to_serve", "training_hours", "first_contact_fix", "time_to_resolve"]
    rows = {(row["source"], row["target"]): row for row in held("affects", DAY)}
    pairs = [(f"kpi:{a}", f"kpi:{b}") for a, b in zip(way, [*way[1:], way[0]], strict=True)]
    told = (await answer(bank, LOOPS, of="kpi:cost_to_serve", group=GROUP))["loops"]
    first = told["loops"][0]

    assert pairs == [(edge["from"]["id"], edge["to"]["id"]) for edge in first["edges"]]
    assert isclose(np.prod([float(rows[pair]["weight"]) for pair in pairs]), first["gain"])
    assert sum(int(rows[pair]["lag"]) for pair in pairs) == first["lag"]
    assert "REINFORCING" == first["kind"]
    assert told["stability"]["converges"]


def weighed(source: str, target: str, weight: float, **said: Any) -> Any:
    """A causal link with a weight."""
    key = f"{source}/{target}/all/1"
    sign = 1 if weight > 0 else -1
    return link(
        "affects", f"kpi:{source}", f"kpi:{target}", key=key, weight=weight, sign=sign, **said
    )


async def test_beyond_stability_no_number_is_given(store: Store) -> None:
    """
    Two KPIs that push each other up for ever: nulls, the loop, and why; directions stay.
    """
    await put(
        store,
        *(thing(f"kpi:{key}") for key in "abc"),
        weighed("a", "b", 2.0),
        weighed("b", "a", 0.6),
        weighed("b", "c", 1.0),
    )
    told = (await answer(store, EFFECTS, of="kpi:a", horizon=3))["effects"]
    loops = (await answer(store, LOOPS, of="kpi:a"))["loops"]

    assert not told["stability"]["converges"]
    assert {None} == {one["total"] for one in told["effects"]}
    assert {1} == {one["sign"] for one in told["effects"]}
    assert "kpi:a" in told["stability"]["explanation"]
    assert isclose(1.2, loops["loops"][0]["gain"])
    assert ("REINFORCING", False) == (loops["loops"][0]["kind"], loops["stability"]["converges"])


async def test_two_routes_of_opposite_signs_add(store: Store) -> None:
    """
    0.5 * 0.6 - 0.9 * 0.3 = 0.03, told with both chains; damping d counts each link d times.
    """
    await put(
        store,
        *(thing(f"kpi:{key}") for key in "abcd"),
        weighed("a", "b", 0.5),
        weighed("b", "d", 0.6),
        weighed("a", "c", 0.9),
        weighed("c", "d", -0.3),
    )
    told = (await answer(store, EFFECTS, of="kpi:a"))["effects"]["effects"]
    (end,) = [one for one in told if one["on"]["id"] == "kpi:d"]
    damped = (await answer(store, EFFECTS, of="kpi:a", damping=0.5))["effects"]
    (less,) = [one for one in damped["effects"] if one["on"]["id"] == "kpi:d"]

    assert isclose(0.03, end["total"])
    assert (1, 0, 2) == (end["sign"], end["direct"], len(end["chains"]))
    assert isclose(0.03 / 4, less["total"])
    assert "0.5" in damped["stability"]["explanation"]


async def test_what_is_known_by_sign_only_is_named_and_counts_in_no_number(store: Store) -> None:
    """
    a raises b by 0.5 and, nobody knows how much, lowers it too: the net direction is unknown.
    """
    await put(
        store,
        *(thing(f"kpi:{key}") for key in "abc"),
        weighed("a", "b", 0.5),
        link("affects", "kpi:a", "kpi:b", key="a/b/all/2", version=2, sign=-1),
        link("affects", "kpi:b", "kpi:c", key="b/c/all/1", sign=1),
    )
    told = (await answer(store, EFFECTS, of="kpi:a"))["effects"]
    b, c = told["effects"]

    assert ["affects:a/b/all/2", "affects:b/c/all/1"] == [one["id"] for one in told["signOnly"]]
    assert (0.5, 0) == (b["total"], b["sign"])
    assert (None, 0) == (c["total"], c["sign"])


async def test_a_refuted_link_moves_nothing(store: Store) -> None:
    """
    Found not to hold: no effect, no loop, no chain.
    """
    await put(
        store,
        *(thing(f"kpi:{key}") for key in "ab"),
        weighed("a", "b", 0.5, status="REFUTED"),
    )

    assert [] == (await answer(store, EFFECTS, of="kpi:a"))["effects"]["effects"]


IMPACT = """
query ($of: [ShockInput!]!, $groups: [ID!], $horizon: Int) {
  impact(of: $of, groups: $groups, horizon: $horizon, asOf: {validAt: "2026-07-20"}) {
    effects { on { id } group { id } total se low high sign lag response }
    byGroup { group { id } on { id } total }
    conflicts { on { id } winners { group { id } total } losers { group { id } total } }
    stability { converges }
  }
}
"""


async def test_an_initiative_that_helps_some_and_hurts_others_is_a_conflict(bank: Store) -> None:
    """
    Onboarding days fall for founders and the digital natives, and rise for senior savers.
    """
    told = (await answer(bank, IMPACT, of=[{"on": "initiative:onboarding_redesign"}]))["impact"]
    rows = [
        row
        for row in held("changes", DAY)
        if row["source"] == "initiative:onboarding_redesign"
        and row["target"] == "kpi:onboarding_days"
        and not (row["to_period"] and row["to_period"] <= DAY[:7])
    ]
    general = sum(float(row["change"]) for row in rows if not row["group"])
    direct = {row["group"]: general + float(row["change"]) for row in rows if row["group"]}
    (days,) = [one for one in told["conflicts"] if one["on"]["id"] == "kpi:onboarding_days"]
    sides = {one["group"]["id"]: one["total"] for one in (*days["winners"], *days["losers"])}

    assert {group for group, change in direct.items() if change < 0} <= {
        one["group"]["id"] for one in days["winners"]
    }
    assert all(isclose(direct[group], total) for group, total in sides.items() if group in direct)
    assert 1 == bank.reads


async def test_shocks_add_and_have_a_shape_a_month_and_a_group(bank: Store) -> None:
    """
    A pulse of 2 hours for one persona from month 3: nothing before, nothing for the others.
    """
    shock = {"on": "kpi:training_hours", "change": 2, "shape": "PULSE", "from": 3, "group": GROUP}
    told = (await answer(bank, IMPACT, of=[shock], horizon=24))["impact"]["effects"]
    fix = [one for one in told if one["on"]["id"] == "kpi:first_contact_fix"]
    (mine,) = [one for one in fix if one["group"]["id"] == GROUP]
    weight = sum(
        float(row["weight"])
        for row in held("affects", DAY)
        if (row["source"], row["target"]) == ("kpi:training_hours", "kpi:first_contact_fix")
        and row["group"] in ("", GROUP)
    )
    lag = next(
        int(row["lag"])
        for row in held("affects", DAY)
        if (row["source"], row["target"]) == ("kpi:training_hours", "kpi:first_contact_fix")
    )

    assert [GROUP] == [one["group"]["id"] for one in fix]
    assert mine["total"] is None
    assert all(value == 0 for value in mine["response"][: 3 + lag])
    assert isclose(2 * weight, mine["response"][3 + lag])


@pytest.mark.parametrize(
    "given",
    [
        {"horizon": 0},
        {"horizon": 10_000},
        {"damping": 0},
        {"damping": 1.5},
        {"group": "kpi:churn"},
    ],
)
async def test_a_question_beyond_its_bounds_is_refused(bank: Store, given: Any) -> None:
    """
    A horizon of 1 to 120 months, damping above 0 to 1, a group that is one.
    """
    assert ["BAD_REQUEST"] == await codes(bank, EFFECTS, of="kpi:nps", **given)


async def test_nothing_is_told_of_what_is_not_in_force(bank: Store) -> None:
    """
    A retired KPI moves nothing: null; and a plan that would push it is told so.
    """
    for text in (EFFECTS, CAUSES):
        told = await answer(bank, text, of="kpi:app_downloads", asOf={"validAt": DAY})
        assert [None] == list(told.values())
    assert {"loops": None} == await answer(bank, LOOPS, of="kpi:app_downloads")
    shock = {"on": "kpi:app_downloads"}
    assert ["NOT_FOUND"] == await codes(bank, IMPACT, of=[{"on": "kpi:nps"}, shock])
