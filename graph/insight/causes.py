"""Cause and effect on a fetched sub-graph: chains, and what a change reaches, with sign and lag.

A link for all groups and a link for one group both act (parallel links add). A chain never mixes
two groups, and passes in a group only through what is measured for that group, or for all alone.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from math import prod
from typing import Annotated

from graph.insight.answers import ClipReason, Completeness, GroupId, NodeId
from graph.insight.picture import Arrow, Drawable, Picture, flow
from graph.ontology.vocabulary import First, GlobalId, Unit, Value
from graph.ontology.work import Strength

BUDGET = 50_000
"""Steps of a search for chains before it gives up and says so."""
LONGEST = 30
"""Links in one chain at most."""


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

    def arrow(self) -> Arrow:
        """As it is drawn, with its lag beside it."""
        said = () if self.weight is None else (f"weight {self.weight:g}",)
        note = ", ".join((*said, *([self.group] if self.group else ())))
        lag = f"{self.lag} mo" if self.lag else ""
        return Arrow(self.id, self.from_, self.to, self.sign, lag, note)


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


class Chains(Drawable):
    """The ways from one thing to another, largest effect first, then those known by sign only."""

    chains: tuple[Chain, ...]
    """At most as many as asked for."""
    completeness: Completeness
    """Whether every chain was looked at."""

    def picture(self) -> Picture:
        """All the chains as one graph."""
        return flow(edge.arrow() for chain in self.chains for edge in chain.edges)


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
    `cut` are things with links to what was not fetched; `full` says that too much was found.
    """

    out: Mapping[str, Sequence[CauseEdge]]
    scopes: Mapping[str, frozenset[str | None]]
    cut: frozenset[str] = frozenset()
    full: bool = False

    @classmethod
    def of(
        cls,
        edges: Iterable[CauseEdge],
        scopes: Mapping[str, frozenset[str | None]],
        cut: Iterable[str] = (),
        full: bool = False,
    ) -> Causes:
        """From edges in any order."""
        out: defaultdict[str, list[CauseEdge]] = defaultdict(list)
        for edge in sorted(edges, key=lambda edge: edge.id):
            out[edge.from_].append(edge)
        return cls(dict(out), scopes, frozenset(cut), full)

    def holds(self, node: str, group: str | None) -> bool:
        """Whether a thing exists for a group: measured for it, for all alone, or not at all."""
        known = self.scopes.get(node)
        return group is None or not known or group in known or known == {None}

    def groups(self) -> list[str]:
        """Every group that something is measured for."""
        return sorted({group for known in self.scopes.values() for group in known if group})

    def cut_from(self, starts: Iterable[str]) -> frozenset[str]:
        """Those of the cut things that the starts reach."""
        beside = {node: {edge.to for edge in edges} for node, edges in self.out.items()}
        return self.cut & _closure(starts, beside)

    def towards(self, end: str) -> Causes:
        """Only the edges from which `end` can be reached."""
        near = reaching(self, end)
        out = {node: [e for e in edges if e.to in near] for node, edges in self.out.items()}
        return replace(self, out=out)


@dataclass(slots=True)
class _Search:
    """Depth-first over simple paths to `end`, or to anywhere, with a budget of steps."""

    causes: Causes
    end: str | None
    budget: int
    steps: int = 0
    spent: bool = False
    stopped: set[str] = field(default_factory=set)

    def paths(self, start: str, group: str | None, fixed: bool) -> Iterator[tuple[CauseEdge, ...]]:
        """Paths from a node; `fixed` keeps to the group, else the first link with one decides."""
        if self.causes.holds(start, group):
            yield from self._on((start,), (), group, fixed)

    def _on(
        self, seen: tuple[str, ...], path: tuple[CauseEdge, ...], group: str | None, fixed: bool
    ) -> Iterator[tuple[CauseEdge, ...]]:
        for edge in self.causes.out.get(seen[-1], ()):
            if self.steps >= self.budget:
                self.spent = True
                return
            self.steps += 1
            if not self._passes(edge, seen, group, fixed):
                continue
            if len(path) == LONGEST:
                self.stopped.add(seen[-1])
                return
            found = (*path, edge)
            if self.end is None or edge.to == self.end:
                yield found
            if edge.to != self.end:
                yield from self._on((*seen, edge.to), found, group or edge.group, fixed)

    def _passes(
        self, edge: CauseEdge, seen: tuple[str, ...], group: str | None, fixed: bool
    ) -> bool:
        if edge.to in seen:
            return False
        if edge.group in (None, group):
            return self.causes.holds(edge.to, group)
        decides = not fixed and group is None
        return decides and all(self.causes.holds(node, edge.group) for node in (*seen, edge.to))

    def completeness(self, explored: int, cut: Set[str]) -> Completeness:
        """Whether every path was seen, and else what ended the search."""
        frontier = tuple(sorted(cut | self.stopped))
        if self.causes.full:
            reason: ClipReason | None = ClipReason.ROWS
        elif self.spent:
            reason = ClipReason.PATHS
        else:
            reason = ClipReason.DEPTH if frontier else None
        return Completeness(
            complete=reason is None, reason=reason, explored=explored, frontier=frontier
        )


def chains(
    causes: Causes, start: str, end: str, group: str | None, first: int, budget: int = BUDGET
) -> Chains:
    """The chains from `start` to `end`: of one group, or of all with each link's own group."""
    search = _Search(causes.towards(end), end, budget)
    found = [chain(path) for path in search.paths(start, group, fixed=group is not None)]
    return Chains(
        chains=tuple(sorted(found, key=_rank)[:first]),
        completeness=search.completeness(len(found), causes.cut_from([start])),
    )


def impact(
    causes: Causes, starts: Sequence[str], groups: Sequence[str | None], budget: int = BUDGET
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
    completeness = search.completeness(search.steps, causes.cut_from(starts))
    return Impact(effects=tuple(effects), completeness=completeness)


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
    return _closure([end], into)


def _closure(starts: Iterable[str], beside: Mapping[str, Set[str]]) -> set[str]:
    todo = list(starts)
    found = set(todo)
    while todo:
        new = beside.get(todo.pop(), set()) - found
        found |= new
        todo += new
    return found


def _effect(on: str, group: str | None, ways: list[Chain]) -> Effect:
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
