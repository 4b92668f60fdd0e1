"""Expressions of a statement with the builders of their answers, and what they are made of."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Any, get_args, get_origin

from pydantic.fields import FieldInfo

from graph.hidden import NOTHING_HIDDEN, Hidden
from graph.ontology.vocabulary import IdMark, is_text, mark, nullable
from graph.times import FAR, Moment, written

TYPE = "the type"
"""Where a thing in an answer keeps the name of its type; no alias can be written so."""


@dataclass(frozen=True, slots=True)
class Context:
    """What builders need beside the rows: the moment that was read, for the cursors, and what may
    not be named in texts."""

    moment: Moment
    hidden: Hidden = NOTHING_HIDDEN


Build = Callable[[Any, Context], Any]


@dataclass(frozen=True, slots=True)
class Shape:
    """An expression, and how its value becomes the answer. An empty expression needs no column."""

    expression: str
    build: Build


@dataclass(frozen=True, slots=True)
class Hop:
    """A pattern over one link that holds, with its variables."""

    match: str
    link: str
    node: str
    state: str
    listed: str = ""
    """The same in the order of the node's id: what comes after a page is not looked at."""


def mapping(parts: Sequence[tuple[str, int, Build]], fixed: Mapping[str, Any]) -> Build:
    """How a row becomes a mapping: alias, place in the row and builder of each, and what is fixed.

    What is told as it came is not handed to a function: large answers are mostly that.
    """
    plain = [(alias, at) for alias, at, make in parts if make is as_is]
    texts = [one for one in parts if one[2] in (seen_text, must_text)]
    made = [one for one in parts if one[2] is not as_is and one not in texts]

    def build(row: Any, context: Context) -> dict[str, Any]:
        answer = {alias: row[at] for alias, at in plain}
        for alias, at, make in texts:
            value = row[at]
            names = value is None or ":" in value
            answer[alias] = make(value, context) if names else value
        for alias, at, make in made:
            answer[alias] = make(row[at], context)
        answer.update(fixed)
        return answer

    return build


def choice(builders: Mapping[str, Build]) -> Build:
    """How a row that begins with a global id is built, by the first part of the id."""
    if len(builders) == 1:
        (only,) = builders.values()
        return lambda row, context: only(row, context) if row else None

    def build(row: Any, context: Context) -> Any:
        make = builders.get(row[0].partition(":")[0]) if row else None
        return make(row, context) if make else None

    return build


def constant(value: Any) -> Shape:
    """A value that needs no column."""
    return Shape("", lambda _, context: value)


def record(parts: Sequence[tuple[str, Shape]]) -> Shape:
    """Several shapes side by side, answered under their aliases."""
    expressions = [shape.expression or "null" for _, shape in parts]
    places = [(alias, at, shape.build) for at, (alias, shape) in enumerate(parts)]
    return Shape(f"[{', '.join(expressions)}]", mapping(places, {}))


def merged(shapes: Sequence[Shape]) -> Shape:
    """Several shapes that answer mappings, as one mapping."""
    expressions = [shape.expression or "null" for shape in shapes]

    def build(row: Any, context: Context) -> dict[str, Any]:
        answer: dict[str, Any] = {}
        for value, shape in zip(row, shapes, strict=True):
            answer |= shape.build(value, context)
        return answer

    return Shape(f"[{', '.join(expressions)}]", build)


def as_is(value: Any, context: Context) -> Any:
    """The value itself."""
    return value


def instant(expression: str) -> Shape:
    """An instant. It comes as a text: the driver takes longer to make a time than all the rest."""
    return Shape(f"toString({expression})", time)


def time(value: Any, context: Context) -> str | None:
    """RFC 3339; null for an open end."""
    return None if value is None else _rfc3339(value)


@lru_cache(maxsize=8192)
def _rfc3339(text: str) -> str | None:
    when = datetime.fromisoformat(text)
    return None if when >= FAR else written(when)


def split(value: Any, context: Context) -> list[str]:
    """Parts of a text joined by `;`."""
    return [part.strip() for part in (value or "").split(";") if part.strip()]


def several(value: Any, context: Context) -> list[Any]:
    """A list, empty where nothing is kept."""
    return value or []


def seen_text(value: Any, context: Context) -> Any:
    """A text without what names something hidden."""
    return context.hidden.told(value)


def must_text(value: Any, context: Context) -> Any:
    """The same of a text that is never null."""
    return context.hidden.told(value) or ""


def stored(x: str, info: FieldInfo, restricted: bool = False) -> Shape:
    """How a stored property is told; `restricted` to who sees not all rows."""
    kinds = {info.annotation, *get_args(info.annotation)}
    if get_origin(info.annotation) is tuple or not kinds & {date, datetime}:
        return Shape(x, _converter(info, restricted))
    return instant(x) if datetime in kinds else Shape(f"toString({x})", as_is)


def _converter(info: FieldInfo, restricted: bool) -> Build:
    if get_origin(info.annotation) is tuple:
        return several
    if restricted and is_text(info):
        return seen_text if nullable(info) else must_text
    return as_is


def names_others(info: FieldInfo) -> bool:
    """Whether a property is a list of global ids."""
    return get_origin(info.annotation) is tuple and mark(info, IdMark) is not None
