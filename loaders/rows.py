"""Rows of text against a declaration: what is right becomes facts, the rest is named."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from graph.changes import Piece, State
from graph.ontology import Ontology
from graph.ontology.terms import ENDINGS
from graph.ontology.vocabulary import Declared, Exists, Kind, Kinds, Link, Refers
from graph.times import DAWN, FAR, BadTime, instant
from loaders.columns import ENDING, RETRACTED, TIMES, Columns
from loaders.facts import Ends, Fact, Mention, Told, bare, derived, link_id, state_of
from loaders.report import Place, Problem, Unread
from loaders.spool import Spool


@dataclass(frozen=True, slots=True)
class Span:
    """The two times of a row."""

    since: datetime
    until: datetime
    recorded: datetime | None


class TableCheck:
    """Checks the rows of one table against the kind or link that it holds."""

    def __init__(
        self,
        ontology: Ontology,
        declared: type[Kind] | type[Link],
        file: str,
        now: datetime,
        sheet: str = "",
    ) -> None:
        self.ontology = ontology
        self.declared = declared
        self.file = file
        self.now = now
        self.sheet = sheet
        self.columns = Columns(ontology, declared)

    def header(self, columns: Iterable[str]) -> Iterator[Problem]:
        """Columns that nothing declares, and required ones that are not there."""
        columns = list(columns)
        expected = self.columns.expected
        if len(columns) == 1 and (found := {";", "\t", "|"}.intersection(columns[0])):
            rule = f"is separated by {found.pop()!r}; write commas"
            yield Problem(self.file, 1, "all", columns[0], rule, self.sheet)
            return
        for name in columns:
            if name not in expected:
                rule = self.columns.unknown(name)
                yield Problem(self.file, 1, name, name, rule, self.sheet)
        for name in self.columns.required:
            if name not in columns:
                rule = "is missing from the header"
                yield Problem(self.file, 1, name, "", rule, self.sheet)

    def unread(self, row: Unread, into: Spool) -> None:
        """Add what is wrong with a row that cannot be read. Its id, or all its kind, is lost."""
        for problem in row.problems:
            into.refuse(problem)
        key, declared = row.cells.get("key", "").strip(), self.declared
        into.lose(declared.id_of(key) if issubclass(declared, Kind) and key else declared.word)

    def row(self, number: int, cells: Mapping[str, str], into: Spool) -> None:
        """Add what a row says, or what is wrong with it."""
        row = _Row(self, number, cells, into)
        value = row.value()
        span = row.span(value)
        if isinstance(value, Kind) and span:
            row.thing(value, span)
        elif isinstance(value, Link) and span:
            row.link(value, span)
        elif issubclass(self.declared, Kind):
            into.lose(self.declared.id_of(cells.get("key", "").strip()))


@dataclass(frozen=True, slots=True)
class _Row:
    """One row on its way from text to facts."""

    check: TableCheck
    number: int
    cells: Mapping[str, str]
    into: Spool

    def value(self) -> Declared | None:
        """The row as its declaration reads it."""
        columns = self.check.columns
        value, wrong = columns.read(columns.values(self.cells))
        for name, rule in wrong.items():
            self.refuse(name, rule)
        return value

    def span(self, value: Declared | None) -> Span | None:
        """When the row holds and since when it is known."""
        read: dict[str, datetime | None] = {}
        for column in TIMES:
            text = self.cells.get(column, "").strip()
            try:
                read[column] = min(instant(text), FAR) if text else None
            except BadTime as error:
                self.refuse(column, error.rule)
        if value is None or len(read) < len(TIMES):
            return None
        declared, recorded = self.check.declared, read["recorded_on"]
        since = read["valid_from"] or derived(value, getattr(declared, "begins", None)) or DAWN
        until = read["valid_to"] or derived(value, getattr(declared, "ends", None)) or FAR
        if until <= since:
            self.refuse("valid_to", "must be later than the beginning of validity")
        elif recorded and recorded > self.check.now:
            self.refuse("recorded_on", "lies in the future")
        else:
            return Span(since, until, recorded)
        return None

    def thing(self, thing: Kind, span: Span) -> None:
        """Add a thing, what it refers to, and the links that its columns name."""
        id_, back = thing.id_of(thing.key), self.retracted()
        piece = Piece(span.since, span.until, self.state(thing, span))
        place = self.place("key", thing.key)
        self.into.fact(Fact(id_, piece, span.recorded, place, retracted=back))
        self.references(thing)
        for column, (link, forward) in self.check.columns.links.items():
            if column in self.cells:
                found = () if back else self.carried(id_, column, link, forward, span)
                named = dict(found)
                told = Told(link, forward, id_, span.since, span.recorded, named, place)
                self.into.told(told)

    def carried(
        self, id_: str, column: str, link: type[Link], forward: bool, span: Span
    ) -> Iterator[tuple[str, Ends]]:
        """Add the links that a cell names."""
        keys = (part.strip() for part in self.cells[column].split(";"))
        kinds = self.check.columns.others(link, forward)
        for key in dict.fromkeys(filter(None, keys)):
            other = self.check.columns.end(kinds, key)
            place = self.place(column, key)
            if not self.reachable(other, kinds, place):
                continue
            ends = (id_, other) if forward else (other, id_)
            piece = Piece(span.since, span.until, bare(link))
            named = link_id(link, ends, None)
            fact = Fact(named, piece, span.recorded, place, ends, forward)
            self.into.fact(fact)
            yield named, ends

    def link(self, link: Link, span: Span) -> None:
        """Add a link of a table of its own."""
        self.references(link)
        ontology = self.check.ontology
        source, target = (self.cells.get(name, "").strip() for name in ("source", "target"))
        right = [
            self.reachable(source, ontology.sources(type(link)), self.place("source", source)),
            self.reachable(target, ontology.targets(type(link)), self.place("target", target)),
        ]
        if all(right):
            id_ = link_id(type(link), (source, target), link)
            piece = Piece(span.since, span.until, state_of(link))
            at = ("key", id_.partition(":")[2]) if link.keyed() else ("source", source)
            ends, back = (source, target), self.retracted()
            fact = Fact(id_, piece, span.recorded, self.place(*at), ends, retracted=back)
            self.into.fact(fact)

    def state(self, thing: Kind, span: Span) -> State:
        """What the row says of a thing; its ending has a column of its own, or is in `status`."""
        if ENDING not in self.cells:
            return state_of(thing, ended=span.until < FAR)
        word = self.cells[ENDING].strip()
        if word and word not in (allowed := sorted(term.name for term in ENDINGS)):
            self.refuse(ENDING, f"must be one of {', '.join(allowed)}")
        return {**state_of(thing), ENDING: word} if word else state_of(thing)

    def retracted(self) -> bool:
        """Whether the row is taken back."""
        word = self.cells.get(RETRACTED, "").strip()
        if word not in ("", "true", "false"):
            self.refuse(RETRACTED, "must be true or false")
        return word == "true"

    def reachable(self, id_: str, kinds: Kinds, place: Place) -> bool:
        """Whether an id is of one of these kinds; then something must have it."""
        kind, key = self.check.ontology.kind_of(id_), id_.partition(":")[2]
        if kind not in kinds or not key:
            allowed = " or ".join(f"{k.word}:..." for k in kinds)
            self.into.refuse(place.breaks(f"must be {allowed}"))
            return False
        self.into.mention(Mention(id_, place))
        return True

    def references(self, value: Declared) -> None:
        """Note what must be there for this row to be right."""
        for column in self.check.columns.references:
            said, refers = getattr(value, column.field), column.refers
            if said is None or refers is None:
                continue
            for text in said if column.several else (said,):
                self.referred(refers, text, self.place(column.name, text))

    def referred(self, refers: Refers | Exists, text: str, place: Place) -> None:
        """Note what one reference names, if it may."""
        ontology = self.check.ontology
        if isinstance(refers, Exists):
            link = ontology.link_of(text)
            right, id_ = ontology.kind_of(text) or (link and link.keyed()), text
            allowed = "the id of something: kpi:..., target:..."
        else:
            id_ = refers.id_of(text)
            right = id_.partition(":")[0] in refers.words
            allowed = " or ".join(f"{word}:..." for word in refers.words)
        if right:
            self.into.mention(Mention(id_, place))
        else:
            self.into.refuse(place.breaks(f"must be {allowed}"))

    def place(self, column: str, value: str) -> Place:
        """A value of this row and where it stands."""
        return Place(self.check.file, self.number, column, value, self.check.sheet)

    def refuse(self, column: str, rule: str) -> None:
        """Note that a cell breaks a rule."""
        place = self.place(column, self.cells.get(column, ""))
        self.into.refuse(place.breaks(rule))
