"""An account of the bank: every cell of every table can be read back from the graph."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from functools import cached_property
from typing import Any

import pytest

from graph.ontology import ONTOLOGY
from graph.ontology.vocabulary import Kind, Link
from graph.store import Store
from graph.times import DAWN, FAR
from loaders.columns import Columns
from tests.files import BANK, Row, table

COMMITS = "COLLECT { MATCH (c:Commit) RETURN [c.sequence, c.at] }"
THINGS = f"""
MATCH (e:LABEL)-[:STATE]->(s)
WITH e.id AS id, s, COLLECT {{
  MATCH (e)-[r:TYPES]-(o)
  RETURN [type(r), startNode(r) = e, o.id, r.validFrom, r.validTo]
}} AS links
RETURN {{rows: collect([properties(s), [id], links]), commits: {COMMITS}}} AS answer
"""
LINKS = f"""
MATCH (a)-[r:TYPES]->(b)
RETURN {{rows: collect([properties(r), [a.id, b.id], []]), commits: {COMMITS}}} AS answer
"""
TABLES = sorted(path.stem for path in BANK.glob("*.csv"))
DECLARED = {one.table: one for one in (*ONTOLOGY.links.values(), *ONTOLOGY.kinds.values())}
TIMES = {"valid_from": "validFrom", "valid_to": "validTo"}
Way = tuple[str, bool]
"""Type of a relationship, and whether it leaves the thing."""


@dataclass(frozen=True)
class Held:
    """What a table holds, and how its columns are told in the graph, by the data dictionary."""

    declared: type[Kind] | type[Link]

    @cached_property
    def properties(self) -> dict[str, str]:
        """Columns that are properties."""
        fields = self.declared.model_fields.items()
        return {info.alias or name: camel(name) for name, info in fields}

    @cached_property
    def ways(self) -> dict[str, Way]:
        """Columns that name other things."""
        return {
            name: (link.type, (self.declared in ONTOLOGY.sources(link)) != link.reversed())
            for link in ONTOLOGY.links.values()
            for kind, name in ONTOLOGY.columns(link).items()
            if kind is self.declared
        }

    @property
    def statement(self) -> str:
        """One statement for all that is stored of the table."""
        if issubclass(self.declared, Link):
            return LINKS.replace("TYPES", self.declared.type)
        types = "|".join(way for way, _ in self.ways.values()) or "NONE"
        return THINGS.replace("TYPES", types).replace("LABEL", self.declared.label)

    def ends(self, ids: list[str]) -> dict[str, str]:
        """Ids of the ends of a link by column, or nothing."""
        if not issubclass(self.declared, Link):
            return {}
        names = ("target", "source") if self.declared.reversed() else ("source", "target")
        return dict(zip(names, ids, strict=True))

    @property
    def found_by(self) -> tuple[str, ...]:
        """Columns by which a row is found: its key, or its ends."""
        return ("source", "target") if issubclass(self.declared, Link) else ("key",)

    def place(self, row: Mapping[str, Any]) -> tuple[str, ...]:
        """What a row says in these columns."""
        return tuple(row[name] for name in self.found_by)

    def time(self, row: Row, column: str, instead: str, default: datetime) -> datetime:
        """A time of a row: its own, else that of the fact, else always or never."""
        cell = row.get(column) or row.get(getattr(self.declared, instead, None) or "")
        return beginning(cell) if cell else default


@dataclass(frozen=True)
class Kept:
    """What the graph keeps of a row."""

    held: Held
    said: Mapping[str, Any]
    ends: Mapping[str, str]
    links: list[tuple[str, bool, str, datetime, datetime]]
    recorded: datetime

    def lost(self, row: Row) -> list[str]:
        """Columns of a row that are not told; times also where the row leaves them out."""
        since = self.held.time(row, "valid_from", "begins", DAWN)
        until = self.held.time(row, "valid_to", "ends", FAR)
        wrong = {"valid_from"} if since != self.said.get("validFrom") else set()
        wrong |= {"valid_to"} if until != self.said.get("validTo") else set()
        given = {name: cell for name, cell in row.items() if cell and name not in TIMES}
        wrong |= {name for name, cell in given.items() if not self.tells(name, cell, since, until)}
        return sorted(wrong)

    def tells(self, column: str, cell: str, since: datetime, until: datetime) -> bool:
        """Whether a cell can be read back."""
        if column in self.held.ways:
            named = self.named(self.held.ways[column], since, until)
            return all(part.strip() in named for part in cell.split(";"))
        if column == "recorded_on":
            return self.recorded == beginning(cell)
        if column in self.ends:
            return self.ends[column] == cell
        if column == "status" and "ending" in self.said:
            return self.said["status"] == "ACTIVE" and self.said["ending"] == cell
        return same(cell, self.said.get(self.held.properties[column]))

    def named(self, way: Way, since: datetime, until: datetime) -> set[str]:
        """Ids and keys of the things at the other ends of links all through a time."""
        ids = {
            other
            for type_, leaves, other, first, last in self.links
            if (type_, leaves) == way and first <= since and until <= last
        }
        return ids | {id_.partition(":")[2] for id_ in ids}

    def without(self, column: str) -> Kept:
        """The same as if a column had been dropped."""
        dropped = {self.held.properties.get(column), TIMES.get(column)}
        dropped |= {"ending"} if column == "status" else set()
        said = {name: value for name, value in self.said.items() if name not in dropped}
        way = self.held.ways.get(column)
        links = [link for link in self.links if (link[0], link[1]) != way]
        recorded = DAWN if column == "recorded_on" else self.recorded
        return replace(self, said=said, links=links, recorded=recorded)


Stored = dict[tuple[str, ...], list[Kept]]


def camel(name: str) -> str:
    """`delay_hours` -> `delayHours`."""
    first, *rest = name.split("_")
    return first + "".join(map(str.capitalize, rest))


def beginning(cell: str) -> datetime:
    """The first instant of a day, month, quarter or year."""
    months = re.sub(r"Q(\d)", lambda quarter: str(3 * int(quarter[1]) - 2), cell)
    year, month, day = (*map(int, months.split("-")), 1, 1)[:3]
    return datetime(year, month, day, tzinfo=UTC)


def same(cell: str, value: object) -> bool:
    """Whether a value is what a cell says: numbers as numbers, days as days, lists by part."""
    if isinstance(value, bool):
        return cell == str(value).lower()
    if isinstance(value, int | float):
        return float(cell) == value
    if isinstance(value, date):
        return cell == value.isoformat()
    if isinstance(value, list):
        return [part.strip() for part in cell.split(";")] == value
    return cell == value


async def kept(bank: Store, held: Held) -> Stored:
    """All that is stored of a table, by key or by ends."""
    answer = await bank.answer(held.statement)
    commits = dict(answer["commits"])
    found: Stored = {}
    for said, ids, links in answer["rows"]:
        one = Kept(held, said, held.ends(ids), links, commits[said["recorded"]])
        found.setdefault(held.place({**said, **one.ends}), []).append(one)
    return found


def unread(held: Held, rows: Iterable[Row], stored: Stored) -> Iterator[str]:
    """What of which row cannot be read back; no two rows are read from one place."""
    left = {place: list(some) for place, some in stored.items()}
    for number, row in enumerate(rows, start=2):
        if not (there := left.get(held.place(row))):
            yield f"row {number}"
            continue
        best = min(there, key=lambda one: len(one.lost(row)))
        there.remove(best)
        yield from (f"row {number}, column {column}" for column in best.lost(row))


def test_all_tables_are_accounted_for() -> None:
    """
    54 of them, each declared as a kind or a link.
    """
    assert 54 == len(TABLES)
    assert set(TABLES) <= DECLARED.keys()


@pytest.mark.parametrize("name", TABLES)
def test_a_table_has_no_column_that_is_not_declared(name: str) -> None:
    """
    The loader knows each column of the header.
    """
    assert set(table(name)[0]) <= set(Columns(ONTOLOGY, DECLARED[name]).expected)


@pytest.mark.parametrize("name", TABLES)
async def test_every_cell_can_be_read_back(bank: Store, name: str) -> None:
    """
    Properties, links, both times and ends: each says what the file says.
    """
    held = Held(DECLARED[name])

    assert [] == list(unread(held, table(name), await kept(bank, held)))


@pytest.mark.parametrize("name", TABLES)
async def test_a_column_that_is_not_kept_is_noticed(bank: Store, name: str) -> None:
    """
    The account itself: whichever column is taken out of what was read, it is named.
    """
    held = Held(DECLARED[name])
    found = await kept(bank, held)
    said = {column for row in table(name) for column, cell in row.items() if cell}

    for column in said - {*held.found_by}:
        less = {at: [one.without(column) for one in some] for at, some in found.items()}

        assert any(text.endswith(f", column {column}") for text in unread(held, table(name), less))
