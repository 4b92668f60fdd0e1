"""Influences of one thing on another and the shocks that travel along them, before any arithmetic.

A node is whatever the caller can hash: for a scorecard a pair of a thing and a group.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass, replace
from math import isfinite
from typing import Annotated

from graph.insight.reach import closure
from graph.ontology.terms import Term
from graph.ontology.vocabulary import Unit, Value

Node = Hashable
"""An end of an influence."""
Name = Callable[[Node], str]
"""How a node is told in a sentence."""


@dataclass(frozen=True, slots=True)
class Influence:
    """A change of `source` by 1 moves `target` by `weight`, `lag` periods later.

    Without a weight only the direction is known: `sign` 1, -1 or 0. `se` is the weight's standard
    error. Influences between the same two nodes add.
    """

    id: str
    source: Node
    target: Node
    weight: float | None
    lag: int = 0
    se: float | None = None
    sign: int = 0

    def __post_init__(self) -> None:
        if self.weight is not None and not isfinite(self.weight):
            raise ValueError(f"{self.id} has the weight {self.weight}; write a number, or none")
        if self.lag < 0:
            raise ValueError(
                f"{self.id} has the lag {self.lag}; an effect never precedes its cause"
            )
        if self.se is not None and self.se < 0:
            raise ValueError(f"{self.id} has the standard error {self.se}; write it as 0 or more")

    @property
    def direction(self) -> int:
        """1 the same way, -1 the other way, 0 none or unknown."""
        return self.sign if self.weight is None else (self.weight > 0) - (self.weight < 0)

    def reversed(self) -> Influence:
        """The same influence read from its effect to its cause."""
        return replace(self, source=self.target, target=self.source)


class ShockShape(Term):
    """How an outside change goes on after it began."""

    STEP = "The change lasts."
    PULSE = "The change is there for one period only."
    RAMP = "The change grows by the same amount in every period, from the first on."


@dataclass(frozen=True, slots=True)
class Shock:
    """An outside change of a node by `change`, in its own unit, from period `start` on."""

    node: Node
    change: float
    shape: ShockShape = ShockShape.STEP
    start: int = 0

    def at(self, period: int) -> float:
        """What it adds in a period: a step sums up pulses, a ramp sums up steps."""
        since = period - self.start
        if since < 0:
            return 0.0
        if self.shape is ShockShape.PULSE:
            return self.change if since == 0 else 0.0
        return self.change * (since + 1) if self.shape is ShockShape.RAMP else self.change


@dataclass(frozen=True, slots=True)
class Pushed:
    """A change that somebody makes of a thing, for one group or for all."""

    shock: Shock
    group: str | None = None


class Stability(Value):
    """Whether the loops fade out, so that effects have an end."""

    converges: bool
    """True if every loop fades; otherwise no numbers are given."""
    spectral_radius: Annotated[float, Unit("factor per round, or per period with lags")] | None = (
        None
    )
    """What the strongest loop multiplies a change by in the long run; below 1 it fades."""
    explanation: str
    """The same in a sentence: which loop, and what was assumed."""


def numbered(influences: Iterable[Influence]) -> tuple[list[Influence], list[Influence]]:
    """Those with a weight, and those of which only the direction is known."""
    known: list[Influence] = []
    unknown: list[Influence] = []
    for one in influences:
        (unknown if one.weight is None else known).append(one)
    return known, unknown


def downstream(influences: Iterable[Influence], starts: Iterable[Node]) -> list[Influence]:
    """The influences that a change of the starts can travel along."""
    kept = list(influences)
    reached = _travelled(((one.source, one.target) for one in kept), starts)
    return [one for one in kept if one.source in reached]


def upstream(influences: Iterable[Influence], ends: Iterable[Node]) -> list[Influence]:
    """The influences along which something can travel to the ends."""
    kept = list(influences)
    reaching = _travelled(((one.target, one.source) for one in kept), ends)
    return [one for one in kept if one.target in reaching]


def _travelled(steps: Iterable[tuple[Node, Node]], starts: Iterable[Node]) -> set[Node]:
    beside: defaultdict[Node, list[Node]] = defaultdict(list)
    for near, far in steps:
        beside[near].append(far)
    return closure(starts, beside)
