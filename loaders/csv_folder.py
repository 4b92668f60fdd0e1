"""A folder of CSV files, one table a file: UTF-8, a header line, empty = missing."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from graph.errors import BadRequest
from loaders.report import Problem

CHUNK = 50_000
"""Rows that are in memory at once while a file is read."""


@dataclass(frozen=True, slots=True)
class Table:
    """A table as it stands in a file: its name, its columns, where it is."""

    name: str
    file: str
    path: Path
    columns: tuple[str, ...]

    def rows(self) -> Iterator[tuple[int, dict[str, str]]]:
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
                    yield number, dict(zip(self.columns, values, strict=True))
                    number += 1


def tables(folder: Path) -> tuple[list[Table], list[Problem]]:
    """The tables of a folder in order of name, and what is wrong with the shape of their files.

    Raises BadRequest where there is no such folder or no CSV in it.
    """
    if not folder.is_dir():
        raise BadRequest(f"{folder} is not a folder; give a folder of CSV files")
    files = sorted(folder.glob("*.csv"))
    if not files:
        raise BadRequest(f"{folder} holds no .csv file")
    found, problems = [], []
    for path in files:
        columns, wrong = _shape(path)
        problems += wrong
        if not wrong:
            found.append(Table(path.stem, path.name, path, columns))
    return found, problems


def _shape(path: Path) -> tuple[tuple[str, ...], list[Problem]]:
    """Header of a file, and every row whose number of fields differs from it."""
    number = 0
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.reader(file, strict=True)
            header = tuple(next(reader, ()))
            wrong = [Problem(path.name, 1, name, name, rule) for name, rule in _header(header)]
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


def _header(header: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    if not header:
        yield "", "has no header line"
    for name in sorted({name for name in header if header.count(name) > 1}):
        yield name, "stands twice in the header"
