"""Shares, circles and rivals against a check day by day and against networkx."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import networkx as nx
from hypothesis import given
from hypothesis import strategies as st

from graph.insight.reach import closure
from graph.insight.rules import (
    Claim,
    Share,
    Step,
    circles,
    knots,
    overlaps,
    round_trip,
    stretch,
    unbalanced,
)

START = datetime(2024, 1, 1, tzinfo=UTC)
DAYS = 8


def day(number: int) -> datetime:
    """A day of the first week or so of 2024."""
    return START + timedelta(days=number)


spans = st.tuples(st.integers(0, DAYS - 1), st.integers(1, DAYS)).map(
    lambda pair: (day(pair[0]), day(min(pair[0] + pair[1], DAYS)))
)
tenths = st.integers(0, 10).map(lambda number: number / 10)
nodes = st.integers(0, 6).map(str)
edges = st.lists(st.tuples(nodes, nodes), max_size=16)


@given(st.lists(st.tuples(tenths, spans), max_size=5))
def test_shares_are_wrong_on_exactly_the_days_on_which_they_do_not_make_one(
    drawn: list[tuple[float, tuple[datetime, datetime]]],
) -> None:
    """
    Day by day, in tenths: the sum of those in force, and which they are.
    """
    shares = [Share(f"s{i}", share, *span) for i, (share, span) in enumerate(drawn)]
    told = list(unbalanced(shares))
    for when in map(day, range(DAYS)):
        held = [s for s in shares if s.since <= when < s.until]
        wrong = bool(held) and sum(round(s.share * 10) for s in held) != 10
        found = [one for one in told if one.since <= when < one.until]

        assert wrong == bool(found)
        if wrong:
            assert [tuple(s.id for s in held)] == [one.parts for one in found]
            assert abs(sum(s.share for s in held) - found[0].total) < 1e-12


def test_ten_tenths_make_one() -> None:
    """
    Ten times 0.1 is not 1 in floating point, and is meant to be.
    """
    tenth = [Share(f"s{i}", 0.1, day(0), day(1)) for i in range(10)]

    assert [] == list(unbalanced(tenth))
    assert [0.9999] == [one.total for one in unbalanced([Share("s", 0.9999, day(0), day(1))])]


@given(st.lists(spans, max_size=6))
def test_rivals_are_told_exactly_where_days_have_two(
    drawn: list[tuple[datetime, datetime]],
) -> None:
    """
    A day with two of them lies in a stretch that is told, and both of the pair hold throughout.
    """
    claims = [Claim(f"c{i}", *span) for i, span in enumerate(drawn)]
    by_id = {claim.id: claim for claim in claims}
    told = list(overlaps(claims))
    for pair in told:
        for one in (by_id[pair.first], by_id[pair.second]):
            assert one.since <= pair.since < pair.until <= one.until
    crowded = [w for w in map(day, range(DAYS)) if sum(c.since <= w < c.until for c in claims) > 1]

    assert crowded == [
        when for when in map(day, range(DAYS)) if any(p.since <= when < p.until for p in told)
    ]


def test_states_of_one_thing_are_no_rivals() -> None:
    """
    What follows on itself does not stand in its own way.
    """
    assert [] == list(overlaps([Claim("a", day(0), day(4)), Claim("a", day(2), day(5))]))


@given(edges)
def test_knots_are_what_networkx_calls_strongly_connected(drawn: list[tuple[str, str]]) -> None:
    """
    With a circle in them: more than one thing, or one that leads to itself.
    """
    graph = nx.DiGraph(drawn)
    expected = {
        frozenset(component)
        for component in nx.strongly_connected_components(graph)
        if len(component) > 1 or any(graph.has_edge(one, one) for one in component)
    }

    assert expected == set(knots(_beside(drawn)))


@given(edges)
def test_a_circle_is_the_shortest_through_the_first_of_its_knot(
    drawn: list[tuple[str, str]],
) -> None:
    """
    It uses steps that are there, visits nothing twice, and networkx knows no shorter way round.
    """
    graph = nx.DiGraph(drawn)
    beside = _beside(drawn)
    for knot in knots(beside):
        start = min(knot)
        members = round_trip(start, beside, knot)
        back = min(
            nx.shortest_path_length(graph, far, start)
            for far in beside[start]
            if nx.has_path(graph, far, start)
        )

        assert start == members[0]
        assert len(set(members)) == len(members) == back + 1
        assert all(graph.has_edge(a, b) for a, b in pairwise((*members, start)))


@given(st.lists(st.tuples(nodes, nodes, spans), max_size=12))
def test_circles_are_there_exactly_if_some_day_has_one(
    drawn: list[tuple[str, str, tuple[datetime, datetime]]],
) -> None:
    """
    Day by day with networkx; each that is told holds on the day from which it is told.
    """
    steps = [Step(source, target, *span) for source, target, span in drawn]
    told = circles(steps)
    days = {
        when: nx.DiGraph((s.source, s.target) for s in steps if s.since <= when < s.until)
        for when in map(day, range(DAYS))
    }

    assert any(not nx.is_directed_acyclic_graph(graph) for graph in days.values()) == bool(told)
    for circle in told:
        around = pairwise((*circle.members, circle.members[0]))
        assert all(days[circle.since].has_edge(a, b) for a, b in around)
    assert len({circle.members for circle in told}) == len(told)


def test_a_long_chain_needs_no_deep_stack() -> None:
    """
    A circle of 5,000 steps, one through all.
    """
    steps = [Step(f"{i:04}", f"{(i + 1) % 5000:04}", day(0), day(1)) for i in range(5000)]
    (circle,) = circles(steps)

    assert 5000 == len(circle.members)


@given(edges, nodes)
def test_what_is_reached_is_what_networkx_reaches(drawn: list[tuple[str, str]], start: str) -> None:
    """
    All descendants, and the start itself.
    """
    graph = nx.DiGraph(drawn)
    graph.add_node(start)

    assert nx.descendants(graph, start) | {start} == closure([start], _beside(drawn))


def test_a_stretch_leaves_out_what_nobody_wrote_down() -> None:
    """
    Days where there is no time of day, `on` where there is no end.
    """
    always = datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, tzinfo=UTC)

    assert "from the beginning on" == stretch(*always)
    assert "from 2024-01-01 to 2024-01-02" == stretch(day(0), day(1))
    assert "from 2024-01-01T12:00:00 on" == stretch(day(0) + timedelta(hours=12), always[1])


def _beside(drawn: list[tuple[str, str]]) -> dict[str, list[str]]:
    beside: defaultdict[str, list[str]] = defaultdict(list)
    for source, target in drawn:
        beside[source].append(target)
    return dict(beside)
