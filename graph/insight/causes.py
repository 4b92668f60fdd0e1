"""Cause and effect on a fetched sub-graph: chains, and what a change reaches, with sign and lag.

A link for all groups and a link for one group both act (parallel links add). A chain never mixes
two groups, and passes in a group only through what is measured for that group, or for all alone.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from typing import Annotated

from graph.insight import flows
from graph.insight.answers import ClipReason, Completeness, GroupId, NodeId
from graph.insight.causal import CauseEdge, Chain, chain
from graph.insight.conflicts import Conflict, GroupEffect
from graph.insight.influences import Pushed, Stability
from graph.insight.loops import Loop
from graph.insight.picture import Drawable, Picture, flow
from graph.ontology.vocabulary import First, Unit, Value

BUDGET = 50_000
"""Steps of a search for chains before it gives up and says so."""
LONGEST = 30
"""Links in one chain at most."""


UNKNOWN = Stability(
    converges=True, explanation="No total was worked out: name a `group` to see all ways together."
)


class Chains(Drawable):
    """The ways from one thing to another, largest effect first, then those known by sign only."""

    chains: tuple[Chain, ...]
    """At most as many as asked for."""
    total_effect: Annotated[float, Unit("unit of the last, per unit of the first")] | None = None
    """All ways and rounds together, in the asked group; null without a group, or where loops have
    no end (Wright 1934; Bollen 1987)."""
    loop_remainder: Annotated[float, Unit("unit of the last, per unit of the first")] | None = None
    """What of the total goes round in loops, beyond all simple chains."""
    loops: tuple[Loop, ...] = ()
    """Loops on the way, largest gain first."""
    stability: Stability = UNKNOWN
    """Whether the loops on the way fade, and what was assumed."""
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
    """1 up, -1 down: that of the total; 0 where chains disagree and not all have a weight."""
    lag: Annotated[int, Unit("month")]
    """Months until the first chain arrives."""
    direct: Annotated[float, Unit("see unit")] | None = None
    """What single links come to."""
    total: Annotated[float, Unit("see unit")] | None = None
    """What a lasting change comes to over all ways and rounds; null where only directions are
    known, or loops have no end."""
    se: Annotated[float, Unit("see unit")] | None = None
    """Standard error of the total, to first order, links taken as independent."""
    low: Annotated[float, Unit("see unit")] | None = None
    """Lower bound of the interval of 95 percent."""
    high: Annotated[float, Unit("see unit")] | None = None
    """Upper bound of it."""
    unit: str | None = None
    """Unit of what is moved."""
    response: tuple[float, ...] | None = None
    """The change in each month from 0 to the horizon; null without a horizon."""
    chains: Annotated[tuple[Chain, ...], First(3)]
    """The chains that do it."""


class Effects(Drawable):
    """What one thing moves, or what moves it."""

    of: NodeId
    """The thing."""
    effects: tuple[Effect, ...]
    """By group, then soonest first; of causes, `on` is the cause, and numbers are for +1 of it."""
    sign_only: tuple[CauseEdge, ...]
    """Links on the way of which only the direction is known: no number counts them."""
    stability: Stability
    """Whether the loops on the way fade, and what was assumed."""
    completeness: Completeness
    """Whether everything was looked at."""

    def picture(self) -> Picture:
        """The told chains, with totals below what is moved; of causes, below the cause."""
        return flows.picture(self.effects)


class Impact(Drawable):
    """What changes reach."""

    effects: tuple[Effect, ...]
    """By group, then soonest first."""
    by_group: tuple[GroupEffect, ...] = ()
    """The totals alone, largest first for each thing."""
    conflicts: tuple[Conflict, ...] = ()
    """What gets better for some groups and worse for others, beyond two standard errors."""
    sign_only: tuple[CauseEdge, ...] = ()
    """Links on the way of which only the direction is known: no number counts them."""
    stability: Stability = UNKNOWN
    """Whether the loops on the way fade, and what was assumed."""
    completeness: Completeness
    """Whether every chain was looked at."""

    def picture(self) -> Picture:
        """The chains, with totals below what is moved."""
        return flows.picture(self.effects)


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

    def towards(self, ends: Iterable[str]) -> Causes:
        """Only the edges from which one of the ends can be reached."""
        near = reaching(self, ends)
        out = {node: [e for e in edges if e.to in near] for node, edges in self.out.items()}
        return replace(self, out=out)


@dataclass(slots=True)
class Search:
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
    search = Search(causes.towards([end]), end, budget)
    found = [chain(path) for path in search.paths(start, group, fixed=group is not None)]
    return Chains(
        chains=tuple(sorted(found, key=rank)[:first]),
        completeness=search.completeness(len(found), causes.cut_from([start])),
    )


def impact(
    causes: Causes, pushed: Sequence[Pushed], groups: Sequence[str | None], budget: int = BUDGET
) -> Impact:
    """What changes reach in each group, with net sign, first arrival and the chains."""
    effects: list[Effect] = []
    search = Search(causes, None, budget)
    for group in groups:
        reached: defaultdict[str, list[Chain]] = defaultdict(list)
        for one in pushed:
            if one.group not in (None, group):
                continue
            for path in search.paths(str(one.shock.node), group, fixed=True):
                reached[path[-1].to].append(chain(path))
        found = [_effect(on, group, ways) for on, ways in reached.items()]
        effects += sorted(found, key=lambda effect: (effect.lag, effect.on))
    cut = causes.cut_from(str(one.shock.node) for one in pushed)
    completeness = search.completeness(search.steps, cut)
    return Impact(effects=tuple(effects), completeness=completeness)


def reaching(causes: Causes, ends: Iterable[str]) -> set[str]:
    """Everything from which one of the ends can be reached, and the ends themselves."""
    into: defaultdict[str, set[str]] = defaultdict(set)
    for node, edges in causes.out.items():
        for edge in edges:
            into[edge.to].add(node)
    return _closure(ends, into)


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
        chains=tuple(sorted(ways, key=rank)),
    )


def rank(way: Chain) -> tuple[bool, float, int, tuple[str, ...]]:
    """Largest effect first, then those known by sign only; fewest links first."""
    size = -abs(way.effect) if way.effect is not None else 0.0
    return way.effect is None, size, len(way.edges), tuple(edge.id for edge in way.edges)
