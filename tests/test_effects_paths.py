"""Best paths and loops against networkx and brute force, with weights above 1."""

from __future__ import annotations

from math import isclose, prod

import networkx as nx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graph.insight.answers import ClipReason
from graph.insight.causal import CauseEdge
from graph.insight.effects import effects_of
from graph.insight.influences import Influence
from graph.insight.loops import Loop, LoopKind, kind, loops, loops_through
from graph.insight.paths import loop_remainder, shortest, strongest
from tests.influences import NODES, link, links, systems

WEIGHTS = st.sampled_from([-3.0, -1.5, -0.5, 0.25, 0.6, 1.0, 2.0, 4.0])
UNBOUNDED = 10_000


def graph(model: list[Influence]) -> nx.MultiDiGraph[str]:
    """The same links in networkx, parallel ones apart."""
    made: nx.MultiDiGraph[str] = nx.MultiDiGraph()
    made.add_nodes_from(NODES)
    for one in model:
        made.add_edge(str(one.source), str(one.target), key=one.id, weight=one.weight)
    return made


def simple_paths(model: list[Influence], start: str, end: str) -> dict[tuple[str, ...], float]:
    """Every simple path as the ids of its links, with its product."""
    weights = {one.id: one.weight or 0.0 for one in model}
    found = nx.all_simple_edge_paths(graph(model), start, end)
    ways = [tuple(str(id_) for *_, id_ in path) for path in found]
    return {way: prod(weights[id_] for id_ in way) for way in ways}


def circles(model: list[Influence]) -> dict[frozenset[str], float]:
    """Every elementary circle as the set of its links: networkx's circles, each parallel link."""
    found: dict[frozenset[str], float] = {}
    for nodes in nx.simple_cycles(nx.DiGraph(graph(model))):
        ways: list[tuple[list[str], float]] = [([], 1.0)]
        for a, b in zip(nodes, nodes[1:] + nodes[:1], strict=True):
            here = [one for one in model if (one.source, one.target) == (a, b)]
            ways = [([*ids, o.id], gain * (o.weight or 0)) for ids, gain in ways for o in here]
        found |= {frozenset(ids): gain for ids, gain in ways}
    return found


@settings(max_examples=150, deadline=None)
@given(model=systems(WEIGHTS), first=st.integers(1, 4))
def test_the_strongest_paths_are_those_of_brute_force(model: list[Influence], first: int) -> None:
    """
    By |product|, also where a longer path beats a shorter one; parallel links are paths apart.
    """
    every = simple_paths(model, "a", "b")
    sizes = sorted((abs(size) for size in every.values()), reverse=True)[:first]
    found = strongest(model, "a", "b", first)

    told = [path.product or 0.0 for path in found.paths]
    assert len(sizes) == len(told)
    assert all(isclose(one, abs(other)) for one, other in zip(sizes, told, strict=True))
    for path in found.paths:
        ids = tuple(one.id for one in path.links)
        assert isclose(every[ids], path.product or 0.0)
    assert None is found.reason


@settings(max_examples=80, deadline=None)
@given(model=systems(WEIGHTS))
def test_all_simple_paths_are_found_and_their_sum_leaves_the_loops(
    model: list[Influence],
) -> None:
    """
    Asked for more than there are, the search gives every path; what is left of any total is loops.
    """
    every = simple_paths(model, "a", "b")
    found = strongest(model, "a", "b", UNBOUNDED)
    by_direction = shortest(model, "a", "b", UNBOUNDED)

    assert every.keys() == {tuple(one.id for one in path.links) for path in found.paths}
    assert every.keys() == {tuple(one.id for one in path.links) for path in by_direction.paths}
    told = loop_remainder(model, "a", "b", 10.0 + sum(every.values()))
    ahead = {"a"} | nx.descendants(graph(model), "a")
    on_the_way = graph(model).subgraph(ahead & ({"b"} | nx.ancestors(graph(model), "b")))
    loops_there = "a" in on_the_way and not nx.is_directed_acyclic_graph(on_the_way)
    assert pytest.approx(10.0 if loops_there else 0.0) == told


def test_the_loop_remainder_is_what_rounds_add() -> None:
    """
    The warm-up of the loop: 0.6 / 0.7 in all, 0.6 by the only path, the rest by going round.
    """
    model = links(("a", "b", 0.6), ("b", "a", 0.5), ("b", "c", 1.0))
    total = effects_of(model, {"a": 1.0}).estimates["c"].total

    assert pytest.approx(0.6 / 0.7 - 0.6) == loop_remainder(model, "a", "c", total)
    assert pytest.approx(0.3 / 0.7) == loop_remainder(
        model, "a", "a", effects_of(model, {"a": 1.0}).estimates["a"].total
    )
    assert None is loop_remainder(model, "a", "c", total, budget=2)


def test_a_search_on_logarithms_would_take_the_wrong_path() -> None:
    """
    Two weights of 3 after a small one beat a single link of 0.8; 1.2 in a circle misleads nobody.
    """
    model = links(
        ("a", "d", 0.8), ("a", "b", 0.1), ("b", "c", 3.0), ("c", "d", 3.0), ("c", "b", 1.2)
    )
    found = strongest(model, "a", "d", first=2)

    assert [pytest.approx(0.9), 0.8] == [path.product for path in found.paths]


def test_a_spent_budget_is_told_with_what_was_found() -> None:
    """
    A full graph of 12 nodes has 10 million paths: the search stops at its budget and says so.
    """
    nodes = [f"n{i}" for i in range(12)]
    model = [link(a, b, 1.1) for a in nodes for b in nodes if a != b]
    found = strongest(model, "n0", "n1", UNBOUNDED, budget=2_000)

    assert ClipReason.PATHS is found.reason
    assert 2_000 <= found.steps < 2_100
    assert found.paths


def test_paths_beyond_the_longest_are_told_of() -> None:
    """
    Only the direct link is within one step; that there is a longer way is said.
    """
    model = links(("a", "c", 0.1), ("a", "b", 1.0), ("b", "c", 1.0))
    found = strongest(model, "a", "c", longest=1)

    assert [0.1] == [path.product for path in found.paths]
    assert ClipReason.DEPTH is found.reason
    assert None is strongest(model, "a", "c", longest=2).reason


def test_a_way_by_direction_takes_fewest_links_first_and_has_a_sign() -> None:
    """
    A link known by its sign has no place in numbers, but has one here.
    """
    model = [
        *links(("a", "b", 0.5, 2), ("b", "d", -0.5, 1), ("d", "c", 2.0)),
        Influence("s", "b", "c", None, lag=3, sign=-1),
        Influence("?", "a", "c", None),
    ]
    found = shortest(model, "a", "c")

    expected = [(1, 0, None, 0), (2, -1, None, 5), (3, -1, -0.5, 3)]
    told = [(len(p.links), p.sign, p.product, p.lag) for p in found.paths]
    assert sorted(expected, key=str) == sorted(told, key=str)
    assert [1, 2] == [len(p.links) for p in shortest(model, "a", "c", 2).paths]
    assert [-0.5] == [path.product for path in strongest(model, "a", "c").paths]


@settings(max_examples=120, deadline=None)
@given(model=systems(WEIGHTS))
def test_loops_are_the_elementary_circles_each_once(model: list[Influence]) -> None:
    """
    Against networkx (Johnson 1975), with gain, kind and lag; self-links and parallel links too.
    """
    every = circles(model)
    found = loops(model, UNBOUNDED)

    assert every.keys() == {frozenset(one.id for one in path.links) for path in found.paths}
    assert len(every) == len(found.paths)
    for path in found.paths:
        gain = every[frozenset(one.id for one in path.links)]
        assert isclose(gain, path.product or 0.0)
        expected = LoopKind.REINFORCING if gain > 0 else LoopKind.BALANCING
        assert expected is kind(path.sign)
        assert sum(one.lag for one in path.links) == path.lag
    sizes = [abs(path.product or 0.0) for path in found.paths]
    assert sorted(sizes, reverse=True) == sizes


@settings(max_examples=80, deadline=None)
@given(model=systems(WEIGHTS), first=st.integers(1, 3))
def test_loops_through_a_thing_are_the_circles_that_hold_it(
    model: list[Influence], first: int
) -> None:
    """
    The strongest of them first.
    """
    at_a = {one.id for one in model if one.source == "a"}
    every = {ids: gain for ids, gain in circles(model).items() if ids & at_a}
    found = loops_through(model, "a", UNBOUNDED)
    few = loops_through(model, "a", first)

    assert every.keys() == {frozenset(one.id for one in path.links) for path in found.paths}
    sizes = sorted((abs(gain) for gain in every.values()), reverse=True)[:first]
    told = [abs(path.product or 0.0) for path in few.paths]
    assert all(isclose(one, other) for one, other in zip(sizes, told, strict=True))


def test_a_loop_known_by_its_signs_has_a_kind_and_no_gain() -> None:
    """
    It comes after the loops with numbers; an unknown sign leaves the kind open.
    """
    model = [
        *links(("a", "b", 0.5), ("b", "a", 0.1)),
        Influence("s", "b", "a", None, sign=-1),
        Influence("?", "b", "a", None),
    ]
    found = loops(model)

    expected = [(0.05, LoopKind.REINFORCING), (None, None), (None, LoopKind.BALANCING)]
    assert expected == [(path.product, kind(path.sign)) for path in found.paths]


def test_loops_that_are_too_many_are_told_of() -> None:
    """
    A full graph of nine nodes has over 100,000 circles.
    """
    nodes = [f"n{i}" for i in range(9)]
    model = [link(a, b, 0.9) for a in nodes for b in nodes if a != b]
    found = loops(model, UNBOUNDED, budget=3_000)

    assert ClipReason.PATHS is found.reason
    assert ClipReason.DEPTH is loops(model, first=5, longest=2).reason
    assert [pytest.approx(0.81)] * 5 == [p.product for p in loops(model, first=5, longest=2).paths]


def test_a_loop_is_shown_with_its_links() -> None:
    """
    From causal links in order: gain -0.3, balancing, three months a round.
    """
    edges = [
        CauseEdge(id="affects:1", from_="kpi:a", to="kpi:b", sign=1, weight=0.6, lag=1),
        CauseEdge(id="affects:2", from_="kpi:b", to="kpi:a", sign=-1, weight=-0.5, lag=2),
    ]
    found = Loop.of(edges)

    assert LoopKind.BALANCING is found.kind
    assert pytest.approx(-0.3) == found.gain
    assert 3 == found.lag
    unknown = [edges[0], edges[1].model_copy(update={"weight": None, "sign": 0})]
    assert (None, None) == (Loop.of(unknown).gain, Loop.of(unknown).kind)
