"""What happens, period by period, after outside changes."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from graph.insight.influences import Shock, ShockShape
from graph.insight.systems import Floats, LongRun, Period, System


def respond(system: System, shocks: Iterable[Shock], horizon: int) -> Floats:
    """x_t = (I - B_0^T)^-1 (u_t + sum_l B_l^T x_{t-l}) for t = 0 .. horizon: [period, node].

    Needs the loops within a period to fade; what grows from period to period is shown growing.
    """
    if horizon < 0:
        raise ValueError(f"the horizon is {horizon}; write 0 or more periods")
    outside = _outside(system, shocks, horizon)
    period = Period.of([(lag, system.moved(lag)) for lag in system.lags()])
    made: list[Floats] = []
    for changes in outside:
        made.append(period.after(changes, made[::-1]))
    return np.array(made)


def _outside(system: System, shocks: Iterable[Shock], horizon: int) -> Floats:
    made = np.zeros((horizon + 1, len(system.nodes)))
    for shock in shocks:
        made[:, system.at[shock.node]] += [shock.at(period) for period in range(horizon + 1)]
    return made


def settles(system: System, long_run: LongRun, shocks: Iterable[Shock]) -> Floats | None:
    """Where a stable system comes to rest: of pulses at 0, of steps at L^T s, of ramps never."""
    lasting = np.zeros(len(system.nodes))
    for shock in shocks:
        if shock.shape is ShockShape.RAMP and shock.change:
            return None
        if shock.shape is ShockShape.STEP:
            lasting[system.at[shock.node]] += shock.change
    return long_run.forward(lasting)
