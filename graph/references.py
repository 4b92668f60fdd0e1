"""Properties that name other things or links: followed to what they name, and back from there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Protocol

from graph.fragments import Fragments
from graph.ontology import Ontology
from graph.ontology.vocabulary import Kinds, Link, Refers
from graph.selection import Select, of_label
from graph.shapes import TYPE, Build, Context, Shape, constant, record


class Things(Protocol):
    """What references need of a compiler."""

    ontology: Ontology
    fragments: Fragments
    t: str

    def variables(self, letters: str) -> list[str]:
        """Variables that nobody else uses."""
        ...

    def thing(self, e: str, s: str, kinds: Kinds, selects: Iterable[Select]) -> Shape:
        """The selected fields of a node in a state."""
        ...

    def found(self, id_: str, kinds: Kinds, selects: Iterable[Select]) -> Shape:
        """The thing with an id."""
        ...

    def link_field(self, r: str, link: type[Link], select: Select) -> Shape:
        """A field of a link."""
        ...


def followed(c: Things, x: str, refers: Refers, selects: Sequence[Select]) -> Shape:
    """What property `x` names; null where it is not in force or not visible."""
    kinds, links = c.ontology.referred(refers)
    id_ = f"'{refers.words[0]}:' + {x}" if len(refers.words) == 1 else x
    if kinds:
        return c.found(id_, kinds, selects)
    text, build = linked(c, links[0], f"[{id_}]", selects)
    return Shape(f"head({text})", lambda row, context: build(row[1], context) if row else None)


def linked(c: Things, link: type[Link], ids: str, selects: Sequence[Select]) -> tuple[str, Build]:
    """Rows `[id, value]` of those links of a type that hold and have one of the ids."""
    f, (r, a, b) = c.fragments, c.variables("lab")
    inner = link_value(c, link, (r, a, f"s{a}", b, f"s{b}"), selects)
    start, end_ = (b, a) if link.reversed() else (a, b)
    text = (
        f"COLLECT {{ UNWIND {ids} AS id"
        f" MATCH ({start})-[{r}:{link.type} {{id: id}}]->({end_}) WHERE {f.holds(r, c.t)}"
        f" {_both(c, link, r, a, b)} RETURN [{r}.id, {inner.expression}] }}"
    )
    return text, inner.build


def _both(c: Things, link: type[Link], r: str, a: str, b: str) -> str:
    """Clause that goes on with a link of which both ends are in force, and their states."""
    f = c.fragments
    if f.restriction.rows:
        first = f.in_state(a, f"s{a}", f"{r}, {a}, {b}", c.t, c.ontology.sources(link))
        kept = f"{r}, {a}, s{a}, {b}"
        return f"{first} {f.in_state(b, f's{b}', kept, c.t, c.ontology.targets(link))}"
    return (
        f"WITH {r}, {a}, {b}, {f.state(a, c.t)} AS s{a}, {f.state(b, c.t)} AS s{b}"
        f" WHERE s{a} IS NOT NULL AND s{b} IS NOT NULL"
    )


def link_value(
    c: Things, link: type[Link], names: tuple[str, str, str, str, str], selects: Sequence[Select]
) -> Shape:
    """The selected fields of a link; `names` are its variable, its source and that one's state,
    its target and that one's state."""
    r, a, sa, b, sb = names
    ends = {
        "source": (a, sa, c.ontology.sources(link)),
        "target": (b, sb, c.ontology.targets(link)),
    }
    parts = [(TYPE, constant(link.__name__))]
    for select in of_label(selects, link.__name__):
        if end := ends.get(select.name):
            parts.append((select.alias, c.thing(*end, select.fields)))
        else:
            parts.append((select.alias, c.link_field(r, link, select)))
    return record(parts)


def things(c: Things, kinds: Kinds, ids: str, selects: Sequence[Select]) -> tuple[str, Build]:
    """Rows `[id, value]` of the things of some kinds that are in force and have one of the ids."""
    e, s = c.variables("es")
    shape = c.thing(e, s, kinds, selects)
    text = (
        f"COLLECT {{ UNWIND {ids} AS id MATCH ({e}:Identity {{id: id}})"
        f" {c.fragments.in_state(e, s, e, c.t, kinds)}"
        f" RETURN [{e}.id, {shape.expression}] }}"
    )
    return text, shape.build


def back(c: Things, r: str, link: type[Link], select: Select) -> Shape | None:
    """What refers to link `r` by a field that says how it is told from there; None if none does."""
    f, told = c.fragments, c.ontology.referring(link)
    kind, name = next(((k, n) for k, n, refers in told if refers.told == select.name), (None, ""))
    if kind is None:
        return None
    e, s = c.variables("es")
    shape = c.thing(e, s, (kind,), select.fields)
    text = (
        f"COLLECT {{ MATCH ({s}:{kind.label}State)<-[:STATE]-({e}:Identity)"
        f" WHERE {s}.`{name}` = substring({r}.id, {len(link.word) + 1})"
        f" AND {f.in_force(s, c.t)} AND {f.visible(e)}"
        f" WITH {e}, {s} ORDER BY {e}.id RETURN {shape.expression} }}"
    )
    return Shape(text, lambda rows, context: [shape.build(row, context) for row in rows])


def by_id(parts: Sequence[tuple[str, Build]]) -> Shape:
    """Lists of rows `[id, value]` as one mapping."""

    def build(lists: Any, context: Context) -> Mapping[str, Any]:
        told = zip(lists, (make for _, make in parts), strict=True)
        return {row[0]: make(row[1], context) for rows, make in told for row in rows}

    return Shape(f"[{', '.join(text for text, _ in parts)}]", build)
