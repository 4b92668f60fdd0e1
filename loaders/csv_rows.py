"""The rows of a CSV file, read so that no file fills the memory; what breaks a file is told.

Cells that a spreadsheet would run are written with an apostrophe before them, which is taken away
again here: `guarded` and `bare`.
"""

from __future__ import annotations

import codecs
import csv
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from graph.errors import BadRequest
from loaders.report import shown

CELL = 131_072
"""Most signs of a cell; the limit of Python's csv module as it comes."""
ROW = 4 << 20
"""Most signs of a row, over all its lines."""
_BLOCK = 1 << 20
_NUMBER = re.compile(r"[+-](\d+(\.\d+)?([eE][+-]?\d+)?)?", re.ASCII)
_SIGNS = "=+\\-@＝＋－＠"  # noqa: RUF001 - the wide forms are run as well
_AT = rf"^{{0}}(?=['\"]*[\t\r\n{_SIGNS}])|(?<=[;\t\r\n]){{0}}(?=['\"]*[{_SIGNS}])"
_RUNS, _GUARD = re.compile(_AT.format("")), re.compile(_AT.format("'"))
_UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


class Broken(ValueError):
    """A file that cannot be read to its end; `rule` says why, `row` how far it can be."""

    def __init__(self, row: int, value: str, rule: str) -> None:
        super().__init__(rule)
        self.row = row
        self.value = value
        self.rule = rule


@dataclass(slots=True)
class _Lines:
    """Lines of a file for a csv.reader; a row that does not end is not read on."""

    file: TextIO
    taken: int = 0
    begin: str = ""

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        line = self.file.readline(ROW + 1)
        if not line:
            raise StopIteration
        self.begin = self.begin or line[:80]
        self.taken += len(line)
        if self.taken > ROW:
            raise csv.Error(f"is longer than {ROW:,} signs; is a quote not closed?")
        return line


def rows(path: Path) -> Iterator[tuple[int, list[str]]]:
    """Rows with their number, the header first, as they stand. Raises Broken and BadRequest."""
    number = 0
    with _opened(path) as file:
        lines = _Lines(file)
        try:
            for number, cells in enumerate(csv.reader(lines, strict=True), start=1):
                yield number, cells
                lines.taken, lines.begin = 0, ""
        except UnicodeDecodeError:
            raise _undecodable(path) from None
        except csv.Error as error:
            raise Broken(number + 1, shown(lines.begin), _told(str(error))) from None


def guarded(cell: str) -> str:
    """A cell with an apostrophe wherever a spreadsheet would begin to run it.

    That is at its beginning, and after `;`, tab and line break, where some programs part cells.
    Numbers are left alone. An apostrophe that stands there already is doubled, in effect.
    """
    if _NUMBER.fullmatch(cell):
        return cell
    return _RUNS.sub("'", cell)


def bare(cell: str) -> str:
    """A cell without the apostrophes of `guarded`."""
    return _GUARD.sub("", cell) if "'" in cell else cell


def line(cells: Iterable[str]) -> str:
    """A line of a file: quotes only where a cell would not come back without them."""
    told = ",".join(map(_quoted, cells))
    return f"{told or _quoted(told, alone=True)}\n"


def _quoted(cell: str, alone: bool = False) -> str:
    if alone or any(sign in cell for sign in ',"\r\n'):
        return '"{}"'.format(cell.replace('"', '""'))
    return cell


@contextmanager
def _opened(path: Path) -> Iterator[TextIO]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            yield file
    except OSError as error:
        raise BadRequest(f"cannot read {path}: {error.strerror}") from error


def _told(error: str) -> str:
    """What the csv module found, in the words of a table."""
    if error.startswith("is longer"):
        return error
    if error.startswith("field larger"):
        return f"has a cell of more than {csv.field_size_limit():,} signs, or a quote not closed"
    if error.startswith("unexpected end"):
        return "cannot be read as CSV: a quote is opened and never closed"
    return f"cannot be read as CSV: {error}"


def _undecodable(path: Path) -> Broken:
    """The first line that is not UTF-8; a row may be several lines, so the byte is named too."""
    decoder, line, before = codecs.getincrementaldecoder("utf-8")(), 1, 0
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            if not before and block.startswith(_UTF_16):
                return Broken(1, block[:2].hex(" "), "is UTF-16; save it as UTF-8")
            kept = decoder.getstate()[0]
            try:
                decoder.decode(block)
            except UnicodeDecodeError as error:
                data, byte = kept + block, before - len(kept) + error.start
                line += data.count(b"\n", 0, error.start)
                told = data[error.start : error.end].hex(" ")
                return Broken(line, told, f"is not UTF-8, at byte {byte}; save it as UTF-8")
            line += block.count(b"\n")
            before += len(block)
    return Broken(line, "", "is not UTF-8 at its end; save it as UTF-8")
