"""Where the things of a picture stand: levels inside of lanes, and boxes inside of levels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from graph.insight.ordering import ordered
from graph.insight.picture import Node, Picture
from graph.insight.ranks import ranks

WIDE = 176.0
"""Width of a box, in px."""
BESIDE = 28.0
"""Space between boxes of a level."""
AHEAD = 72.0
"""Space between levels, where the arrows run."""
HEAD = 26.0
"""Space for the name of a lane."""
EDGE = 18.0
"""Space around lanes and inside of them."""
THIN = 14.0
"""What an arrow takes up that passes through a level."""
MOST_PASSES = 4_000
"""Passes through levels; of a larger picture, arrows run straight below the boxes."""

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle: left, top, width, height."""

    x: float
    y: float
    w: float
    h: float

    def turned(self, rows: bool) -> Box:
        """All is laid out with lanes as columns; as rows, x and y change places."""
        return Box(self.y, self.x, self.h, self.w) if rows else self

    def on_side(self, step: Point, share: float) -> Point:
        """The point at a share of the side that one looks at in a direction."""
        dx, dy = step
        if dx:
            return self.x + self.w * (dx > 0), self.y + self.h * share
        return self.x + self.w * share, self.y + self.h * (dy > 0)


@dataclass(frozen=True, slots=True)
class Layout:
    """Boxes of lanes and of things by id, and the ways of arrows.

    `ways` holds by arrow id where it begins, the passes through the levels between, and where it
    ends; a pass has a box too. `levels` holds the number of the level that each of these is on.
    """

    whole: Box
    lanes: Mapping[str, Box]
    boxes: Mapping[str, Box]
    levels: Mapping[str, int]
    ways: Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class _Level:
    """Things and passes side by side, in drawing order."""

    lane: str
    ids: Sequence[str]


def laid(picture: Picture, tall: float) -> Layout:
    """Lay out a picture whose boxes are that tall."""
    levels, ways = _levels(picture)
    size = (tall, WIDE) if picture.rows else (WIDE, tall)
    things = {node.id: size[1] + BESIDE for node in picture.nodes}
    widths = [sum(things.get(id_, THIN) for id_ in level.ids) for level in levels]
    across = max(widths, default=0.0)
    boxes: dict[str, Box] = {}
    bands, starts, end = _bands(levels, size[0], across)
    for level, start, width in zip(levels, starts, widths, strict=True):
        at = 2 * EDGE + HEAD + (across - width) / 2
        for id_ in level.ids:
            room = things.get(id_, THIN)
            gap = BESIDE if id_ in things else THIN
            boxes[id_] = Box(start, at + gap / 2, size[0], room - gap).turned(picture.rows)
            at += room
    whole = Box(0, 0, end, across + 4 * EDGE + HEAD).turned(picture.rows)
    lanes = {id_: box.turned(picture.rows) for id_, box in bands.items() if id_}
    numbers = {id_: i for i, level in enumerate(levels) for id_ in level.ids}
    return Layout(whole, lanes, boxes, numbers, ways)


def _levels(picture: Picture) -> tuple[list[_Level], dict[str, list[str]]]:
    """Levels from the top where lanes are rows, else from the left; and the ways through them."""
    lanes: list[str] = []
    found: list[list[str]] = []
    for lane, nodes in picture.members().items():
        inside = _by_rank(picture, nodes)
        found += inside[::-1] if picture.rows else inside
        lanes += [lane] * len(inside)
    ways = _ways(picture, found)
    pairs = [pair for way in ways.values() for pair in pairwise(way)]
    lines = ordered(found, pairs)
    return [_Level(lane, line) for lane, line in zip(lanes, lines, strict=True)], ways


def _by_rank(picture: Picture, nodes: Sequence[Node]) -> list[list[str]]:
    """Things of one lane by how far they are along the arrows inside of that lane."""
    ids = {node.id for node in nodes}
    pairs = [(a.from_, a.to) for a in picture.arrows if {a.from_, a.to} <= ids]
    places = ranks(ids, pairs)
    levels: list[list[str]] = [[] for _ in range(max(places.values(), default=0) + 1)]
    for id_ in sorted(ids):
        levels[places[id_]].append(id_)
    return levels


def _ways(picture: Picture, levels: list[list[str]]) -> dict[str, list[str]]:
    """The way of each arrow; its passes are put into the levels that lie between its ends."""
    at = {id_: i for i, level in enumerate(levels) for id_ in level}
    far = sum(max(0, abs(at[a.from_] - at[a.to]) - 1) for a in picture.arrows)
    ways: dict[str, list[str]] = {}
    for arrow in picture.arrows:
        start, end = at[arrow.from_], at[arrow.to]
        between = range(start + 1, end) if start < end else range(start - 1, end, -1)
        passes = {i: f"\0{arrow.id}\0{i}" for i in between} if far <= MOST_PASSES else {}
        for i, id_ in passes.items():
            levels[i].append(id_)
        ways[arrow.id] = [arrow.from_, *passes.values(), arrow.to]
    return ways


def _bands(
    levels: Sequence[_Level], ahead: float, across: float
) -> tuple[dict[str, Box], list[float], float]:
    """Boxes of the lanes, where each level starts, and where all ends."""
    bands: dict[str, Box] = {}
    starts: list[float] = []
    at = EDGE
    for level in levels:
        if level.lane in bands:
            begin, at = bands[level.lane].x, at - AHEAD / 2
            starts.append(at + AHEAD)
        else:
            begin = at = at + (EDGE / 2 if bands else 0)
            starts.append(at + AHEAD / 2)
        at = starts[-1] + ahead + AHEAD / 2
        bands[level.lane] = Box(begin, EDGE, at - begin, across + 2 * EDGE + HEAD)
    return bands, starts, at + EDGE
