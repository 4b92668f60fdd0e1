"""Where things of a picture stand: levels inside of lanes, boxes, and the curves of the arrows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from graph.insight.ordering import ordered
from graph.insight.picture import Node, Picture
from graph.insight.ranks import ranks

WIDE = 176.0
"""Width of a box, in px."""
ASIDE = 28.0
"""Space between boxes of a level."""
AHEAD = 62.0
"""Space between levels, where the arrows run."""
HEAD = 26.0
"""Space for the name of a lane."""
EDGE = 18.0
"""Space around lanes and inside of them."""

Point = tuple[float, float]
Curve = tuple[Point, Point, Point, Point]
"""Begin, two control points, end of a cubic Bézier curve."""


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle: left, top, width, height."""

    x: float
    y: float
    w: float
    h: float

    def on_side(self, step: Point, share: float) -> Point:
        """The point at a share of the side that one looks at in a direction."""
        dx, dy = step
        if dx:
            return self.x + self.w * (dx > 0), self.y + self.h * share
        return self.x + self.w * share, self.y + self.h * (dy > 0)


@dataclass(frozen=True, slots=True)
class Layout:
    """A drawing of that size: boxes of lanes and things by id, curves of arrows by id."""

    width: float
    height: float
    lanes: Mapping[str, Box]
    boxes: Mapping[str, Box]
    curves: Mapping[str, Curve]


@dataclass(frozen=True, slots=True)
class _Level:
    """Things side by side, in drawing order."""

    lane: str
    nodes: Sequence[str]


def laid(picture: Picture, tall: float) -> Layout:
    """Lay out a picture whose boxes are that tall."""
    levels = _levels(picture)
    size = (tall, WIDE) if picture.rows else (WIDE, tall)
    most = max((len(level.nodes) for level in levels), default=0)
    across = max(most, 1) * (size[1] + ASIDE) - ASIDE
    places, bands, along = _placed(levels, size, across)
    turned = {id_: _turned(box, picture.rows) for id_, box in places.items()}
    lanes = {id_: _turned(box, picture.rows) for id_, box in bands.items() if id_}
    whole = _turned(Box(0, 0, along + EDGE, across + 4 * EDGE + HEAD), picture.rows)
    return Layout(whole.w, whole.h, lanes, turned, _curves(picture, levels, turned))


def _levels(picture: Picture) -> list[_Level]:
    """Levels in the order of drawing: from the top where lanes are rows, else from the left."""
    found: list[_Level] = []
    for lane, nodes in picture.members().items():
        inside = _by_rank(picture, nodes)
        found += (_Level(lane, ids) for ids in (reversed(inside) if picture.rows else inside))
    pairs = [(arrow.from_, arrow.to) for arrow in picture.arrows]
    lines = ordered([level.nodes for level in found], pairs)
    return [_Level(level.lane, line) for level, line in zip(found, lines, strict=True)]


def _by_rank(picture: Picture, nodes: Sequence[Node]) -> list[list[str]]:
    """Things of one lane by how far they are along the arrows inside of that lane."""
    ids = [node.id for node in nodes]
    inside = set(ids)
    pairs = [(a.from_, a.to) for a in picture.arrows if {a.from_, a.to} <= inside]
    levels: list[list[str]] = [[]]
    for id_, rank in ranks(ids, pairs).items():
        levels += ([] for _ in range(rank - len(levels) + 1))
        levels[rank].append(id_)
    return levels


def _placed(
    levels: Sequence[_Level], size: Point, across: float
) -> tuple[dict[str, Box], dict[str, Box], float]:
    """Boxes of things and of lanes, with x along the lanes and y across; and where they end."""
    places: dict[str, Box] = {}
    bands: dict[str, Box] = {}
    at = EDGE
    for i, level in enumerate(levels):
        first = i == 0 or levels[i - 1].lane != level.lane
        last = i + 1 == len(levels) or levels[i + 1].lane != level.lane
        start = at if first else bands[level.lane].x
        at += AHEAD / 2 if first else AHEAD
        places |= _line(level.nodes, at, size, across)
        at += size[0]
        if last:
            at += AHEAD / 2
        bands[level.lane] = Box(start, EDGE, at - start, across + 2 * EDGE + HEAD)
        if last:
            at += EDGE / 2
    return places, bands, at


def _line(nodes: Sequence[str], at: float, size: Point, across: float) -> dict[str, Box]:
    ahead, aside = size
    whole = len(nodes) * (aside + ASIDE) - ASIDE
    begin = 2 * EDGE + HEAD + (across - whole) / 2
    return {
        node: Box(at, begin + i * (aside + ASIDE), ahead, aside) for i, node in enumerate(nodes)
    }


def _turned(box: Box, rows: bool) -> Box:
    """Lanes were laid out as columns; as rows, x and y change places."""
    return Box(box.y, box.x, box.h, box.w) if rows else box


def _curves(
    picture: Picture, levels: Sequence[_Level], boxes: Mapping[str, Box]
) -> dict[str, Curve]:
    """A curve for each arrow; those at one side of a box share it evenly."""
    level_of = {id_: i for i, level in enumerate(levels) for id_ in level.nodes}
    ahead: Point = (0.0, -1.0) if picture.rows else (1.0, 0.0)
    sides: dict[tuple[str, str], Point] = {}
    ends: defaultdict[tuple[str, Point], list[tuple[float, str, str]]] = defaultdict(list)
    for arrow in picture.arrows:
        steps = _steps(level_of[arrow.from_], level_of[arrow.to], ahead, picture.rows)
        pair = ((arrow.from_, arrow.to), (arrow.to, arrow.from_))
        for which, (near, far), step in zip(("begin", "end"), pair, steps, strict=True):
            sides[arrow.id, which] = step
            place = boxes[far].x if picture.rows else boxes[far].y
            ends[near, step].append((place, arrow.id, which))
    points: dict[tuple[str, str], Point] = {}
    for (near, step), found in ends.items():
        for i, (_, id_, which) in enumerate(sorted(found), start=1):
            points[id_, which] = boxes[near].on_side(step, i / (len(found) + 1))
    return {
        arrow.id: _curve(
            points[arrow.id, "begin"],
            sides[arrow.id, "begin"],
            points[arrow.id, "end"],
            sides[arrow.id, "end"],
        )
        for arrow in picture.arrows
    }


def _steps(start: int, end: int, ahead: Point, rows: bool) -> tuple[Point, Point]:
    """The directions in which an arrow leaves its begin, and from which it meets its end."""
    back = (-ahead[0], -ahead[1])
    if start == end:
        return ahead, ahead
    forward = end < start if rows else end > start
    return (ahead, back) if forward else (back, ahead)


def _curve(begin: Point, out: Point, end: Point, into: Point) -> Curve:
    far = max(abs(end[0] - begin[0]) * abs(out[0]), abs(end[1] - begin[1]) * abs(out[1]))
    pull = max(far / 2, AHEAD * 0.6)
    first = begin[0] + out[0] * pull, begin[1] + out[1] * pull
    second = end[0] + into[0] * pull, end[1] + into[1] * pull
    return begin, first, second, end


def point_on(curve: Curve, t: float) -> Point:
    """The point of a cubic Bézier curve at 0 <= t <= 1."""
    shares = ((1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t * t * (1 - t), t**3)
    x = sum(share * point[0] for share, point in zip(shares, curve, strict=True))
    y = sum(share * point[1] for share, point in zip(shares, curve, strict=True))
    return x, y
