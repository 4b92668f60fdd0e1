"""Causal links and chains of them, as they are told."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import Annotated

from graph.insight.answers import GroupId, NodeId
from graph.insight.picture import Arrow
from graph.ontology.vocabulary import GlobalId, Unit, Value
from graph.ontology.work import Strength


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
