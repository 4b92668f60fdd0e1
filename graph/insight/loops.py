"""Loops: circles of influences, each with what it multiplies a change by in one round."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import prod
from typing import Annotated

from graph.insight.answers import ClipReason
from graph.insight.causal import CauseEdge
from graph.insight.influences import Influence, Node
from graph.insight.paths import BUDGET, Path, Paths, by_sign_only, in_circles, strongest
from graph.ontology.terms import Term
from graph.ontology.vocabulary import Unit, Value

LONGEST = 12
"""Links in one loop at most."""


class LoopKind(Term):
    """What a loop does to a change that comes round (Sterman 2000)."""

    REINFORCING = "The change comes back the same way: it grows, or fades slowly."
    BALANCING = "The change comes back the other way: it is held in check."


class Loop(Value):
    """A circle of causal links that visits nothing twice."""

    edges: tuple[CauseEdge, ...]
    """Its links in order."""
    kind: LoopKind | None = None
    """What it does to a change; null where a sign is unknown."""
    gain: Annotated[float, Unit("factor per round")] | None = None
    """Product of the weights; null where a link is known by its sign only."""
    lag: Annotated[int, Unit("month")]
    """Sum of the lags: how long one round takes."""

    @classmethod
    def of(cls, edges: Sequence[CauseEdge]) -> Loop:
        """From the links in order."""
        weights = [edge.weight for edge in edges if edge.weight is not None]
        return cls(
            edges=tuple(edges),
            kind=kind(prod(edge.sign for edge in edges)),
            gain=prod(weights) if len(weights) == len(edges) else None,
            lag=sum(edge.lag for edge in edges),
        )


def kind(sign: int) -> LoopKind | None:
    """By the product of the signs; None for 0."""
    if sign == 0:
        return None
    return LoopKind.REINFORCING if sign > 0 else LoopKind.BALANCING


def loops_through(
    influences: Iterable[Influence],
    node: Node,
    first: int = 10,
    longest: int = LONGEST,
    budget: int = BUDGET,
) -> Paths:
    """The loops through a node: largest |gain| first, then those known by sign, shortest first."""
    links = list(influences)
    weighed = strongest(links, node, node, first, longest, budget)
    rest = first - len(weighed.paths)
    if rest == 0 or all(one.weight is not None for one in links):
        return weighed
    signed = by_sign_only(links, node, node, rest, longest, budget)
    return _joined([weighed, signed], first)


def loops(
    influences: Iterable[Influence],
    first: int = 10,
    longest: int = LONGEST,
    budget: int = BUDGET,
) -> Paths:
    """All loops among some nodes, each told once, ordered as those through one node.

    Node by node: the loops through it, then it is taken out (Tiernan 1970, with bounds).
    """
    links, found, left = in_circles(list(influences)), [Paths((), None, 0)], budget
    while links and left > 0:
        node = links[0].source
        found.append(loops_through(links, node, first, longest, left))
        left -= found[-1].steps + len(links)
        links = in_circles([one for one in links if node not in (one.source, one.target)])
    joined = _joined(found, first)
    return Paths(joined.paths, ClipReason.PATHS, joined.steps) if links else joined


def _joined(parts: Sequence[Paths], first: int) -> Paths:
    every: list[Path] = sorted((one for part in parts for one in part.paths), key=lambda p: p.rank)
    reasons = {part.reason for part in parts} - {None}
    reason = ClipReason.PATHS if ClipReason.PATHS in reasons else next(iter(reasons), None)
    return Paths(tuple(every[:first]), reason, sum(part.steps for part in parts))
