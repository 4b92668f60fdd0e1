"""Effects of changes along influences: how much, how sure, and when; or why no number can be given.

The door to the arithmetic on matrices: numpy and scipy are imported at the first question, so that
importing this module costs nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import isnan
from typing import TYPE_CHECKING

from graph.insight.influences import (
    Influence,
    Name,
    Node,
    Shock,
    Stability,
    downstream,
    numbered,
    upstream,
)

if TYPE_CHECKING:
    from graph.insight.draws import Draws
    from graph.insight.prepared import Prepared
    from graph.insight.radius import Radius
    from graph.insight.systems import Floats, Ints, LongRun, System

NEAR = 0.8
"""From this radius on, intervals come from draws: to first order they would be too narrow."""
DRAWS = 1_000
"""Draws of a Monte Carlo interval."""
NORMAL = 1.959963984540054
"""Standard errors to each side of an interval of 95 percent."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """What lasting changes come to at one node, in its own unit.

    `direct` over single links, `total` over all ways and rounds; `se` to first order; `low` and
    `high` bound 95 percent. An interval is None where every draw lacks an end.
    """

    direct: float
    total: float
    se: float
    low: float | None
    high: float | None

    @property
    def indirect(self) -> float:
        """What goes through other things."""
        return self.total - self.direct


@dataclass(frozen=True, slots=True)
class Effects:
    """Estimates by node, none where the loops do not fade; `stability` says why.

    `sign_only` are ids of links on the way of which only the direction is known: no part of it.
    `diverging` of `draws` had no end; both are 0 where nothing was drawn.
    """

    stability: Stability
    estimates: Mapping[Node, Estimate]
    sign_only: tuple[str, ...] = ()
    draws: int = 0
    diverging: int = 0


@dataclass(frozen=True, slots=True)
class Response:
    """Changes by node for the periods 0 .. horizon, and where each comes to rest.

    Without periods where a loop grows; without an end where a loop does not fade, or for a ramp.
    """

    stability: Stability
    periods: Mapping[Node, tuple[float, ...]]
    end: Mapping[Node, float] | None
    sign_only: tuple[str, ...] = ()


def effects_of(
    influences: Iterable[Influence],
    changes: Mapping[Node, float],
    targets: Iterable[Node] | None = None,
    damping: float = 1.0,
    draws: int | None = None,
    name: Name = str,
) -> Effects:
    """What lasting changes come to downstream, at the targets or wherever they lead.

    Only loops that the changes reach, and that lead to a target, count for stability. `draws` None
    draws 1,000 times near instability and not at all else. The changes themselves are no effect:
    a node that is changed has the effect that comes back to it.
    """
    links = downstream(influences, changes)
    wanted = None if targets is None else list(dict.fromkeys(targets))
    if wanted is not None:
        links = upstream(links, wanted)
    known, unknown = numbered(links)
    left_out = tuple(dict.fromkeys(one.id for one in unknown))
    return _estimated(known, changes, wanted, damping, draws, name, left_out)


def causes_of(
    influences: Iterable[Influence],
    target: Node,
    damping: float = 1.0,
    draws: int | None = None,
    name: Name = str,
) -> Effects:
    """What a lasting +1 of each thing upstream comes to at the target, by thing.

    The links are read backwards: the effect of a on b is that of b on a in the transposed system.
    """
    turned = [one.reversed() for one in influences]
    return effects_of(turned, {target: 1.0}, None, damping, draws, name)


def respond_to(
    influences: Iterable[Influence],
    shocks: Sequence[Shock],
    horizon: int,
    damping: float = 1.0,
    name: Name = str,
) -> Response:
    """What shocks do downstream, period by period, themselves included."""
    from graph.insight import responses
    from graph.insight.prepared import prepared

    known, unknown = numbered(downstream(influences, [shock.node for shock in shocks]))
    ready = prepared(known, [shock.node for shock in shocks], damping)
    system, found = ready.system, ready.radius
    stability = _told(found, damping, name)
    left_out = tuple(dict.fromkeys(one.id for one in unknown))
    if not found.bounded:
        return Response(stability, {}, None, left_out)
    periods = responses.respond(system, shocks, horizon)
    by_node = {node: tuple(map(float, periods[:, at])) for node, at in system.at.items()}
    return Response(stability, by_node, _rest(ready, shocks), left_out)


def stability_of(
    influences: Iterable[Influence], damping: float = 1.0, name: Name = str
) -> Stability:
    """Whether all loops among some influences fade; links known by sign only take no part."""
    from graph.insight.prepared import prepared

    known, _ = numbered(influences)
    return _told(prepared(known, (), damping).radius, damping, name)


def _rest(ready: Prepared, shocks: Sequence[Shock]) -> dict[Node, float] | None:
    from graph.insight import responses

    if not ready.radius.converges:
        return None
    rest = responses.settles(ready.system, ready.long_run, shocks)
    at = ready.system.at.items()
    return None if rest is None else {node: float(rest[place]) for node, place in at}


def _told(found: Radius, damping: float, name: Name) -> Stability:
    stability = found.stability(name)
    if damping == 1:
        return stability
    said = f"{stability.explanation} Every link counts {damping:g} of its weight (damping)."
    return stability.model_copy(update={"explanation": said})


def _estimated(
    links: Sequence[Influence],
    changes: Mapping[Node, float],
    targets: Sequence[Node] | None,
    damping: float,
    draws: int | None,
    name: Name,
    left_out: tuple[str, ...],
) -> Effects:
    from graph.insight import systems
    from graph.insight.prepared import prepared

    ready = prepared(links, [*changes, *(targets or ())], damping)
    system, found = ready.system, ready.radius
    stability = _told(found, damping, name)
    if not found.converges:
        return Effects(stability, {}, left_out)
    try:
        changed, places = system.vector(changes), _places(system, targets)
        question = _Question(system, ready.long_run, changed, places)
        return question.answer(stability, left_out, _count(system, found, draws))
    except systems.Unsettled:
        said = f"No numbers: {name(next(iter(changes)))} sets off loops that fade too slowly."
        update = {"converges": False, "explanation": said}
        return Effects(stability.model_copy(update=update), {}, left_out)


def _places(system: System, targets: Sequence[Node] | None) -> Ints:
    import numpy as np

    kept = system.at.values() if targets is None else [system.at[node] for node in targets]
    return np.array(list(kept), np.int64)


def _count(system: System, found: Radius, asked: int | None) -> int:
    """How often to draw: as asked, else where loops are near 1 and links in doubt."""
    if not system.se.any():
        return 0
    return asked if asked is not None else DRAWS * (found.value > NEAR)


@dataclass(frozen=True, slots=True)
class _Question:
    """Lasting changes in a stable system, and the places where their effects are asked."""

    system: System
    long_run: LongRun
    lasting: Floats
    places: Ints

    def answer(self, stability: Stability, left_out: tuple[str, ...], count: int) -> Effects:
        """Estimates with intervals to first order, or from draws where `count` is above 0."""
        from graph.insight import doubt, draws

        at = self.places
        total = self.long_run.forward(self.lasting)[at] - self.lasting[at]
        direct = (self.system.moved() @ self.lasting)[at]
        se = doubt.standard_errors(self.system, self.long_run, self.lasting, at)
        made = draws.drawn(self.system, self.lasting, at, count) if count else None
        low, high = self._bounds(total, se, made)
        rows = zip(at, direct, total, se, low, high, strict=True)
        estimates = {self.system.nodes[place]: _estimate(*row) for place, *row in rows}
        said = f"{stability.explanation}{_doubt(self.system, made)}"
        stability = stability.model_copy(update={"explanation": said})
        drawn, diverging = (made.count, made.diverging) if made else (0, 0)
        return Effects(stability, estimates, left_out, drawn, diverging)

    def _bounds(self, total: Floats, se: Floats, made: Draws | None) -> tuple[Floats, Floats]:
        import numpy as np

        if made is None:
            return total - NORMAL * se, total + NORMAL * se
        if made.diverging == made.count:
            return np.full_like(total, np.nan), np.full_like(total, np.nan)
        low, high = made.between()
        return low - self.lasting[self.places], high - self.lasting[self.places]


def _estimate(direct: float, total: float, se: float, low: float, high: float) -> Estimate:
    bounds = [None if isnan(bound) else float(bound) for bound in (low, high)]
    return Estimate(float(direct), float(total), float(se), *bounds)


def _doubt(system: System, made: Draws | None) -> str:
    """What the intervals rest on, as further sentences."""
    if not system.se.any():
        return ""
    said = " Intervals take the errors of links for independent, which can overstate them"
    if made is None:
        return f"{said}; they are to first order."
    said += f"; they come from {made.count} draws."
    if not made.diverging:
        return said
    share = made.diverging / made.count
    return f"{said} {made.diverging} of these ({share:.1%}) had no end and are left out."
