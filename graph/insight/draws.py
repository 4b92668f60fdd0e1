"""Effects drawn anew from the doubt about their links (Monte Carlo), where loops come close to 1.

Weights are normal around their estimates and independent of each other; the seed is fixed. Draws
without an end are counted, never dropped in silence.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

import numpy as np
from scipy import sparse

from graph.insight.components import Component, Places, components
from graph.insight.radius import TOLERANCE, part_radius
from graph.insight.systems import Floats, Ints, LongRun, System, Unsettled

ENTRIES = 100_000
"""Links of all draws that are swept at once."""
SEED = 20_251_107
"""The seed of all draws: the same question gets the same answer."""
SMALL = 60
"""Up to so many states of a component its radius is worked out for each draw."""
FEW = 200
"""Draws at most where lagged loops are so large that each draw takes an iteration of its own."""
HUGE = 1e60
"""A draw that grew to this is looked at by itself."""


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

    One right-hand side is solved for each draw, all on one sparsity pattern. Where large loops
    need a closer look at each of too many draws, only the first 200 are made.
    """
    parts = list(components(system, within=True))
    parts += [part for part in components(system) if part.lag.any()]
    if any(part.states > SMALL and part.lag.any() for part in parts):
        count = min(count, FEW)
    noise = np.random.default_rng(seed).standard_normal((count, len(system.weight)))
    weights = system.weight + noise * system.se
    totals = np.full((count, len(targets)), np.inf)
    fading = np.flatnonzero(_fading(parts, weights))
    totals[fading] = _swept_twice(system, weights[fading], lasting, targets)
    open_ = np.flatnonzero(np.isnan(totals).any(axis=1))
    if len(open_) > FEW and not all(map(_looked_at, parts)):
        totals, open_ = totals[:FEW], open_[open_ < FEW]
    for draw in open_:
        totals[draw] = _solved(system, parts, weights[draw], lasting)[targets]
    kept = np.isfinite(totals).all(axis=1)
    return Draws(totals[kept], len(totals), int((~kept).sum()))


def _looked_at(part: Component) -> bool:
    """Whether its loops are looked at before the sweeps; otherwise sweeps that end tell of it."""
    return part.states <= SMALL or bool(part.lag.any())


def _fading(parts: Sequence[Component], weights: Floats) -> Places:
    """Which draws' loops fade, as far as they are looked at before the sweeps."""
    fading = np.ones(len(weights), bool)
    for part in filter(_looked_at, parts):
        fading[fading] = _fade(part, weights[fading])
    return fading


def _fade(part: Component, weights: Floats) -> Places:
    if part.states <= SMALL:
        return np.less(part.radii(weights), 1 - TOLERANCE)
    return np.array([part_radius(part, one)[0] < 1 - TOLERANCE for one in weights], bool)


def _swept_twice(system: System, weights: Floats, lasting: Floats, targets: Ints) -> Floats:
    """Totals by draw, first in few sweeps, then in more for those that had not settled."""
    made = np.full((len(weights), len(targets)), np.nan)
    left = np.arange(len(weights))
    for sweeps in (100, 1_000):
        size = max(1, ENTRIES // max(1, weights.shape[1], len(system.nodes)))
        for begin in range(0, len(left), size):
            block = left[begin : begin + size]
            made[block] = _swept(system, weights[block], lasting, sweeps)[:, targets]
        left = left[np.isnan(made[left]).any(axis=1)]
    return made


def _solved(system: System, parts: Sequence[Component], weights: Floats, lasting: Floats) -> Floats:
    """One draw by itself: infinite where its loops do not fade."""
    rest = [part for part in parts if not _looked_at(part)]
    if all(part_radius(part, weights)[0] < 1 - TOLERANCE for part in rest):
        with suppress(Unsettled):
            return LongRun.of(replace(system, weight=weights)).forward(lasting)
    return np.full(len(lasting), np.inf)


def _swept(system: System, weights: Floats, lasting: Floats, sweeps: int) -> Floats:
    """x = s + M x for several draws as one block-diagonal system: [draw, node].

    Settled is a relative change of 1e-10 in one sweep; nan where the sweeps did not get there.
    """
    count, size = len(weights), len(lasting)
    moved = _diagonal(system, weights)
    s = np.tile(lasting, count)
    x, settled = s, np.zeros(count, bool)
    with np.errstate(over="ignore", invalid="ignore"):
        for _ in range(0, sweeps, 4):
            for _ in range(4):
                x, before = s + moved @ x, x
            change, large = _largest(x - before, count), _largest(x, count)
            settled = change <= 1e-10 * large
            if (settled | ~np.isfinite(change) | (large > HUGE)).all():
                break
    found: Floats = x.reshape(count, size)
    found[~settled] = np.nan
    return found


def _largest(x: Floats, count: int) -> Floats:
    return np.asarray(np.abs(x).reshape(count, -1).max(axis=1), np.float64)


def _diagonal(system: System, weights: Floats) -> sparse.csr_array:
    """B^T of every draw along the diagonal; equal pattern, so that nothing is sorted twice."""
    count, size = len(weights), len(system.nodes)
    order = np.argsort(system.target, kind="stable")
    ends = np.cumsum(np.bincount(system.target, minlength=size))
    columns = system.source[order] + size * np.arange(count)[:, np.newaxis]
    rows = np.concatenate(([0], (ends + len(order) * np.arange(count)[:, np.newaxis]).ravel()))
    shape = (count * size, count * size)
    places = (columns.ravel().astype(np.int32), rows.astype(np.int32))
    return sparse.csr_array((weights[:, order].ravel(), *places), shape=shape)
