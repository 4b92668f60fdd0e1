"""Shapes of a lineage: pure functions on edges that point the way data flows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from graph.insight.answers import ClipReason, Completeness, NodeId
from graph.insight.picture import Arrow, Drawable, Lane, Node, Picture, title
from graph.insight.ranks import ranks
from graph.ontology.terms import Layer, Term
from graph.ontology.vocabulary import GlobalId, Refers, Unit, Value


class Direction(Term):
    """Which way to follow data."""

    UPSTREAM = "Against the flow, to the origins."
    DOWNSTREAM = "With the flow, to those who use it."


COLUMNS = (
    Layer.SOURCE,
    Layer.DATASET,
    Layer.FIELD,
    Layer.INITIATIVE,
    Layer.PROCESS,
    Layer.KPI,
    Layer.OBJECTIVE,
    Layer.GROUP,
    Layer.OWNER,
)
"""Layers as they are drawn, from the origins to those who use it."""


class LineageNode(Value):
    """Something on the way, and how far it is."""

    node: NodeId
    """The thing itself."""
    layer: Layer
    """Where it stands between source systems and customers."""
    depth: int
    """Fewest hops from the root."""


class LineageEdge(Value):
    """One step of the flow."""

    from_: GlobalId
    """Id of what feeds."""
    to: GlobalId
    """Id of what is fed."""
    link: str
    """Type of the link, e.g. DERIVED_FROM."""
    id: GlobalId
    """Id of the link itself."""
    transformation: str | None = None
    """How one becomes the other."""
    delay_hours: Annotated[float, Unit("h")] | None = None
    """Hours that the step adds."""
    job: Annotated[GlobalId, Refers("job")] | None = None
    """The job that does it."""
    owners: tuple[Annotated[GlobalId, Refers("role")], ...] = ()
    """Who answers for the step: owners of its job, else of what is fed (of a dataset or field: of
    its source system), else of what feeds."""


class Lineage(Drawable):
    """What feeds something, or what it feeds."""

    root: NodeId
    """Where the walk began."""
    nodes: tuple[LineageNode, ...]
    """Everything found, nearest first; the root has depth 0."""
    edges: tuple[LineageEdge, ...]
    """The steps among these."""
    sources: tuple[NodeId, ...]
    """Those of the nodes that nothing else on the walk feeds."""
    completeness: Completeness
    """Whether this is all of it."""
    ended_at: datetime | None = None
    """When the root ended: everything is told as of its last instant before. Null while it is in
    force at the asked time."""

    def picture(self) -> Picture:
        """A column for each layer, origins on the left."""
        found = {node.layer for node in self.nodes}
        places = ranks((n.node for n in self.nodes), ((e.from_, e.to) for e in self.edges))
        return Picture(
            lanes=tuple(Lane(x.name, title(x.name)) for x in COLUMNS if x in found),
            nodes=tuple(Node(n.node, n.layer.name, places[n.node]) for n in self.nodes),
            arrows=tuple(Arrow(e.id, e.from_, e.to, note=_note(e)) for e in self.edges),
        )


@dataclass(frozen=True, slots=True)
class Walked:
    """What the database found: things, and steps among them.

    `cut` are things that have a step to something not found; `depth` is the asked one.
    """

    root: str
    found: Collection[str]
    edges: Sequence[LineageEdge]
    cut: Collection[str]
    layers: Mapping[str, Layer]
    depth: int
    full: bool
    ended: datetime | None = None


def lineage(walked: Walked, wanted: Collection[Layer] | None, direction: Direction) -> Lineage:
    """Nodes of the wanted layers (the root always), the edges among them, and what is missing.

    What hangs together with the root only through something that was not in force, or that the
    viewer may not see, is not part of it: depths are counted over the steps that were found.
    """
    beside = neighbours(walked.edges, direction)
    reached = depths_from(walked.root, beside, walked.depth)
    depths = {
        id_: depth
        for id_, depth in reached.items()
        if wanted is None or id_ == walked.root or walked.layers[id_] in wanted
    }
    edges = sorted(
        (edge for edge in walked.edges if edge.from_ in depths and edge.to in depths),
        key=lambda edge: (depths[edge.to], edge.to, edge.from_, edge.id),
    )
    nodes = sorted(depths.items(), key=lambda pair: (pair[1], pair[0]))
    return Lineage(
        root=walked.root,
        nodes=tuple(
            LineageNode(node=id_, layer=walked.layers[id_], depth=depth) for id_, depth in nodes
        ),
        edges=tuple(edges),
        sources=tuple(id_ for id_ in origins(reached, walked.edges) if id_ in depths),
        completeness=_completeness(walked, reached, beside),
        ended_at=walked.ended,
    )


def neighbours(edges: Iterable[LineageEdge], direction: Direction) -> Mapping[str, list[str]]:
    """What is one step further on from each thing."""
    beside: defaultdict[str, list[str]] = defaultdict(list)
    upstream = direction is Direction.UPSTREAM
    for edge in edges:
        near, far = (edge.to, edge.from_) if upstream else (edge.from_, edge.to)
        beside[near].append(far)
    return beside


def depths_from(root: str, beside: Mapping[str, Iterable[str]], most: int) -> dict[str, int]:
    """Fewest hops from the root to everything within `most` hops (breadth first)."""
    depths, level = {root: 0}, [root]
    for depth in range(1, most + 1):
        level = [far for far in dict.fromkeys(_next(level, beside)) if far not in depths]
        depths |= dict.fromkeys(level, depth)
    return depths


def _next(level: Iterable[str], beside: Mapping[str, Iterable[str]]) -> Iterator[str]:
    for near in level:
        yield from beside.get(near, ())


def origins(nodes: Collection[str], edges: Iterable[LineageEdge]) -> list[str]:
    """Those of some nodes that no other of them feeds."""
    fed = {edge.to for edge in edges if edge.from_ in nodes}
    return sorted(set(nodes) - fed)


def _note(edge: LineageEdge) -> str:
    delay = "" if edge.delay_hours is None else f"{edge.delay_hours:g} h"
    return ", ".join(part for part in (edge.link, edge.transformation, delay) if part)


def _completeness(
    walked: Walked, reached: Collection[str], beside: Mapping[str, Iterable[str]]
) -> Completeness:
    """Cut is what leads on to something that was not found, or found only further away."""
    cut = {id_ for id_ in walked.cut if id_ in reached}
    cut |= {id_ for id_ in reached if any(far not in reached for far in beside.get(id_, ()))}
    if not walked.full and not cut:
        return Completeness(complete=True, explored=len(reached))
    reason = ClipReason.ROWS if walked.full else ClipReason.DEPTH
    return Completeness(
        complete=False, reason=reason, explored=len(reached), frontier=tuple(sorted(cut))
    )
