"""Influences for tests, short to write, and the same systems as dense numpy matrices."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray

from graph.insight.influences import Influence

Floats = NDArray[np.float64]
Row = tuple[str, str, float, int]


def link(
    source: str, target: str, weight: float | None, lag: int = 0, se: float | None = None
) -> Influence:
    """An influence whose id tells its ends."""
    return Influence(f"{source}>{target}/{lag}", source, target, weight, lag, se)


def links(*rows: Sequence[object]) -> list[Influence]:
    """Influences from source, target, weight, and lag and standard error where there are."""
    return [link(*row) for row in rows]  # type: ignore[arg-type]


def dense(influences: Iterable[Influence], nodes: Sequence[str]) -> list[Floats]:
    """B_l for each lag from 0 to the longest, row i and column j the effect of i on j."""
    kept = list(influences)
    made = [np.zeros((len(nodes), len(nodes))) for _ in range(max(one.lag for one in kept) + 1)]
    for one in kept:
        at = nodes.index(str(one.source)), nodes.index(str(one.target))
        made[one.lag][at] += one.weight or 0.0
    return made


def companion_radius(matrices: Sequence[Floats]) -> float:
    """Largest eigenvalue of the whole companion matrix, zeros and all, by size."""
    size = len(matrices[0])
    earlier = [np.linalg.solve(np.eye(size) - matrices[0].T, one.T) for one in matrices[1:]]
    below = np.eye(size * max(0, len(earlier) - 1), size * len(earlier))
    return spectral_radius(np.vstack([np.hstack(earlier), below])) if earlier else 0.0


def spectral_radius(matrix: Floats) -> float:
    """Largest eigenvalue by size."""
    return float(np.abs(np.linalg.eigvals(matrix)).max())


NODES = list("abcdef")


@st.composite
def systems(
    draw: st.DrawFn, weights: st.SearchStrategy[float], longest: int = 3, least: int = 1
) -> list[Influence]:
    """Up to 12 influences among six nodes, circles, self-links and parallel links included."""
    ends = st.sampled_from(NODES)
    rows = st.tuples(ends, ends, weights, st.integers(0, longest))
    drawn = draw(st.lists(rows, min_size=least, max_size=12))
    return [
        Influence(f"{place}:{a}>{b}", a, b, weight, lag, abs(weight) / 10)
        for place, (a, b, weight, lag) in enumerate(drawn)
    ]
