"""Systems made ready once: arrays, stability and factors of the same links are kept a while.

The key is the links themselves, so that what changed in the graph is never answered from before.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property, lru_cache

from graph.insight import radius
from graph.insight.influences import Influence, Node
from graph.insight.radius import Radius
from graph.insight.systems import LongRun, System

KEPT = 32
"""Systems that are kept, those used last."""


@dataclass(frozen=True)
class Prepared:
    """A system with its stability; it is factored when the long run is first asked for."""

    system: System
    radius: Radius

    @cached_property
    def long_run(self) -> LongRun:
        """Where lasting changes lead. Only for what converges; raises Unsettled."""
        return LongRun.of(self.system)


def prepared(links: Iterable[Influence], nodes: Iterable[Node], damping: float) -> Prepared:
    """The system of some links with a weight, over their ends and further nodes."""
    return _prepared(tuple(links), tuple(dict.fromkeys(nodes)), damping)


@lru_cache(maxsize=KEPT)
def _prepared(links: tuple[Influence, ...], nodes: tuple[Node, ...], damping: float) -> Prepared:
    system = System.of(links, nodes, damping)
    return Prepared(system, radius.radius(system))
