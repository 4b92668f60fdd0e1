"""A picture as SVG: valid XML, made as a tree, so that no name can become a tag."""

from __future__ import annotations

from collections.abc import Sequence
from textwrap import wrap
from unicodedata import east_asian_width
from xml.etree import ElementTree as Tree

from graph.insight.layout import Box, laid
from graph.insight.picture import Arrow, Lane, Node, Picture, escaped
from graph.insight.routing import Curve, point_on, routes

LINE = 17.0
"""Height of a line of text, in px."""
LETTERS = 23
"""Letters on a line; half as many where they are wide."""
LINES = 3
"""Lines of a name; what is longer ends in an ellipsis, and the tooltip has all of it."""
NEAR = 24.0
"""How far from the head of an arrow its sign stands."""

_FILL = {
    "objective": "#e8f0fe",
    "kpi": "#e6f4ea",
    "kpi_version": "#f1f8e9",
    "initiative": "#fef7e0",
    "process": "#fce8e6",
    "segment": "#f3e8fd",
    "persona": "#f3e8fd",
}
_GLYPH = {1: "+", -1: "\u2212"}
_INK = {1: "#137333", -1: "#b3261e"}
_PLAIN = "#5f6368"


def svg(picture: Picture) -> str:
    """A drawing with tooltips; signs stand near the heads, dashed arrows have an unknown one."""
    names = {node.id: _lines(node.name) for node in picture.nodes}
    noted = any(node.note for node in picture.nodes)
    tall = LINE * (max(map(len, names.values()), default=1) + noted) + 16
    layout = laid(picture, tall)
    curves = routes(layout, (0.0, -1.0) if picture.rows else (1.0, 0.0))
    root = _root(picture, layout.whole)
    for lane in picture.lanes:
        if lane.id in layout.lanes:
            _lane(root, lane, layout.lanes[lane.id])
    for arrow in picture.arrows:
        _arrow(root, arrow, curves[arrow.id])
    for node in picture.nodes:
        _node(root, node, layout.boxes[node.id], names[node.id])
    for arrow in picture.arrows:
        _sign(root, arrow, curves[arrow.id])
    return Tree.tostring(root, encoding="unicode") + "\n"


def _root(picture: Picture, whole: Box) -> Tree.Element:
    size = {"width": _n(whole.w), "height": _n(whole.h)}
    root = Tree.Element(
        "svg",
        size,
        xmlns="http://www.w3.org/2000/svg",
        viewBox=f"0 0 {_n(whole.w)} {_n(whole.h)}",
        role="img",
        **{"font-family": "system-ui, 'Segoe UI', Helvetica, Arial, sans-serif"},
    )
    told = f"{len(picture.nodes)} things, {len(picture.arrows)} arrows"
    Tree.SubElement(root, "title").text = told
    for name, ink in (("up", _INK[1]), ("down", _INK[-1]), ("plain", _PLAIN)):
        _head(Tree.SubElement(root, "defs"), name, ink)
    Tree.SubElement(root, "rect", size, fill="#ffffff")
    return root


def _head(defs: Tree.Element, name: str, ink: str) -> None:
    marker = Tree.SubElement(
        defs,
        "marker",
        id=f"head-{name}",
        viewBox="0 0 10 10",
        refX="9",
        refY="5",
        markerWidth="7",
        markerHeight="7",
        orient="auto",
    )
    Tree.SubElement(marker, "path", d="M0 0L10 5L0 10z", fill=ink)


def _lane(root: Tree.Element, lane: Lane, box: Box) -> None:
    group = Tree.SubElement(root, "g", {"class": "lane", "data-id": escaped(lane.id)})
    look = {"rx": "10", "fill": "#f8f9fa", "stroke": "#dadce0"}
    Tree.SubElement(group, "rect", _rect(box) | look)
    _text(group, box.x + 14, box.y + 20, lane.name, size="14", weight="600", anchor="start")


def _arrow(root: Tree.Element, arrow: Arrow, curves: Sequence[Curve]) -> None:
    ends = {"data-from": escaped(arrow.from_), "data-to": escaped(arrow.to)}
    group = Tree.SubElement(
        root, "g", {"class": "arrow", "data-id": escaped(arrow.id)} | ends | _signed(arrow)
    )
    Tree.SubElement(group, "title").text = _told(escaped(arrow.id), arrow.label, arrow.note)
    head = {1: "up", -1: "down"}.get(arrow.sign or 0, "plain")
    look = {"d": _path(curves), "fill": "none", "stroke-width": "1.6"}
    look |= {"stroke": _INK.get(arrow.sign or 0, _PLAIN), "marker-end": f"url(#head-{head})"}
    if arrow.sign == 0:
        look["stroke-dasharray"] = "6 4"
    Tree.SubElement(group, "path", look)


def _path(curves: Sequence[Curve]) -> str:
    begin = f"M{_n(curves[0][0][0])} {_n(curves[0][0][1])}"
    return begin + "".join(
        f"C{', '.join(f'{_n(x)} {_n(y)}' for x, y in curve[1:])}" for curve in curves
    )


def _signed(arrow: Arrow) -> dict[str, str]:
    return {} if arrow.sign is None else {"data-sign": str(arrow.sign)}


def _sign(root: Tree.Element, arrow: Arrow, curves: Sequence[Curve]) -> None:
    """The sign in a small disc, and the label beside it."""
    x, y = _near_head(curves[-1])
    if glyph := _GLYPH.get(arrow.sign or 0):
        ink = _INK[arrow.sign or 0]
        disc = {"cx": _n(x), "cy": _n(y), "r": "7.5", "fill": "#ffffff", "stroke": ink}
        Tree.SubElement(root, "circle", disc)
        _text(root, x, y + 4.5, glyph, size="13", weight="700", ink=ink)
    if arrow.label:
        _text(root, x - 11, y + 4, arrow.label, size="11", ink=_PLAIN, anchor="end")


def _near_head(curve: Curve) -> tuple[float, float]:
    """The last point of a curve that is not nearer to its head than a sign needs."""
    end = curve[3]
    points = (point_on(curve, t / 50) for t in range(50, 24, -1))
    far = (p for p in points if abs(p[0] - end[0]) + abs(p[1] - end[1]) >= NEAR)
    return next(far, point_on(curve, 0.5))


def _node(root: Tree.Element, node: Node, box: Box, lines: Sequence[str]) -> None:
    group = Tree.SubElement(root, "g", {"class": "node", "data-id": escaped(node.id)})
    tooltip = _told(node.name, escaped(node.id), node.note)
    Tree.SubElement(group, "title").text = tooltip
    fill = _FILL.get(node.kind, "#f1f3f4")
    look = {"rx": "8", "fill": fill, "stroke": "#80868b"}
    Tree.SubElement(group, "rect", _rect(box) | look)
    middle = box.x + box.w / 2
    top = box.y + (box.h - LINE * (len(lines) + bool(node.note))) / 2 + 13
    for i, line in enumerate(lines):
        _text(group, middle, top + i * LINE, line, size="13")
    if node.note:
        note = _lines(node.note)[0]
        _text(group, middle, top + len(lines) * LINE, note, size="11", ink=_PLAIN)


def _text(
    on: Tree.Element,
    x: float,
    y: float,
    text: str,
    size: str,
    weight: str = "400",
    ink: str = "#202124",
    anchor: str = "middle",
) -> None:
    look = {"font-size": size, "font-weight": weight, "text-anchor": anchor, "fill": ink}
    Tree.SubElement(on, "text", {"x": _n(x), "y": _n(y)} | look).text = text


def _lines(name: str) -> list[str]:
    """A name on at most a few lines."""
    wide = any(east_asian_width(letter) in "WF" for letter in name)
    width = LETTERS // 2 if wide else LETTERS
    return wrap(name, width, max_lines=LINES, placeholder="…") or [""]


def _told(*parts: str) -> str:
    return "\n".join(part for part in parts if part)


def _rect(box: Box) -> dict[str, str]:
    return {"x": _n(box.x), "y": _n(box.y), "width": _n(box.w), "height": _n(box.h)}


def _n(number: float) -> str:
    return f"{number:.1f}".removesuffix(".0")
