"""Tables row by row: what is right goes to the spool, the rest is refused by name."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from itertools import groupby

from graph.ontology import Ontology
from graph.ontology.vocabulary import Kind, Link
from graph.store import Store
from loaders.report import Place, Problem, Rejects, Unread
from loaders.rows import TableCheck
from loaders.spool import ROW, Spool
from loaders.tables import Table

EVERY = 5_000
"""Rows between two reports of progress."""


@dataclass(slots=True)
class Reading:
    """The tables of a load, and how many rows of each were read."""

    tables: Sequence[Table]
    spool: Spool
    size: int
    """Bytes of their files."""
    progress: Callable[[str, int, int], None]
    rows: dict[str, int] = field(default_factory=dict)
    _columns: dict[int, tuple[str, ...]] = field(default_factory=dict)
    _count: int = 0
    _signs: int = 0

    def read(self, store: Store) -> None:
        """Check every row for itself."""
        declared = tables_of(store.ontology)
        for number, table in enumerate(self.tables):
            self.spool.row(Place(table.file, 1, "", "", table.sheet))
            if table.name in declared:
                kind, now = declared[table.name], store.clock()
                check = TableCheck(store.ontology, kind, table.file, now, table.sheet)
                self.rows[table.name] = self._read(number, check)
            else:
                self.spool.refuse(_unknown(table, declared))
        self.progress("reading", self._count, self._count)
        self.spool.index()

    def _read(self, number: int, check: TableCheck) -> int:
        """Check the rows of a table; answers how many there are."""
        before = self._count
        columns, wrong = self.tables[number].shape()
        wrong = wrong or (list(check.header(columns)) if columns else [])
        for problem in wrong:
            self.spool.refuse(problem)
        if wrong:
            self.spool.lose(check.declared.word)
        if wrong or not columns:
            return 0
        self._columns[number] = columns
        for row, cells in self.tables[number].rows(columns):
            self._count += 1
            if isinstance(cells, Unread):
                check.unread(cells, self.spool)
            else:
                check.row(row, cells, self.spool)
            if self._count % EVERY == 0:
                self._tell(cells)
        return self._count - before

    def _tell(self, cells: Mapping[str, str] | Unread) -> None:
        """Tell the progress, and how many rows there may be if all are as long as some of these."""
        row = cells.cells if isinstance(cells, Unread) else cells
        self._signs += sum(map(len, row.values())) + len(row)
        each = self._signs * EVERY / self._count
        self.progress("reading", self._count, max(self._count, int(self.size / each)))

    def refused(self) -> dict[str, int]:
        """How many rows of each table are refused."""
        text = f"SELECT at / {ROW}, count(*) FROM refused GROUP BY 1 ORDER BY 1"
        return {self.tables[number].name: count for number, count in self.spool.ask(text)}

    def reject(self, rejects: Rejects) -> None:
        """Give refused rows away, read once more; the spool holds only what is wrong with them."""
        for number, found in groupby(self.spool.refusals(), key=lambda one: one[0] // ROW):
            cells = self._cells(number, [(at % ROW, problem) for at, problem in found])
            for problem, row in cells:
                rejects.refuse(problem, row)

    def _cells(
        self, number: int, found: Iterable[tuple[int, Problem]]
    ) -> Iterable[tuple[Problem, Mapping[str, str]]]:
        columns = self._columns.get(number)
        rows = iter(self.tables[number].rows(columns) if columns else ())
        at, cells = 0, dict[str, str]()
        for row, problem in found:
            while at < row and (following := next(rows, None)):
                at, told = following
                cells = told.cells if isinstance(told, Unread) else told
            yield problem, cells if at == row else {}


def tables_of(ontology: Ontology) -> dict[str, type[Kind] | type[Link]]:
    """What each table holds, by its name; kinds go before links."""
    links = ontology.links.values()
    found: dict[str, type[Kind] | type[Link]] = {link.table: link for link in links}
    return found | {kind.table: kind for kind in ontology.kinds.values()}


def _unknown(table: Table, declared: Iterable[str]) -> Problem:
    near = get_close_matches(table.name.lower(), declared, 1, 0.75)
    hint = f"; did you mean {near[0]}?" if near else "; the data dictionary names them all"
    rule = f"is no table{hint}"
    return Problem(table.file, 1, "all", table.name, rule, table.sheet)
