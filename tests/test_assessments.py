"""What an initiative does, whether it exists or is only described: asked through the API."""

from __future__ import annotations

from datetime import UTC, datetime
from math import hypot
from typing import Any

import pytest

from graph.store import Store
from tests.asking import answer, put, thing
from tests.files import held
from tests.plans import P, Q, affects, chain_of_three, lacking, refusal, stored

ASSESS = """
query ($id: ID, $described: InitiativeInput, $groups: [ID!], $horizon: Int) {
  assessInitiative(initiative: $id, described: $described, groups: $groups, horizon: $horizon) {
    initiative { id }
    described
    effects {
      on { id } group { id } sign lag direct total se low high unit response
      chains(first: 9) { effect lag edges { id } }
    }
    conflicts { on { id } winners { group { id } } losers { group { id } } }
    bestOff { on { id } group { id } total }
    worstOff { on { id } group { id } total low high }
    unsized { on { id } group { id } }
    undirected { id }
    signOnly { id }
    stability { converges explanation }
    completeness { complete }
  }
}
"""
Effects = dict[tuple[str, str], dict[str, Any]]


def described(*changes: dict[str, Any]) -> dict[str, Any]:
    """An initiative that is only described."""
    return {"name": "Plan", "changes": list(changes)}


async def assessed(store: Store, **asked: Any) -> Any:
    """The assessment."""
    return (await answer(store, ASSESS, **asked))["assessInitiative"]


def by_place(told: Any) -> Effects:
    """Effects by thing and group."""
    return {(one["on"]["id"], one["group"]["id"]): one for one in told["effects"]}


async def test_a_described_initiative_is_told_with_its_own_doubt(store: Store) -> None:
    """
    A change of 2 +- 0.5 over a link of 2 +- 0.5: to first order the variances add, 1 + 1.
    """
    await put(store, *chain_of_three())
    before, store.reads = await stored(store), 0
    plan = described({"on": "kpi:a", "change": 2.0, "se": 0.5, "from": 3})
    told = await assessed(store, described=plan, groups=[P], horizon=4)
    effects = by_place(told)
    itself, next_ = effects["kpi:a", P], effects["kpi:b", P]

    assert (1, before) == (store.reads, await stored(store))
    assert (None, "Plan") == (told["initiative"], told["described"])
    assert (2.0, 2.0, 0.5, []) == tuple(itself[k] for k in ("direct", "total", "se", "chains"))
    assert (4.0, 3) == (next_["total"], next_["lag"])
    se = hypot(2 * 0.5, 2 * 0.5)
    assert [se, 4 - 1.959964 * se, 4 + 1.959964 * se] == (
        pytest.approx([next_["se"], next_["low"], next_["high"]])
    )
    assert [0.0, 0.0, 0.0, 4.0, 4.0] == next_["response"]
    assert [{"effect": 2.0, "lag": 0, "edges": [{"id": "affects:a/b/all/1"}]}] == next_["chains"]


async def test_changes_add_and_each_holds_for_its_group(store: Store) -> None:
    """
    1 for all and 2 for p: p gets 3, q gets 1; a chain that both begin is told once.
    """
    await put(store, *chain_of_three())
    changes = [{"on": "kpi:a", "change": 1.0}, {"on": "kpi:a", "change": 2.0, "group": P}]
    effects = by_place(await assessed(store, described=described(*changes), groups=[P, Q]))

    assert [3.0, 1.0, 6.0, 2.0] == [
        effects[f"kpi:{on}", group]["total"] for on in "ab" for group in (P, Q)
    ]
    assert 1 == len(effects["kpi:b", P]["chains"])


async def test_winners_losers_and_what_is_not_known_are_named_without_a_verdict(
    store: Store,
) -> None:
    """
    Less of c is better: p wins by -6, q loses by 2. Of b nobody said; d is known by its sign only.
    """
    link = affects("b", "d", sign=1)
    await put(store, *chain_of_three(), link)
    plan = described({"on": "kpi:a", "change": 1.0})
    told = await assessed(store, described=plan, groups=[P, Q])
    (conflict,) = told["conflicts"]
    best = {one["on"]["id"]: (one["group"]["id"], one["total"]) for one in told["bestOff"]}
    worst = {one["on"]["id"]: (one["group"]["id"], one["total"]) for one in told["worstOff"]}

    assert ("kpi:c", [{"group": {"id": P}}], [{"group": {"id": Q}}]) == (
        conflict["on"]["id"],
        conflict["winners"],
        conflict["losers"],
    )
    assert {"kpi:a": (Q, 1.0), "kpi:c": (P, -6.0)} == best
    assert {"kpi:a": (P, 1.0), "kpi:c": (Q, 2.0)} == worst
    assert ["kpi:b", "kpi:d", "kpi:e"] == [one["id"] for one in told["undirected"]]
    assert [("kpi:d", P), ("kpi:e", P), ("kpi:d", Q), ("kpi:e", Q)] == [
        (one["on"]["id"], one["group"]["id"]) for one in told["unsized"]
    ]
    assert [{"id": link.id}] == told["signOnly"]


async def test_a_plan_on_a_loop_that_grows_has_no_numbers_and_says_why(store: Store) -> None:
    """
    b and c multiply each other by 3 for p: no totals, nobody best or worst off, and a sentence.
    """
    await put(store, *chain_of_three(), affects("c", "b", weight=-1.0, lag=1))
    plan = described({"on": "kpi:a", "change": 1.0})
    told = await assessed(store, described=plan, groups=[P], horizon=3)

    assert {None} == {one["total"] for one in told["effects"]}
    assert [] == told["worstOff"] == told["conflicts"]
    assert 3 == len(told["unsized"])
    assert not told["stability"]["converges"]
    assert "kpi:c" in told["stability"]["explanation"]


async def test_a_plan_that_makes_no_sense_is_refused(store: Store) -> None:
    """
    One of the two arguments, an initiative, things that can be moved, numbers, a horizon.
    """
    await put(store, *chain_of_three())
    change = {"on": "kpi:a", "change": 1.0}
    exactly = "exactly one of `initiative` and `described`"
    cases: list[tuple[dict[str, Any], str]] = [
        ({}, exactly),
        ({"id": "initiative:i", "described": described(change)}, exactly),
        ({"id": "kpi:a"}, "`kpi:a` is no initiative"),
        ({"described": described()}, "described.changes"),
        ({"described": described({**change, "on": P})}, "is moved by nothing"),
        ({"described": described({**change, "se": -0.1})}, "described.changes.0.se"),
        ({"described": described({**change, "from": -1})}, "described.changes.0.from"),
        ({"described": described({**change, "change": 1e300})}, "described.changes.0.change"),
        ({"described": described({**change, "group": "kpi:b"})}, "is no group"),
        ({"described": described(change), "horizon": 0}, "`horizon: 0` is refused"),
        ({"described": described(change), "horizon": 10_000}, "`horizon: 10000` is refused"),
    ]
    for asked, said in cases:
        assert said in await refusal(store, ASSESS, **asked)


async def test_what_is_not_in_force_is_not_assessed(store: Store) -> None:
    """
    An unknown initiative, a change of a retired KPI, one for a missing group: the error says which.
    """
    gone = datetime(2025, 1, 1, tzinfo=UTC)
    await put(store, *chain_of_three(), thing("kpi:old", until=gone, kpiKind="BASE"))
    lost = [
        {"id": "initiative:nope"},
        {"described": described({"on": "kpi:old", "change": 1.0})},
        {"described": described({"on": "kpi:a", "change": 1.0, "group": "persona:nope"})},
    ]

    named = [await lacking(store, ASSESS, **one) for one in lost]
    assert ["initiative:nope", "kpi:old", "persona:nope"] == named


async def test_an_initiative_of_the_bank_is_told_as_one_described_by_its_rows(bank: Store) -> None:
    """
    The rows of call_back typed in give the totals, errors and intervals that it has itself.
    """
    rows = [
        {
            "on": row["target"],
            "change": float(row["change"]),
            "se": float(row["se"]),
            "group": row["group"] or None,
        }
        for row in held("changes")
        if row["source"] == "initiative:call_back" and not row["metric"] and not row["to_period"]
    ]
    exists = by_place(await assessed(bank, id="initiative:call_back"))
    typed = by_place(await assessed(bank, described=described(*rows)))
    figures = ("total", "se", "low", "high", "unit", "direct")

    assert 2 == len(rows)
    assert 8 == len({on for on, _ in typed})
    for place, effect in typed.items():
        assert pytest.approx([effect[one] for one in figures]) == [
            exists[place][one] for one in figures
        ]


async def test_call_back_helps_traders_and_harms_digital_natives(bank: Store) -> None:
    """
    -3 h for all, +4 h for digital natives, both times what the loop through costs gives back.
    """
    groups = ["persona:small_trader", "persona:digital_native"]
    told = await assessed(bank, id="initiative:call_back", groups=groups)
    loop = 0.06 * -0.4 * (1.5 + 0.8 * 0.25) * -0.35
    wait = {
        side: next(one for one in told[side] if one["on"]["id"] == "kpi:time_to_resolve")
        for side in ("bestOff", "worstOff")
    }

    assert groups == [wait[side]["group"]["id"] for side in ("bestOff", "worstOff")]
    assert [-3 / (1 - loop), 1 / (1 - loop)] == (
        pytest.approx([wait[side]["total"] for side in ("bestOff", "worstOff")])
    )
    assert {"id": "initiative:call_back"} == told["initiative"]
    assert None is told["described"]
