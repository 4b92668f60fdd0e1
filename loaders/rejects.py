"""Refused rows as tables that can be corrected and loaded: their cells as they stood, and why.

A row whose cells cannot be told apart stands in the column `refused`, and its cells are empty, so
that it is refused until somebody writes them. A table that cannot be read is kept as it stands.
"""

from __future__ import annotations

import csv
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from types import TracebackType
from typing import Self

from graph.errors import BadRequest
from loaders import csv_folder, sheets
from loaders.csv_rows import line
from loaders.export import beside
from loaders.readable import REFUSED
from loaders.report import Problem, RowsRefused
from loaders.tables import Table
from loaders.workbook import Sheet

NOTE = 30_000
"""Most signs of what is said of a row; a cell of a workbook takes little more."""


@dataclass(frozen=True, slots=True)
class _Told:
    """Rows of one table, on their way to a file."""

    name: str
    path: Path
    header: list[str]

    def add(self, cells: Sequence[str]) -> None:
        with self.path.open("a", encoding="utf-8", errors="surrogatepass", newline="") as file:
            file.write(line(cells))

    def rows(self) -> Iterator[list[str]]:
        if self.path.exists():
            with self.path.open(encoding="utf-8", errors="surrogatepass", newline="") as file:
                yield from csv.reader(file, strict=True)


@dataclass(slots=True)
class _Row:
    """The row that is being told, with all that is wrong with it."""

    place: tuple[str, str, int]
    cells: Mapping[str, str]
    rules: list[str] = field(default_factory=list)

    def note(self) -> str:
        """Why it was refused; and the row itself, where its cells are empty."""
        held = self.cells.get(REFUSED, "")
        empty = not any(text for name, text in self.cells.items() if name != REFUSED)
        return "; ".join(self.rules + [held] * (empty and held not in self.rules))[:NOTE]


class Rejects:
    """Takes in the refused rows of a load; a context that writes them when the load is over.

    Files appear only where rows were refused, and never in the place of others without `force`.
    """

    def __init__(self, path: Path, force: bool = False) -> None:
        self.path = path
        self.force = force
        self.written = False
        """Whether there is something at `path` for the person to correct."""
        self.kept: str | None = None
        """Why nothing was written, though something was refused."""
        self._tables: dict[tuple[str, str], _Told] = {}
        self._copies: list[Path] = []
        self._row: _Row | None = None
        self._open = ExitStack()
        self._aside = Path()

    @classmethod
    def of(cls, source: Path, path: Path | None = None, force: bool = False) -> Self:
        """The rejects of a source, beside it or at a path. Raises BadRequest."""
        whole = source.resolve()
        book = whole.suffix.lower() == ".xlsx" and not whole.is_dir()
        name = f"{whole.stem}.rejects.xlsx" if book else f"{whole.name}.rejects"
        if path and book != (path.suffix.lower() == ".xlsx"):
            form = "a file that ends in .xlsx" if book else "a folder"
            raise BadRequest(f"--rejects {path}: name {form}, as {source.name} is one")
        return cls(path or whole.with_name(name), force)

    def free(self) -> None:
        """Raise BadRequest where something is at the path that would have to go."""
        (sheets if self._book else csv_folder).free(self.path, self.force)

    def refuse(self, problem: Problem, cells: Mapping[str, str]) -> None:
        """Take in a problem; those of one row follow one another, with the cells of the row."""
        place = (problem.file, problem.sheet, problem.row)
        if self._row is None or self._row.place != place:
            self._flush()
            self._row = _Row(place, cells)
        rule = f"{problem.column}: {problem.rule}" if problem.column != "all" else problem.rule
        self._row.rules.append(rule)

    def whole(self, table: Table, problems: Sequence[Problem]) -> None:
        """Take in a table that cannot be read, as it stands; for its problems, see the message."""
        self._flush()
        if isinstance(table, csv_folder.Table):
            self._copies.append(table.path)
        elif isinstance(table, Sheet):
            plain = table.plain()
            told = self._told(table.file, table.sheet, next(plain, []))
            for cells in plain:
                told.add(cells)

    def __enter__(self) -> Self:
        drafts = TemporaryDirectory(prefix="goldenthread-")
        self._aside = Path(self._open.enter_context(drafts))
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        with self._open:
            if kind is None or issubclass(kind, RowsRefused):
                self._flush()
                self._write()

    @property
    def _book(self) -> bool:
        return self.path.suffix.lower() == ".xlsx"

    def _flush(self) -> None:
        row, self._row = self._row, None
        if row:
            file, sheet, _ = row.place
            names = [name for name in row.cells if name != REFUSED]
            told = self._told(file, sheet, [*names, REFUSED])
            told.add([*(row.cells[name] for name in names), row.note()])

    def _told(self, file: str, sheet: str, header: list[str]) -> _Told:
        if (file, sheet) not in self._tables:
            path = self._aside / f"{len(self._tables)}"
            self._tables[file, sheet] = _Told(sheet or Path(file).stem, path, header)
        return self._tables[file, sheet]

    def _write(self) -> None:
        if not self._tables and not self._copies:
            return
        try:
            self.free()
            with beside(self.path) as aside:
                self._put(list(self._tables.values()), aside)
            self.written = True
        except BadRequest as error:
            self.kept = str(error)

    def _put(self, told: Sequence[_Told], aside: Path) -> None:
        if self._book:
            sheets.write(self.path, told, aside, ())
            return
        made = {f"{table.name}.csv" for table in told} | {path.name for path in self._copies}
        old = [path for path in self.path.glob("*.csv") if path.name not in made]
        csv_folder.write(self.path, told, aside, ())
        for path in self._copies:
            shutil.copyfile(path, aside / path.name)
            (aside / path.name).replace(self.path / path.name)
        for path in old:
            path.unlink()
