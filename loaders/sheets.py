"""Tables to a workbook: every cell is text, and the same tables make the same bytes."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from graph.errors import BadRequest
from loaders.csv_folder import Told
from loaders.packed import ROWS

if TYPE_CHECKING:
    from openpyxl.workbook import Workbook

LONGEST = 32_767
"""Most signs in a cell of a workbook."""
TEXT = "@"
"""The format of a cell that Excel leaves as it is."""
_STAMP = (1980, 1, 1, 0, 0, 0)
_WRITTEN = re.compile(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ(?=</dcterms)")
_CONTROL = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)|[\x00-\x08\x0b-\x1f\ufffe\uffff]")


def free(path: Path, force: bool) -> None:
    """Raise BadRequest where a workbook cannot be written."""
    if path.is_dir() or (path.exists() and not force):
        raise BadRequest(f"{path} is there already; name another file, or say --force")


def write(path: Path, told: Sequence[Told], aside: Path, known: Iterable[str]) -> None:
    """Write tables, a sheet each, to a file beside it first; other `known` tables have no sheet.

    Raises BadRequest for what is too large.
    """
    from openpyxl import Workbook

    for table in told:
        _check(table)
    book = Workbook(write_only=True)
    for table in told:
        _sheet(book, table)
    if not told:
        book.create_sheet("README")
    save(book, path, aside)


def save(book: Workbook, path: Path, aside: Path) -> None:
    """Save a workbook without the time of day in it, then put it in its place."""
    book.properties.creator = "goldenthread"
    made, packed = aside / "made.xlsx", aside / "packed.xlsx"
    book.save(made)
    with zipfile.ZipFile(made) as parts, zipfile.ZipFile(packed, "w") as out:
        for part in parts.infolist():
            info = zipfile.ZipInfo(part.filename, _STAMP)
            info.compress_type = zipfile.ZIP_DEFLATED
            with parts.open(part) as source, out.open(info, "w", force_zip64=True) as target:
                if part.filename == "docProps/core.xml":
                    target.write(_WRITTEN.sub(b"1980-01-01T00:00:00Z", source.read()))
                    continue
                while block := source.read(1 << 20):
                    target.write(block)
    packed.replace(path)


def escaped(text: str) -> str:
    """Text with `_x000D_` for what a workbook cannot hold as it is; the way back is `unescaped`."""
    return _CONTROL.sub(lambda found: f"_x{ord(found[0]):04X}_", text)


def _check(table: Told) -> None:
    """Raise BadRequest for a table that a sheet cannot hold."""
    header = table.header
    for number, cells in enumerate(table.rows(), start=2):
        if number > ROWS:
            raise BadRequest(f"{table.name} has more rows than a sheet; give a folder")
        for name, text in zip(header, cells, strict=True):
            if len(escaped(text)) > LONGEST:
                raise BadRequest(
                    f"{table.name}, row {number}, column {name}: the text is longer than a cell"
                    f" can hold, {LONGEST:,} signs; give a folder"
                )


def _sheet(book: Workbook, table: Told) -> None:
    from openpyxl.styles import Font

    sheet: Any = book.create_sheet(table.name)
    sheet.freeze_panes = "A2"
    bold = Font(bold=True)
    header = [_cell(sheet, name) for name in table.header]
    for cell in header:
        cell.font = bold
    sheet.append(header)
    for cells in table.rows():
        sheet.append([_cell(sheet, text) if text else None for text in cells])


def _cell(sheet: Any, text: str) -> Any:
    """A cell of text, whatever it looks like: a formula, a number, a date."""
    from openpyxl.cell import WriteOnlyCell

    cell: Any = WriteOnlyCell(sheet, value=escaped(text))
    cell.data_type = "s"
    cell.number_format = TEXT
    return cell
