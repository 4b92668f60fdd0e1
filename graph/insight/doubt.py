"""How sure effects are, given the standard errors of the links they travel along.

All of it takes the errors of different links for independent. That is an assumption, and can
overstate the doubt a lot where links were measured together.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from graph.insight.components import Component, components
from graph.insight.radius import TOLERANCE, part_radius
from graph.insight.systems import Floats, Ints, LongRun, System, Unsettled

BLOCK = 256
"""Solutions worked out at once."""
ENTRIES = 250_000
"""Links of all draws that are swept at once."""
SEED = 20_251_107
"""The seed of all draws: the same question gets the same answer."""
SMALL = 60
"""Up to so many states of a component its radius is worked out for each draw."""
FEW = 200
"""Draws at most where lagged loops are so large that each draw takes an iteration of its own."""


def first_order(system: System, long_run: LongRun, lasting: Floats, targets: Ints) -> Floats:
    """Standard errors of what lasting changes come to at some places (delta method).

    var x_b = sum over links i -> j of (x_i L[j,b] se_ij)^2, with x = L^T s. It takes as many
    solutions as there are targets, or uncertain links' ends if these are fewer.
    """
    x = long_run.forward(lasting)
    weighed = np.zeros(len(system.nodes))
    np.add.at(weighed, system.target, (x[system.source] * system.se) ** 2)
    doubtful = np.flatnonzero(weighed)
    if len(targets) <= len(doubtful):
        found = [weighed @ long_run.backward(of) ** 2 for of in _units(system, targets)]
        return np.sqrt(np.concatenate([*found, np.zeros(0)]))
    variance = np.zeros(len(targets))
    for of, at in zip(_units(system, doubtful), _blocks(doubtful), strict=True):
        variance += weighed[at] @ long_run.forward(of)[targets].T ** 2
    return np.sqrt(variance)


def _blocks(places: Ints) -> Iterator[Ints]:
    for begin in range(0, len(places), BLOCK):
        yield places[begin : begin + BLOCK]


def _units(system: System, places: Ints) -> Iterator[Floats]:
    for block in _blocks(places):
        made = np.zeros((len(system.nodes), len(block)))
        made[block, np.arange(len(block))] = 1.0
        yield made


@dataclass(frozen=True, slots=True)
class Draws:
    """What lasting changes come to at some places if weights are drawn anew: [draw, place].

    Only draws that have an end are among `totals`; `diverging` of `count` have none.
    """

    totals: Floats
    count: int
    diverging: int

    def between(self, share: float = 0.95) -> tuple[Floats, Floats]:
        """Bounds within which this share of the draws with an end lies, in the middle of them."""
        rest = (1 - share) / 2
        low, high = np.quantile(self.totals, [rest, 1 - rest], axis=0)
        return low, high


def drawn(
    system: System, lasting: Floats, targets: Ints, count: int = 1_000, seed: int = SEED
) -> Draws:
    """Monte Carlo: weights normal around their estimate, independent, seeded.

    One right-hand side is solved for each draw, all on one sparsity pattern.
    """
    parts = list(components(system)) + list(components(system, within=True))
    if any(part.states > SMALL and part.lag.any() for part in parts):
        count = min(count, FEW)
    noise = np.random.default_rng(seed).standard_normal((count, len(system.weight)))
    weights = system.weight + noise * system.se
    fading = np.ones(count, bool)
    for part in sorted(parts, key=lambda part: part.lag.any()):
        fading[fading] = _fade(part, weights[fading])
    totals = _totals(system, weights[fading], lasting, targets, _all_known(parts))
    kept = np.isfinite(totals).all(axis=1)
    return Draws(totals[kept], count, count - int(kept.sum()))


def _all_known(parts: list[Component]) -> bool:
    return all(part.states <= SMALL or part.lag.any() for part in parts)


def _fade(part: Component, weights: Floats) -> Floats:
    """Which draws' loops fade; large ones within a period are left to the sweeps."""
    if part.states <= SMALL:
        return part.radii(weights) < 1 - TOLERANCE
    if not part.lag.any():
        return np.ones(len(weights), bool)
    return np.array([part_radius(part, one)[0] < 1 - TOLERANCE for one in weights], bool)


def _totals(system: System, weights: Floats, lasting: Floats, targets: Ints, known: bool) -> Floats:
    """Totals by draw; a draw without end is nan. `known` says that all of them have an end."""
    made = np.full((len(weights), len(targets)), np.nan)
    left = np.arange(len(weights))
    for sweeps in (100, 2_000):
        size = max(1, ENTRIES // max(1, weights.shape[1], len(system.nodes)))
        for begin in range(0, len(left), size):
            block = left[begin : begin + size]
            made[block] = _swept(system, weights[block], lasting, sweeps)[:, targets]
        left = left[~np.isfinite(made[left]).all(axis=1)]
    if known:
        for draw in left:
            made[draw] = _solved(system, weights[draw], lasting)[targets]
    return made


def _solved(system: System, weights: Floats, lasting: Floats) -> Floats:
    drawn = System(
        system.nodes, system.at, system.source, system.target, weights, system.lag, system.se
    )
    try:
        return LongRun.of(drawn).forward(lasting)
    except Unsettled:
        return np.full(len(lasting), np.nan)


def _swept(system: System, weights: Floats, lasting: Floats, sweeps: int) -> Floats:
    """x = s + M x for several draws as one block-diagonal system; nan where sweeps do not settle.

    [draw, node]; settled is a relative change of 1e-10 in one sweep.
    """
    count, size = len(weights), len(lasting)
    moved = _diagonal(system, weights)
    s = np.tile(lasting, count)
    x, settled = s, np.zeros(count, bool)
    with np.errstate(over="ignore", invalid="ignore"):
        for sweep in range(1, sweeps + 1):
            following = s + moved @ x
            if sweep % 4 == 0 or sweep == sweeps:
                change = np.abs(following - x).reshape(count, size).max(axis=1)
                large = np.abs(following).reshape(count, size).max(axis=1)
                settled = change <= 1e-10 * large
                if (settled | ~np.isfinite(change) | (large > 1e60)).all():
                    break
            x = following
    found = following.reshape(count, size)
    found[~settled] = np.nan
    return found


def _diagonal(system: System, weights: Floats) -> sparse.csr_array:
    """B^T of every draw along the diagonal; equal pattern, so that nothing is sorted twice."""
    count, size = len(weights), len(system.nodes)
    order = np.argsort(system.target, kind="stable")
    ends = np.cumsum(np.bincount(system.target, minlength=size))
    columns = system.source[order] + size * np.arange(count)[:, np.newaxis]
    rows = np.concatenate(([0], (ends + len(order) * np.arange(count)[:, np.newaxis]).ravel()))
    shape = (count * size, count * size)
    return sparse.csr_array((weights[:, order].ravel(), columns.ravel(), rows), shape=shape)
