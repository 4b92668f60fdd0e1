"""Facets of a list: how many of its rows have which word, or are linked to what."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from graph.errors import BadRequest
from graph.filters import Filters, properties
from graph.ontology import End, Ontology
from graph.ontology.vocabulary import Entity, Kind, Kinds, Path, camel
from graph.selection import Select
from graph.shapes import Context, Hop, Shape

MOST = 200
"""Values of one facet at most."""


class Compiling(Protocol):
    """What facets need of a compiler."""

    ontology: Ontology

    @property
    def filters(self) -> Filters:
        """Predicates of filters."""
        ...

    def bind(self, value: Any) -> str:
        """A parameter for a value."""
        ...

    def beside(self, expression: str) -> str:
        """A variable for an expression over nothing but the moment."""
        ...

    def onward(self, ends: Sequence[End], e: str, link: Mapping[str, Sequence[str]]) -> Hop:
        """Links from a node one after another."""
        ...


class Listed(Protocol):
    """The rows of a list: nodes `e` of some kinds in states `s`."""

    @property
    def kinds(self) -> Kinds:
        """The kinds."""
        ...

    @property
    def e(self) -> str:
        """Variable of the nodes."""
        ...

    @property
    def s(self) -> str:
        """Variable of their states."""
        ...


@dataclass(frozen=True, slots=True)
class _Facet:
    """Expressions of one facet: its values with names and counts, and how many have none."""

    of: str
    values: str
    none: str


def counted(c: Compiling, rows: Listed, match: str, select: Select) -> Shape:
    """The facets that are asked, of all rows that `match` finds. Raises BadRequest."""
    first = select.arguments["first"]
    if not 1 <= first <= MOST:
        raise BadRequest(f"`first: {first}` is not possible; write a number from 1 to {MOST}")
    limit = c.bind(first)
    found = c.beside(f"COLLECT {{ {match} RETURN [{rows.e}, {rows.s}] }}")
    each = f"UNWIND {found} AS row WITH row[0] AS {rows.e}, row[1] AS {rows.s}"
    facets = [_facet(c, rows, each, camel(word.lower()), limit) for word in select.arguments["by"]]
    columns = [f"[{c.beside(one.values)}, {c.beside(one.none)}]" for one in facets]
    names = [one.of for one in facets]

    def build(found: Any, context: Context) -> list[Any]:
        told = zip(names, found, strict=True)
        return [_told(name, row, select.fields, context) for name, row in told]

    return Shape(f"[{', '.join(columns)}]", build)


def _facet(c: Compiling, rows: Listed, match: str, name: str, limit: str) -> _Facet:
    most = f"ORDER BY n DESC, v LIMIT {limit} RETURN [v, name, n]"
    if name == "kind":
        x = f"toUpper(split({rows.e}.id, ':')[0])"
        values = f"COLLECT {{ {match} WITH {x} AS v, null AS name, count(*) AS n {most} }}"
        return _Facet(name, values, "0")
    (kind,) = rows.kinds
    if name in properties(kind):
        x = c.filters.fragments.said(rows.s, rows.e, (kind,), name)
        values = f"COLLECT {{ {match} WITH {x} AS v, null AS name, count(*) AS n"
        none = f"COUNT {{ {match} WHERE {x} IS NULL RETURN {rows.e} }}"
        return _Facet(name, f"{values} WHERE v IS NOT NULL WITH v, name, n {most} }}", none)
    return _along(c, rows, match, _path(c, kind, name), name, most)


def _along(c: Compiling, rows: Listed, match: str, path: Path, name: str, most: str) -> _Facet:
    (kind,) = rows.kinds
    ends = c.ontology.walked(kind, path)
    hop = c.onward(ends, rows.e, {camel(word): said for word, said in path.link.items()})
    told = f"{hop.state}.name" if issubclass(ends[-1].kinds[0], Entity) else "null"
    values = (
        f"COLLECT {{ {match} {hop.match}"
        f" WITH {hop.node}.id AS v, {told} AS name, count(DISTINCT {rows.e}) AS n {most} }}"
    )
    without = c.filters.hops(ends, rows.e, path, {})
    return _Facet(name, values, f"COUNT {{ {match} WHERE NOT {without} RETURN {rows.e} }}")


def _path(c: Compiling, kind: type[Kind], name: str) -> Path:
    """A short way, or the one link of that name."""
    if found := c.ontology.paths(kind).get(name):
        return found
    return Path((c.ontology.told_ends(kind)[name].name,), "")


def _told(name: str, row: Any, selects: Sequence[Select], context: Context) -> dict[str, Any]:
    values, none = row
    plain = {"of": name, "none": none}
    answer: dict[str, Any] = {}
    for one in selects:
        answer[one.alias] = plain.get(one.name)
        if one.name == "values":
            answer[one.alias] = [_value(value, one.fields) for value in values]
    return answer


def _value(row: Sequence[Any], selects: Sequence[Select]) -> dict[str, Any]:
    value, name, count = row
    text = str(value).lower() if isinstance(value, bool) else str(value)
    plain = {"value": text, "name": name, "count": count}
    return {one.alias: plain.get(one.name) for one in selects}
