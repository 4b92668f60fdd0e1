"""A workbook (.xlsx), one table a sheet: read as the text that a person would have put in a CSV."""

from __future__ import annotations

import re
import warnings
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from graph.errors import BadRequest
from graph.times import written
from loaders.report import Problem, standing

if TYPE_CHECKING:
    from openpyxl.workbook import Workbook

EXACT = 2**53
"""Largest number up to which a workbook holds every whole number."""
ROWS, COLUMNS = 1_048_576, 16_384
"""Size of a sheet in Excel."""
UNPACKED = 1 << 30
"""Most bytes that a workbook may unpack to."""
DENSE, RATIO = 50 << 20, 200
"""From so many bytes on, a workbook may not unpack to so many times its size."""
NOTES = ("README", "_")
"""Sheets that are called or begin so hold notes, no tables."""
_ESCAPED = re.compile("_x([0-9A-Fa-f]{4})_")


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
        """The header, and every cell that cannot be read. No header where the sheet is empty."""
        header: tuple[str, ...] = ()
        wrong: list[Problem] = []
        for number, cells in self._cells():
            if number > ROWS:
                return (), [self._wrong(number, "all", "", f"is beyond row {ROWS:,}")]
            if not header and any(cell.value is not None for cell in cells):
                if number > 1:
                    return (), [self._wrong(1, "all", "", "has no header line")]
                header, found = self._header(cells)
                wrong += found
            elif header:
                wrong += self._row(number, header, cells)
        return header, wrong

    def rows(self, columns: tuple[str, ...]) -> Iterator[tuple[int, dict[str, str]]]:
        """Rows with their number (the header is row 1), everything as text, without empty ones."""
        for number, cells in self._cells():
            values = [text(cell) for cell in cells[: len(columns)]] if number > 1 else []
            if any(values):
                values += [""] * (len(columns) - len(values))
                yield number, dict(zip(columns, values, strict=True))

    def _cells(self) -> Iterator[tuple[int, tuple[Any, ...]]]:
        sheet: Any = self.book[self.sheet]
        sheet.reset_dimensions()
        try:
            yield from enumerate(sheet.iter_rows(), start=1)
        except Exception as error:
            raise _damaged(self.path) from error

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

    def _row(self, number: int, header: Sequence[str], cells: Sequence[Any]) -> Iterator[Problem]:
        for place, cell in enumerate(cells):
            try:
                found = text(cell)
            except Unreadable as error:
                column = header[place] if place < len(header) else _letter(place + 1)
                yield self._wrong(number, column, error.shown, error.rule)
                continue
            if found and place >= len(header):
                rule = "stands beside the table: its column has no header"
                yield self._wrong(number, _letter(place + 1), found, rule)

    def _wrong(self, row: int, column: str, value: str, rule: str) -> Problem:
        return Problem(self.file, row, column, value[:80], rule, self.sheet)


@contextmanager
def tables(path: Path) -> Iterator[list[Sheet]]:
    """The tables of a workbook in order of name, for as long as the block runs.

    Raises BadRequest where it is none, too large, or without tables.
    """
    check(path)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", module="openpyxl")
        book = _opened(path)
        try:
            names = sorted(sheet.title for sheet in book.worksheets)
            found = [name for name in names if name != NOTES[0] and name[0] != NOTES[1]]
            if not found:
                raise BadRequest(f"{path} holds no sheet with a table")
            yield [Sheet(path, name, book) for name in found]
        finally:
            book.close()


def _opened(path: Path) -> Workbook:
    """A workbook to be read row by row. What is broken in it shows in many errors."""
    from openpyxl import load_workbook

    try:
        return load_workbook(path, read_only=True, data_only=False, keep_links=False)
    except Exception as error:
        raise _damaged(path) from error


def check(path: Path) -> None:
    """Raise BadRequest for what is no workbook, or one that would fill the memory."""
    if path.suffix.lower() == ".xlsm":
        raise BadRequest(f"{path.name} is a workbook with macros; save it as .xlsx")
    try:
        with path.open("rb") as file:
            start = file.read(8)
    except FileNotFoundError:
        raise BadRequest(f"{path} does not exist; give a folder of CSV files or .xlsx") from None
    except OSError as error:
        raise BadRequest(f"cannot read {path}: {error.strerror}") from error
    if start == bytes.fromhex("d0cf11e0a1b11ae1"):
        raise BadRequest(f"{path.name} is encrypted, or in Excel's old format; save it as .xlsx")
    if path.suffix.lower() != ".xlsx":
        raise BadRequest(f"{path.name} is no table file; give a folder of CSV files or .xlsx")
    try:
        with zipfile.ZipFile(path) as packed:
            _parts(path, packed.infolist())
    except zipfile.BadZipFile as error:
        raise _damaged(path) from error


def _parts(path: Path, parts: Sequence[zipfile.ZipInfo]) -> None:
    if any(part.flag_bits & 1 for part in parts):
        raise BadRequest(f"{path.name} is encrypted; save it without a password")
    if any(part.filename.endswith("vbaProject.bin") for part in parts):
        raise BadRequest(f"{path.name} is a workbook with macros; save it as .xlsx")
    size = sum(part.file_size for part in parts)
    packed = sum(part.compress_size for part in parts) or 1
    if size > UNPACKED or (size > DENSE and size > RATIO * packed):
        raise BadRequest(f"{path.name} unpacks to {size:,} bytes; give a folder of CSV files")


def _damaged(path: Path) -> BadRequest:
    return BadRequest(f"{path.name} is no workbook that can be read; save it as .xlsx again")


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
    """Text in which a workbook wrote control characters as `_x000D_`."""
    return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text) if "_x" in text else text


def _letter(place: int) -> str:
    from openpyxl.utils import get_column_letter

    return get_column_letter(place)
