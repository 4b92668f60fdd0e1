"""What if links were others: asked through the API, of small graphs and of the bank."""

from __future__ import annotations

from datetime import UTC, datetime
from math import isclose
from typing import Any

import pytest

from graph.store import Store
from tests.asking import answer, put, thing
from tests.plans import P, Q, affects, chain_of_three, lacking, refusal, stored

WHAT_IF = """
query ($of: [ShockInput!]!, $edits: [EditInput!]!, $groups: [ID!], $horizon: Int, $at: DateTime) {
  whatIf(of: $of, edits: $edits, groups: $groups, horizon: $horizon, asOf: {validAt: $at}) {
    before { effects { on { id } total response } stability { converges } }
    after { effects { on { id } total response } stability { converges explanation } }
    differences { on { id } group { id } before after change unit }
  }
}
"""
RISE = [{"on": "kpi:a"}]
AB, BC = "affects:a/b/all/1", "affects:b/c/all/1"
Places = dict[tuple[str, str], tuple[float | None, float | None, float | None]]


async def differences(
    store: Store, *edits: dict[str, Any], of: Any = RISE, groups: Any = (P,)
) -> Places:
    """What differs, by thing and group: before, after and change."""
    told = await answer(store, WHAT_IF, of=of, edits=list(edits), groups=list(groups))
    return {
        (one["on"]["id"], one["group"]["id"]): (one["before"], one["after"], one["change"])
        for one in told["whatIf"]["differences"]
    }


async def test_a_link_of_another_weight_moves_all_that_is_below_it(store: Store) -> None:
    """
    Worked out by hand: for p 2 and 2 * -3, for q 2 * (-3 + 4); half of each with half the weight.
    """
    await put(store, *chain_of_three())
    before, store.reads = await stored(store), 0
    found = await differences(store, {"reweigh": {"link": AB, "weight": 1.0}}, groups=[P, Q])

    assert 1 == store.reads
    assert {
        ("kpi:b", P): (2.0, 1.0, -1.0),
        ("kpi:b", Q): (2.0, 1.0, -1.0),
        ("kpi:c", P): (-6.0, -3.0, 3.0),
        ("kpi:c", Q): (2.0, 1.0, -1.0),
    } == found
    assert [("kpi:b", P), ("kpi:b", Q), ("kpi:c", P), ("kpi:c", Q)] == list(found)
    assert before == await stored(store)


async def test_a_loop_that_is_added_feeds_back(store: Store) -> None:
    """
    A loop of gain 0.3 makes everything 1 / (1 - 0.3) times as large, month by month.
    """
    await put(store, *chain_of_three())
    add = {"add": {"from": "kpi:c", "to": "kpi:b", "weight": -0.1, "lag": 1}}
    told = await answer(store, WHAT_IF, of=RISE, edits=[add], groups=[P], horizon=2)
    after = {one["on"]["id"]: one for one in told["whatIf"]["after"]["effects"]}

    assert isclose(2 / 0.7, after["kpi:b"]["total"])
    assert isclose(-6 / 0.7, after["kpi:c"]["total"])
    assert [2.0, 2.6, 2.78] == pytest.approx(after["kpi:b"]["response"])


async def test_an_added_link_reaches_what_nothing_led_to(store: Store) -> None:
    """
    What lies beyond its end is fetched too: d moves by 2 and e by 5 times that, for one group.
    """
    await put(store, *chain_of_three())
    add = {"add": {"from": "kpi:b", "to": "kpi:d", "weight": 1.0, "group": P}}

    assert {
        ("kpi:d", P): (0.0, 2.0, 2.0),
        ("kpi:e", P): (0.0, 10.0, 10.0),
    } == await differences(store, add, groups=[P, Q])


async def test_what_is_removed_or_retired_moves_nothing_more(store: Store) -> None:
    """
    Without a link its end stays; without a thing all behind it stays. Nothing differs of no edits.
    """
    await put(store, *chain_of_three())

    assert {("kpi:c", P): (-6.0, 0.0, 6.0)} == await differences(store, {"remove": BC})
    assert {("kpi:b", P): (2.0, 0.0, -2.0), ("kpi:c", P): (-6.0, 0.0, 6.0)} == (
        await differences(store, {"retire": "kpi:b"})
    )
    assert {} == await differences(store)


async def test_an_added_link_known_by_its_sign_gives_no_number(store: Store) -> None:
    """
    Before nothing led there, which is 0; after it nobody knows how much.
    """
    await put(store, *chain_of_three())
    add = {"add": {"from": "kpi:c", "to": "kpi:d", "sign": -1}}
    found = await differences(store, add)

    assert {
        ("kpi:d", P): (0.0, None, None),
        ("kpi:e", P): (0.0, None, None),
    } == found


async def test_edits_that_make_a_loop_grow_leave_no_numbers_and_say_so(store: Store) -> None:
    """
    A gain of 3 never fades: totals after it are null, those before it stay.
    """
    await put(store, *chain_of_three())
    add = {"add": {"from": "kpi:c", "to": "kpi:b", "weight": -1.0, "lag": 1}}
    told = (await answer(store, WHAT_IF, of=RISE, edits=[add], groups=[P]))["whatIf"]

    assert [(2.0, None, None), (-6.0, None, None)] == [
        (one["before"], one["after"], one["change"]) for one in told["differences"]
    ]
    assert told["before"]["stability"]["converges"]
    assert not told["after"]["stability"]["converges"]
    assert "kpi:b" in told["after"]["stability"]["explanation"]


ADD = {"from": "kpi:a", "to": "kpi:c", "weight": 1.0}
REFUSED: dict[str, tuple[list[dict[str, Any]], str]] = {
    "unknown link": ([{"remove": BC}, {"remove": "affects:a/b/al/1"}], "`edits.1` is refused"),
    "a hint": ([{"remove": "affects:a/b/al/1"}], f"did you mean {AB}"),
    "contradiction": (
        [{"retire": "kpi:c"}, {"remove": AB}, {"reweigh": {"link": AB, "weight": 1.0}}],
        "`edits.2` is refused: affects:a/b/all/1 is changed or removed twice",
    ),
    "edited though retired": (
        [{"reweigh": {"link": AB, "weight": 1.0}}, {"retire": "kpi:b"}],
        "`edits.0` is refused: affects:a/b/all/1 is edited although kpi:b is retired",
    ),
    "there already": ([{"add": {**ADD, "to": "kpi:b"}}], f"is there already as {AB}"),
    "nothing to retire": ([{"retire": "kpi:e"}], "no causal link begins or ends at kpi:e"),
    "no edit": ([{}], "exactly one of reweigh, remove, add and retire"),
    "two edits in one": ([{"remove": AB, "retire": "kpi:c"}], "exactly one of"),
    "weight and sign": ([{"add": {**ADD, "sign": 1}}], "either a weight or"),
    "neither": ([{"add": {**ADD, "weight": None}}], "either a weight or"),
    "doubt of nothing": ([{"add": {**ADD, "weight": None, "sign": 1, "se": 1.0}}], "leave `se`"),
    "to itself": ([{"add": {**ADD, "to": "kpi:a"}}], "from one thing to another"),
    "from a persona": ([{"add": {**ADD, "from": P}}], "moves nothing; write one of initiative"),
    "to an initiative": ([{"add": {**ADD, "to": "initiative:i"}}], "is moved by nothing"),
    "for a KPI": ([{"add": {**ADD, "group": "kpi:b"}}], "is no group"),
    "before its cause": ([{"add": {**ADD, "lag": -1}}], "edits.0.add.lag"),
    "negative doubt": ([{"reweigh": {"link": AB, "weight": 1.0, "se": -1.0}}], "reweigh.se"),
    "beyond measure": ([{"reweigh": {"link": AB, "weight": 1e300}}], "reweigh.weight"),
}


async def test_an_edit_that_makes_no_sense_is_refused_by_its_place(store: Store) -> None:
    """
    The error says which edit, what is wrong with it and what to write.
    """
    await put(store, *chain_of_three())
    for edits, expected in REFUSED.values():
        said = await refusal(store, WHAT_IF, of=RISE, edits=edits, groups=[P])

        assert expected in said


async def test_a_horizon_is_from_1_to_120_months(store: Store) -> None:
    """
    Neither no month nor eight centuries.
    """
    for horizon in (0, 10_000):
        said = await refusal(store, WHAT_IF, of=RISE, edits=[], horizon=horizon)

        assert f"`horizon: {horizon}` is refused" in said


async def test_what_is_not_in_force_makes_no_what_if(store: Store) -> None:
    """
    A retired KPI, and a link from, to or for what does not exist: the error names which.
    """
    gone = datetime(2025, 1, 1, tzinfo=UTC)
    await put(store, *chain_of_three(), thing("kpi:old", until=gone, kpiKind="BASE"))
    old = [{"on": "kpi:old"}]
    asked: list[dict[str, Any]] = [
        {"of": old, "edits": []},
        *(
            {"of": RISE, "edits": [{"add": {**ADD, **wrong}}]}
            for wrong in ({"to": "kpi:nope"}, {"from": "kpi:old"}, {"group": "persona:nope"})
        ),
    ]

    lost = ["kpi:old", "kpi:nope", "kpi:old", "persona:nope"]
    assert lost == [await lacking(store, WHAT_IF, **one) for one in asked]
    then = await answer(store, WHAT_IF, of=old, edits=[], at="2024-06-01")
    assert [] == then["whatIf"]["differences"]


async def test_the_banks_traders_without_their_own_patience(bank: Store) -> None:
    """
    -0.6 for all and -0.5 for traders; with -0.2 in its place, and no loop through costs, -0.8.
    """
    edits = [
        {"reweigh": {"link": "affects:time_to_resolve/nps/small_trader/2", "weight": -0.2}},
        {"remove": "affects:time_to_resolve/cost_to_serve/all/1"},
    ]
    trader = "persona:small_trader"
    slower = [{"on": "kpi:time_to_resolve"}]
    found = await differences(bank, *edits, of=slower, groups=[trader])
    loop = 0.06 * -0.4 * (1.5 + 0.8 * 0.25) * -0.35

    assert [-1.1 / (1 - loop), -0.8] == pytest.approx(found["kpi:nps", trader][:2])
    assert [-1.1 / (1 - loop) * -0.012, -0.8 * -0.012] == (
        pytest.approx(found["kpi:churn", trader][:2])
    )
    assert isclose(0.06 / (1 - loop), found["kpi:cost_to_serve", trader][0] or 0.0)


async def test_an_edit_of_a_link_that_no_change_reaches_is_refused(store: Store) -> None:
    """
    The link exists, but from a nothing travels along it; the error says so.
    """
    await put(store, *chain_of_three(), affects("e", "a", weight=1.0))
    said = await refusal(store, WHAT_IF, of=RISE, edits=[{"remove": "affects:e/a/all/1"}])

    assert "only links along which the changes `of` can travel are known" in said
