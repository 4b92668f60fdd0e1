"""A folder of CSV files, one table a file: UTF-8, a header line, empty = missing."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from graph.errors import BadRequest
from loaders.report import Problem

CHUNK = 50_000
"""Rows that are in memory at once while a file is read."""


class Told(Protocol):
    """A table to be written."""

    @property
    def name(self) -> str:
        """What the table is called."""

    @property
    def header(self) -> list[str]:
        """Its columns."""

    def rows(self) -> Iterator[list[str]]:
        """Cells of each row, in order of the columns."""


@dataclass(frozen=True, slots=True)
class Table:
    """A table in a file."""

    path: Path

    @property
    def name(self) -> str:
        """What the table is called."""
        return self.path.stem

    @property
    def file(self) -> str:
        """What the file is called."""
        return self.path.name

    @property
    def sheet(self) -> str:
        """A CSV file has no sheets."""
        return ""

    @property
    def place(self) -> str:
        """What to call it in a message."""
        return self.path.name

    def shape(self) -> tuple[tuple[str, ...], list[Problem]]:
        """The header, and every row whose number of fields differs from it.

        Raises BadRequest where the file cannot be read.
        """
        try:
            return _shape(self.path)
        except OSError as error:
            raise BadRequest(f"cannot read {self.path}: {error.strerror}") from error

    def rows(self, columns: tuple[str, ...]) -> Iterator[tuple[int, dict[str, str]]]:
        """Rows with their number in the file (the header is row 1), everything as text."""
        import pandas as pd

        number = 2
        with pd.read_csv(
            self.path,
            dtype=str,
            keep_default_na=False,
            index_col=False,
            encoding="utf-8-sig",
            skip_blank_lines=False,
            chunksize=CHUNK,
        ) as chunks:
            for chunk in chunks:
                for values in chunk.itertuples(index=False, name=None):
                    yield number, dict(zip(columns, values, strict=True))
                    number += 1


def tables(folder: Path) -> list[Table]:
    """The tables of a folder in order of name. Raises BadRequest where there are none."""
    if not folder.is_dir():
        raise BadRequest(f"{folder} is not a folder; give a folder of CSV files")
    found = [Table(path) for path in sorted(folder.glob("*.csv")) if path.is_file()]
    if not found:
        raise BadRequest(f"{folder} holds no .csv file")
    return found


def free(folder: Path, force: bool) -> None:
    """Raise BadRequest where tables cannot be written to a folder."""
    if folder.exists() and not folder.is_dir():
        raise BadRequest(f"{folder} is a file; name a folder, or a file that ends in .xlsx")
    if not force and folder.is_dir() and any(folder.glob("*.csv")):
        raise BadRequest(
            f"{folder} holds .csv files already; name another folder, or say --force to put the"
            " tables in their place"
        )


def write(folder: Path, told: Iterable[Told], aside: Path, known: Iterable[str]) -> None:
    """Write tables, each to a file of its own beside the folder first.

    Files of known tables that are not told any more go; other files stay.
    """
    written = []
    for table in told:
        written.append(aside / f"{table.name}.csv")
        with written[-1].open("w", encoding="utf-8", newline="") as file:
            file.write(line(table.header))
            file.writelines(map(line, table.rows()))
    folder.mkdir(exist_ok=True)
    for made in written:
        made.replace(folder / made.name)
    for name in {f"{table}.csv" for table in known} - {made.name for made in written}:
        folder.joinpath(name).unlink(missing_ok=True)


def line(cells: Iterable[str]) -> str:
    """A line of a file: quotes only where a cell would not come back without them."""
    return ",".join(map(_quoted, cells)) + "\n"


def _quoted(cell: str) -> str:
    if any(sign in cell for sign in ',"\r\n'):
        return '"{}"'.format(cell.replace('"', '""'))
    return cell


def _shape(path: Path) -> tuple[tuple[str, ...], list[Problem]]:
    number = 0
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.reader(file, strict=True)
            header = tuple(next(reader, ()))
            number = 1
            wrong = list(_header(path.name, header))
            for number, row in enumerate(reader, start=2):
                if len(row) != len(header):
                    rule = f"has {len(row)} fields where the header has {len(header)}"
                    wrong.append(Problem(path.name, number, "all", ",".join(row)[:80], rule))
            return header, wrong
    except UnicodeDecodeError:
        return (), [_undecodable(path)]
    except csv.Error as error:
        rule = f"cannot be read as CSV: {error}"
        return (), [Problem(path.name, number + 1, "all", "", rule)]


def _undecodable(path: Path) -> Problem:
    """The first line that is not UTF-8; a row may be several lines, so the byte is named too."""
    data = path.read_bytes()
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        shown = data[error.start : error.end].hex(" ")
        return Problem(path.name, line, "all", shown, f"is not UTF-8, at byte {error.start}")
    return Problem(path.name, 1, "all", "", "changed while it was read")


def _header(file: str, header: tuple[str, ...]) -> Iterator[Problem]:
    if not header:
        yield Problem(file, 1, "all", "", "has no header line")
    for name in sorted({name for name in header if header.count(name) > 1}):
        yield Problem(file, 1, name, name, "stands twice in the header")
