"""A workbook (.xlsx), one table a sheet: read as the text that a person would have put in a CSV."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, TypeAlias

from graph.errors import BadRequest
from graph.times import written
from loaders.packed import check, damaged
from loaders.readable import readable
from loaders.report import Place, Problem, Unread, standing

if TYPE_CHECKING:
    from openpyxl.workbook import Workbook

EXACT = 2**53
"""Largest number up to which a workbook holds every whole number."""
STRAY = 100
"""Rows with cells beside the table, from which on the sheet is not read."""
NOTES = ("README", "_")
"""Sheets that are called or begin so hold notes, no tables."""
_HALVES = re.compile("[\ud800-\udfff]")
_ESCAPED = re.compile("_x([0-9A-Fa-f]{4})_")

_Rows: TypeAlias = Iterator[tuple[int, tuple[Any, ...]]]


class Unreadable(ValueError):
    """A cell that is no value; `rule` says what to write."""

    def __init__(self, shown: str, rule: str) -> None:
        super().__init__(rule)
        self.shown = shown
        self.rule = rule


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table on a sheet of an open workbook."""

    path: Path
    sheet: str
    book: Workbook
    merged: str = ""
    """Cells of it that are merged, if any."""

    @property
    def name(self) -> str:
        """What the table is called."""
        return self.sheet

    @property
    def file(self) -> str:
        """What the workbook is called."""
        return self.path.name

    @property
    def place(self) -> str:
        """What to call it in a message."""
        return standing(self.file, self.sheet)

    def shape(self) -> tuple[tuple[str, ...], list[Problem]]:
        """The header, and what keeps the whole sheet from being read.

        No header and no problem where the sheet is empty.
        """
        if self.merged:
            row = int(next(iter(re.findall(r"\d{1,7}", self.merged)), 1))
            rule = "are merged cells; unmerge and fill them"
            return (), [self._wrong(row, "all", self.merged, rule)]
        filled = self._filled()
        number, cells = next(filled, (0, ()))
        if not number:
            return (), []
        if number > 1:
            return (), [self._wrong(1, "all", "", "has no header line")]
        header, wrong = self._header(cells)
        return header, wrong or list(self._stray(len(header), filled))

    def rows(self, columns: tuple[str, ...]) -> Iterator[tuple[int, dict[str, str] | Unread]]:
        """Rows with their number (the header is row 1), everything as text, without empty ones."""
        for number, cells in self._filled():
            if number > 1:
                yield number, self._row(number, columns, cells)

    def _stray(self, wide: int, filled: _Rows) -> Iterator[Problem]:
        """That too many rows are wider than the header, if they are."""
        stray = (row for row in filled if _says(row[1][wide:]))
        for number, cells in islice(stray, STRAY, None):
            rule = f"stands beside the table, as in {STRAY} rows before; it has no header"
            yield self._wrong(number, _letter(len(cells)), "", rule)
            return

    def _filled(self) -> _Rows:
        """Rows that are not empty, with their number."""
        return ((number, cells) for number, cells in self._cells() if _says(cells))

    def _cells(self) -> _Rows:
        sheet: Any = self.book[self.sheet]
        sheet.reset_dimensions()
        try:
            yield from enumerate(sheet.iter_rows(), start=1)
        except Exception as error:
            raise damaged(self.path) from error

    def _header(self, cells: Sequence[Any]) -> tuple[tuple[str, ...], list[Problem]]:
        wide = max(place for place, cell in enumerate(cells, 1) if cell.value is not None)
        wrong, names = [], []
        for place, cell in enumerate(cells[:wide], 1):
            names.append(unescaped(cell.value) if cell.data_type == "s" else "")
            if not names[-1].strip():
                shown = "" if cell.value is None else str(cell.value)
                rule = "must be text: the name of a column"
                wrong.append(self._wrong(1, _letter(place), shown, rule))
        twice = sorted({name for name in names if name.strip() and names.count(name) > 1})
        wrong += [self._wrong(1, name, name, "stands twice in the header") for name in twice]
        return tuple(names), wrong

    def _row(
        self, number: int, columns: tuple[str, ...], cells: Sequence[Any]
    ) -> dict[str, str] | Unread:
        found = dict.fromkeys(columns, "")
        wrong = []
        for place, cell in enumerate(cells):
            name = columns[place] if place < len(columns) else _letter(place + 1)
            try:
                said = text(cell)
            except Unreadable as error:
                said = error.shown
                wrong.append(self._wrong(number, name, said, error.rule))
            if place < len(columns):
                found[name] = said
            elif said:
                rule = "stands beside the table: its column has no header"
                wrong.append(self._wrong(number, name, said, rule))
        if wrong:
            return Unread(found, wrong)
        return readable(found, Place(self.file, number, "", "", self.sheet))

    def _wrong(self, row: int, column: str, value: str, rule: str) -> Problem:
        return Problem(self.file, row, column, value, rule, self.sheet)


@contextmanager
def tables(path: Path) -> Iterator[list[Sheet]]:
    """The tables of a workbook in order of name, for as long as the block runs.

    Raises BadRequest where it is none, too large, or without tables.
    """
    merged = check(path)
    with warnings.catch_warnings(), path.open("rb") as file:
        warnings.filterwarnings("ignore", module="openpyxl")
        book = _opened(path, file)
        found = sorted(sheet.title for sheet in book.worksheets)
        found = [name for name in found if name != NOTES[0] and not name.startswith(NOTES[1])]
        if not found:
            raise BadRequest(f"{path} holds no sheet with a table")
        yield [Sheet(path, name, book, merged.get(_part(book, name), "")) for name in found]


def _opened(path: Path, file: IO[bytes]) -> Workbook:
    """A workbook to be read row by row. What is broken in it shows in many errors."""
    from openpyxl import load_workbook

    try:
        return load_workbook(file, read_only=True, data_only=False, keep_links=False)
    except Exception as error:
        raise damaged(path) from error


def _part(book: Workbook, name: str) -> str:
    """Where a sheet is kept."""
    path: str = getattr(book[name], "_worksheet_path", "")
    return path.lstrip("/")


def text(cell: Any) -> str:
    """A cell as a CSV would say it. Raises Unreadable."""
    value, sort = cell.value, cell.data_type
    if value is None:
        return ""
    if sort == "f":
        shown = getattr(value, "text", value)
        raise Unreadable(str(shown), "is a formula; paste its value instead")
    if sort == "e":
        raise Unreadable(str(value), "is an error of the workbook")
    if isinstance(value, str):
        return unescaped(value)
    return _plain(value)


def _plain(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        plain = value.time() == time() and value.tzinfo is None
        return value.date().isoformat() if plain else written(value.replace(tzinfo=UTC))
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, time | timedelta):
        raise Unreadable(str(value), "is a time without a date; write 2026-07-20T09:00:00Z")
    if isinstance(value, int | float):
        if abs(value) > EXACT:
            raise Unreadable(str(value), "is larger than a workbook can hold; write it as text")
        return number(value)
    raise Unreadable(str(value), "cannot be read; write it as text")


def number(value: float) -> str:
    """Shortest text of a number: `7`, not `7.0`."""
    return repr(value).removesuffix(".0")


def unescaped(text: str) -> str:
    """Text in which a workbook wrote control characters as `_x000D_`; halves are put together."""
    if "_x" not in text:
        return text
    found = _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text)
    if not _HALVES.search(found):
        return found
    return found.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")


def _says(cells: Sequence[Any]) -> bool:
    """Whether a row is not empty."""
    return any(cell.value not in (None, "") for cell in cells)


def _letter(place: int) -> str:
    from openpyxl.utils import get_column_letter

    return get_column_letter(place)
