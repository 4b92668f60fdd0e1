"""Traces to a perspective, and totals of chains: against brute force on the bank's own tables."""

from __future__ import annotations

from collections import defaultdict
from math import isclose, prod
from typing import Any
from xml.etree import ElementTree

import networkx as nx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graph.insight.causal import CauseEdge
from graph.insight.causes import Causes
from graph.insight.traces import Reach, trace
from graph.store import Store
from tests.asking import answer, codes
from tests.files import Row, causes, held
from tests.test_chains import (
    FIRST,
    GROUPS,
    NODES,
    Scopes,
    brute_force,
    edge,
    edges,
    exists,
    ids,
    scopes,
)

DAY = "2026-07-20"
TRACE = """
query ($from: ID!, $to: ID!, $group: ID, $first: Int! = 100) {
  trace(
    from: $from, toPerspective: $to, group: $group, first: $first, asOf: {validAt: "2026-07-20"}
  ) {
    chains { sign effect lag edges { id group { id } to { id } } }
    reached { id }
    completeness { complete explored }
  }
}
"""


@settings(max_examples=150, deadline=None)
@given(
    links=edges((None, *GROUPS)),
    known=scopes(),
    group=st.sampled_from([None, *GROUPS]),
    ends=st.sets(st.sampled_from(NODES)),
)
def test_a_trace_is_every_chain_to_each_of_the_ends(
    links: list[CauseEdge], known: Scopes, group: str | None, ends: set[str]
) -> None:
    """
    The chains to the ends one by one, by trying each group on each simple path of networkx.
    """
    found = trace(Causes.of(links, known), Reach(FIRST, group, 10_000), ends)
    expected = {end: brute_force(links, known, FIRST, end, group) for end in sorted(ends - {FIRST})}

    assert sorted(way for ways in expected.values() for way in ways) == sorted(
        map(ids, found.chains)
    )
    assert {end for end, ways in expected.items() if ways} == set(found.reached)
    sizes = [abs(one.effect or 0.0) for one in found.chains]
    assert sorted(sizes, reverse=True) == sizes


def test_a_trace_that_was_given_up_says_so() -> None:
    """
    With a budget of one step the second link is not looked at.
    """
    links = [edge("kpi:a", "kpi:b"), edge("kpi:b", "kpi:c")]
    found = trace(Causes.of(links, {}), Reach("kpi:a"), {"kpi:b", "kpi:c"}, budget=1)

    assert ("kpi:b",) == found.reached
    assert not found.completeness.complete


def in_perspective(name: str) -> set[str]:
    """KPIs and objectives of a perspective, by the tables."""
    return {
        f"{word}:{row['key']}"
        for table, word in (("kpis", "kpi"), ("objectives", "objective"))
        for row in held(table, DAY)
        if row["perspective"] == name
    }


def measured() -> Scopes:
    """What each KPI is measured for, by the tables."""
    found: defaultdict[str, set[str | None]] = defaultdict(set)
    for row in held("series", DAY):
        found[f"kpi:{row['kpi']}"].add(row["group"] or None)
    return {kpi: frozenset(groups) for kpi, groups in found.items()}


def by_hand(start: str, ends: set[str], group: str | None) -> list[tuple[list[Row], str]]:
    """Every chain of the tables from a start to some ends: its rows, and where it ends."""
    graph, known, found = causes(DAY, ("affects",)), measured(), []
    for path in nx.all_simple_edge_paths(graph, start, ends & set(graph) - {start}):
        rows = [graph.edges[step]["row"] for step in path]
        told = {row["group"] for row in rows} - {""}
        passed = group or next(iter(told), None)
        allowed = told <= {group} if group else len(told) <= 1
        nodes = [start, *(to for _, to, _ in path)]
        if allowed and all(exists(node, passed, known) for node in nodes):
            found.append((rows, nodes[-1]))
    return found


@pytest.mark.parametrize("group", [None, "persona:senior_saver", "persona:small_trader"])
@pytest.mark.parametrize("start", ["kpi:training_hours", "kpi:login_steps", "objective:easy_start"])
@pytest.mark.parametrize("place", ["financial", "customer"])
async def test_a_trace_of_the_bank_is_that_of_its_tables(
    start: str, place: str, group: str | None, bank: Store
) -> None:
    """
    Links, product, sign and lag of each chain, and what is reached; all in one statement.
    """
    asked = {"from": start, "to": f"perspective:{place}", "group": group}
    told = (await answer(bank, TRACE, **asked))["trace"]
    expected = by_hand(start, in_perspective(place), group)

    assert 1 == bank.reads
    assert {end for _, end in expected} == {one["id"] for one in told["reached"]}
    assert len(expected) == told["completeness"]["explored"] > 0
    assert sorted(of_rows(rows) for rows, _ in expected) == sorted(map(of_chain, told["chains"]))
    effects = [one["effect"] for one in told["chains"]]
    assert all(
        isclose(prod(float(row["weight"]) for row in rows), effect)
        for rows, effect in zip(
            sorted((rows for rows, _ in expected), key=of_rows),
            [one["effect"] for one in sorted(told["chains"], key=of_chain)],
            strict=True,
        )
        if effect is not None
    )
    sizes = [abs(effect) for effect in effects if effect is not None]
    assert sorted(sizes, reverse=True) == sizes


def of_rows(rows: list[Row]) -> tuple[tuple[str, ...], int, int]:
    """Keys of links, sign and lag of a chain, by the tables."""
    keys = tuple(f"affects:{row['key']}" for row in rows)
    return keys, prod(int(row["sign"]) for row in rows), sum(int(row["lag"] or 0) for row in rows)


def of_chain(chain: dict[str, Any]) -> tuple[tuple[str, ...], int, int]:
    """The same of a chain as it is told."""
    return tuple(one["id"] for one in chain["edges"]), chain["sign"], chain["lag"]


async def test_a_trace_needs_a_perspective_that_is_in_force(bank: Store) -> None:
    """
    What is no perspective is refused; an unknown one, or an unknown start, is null.
    """
    start = {"from": "kpi:training_hours"}

    assert ["BAD_REQUEST"] == await codes(bank, TRACE, **start, to="kpi:churn")
    assert ["BAD_REQUEST"] == await codes(bank, TRACE, **start, to="perspective:customer", first=0)
    assert None is (await answer(bank, TRACE, **start, to="perspective:nope"))["trace"]
    unknown = {"from": "kpi:nope", "to": "perspective:customer"}
    assert None is (await answer(bank, TRACE, **unknown))["trace"]


async def test_a_trace_draws_the_chains_that_it_tells(bank: Store) -> None:
    """
    Each link of a told chain is one arrow, and there is no other.
    """
    text = """{
      trace(from: "kpi:training_hours", toPerspective: "perspective:financial", first: 2) {
        chains { edges { id } }
        drawing(format: SVG)
      }
    }"""
    told = (await answer(bank, text))["trace"]
    tree = ElementTree.fromstring(told["drawing"])
    arrows = [g.get("data-id") for g in tree.iter("{http://www.w3.org/2000/svg}g")]
    links = {one["id"] for chain in told["chains"] for one in chain["edges"]}

    assert sorted(links) == sorted(id_ for id_ in arrows if id_ and id_.startswith("affects:"))


TOTAL = """
query ($from: ID!, $to: ID!, $group: ID) {
  chains(from: $from, to: $to, group: $group, asOf: {validAt: "2026-07-20"}) {
    totalEffect
    loopRemainder
    loops { gain }
  }
}
"""


async def test_the_total_of_chains_is_the_sum_of_a_geometric_series(bank: Store) -> None:
    """
    Eight chains share four links; both loops share one, so each round multiplies by their sum.
    """
    ends = {"from": "initiative:adviser_school", "to": "kpi:revenue_per_customer"}
    told = (await answer(bank, TOTAL, **ends, group="persona:small_trader"))["chains"]
    solved = 1.5 * 1.5 + 6.0 * 0.25 + 1.5 * 0.8 * 0.25 + -0.3 * -1.0
    simple = solved * -0.35 * (-0.6 - 0.5) * -0.012 * -0.9
    loops = [1.5 * -0.35 * 0.06 * -0.4, 0.8 * 0.25 * -0.35 * 0.06 * -0.4]

    assert isclose(simple / (1 - sum(loops)), told["totalEffect"])
    assert isclose(told["totalEffect"] - simple, told["loopRemainder"], rel_tol=1e-9)
    assert loops == pytest.approx([loop["gain"] for loop in told["loops"]])


async def test_what_is_reached_by_sign_only_has_no_total(bank: Store) -> None:
    """
    Nobody knows by how much advice moves a wait: a total of 0 would say that it does not.
    """
    ends = {"from": "process:give_advice", "to": "kpi:churn"}
    told = (await answer(bank, TOTAL, **ends, group="persona:senior_saver"))["chains"]

    assert (None, None) == (told["totalEffect"], told["loopRemainder"])


async def test_effects_are_drawn_with_their_totals(bank: Store) -> None:
    """
    Below each thing stands its total, and over groups the range.
    """
    text = """{
      effects(of: "kpi:login_steps", group: "persona:senior_saver") {
        effects { on { id } total unit chains(first: 3) { edges { id } } }
        drawing(format: GRAPHML)
      }
      bare: effects(of: "kpi:login_steps", group: "persona:senior_saver") {
        drawing(format: GRAPHML)
      }
      impact(of: [{ on: "kpi:login_steps" }]) {
        effects { on { id } total }
        drawing(format: GRAPHML)
      }
    }"""
    told = await answer(bank, text)
    found = nx.parse_graphml(told["effects"]["drawing"])
    several = nx.parse_graphml(told["impact"]["drawing"])
    effects = told["effects"]["effects"]
    on_nps = [one["total"] for one in told["impact"]["effects"] if one["on"]["id"] == "kpi:nps"]

    assert told["effects"]["drawing"] == told["bare"]["drawing"]
    assert {e["id"] for one in effects for way in one["chains"] for e in way["edges"]} == {
        data["id"] for *_, data in found.edges(data=True)
    }
    notes = {one["on"]["id"]: f"{one['total']:.4g} {one['unit']}" for one in effects}
    assert notes == {id_: data["note"] for id_, data in found.nodes(data=True) if data.get("note")}
    assert [-3.5, 1.2] == sorted(total for total in on_nps if total is not None)
    assert "-3.5 .. 1.2 points" == several.nodes["kpi:nps"]["note"]
