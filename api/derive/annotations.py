"""GraphQL types of what Python annotations say: words, ids, values, inputs, lists, options."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, datetime
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

import strawberry
from pydantic.fields import FieldInfo

from api.derive.scalars import Day, Instant, PeriodText
from api.derive.shells import Argument, doc, listed, optional, put, shell, words
from graph.insight.charts import Charted
from graph.insight.picture import Drawable, DrawingFormat
from graph.ontology.terms import Term
from graph.ontology.vocabulary import (
    Declared,
    First,
    IdMark,
    Input,
    PeriodMark,
    Refers,
    Unit,
    mark,
)
from loaders.mutations.fields import Picks

TIMES = {datetime: Instant, date: Day}
CHARTED = "The responses as line charts in SVG, one panel each; null without a `horizon`."
DRAWN = "The answer as a drawing, without what may not be seen; equal answers give equal texts."


class Types:
    """Types of annotations; each declared list of words, value and input is made once."""

    def __init__(self, referred: Callable[[Refers], Any], picked: Callable[[Picks], Any]) -> None:
        self._referred = referred
        self._picked = picked
        self._made: dict[str, Any] = {}

    def out(self, annotation: Any, info: FieldInfo | None = None) -> Any:
        """Output type: references become the things themselves."""
        if info and (refers := mark(info, Refers)):
            return _around(annotation, lambda _: self._referred(refers))
        return _around(annotation, lambda inner: self._plain(inner, info, self._value))

    def into(self, annotation: Any, info: FieldInfo | None = None) -> Any:
        """Input type: references are given by id."""
        if info and (picks := mark(info, Picks)):
            return _around(annotation, lambda _: self._picked(picks))
        return _around(annotation, lambda inner: self._plain(inner, info, self._input))

    def term(self, term: type[Term]) -> Any:
        """The enum of a closed list of words."""
        name = term.__name__
        if name not in self._made:
            members = {member.name: str(member.value) for member in term}
            self._made[name] = words(name, doc(term), members)
        return self._made[name]

    def arguments(self, question: type[Input]) -> list[Argument]:
        """Arguments of a root field from the declaration of its question."""
        return [
            Argument(name, self.into(info.annotation, info), described(info), self._default(info))
            for name, info in question.model_fields.items()
        ]

    def _plain(self, inner: Any, info: FieldInfo | None, nested: Callable[[Any], Any]) -> Any:
        if inner is str and info:
            if mark(info, IdMark):
                return strawberry.ID
            return PeriodText if mark(info, PeriodMark) else str
        if isinstance(inner, type) and issubclass(inner, Term):
            return self.term(inner)
        if isinstance(inner, type) and issubclass(inner, Declared):
            return nested(inner)
        return TIMES.get(inner, inner)

    def _value(self, declared: type[Declared]) -> Any:
        name = declared.__name__
        if name not in self._made:
            made = self._made[name] = shell(name)
            for field, info in declared.model_fields.items():
                type_ = self.out(info.annotation, info)
                put(made, field, type_, described(info), _counted(info))
            if issubclass(declared, Drawable):
                put(made, "drawing", str, DRAWN, [self._format()])
            if issubclass(declared, Charted):
                put(made, "response_chart", optional(str), CHARTED)
            strawberry.type(made, description=doc(declared))
        return self._made[name]

    def _input(self, declared: type[Declared]) -> Any:
        name = declared.__name__
        if name not in self._made:
            made = self._made[name] = shell(name)
            for field, info in declared.model_fields.items():
                type_, default = self.into(info.annotation, info), self._default(info)
                put(made, field, type_, described(info), default=default)
            one_of = getattr(declared, "one_of", None)
            strawberry.input(made, description=doc(declared), one_of=one_of)
        return self._made[name]

    def _format(self) -> Argument:
        formats = self.term(DrawingFormat)
        return Argument("format", formats, "How it is written.", formats["MERMAID"])

    def _default(self, info: FieldInfo) -> Any:
        if info.is_required() or info.default is None:
            return strawberry.UNSET
        if isinstance(info.default, Term):
            return self.term(type(info.default))[info.default.name]
        return info.default


def described(info: FieldInfo) -> str:
    """Description of a field with its unit."""
    unit = mark(info, Unit)
    return f"{info.description} Unit: {unit}." if unit else str(info.description)


def bare(annotation: Any) -> Any:
    """What an annotation is of, without options, lists and marks."""
    inner = annotation
    while parts := get_args(inner):
        inner = next(part for part in parts if part is not type(None))
    return inner


def _around(annotation: Any, type_of: Callable[[Any], Any]) -> Any:
    """The type of what is inside, within the same lists and options."""
    origin, parts = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return _around(parts[0], type_of)
    if origin in (Union, UnionType):
        return optional(_around(next(p for p in parts if p is not type(None)), type_of))
    if origin is tuple:
        return listed(_around(parts[0], type_of))
    return type_of(annotation)


def _counted(info: FieldInfo) -> Iterator[Argument]:
    first = mark(info, First)
    if first:
        yield Argument("first", int, "How many to tell, 1 to 100.", first.count)
