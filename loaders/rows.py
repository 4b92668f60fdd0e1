"""Rows of text against declarations: what is right becomes pieces of lives, the rest is named."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from types import UnionType
from typing import Any, Union, cast, get_args, get_origin
from urllib.parse import quote

from pydantic import ValidationError
from pydantic.alias_generators import to_camel

from graph.changes import Piece, Property, State
from graph.ontology import Ontology
from graph.ontology.vocabulary import (
    ENDINGS,
    Declared,
    Entity,
    Kind,
    Kinds,
    Link,
    Refers,
    Status,
    Term,
    mark,
)
from graph.times import DAWN, FAR, begin_of, instant, utc
from loaders.report import Problem

TIMES = ("valid_from", "valid_to", "recorded_on")


@dataclass(frozen=True, slots=True)
class Fact:
    """A piece of the life of a thing or link, as one row tells it."""

    id: str
    piece: Piece
    recorded: datetime | None
    file: str
    row: int
    source: str | None = None
    target: str | None = None


@dataclass(frozen=True, slots=True)
class Mention:
    """An id that something must have."""

    id: str
    problem: Problem


@dataclass(frozen=True, slots=True)
class Told:
    """That a column names all links of one thing at one end, so that others have ended."""

    link: type[Link]
    id: str
    forward: bool
    since: datetime
    recorded: datetime | None


@dataclass(slots=True)
class Checked:
    """What the rows of a load say, and what is wrong with them."""

    facts: list[Fact] = field(default_factory=list)
    mentions: list[Mention] = field(default_factory=list)
    told: list[Told] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


class TableCheck:
    """Checks the rows of one table against the kind or link that it holds."""

    def __init__(self, ontology: Ontology, declared: type[Kind] | type[Link], file: str) -> None:
        self.ontology = ontology
        self.declared = declared
        self.file = file

    @cached_property
    def fields(self) -> dict[str, str]:
        """Python names of the declared fields by column."""
        return {info.alias or name: name for name, info in self.declared.model_fields.items()}

    @cached_property
    def lists(self) -> frozenset[str]:
        """Columns that hold several values joined by `;`."""
        infos = self.declared.model_fields
        return frozenset(c for c, n in self.fields.items() if get_origin(infos[n].annotation) is tuple)

    @cached_property
    def links(self) -> dict[str, tuple[type[Link], bool]]:
        """Links that this table carries as columns: the link, and whether the row is its source."""
        if not issubclass(self.declared, Kind):
            return {}
        carried = ((link, link.columns.get(self.declared)) for link in self.ontology.links.values())
        return {name: (link, self.declared in link.source) for link, name in carried if name}

    @cached_property
    def expected(self) -> list[str]:
        """Every column that this table may have."""
        ends = ("source", "target") if issubclass(self.declared, Link) else ()
        return [*ends, *self.fields, *self.links, *TIMES]

    def header(self, columns: Iterable[str]) -> Iterator[Problem]:
        """Columns that nothing declares, and required ones that are not there."""
        columns = list(columns)
        for name in columns:
            if name not in self.expected:
                rule = f"is no column of this table; it has {', '.join(self.expected)}"
                yield Problem(self.file, 1, name, name, rule)
        needed = ["source", "target"] if issubclass(self.declared, Link) else ["key"]
        for name in needed:
            if name not in columns:
                yield Problem(self.file, 1, name, "", "is missing from the header")

    def row(self, number: int, cells: Mapping[str, str], into: Checked) -> None:
        """Add what a row says, or what is wrong with it."""
        found: list[Problem] = []
        values = {c: cells[c] for c in self.fields if cells.get(c, "") != ""}
        data: dict[str, object] = {
            c: tuple(p.strip() for p in v.split(";") if p.strip()) if c in self.lists else v
            for c, v in values.items()
        }
        value = self._validated(number, data, found)
        times = self._times(number, cells, value, found)
        if value is None or times is None:
            into.problems += found
            return
        since, until, recorded = times
        if isinstance(value, Kind):
            self._thing(number, cells, value, since, until, recorded, into)
        else:
            self._link(number, cells, cast(Link, value), since, until, recorded, into)

    def _validated(
        self, number: int, data: dict[str, object], problems: list[Problem]
    ) -> Declared | None:
        try:
            return self.declared.model_validate(data)
        except ValidationError as error:
            for one in error.errors(include_url=False):
                column = str(one["loc"][0]) if one["loc"] else "all"
                shown = data.get(column, "")
                rule = _rule(one["type"], one["msg"], one.get("ctx", {}))
                problems.append(Problem(self.file, number, column, str(shown), rule))
            return None

    def _times(
        self, number: int, cells: Mapping[str, str], value: Declared | None, problems: list[Problem]
    ) -> tuple[datetime, datetime, datetime | None] | None:
        read: dict[str, datetime | None] = {}
        for column in TIMES:
            text = cells.get(column, "").strip()
            try:
                read[column] = instant(text) if text else None
            except ValueError as error:
                rule = str(error).partition(" ")[2]
                problems.append(Problem(self.file, number, column, text, rule))
        if problems or value is None:
            return None
        since = read["valid_from"] or _derived(value, getattr(self.declared, "begins", None)) or DAWN
        until = read["valid_to"] or _derived(value, getattr(self.declared, "ends", None)) or FAR
        if until <= since:
            text = cells.get("valid_to", "")
            rule = "must be later than the beginning of validity"
            problems.append(Problem(self.file, number, "valid_to", text, rule))
            return None
        return since, until, read["recorded_on"]

    def _thing(
        self,
        number: int,
        cells: Mapping[str, str],
        thing: Kind,
        since: datetime,
        until: datetime,
        recorded: datetime | None,
        into: Checked,
    ) -> None:
        id_ = thing.id_of(thing.key)
        piece = Piece(since, until, state_of(thing, ended=until < FAR))
        into.facts.append(Fact(id_, piece, recorded, self.file, number))
        self._references(number, thing, into)
        for column, (link, forward) in self.links.items():
            if column not in cells:
                continue
            into.told.append(Told(link, id_, forward, since, recorded))
            for key in filter(None, (part.strip() for part in cells[column].split(";"))):
                other = _end(link.target if forward else link.source, key, type(thing))
                ends = (id_, other) if forward else (other, id_)
                self._linked(number, column, key, link, ends, Piece(since, until, {}), recorded, into)

    def _link(
        self,
        number: int,
        cells: Mapping[str, str],
        link: Link,
        since: datetime,
        until: datetime,
        recorded: datetime | None,
        into: Checked,
    ) -> None:
        ends = (cells.get("source", "").strip(), cells.get("target", "").strip())
        piece = Piece(since, until, state_of(link))
        self._references(number, link, into)
        self._linked(number, "", "", type(link), ends, piece, recorded, into, link)

    def _linked(
        self,
        number: int,
        column: str,
        value: str,
        link: type[Link],
        ends: tuple[str, str],
        piece: Piece,
        recorded: datetime | None,
        into: Checked,
        said: Link | None = None,
    ) -> None:
        right = True
        for name, id_, kinds in (("source", ends[0], link.source), ("target", ends[1], link.target)):
            problem = Problem(self.file, number, column or name, value or id_, "")
            kind = self.ontology.kind_of(id_)
            if kind not in kinds or not id_.partition(":")[2]:
                allowed = " or ".join(f"{k.word}:..." for k in kinds)
                into.problems.append(_with_rule(problem, f"must be {allowed}"))
                right = False
            into.mentions.append(Mention(id_, problem))
        if right:
            state = piece.state or (state_of(link.model_validate({})) if said is None else {})
            told = Piece(piece.since, piece.until, state)
            id_ = link_id(link, ends, said)
            into.facts.append(Fact(id_, told, recorded, self.file, number, *ends))

    def _references(self, number: int, value: Declared, into: Checked) -> None:
        for name, info in type(value).model_fields.items():
            refers, text = mark(info, Refers), getattr(value, name)
            if refers and text is not None:
                column = info.alias or name
                problem = Problem(self.file, number, column, str(text), "")
                into.mentions.append(Mention(refers.id_of(text), problem))


def link_id(link: type[Link], ends: tuple[str, str], said: Link | None) -> str:
    """Global id of a link: its own key, or what identifies it, each part percent-encoded."""
    if link.keyed():
        return f"{link.word}:{getattr(said, 'key')}"
    parts = []
    for name in link.identity:
        if name in ("source", "target"):
            parts.append(ends[name == "target"])
        else:
            value = getattr(said, name) if said else link.model_fields[name].default
            parts.append("" if value is None else value.name if isinstance(value, Term) else str(value))
    return f"{link.word}:{'/'.join(quote(part, safe=':') for part in parts)}"


def state_of(value: Declared, ended: bool = False) -> State:
    """Properties as the graph keeps them: camelCase, words by name, nothing empty.

    Whoever ended as retired or merged was active while in force; the ending is kept beside it.
    """
    state: dict[str, Property] = {}
    for name in type(value).model_fields:
        found = getattr(value, name)
        if found is not None and found != () and name != "key":
            state[to_camel(name)] = _plain(found)
    if ended and isinstance(value, Entity) and value.status in ENDINGS:
        state |= {"status": Status.ACTIVE.name, "ending": value.status.name}
    return state


def _plain(value: Any) -> Property:
    if isinstance(value, Term):
        return value.name
    if isinstance(value, tuple):
        return [str(one) for one in value]
    return cast(Property, value)


def _end(kinds: Kinds, text: str, own: type[Kind]) -> str:
    """Global id of a key in a column: a plain key where one kind is meant, or the row's own."""
    if len(kinds) == 1:
        return kinds[0].id_of(text)
    return text if ":" in text else own.id_of(text)


def _derived(value: Declared, name: str | None) -> datetime | None:
    found = getattr(value, name) if name else None
    if isinstance(found, str):
        return begin_of(found)
    return utc(found) if isinstance(found, date) else None


def _with_rule(problem: Problem, rule: str) -> Problem:
    return Problem(problem.file, problem.row, problem.column, problem.value, rule)


def _rule(sort: str, message: str, context: Mapping[str, Any]) -> str:
    if sort == "missing":
        return "is required"
    if sort == "string_pattern_mismatch":
        return f"does not have the form {context.get('pattern')}"
    return message[0].lower() + message[1:]


def is_optional(annotation: object) -> bool:
    """Whether None is among the types of an annotation."""
    return get_origin(annotation) in (Union, UnionType) and type(None) in get_args(annotation)
