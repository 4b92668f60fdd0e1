"""Chains of cause and effect: pure arithmetic against networkx and brute force."""

from __future__ import annotations

from itertools import pairwise
from math import isclose, prod
from typing import Any

import networkx as nx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graph.insight.answers import ClipReason
from graph.insight.causal import CauseEdge, Chain
from graph.insight.causes import Causes, chains, impact
from graph.insight.influences import Pushed, Shock

Scopes = dict[str, frozenset[str | None]]


GROUPS = ("persona:p", "persona:q")


NODES = [f"kpi:{letter}" for letter in "abcd"]
FIRST, LAST = NODES[0], NODES[-1]


def edge(
    source: str, target: str, group: str | None = None, weight: float | None = 1.0, **said: Any
) -> CauseEdge:
    """A causal link; its sign is that of its weight."""
    sign = said.pop("sign", 0 if weight is None else (weight > 0) - (weight < 0))
    return CauseEdge(
        id=f"affects:{source}/{target}/{group}/{said.pop('version', 1)}",
        from_=source,
        to=target,
        group=group,
        sign=sign,
        weight=weight,
        lag=said.pop("lag", 0),
        **said,
    )


@st.composite
def edges(draw: st.DrawFn, groups: tuple[str | None, ...] = (None,)) -> list[CauseEdge]:
    """Up to 14 links among four KPIs, circles and parallel links for several groups included."""
    ends = st.tuples(st.sampled_from(NODES), st.sampled_from(NODES), st.sampled_from(groups))
    weights = st.sampled_from([-3.0, -1.5, -0.5, 0.25, 0.5, 2.0, 4.0])
    drawn = draw(st.lists(ends, min_size=3, max_size=14, unique=True))
    return [edge(a, b, group, draw(weights)) for a, b, group in drawn if a != b]


@st.composite
def scopes(draw: st.DrawFn) -> Scopes:
    """What each KPI is measured for: some groups, all alone, both, or nothing."""
    told = st.sets(st.sampled_from([None, *GROUPS]))
    return {node: frozenset(draw(told)) for node in NODES}


def brute_force(
    links: list[CauseEdge], known: Scopes, start: str, end: str, group: str | None
) -> set[tuple[str, ...]]:
    """Every simple path of links that keeps to one group, by trying each group on each path."""
    graph: nx.MultiDiGraph[str] = nx.MultiDiGraph()
    graph.add_nodes_from(NODES)
    for one in links:
        graph.add_edge(one.from_, one.to, key=one.id)
    by_id = {one.id: one for one in links}
    found = set()
    for path in nx.all_simple_edge_paths(graph, start, end):
        steps = [by_id[id_] for *_, id_ in path]
        told = {one.group for one in steps} - {None}
        allowed = told <= {group} if group else len(told) <= 1
        passed = group or next(iter(told), None)
        nodes = [start, *(one.to for one in steps)]
        if allowed and all(exists(node, passed, known) for node in nodes):
            found.add(tuple(one.id for one in steps))
    return found


def exists(node: str, group: str | None, known: Scopes) -> bool:
    """A thing exists for a group if measured for it, for all alone, or not at all."""
    measured = known.get(node, frozenset())
    return group is None or not measured or group in measured or measured == {None}


def ids(chain: Chain) -> tuple[str, ...]:
    """The links of a chain."""
    return tuple(one.id for one in chain.edges)


@settings(max_examples=150, deadline=None)
@given(links=edges())
def test_the_chains_are_all_the_simple_paths(links: list[CauseEdge]) -> None:
    """
    Without groups, the chains from one KPI to another are networkx's simple paths.
    """
    graph = nx.DiGraph((one.from_, one.to) for one in links)
    graph.add_nodes_from(NODES)
    found = chains(Causes.of(links, {}), FIRST, LAST, None, first=10_000)

    expected = {tuple(path) for path in nx.all_simple_paths(graph, FIRST, LAST)}
    assert expected == {(FIRST, *(one.to for one in chain.edges)) for chain in found.chains}
    assert len(expected) == len(found.chains) == found.completeness.explored
    assert found.completeness.complete


@settings(max_examples=200, deadline=None)
@given(links=edges((None, *GROUPS)), known=scopes(), group=st.sampled_from([None, *GROUPS]))
def test_a_chain_keeps_to_one_group_and_passes_only_where_it_is_measured(
    links: list[CauseEdge], known: Scopes, group: str | None
) -> None:
    """
    Of every simple path over parallel links, exactly those are chains that one group can travel.
    """
    found = chains(Causes.of(links, known), FIRST, LAST, group, first=10_000)

    assert brute_force(links, known, FIRST, LAST, group) == set(map(ids, found.chains))


@settings(max_examples=100, deadline=None)
@given(links=edges(), first=st.integers(1, 4))
def test_the_largest_effects_come_first_however_long_the_chain(
    links: list[CauseEdge], first: int
) -> None:
    """
    With weights above 1 a longer chain can beat a shorter one: the rank is that of brute force.
    """
    graph = nx.DiGraph()
    graph.add_nodes_from(NODES)
    graph.add_weighted_edges_from((one.from_, one.to, one.weight) for one in links)
    found = chains(Causes.of(links, {}), FIRST, LAST, None, first)

    sizes = sorted(
        (
            abs(prod(graph[a][b]["weight"] for a, b in path))
            for path in nx.all_simple_edge_paths(graph, FIRST, LAST)
        ),
        reverse=True,
    )
    told = [abs(chain.effect or 0) for chain in found.chains]
    assert len(sizes[:first]) == len(told)
    assert all(isclose(a, b) for a, b in zip(sizes, told, strict=False))


@settings(max_examples=100, deadline=None)
@given(links=edges((None, *GROUPS)), known=scopes())
def test_an_impact_reaches_what_brute_force_reaches(links: list[CauseEdge], known: Scopes) -> None:
    """
    For each group: every thing with a chain to it, first arrival, and no sign where chains differ.
    """
    found = impact(Causes.of(links, known), [Pushed(Shock(FIRST, 1.0))], GROUPS)
    by_id = {one.id: one for one in links}
    expected = {}
    for group in GROUPS:
        for node in NODES[1:]:
            ways = brute_force(links, known, FIRST, node, group)
            if ways:
                signs = {prod(by_id[id_].sign for id_ in way) for way in ways}
                expected[group, node] = (signs.pop() if len(signs) == 1 else 0, len(ways))

    told = {(e.group, e.on): (e.sign, len(e.chains)) for e in found.effects}
    assert expected == told


def test_a_chain_has_the_product_of_signs_and_weights_the_sum_of_lags_and_its_weakest_link() -> (
    None
):
    """
    -2 then 0.5 then -3 is 3, up; 1 + 0 + 4 months; the least sure of those that say how sure.
    """
    links = [
        edge("kpi:a", "kpi:b", weight=-2.0, lag=1, confidence=0.9),
        edge("kpi:b", "kpi:c", weight=0.5, lag=0, confidence=None),
        edge("kpi:c", "kpi:d", weight=-3.0, lag=4, confidence=0.4),
    ]
    (chain,) = chains(Causes.of(links, {}), "kpi:a", "kpi:d", None, 5).chains

    assert (1, 3.0, 5, 0.4) == (chain.sign, chain.effect, chain.lag, chain.weakest_confidence)


def test_a_link_known_by_its_sign_only_makes_the_effect_unknown_not_the_sign() -> None:
    """
    A chain without all its weights has no effect and comes after those that have one.
    """
    links = [
        edge("kpi:a", "kpi:b", weight=None, sign=-1),
        edge("kpi:b", "kpi:d", weight=5.0),
        edge("kpi:a", "kpi:c", weight=0.01),
        edge("kpi:c", "kpi:d", weight=0.01),
    ]
    first, second = chains(Causes.of(links, {}), "kpi:a", "kpi:d", None, 5).chains

    assert ("kpi:c", None) == (first.edges[0].to, second.effect)
    assert -1 == second.sign
    assert second.weakest_confidence is None


def test_a_group_decided_late_must_have_been_measured_from_the_start() -> None:
    """
    The wait for advice is not measured for q, so q's link further on does not go back through it.
    """
    links = [edge("kpi:a", "kpi:b"), edge("kpi:b", "kpi:c", "persona:q")]
    known: Scopes = {"kpi:b": frozenset({"persona:p"}), "kpi:c": frozenset(GROUPS)}

    assert () == chains(Causes.of(links, known), "kpi:a", "kpi:c", None, 5).chains


def test_what_is_measured_for_all_alone_passes_for_every_group() -> None:
    """
    Staff turnover has one series over all; a chain of a persona passes through it.
    """
    links = [edge("kpi:a", "kpi:b"), edge("kpi:b", "kpi:c", "persona:q")]
    known: Scopes = {"kpi:b": frozenset({None}), "kpi:c": frozenset(GROUPS)}

    assert 1 == len(chains(Causes.of(links, known), "kpi:a", "kpi:c", "persona:q", 5).chains)


def test_parallel_links_make_two_chains_one_for_all_and_one_for_the_group() -> None:
    """
    A link for all and a link for p both act: asked for p there are two chains, for q one.
    """
    links = [edge("kpi:a", "kpi:b"), edge("kpi:a", "kpi:b", "persona:p")]
    causes = Causes.of(links, {})

    assert 2 == len(chains(causes, "kpi:a", "kpi:b", "persona:p", 5).chains)
    assert 1 == len(chains(causes, "kpi:a", "kpi:b", "persona:q", 5).chains)
    assert 2 == len(chains(causes, "kpi:a", "kpi:b", None, 5).chains)


def test_a_spent_budget_says_that_paths_are_missing() -> None:
    """
    A complete graph of twelve has ten million chains; the search stops in time and says PATHS.
    """
    nodes = [f"kpi:{i}" for i in range(12)]
    links = [edge(a, b) for a in nodes for b in nodes if a != b]
    found = chains(Causes.of(links, {}), "kpi:0", "kpi:11", None, 5, budget=500)
    reached = impact(Causes.of(links, {}), [Pushed(Shock("kpi:0", 1.0))], ["persona:p"], budget=500)

    for completeness in (found.completeness, reached.completeness):
        assert (False, ClipReason.PATHS) == (completeness.complete, completeness.reason)


@pytest.mark.parametrize("budget", range(1, 8))
def test_a_budget_that_just_suffices_is_complete(budget: int) -> None:
    """
    Three links in a row cost three steps: with three or more the answer is whole, with fewer not.
    """
    links = [edge(a, b) for a, b in pairwise(NODES)]
    found = chains(Causes.of(links, {}), "kpi:a", "kpi:d", None, 5, budget=budget)

    assert (budget >= 3) == found.completeness.complete
    assert (budget >= 3) == bool(found.chains)
