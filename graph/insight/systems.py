"""Systems of lagged linear influences as sparse matrices, and what a lasting change comes to.

Row i, column j of B_l is the effect of i on j after l periods. x_t = sum_l B_l^T x_{t-l} + u_t;
in the long run x = (I - sum_l B_l^T)^-1 u (Miller & Blair 2009; Bollen 1987). Whether there is a
long run is told by `graph.insight.radius`: the inverse also exists beyond, and is meaningless.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse import linalg

from graph.insight.influences import Influence, Node

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

FACTORED = 3_000
"""Up to so many nodes a system is factored; beyond, if it has more links than nodes, loops fill the
factors, so it is iterated."""
SMALL = 500
"""Up to so many nodes a system is always factored."""
QUICK = 300
"""Sweeps up to which iterating beats factoring."""
PRECISION = 1e-13
"""Relative change of a sweep at which an iteration has settled."""
SWEEPS = 20_000
"""Sweeps after which an iteration is given up."""


class Unsettled(ArithmeticError):
    """An iteration found no end: the loops do not fade, or fade too slowly."""


@dataclass(frozen=True, slots=True)
class System:
    """Influences as arrays over `nodes`; `at` finds a node's place."""

    nodes: tuple[Node, ...]
    at: Mapping[Node, int]
    source: Ints
    target: Ints
    weight: Floats
    lag: Ints
    se: Floats

    @classmethod
    def of(
        cls, influences: Iterable[Influence], nodes: Iterable[Node] = (), damping: float = 1.0
    ) -> System:
        """From influences with weights, over their ends and further nodes.

        `damping` d in (0, 1] multiplies every weight, so that total effects are sum d^k B^k.
        Raises ValueError for another damping, and for an influence known by its sign only.
        """
        if not 0 < damping <= 1:
            raise ValueError(f"damping is {damping}; write more than 0 and at most 1")
        links = list(influences)
        ends = [*nodes, *(end for one in links for end in (one.source, one.target))]
        at = {node: place for place, node in enumerate(dict.fromkeys(ends))}
        return cls(
            nodes=tuple(at),
            at=at,
            source=np.array([at[one.source] for one in links], np.int64),
            target=np.array([at[one.target] for one in links], np.int64),
            weight=damping * np.array([_weight(one) for one in links], np.float64),
            lag=np.array([one.lag for one in links], np.int64),
            se=damping * np.array([one.se or 0.0 for one in links], np.float64),
        )

    def lags(self) -> list[int]:
        """The lags that occur, in order."""
        return [int(lag) for lag in np.unique(self.lag)]

    def moved(self, lag: int | None = None) -> sparse.csr_array:
        """B_l^T of a lag, or sum_l B_l^T: times a change of the nodes, what it moves directly."""
        kept = slice(None) if lag is None else self.lag == lag
        ends = (self.target[kept], self.source[kept])
        size = len(self.nodes)
        return sparse.csr_array((self.weight[kept], ends), shape=(size, size))

    def vector(self, changes: Mapping[Node, float]) -> Floats:
        """Changes of nodes as an array over all nodes."""
        made = np.zeros(len(self.nodes))
        for node, change in changes.items():
            made[self.at[node]] = change
        return made


def _weight(one: Influence) -> float:
    if one.weight is None:
        raise ValueError(f"{one.id} has no weight; leave links known by sign only out of numbers")
    return one.weight


@dataclass(frozen=True, slots=True)
class LongRun:
    """Solves x = s + sum_l B_l^T x of a stable system: L^T s, with L = (I - sum_l B_l)^-1."""

    summed: sparse.csr_array
    by_lag: Sequence[tuple[int, sparse.csr_array]]
    factors: linalg.SuperLU | None

    @classmethod
    def of(cls, system: System) -> LongRun:
        """Iterated to 1e-12 where that is quick or the system large, else factored."""
        summed = system.moved()
        by_lag = [(lag, system.moved(lag)) for lag in system.lags()]
        return cls(summed, by_lag, None if _quick(summed) else _factors(summed))

    def forward(self, changes: Floats) -> Floats:
        """Where lasting changes of the nodes lead; one column for each set of changes."""
        if self.factors is not None:
            return _array(self.factors.solve(changes))
        return _settled(self.summed, self.by_lag, changes)

    def backward(self, worth: Floats) -> Floats:
        """What a lasting +1 of each node comes to, told what the nodes count at the end: L s."""
        if self.factors is not None:
            return _array(self.factors.solve(worth, trans="T"))  # type: ignore[call-overload]
        by_lag = [(lag, moved.T.tocsr()) for lag, moved in self.by_lag]
        return _settled(self.summed.T.tocsr(), by_lag, worth)


def _quick(moved: sparse.csr_array) -> bool:
    """Whether a system, not a small one, settles in few sweeps, as a random change tells."""
    if moved.shape[0] <= SMALL:
        return False
    try:
        iterated(moved, np.random.default_rng(1).standard_normal(moved.shape[0]), QUICK)
    except Unsettled:
        return False
    return True


def _factors(moved: sparse.csr_array) -> linalg.SuperLU | None:
    size = moved.shape[0]
    if size == 0 or (size > FACTORED and moved.nnz > size):
        return None
    return linalg.splu((sparse.eye_array(size) - moved).tocsc())


def _settled(
    summed: sparse.csr_array, by_lag: Sequence[tuple[int, sparse.csr_array]], changes: Floats
) -> Floats:
    """Sweep over the summed matrix; where that finds no end, live through the periods instead.

    With weights of both signs the lagged system can be stable though its sum is not.
    """
    try:
        return iterated(summed, changes)
    except Unsettled:
        if not any(lag for lag, _ in by_lag):
            raise
        return _lived(by_lag, changes)


def iterated(moved: sparse.csr_array, changes: Floats, sweeps: int = SWEEPS) -> Floats:
    """x = s + M x by sweeps. Raises Unsettled where so many find no end."""
    x = changes
    with np.errstate(over="ignore", invalid="ignore"):
        for _ in range(sweeps):
            following = _array(changes + moved @ x)
            size, change = _size(following), _size(following - x)
            if not np.isfinite(change):
                break
            if change <= PRECISION * size:
                return following
            x = following
    raise Unsettled("the sweeps found no end")


def _lived(by_lag: Sequence[tuple[int, sparse.csr_array]], changes: Floats) -> Floats:
    """The state in which a lasting change ends, period by period."""
    longest = max(lag for lag, _ in by_lag)
    past = [np.zeros_like(changes)] * longest
    within = Period.of(by_lag)
    with np.errstate(over="ignore", invalid="ignore"):
        for _ in range(SWEEPS):
            past = [within.after(changes, past), *past[:longest]]
            change = max(_size(past[0] - then) for then in past[1:])
            if not np.isfinite(change):
                break
            if change <= PRECISION * _size(past[0]):
                return past[0]
    raise Unsettled("the periods found no end")


@dataclass(frozen=True, slots=True)
class Period:
    """One period of a system: what was in earlier periods, and the circles within this one."""

    earlier: Sequence[tuple[int, sparse.csr_array]]
    within: sparse.csr_array | None
    factors: linalg.SuperLU | None

    @classmethod
    def of(cls, by_lag: Sequence[tuple[int, sparse.csr_array]]) -> Period:
        """From B_l^T by lag; needs the loops within a period to fade."""
        within = next((moved for lag, moved in by_lag if lag == 0), None)
        factors = None if within is None else _factors(within)
        return cls([(lag, moved) for lag, moved in by_lag if lag], within, factors)

    def after(self, changes: Floats, past: Sequence[Floats]) -> Floats:
        """(I - B_0^T)^-1 (u_t + sum_l B_l^T x_{t-l}), where `past` begins with the last period."""
        known = [(lag, moved) for lag, moved in self.earlier if lag <= len(past)]
        return self.solved(_array(sum((moved @ past[lag - 1] for lag, moved in known), changes)))

    def solved(self, changes: Floats) -> Floats:
        """(I - B_0^T)^-1 of changes in a period."""
        if self.within is None:
            return changes
        if self.factors is None:
            return iterated(self.within, changes)
        return _array(self.factors.solve(changes))


def _array(x: Any) -> Floats:
    return np.asarray(x, np.float64)


def _size(x: Floats) -> float:
    return float(np.abs(x).max(initial=0.0))
