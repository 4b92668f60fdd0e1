"""The bank's tables as things and links with their days, and what of them a role may see.

Read off the files and the declarations of columns alone: nothing here asks the graph.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache, cached_property

import networkx as nx

from graph.ontology import ONTOLOGY, End
from graph.ontology.terms import ENDINGS
from graph.ontology.vocabulary import Kind, Link, Path, camel
from tests.access_model import Role, role
from tests.files import BANK, Row, table

QUARTER = re.compile(r"(\d{4})-?Q([1-4])")
FIRST, LAST = "0001-01-01", "9999-12-31"
SEARCHED = sorted({name for kind in ONTOLOGY.kinds.values() for name in kind.searched})
"""Fields in which a search looks, of whatever kind."""
FOLDED = {word.name for word in ENDINGS}
"""Words of `status` that say how a life ended; while it lasted it was ACTIVE."""


@dataclass(frozen=True, slots=True)
class Thing:
    """A row of a kind, in force from a day until before another."""

    kind: type[Kind]
    row: Row
    since: str
    until: str

    def cell(self, name: str) -> str:
        """What it says in a field; empty where it says nothing."""
        info = self.kind.model_fields[name]
        text = self.row.get(info.alias or name) or ""
        if not text and info.default is not None and hasattr(info.default, "name"):
            text = info.default.name
        return "ACTIVE" if name == "status" and text in FOLDED else text


@dataclass(frozen=True, slots=True)
class Tie:
    """A link from one id to another, as a row of its own or a cell says it."""

    link: type[Link]
    source: str
    target: str
    row: Row
    since: str
    until: str

    def says(self, name: str) -> str:
        """What it says in a field."""
        default = self.link.model_fields[name].default
        return self.row.get(name) or getattr(default, "name", "")

    def flows(self) -> tuple[str, str]:
        """Its ends in the direction in which data goes."""
        ends = (self.source, self.target)
        return ends if self.link.flow == "forward" else ends[::-1]


def first_day(text: str) -> str:
    """The first day of a date, month, quarter or year."""
    if quarter := QUARTER.fullmatch(text):
        return f"{quarter[1]}-{int(quarter[2]) * 3 - 2:02}-01"
    return f"{text}{'-01-01'[3 * (text.count('-')) :]}"


def _span(of: type[Kind] | type[Link], row: Row) -> tuple[str, str]:
    begins, ends = getattr(of, "begins", None), getattr(of, "ends", None)
    since = row.get("valid_from") or first_day(row.get(begins or "") or FIRST)
    return since, row.get("valid_to") or first_day(row.get(ends or "") or LAST)


@cache
def things() -> Mapping[str, Thing]:
    """Every row of a kind by id; in the bank each key has one row."""
    found: dict[str, Thing] = {}
    for kind in ONTOLOGY.kinds.values():
        for row in _rows(kind.table):
            id_ = f"{kind.word}:{row['key']}"
            assert id_ not in found, id_
            found[id_] = Thing(kind, row, *_span(kind, row))
    return found


def _rows(name: str) -> tuple[Row, ...]:
    return table(name) if (BANK / f"{name}.csv").exists() else ()


@cache
def ties() -> tuple[Tie, ...]:
    """Every link, of a table of its own or of a column."""
    return (*_of_tables(), *_of_columns())


def _of_tables() -> Iterator[Tie]:
    for link in ONTOLOGY.links.values():
        for row in _rows(link.table):
            if "source" in row:
                yield Tie(link, row["source"], row["target"], row, *_span(link, row))


def _of_columns() -> Iterator[Tie]:
    for link in ONTOLOGY.links.values():
        for kind, column in ONTOLOGY.columns(link).items():
            away = kind in ONTOLOGY.sources(link)
            kinds = ONTOLOGY.targets(link) if away else ONTOLOGY.sources(link)
            for id_, thing in things().items():
                if thing.kind is kind:
                    for cell in filter(None, (thing.row.get(column) or "").split(";")):
                        other = _id(kind, kinds, cell.strip())
                        ends = (id_, other) if away else (other, id_)
                        yield Tie(link, *ends, {}, thing.since, thing.until)


def _id(own: type[Kind], kinds: tuple[type[Kind], ...], cell: str) -> str:
    """The id that a cell means: a key, where there is one kind that it can be of, or its own."""
    if cell.partition(":")[0] in {kind.word for kind in kinds}:
        return cell
    return f"{(kinds[0] if len(kinds) == 1 else own).word}:{cell}"


@dataclass(frozen=True)
class View:
    """What a role may see of a day."""

    who: Role
    day: str

    @cached_property
    def alive(self) -> frozenset[str]:
        """Ids of the things that are in force and not hidden."""
        there = (id_ for id_, one in things().items() if one.since <= self.day < one.until)
        return frozenset(id_ for id_ in there if id_ not in self.who.hidden)

    @cached_property
    def ended(self) -> frozenset[str]:
        """Ids of the things that were in force before, and are not hidden."""
        over = (id_ for id_, one in things().items() if one.until <= self.day)
        return frozenset(id_ for id_ in over if id_ not in self.who.hidden)

    @cached_property
    def ties(self) -> Mapping[tuple[str, bool, str], list[Tie]]:
        """Links that hold between them, by word, whether seen from the source, and id there."""
        found: defaultdict[tuple[str, bool, str], list[Tie]] = defaultdict(list)
        for tie in filter(self._holds, ties()):
            found[tie.link.word, True, tie.source].append(tie)
            found[tie.link.word, False, tie.target].append(tie)
        return found

    def _holds(self, tie: Tie) -> bool:
        shown = tie.since <= self.day < tie.until and self.who.sees(tie.link)
        shown = shown and {tie.source, tie.target} <= self.alive
        classed = tie.row.get("access_class") in self.who.above
        return shown and not classed and tie.row.get("group") not in self.who.hidden

    def at(self, id_: str, end: End) -> list[tuple[str, Tie]]:
        """Ids at the other ends of the links that a field of a thing follows, with the links."""
        there = self.ties.get((end.link.word, end.forward, id_), ())
        found = [(tie.target if end.forward else tie.source, tie) for tie in there]
        words = {one.word for one in end.kinds}
        return [one for one in found if one[0].partition(":")[0] in words]

    def along(self, id_: str, path: Path) -> set[str]:
        """Ids at the end of a short way from a thing."""
        *first, last = ONTOLOGY.walked(things()[id_].kind, path)
        here = {id_}
        for end in first:
            here = {one for each in here for one, _ in self.at(each, end)}
        said = path.link.items()
        found = [pair for each in here for pair in self.at(each, last)]
        return {one for one, tie in found if all(tie.says(name) in words for name, words in said)}

    @cached_property
    def flow(self) -> nx.DiGraph[str]:
        """What feeds what."""
        graph: nx.DiGraph[str] = nx.DiGraph()
        graph.add_nodes_from(id_ for id_ in self.alive if things()[id_].kind.layer)
        here = (one for (_, away, _), those in self.ties.items() if away for one in those)
        edges = (tie.flows() for tie in here if tie.link.flow)
        graph.add_edges_from((a, b) for a, b in edges if a in graph and b in graph)
        return graph

    def said(self, id_: str, name: str) -> str | None:
        """What a thing says in a field; None where it says nothing, or the role is not told."""
        thing = things()[id_]
        return (thing.cell(name) or None) if self.who.told(thing.kind, name) else None

    def words(self, id_: str) -> list[str]:
        """The texts of a thing in which a search looks; none that names something hidden."""
        thing = things()[id_]
        told = (self.said(id_, name) for name in SEARCHED if name in thing.kind.model_fields)
        return [text.lower() for text in told if text and not self._secret(text)]

    def _secret(self, text: str) -> bool:
        many = [f"{kind.word}:" for kind in ONTOLOGY.kinds.values() if kind.many]
        return bool(self.who.hidden) and (
            self.who.names_hidden(text) or any(word in text for word in many)
        )


@cache
def view(name: str, day: str) -> View:
    """What a role of the bank may see of a day."""
    return View(role(name), day)


def field_name(kind: type[Kind], told: str) -> str | None:
    """The declared field that answers call so."""
    return next((name for name in kind.model_fields if camel(name) == told), None)
