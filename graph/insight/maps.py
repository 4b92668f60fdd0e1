"""The strategy map: objectives in lanes, what measures them, and which of them moves which."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import prod
from typing import Annotated

from graph.insight.answers import ClipReason, Completeness
from graph.insight.causal import CauseEdge
from graph.insight.ordering import ordered
from graph.insight.picture import Arrow, Drawable, Lane, Node, Picture
from graph.insight.ranks import ranks
from graph.insight.readings import KpiId, MapMeasure, Measuring, Scope, measured
from graph.ontology.measures import MeasureRole
from graph.ontology.vocabulary import GlobalId, Refers, Value

ObjectiveId = Annotated[GlobalId, Refers("objective")]


class MapNode(Value):
    """An objective on the map."""

    objective: ObjectiveId
    """The objective itself."""
    rank: int
    """Links in the longest chain of causes that leads to it, loops counted as one; 0 = none."""
    kpis: tuple[KpiId, ...]
    """What measures it: primary first, then by weight."""
    measures: tuple[MapMeasure, ...]
    """The same with their figures."""


class MapLane(Value):
    """A perspective with its objectives."""

    perspective: Annotated[GlobalId, Refers("perspective")]
    """The perspective itself."""
    nodes: tuple[MapNode, ...]
    """Objectives in drawing order: near what they cause and what causes them."""


class MapArrow(Value):
    """That one objective moves another, by links of their own or of their KPIs."""

    from_: ObjectiveId
    """What moves."""
    to: ObjectiveId
    """What is moved."""
    sign: int
    """1 doing better on one helps the other, -1 it hurts, 0 where links disagree or one is unknown.
    Less is better on a KPI whose direction is LOWER; in a BAND neither is."""
    edges: tuple[CauseEdge, ...]
    """The links that do it."""


class StrategyMap(Drawable):
    """Objectives by perspective, with what measures them and the causal links among them."""

    perspectives: tuple[MapLane, ...]
    """Every perspective in its order, from the top."""
    arrows: tuple[MapArrow, ...]
    """What moves what among the objectives: the links, lifted from KPIs to objectives."""
    edges: tuple[CauseEdge, ...]
    """Causal links with both ends on the map: an objective of it or a KPI of one."""
    unplaced: tuple[ObjectiveId, ...]
    """Objectives without a perspective; they and their links are not on the map."""
    completeness: Completeness
    """Whether this is all of it."""

    def picture(self) -> Picture:
        """A row for each perspective, causes below."""
        return Picture(
            lanes=tuple(Lane(lane.perspective) for lane in self.perspectives),
            nodes=tuple(
                Node(node.objective, lane.perspective, node.rank, note=_reached(node.measures))
                for lane in self.perspectives
                for node in lane.nodes
            ),
            arrows=tuple(
                Arrow(f"{one.from_} > {one.to}", one.from_, one.to, one.sign) for one in self.arrows
            ),
            rows=True,
        )


@dataclass(frozen=True, slots=True)
class MapParts:
    """What the database found: perspectives in their order, objectives, measures and links.

    `placing` holds the perspective of each objective that has one.
    """

    lanes: Sequence[str]
    objectives: Sequence[str]
    placing: Mapping[str, str]
    measuring: Sequence[Measuring]
    scopes: Mapping[str, Scope]
    edges: Sequence[CauseEdge]
    full: bool


def strategy_map(parts: MapParts) -> StrategyMap:
    """Lanes in order, nodes ranked and ordered, links lifted to the objectives."""
    placed = [id_ for id_ in parts.objectives if parts.placing.get(id_) in parts.lanes]
    measuring = _by_objective(placed, parts.measuring)
    edges = _on_the_map(measuring, parts.edges)
    better = {kpi: scope.better for kpi, scope in parts.scopes.items()}
    arrows = tuple(lifted(measuring, edges, better))
    pairs = [(arrow.from_, arrow.to) for arrow in arrows]
    places = ranks(placed, pairs)
    rows = ordered([[o for o in placed if parts.placing[o] == x] for x in parts.lanes], pairs)
    return StrategyMap(
        perspectives=tuple(
            MapLane(
                perspective=lane,
                nodes=tuple(_node(id_, places[id_], measuring[id_], parts) for id_ in row),
            )
            for lane, row in zip(parts.lanes, rows, strict=True)
        ),
        arrows=arrows,
        edges=edges,
        unplaced=tuple(sorted(set(parts.objectives) - set(placed))),
        completeness=_completeness(parts),
    )


def lifted(
    measuring: Mapping[str, Sequence[Measuring]],
    edges: Iterable[CauseEdge],
    better: Mapping[str, int],
) -> Iterator[MapArrow]:
    """Arrows among objectives: of each pair of different ones that the ends of a link stand for.

    `better` says of each KPI whether more (1) or less (-1) is better, or that it is unknown (0).
    """
    stands_for: defaultdict[str, list[str]] = defaultdict(list)
    for objective, measures in measuring.items():
        for id_ in (objective, *dict.fromkeys(measure.kpi for measure in measures)):
            stands_for[id_].append(objective)
    found: defaultdict[tuple[str, str], list[CauseEdge]] = defaultdict(list)
    for edge in edges:
        for start in stands_for[edge.from_]:
            for end in stands_for[edge.to]:
                if start != end:
                    found[start, end].append(edge)
    for (start, end), links in sorted(found.items()):
        signs = {_helps(edge, measuring, better) for edge in links}
        sign = signs.pop() if len(signs) == 1 else 0
        yield MapArrow(from_=start, to=end, sign=sign, edges=tuple(links))


def _helps(edge: CauseEdge, objectives: Container[str], better: Mapping[str, int]) -> int:
    """The sign of a link in terms of doing better at both ends."""
    ends = (edge.from_, edge.to)
    return edge.sign * prod(1 if end in objectives else better.get(end, 0) for end in ends)


def _by_objective(
    objectives: Iterable[str], measuring: Iterable[Measuring]
) -> dict[str, list[Measuring]]:
    """Measures of each objective, the primary first, then by weight."""
    found: dict[str, list[Measuring]] = {id_: [] for id_ in sorted(objectives)}
    for one in sorted(measuring, key=_importance):
        if one.objective in found:
            found[one.objective].append(one)
    return found


def _importance(one: Measuring) -> tuple[int, float, str]:
    roles = [MeasureRole.PRIMARY, MeasureRole.SUPPORTING, None]
    return roles.index(one.role), -(one.weight or 0.0), one.kpi


def _on_the_map(
    measuring: Mapping[str, Sequence[Measuring]], edges: Iterable[CauseEdge]
) -> tuple[CauseEdge, ...]:
    known = set(measuring) | {one.kpi for found in measuring.values() for one in found}
    inside = (edge for edge in edges if {edge.from_, edge.to} <= known)
    return tuple(sorted(inside, key=lambda edge: (edge.from_, edge.to, edge.id)))


def _node(id_: str, rank: int, measuring: Sequence[Measuring], parts: MapParts) -> MapNode:
    measures = tuple(measured(one, parts.scopes.get(one.kpi, Scope())) for one in measuring)
    kpis = tuple(measure.kpi for measure in measures)
    return MapNode(objective=id_, rank=rank, kpis=kpis, measures=measures)


def _reached(measures: Iterable[MapMeasure]) -> str:
    known = [measure.met for measure in measures if measure.met is not None]
    return f"{sum(known)} of {len(known)} targets met" if known else ""


def _completeness(parts: MapParts) -> Completeness:
    explored = len(parts.objectives) + len({one.kpi for one in parts.measuring})
    reason = ClipReason.ROWS if parts.full else None
    return Completeness(complete=not parts.full, reason=reason, explored=explored)
