"""Cause and effect on a fetched sub-graph: chains, and what a change reaches, with sign and lag.

A link for all groups and a link for one group both act (parallel links add). A chain never mixes two
groups, and passes in a group only through what is measured for that group, or for all alone.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import prod
from typing import Annotated, TypeVar

from graph.insight.answers import ClipReason, Completeness, GroupId, NodeId
from graph.ontology.vocabulary import First, GlobalId, Unit, Value
from graph.ontology.work import Strength

BUDGET = 50_000
"""Steps of a search for chains before it gives up and says so."""

T = TypeVar("T")


class CauseEdge(Value):
    """A causal link: a change of one thing moves another."""

    id: GlobalId
    """Id of the link."""
    from_: NodeId
    """What moves."""
    to: NodeId
    """What is moved."""
    group: GroupId | None = None
    """Segment or persona it holds for; null = all."""
    sign: int
    """1 the same way, -1 the other way, 0 unknown."""
    strength: Strength | None = None
    """Size in words."""
    weight: Annotated[float, Unit("target unit per source unit")] | None = None
    """Change of the target for +1 of the source; of an initiative, the whole change it makes."""
    se: Annotated[float, Unit("as the weight")] | None = None
    """Standard error of the weight."""
    lag: Annotated[int, Unit("month")]
    """Delay in months; of an initiative, from its start."""
    confidence: Annotated[float, Unit("share")] | None = None
    """How sure the organization is, 0..1."""


class Chain(Value):
    """A way from a cause to an effect that visits nothing twice."""

    edges: tuple[CauseEdge, ...]
    """Its links in order."""
    sign: int
    """Product of the signs; 0 where one is unknown."""
    effect: Annotated[float, Unit("unit of the last, per unit of the first")] | None = None
    """Product of the weights; null where a link is known by its sign only (Wright 1934)."""
    lag: Annotated[int, Unit("month")]
    """Sum of the lags."""
    weakest_confidence: Annotated[float, Unit("share")] | None = None
    """Least confidence of its links; null where none states one."""


class Chains(Value):
    """The ways from one thing to another, largest effect first, then those known by sign only."""

    chains: tuple[Chain, ...]
    """At most as many as asked for."""
    completeness: Completeness
    """Whether every chain was looked at."""


class Effect(Value):
    """That something is moved, for one group."""

    on: NodeId
    """What is moved."""
    group: GroupId | None = None
    """For whom; null = all."""
    sign: int
    """1 up, -1 down, 0 where chains disagree or a sign is unknown."""
    lag: Annotated[int, Unit("month")]
    """Months until the first chain arrives."""
    chains: Annotated[tuple[Chain, ...], First(3)]
    """The chains that do it."""


class Impact(Value):
    """What changes reach."""

    effects: tuple[Effect, ...]
    """By group, then soonest first."""
    completeness: Completeness
    """Whether every chain was looked at."""


@dataclass(frozen=True, slots=True)
class Causes:
    """A fetched sub-graph: edges by source, and the groups each KPI is measured for.

    `scopes[kpi]` holds group ids and None for the series over all; a KPI without series is missing.
    """

    out: Mapping[str, Sequence[CauseEdge]]
    scopes: Mapping[str, frozenset[str | None]]

    @classmethod
    def of(cls, edges: Iterable[CauseEdge], scopes: Mapping[str, frozenset[str | None]]) -> Causes:
        """From edges in any order."""
        out: defaultdict[str, list[CauseEdge]] = defaultdict(list)
        for edge in sorted(edges, key=lambda edge: edge.id):
            out[edge.from_].append(edge)
        return cls(dict(out), scopes)

    def holds(self, node: str, group: str | None) -> bool:
        """Whether a thing exists for a group: measured for it, for all alone, or not at all."""
        known = self.scopes.get(node)
        return group is None or not known or group in known or known == {None}

    def groups(self) -> list[str]:
        """Every group that something is measured for."""
        return sorted({group for known in self.scopes.values() for group in known if group})


@dataclass(slots=True)
class _Search:
    """Depth-first over simple paths, with a budget of steps."""

    causes: Causes
    targets: Collection[str] | None
    budget: int
    steps: int = 0

    def paths(
        self, at: str, group: str | None, fixed: bool, seen: tuple[str, ...] = ()
    ) -> Iterator[tuple[CauseEdge, ...]]:
        """Paths from a node; `fixed` keeps to the group, else the first link with one decides."""
        for edge in self.causes.out.get(at, ()):
            if self.steps >= self.budget:
                return
            self.steps += 1
            if not self._passes(edge, group, fixed) or edge.to == at or edge.to in seen:
                continue
            told = group if fixed else group or edge.group
            if not self.causes.holds(edge.to, told):
                continue
            if self.targets is None or edge.to in self.targets:
                yield (edge,)
            for rest in self.paths(edge.to, told, fixed, (*seen, at)):
                yield (edge, *rest)

    @staticmethod
    def _passes(edge: CauseEdge, group: str | None, fixed: bool) -> bool:
        if edge.group is None or edge.group == group:
            return True
        return not fixed and group is None


def chains(
    causes: Causes, start: str, end: str, group: str | None, first: int, budget: int = BUDGET
) -> Chains:
    """The chains from `start` to `end`: of one group, or of all with each link's own group."""
    near = reaching(causes, end)
    pruned = Causes(
        {node: [e for e in edges if e.to in near] for node, edges in causes.out.items()}, causes.scopes
    )
    search = _Search(pruned, {end}, budget)
    found = [chain(path) for path in search.paths(start, group, fixed=group is not None)]
    return Chains(
        chains=tuple(sorted(found, key=_rank)[:first]), completeness=_searched(search, len(found))
    )


def impact(
    causes: Causes, starts: Sequence[str], groups: Sequence[str], budget: int = BUDGET
) -> Impact:
    """What the starts reach in each group, with net sign, first arrival and the chains."""
    effects: list[Effect] = []
    search = _Search(causes, None, budget)
    for group in groups:
        reached: defaultdict[str, list[Chain]] = defaultdict(list)
        for start in starts:
            for path in search.paths(start, group, fixed=True):
                reached[path[-1].to].append(chain(path))
        found = [_effect(on, group, ways) for on, ways in reached.items()]
        effects += sorted(found, key=lambda effect: (effect.lag, effect.on))
    return Impact(effects=tuple(effects), completeness=_searched(search, search.steps))


def chain(path: Sequence[CauseEdge]) -> Chain:
    """A path with its sign, product, lag and weakest confidence."""
    weights = [edge.weight for edge in path if edge.weight is not None]
    sure = [edge.confidence for edge in path if edge.confidence is not None]
    return Chain(
        edges=tuple(path),
        sign=prod(edge.sign for edge in path),
        effect=prod(weights) if len(weights) == len(path) else None,
        lag=sum(edge.lag for edge in path),
        weakest_confidence=min(sure, default=None),
    )


def reaching(causes: Causes, end: str) -> set[str]:
    """Everything from which `end` can be reached, and `end` itself."""
    into: defaultdict[str, set[str]] = defaultdict(set)
    for node, edges in causes.out.items():
        for edge in edges:
            into[edge.to].add(node)
    found, todo = {end}, [end]
    while todo:
        for node in into[todo.pop()] - found:
            found.add(node)
            todo.append(node)
    return found


def _effect(on: str, group: str, ways: list[Chain]) -> Effect:
    signs = {way.sign for way in ways}
    return Effect(
        on=on,
        group=group,
        sign=signs.pop() if len(signs) == 1 else 0,
        lag=min(way.lag for way in ways),
        chains=tuple(sorted(ways, key=_rank)),
    )


def _rank(way: Chain) -> tuple[bool, float, int, tuple[str, ...]]:
    size = -abs(way.effect) if way.effect is not None else 0.0
    return way.effect is None, size, len(way.edges), tuple(edge.id for edge in way.edges)


def _searched(search: _Search, explored: int) -> Completeness:
    if search.steps < search.budget:
        return Completeness(complete=True, explored=explored)
    return Completeness(complete=False, reason=ClipReason.PATHS, explored=explored)
