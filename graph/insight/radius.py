"""The spectral radius of a lagged system: whether its loops fade.

Worked out inside strongly connected components alone: an acyclic system has radius 0, and the
usual iterations fail on its nilpotent matrix. With lags the companion matrix decides, for the
summed matrix can have a radius below 1 in a system that explodes, and above 1 in one that fades
(Lütkepohl 2005, 2.1). Within a period the loops of lag 0 have to fade by themselves.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from scipy.sparse import linalg

from graph.insight.components import Component, components
from graph.insight.influences import Name, Node, Stability
from graph.insight.systems import Floats, System

TOLERANCE = 1e-6
"""A radius counts as below 1 if it is so by more than this."""
ROUGH = 1e-3
"""The same where the radius could only be estimated from the growth of a random change."""
DENSE = 300
"""Up to so many states the eigenvalues are worked out in full."""
CLOSE = 0.95
"""Above this, the radius of a large component is worked out with more care."""
STEPS = 20_000
"""Steps of the growth of a random change at most."""
NAMED = 5
"""Nodes named in an explanation at most."""


@dataclass(frozen=True, slots=True)
class Radius:
    """The largest radius of the components, and the nodes of the component that has it.

    `within` says that its loops have no lag; `estimated` that the figure is an estimate.
    """

    value: float = 0.0
    nodes: tuple[Node, ...] = ()
    within: bool = True
    estimated: bool = False

    @property
    def converges(self) -> bool:
        """Whether the loops fade, beyond doubt of rounding."""
        return self.value < 1 - (ROUGH if self.estimated else TOLERANCE)

    @property
    def bounded(self) -> bool:
        """Whether at least no loop grows: one that adds up (radius 1) has a path but no end."""
        return self.converges or (not self.within and self.value <= 1 + TOLERANCE)

    def stability(self, name: Name = str) -> Stability:
        """The same as a sentence."""
        if not self.nodes:
            said = "There are no loops: every effect is a finite sum."
            return Stability(converges=True, spectral_radius=0.0, explanation=said)
        each = "round" if self.within else "period"
        said = f"the loops among {_names(self.nodes, name)} multiply a change by {self.value:.4g}"
        said += f" in each {each}{' (estimated)' if self.estimated else ''}"
        if self.converges:
            said = f"Effects have an end: {said}, which fades."
        else:
            said = f"No numbers: {said}, which does not fade. Check the weights of their links."
        return Stability(converges=self.converges, spectral_radius=self.value, explanation=said)


def _names(nodes: tuple[Node, ...], name: Name) -> str:
    told = ", ".join(name(node) for node in nodes[:NAMED])
    return told if len(nodes) <= NAMED else f"{told} and {len(nodes) - NAMED} more"


def radius(system: System) -> Radius:
    """The largest radius: of the loops within a period first, and if these fade, of all loops."""
    found = largest(system, components(system, within=True), within=True)
    if not found.converges or not system.lag.any():
        return found
    lagged = (one for one in components(system) if one.lag.any())
    return max(found, largest(system, lagged, within=False), key=lambda one: one.value)


def largest(system: System, parts: Iterable[Component], within: bool) -> Radius:
    """The largest radius of some components."""
    found = Radius()
    for part in parts:
        value, estimated = part_radius(part, system.weight)
        if value > found.value or not found.nodes:
            nodes = tuple(system.nodes[place] for place in part.members)
            found = Radius(value, nodes, within, estimated)
    return found


def part_radius(part: Component, weights: Floats) -> tuple[float, bool]:
    """The radius of a component, and whether it is an estimate."""
    if part.states <= DENSE:
        return float(part.radii(weights[np.newaxis])[0]), False
    value, estimated = _far(part.operator(weights))
    return float(value ** (1 / part.step)), estimated


def _far(operator: linalg.LinearOperator) -> tuple[float, bool]:
    """By Arnoldi iteration to three digits, to six where it is close to 1; else by growth.

    Several eigenvalues are sought, as the first one found need not be the largest. Where very many
    are equally large, as in one long circle, Arnoldi iteration fails.
    """
    start = np.random.default_rng(1).standard_normal(operator.shape[0])
    try:
        found = _arnoldi(operator, start, 6, 1e-3)
        return (_arnoldi(operator, start, 8, 1e-6) if found > CLOSE else found), False
    except linalg.ArpackError:
        return _growth(operator, start), True


def _arnoldi(operator: linalg.LinearOperator, start: Floats, sought: int, exact: float) -> float:
    found = linalg.eigs(
        operator,
        k=sought,
        v0=start,
        ncv=5 * sought,
        maxiter=100,
        tol=exact,
        return_eigenvectors=False,
    )
    return float(np.abs(found).max())


def _growth(operator: linalg.LinearOperator, state: Floats) -> float:
    """Mean growth of a random change by step, over as many steps as there are states."""
    for _ in range(200):
        state = _unit(operator.matvec(state))
    steps, grown = min(operator.shape[0], STEPS), 0.0
    for _ in range(steps):
        state = operator.matvec(state)
        size = float(np.linalg.norm(state))
        if size == 0:
            return 0.0
        grown += np.log(size)
        state = state / size
    return float(np.exp(grown / steps))


def _unit(state: Floats) -> Floats:
    size = float(np.linalg.norm(state))
    return state / size if size else state
