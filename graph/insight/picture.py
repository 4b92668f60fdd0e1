"""A picture of a computed answer: things in lanes and arrows among them, before any format."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from graph.insight.ranks import ranks
from graph.ontology.terms import Term
from graph.ontology.vocabulary import Value

_UNWRITABLE = re.compile("[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]")
"""What XML cannot hold, and what would turn the writing direction of the text around it."""
NO_NOTES: Mapping[str, str] = MappingProxyType({})


class DrawingFormat(Term):
    """How a drawing is written."""

    MERMAID = "Mermaid `flowchart`, for Markdown and wikis."
    GRAPHML = "GraphML, for graph programs such as yEd, Gephi and networkx."
    SVG = "SVG, laid out, for browsers and documents."


@dataclass(frozen=True, slots=True)
class Lane:
    """A band of the picture."""

    id: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class Node:
    """A thing in the picture. `lane` is empty where the picture has no lanes."""

    id: str
    lane: str = ""
    rank: int = 0
    """Length of the longest way of arrows that leads to it, loops condensed."""
    name: str = ""
    note: str = ""
    """A few words below the name."""

    @property
    def kind(self) -> str:
        """First part of its id."""
        return self.id.partition(":")[0]

    @property
    def key(self) -> str:
        """The rest of its id."""
        return self.id.partition(":")[2]

    def named(self, name: str) -> Node:
        """With a name for people."""
        return replace(self, name=written(name), note=written(self.note))


@dataclass(frozen=True, slots=True)
class Arrow:
    """An arrow from one thing to another."""

    id: str
    from_: str
    to: str
    sign: int | None = None
    """1 the same way, -1 the other way, 0 unknown; None where there is no such thing."""
    label: str = ""
    """A word or two beside it."""
    note: str = ""
    """What else is to be said of it."""

    def written(self) -> Arrow:
        """With words that can be drawn."""
        return replace(self, label=written(self.label), note=written(self.note))


@dataclass(frozen=True, slots=True)
class Picture:
    """Lanes in their order, things and arrows.

    Lanes are rows with the arrows going up, or else columns with the arrows going right.
    """

    lanes: tuple[Lane, ...]
    nodes: tuple[Node, ...]
    arrows: tuple[Arrow, ...]
    rows: bool = False

    def named(self, names: Mapping[str, str]) -> Picture:
        """With names for people; what has none here may not be seen, and is not drawn.

        Things that share a name are told apart by their keys.
        """
        nodes = _told_apart([n.named(names[n.id]) for n in self.nodes if n.id in names])
        seen = {node.id for node in nodes}
        lanes = (replace(x, name=written(names.get(x.id, x.name))) for x in self.lanes)
        arrows = (x.written() for x in self.arrows if {x.from_, x.to} <= seen)
        return Picture(tuple(lanes), tuple(nodes), tuple(arrows), self.rows)

    def members(self) -> dict[str, list[Node]]:
        """Nodes by lane, in the order of the lanes; those without a lane come last, under ''."""
        found: dict[str, list[Node]] = {lane.id: [] for lane in self.lanes}
        for node in self.nodes:
            found.setdefault(node.lane if node.lane in found else "", []).append(node)
        return found


class Drawable(Value):
    """A computed answer that can be drawn."""

    def picture(self) -> Picture:
        """What to draw, with ids in the place of names."""
        raise NotImplementedError


def flow(arrows: Iterable[Arrow], notes: Mapping[str, str] = NO_NOTES) -> Picture:
    """Arrows with their ends and no lanes, causes on the left; each arrow is drawn once."""
    drawn = tuple(dict.fromkeys(arrows))
    ends = dict.fromkeys(end for arrow in drawn for end in (arrow.from_, arrow.to))
    places = ranks(ends, ((arrow.from_, arrow.to) for arrow in drawn))
    nodes = (Node(id_, rank=places[id_], note=notes.get(id_, "")) for id_ in ends)
    return Picture((), tuple(nodes), drawn)


def _told_apart(nodes: Iterable[Node]) -> list[Node]:
    nodes = list(nodes)
    shared = Counter(node.name for node in nodes)
    return [
        replace(node, note=written(f"{node.key} {node.note}")) if shared[node.name] > 1 else node
        for node in nodes
    ]


def written(text: str) -> str:
    """Text on one line, with escapes for characters that cannot or must not be drawn."""
    return escaped(" ".join(text.split()))


def escaped(text: str) -> str:
    """The same for an id, which keeps its spaces: different ids stay different."""
    return _UNWRITABLE.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def title(name: str) -> str:
    """`KPI_VERSION` -> `Kpi version`."""
    return name.replace("_", " ").capitalize()
