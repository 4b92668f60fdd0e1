"""Cause and effect on a fetched sub-graph: chains, and what a change reaches, with sign and lag.

A link for all groups and a link for one group both act (parallel links add). A chain never mixes
two groups, and passes in a group only through what is measured for that group, or for all alone.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from functools import cached_property
from math import prod

from graph.insight.answers import ClipReason, Completeness
from graph.insight.causal import CauseEdge, Chain, chain
from graph.insight.influences import Pushed
from graph.insight.paths import BUDGET, LONGEST
from graph.insight.reach import closure
from graph.insight.telling import Chains, Effect, Impact

Way = tuple[CauseEdge, ...]
"""Links that lead on, in order."""


@dataclass(frozen=True)
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

    @cached_property
    def by_id(self) -> Mapping[str, CauseEdge]:
        """Every link by its id."""
        return {edge.id: edge for edges in self.out.values() for edge in edges}

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
        reached = closure(starts, beside)
        return self.cut & reached

    def completeness(self, explored: int, frontier: Set[str], spent: bool = False) -> Completeness:
        """Whether all was fetched and looked at, and else what ended it."""
        reason: ClipReason | None = ClipReason.DEPTH if frontier else None
        if self.full or spent:
            reason = ClipReason.ROWS if self.full else ClipReason.PATHS
        return Completeness(
            complete=reason is None,
            reason=reason,
            explored=explored,
            frontier=tuple(sorted(frontier)),
        )

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

    def paths(self, start: str, group: str | None, fixed: bool) -> Iterator[Way]:
        """Paths from a node; `fixed` keeps to the group, else the first link with one decides."""
        if self.causes.holds(start, group):
            yield from self._on((start,), (), group, fixed)

    def _on(
        self, seen: tuple[str, ...], path: Way, group: str | None, fixed: bool
    ) -> Iterator[Way]:
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
        return self.causes.completeness(explored, cut | self.stopped, self.spent)


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
    causes: Causes,
    pushed: Sequence[Pushed],
    groups: Sequence[str | None],
    budget: int = BUDGET,
    most: int | None = None,
) -> Impact:
    """What changes reach in each group, with net sign, first arrival and the chains.

    Of each effect at most so many chains are told, all where nothing is said.
    """
    effects: list[Effect] = []
    search = Search(causes, None, budget)
    for group in groups:
        reached: defaultdict[str, list[Way]] = defaultdict(list)
        for one in pushed:
            if one.group not in (None, group):
                continue
            for path in search.paths(str(one.shock.node), group, fixed=True):
                reached[path[-1].to].append(path)
        found = [_effect(on, group, ways, most) for on, ways in reached.items()]
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
    return closure(ends, into)


def _effect(on: str, group: str | None, ways: list[Way], most: int | None) -> Effect:
    signs = {prod(edge.sign for edge in way) for way in ways}
    told = sorted(map(chain, ways), key=rank)[:most] if most != 0 else ()
    return Effect(
        on=on,
        group=group,
        sign=signs.pop() if len(signs) == 1 else 0,
        lag=min(sum(edge.lag for edge in way) for way in ways),
        chains=tuple(told),
    )


def rank(way: Chain) -> tuple[bool, float, int, tuple[str, ...]]:
    """Largest effect first, then those known by sign only; fewest links first."""
    size = -abs(way.effect) if way.effect is not None else 0.0
    return way.effect is None, size, len(way.edges), tuple(edge.id for edge in way.edges)
