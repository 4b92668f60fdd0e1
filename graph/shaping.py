"""Computed values become answers: the selected fields, with things in the place of references."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from functools import partial
from typing import Any, get_args, get_origin
from urllib.parse import unquote

from graph import references
from graph.compile import Compiler
from graph.errors import BadRequest
from graph.insight.charts import Charted, chart
from graph.insight.drawing import drawn
from graph.insight.picture import Drawable, DrawingFormat
from graph.ontology.terms import Term
from graph.ontology.vocabulary import (
    Declared,
    First,
    Kinds,
    Link,
    Refers,
    declared_in,
    is_text,
    mark,
)
from graph.selection import Select
from graph.shapes import Build, Context, Shape
from graph.times import FAR, written

MOST = 100
"""Items of a list inside of a computed answer at most."""
DRAWING = "drawing"
"""The field of an answer that can be drawn."""
CHART = "responseChart"
"""The field of an answer with responses."""

NO_LINKS: Mapping[str, Sequence[type[Link]]] = {}
Things = Mapping[str, list[Any]]
"""Rows of things by id: the id, the name where there is a drawing, and a column for each place."""
Tell = Callable[[Any, Things, Context], Any]
"""How a field of a value is told."""
Part = tuple[str, str | Tell]
"""An alias, and the name of a field that is told as it is, or how it is told."""


class Places:
    """The places of an answer where things stand, each compiled over one variable.

    `links` are those that may stand in a place too, by the name of its field.
    """

    def __init__(
        self,
        compiler: Compiler,
        value: type[Declared],
        selects: Iterable[Select],
        links: Mapping[str, Sequence[type[Link]]] = NO_LINKS,
    ) -> None:
        self._compiler = compiler
        self._links = links
        self._shapes: dict[Select, Shape] = {}
        for select, kinds in _places(compiler, value, selects):
            self._shapes[select] = compiler.thing("n", "s", kinds, select.fields)
        self._at = {select: i for i, select in enumerate(self._shapes, start=2)}
        named = any(one.name in (DRAWING, CHART) for one in selects)
        self._name = "s.name" if named else "null"
        self._linked: dict[tuple[int, str], Build] = {}
        self._values: dict[tuple[Select, ...], Tell] = {}

    @property
    def expression(self) -> str:
        """A list per thing: id, name, then what is asked of it in each place. Needs `n`, `s`."""
        places = (shape.expression for shape in self._shapes.values())
        return f"[{', '.join(['n.id', self._name, *places])}]"

    def linked(self, ids: str) -> str:
        """A list of rows for each place and type of link: the place, id and value of links."""
        texts = []
        for select, at in self._at.items():
            for link in self._links.get(select.name, ()):
                text, build = references.linked(self._compiler, link, ids, select.fields)
                self._linked[at, link.word] = build
                texts.append(f"[row IN {text} | [{at}, row[0], row[1]]]")
        return f"[{', '.join(texts)}]"

    def gathered(self, things: Iterable[list[Any]], linked: Iterable[Any] = ()) -> Things:
        """Rows of things, and those of links, by id."""
        found = {row[0]: row for row in things}
        for at, id_, value in (row for rows in linked for row in rows):
            found.setdefault(id_, [id_, None, *([None] * len(self._at))])[at] = value
        return found

    def tell(
        self, value: Any, selects: Iterable[Select], things: Things, context: Context
    ) -> dict[str, Any]:
        """A declared value as a mapping by alias."""
        place = tuple(selects)
        if (told := self._values.get(place)) is None:
            told = self._values[place] = self._value(place)
        answer: dict[str, Any] = told(value, things, context)
        return answer

    def _value(self, selects: tuple[Select, ...]) -> Tell:
        """How values are told in one place; for each type of value it is found out once."""
        parts: dict[type[Declared], list[Part]] = {}

        def tell(value: Declared, things: Things, context: Context) -> dict[str, Any]:
            if (mine := parts.get(type(value))) is None:
                mine = parts[type(value)] = list(self._told(type(value), selects))
            return {
                alias: getattr(value, how) if isinstance(how, str) else how(value, things, context)
                for alias, how in mine
            }

        return tell

    def _told(self, of: type[Declared], selects: Iterable[Select]) -> Iterator[Part]:
        """How each selected field of a value of that type is told, by alias."""
        names = {info.alias or name: name for name, info in of.model_fields.items()}
        for select in selects:
            if select.name == CHART and issubclass(of, Charted):
                yield select.alias, _chart
            if select.name == DRAWING and issubclass(of, Drawable):
                yield select.alias, partial(_drawing, select)
            if select.name in names:
                yield select.alias, self._field(of, names[select.name], select)

    def _field(self, of: type[Declared], name: str, select: Select) -> str | Tell:
        info = of.model_fields[name]
        if select not in self._shapes and not _made_of_parts(info.annotation):
            words = is_text(info) and self._compiler.fragments.restriction.rows
            return partial(_words, name) if words else name
        first = mark(info, First)
        count = _first(select.arguments.get("first"), first.count) if first else None
        part = self._part(select)

        def tell(value: Declared, things: Things, context: Context) -> Any:
            found = getattr(value, name)
            return part(found if count is None else found[:count], things, context)

        return tell

    def _part(self, select: Select) -> Tell:
        """How what stands in a field is told: a value, a thing, or a list of them."""
        of_value = self._value(select.fields)
        of_thing = self._thing(select) if select in self._shapes else None

        def tell(value: Any, things: Things, context: Context) -> Any:
            if isinstance(value, Declared):
                return of_value(value, things, context)
            if isinstance(value, tuple):
                parts = [tell(one, things, context) for one in value]
                return [part for part in parts if part is not None]
            if of_thing:
                return of_thing(value, things, context)
            return _plain(value, context)

        return tell

    def _thing(self, select: Select) -> Tell:
        at, build, linked = self._at[select], self._shapes[select].build, self._linked

        def tell(id_: str | None, things: Things, context: Context) -> Any:
            row = things.get(id_) if id_ else None
            if not row or not id_:
                return None
            build_ = linked.get((at, id_.partition(":")[0]), build) if linked else build
            return build_(row[at], context)

        return tell


def _places(
    compiler: Compiler, value: type[Declared], selects: Iterable[Select]
) -> Iterator[tuple[Select, Kinds]]:
    infos = {info.alias or name: info for name, info in value.model_fields.items()}
    for select in selects:
        info = infos.get(select.name)
        if info is None:
            continue
        if refers := mark(info, Refers):
            yield select, compiler.ontology.referred(refers)[0]
        elif inner := declared_in(info.annotation):
            yield from _places(compiler, inner, select.fields)


def _made_of_parts(annotation: object) -> bool:
    """Whether a value so annotated may be a list, a word, a day or a declaration, or hold one."""
    if isinstance(annotation, type) and issubclass(annotation, Declared | Term | date):
        return True
    return get_origin(annotation) is tuple or any(map(_made_of_parts, get_args(annotation)))


def _plain(value: Any, context: Context) -> Any:
    if isinstance(value, Term):
        return value.name
    if isinstance(value, datetime):
        return None if value >= FAR else written(value)
    if isinstance(value, date):
        return value.isoformat()
    return None if isinstance(value, str) and context.hidden.lists(value) else value


def _words(name: str, value: Declared, things: Things, context: Context) -> str | None:
    """A text of an answer without what names something hidden."""
    told: str | None = getattr(value, name)
    return "" if told is not None and context.hidden.lists(told) else told


def _chart(value: Charted, things: Things, context: Context) -> str | None:
    """Responses of an answer over time."""
    return chart(value.series(), _names(things))


def _drawing(select: Select, value: Drawable, things: Things, context: Context) -> str:
    """What can be seen of an answer, in the asked format."""
    how = DrawingFormat[select.arguments.get("format", "MERMAID")]
    return drawn(value.picture(), _names(things), how)


def _names(things: Things) -> dict[str, str]:
    return {id_: row[1] or _readable(id_) for id_, row in things.items()}


def _readable(id_: str) -> str:
    """`kpi_version:persona_health/v2` -> `persona health v2`, for what has no name."""
    _, _, key = id_.partition(":")
    return " ".join(unquote(part) for part in re.split("[/_]", key))


def _first(given: int | None, usual: int) -> int:
    if given is not None and not 1 <= given <= MOST:
        raise BadRequest(f"`first: {given}` is not possible; write a number from 1 to {MOST}")
    return given or usual
