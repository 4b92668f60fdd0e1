"""Chains of cause and effect from one thing to all of some others: how a lever reaches a goal."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass

from graph.insight.answers import Completeness, NodeId
from graph.insight.causal import Chain, chain
from graph.insight.causes import Causes, Search, rank
from graph.insight.paths import BUDGET
from graph.insight.picture import Drawable, Picture, flow


class Trace(Drawable):
    """The ways from one thing to the KPIs and objectives of a perspective."""

    chains: tuple[Chain, ...]
    """Largest effect first, then those known by sign only; at most as many as asked for."""
    reached: tuple[NodeId, ...]
    """The KPIs and objectives that any chain leads to, the end of the largest first."""
    completeness: Completeness
    """Whether every chain was looked at."""

    def picture(self) -> Picture:
        """All the chains as one graph."""
        return flow(edge.arrow() for way in self.chains for edge in way.edges)


@dataclass(frozen=True, slots=True)
class Reach:
    """Where a trace begins, and how far it is told."""

    start: str
    group: str | None = None
    """Segment or persona; of every group, each with its links' own, if None."""
    first: int = 20


def trace(causes: Causes, reach: Reach, ends: Set[str], budget: int = BUDGET) -> Trace:
    """The chains from a start to each of the ends; a chain may pass through one to another."""
    search = Search(causes.towards(ends), None, budget)
    paths = search.paths(reach.start, reach.group, fixed=reach.group is not None)
    found = sorted((chain(path) for path in paths if path[-1].to in ends), key=rank)
    return Trace(
        chains=tuple(found[: reach.first]),
        reached=tuple(dict.fromkeys(way.edges[-1].to for way in found)),
        completeness=search.completeness(len(found), causes.cut_from([reach.start])),
    )
