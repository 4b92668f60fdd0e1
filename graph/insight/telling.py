"""Answers about cause and effect, as they are told."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Annotated

from graph.insight import flows
from graph.insight.answers import Completeness, GroupId, NodeId
from graph.insight.causal import CauseEdge, Chain
from graph.insight.charts import Charted, Series
from graph.insight.conflicts import Conflict, GroupEffect
from graph.insight.influences import Stability
from graph.insight.loops import Loop
from graph.insight.picture import Drawable, Picture, flow
from graph.ontology.vocabulary import First, Unit, Value

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

    def for_group(self) -> GroupEffect | None:
        """The total for a group, if both are known."""
        if self.group is None or self.total is None:
            return None
        return GroupEffect(
            group=self.group, on=self.on, total=self.total, low=self.low, high=self.high
        )


class Effects(Charted):
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

    def series(self) -> Sequence[Series]:
        """The responses, in the order of the effects."""
        return _responses(self.effects)


class Impact(Charted):
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

    def series(self) -> Sequence[Series]:
        """The responses, in the order of the effects."""
        return _responses(self.effects)


def _responses(effects: Iterable[Effect]) -> list[Series]:
    return [
        Series(one.on, one.group, one.unit or "", one.response) for one in effects if one.response
    ]
