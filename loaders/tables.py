"""The tables of a path: a folder of CSV files, or a workbook."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from loaders import csv_folder, workbook
from loaders.report import Problem, Unread


class Table(Protocol):
    """A table of text, whatever it is kept in."""

    @property
    def name(self) -> str:
        """What the table is called."""

    @property
    def file(self) -> str:
        """What its file is called."""

    @property
    def sheet(self) -> str:
        """The sheet of a workbook that it is on; empty where its file is the table."""

    @property
    def place(self) -> str:
        """What to call it in a message."""

    def shape(self) -> tuple[tuple[str, ...], list[Problem]]:
        """The header, and what keeps the whole table from being read.

        No header and no problem where there is nothing at all. Raises BadRequest.
        """

    def rows(self, columns: tuple[str, ...]) -> Iterator[tuple[int, dict[str, str] | Unread]]:
        """Rows with their number (the header is row 1), everything as text, without empty ones."""


@contextmanager
def tables(path: Path) -> Iterator[Sequence[Table]]:
    """The tables that a path holds in order of name, for as long as the block runs.

    Raises BadRequest where there are none.
    """
    if path.is_dir() or not path.suffix:
        yield csv_folder.tables(path)
        return
    with workbook.tables(path) as found:
        yield found
