"""How long effects take beside scipy's own solution of the same system: `python -m bench effects`.

Prints ratios and ends by itself within about half a minute. Systems are random, the seed is fixed.
"""

from __future__ import annotations

from collections.abc import Callable
from time import perf_counter

import numpy as np
from scipy import sparse
from scipy.sparse import linalg

from graph.insight.draws import drawn
from graph.insight.effects import effects_of
from graph.insight.influences import Influence
from graph.insight.paths import strongest
from graph.insight.radius import radius
from graph.insight.systems import LongRun, System

SIZES = ((2_000, 5_000, 0.050), (10_000, 25_000, 0.300))
"""Nodes, links, and the seconds that radius and long run may take together."""
ROUNDS = 5


def random_links(nodes: int, links: int) -> list[Influence]:
    """Random links of which most lie in one large component."""
    rng = np.random.default_rng(20_251_107)
    ends = rng.integers(0, nodes, (links, 2)).tolist()
    weights = rng.uniform(-0.4, 0.4, links).tolist()
    return [
        Influence(f"l{place}", source, target, weight, 0, abs(weight) / 10)
        for place, ((source, target), weight) in enumerate(zip(ends, weights, strict=True))
    ]


def best(of: Callable[[], object], rounds: int = ROUNDS) -> float:
    """Seconds of the fastest of some rounds."""
    times = []
    for _ in range(rounds):
        begun = perf_counter()
        of()
        times.append(perf_counter() - begun)
    return min(times)


def scipys_own(system: System) -> Callable[[], object]:
    """What anyone would write: one factorization and one solution."""
    matrix = (sparse.eye_array(len(system.nodes)) - system.moved()).tocsc()
    s = np.zeros(len(system.nodes))
    s[0] = 1.0
    return lambda: linalg.splu(matrix).solve(s)


def told(what: str, seconds: float, floor: float, aim: float | None = None) -> None:
    """One line: milliseconds, times the floor, and the aim."""
    beside = "" if aim is None else f"   aim {aim * 1000:6.0f} ms"
    print(f"  {what:42} {seconds * 1000:9.1f} ms   {seconds / floor:7.2f} x{beside}")


def main() -> None:
    """Every measure, by size."""
    for nodes, links, aim in SIZES:
        model = random_links(nodes, links)
        system = System.of(model)
        start = system.nodes[0]
        s = system.vector({start: 1.0})
        floor = best(scipys_own(system), 3 if nodes < 5_000 else 1)
        print(f"{nodes:,} nodes, {links:,} links, radius {radius(system).value:.3f}:")
        told("scipy: factor and solve", floor, floor)
        told("arrays from links", best(lambda: System.of(model)), floor)  # noqa: B023
        told("radius", best(lambda: radius(system)), floor)  # noqa: B023
        told("long run", best(lambda: LongRun.of(system).forward(s)), floor)  # noqa: B023
        both = best(lambda: (radius(system), LongRun.of(system).forward(s)))  # noqa: B023
        told("radius and long run", both, floor, aim)
        few = list(system.nodes[:20])
        asked = best(lambda: effects_of(model, {start: 1.0}, few), 3)  # noqa: B023
        told("effects on 20 things, with errors", asked, floor)
        way = best(lambda: strongest(model, start, few[9]), 1)  # noqa: B023
        told("five strongest paths", way, floor)
        if nodes <= 2_000:
            made = best(lambda: drawn(system, s, np.arange(nodes // 2)), 3)  # noqa: B023
            told("1,000 draws", made, floor, 1.0)


if __name__ == "__main__":
    main()
