"""Workbooks: cells become the text of a CSV, and what is no value is named with its cell."""

from __future__ import annotations

import tracemalloc
import zipfile
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any, ClassVar

import pytest
from openpyxl import Workbook, load_workbook

from graph.errors import BadRequest
from graph.store import Store
from graph.times import Moment
from loaders.load import load
from loaders.report import Problem, RowsRefused, Unread
from loaders.sheets import escaped, write
from loaders.tables import Table, tables
from loaders.workbook import unescaped
from tests.asking import TESTER
from tests.looking import loaded, things

NOW = datetime(2026, 10, 1, tzinfo=UTC)


def book(path: Path, **sheets: list[list[Any]]) -> Path:
    """A workbook with these rows on its sheets."""
    made = Workbook()
    made.remove(made.active)
    for name, rows in sheets.items():
        sheet = made.create_sheet(name)
        for row in rows:
            sheet.append(row)
    made.save(path)
    return path


def read(path: Path) -> dict[str, list[dict[str, str]]]:
    """The rows of every table, as text."""
    with tables(path) as found:
        shapes = {table.name: table.shape() for table in found}
        assert [] == [problem for _, wrong in shapes.values() for problem in wrong]
        return {table.name: cells(table.rows(shapes[table.name][0])) for table in found}


def cells(rows: Iterable[tuple[int, dict[str, str] | Unread]]) -> list[dict[str, str]]:
    """Cells of rows that can all be read."""
    found = [row for _, row in rows]
    assert [] == [row for row in found if isinstance(row, Unread)]
    return [row for row in found if isinstance(row, dict)]


def wrong(path: Path) -> list[str]:
    """What is said of the cells that cannot be read."""
    with tables(path) as found:
        return [str(problem) for table in found for problem in problems(table)]


def problems(table: Table) -> list[Problem]:
    """What is wrong with a table as such, else with rows that cannot be read."""
    columns, wrong = table.shape()
    if wrong or not columns:
        return wrong
    rows = (row for _, row in table.rows(columns) if isinstance(row, Unread))
    return [problem for row in rows for problem in row.problems]


CELLS = {
    7: "7",
    3.0: "3",
    -2: "-2",
    0.1: "0.1",
    1e-7: "1e-07",
    2.0**53: "9007199254740992",
    True: "true",
    False: "false",
    date(2026, 7, 20): "2026-07-20",
    datetime(2026, 7, 20): "2026-07-20",
    datetime(2026, 7, 20, 9, 30): "2026-07-20T09:30:00Z",
    "007": "007",
    "NA": "NA",
    " x ": " x ",
    "a\nb": "a\nb",
    "a_x000D_b": "a\rb",
    "ü": "ü",
    None: "",
}


def test_cells_become_the_text_that_a_person_would_have_written(tmp_path: Path) -> None:
    """
    Numbers are short, dates are ISO, text is left as it is.
    """
    rows = [["key", "name"], *(["k", value] for value in CELLS)]
    found = read(book(tmp_path / "a.xlsx", themes=rows))["themes"]

    assert list(CELLS.values()) == [row["name"] for row in found]


@pytest.mark.parametrize("text", ["=1+1", "#REF!", "-1", "_x000D_", "a\rb\x0bc", "_x_x0041_"])
def test_what_a_workbook_would_change_is_written_so_that_it_comes_back(text: str) -> None:
    """
    Control characters and what looks like their code are told apart.
    """
    assert text == unescaped(escaped(text))


REFUSED: dict[str, tuple[list[list[Any]], str]] = {
    "a formula": (
        [["key", "name"], ["k", "=A1"]],
        "a.xlsx, sheet themes, row 2, column name: '=A1' is a formula; paste its value instead",
    ),
    "an error": (
        [["key", "name"], ["k", "#REF!"]],
        "row 2, column name: '#REF!' is an error of the workbook",
    ),
    "a large number": (
        [["key", "name"], [2**53 + 2, "K"]],
        "row 2, column key: '9007199254740994' is larger than a workbook can hold",
    ),
    "a time": (
        [["key", "valid_from"], ["k", time(9, 30)]],
        "row 2, column valid_from: '09:30:00' is a time without a date",
    ),
    "a number as header": ([["key", 2025], ["k", "K"]], "row 1, column B: '2025' must be text"),
    "a gap in the header": ([["key", None, "name"]], "row 1, column B: '' must be text"),
    "a header twice": ([["key", "key"]], "row 1, column key: 'key' stands twice in the header"),
    "a cell beside the table": (
        [["key", "name"], ["k", "K", None, "?"]],
        "row 2, column D: '?' stands beside the table: its column has no header",
    ),
    "no header in row 1": ([[], ["key", "name"]], "row 1, column all: '' has no header line"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_no_value_is_named_with_its_cell(tmp_path: Path, case: str) -> None:
    """
    File, sheet, row, column, value and rule.
    """
    rows, told = REFUSED[case]
    (found,) = wrong(book(tmp_path / "a.xlsx", themes=rows))

    assert told in found


async def test_a_workbook_says_what_a_folder_says(store: Store, tmp_path: Path) -> None:
    """
    The folder first, then the same tables as sheets: nothing changes.
    """
    await loaded(
        store,
        tmp_path,
        themes="key,name\n7,Seven\n",
        roles="key,name,accepted_on,valid_from\nr,R,2025-02-01,2025-01-01\n",
    )
    path = book(
        tmp_path / "a.xlsx",
        themes=[["key", "name"], [7, "Seven"]],
        roles=[
            ["key", "name", "accepted_on", "valid_from"],
            ["r", "R", date(2025, 2, 1), datetime(2025, 1, 1)],
        ],
    )
    report = await load(store, path, TESTER)

    assert (0, 0, 0, 2) == (
        report.receipt.created,
        report.receipt.changed,
        report.receipt.ended,
        report.receipt.unchanged,
    )


async def test_a_bad_row_of_a_workbook_is_named_with_its_sheet(
    store: Store, tmp_path: Path
) -> None:
    """
    Rules of declarations and of other rows, too; nothing is loaded.
    """
    rows = [["key", "name", "status"], ["a", "A", "ACTIV"], [], ["b", "B"], ["b", "C"]]
    with pytest.raises(RowsRefused) as caught:
        await load(store, book(tmp_path / "a.xlsx", themes=rows), TESTER)

    first, second = map(str, caught.value.problems)
    assert first.startswith("a.xlsx, sheet themes, row 2, column status: 'ACTIV' must be one of")
    assert second.startswith("a.xlsx, sheet themes, row 5, column key: 'b' stands twice")
    assert second.endswith("first in a.xlsx, sheet themes, row 4")


async def test_notes_and_empty_sheets_say_nothing(store: Store, tmp_path: Path) -> None:
    """
    README and sheets that begin with _ are passed over.
    """
    path = book(
        tmp_path / "a.xlsx",
        README=[["How to"]],
        _words=[["ACTIVE"]],
        roles=[],
        themes=[["key", "name"], [], ["a", "A"], [None, None], ["b", "B"], [None, ""]],
    )
    report = await load(store, path, TESTER)

    assert {"roles": 0, "themes": 2} == report.rows
    assert {"theme:a": "A", "theme:b": "B"} == await things(
        store, Moment(NOW), ["theme:a", "theme:b"]
    )


def no_zip(path: Path) -> None:
    path.write_bytes(b"key,name\n")


def another_zip(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as packed:
        packed.writestr("a.txt", "a")


def old_or_encrypted(path: Path) -> None:
    path.write_bytes(bytes.fromhex("d0cf11e0a1b11ae1") + b"\0" * 512)


def with_macros(path: Path) -> None:
    book(path, themes=[["key"]])
    with zipfile.ZipFile(path, "a") as packed:
        packed.writestr("xl/vbaProject.bin", b"x")


def bomb(path: Path) -> None:
    book(path, themes=[["key"]])
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("xl/media/a.xml", b"\0" * (60 << 20))


def torn(path: Path) -> None:
    book(path, themes=[["key"]])
    with zipfile.ZipFile(path) as packed:
        parts = {part: packed.read(part) for part in packed.namelist()}
    with zipfile.ZipFile(path, "w") as packed:
        for part, data in parts.items():
            packed.writestr(part, data[: len(data) // 2] if "sheet1" in part else data)


BROKEN: dict[Callable[[Path], None], str] = {
    no_zip: "is no workbook that can be read",
    another_zip: "is no workbook that can be read",
    old_or_encrypted: "is encrypted, or in Excel's old format; save it as .xlsx",
    with_macros: "is a workbook with macros; save it as .xlsx",
    bomb: r"unpacks to 62,\d\d\d,\d\d\d bytes; give a folder of CSV files",
    torn: "is no workbook that can be read",
}


@pytest.mark.parametrize("make", BROKEN)
def test_a_file_that_is_no_workbook_is_one_clear_error(
    tmp_path: Path, make: Callable[[Path], None]
) -> None:
    """
    Torn, encrypted, with macros, or made to fill the memory.
    """
    make(tmp_path / "a.xlsx")
    with pytest.raises(BadRequest, match=BROKEN[make]):
        wrong(tmp_path / "a.xlsx")


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("a.xls", "a.xls is no table file; give a folder of CSV files or .xlsx"),
        ("a.xlsm", "a.xlsm is a workbook with macros; save it as .xlsx"),
        ("a.csv", "a.csv is no table file; give a folder of CSV files or .xlsx"),
        ("none.xlsx", "none.xlsx does not exist; give a folder of CSV files or .xlsx"),
    ],
)
def test_a_path_that_holds_no_tables_is_told_what_to_give(
    tmp_path: Path, name: str, told: str
) -> None:
    """
    By its ending, before anything is read.
    """
    if not name.startswith("none"):
        tmp_path.joinpath(name).write_bytes(b"a")
    with pytest.raises(BadRequest, match=told), tables(tmp_path / name):
        pass


def test_a_lone_cell_at_the_far_corner_takes_no_memory(tmp_path: Path) -> None:
    """
    A sheet as large as Excel allows, with two cells in it.
    """
    made = Workbook()
    sheet = made.active
    sheet.title = "themes"
    sheet["A1"], sheet["XFD1048576"] = "key", "x"
    made.save(tmp_path / "a.xlsx")
    tracemalloc.start()
    (found,) = wrong(tmp_path / "a.xlsx")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert "row 1048576, column XFD: 'x' stands beside the table" in found
    assert peak < 32 << 20


class Suspicious:
    """A table with cells that a spreadsheet might run."""

    name = "themes"
    header: ClassVar = ["key", "name"]

    def rows(self) -> Iterator[list[str]]:
        """Three keys."""
        yield from (["a", "=1+1"], ["b", "@x"], ["c", "#REF!"])


def test_a_text_stays_text_for_a_spreadsheet(tmp_path: Path) -> None:
    """
    What begins like a formula is written as text, so no program runs it.
    """
    write(tmp_path / "a.xlsx", [Suspicious()], tmp_path, [])
    found = load_workbook(tmp_path / "a.xlsx")["themes"]

    assert [("=1+1", "s", "@"), ("@x", "s", "@"), ("#REF!", "s", "@")] == [
        (row[1].value, row[1].data_type, row[1].number_format) for row in found.iter_rows(min_row=2)
    ]
