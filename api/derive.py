"""GraphQL types from declarations: kinds, links, values, inputs, words. Nothing here is per kind."""

from __future__ import annotations

import re
import types
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from enum import Enum
from keyword import iskeyword
from typing import Annotated, Any, NewType, Optional, Union, get_args, get_origin

import strawberry
from pydantic.fields import FieldInfo
from strawberry.annotation import StrawberryAnnotation
from strawberry.types.arguments import StrawberryArgument
from strawberry.types.enum import EnumValue, StrawberryEnumDefinition
from strawberry.types.field import StrawberryField
from strawberry.types.scalar import ScalarDefinition

from graph.errors import BadRequest
from graph.ontology import End, Ontology
from graph.ontology.vocabulary import (
    PERIOD,
    Declared,
    Entity,
    First,
    IdMark,
    Input,
    Kind,
    Kinds,
    Link,
    PeriodMark,
    Refers,
    Status,
    Term,
    Unit,
    camel,
    mark,
)
from graph.times import instant

Instant = NewType("Instant", str)
Day = NewType("Day", str)
PeriodText = NewType("PeriodText", str)


def _same(value: Any) -> Any:
    return value


def _day(text: Any) -> date:
    try:
        return date.fromisoformat(text)
    except (TypeError, ValueError):
        raise BadRequest(f"{str(text)[:40]!r} is not a day; write 2026-07-20") from None


def _instant(text: Any) -> datetime:
    try:
        return instant(text)
    except (TypeError, ValueError):
        raise BadRequest(
            f"{str(text)[:40]!r} is not a time; write 2026-07-20 or 2026-07-20T09:00:00Z"
        ) from None


def _period(text: Any) -> str:
    if not isinstance(text, str) or not re.match(PERIOD, text):
        raise BadRequest(f"{str(text)[:40]!r} is not a period; write 2025, 2025-Q3 or 2025-07")
    return text


SCALARS: Mapping[object, ScalarDefinition] = {
    Instant: strawberry.scalar(
        name="DateTime",
        description="An instant, RFC 3339 in UTC: `2026-07-20T09:00:00Z`. A plain date is its 00:00 UTC.",
        serialize=_same,
        parse_value=_instant,
    ),
    Day: strawberry.scalar(
        name="Date", description="A day, ISO 8601: `2026-07-20`.", serialize=_same, parse_value=_day
    ),
    PeriodText: strawberry.scalar(
        name="Period",
        description="A period: `2025`, `2025-Q3`, `2025-07`, `2025-W27` or `2025-07-14`.",
        serialize=_same,
        parse_value=_period,
    ),
}

ArgumentSpec = tuple[str, Any, str, Any]
"""Name, type, description, default (UNSET for none)."""


class Derived:
    """Every GraphQL type of an ontology; types refer to each other by class, circles included."""

    def __init__(self, ontology: Ontology) -> None:
        self.ontology = ontology
        self.types: dict[str, Any] = {}
        self.node = self._interface("Node", "Anything with a global id.", (), {})
        self.node_fields(self.node)
        self.kind_enum = self.words_of(
            "Kind", "Kinds of things.", {k.word.upper(): _doc(k) for k in ontology.kinds.values()}
        )
        self.page_info = self._page_info()
        self.sort = self.words_of(
            "SortDirection", "Which way to sort.", {"ASC": "Smallest first.", "DESC": "Largest first."}
        )
        self._made: dict[str, Any] = {}
        self.retirement: Any = type("Retirement", (), {"__annotations__": {}})
        self.entity = self._entity_interface()
        self.kinds: dict[type[Kind], Any] = {}
        self._kinds()
        self._finish_retirement()
        self.links = [self._link(link) for link in ontology.links.values()]

    # shells and fields ---------------------------------------------------------------

    def field(
        self, shell: Any, name: str, type_: Any, description: str, arguments: Iterable[ArgumentSpec] = ()
    ) -> None:
        """Put a field on a shell."""
        graphql_name = camel(name)
        name = f"{name}_" if iskeyword(name) else name
        made = StrawberryField(
            python_name=name,
            graphql_name=graphql_name,
            type_annotation=StrawberryAnnotation(type_),
            description=description,
            default=strawberry.UNSET,
        )
        made.arguments = [
            StrawberryArgument(n, camel(n), StrawberryAnnotation(t), description=d, default=v)
            for n, t, d, v in arguments
        ]
        shell.__annotations__[name] = type_
        setattr(shell, name, made)

    def node_fields(self, shell: Any) -> None:
        """Fields that every node has."""
        strawberry.interface(shell, description=shell.__doc__)

    def _interface(self, name: str, doc: str, bases: tuple[Any, ...], extra: dict[str, Any]) -> Any:
        shell = type(name, bases, {"__annotations__": {}, "__doc__": doc, **extra})
        if name == "Node":
            self.field(shell, "id", strawberry.ID, "Global id: `kind:key`.")
        return shell

    def _entity_interface(self) -> Any:
        shell = self._interface("Entity", "A thing with a name, in force for a time.", (self.node,), {})
        self.field(shell, "kind", self.kind_enum, "What kind of thing it is.")
        self.field(shell, "key", str, "Business key: unique in its kind and stable.")
        self.field(shell, "name", str, "Name for people.")
        self.field(shell, "status", self.term(Status), "Where it stands in its life.")
        self._times(shell)
        self.field(shell, "retirement", Optional[self.retirement], "Why it ended; null while in force.")
        return strawberry.interface(shell, description=shell.__doc__)

    def _times(self, shell: Any) -> None:
        self.field(shell, "valid_from", Instant, "First instant at which this state holds.")
        self.field(shell, "valid_to", Optional[Instant], "First instant at which it holds no longer.")
        self.field(shell, "recorded_at", Instant, "Since when this state is known.")
        self.field(
            shell, "superseded_at", Optional[Instant], "Since when it is known otherwise; null if it is not."
        )

    # words ------------------------------------------------------------------------------

    def words_of(self, name: str, description: str, words: Mapping[str, str]) -> Any:
        """An enum whose values are their own names, each with a description."""
        made: Any = Enum(name, {word: word for word in words}, type=str)  # type: ignore[misc]
        made.__strawberry_definition__ = StrawberryEnumDefinition(
            wrapped_cls=made,
            name=name,
            values=[EnumValue(word, word, description=told) for word, told in words.items()],
            description=description,
        )
        return made

    def term(self, term: type[Term]) -> Any:
        """The enum of a closed list of words."""
        name = term.__name__
        if name not in self.types:
            words = {member.name: str(member.value) for member in term}
            self.types[name] = self.words_of(name, _doc(term), words)
        return self.types[name]

    # annotations --------------------------------------------------------------------------

    def out(self, annotation: Any, info: FieldInfo | None = None) -> Any:
        """GraphQL output type of a python annotation."""
        refers = mark(info, Refers) if info else None
        return self._typed(annotation, refers, bool(info and mark(info, PeriodMark)), self._value)

    def into(self, annotation: Any, info: FieldInfo | None = None) -> Any:
        """GraphQL input type of a python annotation."""
        return self._typed(annotation, None, False, self._input, bool(info and _is_id(info)))

    def _typed(
        self, annotation: Any, refers: Refers | None, period: bool, nested: Any, id_: bool = False
    ) -> Any:
        origin, parts = get_origin(annotation), get_args(annotation)
        again = lambda inner: self._typed(inner, refers, period, nested, id_)  # noqa: E731
        if origin is Annotated:
            if any(isinstance(part, PeriodMark) for part in parts):
                return PeriodText
            return again(parts[0]) if not _is_global(annotation) else again(_Id)
        if origin in (Union, types.UnionType):
            inner = [part for part in parts if part is not type(None)]
            return Optional[again(inner[0])]
        if origin is tuple:
            return types.GenericAlias(list, (again(parts[0]),))
        if refers:
            return self._referred(refers)
        if annotation is _Id or id_:
            return strawberry.ID
        if isinstance(annotation, type) and issubclass(annotation, Term):
            return self.term(annotation)
        if isinstance(annotation, type) and issubclass(annotation, Declared):
            return nested(annotation)
        if annotation is datetime:
            return Instant
        if annotation is date:
            return Day
        return PeriodText if period and annotation is str else annotation

    def _referred(self, refers: Refers) -> Any:
        if not refers.words:
            return self.node
        return self.of_kinds(tuple(self.ontology.kinds[word] for word in refers.words))

    def of_kinds(self, kinds: Kinds) -> Any:
        """The type of one kind, or the interface that several share."""
        if len(kinds) == 1:
            return self.kinds[kinds[0]]
        return self.entity if all(issubclass(kind, Entity) for kind in kinds) else self.node

    # kinds and links ------------------------------------------------------------------------

    def _kinds(self) -> None:
        for kind in self.ontology.kinds.values():
            base = self.entity if issubclass(kind, Entity) else self.node
            self.kinds[kind] = type(kind.label, (base,), {"__annotations__": {}})
        for kind, shell in self.kinds.items():
            if not issubclass(kind, Entity):
                self.field(shell, "kind", self.kind_enum, "What kind of thing it is.")
                self._times(shell)
            self._properties(shell, kind)
            for end in self.ontology.ends(kind).values():
                self._end(shell, end)
            strawberry.type(shell, description=_doc(kind))

    def _properties(self, shell: Any, declared: type[Declared]) -> None:
        for name, info in declared.model_fields.items():
            if name not in ("name", "status") or "name" not in declared.model_fields:
                self.field(shell, name, self.out(info.annotation, info), described(info))

    def _end(self, shell: Any, end: End) -> None:
        told = f"{_doc(end.link)} {'Forward' if end.forward else 'Backward'} along {end.link.word.upper()}."
        node = self.of_kinds(end.kinds)
        if end.single:
            self.field(shell, end.name, Optional[node], told)
            return
        type_ = self.connection(end, node)
        self.field(shell, end.name, type_, told, self.page_arguments(end.kinds))

    def _link(self, link: type[Link]) -> Any:
        shell = type(link.__name__, (self.node,), {"__annotations__": {}})
        self.field(shell, "source", self.of_kinds(link.source), "Where the link starts.")
        self.field(shell, "target", self.of_kinds(link.target), "Where it ends.")
        self._times(shell)
        self._link_fields(shell, link)
        return strawberry.type(shell, description=_doc(link))

    def _link_fields(self, shell: Any, link: type[Link]) -> None:
        for name, info in link.model_fields.items():
            self.field(shell, name, self.out(info.annotation, info), described(info))

    def _finish_retirement(self) -> None:
        decision = self.ontology.kinds.get("decision")
        self.field(self.retirement, "at", Instant, "First instant at which it was no longer in force.")
        self.field(self.retirement, "reason", str, "Why, in words.")
        self.field(self.retirement, "evidence", list[str], "What the reason rests on.")
        if decision:
            self.field(
                self.retirement, "decision", Optional[self.kinds[decision]], "The decision behind it."
            )
        self.field(self.retirement, "successor", Optional[self.node], "What took its place.")
        strawberry.type(self.retirement, description="How and why something ended.")

    # connections -------------------------------------------------------------------------------

    def connection(self, end: End, node: Any) -> Any:
        """Connection along a link; its edges tell what the link says."""
        stem = f"{end.link.__name__}To{node.__name__}"
        if stem not in self._made:
            edge = self._edge(f"{stem}Edge", node, f"{_doc(end.link)} One such link.")
            self.field(edge, "id", strawberry.ID, "Global id of the link.")
            self._times(edge)
            self._link_fields(edge, end.link)
            strawberry.type(edge, description=edge.__doc__)
            self._made[stem] = self._connection(f"{stem}Connection", edge, node)
        return self._made[stem]

    def root_connection(self, name: str, node: Any) -> Any:
        """Connection of a root field."""
        if name not in self._made:
            edge = self._edge(f"{name}Edge", node, "One row of a page.")
            strawberry.type(edge, description=edge.__doc__)
            self._made[name] = self._connection(f"{name}Connection", edge, node)
        return self._made[name]

    def _edge(self, name: str, node: Any, doc: str) -> Any:
        shell = type(name, (), {"__annotations__": {}, "__doc__": doc})
        self.field(shell, "node", node, "The thing itself.")
        self.field(shell, "cursor", str, "Where this row stands in the list.")
        return shell

    def _connection(self, name: str, edge: Any, node: Any) -> Any:
        shell = type(name, (), {"__annotations__": {}})
        self.field(shell, "edges", types.GenericAlias(list, (edge,)), "Rows with their cursors.")
        self.field(shell, "nodes", types.GenericAlias(list, (node,)), "The things alone.")
        self.field(shell, "page_info", self.page_info, "Where the page stands.")
        self.field(shell, "total_count", int, "How many there are in all; counted only if asked.")
        return strawberry.type(shell, description=f"A page of {node.__name__}.")

    def _page_info(self) -> Any:
        shell = type("PageInfo", (), {"__annotations__": {}})
        self.field(shell, "has_next_page", bool, "Whether more rows follow.")
        self.field(shell, "has_previous_page", bool, "Whether rows came before.")
        self.field(shell, "start_cursor", Optional[str], "Cursor of the first row.")
        self.field(shell, "end_cursor", Optional[str], "Cursor of the last row.")
        return strawberry.type(shell, description="Where a page stands in its list.")

    def page_arguments(self, kinds: Kinds) -> list[ArgumentSpec]:
        """Arguments of a page of things of these kinds."""
        largest = min(kind.largest_page for kind in kinds)
        told = f"Rows of a page, 1 to {largest}; {min(50, largest)} if left out."
        arguments: list[ArgumentSpec] = [
            ("first", Optional[int], told, strawberry.UNSET),
            ("after", Optional[str], "Cursor of the row before the page.", strawberry.UNSET),
        ]
        if len(kinds) > 1:
            return arguments
        label = kinds[0].label
        filter_, order = self._filter(kinds[0]), types.GenericAlias(list, (self._order(kinds[0]),))
        return [
            ("filter", Optional[filter_], f"Which {label} to list.", strawberry.UNSET),
            ("order_by", Optional[order], "Order; the key decides ties.", strawberry.UNSET),
            *arguments,
        ]

    # filters and orders --------------------------------------------------------------------------

    def _filter(self, kind: type[Kind]) -> Any:
        name = f"{kind.label}Filter"
        if name in self._made:
            return self._made[name]
        shell = self._made[name] = type(name, (), {"__annotations__": {}})
        many = types.GenericAlias(list, (shell,))
        self._wish(shell, "and", many, "All of these hold.")
        self._wish(shell, "or", many, "One of these holds.")
        self._wish(shell, "not", shell, "This does not hold.")
        for field_name, info in kind.model_fields.items():
            if test := self._test(info):
                self._wish(shell, field_name, test, described(info))
        for end in self.ontology.ends(kind).values():
            if len(end.kinds) == 1:
                told = f"Has such a link: {_doc(end.link)}"
                self._wish(shell, end.name, self._filter(end.kinds[0]), told)
        return strawberry.input(shell, description=f"Which {kind.label} to list; all parts must hold.")

    def _wish(self, shell: Any, name: str, type_: Any, description: str) -> None:
        self.field(shell, name, Optional[type_], description)

    def _test(self, info: FieldInfo) -> Any:
        plain = self.into(info.annotation)
        inner = get_args(plain)[0] if type(None) in get_args(plain) else plain
        if mark(info, PeriodMark):
            inner = PeriodText
        if get_origin(inner) is list or inner is strawberry.ID:
            return None
        name = f"{_TESTED.get(inner, getattr(inner, '__name__', 'String'))}Filter"
        if name not in self._made:
            self._made[name] = self._tests(name, inner)
        return self._made[name]

    def _tests(self, name: str, inner: Any) -> Any:
        shell = type(name, (), {"__annotations__": {}})
        self._wish(shell, "eq", inner, "Is equal; null = has no value.")
        self._wish(shell, "in", types.GenericAlias(list, (inner,)), "Is one of these.")
        if inner in (int, float, Day, Instant, PeriodText):
            for operator, told in (("lt", "less"), ("lte", "at most"), ("gt", "more"), ("gte", "at least")):
                self._wish(shell, operator, inner, f"Is {told}.")
        if inner is str:
            self._wish(shell, "contains", str, "Contains this text, in capitals or not.")
            self._wish(shell, "starts_with", str, "Begins with this text.")
        self._wish(shell, "exists", bool, "Has a value, or has none.")
        return strawberry.input(shell, description="Tests on one value; all must hold.")

    def _order(self, kind: type[Kind]) -> Any:
        name = f"{kind.label}Order"
        if name not in self._made:
            words = {n.upper(): described(i) for n, i in kind.model_fields.items() if _sortable(i)}
            fields = self.words_of(f"{kind.label}Field", f"What {kind.label} can be ordered by.", words)
            shell = type(name, (), {"__annotations__": {}})
            self.field(shell, "field", fields, "What to order by.")
            self.field(shell, "direction", Optional[self.sort], "Which way; ASC if left out.")
            self._made[name] = strawberry.input(shell, description="One term of an order.")
        return self._made[name]

    # values and inputs ------------------------------------------------------------------------------

    def _value(self, declared: type[Declared]) -> Any:
        name = declared.__name__
        if issubclass(declared, Kind):
            return self.kinds[declared]
        if name not in self._made:
            shell = self._made[name] = type(name, (), {"__annotations__": {}})
            for field_name, info in declared.model_fields.items():
                first = mark(info, First)
                arguments = [_first(first)] if first else []
                self.field(
                    shell, field_name, self.out(info.annotation, info), described(info), arguments
                )
            strawberry.type(shell, description=_doc(declared))
        return self._made[name]

    def _input(self, declared: type[Declared]) -> Any:
        name = declared.__name__
        if name not in self._made:
            shell = self._made[name] = type(name, (), {"__annotations__": {}})
            for field_name, info in declared.model_fields.items():
                self.field(shell, field_name, self.into(info.annotation, info), described(info))
            strawberry.input(shell, description=_doc(declared))
        return self._made[name]

    def arguments(self, question: type[Input]) -> list[ArgumentSpec]:
        """Arguments of a root field from the declaration of its question."""
        return [
            (name, self.into(info.annotation, info), described(info), self._default(info))
            for name, info in question.model_fields.items()
        ]

    def _default(self, info: FieldInfo) -> Any:
        if info.is_required() or info.default is None:
            return strawberry.UNSET
        if isinstance(info.default, Term):
            return self.term(type(info.default))[info.default.name]
        return info.default


class _Id:
    """Stands for a global id while types are worked out."""


_TESTED = {str: "String", int: "Int", float: "Float", bool: "Boolean", Day: "Date", Instant: "DateTime", PeriodText: "Period"}


def described(info: FieldInfo) -> str:
    """Description of a field with its unit."""
    unit = mark(info, Unit)
    return f"{info.description} Unit: {unit}." if unit else str(info.description)


def _first(first: First) -> ArgumentSpec:
    return ("first", int, "How many to tell, 1 to 100.", first.count)


def _doc(of: Any) -> str:
    return " ".join((of.__doc__ or "").split())


def _is_global(annotation: Any) -> bool:
    return any(isinstance(part, IdMark) for part in get_args(annotation)[1:])


def _is_id(info: FieldInfo) -> bool:
    return any(isinstance(part, IdMark) for part in info.metadata)


def _sortable(info: FieldInfo) -> bool:
    return get_origin(info.annotation) is not tuple

