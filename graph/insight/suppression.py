"""Small groups: which counts are kept back so that none below a least size can be known."""

from __future__ import annotations

from collections.abc import Mapping


def suppressed(counts: Mapping[str, float], least: int) -> frozenset[str]:
    """Members whose counts are kept back where the counts of all the others, and the total, are
    told.

    Every count above 0 and below `least` is kept back. The total tells the sum of what is kept
    back, so the next larger counts join them until there are at least two and they make `least`
    together; where there are not enough, all are kept back. Ties go by name.
    """
    small = {name for name, count in counts.items() if 0 < count < least}
    if not small:
        return frozenset()
    others = sorted((count, name) for name, count in counts.items() if name not in small and count)
    for _, name in others:
        if len(small) > 1 and sum(counts[one] for one in small) >= least:
            break
        small.add(name)
    return frozenset(small)
