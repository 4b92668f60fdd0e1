"""The columns of a table, read off the kind or link that it holds, and the rules of cells."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches
from functools import cached_property, lru_cache
from math import isinf
from typing import Any, get_args, get_origin

from pydantic import ValidationError
from pydantic.fields import FieldInfo

from graph.ontology import Ontology
from graph.ontology.vocabulary import (
    Declared,
    Entity,
    Exists,
    Kind,
    Kinds,
    Link,
    PeriodMark,
    Refers,
    UnitMark,
    mark,
)
from graph.times import NO_PERIOD, BadTime, begin_of, day
from loaders.readable import REFUSED

_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?", re.ASCII)
_HIDDEN = re.compile(
    "[\u00a0\u00ad\u1680\u2000-\u200b\u200e\u200f\u2028-\u202f\u205f-\u2069\u3000\ufeff]"
)
"""Blanks that look like others, and signs without width; two keys may differ by them alone."""
TIMES = ("valid_from", "valid_to", "recorded_on")
RETRACTED = "retracted"
"""The column that says `true` in a row that is taken back."""
ENDING = "ending"
"""The column that says how a life ended; without it, `status` says so in rows that have an end."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column that holds a declared field."""

    name: str
    field: str
    several: bool
    """Whether its cells hold several values joined by `;`."""
    sort: str
    """`date`, `integer`, `number`, `key`, `period`, `unit` or nothing special."""
    refers: Refers | Exists | None


class Columns:
    """Columns of the table of one kind or link."""

    def __init__(self, ontology: Ontology, declared: type[Kind] | type[Link]) -> None:
        self.ontology = ontology
        self.declared = declared

    @cached_property
    def fields(self) -> dict[str, Column]:
        """Columns that hold declared fields, by name."""
        found = self.declared.model_fields.items()
        return {info.alias or name: _column(name, info) for name, info in found}

    @cached_property
    def links(self) -> dict[str, tuple[type[Link], bool]]:
        """Links that this table carries as columns: the link, and whether the row is its source."""
        if not issubclass(self.declared, Kind):
            return {}
        own, o = self.declared, self.ontology
        carried = ((link, o.columns(link).get(own)) for link in o.links.values())
        return {name: (link, own in o.sources(link)) for link, name in carried if name}

    def others(self, link: type[Link], forward: bool) -> Kinds:
        """What a link that this table carries leads to."""
        return self.ontology.targets(link) if forward else self.ontology.sources(link)

    def end(self, kinds: Kinds, text: str) -> str:
        """Global id of what a cell says: a key where one kind is meant, or the row's own kind."""
        if self.ontology.kind_of(text) in kinds:
            return text
        own = self.declared
        if len(kinds) == 1:
            return kinds[0].id_of(text)
        return own.id_of(text) if issubclass(own, Kind) and ":" not in text else text

    def mention(self, column: str, other: str) -> str | None:
        """How a cell names the other end of a link that its column carries; None where it cannot.

        The way back from `end`.
        """
        kinds = self.others(*self.links[column])
        if self.ontology.kind_of(other) not in kinds or ";" in other or other != other.strip():
            return None
        key = other.partition(":")[2]
        return key if key == key.strip() and self.end(kinds, key) == other else other

    @cached_property
    def references(self) -> list[Column]:
        """Columns that mention other things."""
        return [column for column in self.fields.values() if column.refers]

    @cached_property
    def required(self) -> tuple[str, ...]:
        """Columns without which no row can be read."""
        return ("source", "target") if issubclass(self.declared, Link) else ("key",)

    @cached_property
    def expected(self) -> list[str]:
        """Every column that this table may have."""
        ends = ("source", "target") if issubclass(self.declared, Link) else ()
        return [*ends, *self.fields, *self.links, *TIMES, RETRACTED, *self.ending, REFUSED]

    def unknown(self, name: str) -> str:
        """What to say of a column that the table does not have."""
        plain = re.sub(r"\W+", "_", name.strip()).strip("_").lower()
        if plain in self.expected:
            return f"is no column of this table; write {plain}"
        near = get_close_matches(plain, self.expected, 1, 0.75)
        hint = f"did you mean {near[0]}? It" if near else "it"
        return f"is no column of this table; {hint} has {', '.join(self.expected)}"

    @cached_property
    def ending(self) -> tuple[str, ...]:
        """The column for how a life ended, where things of this kind end with a word."""
        return (ENDING,) if issubclass(self.declared, Entity) else ()

    def values(self, cells: Mapping[str, str]) -> dict[str, object]:
        """Cells that say something, by column, for the declaration to check."""
        given: dict[str, object] = {}
        for name, column in self.fields.items():
            text = cells.get(name, "").strip()
            if text:
                parts = (part.strip() for part in text.split(";"))
                given[name] = tuple(filter(None, parts)) if column.several else text
        return given

    def read(self, given: Mapping[str, object]) -> tuple[Declared | None, dict[str, str]]:
        """Values as the declaration reads them, or the rule that each column breaks."""
        wrong = dict(self._wrong(given))
        try:
            value = self.declared.model_validate(given)
        except ValidationError as error:
            for one in error.errors(include_url=False):
                name = str(one["loc"][0]) if one["loc"] else "all"
                sort = self.fields[name].sort if name in self.fields else ""
                wrong.setdefault(name, _rule_of(one, sort))
        return (None, wrong) if wrong else (value, wrong)

    def _wrong(self, given: Mapping[str, object]) -> Iterator[tuple[str, str]]:
        """Columns and rules that values break before the declaration is asked."""
        for name, value in given.items():
            column = self.fields[name]
            text = value if isinstance(value, str) else ""
            hidden = (name == "key" or column.refers) and _HIDDEN.search(text)
            if hidden:
                yield name, f"holds a sign that nobody sees (U+{ord(hidden[0]):04X}); take it out"
            elif text and (rule := _breaks(column.sort, text)):
                yield name, rule


def _column(name: str, info: FieldInfo) -> Column:
    return Column(
        info.alias or name,
        name,
        get_origin(info.annotation) is tuple,
        next((sort for sort, found in _sorts(info) if found), ""),
        mark(info, Refers) or mark(info, Exists),
    )


def _sorts(info: FieldInfo) -> Iterator[tuple[str, bool]]:
    types = list(_types(info.annotation))
    yield "date", any(one is date for one in types)
    yield "integer", any(one is int for one in types)
    yield "number", any(one is float for one in types)
    yield "period", mark(info, PeriodMark) is not None
    yield "unit", mark(info, UnitMark) is not None


def _types(annotation: object) -> Iterator[object]:
    yield annotation
    for part in get_args(annotation):
        yield from _types(part)


@lru_cache(maxsize=8192)
def _breaks(sort: str, text: str) -> str | None:
    """The rule that a text breaks, if any."""
    try:
        if sort == "date":
            day(text)
        if sort == "period":
            begin_of(text)
    except BadTime as error:
        return error.rule
    if sort in ("integer", "number"):
        return _no_number(sort, text)
    return None


def _no_number(sort: str, text: str) -> str | None:
    """Why a text is no number that can be kept as it is written, if it is none."""
    if not _NUMBER.fullmatch(text):
        written = "write 1234" if sort == "integer" else "write 1234.5"
        return f"is no number; {written}" if text not in ("+", "-") else None
    if sort == "integer":
        whole = re.fullmatch(r"[+-]?0*(\d{19,})", text)
        large = whole and (len(whole[1]) > 19 or int(whole[1]) >= 2**63)
        return "is too large for a whole number" if large else None
    value = float(text)
    if isinf(value):
        return "is too large for a number"
    digits = text.lower().partition("e")[0]
    if value == 0 and digits.strip("+-0."):
        return "is too small for a number; write 0"
    if digits.lstrip("+-").isdecimal() and "e" not in text.lower() and abs(value) > 2**53:
        exact = len(text) < 400 and int(text) == int(value)
        return None if exact else f"has more digits than a number keeps; write {value:.17g}"
    return None


def _rule_of(error: Mapping[str, Any], sort: str) -> str:
    """What pydantic found, in the words of a table."""
    if error["type"] == "missing":
        return "is required"
    if error["type"] == "string_pattern_mismatch":
        if sort == "period":
            return NO_PERIOD
        if sort == "unit":
            return "is not a unit; write %, count, points, h, d or EUR, or one of them with /month"
        return "holds a `;`, a control character or a blank or `:` at its beginning"
    message = re.sub(r"^(Input|String|Value) should ", "must ", error["msg"])
    return re.split(r", (?:unable|got)", message)[0].removeprefix("Value error, ")
