"""Chains and impact asked through the API: of the bank, and of small graphs."""

from __future__ import annotations

from datetime import UTC, date, datetime
from itertools import groupby
from math import isclose
from typing import Any

from graph.store import Store
from tests.asking import TESTER, answer, codes, link, put, thing
from tests.files import held

CHAINS = """
query ($from: ID!, $to: ID!, $group: ID, $first: Int! = 100) {
  chains(from: $from, to: $to, group: $group, first: $first, asOf: {validAt: "2026-07-20"}) {
    chains {
      sign effect lag weakestConfidence
      edges { from { id } to { id } group { id } sign weight lag confidence }
    }
    completeness { complete reason explored frontier }
  }
}
"""


async def test_the_adviser_school_travels_to_revenue_as_worked_out_by_hand(bank: Store) -> None:
    """
    Training, first contact, answers, recommendation, churn, revenue: weights and lags of the files.
    """
    told = await answer(
        bank, CHAINS, **{"from": "initiative:adviser_school", "to": "kpi:revenue_per_customer"}
    )
    way = [
        "initiative:adviser_school",
        "kpi:training_hours",
        "kpi:first_contact_fix",
        "kpi:time_to_resolve",
        "kpi:nps",
        "kpi:churn",
        "kpi:revenue_per_customer",
    ]
    (found,) = [
        chain
        for chain in told["chains"]["chains"]
        if way[1:] == [one["to"]["id"] for one in chain["edges"]]
        and not any(one["group"] for one in chain["edges"])
    ]

    assert isclose(1.5 * 1.5 * -0.35 * -0.6 * -0.012 * -0.9, found["effect"])
    assert [0, 1, 0, 1, 2, 1] == [one["lag"] for one in found["edges"]]
    assert (1, 5, 0.4) == (found["sign"], found["lag"], found["weakestConfidence"])


async def test_the_chains_of_the_bank_are_ranked_and_clipped_by_their_effect(bank: Store) -> None:
    """
    The first three are the three largest of all; those known by sign only come last.
    """
    ends = {"from": "initiative:adviser_school", "to": "kpi:revenue_per_customer"}
    every = (await answer(bank, CHAINS, **ends))["chains"]
    three = (await answer(bank, CHAINS, **ends, first=3))["chains"]

    assert every["completeness"] == three["completeness"]
    assert every["chains"][:3] == three["chains"]
    known = [chain["effect"] is not None for chain in every["chains"]]
    assert [True, False] == [key for key, _ in groupby(known)]
    sizes = [abs(chain["effect"]) for chain in every["chains"] if chain["effect"] is not None]
    assert sorted(sizes, reverse=True) == sizes


async def test_a_group_is_asked_by_its_id_and_nothing_else(bank: Store) -> None:
    """
    Chains of one persona name it or nobody; an id that is no group is refused.
    """
    ends = {"from": "kpi:time_to_resolve", "to": "kpi:nps"}
    told = await answer(bank, CHAINS, **ends, group="persona:small_trader")

    assert [-0.6, -0.5] == [chain["effect"] for chain in told["chains"]["chains"]]
    groups = [one["group"] for chain in told["chains"]["chains"] for one in chain["edges"]]
    assert [None, {"id": "persona:small_trader"}] == groups
    assert ["BAD_REQUEST"] == await codes(bank, CHAINS, **ends, group="kpi:nps")


async def test_unknown_ends_are_null_and_things_without_causes_have_no_chains(bank: Store) -> None:
    """
    Neither end may be made up; a persona moves nothing, so there is no chain from it.
    """
    for ends in (("kpi:nope", "kpi:nps"), ("kpi:nps", "kpi:nope"), ("no id", "kpi:nps")):
        told = await both_ends(bank, *ends)
        assert told is None
    assert [] == (await both_ends(bank, "persona:small_trader", "kpi:nps"))["chains"]
    assert [] == (await both_ends(bank, "kpi:nps", "kpi:nps"))["chains"]


async def both_ends(bank: Store, start: str, end: str) -> Any:
    """The chains from one to the other, None also for an id that is refused."""
    if " " in start:
        assert ["BAD_REQUEST"] == await codes(bank, CHAINS, **{"from": start, "to": end})
        return None
    return (await answer(bank, CHAINS, **{"from": start, "to": end}))["chains"]


async def test_a_link_for_a_group_that_is_over_is_not_a_link_for_all(store: Store) -> None:
    """
    When a persona has ended, a link that was made for it alone no longer moves anybody.
    """
    gone = datetime(2025, 1, 1, tzinfo=UTC)
    await put(
        store,
        thing("kpi:a", kpiKind="BASE"),
        thing("kpi:b", kpiKind="BASE"),
        thing("persona:old", until=gone),
        link("affects", "kpi:a", "kpi:b", key="a/b/old/1", sign=1, weight=2.0, group="persona:old"),
    )
    text = """
    query ($day: DateTime!) {
      chains(from: "kpi:a", to: "kpi:b", asOf: {validAt: $day}) { chains { effect } }
    }
    """

    assert [{"effect": 2.0}] == (await answer(store, text, day="2024-06-01"))["chains"]["chains"]
    assert [] == (await answer(store, text, day="2025-06-01"))["chains"]["chains"]


IMPACT = """
query ($of: [ShockInput!]!, $groups: [ID!], $at: DateTime) {
  impact(of: $of, groups: $groups, asOf: {validAt: $at}) {
    effects { on { id } group { id } sign lag chains(first: 100) { sign lag edges { to { id } } } }
    completeness { complete }
  }
}
"""


async def test_an_impact_is_told_for_the_asked_groups_only(bank: Store) -> None:
    """
    One group when one is asked for, none for an empty list, an error for what is no group.
    """
    school = [{"on": "initiative:adviser_school"}]
    one = await answer(bank, IMPACT, of=school, groups=["persona:senior_saver"])
    none = await answer(bank, IMPACT, of=school, groups=[])

    assert {"persona:senior_saver"} == {e["group"]["id"] for e in one["impact"]["effects"]}
    assert [] == none["impact"]["effects"]
    assert ["BAD_REQUEST"] == await codes(bank, IMPACT, of=school, groups=["kpi:nps"])
    assert ["BAD_REQUEST"] == await codes(bank, IMPACT, of=[])
    assert ["NOT_FOUND"] == await codes(bank, IMPACT, of=[{"on": "kpi:nope"}])


async def test_where_nothing_is_measured_for_a_group_the_impact_is_told_for_all(
    store: Store,
) -> None:
    """
    An organization without personas still sees what a change reaches.
    """
    await put(
        store,
        thing("kpi:a", kpiKind="BASE"),
        thing("kpi:b", kpiKind="BASE"),
        link("affects", "kpi:a", "kpi:b", key="a/b/all/1", sign=-1, lag=2),
    )
    told = await answer(store, IMPACT, of=[{"on": "kpi:a"}])
    (effect,) = told["impact"]["effects"]

    assert ({"id": "kpi:b"}, None, -1, 2) == (
        effect["on"],
        effect["group"],
        effect["sign"],
        effect["lag"],
    )


async def test_the_lag_of_a_change_counts_from_the_start_that_was_known(store: Store) -> None:
    """
    An initiative that starts later than thought brings its change sooner after its start.
    """
    await put(
        store,
        thing("kpi:a", kpiKind="BASE"),
        thing("initiative:i", start=date(2025, 3, 1)),
        link(
            "changes",
            "initiative:i",
            "kpi:a",
            change=1.5,
            unit="h",
            fromPeriod="2025-06",
        ),
    )
    before = store.clock()
    await store.put([thing("initiative:i", start=date(2025, 5, 1))], TESTER, "it was put off")
    text = """
    query ($known: DateTime) {
      chains(from: "initiative:i", to: "kpi:a", asOf: {knownAt: $known}) { chains { lag effect } }
    }
    """
    then = await answer(store, text, known=before.isoformat())
    now = await answer(store, text)

    assert [{"lag": 3, "effect": 1.5}] == then["chains"]["chains"]
    assert [{"lag": 1, "effect": 1.5}] == now["chains"]["chains"]


async def test_series_of_the_past_carry_causes_of_the_past(bank: Store) -> None:
    """
    While branch loyalists were measured, the school would have reached them; now it does not.
    """
    text = """
    query ($day: DateTime!) {
      impact(of: [{on: "kpi:training_hours"}], asOf: {validAt: $day}) { effects { group { id } } }
    }
    """
    for day in ("2025-01-01", "2026-07-20"):
        told = await answer(bank, text, day=day)
        groups = {effect["group"]["id"] for effect in told["impact"]["effects"]}
        expected = {row["group"] for row in held("series", day) if row["scope_kind"] == "PERSONA"}

        assert expected - {""} == groups
