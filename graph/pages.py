"""Keyset pages: edges, nodes, where the page stands and, only if asked, how many there are."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from graph import cursors
from graph.errors import BadRequest
from graph.facets import counted
from graph.filters import Filters, Order, after, orders
from graph.ontology import End, Ontology
from graph.ontology.vocabulary import Kinds, Link
from graph.selection import Select
from graph.shapes import Build, Context, Hop, Shape, as_is, constant, merged, record

PAGE = 50
"""Rows of a page when nobody says how many."""

Terms = tuple[tuple[str, bool], ...]
"""Expressions of an order, each with whether it goes down; together they tell rows apart."""


@dataclass(frozen=True, slots=True)
class Rows:
    """Where the rows of a page come from.

    `match` ends in a WHERE and binds the node `e` and its state `s`, and `r` where the rows are
    links; `told` is a further part that ends in a WHERE, if a page that goes on can be found before
    it by the fixed terms alone; `then` follows the ordering. `listed` is a `match` whose rows come
    in the fixed order.
    """

    match: str
    kinds: Kinds
    listing: str
    e: str
    s: str
    fixed: Terms
    end: End | None = None
    r: str = ""
    told: str = ""
    then: str = ""
    listed: str = ""
    lasting: bool = True
    """Whether a page that goes on is read at the moment of the first."""


class Things(Protocol):
    """What pages need of a compiler."""

    ontology: Ontology

    @property
    def filters(self) -> Filters:
        """Predicates of filters."""
        ...

    def bind(self, value: Any) -> str:
        """A parameter for a value."""
        ...

    def thing(self, e: str, s: str, kinds: Kinds, selects: Iterable[Select]) -> Shape:
        """The selected fields of a node in a state."""
        ...

    def beside(self, expression: str) -> str:
        """A variable for an expression over nothing but the moment."""
        ...

    def onward(self, ends: Sequence[End], e: str, link: Mapping[str, Sequence[str]]) -> Hop:
        """Links from a node one after another."""
        ...

    def link_field(self, r: str, link: type[Link], select: Select) -> Shape:
        """A field of a link."""
        ...


@dataclass(frozen=True, slots=True)
class _Page:
    """One page in the making."""

    compiler: Things
    rows: Rows
    select: Select
    first: int
    terms: Terms
    listing: str
    where: str

    def rows_shape(self) -> Shape:
        """The rows with their cursors, as a mapping of edges, nodes and pageInfo."""
        c, rows = self.compiler, self.rows
        wanted = [one for one in self.select.fields if one.name in ("edges", "nodes")]
        parts = [self._edge(one) if one.name == "edges" else self._node(one) for one in wanted]
        values = f"[{', '.join(x for x, _ in self.terms if self._marked)}]"
        columns = ", ".join((values, *(part.expression for part in parts)))
        bound = ", ".join(filter(None, (rows.e, rows.s, rows.r)))
        order = ", ".join(f"{x} DESC" if down else x for x, down in self.terms)
        early, late = (self._later(), "") if self._by_fixed() else ("", self._later())
        limit = c.bind(self.first + self._one_more)
        match = rows.listed if rows.listed and self.terms == rows.fixed else rows.match
        text = (
            f"COLLECT {{ {match}{early} {rows.told} AND {self.where}{late} WITH {bound}"
            f" ORDER BY {order} LIMIT {limit} {rows.then} RETURN [{columns}] }}"
        )
        builds = [(one, part.build) for one, part in zip(wanted, parts, strict=True)]
        return Shape(text, lambda found, context: self._built(found, context, builds))

    def total(self) -> str:
        """Expression for the number of all rows."""
        rows = self.rows
        return f"COUNT {{ {rows.match} {rows.told} AND {self.where} RETURN {rows.e} }}"

    @property
    def _one_more(self) -> bool:
        """Whether it is asked if there is a row after the page."""
        return "hasNextPage" in self._informed()

    @property
    def _marked(self) -> bool:
        """Whether a cursor is asked."""
        edges = (part.name for one in self.select.asked("edges") for part in one.fields)
        return "cursor" in edges or not self._informed().isdisjoint(("startCursor", "endCursor"))

    def _informed(self) -> set[str]:
        return {part.name for one in self.select.asked("pageInfo") for part in one.fields}

    def _by_fixed(self) -> bool:
        """Whether what comes later can be told before the states are looked at."""
        return bool(self.rows.told) and self.terms == self.rows.fixed

    def _built(
        self, found: list[Any], context: Context, builds: Sequence[tuple[Select, Build]]
    ) -> dict[str, Any]:
        shown = found[: self.first]
        answer: dict[str, Any] = {}
        for i, (one, build) in enumerate(builds, start=1):
            answer[one.alias] = [build(row[i], context) for row in shown]
            for alias in (part.alias for part in one.fields if part.name == "cursor"):
                for row, edge in zip(shown, answer[one.alias], strict=True):
                    edge[alias] = self._cursor(row, context)
        for one in self.select.asked("pageInfo"):
            info = self._info(shown, len(found) > self.first, context)
            answer[one.alias] = {part.alias: info.get(part.name) for part in one.fields}
        return answer

    def _cursor(self, row: list[Any], context: Context) -> str:
        return cursors.encode(self.listing, row[0], context.moment if self.rows.lasting else None)

    def _info(self, shown: Sequence[list[Any]], more: bool, context: Context) -> dict[str, Any]:
        marked = shown if self._marked else ()
        return {
            "hasNextPage": more,
            "hasPreviousPage": self.select.arguments.get("after") is not None,
            "startCursor": self._cursor(marked[0], context) if marked else None,
            "endCursor": self._cursor(marked[-1], context) if marked else None,
        }

    def _later(self) -> str:
        cursor = self.select.arguments.get("after")
        if cursor is None:
            return ""
        values = cursors.decode(self.listing, cursor, len(self.terms)).values
        chosen = len(self.terms) - len(self.rows.fixed)
        return f" AND {after(self.terms, values, self.compiler.bind, nullable=chosen)}"

    def _node(self, select: Select) -> Shape:
        rows = self.rows
        return self.compiler.thing(rows.e, rows.s, rows.kinds, select.fields)

    def _edge(self, select: Select) -> Shape:
        """An edge: its node and what the link says; its cursor is put in where rows are built."""
        return record([(one.alias, self._edge_field(one)) for one in select.fields])

    def _edge_field(self, select: Select) -> Shape:
        rows = self.rows
        if select.name == "node":
            return self.compiler.thing(rows.e, rows.s, rows.kinds, select.fields)
        if select.name in ("cursor", "__typename") or rows.end is None:
            return constant(None)
        return self.compiler.link_field(rows.r, rows.end.link, select)


def page(compiler: Things, rows: Rows, select: Select) -> Shape:
    """A connection over rows. Raises BadRequest for a page size, BadCursor for a cursor."""
    given = select.arguments
    chosen = orders(given.get("orderBy"))
    made = _Page(
        compiler,
        rows,
        select,
        page_size(given.get("first"), min(kind.largest_page for kind in rows.kinds)),
        (*_ordered(compiler, rows, chosen), *rows.fixed),
        f"{rows.listing} {[(one.name, one.descending) for one in chosen]}",
        _where(compiler, rows, given),
    )
    shapes = [made.rows_shape()] if _asks_rows(select) else []
    aside = [(one.alias, Shape(made.total(), as_is)) for one in select.asked("totalCount")]
    facets = f"{rows.match} {rows.told} AND {made.where}"
    aside += [(one.alias, counted(compiler, rows, facets, one)) for one in select.asked("facets")]
    return merged([*shapes, record(aside)])


def _where(compiler: Things, rows: Rows, given: Mapping[str, Any]) -> str:
    """Predicate on the rows: on the things, and along a link also on what it says."""
    f = compiler.filters
    parts = [f.predicate(rows.kinds, rows.e, rows.s, given.get("filter"))]
    if given.get("link") and rows.end:
        parts.append(f.says(rows.r, rows.end.link, given["link"]))
    return " AND ".join(parts)


def _ordered(c: Things, rows: Rows, chosen: Iterable[Order]) -> Iterator[tuple[str, bool]]:
    """The chosen terms of an order; what is not told orders as if it were null."""
    for one in chosen:
        yield c.filters.fragments.said(rows.s, rows.e, rows.kinds, one.name), one.descending


def told_apart(hop: Hop, end: End) -> Terms:
    """Terms of rows along a link: by key, and what tells two of one key apart."""
    key = f"{hop.node}.id" if len(end.kinds) == 1 else f"{hop.state}.key"
    terms = [key, f"{hop.link}.id" if end.link.repeats() else f"{hop.node}.id"]
    return tuple((term, False) for term in dict.fromkeys(terms))


def page_size(first: int | None, largest: int) -> int:
    """Rows of a page as asked. Raises BadRequest outside 1..largest."""
    if first is None:
        return min(PAGE, largest)
    if not 1 <= first <= largest:
        raise BadRequest(f"`first: {first}` is no page size; write a number from 1 to {largest}")
    return first


def _asks_rows(select: Select) -> bool:
    return any(one.name in ("edges", "nodes", "pageInfo") for one in select.fields)
