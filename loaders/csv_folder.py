"""A folder of CSV files, one table a file: UTF-8, a header line, empty = missing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from graph.errors import BadRequest
from loaders.csv_rows import Broken, bare, guarded, line, rows
from loaders.readable import REFUSED, readable
from loaders.report import Place, Problem, Unread

COLUMNS = 500
"""Most columns of a table, far more than any has."""


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
        """The header, and what keeps the whole file from being read.

        Raises BadRequest where it cannot be opened.
        """
        header: tuple[str, ...] = ()
        try:
            for number, cells in rows(self.path):
                if number == 1:
                    header = tuple(cells)
                    if wrong := list(_header(self.file, header)):
                        return header, wrong
        except Broken as error:
            return (), [Problem(self.file, error.row, "all", error.value, error.rule)]
        return header, [] if header else [Problem(self.file, 1, "all", "", "has no header line")]

    def rows(self, columns: tuple[str, ...]) -> Iterator[tuple[int, dict[str, str] | Unread]]:
        """Rows with their number (the header is row 1), everything as text, without empty ones.

        Raises BadRequest where the file is another than `shape` saw.
        """
        try:
            for number, cells in rows(self.path):
                if number == 1:
                    if tuple(cells) != columns:
                        raise _changed(self.path)
                elif any(cells):
                    yield number, self._row(number, columns, cells)
        except Broken as error:
            raise _changed(self.path) from error

    def _row(
        self, number: int, columns: tuple[str, ...], cells: list[str]
    ) -> dict[str, str] | Unread:
        if len(cells) != len(columns):
            told, rule = line(cells)[:-1], width(len(cells), len(columns))
            empty = dict.fromkeys(columns, "")
            return Unread(empty | {REFUSED: told}, [Problem(self.file, number, "all", told, rule)])
        found = dict(zip(columns, map(bare, cells), strict=True))
        return readable(found, Place(self.file, number, "", ""))


def width(found: int, of: int) -> str:
    """What to say of a row with another number of fields than the header."""
    more = '; put cells that hold a comma in quotes: "a, b"' if found > of else ""
    return f"has {found} field{'s' * (found != 1)} where the header has {of}{more}"


def tables(folder: Path) -> list[Table]:
    """The tables of a folder in order of name, without hidden files.

    Raises BadRequest where there are none, or one is no plain file of this folder.
    """
    if not folder.is_dir():
        raise BadRequest(f"{folder} is not a folder; give a folder of CSV files")
    try:
        found = sorted(path for path in folder.iterdir() if path.suffix.lower() == ".csv")
    except OSError as error:
        raise BadRequest(f"cannot read {folder}: {error.strerror}") from error
    found = [path for path in found if not path.name.startswith(".")]
    if not found:
        raise BadRequest(f"{folder} holds no .csv file")
    for path in found:
        _plain(path, folder)
    return [Table(path) for path in found]


def _plain(path: Path, folder: Path) -> None:
    """Raise BadRequest for what is no file, or a link that leads out of its folder."""
    there = path.resolve()
    if path.is_symlink() and not there.is_relative_to(folder.resolve()):
        raise BadRequest(f"{path} is a link out of its folder; put the file itself there")
    if not there.is_file():
        raise BadRequest(f"{path} is no file; move it out of the folder")


def _changed(path: Path) -> BadRequest:
    return BadRequest(f"{path} changed while it was read; load it again")


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
            file.writelines(line(map(guarded, cells)) for cells in table.rows())
    folder.mkdir(exist_ok=True)
    for made in written:
        made.replace(folder / made.name)
    for name in {f"{table}.csv" for table in known} - {made.name for made in written}:
        folder.joinpath(name).unlink(missing_ok=True)


def _header(file: str, header: tuple[str, ...]) -> Iterator[Problem]:
    if len(header) > COLUMNS:
        rule = f"has {len(header):,} columns; no table has more than {COLUMNS}"
        yield Problem(file, 1, "all", header[0], rule)
        return
    if any("\0" in name for name in header):
        yield Problem(file, 1, "all", ",".join(header), "holds NUL characters; save it as UTF-8")
        return
    for place, name in enumerate(header, start=1):
        if not name.strip() and len(header) > 1:
            yield Problem(file, 1, f"{place}", name, "must be the name of a column")
    for name in sorted({name for name in header if name and header.count(name) > 1}):
        yield Problem(file, 1, name, name, "stands twice in the header")
