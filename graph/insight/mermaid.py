"""A picture as a Mermaid flowchart; no name can end its label, start a tag or a directive."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from graph.insight.picture import Arrow, Lane, Node, Picture

_PLAIN = re.compile(r"[^\W_]|[ ,/()]")
"""Characters that mean nothing to Mermaid inside of quotes, nor to the Markdown it reads there."""
_SIGNS = {1: "+", -1: "\u2212", 0: "?", None: ""}


def mermaid(picture: Picture) -> str:
    """A flowchart with a subgraph for each lane; dotted arrows have an unknown sign."""
    places = {node.id: f"n{i}" for i, node in enumerate(picture.nodes, start=1)}
    lines = [f"flowchart {'BT' if picture.rows else 'LR'}"]
    lanes = {lane.id: lane for lane in picture.lanes}
    for number, (id_, nodes) in enumerate(picture.members().items(), start=1):
        boxes = [f"{places[node.id]}[{_quoted(_told(node))}]" for node in nodes]
        lines += _lane(lanes[id_], number, boxes) if id_ in lanes else (f"  {box}" for box in boxes)
    ends = Counter((arrow.from_, arrow.to) for arrow in picture.arrows)
    for arrow in picture.arrows:
        beside = ends[arrow.from_, arrow.to] > 1
        lines.append(_arrow(arrow, places[arrow.from_], places[arrow.to], beside))
    return "\n".join(lines) + "\n"


def _lane(lane: Lane, number: int, boxes: list[str]) -> Iterator[str]:
    yield f"  subgraph l{number}[{_quoted(lane.name)}]"
    yield from (f"    {box}" for box in boxes)
    yield "  end"


def _arrow(arrow: Arrow, start: str, end: str, beside: bool) -> str:
    """Where another goes beside it, its note tells the two apart."""
    note = f"({arrow.note})" if beside and arrow.note else ""
    told = " ".join(filter(None, (_SIGNS[arrow.sign], arrow.label, note)))
    line = "-.->" if arrow.sign == 0 else "-->"
    return f"  {start} {line}{f'|{_quoted(told)}|' if told else ''} {end}"


def _told(node: Node) -> str:
    return f"{node.name} ({node.note})" if node.note else node.name


def _quoted(text: str) -> str:
    """Everything but letters, digits and a few signs as a numeric entity: `"` is `#34;`."""
    safe = "".join(c if _PLAIN.fullmatch(c) else f"#{ord(c)};" for c in text)
    return f'"{safe or " "}"'
