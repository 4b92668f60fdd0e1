"""How sure effects are, to first order, given the standard errors of the links they travel along.

The errors of different links are taken for independent. That is an assumption, and can overstate
the doubt a lot where links were measured together.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from graph.insight.systems import FACTORED, Floats, Ints, LongRun, System

BLOCK = 256
"""Solutions worked out at once."""
MANY = 100
"""From so many solutions on the inverse is written out, where the system is small enough."""


def standard_errors(system: System, long_run: LongRun, lasting: Floats, targets: Ints) -> Floats:
    """Standard errors of what lasting changes come to at some places (delta method).

    var x_b = sum over links i -> j of (x_i L[j,b] se_ij)^2, with x = L^T s. It takes as many
    solutions as there are targets, or as doubtful links' ends if these are fewer.
    """
    x = long_run.forward(lasting)
    weighed = np.zeros(len(system.nodes))
    np.add.at(weighed, system.target, (x[system.source] * system.se) ** 2)
    doubtful = np.flatnonzero(weighed)
    if len(weighed) <= FACTORED and min(len(targets), len(doubtful)) > MANY:
        inverse = np.linalg.inv(np.eye(len(weighed)) - long_run.summed.T.toarray())
        variance = weighed[doubtful] @ inverse[np.ix_(doubtful, targets)] ** 2
    elif len(targets) <= len(doubtful):
        variance = _from_targets(weighed, long_run, targets)
    else:
        variance = _from_doubtful(weighed, doubtful, long_run, targets)
    return np.asarray(np.sqrt(variance), np.float64)


def _from_targets(weighed: Floats, long_run: LongRun, targets: Ints) -> Floats:
    made = np.zeros(len(targets))
    for at in _blocks(len(targets)):
        made[at] = weighed @ long_run.backward(_units(len(weighed), targets[at])) ** 2
    return made


def _from_doubtful(weighed: Floats, doubtful: Ints, long_run: LongRun, targets: Ints) -> Floats:
    made = np.zeros(len(targets))
    for at in _blocks(len(doubtful)):
        reached = long_run.forward(_units(len(weighed), doubtful[at]))[targets]
        made += reached**2 @ weighed[doubtful[at]]
    return made


def _blocks(count: int) -> Iterator[slice]:
    for begin in range(0, count, BLOCK):
        yield slice(begin, begin + BLOCK)


def _units(size: int, places: Ints) -> Floats:
    made = np.zeros((size, len(places)))
    made[places, np.arange(len(places))] = 1.0
    return made
