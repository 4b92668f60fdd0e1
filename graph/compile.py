"""A selection over kinds and links becomes ONE Cypher statement, and the builder of its answer.

The whole answer comes back in one row of nested lists; the predicates of time and viewer stand on
every hop; values travel as parameters only. Cypher is put together here and nowhere else.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from pydantic.alias_generators import to_camel
from pydantic.fields import FieldInfo

from graph import cursors
from graph.errors import BadRequest
from graph.filters import Filters, Order, after, orders
from graph.fragments import Fragments
from graph.ontology import End, Ontology
from graph.ontology.vocabulary import Entity, Kind, Kinds, Link, Reasoned, Refers, mark
from graph.selection import Select, of_label
from graph.times import FAR, Moment, utc, written

PAGE = 50
"""Rows of a page when nobody says how many."""


@dataclass(frozen=True, slots=True)
class Context:
    """What builders need beside the rows: the moment that was read, for the cursors."""

    moment: Moment


Build = Callable[[Any, Context], Any]


@dataclass(frozen=True, slots=True)
class Shape:
    """An expression, and how its value becomes the answer."""

    expression: str
    build: Build


@dataclass(frozen=True, slots=True)
class Rows:
    """Where the rows of a page come from.

    `match` binds the node `e` and its state `s` (and link `link`); `then` follows ordering.
    """

    match: str
    kinds: Kinds
    listing: str
    e: str
    s: str
    link: type[Link] | None = None
    bound: str = ""
    then: str = ""
    fixed: tuple[tuple[str, bool], ...] = ()


@dataclass(slots=True)
class Compiler:
    """Compiles one statement; parameters gather in `parameters`."""

    ontology: Ontology
    fragments: Fragments
    parameters: dict[str, Any] = field(default_factory=dict)
    archived: bool = False
    t: str = "t"
    _names: int = 0

    def bind(self, value: Any) -> str:
        """A parameter for a value."""
        name = f"p{len(self.parameters)}"
        self.parameters[name] = value
        return f"${name}"

    def name(self, letter: str) -> str:
        """A variable nobody else uses."""
        self._names += 1
        return f"{letter}{self._names}"

    @property
    def filters(self) -> Filters:
        """Predicates that bind their values here."""
        return Filters(self.ontology, self.bind, self._has)

    def thing(self, e: str, s: str, kinds: Kinds, selects: Iterable[Select]) -> Shape:
        """The selected fields of node `e` in state `s`, which is of one of these kinds.

        The value is a list that begins with the global id; its builder answers a mapping by alias.
        """
        selects = list(selects)
        shapes = {kind: self._kind(e, s, kind, of_label(selects, kind.label)) for kind in kinds}
        builders = {kind.word: shape.build for kind, shape in shapes.items()}

        def build(row: Any, context: Context) -> Any:
            make = builders.get(row[0].partition(":")[0]) if row else None
            return make(row, context) if make else None

        return Shape(_cases(e, {kind.label: shape.expression for kind, shape in shapes.items()}), build)

    def _kind(self, e: str, s: str, kind: type[Kind], selects: Sequence[Select]) -> Shape:
        parts: list[tuple[str, int | None, Build]] = []
        expressions = [f"{e}.id"]
        for select in selects:
            shape = self._field(e, s, kind, select)
            if shape.expression:
                expressions.append(shape.expression)
                parts.append((select.alias, len(expressions) - 1, shape.build))
            else:
                parts.append((select.alias, None, shape.build))

        def build(row: Any, context: Context) -> Any:
            answer = {"__typename": kind.label}
            for alias, at, make in parts:
                answer[alias] = make(None if at is None else row[at], context)
            return answer

        return Shape(f"[{', '.join(expressions)}]", build)

    def _field(self, e: str, s: str, kind: type[Kind], select: Select) -> Shape:
        name = select.name
        if end := _ends(self.ontology, kind).get(name):
            return self._one(end, e, select) if end.single else self._many(end, e, select)
        if name == "retirement":
            return self._retirement(e, s, kind, select) if self.archived else constant(None)
        if name == "status" and issubclass(kind, Entity) and self.archived:
            return Shape(f"coalesce({s}.ending, 'RETIRED')", as_is)
        return self._common(e, s, kind.label, kind.word.upper(), name) or self._property(s, kind, name)

    def _common(self, e: str, s: str, label: str, word: str, name: str) -> Shape | None:
        """Fields that every thing and link has."""
        match name:
            case "__typename":
                return constant(label)
            case "kind":
                return constant(word)
            case "id":
                return Shape(f"{e}.id", as_is)
            case "validFrom" | "validTo":
                return Shape(f"{s}.{name}", time)
            case "recordedAt":
                return Shape(_instant_of(f"{s}.recorded"), time)
            case "supersededAt":
                return Shape(_instant_of(f"{s}.superseded"), time)
        return None

    def _property(self, s: str, declared: type[Kind] | type[Link], name: str) -> Shape:
        info = {to_camel(n): i for n, i in declared.model_fields.items()}[name]
        return Shape(f"{s}.`{name}`", _converter(info))

    def _retirement(self, e: str, s: str, kind: type[Kind], select: Select) -> Shape:
        """When, why and by which decision something ended, and what took its place, seen from now."""
        parts: list[tuple[str, Shape]] = []
        reasoned = issubclass(kind, Reasoned)
        ends = _ends(self.ontology, kind)
        for one in select.fields:
            match one.name:
                case "at":
                    shape = Shape(f"{s}.validTo", time)
                case "reason":
                    told = f"{s}.rationale" if reasoned else "null"
                    shape = Shape(f"coalesce({told}, 'no reason was recorded')", as_is)
                case "evidence":
                    shape = Shape(f"{s}.evidence" if reasoned else "null", split)
                case "decision" | "successor" if one.name in ends:
                    shape = self._one(ends[one.name], e, one, asked="asked")
                case _:
                    shape = constant("Retirement" if one.name == "__typename" else None)
            parts.append((one.alias, shape))
        return record(parts)

    def _one(self, end: End, e: str, select: Select, asked: str | None = None) -> Shape:
        match, q, s = self._hop(end, e)
        was = self.t, self.archived
        if asked:
            self.t, self.archived = asked, False
        state = self.fragments.state(q, self.t)
        self.archived = False
        inner = self.thing(q, s, end.kinds, select.fields)
        self.t, self.archived = was
        where = f"WITH {q}, {state} AS {s} WHERE {s} IS NOT NULL"
        text = f"head(COLLECT {{ {match} {where} RETURN {inner.expression} LIMIT 1 }})"
        return Shape(text, inner.build)

    def _many(self, end: End, e: str, select: Select) -> Shape:
        match, q, s = self._hop(end, e)
        link = match[match.index("[") + 1 : match.index(":")]
        bound = f"{match} WITH {q}, {link}, {self.fragments.state(q, self.t)} AS {s} WHERE {s} IS NOT NULL"
        listing = f"{end.link.word}.{end.name}"
        rows = Rows(
            bound, end.kinds, listing, q, s, end.link, link, fixed=((f"{s}.key", False), (f"{link}.id", False))
        )
        was, self.archived = self.archived, False
        shape = self.page(rows, select, moment=False)
        self.archived = was
        return shape

    def _hop(self, end: End, e: str) -> tuple[str, str, str]:
        """Pattern over one link in force; the variables of the other node and of its state."""
        q, s, link = self.name("q"), self.name("s"), self.name("l")
        labels = "|".join(kind.label for kind in end.kinds)
        arrow = f"-[{link}:{end.link.type}]-"
        away = end.forward != end.link.reversed()
        pattern = f"({e}){arrow}>({q}:{labels})" if away else f"({e})<{arrow}({q}:{labels})"
        return f"MATCH {pattern} WHERE {self.fragments.in_force(link, self.t)}", q, s

    def _has(self, end: End, e: str, wanted: Any) -> str:
        match, q, s = self._hop(end, e)
        tests = [
            f"({q}:{kind.label} AND {self.filters.predicate(kind, q, s, wanted)})" for kind in end.kinds
        ]
        state = f"WITH {q}, {self.fragments.state(q, self.t)} AS {s}"
        return f"EXISTS {{ {match} {state} WHERE {s} IS NOT NULL AND ({' OR '.join(tests)}) RETURN {q} }}"

    def page(self, rows: Rows, select: Select, moment: bool = True) -> Shape:
        """A connection over rows: edges, nodes, pageInfo and, only if asked, totalCount."""
        given = select.arguments
        kind = rows.kinds[0] if len(rows.kinds) == 1 else None
        largest = min(kind.largest_page for kind in rows.kinds)
        first = page_size(given.get("first"), largest)
        chosen = orders(given.get("orderBy"))
        terms = (*(self._term(rows, order) for order in chosen), *rows.fixed)
        listing = f"{rows.listing} {[(o.name, o.descending) for o in chosen]}"
        where = self.filters.predicate(kind, rows.e, rows.s, given.get("filter")) if kind else "true"
        wanted = [one for one in select.fields if one.name in ("edges", "nodes", "pageInfo")]
        parts = []
        if wanted:
            parts.append(self._page_rows(rows, select, terms, where, listing, first, moment))
        if totals := select.asked("totalCount"):
            count = f"COUNT {{ {rows.match} AND {where} RETURN {rows.e} }}"
            parts += [(one.alias, Shape(count, as_is)) for one in totals]
        parts += [(o.alias, constant(f"{listing.split()[0]}")) for o in select.fields if o.name == "__typename"]
        return merged(parts)

    def _page_rows(
        self,
        rows: Rows,
        select: Select,
        terms: Sequence[tuple[str, bool]],
        where: str,
        listing: str,
        first: int,
        moment: bool,
    ) -> tuple[None, Shape]:
        cursor = select.arguments.get("after")
        later = ""
        if cursor is not None:
            values = cursors.decode(listing, cursor, len(terms)).values
            later = f" AND {after(terms, values, self.bind)}"
        order = ", ".join(f"{x} DESC" if down else x for x, down in terms)
        edges = [self._edge(rows, one) for one in select.asked("edges")]
        nodes = [self.thing(rows.e, rows.s, rows.kinds, one.fields) for one in select.asked("nodes")]
        columns = [f"[{', '.join(x for x, _ in terms)}]", *(s.expression for s in (*edges, *nodes))]
        bound = ", ".join(filter(None, (rows.e, rows.s, rows.bound)))
        text = (
            f"COLLECT {{ {rows.match} AND {where}{later} WITH {bound} ORDER BY {order}"
            f" LIMIT {self.bind(first + 1)} {rows.then} RETURN [{', '.join(columns)}] }}"
        )

        def build(found: Any, context: Context) -> dict[str, Any]:
            shown = found[:first]
            marks = [cursors.encode(listing, row[0], context.moment if moment else None) for row in shown]
            answer: dict[str, Any] = {}
            for at, (one, shape) in enumerate(zip(select.asked("edges"), edges, strict=True), start=1):
                answer[one.alias] = [
                    shape.build((row[at], mark), context) for row, mark in zip(shown, marks, strict=True)
                ]
            for at, (one, shape) in enumerate(
                zip(select.asked("nodes"), nodes, strict=True), start=1 + len(edges)
            ):
                answer[one.alias] = [shape.build(row[at], context) for row in shown]
            for one in select.asked("pageInfo"):
                info = {
                    "__typename": "PageInfo",
                    "hasNextPage": len(found) > first,
                    "hasPreviousPage": cursor is not None,
                    "startCursor": marks[0] if marks else None,
                    "endCursor": marks[-1] if marks else None,
                }
                answer[one.alias] = {part.alias: info[part.name] for part in one.fields}
            return answer

        return None, Shape(text, build)

    def _edge(self, rows: Rows, select: Select) -> Shape:
        """An edge of a connection: its node, its cursor and what the link says."""
        parts: list[tuple[str, Shape]] = []
        for one in select.fields:
            if one.name == "node":
                parts.append((one.alias, self.thing(rows.e, rows.s, rows.kinds, one.fields)))
            elif one.name == "__typename":
                parts.append((one.alias, constant("Edge")))
            elif one.name != "cursor" and rows.link:
                parts.append((one.alias, self.link_field(rows.bound, rows.link, one)))
        inner = record(parts)
        aliases = [one.alias for one in select.fields if one.name == "cursor"]

        def build(value: Any, context: Context) -> Any:
            row, cursor = value
            return {**inner.build(row, context), **dict.fromkeys(aliases, cursor)}

        return Shape(inner.expression, build)

    def link_field(self, r: str, link: type[Link], select: Select) -> Shape:
        """A field of link `r`; references are followed to the thing they name."""
        if common := self._common(r, r, link.__name__, link.word.upper(), select.name):
            return common
        info = {to_camel(n): i for n, i in link.model_fields.items()}[select.name]
        if refers := mark(info, Refers):
            return self.reference(r, select.name, refers, select.fields)
        return self._property(r, link, select.name)

    def reference(self, x: str, name: str, refers: Refers, selects: Iterable[Select]) -> Shape:
        """The thing that a property refers to, null where it is not in force or not visible."""
        id_ = f"{x}.`{name}`"
        if len(refers.words) == 1:
            id_ = f"'{refers.words[0]}:' + {id_}"
        kinds = tuple(self.ontology.kinds[word] for word in refers.words)
        return self.found(id_, kinds, selects)

    def found(self, id_: str, kinds: Kinds, selects: Iterable[Select]) -> Shape:
        """The thing with an id, given as an expression."""
        q, s = self.name("q"), self.name("s")
        inner = self.thing(q, s, kinds, selects)
        labels = " OR ".join(f"{q}:{kind.label}" for kind in kinds)
        text = (
            f"head(COLLECT {{ MATCH ({q}:Identity {{id: {id_}}}) WHERE {labels}"
            f" WITH {q}, {self.fragments.state(q, self.t)} AS {s} WHERE {s} IS NOT NULL"
            f" RETURN {inner.expression} LIMIT 1 }})"
        )
        return Shape(text, inner.build)

    def _term(self, rows: Rows, order: Order) -> tuple[str, bool]:
        return f"{rows.s}.`{order.name}`", order.descending


def page_size(first: int | None, largest: int) -> int:
    """Rows of a page as asked. Raises BadRequest outside 1..largest."""
    if first is None:
        return min(PAGE, largest)
    if not 1 <= first <= largest:
        raise BadRequest(f"`first: {first}` is no page size; write a number from 1 to {largest}")
    return first


def record(parts: Sequence[tuple[str, Shape]]) -> Shape:
    """Several shapes side by side, answered under their aliases."""
    spread = [(alias, shape) for alias, shape in parts]
    expressions = [shape.expression or "null" for _, shape in spread]

    def build(row: Any, context: Context) -> dict[str, Any]:
        return {alias: shape.build(row[i], context) for i, (alias, shape) in enumerate(spread)}

    return Shape(f"[{', '.join(expressions)}]", build)


def merged(parts: Sequence[tuple[str | None, Shape]]) -> Shape:
    """Like `record`, but a part without an alias answers a mapping that is merged in."""
    expressions = [shape.expression or "null" for _, shape in parts]

    def build(row: Any, context: Context) -> dict[str, Any]:
        answer: dict[str, Any] = {}
        for i, (alias, shape) in enumerate(parts):
            value = shape.build(row[i], context)
            answer |= value if alias is None else {alias: value}
        return answer

    return Shape(f"[{', '.join(expressions)}]", build)


def constant(value: Any) -> Shape:
    """A value that needs no column."""
    return Shape("", lambda _, context: value)


def as_is(value: Any, context: Context) -> Any:
    """The value itself."""
    return value


def time(value: Any, context: Context) -> str | None:
    """RFC 3339; null for an open end."""
    if value is None:
        return None
    native = utc(value.to_native())
    return None if native >= FAR else written(native)


def day(value: Any, context: Context) -> str | None:
    """ISO 8601 date."""
    return None if value is None else str(value.iso_format())


def split(value: Any, context: Context) -> list[str]:
    """Parts of a text joined by `;`."""
    return [part.strip() for part in (value or "").split(";") if part.strip()]


def several(value: Any, context: Context) -> list[Any]:
    """A list, empty where nothing is kept."""
    return value or []


def _converter(info: FieldInfo) -> Build:
    text = str(info.annotation)
    if "tuple" in text:
        return several
    return day if info.annotation is date or "datetime.date" in text else as_is


def _ends(ontology: Ontology, kind: type[Kind]) -> Mapping[str, End]:
    return {to_camel(name): end for name, end in ontology.ends(kind).items()}


def _instant_of(sequence: str) -> str:
    return f"head(COLLECT {{ MATCH (c:Commit {{sequence: {sequence}}}) RETURN c.at }})"


def _cases(e: str, by_label: Mapping[str, str]) -> str:
    """One expression where all kinds agree, else one for each label."""
    distinct = set(by_label.values())
    if len(distinct) == 1:
        return distinct.pop()
    cases = " ".join(f"WHEN {e}:{label} THEN {text}" for label, text in by_label.items())
    return f"CASE {cases} END"
