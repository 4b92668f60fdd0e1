"""What the rows of a load say, kept on disk, so that memory does not grow with a load.

It is a private SQLite database in a file without a name, gone when it is closed. Instants are
whole microseconds since the year 1, rows are numbers that tell table and row.
"""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime
from functools import lru_cache
from itertools import islice
from types import TracebackType
from typing import Any, Self

import orjson

from graph.changes import Piece, State
from graph.times import DAWN, INSTANT
from loaders.facts import Fact, Mention, Told
from loaders.report import Place, Problem

LAST = datetime.max.replace(tzinfo=UTC)
"""Stands for the record time of rows that name none: it comes after all others."""
PENDING = 2_000
"""Rows that wait in memory to be written together."""
CACHE = 16 * 1024
"""KiB of the file that are held in memory."""
ROW = 1 << 32
"""A row is `table * ROW + number`."""
_TABLES = """
CREATE TABLE fact(at INT, col TEXT, value TEXT, id TEXT, word TEXT, linked INT, recorded INT,
    since INT, until INT, begin INT, state BLOB, source TEXT, target TEXT, forward INT,
    retracted INT);
CREATE TABLE mention(at INT, col TEXT, value TEXT, id TEXT);
CREATE TABLE told(at INT, word TEXT, forward INT, id TEXT, since INT, recorded INT, links BLOB);
CREATE TABLE problem(at INT, col TEXT, value TEXT, rule TEXT);
CREATE TABLE refused(at INTEGER PRIMARY KEY);
CREATE TABLE lost(id TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE absent(id TEXT PRIMARY KEY) WITHOUT ROWID;
"""
_INDEXES = """
CREATE INDEX fact_order ON fact(linked, recorded, id);
CREATE INDEX fact_id ON fact(id, recorded);
CREATE INDEX told_cell ON told(forward, id, word);
"""
_WIDTH = {"fact": 15, "mention": 4, "told": 7, "problem": 4, "refused": 1, "lost": 1, "absent": 1}


class Spool:
    """Facts, mentions, cells that name links, and problems, in the order in which they come."""

    def __init__(self) -> None:
        self._file = sqlite3.connect("", check_same_thread=False, isolation_level=None)
        self._pending: defaultdict[str, list[tuple[object, ...]]] = defaultdict(list)
        self._tables: list[tuple[str, str]] = []
        self._numbers: dict[tuple[str, str], int] = {}
        for setting in ("journal_mode = OFF", "synchronous = OFF", f"cache_size = -{CACHE}"):
            self._file.execute(f"PRAGMA {setting}")
        self._file.executescript(_TABLES)
        self._file.execute("BEGIN")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._file.close()

    def fact(self, fact: Fact) -> None:
        """Take in a piece of a life."""
        piece, place = fact.piece, fact.place
        since, until = micros(piece.since), micros(piece.until)
        source, target = fact.ends or (None, None)
        row = (
            *(self.row(place), place.column, place.value, fact.id, fact.id.partition(":")[0]),
            *(fact.ends is not None, micros(fact.recorded or LAST), since, until, since),
            *(_packed(piece.state), source, target, fact.forward, fact.retracted),
        )
        self._add("fact", row)

    def end(self, id_: str, since: datetime, ends: tuple[str, str], recorded: int) -> None:
        """Take in that a link ends, of which no row speaks itself."""
        word, begin = id_.partition(":")[0], micros(since)
        row = (None, "", "", id_, word, True, recorded, begin, begin, begin, b"{}", *ends, None)
        self._add("fact", (*row, True))

    def mention(self, mention: Mention) -> None:
        """Take in that something must be there."""
        place = mention.place
        self._add("mention", (self.row(place), place.column, place.value, mention.id))

    def told(self, told: Told) -> None:
        """Take in that a cell names all links of one type that a thing has."""
        links, recorded = orjson.dumps(told.links), micros(told.recorded or LAST)
        since = micros(told.since)
        row = (self.row(told.place), told.link.word, told.forward, told.id, since, recorded, links)
        self._add("told", row)

    def refuse(self, problem: Problem) -> None:
        """Take in a problem; its row is refused."""
        at = self.row(Place(problem.file, problem.row, "", "", problem.sheet))
        self._add("problem", (at, *map(_writable, (problem.column, problem.value, problem.rule))))
        self._add("refused", (at,))

    def lose(self, id_: str) -> None:
        """Take in the id of a refused row, or the word of a kind whose whole table is refused."""
        self._add("lost", (_writable(id_),))

    def row(self, place: Place) -> int:
        """The number of a row."""
        table = place.file, place.sheet
        number = self._numbers.get(table)
        if number is None:
            number = self._numbers[table] = len(self._tables)
            self._tables.append(table)
        return number * ROW + place.row

    def place(self, at: int, column: str, value: str) -> Place:
        """A value and where it stands."""
        (file, sheet), row = self._tables[at // ROW], at % ROW
        return Place(file, row, column, value, sheet)

    def fact_of(self, row: Sequence[Any]) -> Fact:
        """A fact from the columns of `FACT`."""
        at, col, value, id_, recorded, since, until, state, source, target, forward, gone = row
        piece = Piece(moment(since), moment(until), unpacked(state))
        ends = (source, target) if source else None
        when = recorded_of(recorded)
        return Fact(id_, piece, when, self.place(at or 0, col, value), ends, forward, bool(gone))

    def index(self) -> None:
        """Make it quick to ask; nothing is quick before all tables are read."""
        self._flush()
        self._file.executescript(_INDEXES)
        self._file.execute("ANALYZE")

    def ask(self, text: str, *given: object) -> Iterator[Sequence[Any]]:
        """Rows of a query, as they are read."""
        self._flush()
        return self._file.execute(text, given)

    def leave_out(self) -> None:
        """Forget what refused rows say; their things are lost."""
        self._flush()
        refused = "WHERE at IN (SELECT at FROM refused)"
        lost = f"SELECT id FROM fact {refused} AND NOT linked AND NOT retracted"
        self._file.execute(f"INSERT OR IGNORE INTO lost {lost}")
        for table in ("fact", "mention", "told"):
            self._file.execute(f"DELETE FROM {table} {refused}")

    def number(self, text: str, *given: object) -> int:
        """The single number that a query answers."""
        found: int = next(self.ask(text, *given))[0]
        return found

    def miss(self, id_: str) -> None:
        """Take in an id that neither the load nor the graph has."""
        self._add("absent", (id_,))

    def refused(self) -> int:
        """How many rows are refused."""
        return self.number("SELECT count(*) FROM refused")

    def first_problems(self, most: int) -> tuple[list[Problem], int]:
        """The first problems, and how many there are."""
        return list(islice(self.problems(), most)), self.number("SELECT count(*) FROM problem")

    def problems(self) -> Iterator[Problem]:
        """All problems in the order in which they were found."""
        for at, *told in self.ask("SELECT at, col, value, rule FROM problem ORDER BY rowid"):
            yield self._problem(at, *told)

    def refusals(self) -> Iterator[tuple[int, Problem]]:
        """All problems by row, each with the number of its row."""
        for at, *told in self.ask("SELECT at, col, value, rule FROM problem ORDER BY at, rowid"):
            yield at, self._problem(at, *told)

    def _problem(self, at: int, column: str, value: str, rule: str) -> Problem:
        return self.place(at, column, value).breaks(rule)

    def _add(self, table: str, row: tuple[object, ...]) -> None:
        pending = self._pending[table]
        pending.append(row)
        if len(pending) >= PENDING:
            self._write(table, pending)

    def _flush(self) -> None:
        for table, rows in self._pending.items():
            self._write(table, rows)

    def _write(self, table: str, rows: list[tuple[object, ...]]) -> None:
        marks = ", ".join("?" * _WIDTH[table])
        self._file.executemany(f"INSERT OR IGNORE INTO {table} VALUES ({marks})", rows)
        rows.clear()


FACT = "at, col, value, id, recorded, since, until, state, source, target, forward, retracted"
"""Columns of which `fact_of` makes a fact."""


@lru_cache(maxsize=8192)
def micros(when: datetime) -> int:
    """Microseconds since the year 1."""
    return (when - DAWN) // INSTANT


@lru_cache(maxsize=8192)
def moment(number: int) -> datetime:
    """An instant from its microseconds."""
    return DAWN + number * INSTANT


def recorded_of(number: int) -> datetime | None:
    """A record time; None for that of the load."""
    return None if number == micros(LAST) else moment(number)


def _packed(state: State) -> bytes:
    return orjson.dumps(state, default=_told, option=orjson.OPT_PASSTHROUGH_DATETIME)


def _told(value: object) -> dict[str, str]:
    if isinstance(value, datetime):
        return {"at": value.isoformat()}
    if isinstance(value, date):
        return {"on": value.isoformat()}
    raise TypeError(f"a property cannot be {type(value).__name__}")


@lru_cache(maxsize=1024)
def _untold(sort: str, text: str) -> date | datetime:
    return datetime.fromisoformat(text) if sort == "at" else date.fromisoformat(text)


def unpacked(packed: bytes) -> State:
    """The properties that `_packed` packed."""
    state: dict[str, Any] = orjson.loads(packed)
    if b'{"' in packed[1:]:
        for name, value in state.items():
            if isinstance(value, dict):
                ((sort, text),) = value.items()
                state[name] = _untold(sort, text)
    return state


def _writable(text: str) -> str:
    """Text without lone surrogates, which no file can hold."""
    return text.encode("utf-8", "backslashreplace").decode()
