"""Lineage against networkx: random graphs of fields, parts of which are not in force."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count, pairwise
from time import monotonic
from typing import Any

import networkx as nx
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from graph.changes import Change
from graph.store import Store
from graph.times import DAWN, FAR
from tests.asking import answer, link, put, thing

ASKED = datetime(2025, 6, 1, tzinfo=UTC)
LIVES = {
    "always": (DAWN, FAR),
    "over": (DAWN, datetime(2025, 1, 1, tzinfo=UTC)),
    "to come": (datetime(2026, 1, 1, tzinfo=UTC), FAR),
    "just begun": (ASKED, FAR),
    "just over": (DAWN, ASKED),
}
LIVING = ("always", "just begun")

LINEAGE = """
query ($of: ID!, $direction: Direction!, $depth: Int!, $at: DateTime!) {
  lineage(of: $of, direction: $direction, maxDepth: $depth, asOf: {validAt: $at}) {
    root { id }
    nodes { depth node { id } }
    edges { from to }
    sources { id }
    completeness { complete reason explored frontier }
  }
}
"""

serial = count()


@dataclass(frozen=True)
class Drawn:
    """A random graph: the lives of its fields, and of the steps from one to a later one."""

    name: str
    fields: list[str]
    steps: dict[tuple[int, int], str]

    def id(self, i: int) -> str:
        return f"field:{self.name}/{i}"

    def changes(self) -> Iterator[Change]:
        for i, life in enumerate(self.fields):
            yield thing(self.id(i), *LIVES[life])
        for (origin, made), life in self.steps.items():
            yield link("derived_from", self.id(made), self.id(origin), *LIVES[life])

    def living(self) -> nx.DiGraph[str]:
        """What is in force at the asked time, edges pointing with the data."""
        graph: nx.DiGraph[str] = nx.DiGraph()
        graph.add_nodes_from(self.id(i) for i, life in enumerate(self.fields) if life in LIVING)
        graph.add_edges_from(
            (self.id(a), self.id(b))
            for (a, b), life in self.steps.items()
            if life in LIVING and self.id(a) in graph and self.id(b) in graph
        )
        return graph


@st.composite
def graphs(draw: st.DrawFn) -> Drawn:
    """Up to 7 fields; steps lead from lower to higher numbers, so there is no circle."""
    lives = st.sampled_from(["always"] * 6 + list(LIVES))
    fields = draw(st.lists(lives, min_size=3, max_size=7))
    pairs = [(a, b) for b in range(len(fields)) for a in range(b)]
    chosen = draw(st.lists(st.sampled_from(pairs), min_size=2, max_size=12, unique=True))
    return Drawn(f"g{next(serial)}", fields, {pair: draw(lives) for pair in chosen})


async def asked(store: Store, of: str, direction: str, depth: int = 20) -> Any:
    """The lineage of something at the asked time."""
    told = await answer(
        store, LINEAGE, of=of, direction=direction, depth=depth, at=ASKED.isoformat()
    )
    return told["lineage"]


@settings(
    max_examples=12,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(drawn=graphs())
async def test_what_feeds_something_is_what_it_feeds_seen_from_the_other_end(
    store: Store, drawn: Drawn
) -> None:
    """
    On random graphs b is upstream of a exactly if a is downstream of b, at the same depth.
    """
    await put(store, *drawn.changes())
    up, down = {}, {}
    for i in range(len(drawn.fields)):
        of = drawn.id(i)
        for direction, found in (("UPSTREAM", up), ("DOWNSTREAM", down)):
            lineage = await asked(store, of, direction)
            for node in lineage["nodes"] if lineage else ():
                found[of, node["node"]["id"]] = node["depth"]

    paths = dict(nx.all_pairs_shortest_path_length(drawn.living()))
    assert {(a, b): d for a, far in paths.items() for b, d in far.items()} == down
    assert {(b, a): depth for (a, b), depth in down.items()} == up


@settings(
    max_examples=20,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(drawn=graphs(), depth=st.integers(1, 4), data=st.data())
async def test_a_depth_clips_exactly_and_says_where(
    store: Store, drawn: Drawn, depth: int, data: st.DataObject
) -> None:
    """
    Within n hops is what breadth-first search finds within n, and the frontier is what has more.
    """
    await put(store, *drawn.changes())
    direction = data.draw(st.sampled_from(["UPSTREAM", "DOWNSTREAM"]))
    with_data = drawn.living()
    walked = with_data.reverse() if direction == "UPSTREAM" else with_data
    for i in range(len(drawn.fields)):
        root = drawn.id(i)
        lineage = await asked(store, root, direction, depth)
        if root not in walked:
            assert lineage is None
            continue
        near = nx.single_source_shortest_path_length(walked, root, cutoff=depth)
        inside = with_data.subgraph(near)
        more = sorted(n for n in near if set(walked[n]) - near.keys())

        assert dict(near) == {n["node"]["id"]: n["depth"] for n in lineage["nodes"]}
        assert set(inside.edges) == {(e["from"], e["to"]) for e in lineage["edges"]}
        assert sorted(n for n in inside if not inside.in_degree(n)) == [
            n["id"] for n in lineage["sources"]
        ]
        assert {
            "complete": not more,
            "reason": "DEPTH" if more else None,
            "explored": len(near),
            "frontier": more,
        } == lineage["completeness"]


async def test_a_way_cut_short_by_something_over_is_not_a_shorter_way(store: Store) -> None:
    """
    A short cut through a field that is over brings nothing nearer, nor inside the asked depth.
    """
    over = LIVES["over"]
    await put(
        store,
        *(thing(f"field:{name}") for name in ("root", "a", "b", "far", "farther")),
        thing("field:short", *over),
        link("derived_from", "field:root", "field:short"),
        link("derived_from", "field:short", "field:far"),
        link("derived_from", "field:root", "field:a"),
        link("derived_from", "field:a", "field:b"),
        link("derived_from", "field:b", "field:far"),
        link("derived_from", "field:far", "field:farther"),
    )
    two = await asked(store, "field:root", "UPSTREAM", 2)
    three = await asked(store, "field:root", "UPSTREAM", 3)

    assert {"field:root": 0, "field:a": 1, "field:b": 2} == depths(two)
    assert ["field:b"] == two["completeness"]["frontier"]
    assert "DEPTH" == two["completeness"]["reason"]
    assert {"field:root": 0, "field:a": 1, "field:b": 2, "field:far": 3} == depths(three)
    assert ["field:far"] == three["completeness"]["frontier"]


async def test_nothing_is_walked_through_what_is_not_in_force(store: Store) -> None:
    """
    Neither a field that is over nor a step that has not begun leads any further.
    """
    await put(
        store,
        *(thing(f"field:{name}") for name in ("root", "near", "behind over", "behind later")),
        thing("field:over", *LIVES["over"]),
        link("derived_from", "field:root", "field:near"),
        link("derived_from", "field:root", "field:over"),
        link("derived_from", "field:over", "field:behind over"),
        link("derived_from", "field:near", "field:behind later", *LIVES["to come"]),
    )

    assert {"field:root": 0, "field:near": 1} == depths(
        await asked(store, "field:root", "UPSTREAM")
    )


async def test_layers_are_left_out_of_the_telling_but_walked_through(store: Store) -> None:
    """
    Asked for source systems alone, the datasets and fields between are passed all the same.
    """
    await put(
        store,
        thing("source_system:crm"),
        thing("dataset:raw", namespace="crm"),
        thing("field:raw/a"),
        thing("field:mart/a"),
        link("holds", "source_system:crm", "dataset:raw"),
        link("has_field", "dataset:raw", "field:raw/a"),
        link("derived_from", "field:mart/a", "field:raw/a"),
    )
    told = await answer(
        store,
        '{ lineage(of: "field:mart/a", layers: [SOURCE]) {'
        " nodes { depth layer node { id } } edges { from } completeness { explored } } }",
    )

    assert {
        "nodes": [
            {"depth": 0, "layer": "FIELD", "node": {"id": "field:mart/a"}},
            {"depth": 3, "layer": "SOURCE", "node": {"id": "source_system:crm"}},
        ],
        "edges": [],
        "completeness": {"explored": 4},
    } == told["lineage"]


async def test_a_dense_graph_is_walked_thing_by_thing_not_path_by_path(store: Store) -> None:
    """
    Six layers of ten, each fed by all of the layer before: 100,000 paths, 51 things, well in time.
    """
    ids = [[f"field:dense/{layer}/{i}" for i in range(10)] for layer in range(6)]
    steps = [
        link("derived_from", made, origin)
        for before, after in pairwise(ids)
        for made in after
        for origin in before
    ]
    await put(store, *(thing(id_) for layer in ids for id_ in layer), *steps)
    began = monotonic()
    lineage = await asked(store, ids[5][0], "UPSTREAM")

    assert monotonic() - began < 5
    assert {ids[5][0]: 0} | {id_: 5 - i for i in range(5) for id_ in ids[i]} == depths(lineage)
    assert 4 * 100 + 10 == len(lineage["edges"])
    assert lineage["completeness"]["complete"]


async def test_more_things_than_one_walk_may_find_are_said_to_be_missing(
    store: Store, monkeypatch: Any
) -> None:
    """
    A walk that stops at its number of things says ROWS; one that ends exactly there is complete.
    """
    await put(
        store,
        *(thing(f"field:star/{i}") for i in range(5)),
        *(link("derived_from", "field:star/0", f"field:star/{i}") for i in range(1, 5)),
    )
    monkeypatch.setattr("graph.questions.lineage.ROWS", 3)
    clipped = await asked(store, "field:star/0", "UPSTREAM")
    monkeypatch.setattr("graph.questions.lineage.ROWS", 5)
    exact = await asked(store, "field:star/0", "UPSTREAM")

    assert 3 == len(clipped["nodes"])
    assert {"complete": False, "reason": "ROWS", "explored": 3, "frontier": ["field:star/0"]} == (
        clipped["completeness"]
    )
    assert 5 == len(exact["nodes"])
    assert exact["completeness"]["complete"]


def depths(lineage: Any) -> dict[str, int]:
    """Depths by id."""
    return {node["node"]["id"]: node["depth"] for node in lineage["nodes"]}
