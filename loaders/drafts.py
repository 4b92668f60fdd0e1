"""Tables on their way out: rows go to a file as they come; columns that say nothing are dropped."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self, TextIO

from loaders.cells import Row
from loaders.columns import ENDING, RETRACTED, Columns
from loaders.csv_rows import line
from loaders.readable import REFUSED


@dataclass(slots=True)
class Draft:
    """One table, as it is gathered in a file with all columns that it might have."""

    columns: Columns
    path: Path
    count: int = 0
    used: set[str] = field(default_factory=set)
    plain: bool = True
    """Whether no row needs a column of its own to say how a life ended."""
    _file: TextIO | None = None

    def __enter__(self) -> Self:
        self._file = self.path.open("w", encoding="utf-8", newline="")
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._file:
            self._file.close()

    @property
    def name(self) -> str:
        """What the table is called."""
        return self.columns.declared.table

    def add(self, row: Row) -> None:
        """Take in the next row."""
        if self._file:
            self._file.write(line(row.cells.get(name, "") for name in self.columns.expected))
        self.count += 1
        self.used |= row.cells.keys()
        self.plain &= row.plain

    @property
    def header(self) -> list[str]:
        """Columns in which some row says something, and those that no row can be without."""
        used = self.used | set(self.columns.required)
        used -= {ENDING} if self.plain else set()
        # A column `ending` that no cell needs still says that `status` is meant as it stands.
        used |= set(self.columns.ending) if not self.plain else set()
        return [name for name in self.columns.expected if name in used]

    def rows(self) -> Iterator[list[str]]:
        """Cells of each row, in order of the header."""
        places = [self.columns.expected.index(name) for name in self.header]
        status, ending = self._word()
        with self.path.open(encoding="utf-8", newline="") as file:
            for cells in csv.reader(file, strict=True):
                if ending is not None and cells[ending]:
                    cells[status] = cells[ending]
                yield [cells[place] for place in places]

    def _word(self) -> tuple[int, int | None]:
        """Where the words for status and ending stand, if `status` is to tell both."""
        if not self.plain or not self.columns.ending:
            return 0, None
        expected = self.columns.expected
        return expected.index("status"), expected.index(ENDING)


def blank(columns: Columns) -> list[str]:
    """Columns of a table to be filled in: all but those that only an export or rejects need."""
    return [name for name in columns.expected if name not in (RETRACTED, ENDING, REFUSED)]
