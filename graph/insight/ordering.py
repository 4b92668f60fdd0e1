"""The order of things inside the levels of a drawing, so that few arrows cross."""

from __future__ import annotations

from bisect import bisect_right, insort
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from graph.insight.ranks import Pair

SWEEPS = 8
"""Times that the levels are gone through, there and back in turn."""


def ordered(levels: Sequence[Iterable[str]], pairs: Iterable[Pair]) -> list[list[str]]:
    """Each level in drawing order: by barycentre of its neighbours, then by id.

    After Sugiyama, Tagawa & Toda (1981); of all sweeps the one with the fewest crossings is kept.
    """
    pairs = list(pairs)
    drawn = [sorted(level) for level in levels]
    best, fewest = drawn, crossings(drawn, pairs)
    for sweep in range(SWEEPS):
        if fewest == 0:
            break
        drawn = _swept(drawn, pairs, back=bool(sweep % 2))
        if (crossed := crossings(drawn, pairs)) < fewest:
            best, fewest = drawn, crossed
    return best


def crossings(levels: Sequence[Sequence[str]], pairs: Iterable[Pair]) -> int:
    """How many pairs of arrows between the same two levels cross."""
    at = {node: (i, j) for i, level in enumerate(levels) for j, node in enumerate(level)}
    between: defaultdict[tuple[int, int], list[tuple[int, int]]] = defaultdict(list)
    for pair in pairs:
        (i, a), (j, b) = sorted((at[pair[0]], at[pair[1]]))
        if i != j:
            between[i, j].append((a, b))
    return sum(_inversions(found) for found in between.values())


def _inversions(found: list[tuple[int, int]]) -> int:
    """Arrows that begin further on and end earlier; those that share an end do not cross."""
    ends: list[int] = []
    count = 0
    for _, end in sorted(found):
        count += len(ends) - bisect_right(ends, end)
        insort(ends, end)
    return count


def _swept(levels: Sequence[Sequence[str]], pairs: Iterable[Pair], back: bool) -> list[list[str]]:
    """Every level once by the barycentres of what was gone through before it."""
    beside: defaultdict[str, list[str]] = defaultdict(list)
    for start, end in pairs:
        beside[start].append(end)
        beside[end].append(start)
    places: dict[str, float] = {}
    drawn: list[list[str]] = []
    for level in reversed(levels) if back else levels:
        drawn.append(_by_barycentre(level, beside, places))
        places |= _centred(drawn[-1])
    return drawn[::-1] if back else drawn


def _by_barycentre(
    level: Sequence[str], beside: Mapping[str, Sequence[str]], places: Mapping[str, float]
) -> list[str]:
    def key(node: str) -> tuple[float, str]:
        near = [places[one] for one in beside.get(node, ()) if one in places]
        return sum(near) / len(near) if near else own[node], node

    own = _centred(level)
    return sorted(level, key=key)


def _centred(level: Sequence[str]) -> dict[str, float]:
    """Places counted from the middle of the level, where levels are drawn aligned."""
    return {node: i - (len(level) - 1) / 2 for i, node in enumerate(level)}
