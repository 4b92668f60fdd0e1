"""Strongly connected parts of a lagged system, and the companion matrix of each."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import reduce
from math import gcd

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse import csgraph, linalg

from graph.insight.systems import Floats, Ints, Period, System

Places = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Component:
    """Nodes of which each reaches each other, and the links among them, renumbered from 0.

    `links` are places in the system's arrays; lags are divided by `step`, their common divisor.
    """

    members: Ints
    links: Ints
    source: Ints
    target: Ints
    lag: Ints
    step: int

    @property
    def delays(self) -> Ints:
        """For each node, how many earlier periods of it still act; the states are their sum."""
        longest = np.zeros(len(self.members), np.int64)
        np.maximum.at(longest, self.source, self.lag)
        return longest

    @property
    def states(self) -> int:
        """Size of its companion matrix, or of its own one where no link has a lag."""
        return int(self.delays.sum()) or len(self.members)

    def companions(self, weights: Floats) -> Floats:
        """Companion matrices for several sets of weights, [set, state, state], dense.

        y holds x_{t-1} .. x_{t-D} of each node: x_t = (I - B_0^T)^-1 C y, and y moves on by one.
        """
        now, before = self.lag == 0, self.lag > 0
        own = self._filled(weights, now, self.source, len(self.members))
        if not before.any():
            return own
        first = np.cumsum(self.delays) - self.delays
        earlier = self._filled(weights, before, first[self.source] + self.lag - 1, self.states)
        moved = np.linalg.solve(np.eye(len(self.members)) - own, earlier)
        kept = self.delays > 0
        made = np.zeros((len(weights), self.states, self.states))
        made[:, first[kept], :] = moved[:, kept, :]
        shifted = np.setdiff1d(np.arange(self.states), first[kept])
        made[:, shifted, shifted - 1] = 1.0
        return made

    def _filled(self, weights: Floats, kept: Places, column: Ints, columns: int) -> Floats:
        made = np.zeros((len(weights), len(self.members), columns))
        sums = made.transpose(1, 2, 0)
        np.add.at(sums, (self.target[kept], column[kept]), weights[:, self.links[kept]].T)
        return made

    def radii(self, weights: Floats) -> Floats:
        """The radius for each set of weights, from all eigenvalues."""
        found = np.linalg.eigvals(self.companions(weights))
        return np.asarray(np.abs(found).max(axis=1) ** (1 / self.step))

    def operator(self, weights: Floats) -> linalg.LinearOperator:
        """The companion matrix as what it does to a state, never written out."""
        kept, now = weights[self.links], self.lag == 0
        size = len(self.members)
        own = sparse.csr_array((kept[now], (self.target[now], self.source[now])), (size, size))
        if now.all():
            return linalg.aslinearoperator(own)
        first = np.cumsum(self.delays) - self.delays
        column = (first[self.source] + self.lag - 1)[~now]
        ends = (self.target[~now], column)
        earlier = sparse.csr_array((kept[~now], ends), (size, self.states))
        period = Period.of([(0, own)] if now.any() else [])
        return _stepping(period, earlier, first, self.delays > 0)


def _stepping(
    period: Period, earlier: sparse.csr_array, first: Ints, kept: Places
) -> linalg.LinearOperator:
    def step(state: Floats) -> Floats:
        following = np.concatenate(([0.0], np.ravel(state)[:-1]))
        following[first[kept]] = period.solved(earlier @ np.ravel(state))[kept]
        return following

    states = earlier.shape[1]
    return linalg.LinearOperator((states, states), matvec=step, dtype=np.float64)


def components(system: System, within: bool = False) -> Iterator[Component]:
    """The strongly connected components that hold a loop, of all links or those without lag."""
    kept = np.flatnonzero((system.weight != 0) & ((system.lag == 0) | (not within)))
    source, target = system.source[kept], system.target[kept]
    size = len(system.nodes)
    pattern = sparse.csr_array((np.ones(len(kept)), (source, target)), shape=(size, size))
    _, label = csgraph.connected_components(pattern, directed=True, connection="strong")
    inside = kept[label[source] == label[target]]
    inside = inside[np.argsort(label[system.source[inside]], kind="stable")]
    of = label[system.source[inside]]
    for links in np.split(inside, np.flatnonzero(np.diff(of)) + 1):
        if len(links):
            yield _component(system, links)


def _component(system: System, links: Ints) -> Component:
    members, places = np.unique(
        np.concatenate((system.source[links], system.target[links])), return_inverse=True
    )
    step = reduce(gcd, (int(lag) for lag in np.unique(system.lag[links]))) or 1
    source, target = np.split(places, 2)
    return Component(members, links, source, target, system.lag[links] // step, step)
