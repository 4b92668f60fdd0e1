"""The curves of the arrows of a picture, from box to box and through the levels between."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from graph.insight.layout import AHEAD, Layout, Point

Curve = tuple[Point, Point, Point, Point]
"""Begin, two control points and end of a cubic Bézier curve."""


@dataclass(frozen=True, slots=True)
class _Hop:
    """A part of a way: the directions in which it leaves the first box and meets the second."""

    arrow: str
    ends: tuple[str, str]
    steps: tuple[Point, Point]


def routes(layout: Layout, ahead: Point) -> dict[str, list[Curve]]:
    """Curves of each arrow in order; `ahead` is the direction in which most arrows go."""
    hops = [hop for arrow, way in layout.ways.items() for hop in _hops(layout, arrow, way, ahead)]
    points = _ports(layout, hops, across=1 if ahead[0] else 0)
    found: defaultdict[str, list[Curve]] = defaultdict(list)
    for i, hop in enumerate(hops):
        begin, end = points[i, 0], points[i, 1]
        if before := found[hop.arrow]:
            found[hop.arrow].append(_straight(before[-1][3], begin))
        found[hop.arrow].append(_curve(begin, hop.steps[0], end, hop.steps[1]))
    return dict(found)


def _hops(layout: Layout, arrow: str, way: Sequence[str], ahead: Point) -> Iterator[_Hop]:
    back = (-ahead[0], -ahead[1])
    rising = -1 if ahead[1] < 0 else 1
    for start, end in pairwise(way):
        levels = rising * (layout.levels[end] - layout.levels[start])
        steps = (ahead, back) if levels > 0 else (back, ahead) if levels else (ahead, ahead)
        yield _Hop(arrow, (start, end), steps)


def _ports(layout: Layout, hops: Sequence[_Hop], across: int) -> Mapping[tuple[int, int], Point]:
    """Where each hop begins (0) and ends (1): those at one side of a box share it evenly."""
    sides: defaultdict[tuple[str, Point], list[tuple[float, int, int]]] = defaultdict(list)
    for i, hop in enumerate(hops):
        for which in (0, 1):
            far = layout.boxes[hop.ends[1 - which]]
            place = (far.x, far.y)[across]
            sides[hop.ends[which], hop.steps[which]].append((place, i, which))
    points: dict[tuple[int, int], Point] = {}
    for (id_, step), found in sides.items():
        for number, (_, i, which) in enumerate(sorted(found), start=1):
            points[i, which] = layout.boxes[id_].on_side(step, number / (len(found) + 1))
    return points


def _curve(begin: Point, out: Point, end: Point, into: Point) -> Curve:
    """Leaves and arrives at right angles to the sides."""
    far = abs(end[0] - begin[0]) * abs(out[0]) + abs(end[1] - begin[1]) * abs(out[1])
    pull = max(far / 2, AHEAD / 2)
    first = begin[0] + out[0] * pull, begin[1] + out[1] * pull
    second = end[0] + into[0] * pull, end[1] + into[1] * pull
    return begin, first, second, end


def _straight(begin: Point, end: Point) -> Curve:
    return begin, begin, end, end


def point_on(curve: Curve, t: float) -> Point:
    """The point of a cubic Bézier curve at 0 <= t <= 1."""
    shares = ((1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t * t * (1 - t), t**3)
    x = sum(share * point[0] for share, point in zip(shares, curve, strict=True))
    y = sum(share * point[1] for share, point in zip(shares, curve, strict=True))
    return x, y
