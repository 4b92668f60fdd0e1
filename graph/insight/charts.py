"""Responses as line charts in SVG: one panel for each thing and group, with zero marked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from xml.etree import ElementTree as Tree

from graph.insight.picture import Drawable, written

WIDE, TALL = 300.0, 150.0
"""Size of a panel, in px."""
LEFT, RIGHT, TOP, BOTTOM = 62.0, 14.0, 34.0, 24.0
"""Margins of its axes."""
COLUMNS = 2
MOST = 60
"""Panels at most; those told first."""


@dataclass(frozen=True, slots=True)
class Series:
    """A change month by month, from month 0 on."""

    on: str
    group: str | None
    unit: str
    values: tuple[float, ...]


class Charted(Drawable):
    """A computed answer with responses."""

    def series(self) -> Sequence[Series]:
        """What to chart, with ids in the place of names."""
        raise NotImplementedError


def chart(series: Sequence[Series], names: Mapping[str, str]) -> str | None:
    """Small multiples, each on its own scale; None where there is nothing to chart."""
    shown = [one for one in series if one.on in names][:MOST]
    if not shown:
        return None
    columns = min(COLUMNS, len(shown))
    size = columns * WIDE, -(-len(shown) // columns) * TALL
    box = " ".join(f"{side:g}" for side in (0, 0, *size))
    root = Tree.Element(
        "svg",
        {
            "xmlns": "http://www.w3.org/2000/svg",
            "viewBox": box,
            "width": f"{size[0]:g}",
            "height": f"{size[1]:g}",
            "role": "img",
            "font-family": "system-ui, 'Segoe UI', Helvetica, Arial, sans-serif",
            "font-size": "11",
        },
    )
    Tree.SubElement(root, "rect", {"width": "100%", "height": "100%", "fill": "#ffffff"})
    for number, one in enumerate(shown):
        across, down = number % columns * WIDE, number // columns * TALL
        panel = Tree.SubElement(root, "g", {"transform": f"translate({across:g} {down:g})"})
        _panel(panel, one, names)
    return Tree.tostring(root, encoding="unicode")


def points(values: Sequence[float]) -> list[tuple[float, float]]:
    """Where the months of a response stand in its panel; zero is always in sight."""
    low, high = _bounds(values)
    step = (WIDE - LEFT - RIGHT) / max(1, len(values) - 1)
    return [(LEFT + i * step, _height(value, low, high)) for i, value in enumerate(values)]


def _bounds(values: Sequence[float]) -> tuple[float, float]:
    low, high = min(0.0, *values), max(0.0, *values)
    return (low, high) if high > low else (-1.0, 1.0)


def _height(value: float, low: float, high: float) -> float:
    return TOP + (high - value) / (high - low) * (TALL - TOP - BOTTOM)


def _panel(panel: Tree.Element, one: Series, names: Mapping[str, str]) -> None:
    low, high = _bounds(one.values)
    group = f" ({names.get(one.group, one.group)})" if one.group else ""
    title = written(f"{names[one.on]}{group}")
    Tree.SubElement(panel, "title").text = f"{title}, {one.unit}"
    _text(panel, title, (LEFT, 16.0), weight="600")
    _text(panel, one.unit, (LEFT, 29.0), fill="#5f6368")
    for value in dict.fromkeys((low, 0.0, high)):
        height = _height(value, low, high)
        ink = "#5f6368" if value == 0 else "#dadce0"
        ends = {"x1": f"{LEFT:g}", "x2": f"{WIDE - RIGHT:g}"}
        ends |= {"y1": f"{height:.2f}", "y2": f"{height:.2f}"}
        Tree.SubElement(panel, "line", {**ends, "stroke": ink})
        _text(panel, f"{value:.3g}", (LEFT - 6, height + 4), anchor="end")
    _text(panel, "0", (LEFT, TALL - 8), anchor="middle")
    _text(panel, f"{len(one.values) - 1} mo", (WIDE - RIGHT, TALL - 8), anchor="end")
    line = " ".join(f"{x:.2f},{y:.2f}" for x, y in points(one.values))
    drawn = {"points": line, "fill": "none", "stroke": "#1a73e8", "stroke-width": "2"}
    Tree.SubElement(panel, "polyline", drawn)


def _text(
    panel: Tree.Element,
    text: str,
    at: tuple[float, float],
    anchor: str = "start",
    weight: str = "400",
    fill: str = "#202124",
) -> None:
    place = {"x": f"{at[0]:g}", "y": f"{at[1]:.2f}", "text-anchor": anchor}
    made = Tree.SubElement(panel, "text", {**place, "font-weight": weight, "fill": fill})
    made.text = text
