"""Workbooks that mean harm, or were saved carelessly: refused by name, in little memory."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from graph.store import Store
from loaders.load import load
from loaders.report import RowsRefused
from tests.asking import TESTER
from tests.hostile import read, repacked, told, within

MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
SHEET = f"<worksheet {MAIN}><sheetData>%s</sheetData>%s</worksheet>"
HEAD = '<row r="1"><c r="A1" t="inlineStr"><is><t>key</t></is></c></row>'
CELL = '<c r="A%d" t="inlineStr"><is><t>%s</t></is></c>'


def book(path: Path, *rows: list[Any]) -> Path:
    """A workbook with a sheet `roles` of these rows, below a header `key`."""
    made = Workbook()
    sheet: Any = made.active
    sheet.title = "roles"
    for row in (["key"], *rows):
        sheet.append(row)
    made.save(path)
    return path


def sheet(path: Path, rows: str, after: str = "") -> None:
    """A workbook whose sheet is this XML."""
    repacked(book(path), xl__worksheets__sheet1=(SHEET % (rows, after)).encode())


def far_corner(path: Path) -> None:
    """A lone cell at the end of the largest sheet, in 4.6 KB."""
    made = Workbook()
    one: Any = made.active
    one.title = "roles"
    one["XFD1048576"] = "x"
    made.save(path)


def beyond(path: Path) -> None:
    """A row far beyond the largest sheet."""
    sheet(path, HEAD + '<row r="99999999999"><c><v>1</v></c></row>')


def beyond_columns(path: Path) -> None:
    """A cell in a column that no sheet has."""
    sheet(path, HEAD + '<row r="2"><c r="ZZZZZZZ2"><v>1</v></c></row>')


def row_number_of_many_digits(path: Path) -> None:
    """A number that Python does not read."""
    sheet(path, HEAD + f'<row r="{"9" * 5000}"/>')


def backwards(path: Path) -> None:
    """A row that goes back: it would be left out."""
    sheet(path, HEAD + f'<row r="3">{CELL % (3, "a")}</row><row r="2">{CELL % (2, "b")}</row>')


def laughs(path: Path) -> None:
    """Entities within entities: a billion laughs."""
    names = ["a", *(f"a{place}" for place in range(9))]
    deep = "".join(f'<!ENTITY {one} "{f"&{other};" * 10}">' for other, one in pairwise(names))
    text = f'<!DOCTYPE x [<!ENTITY a "ha">{deep}]>' + SHEET % (HEAD + CELL % (2, "&a8;"), "")
    repacked(book(path), xl__worksheets__sheet1=text.encode())


def outside(path: Path) -> None:
    """An entity that stands for a file of the machine."""
    text = '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>' + SHEET % (HEAD, "")
    repacked(book(path), xl__worksheets__sheet1=text.encode())


def laughing_strings(path: Path) -> None:
    """The same in the list of texts."""
    text = f'<!DOCTYPE x [<!ENTITY a "ha">]><sst {MAIN}><si><t>&a;</t></si></sst>'
    repacked(book(path), xl__sharedStrings=text.encode())


def dense(path: Path) -> None:
    """Zeros."""
    repacked(book(path), xl__media__a=b"\0" * (60 << 20))


def many_parts(path: Path) -> None:
    """Ten thousand sheets, most of them empty names."""
    repacked(book(path), **{f"xl__worksheets__s{place}": b"<a/>" for place in range(10_000)})


def huge_directory(path: Path) -> None:
    """A list of 30,000 parts."""
    repacked(book(path), **{f"xl__s{place}": b"" for place in range(30_000)})


def twice(path: Path) -> None:
    """Two parts of one name: programs differ in which they read."""
    book(path)
    with (
        zipfile.ZipFile(path, "a") as packed,
        pytest.warns(UserWarning, match="Duplicate name"),
    ):
        packed.writestr("xl/worksheets/sheet1.xml", SHEET % (HEAD, ""))


def climbing(path: Path) -> None:
    """A part that would be unpacked elsewhere; nothing is ever unpacked to a folder."""
    repacked(book(path, ["a"]), **{"..__..__..__tmp__x": b"<a/>"})


def zip_in_zip(path: Path) -> None:
    """A workbook that is a folder of workbooks."""
    book(path.with_name("inner.xlsx"))
    with zipfile.ZipFile(path, "w") as packed:
        packed.write(path.with_name("inner.xlsx"), "xl/workbook.xml")


def one_row(path: Path) -> None:
    """2.5 million cells in a row, of which none says anything."""
    noise = "".join(f"<c s='{place % 9973}'/>" for place in range(2_500_000))
    sheet(path, HEAD + f'<row r="2">{noise}</row>')


def large_style(path: Path) -> None:
    """A style sheet of 17.9 MB."""
    noise = "".join(f'<font n="{place * 7919 % 1000003}"/>' for place in range(1_000_000))
    repacked(book(path), xl__styles=f"<styleSheet {MAIN}>{noise}</styleSheet>".encode())


def merged(path: Path) -> None:
    """Cells that are one for the eye, and of which all but the first are empty."""
    sheet(path, HEAD, '<mergeCells count="1"><mergeCell ref="A2:A9"/></mergeCells>')


def encrypted(path: Path) -> None:
    """A part with a password."""
    book(path)
    data = bytearray(path.read_bytes())
    data[data.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(data)


def strict(path: Path) -> None:
    """The strict form of the standard, in which openpyxl finds no rows."""
    text = (SHEET % (HEAD, "")).replace(
        "schemas.openxmlformats.org/spreadsheetml/2006/main",
        "purl.oclc.org/ooxml/spreadsheetml/main",
    )
    repacked(book(path), xl__worksheets__sheet1=text.encode())


def a_folder(path: Path) -> None:
    """A folder that is called like a workbook."""
    path.mkdir()


REFUSED: dict[Callable[[Path], None], str] = {
    far_corner: "a.xlsx, sheet roles, row 1, column all: '' has no header line",
    beyond: "a.xlsx has a sheet with more than 1,048,576 rows; give a folder of CSV files",
    beyond_columns: "a.xlsx is no workbook that can be read; save it as .xlsx again",
    row_number_of_many_digits: "a.xlsx is no workbook that can be read; save it as .xlsx again",
    backwards: "a.xlsx is no workbook that can be read; save it as .xlsx again",
    laughs: "a.xlsx declares a document type (DOCTYPE); save it again",
    outside: "a.xlsx declares a document type (DOCTYPE); save it again",
    laughing_strings: "a.xlsx declares a document type (DOCTYPE); save it again",
    dense: "a.xlsx unpacks to 62,",
    many_parts: "a.xlsx has more than 2,000 parts; give a folder of CSV files",
    huge_directory: "a.xlsx has more than 2,000 parts; give a folder of CSV files",
    twice: "a.xlsx is no workbook that can be read; save it as .xlsx again",
    zip_in_zip: "a.xlsx is no workbook that can be read; save it as .xlsx again",
    one_row: "a.xlsx has a row or text of more than 8,388,608 bytes; give a folder of CSV files",
    large_style: "a.xlsx has a part of 17,888,984 bytes, xl/styles.xml; give a folder",
    merged: "sheet roles, row 2, column all: 'A2:A9' are merged cells; unmerge and fill them",
    encrypted: "a.xlsx is encrypted; save it without a password",
    strict: "a.xlsx is saved as Strict Open XML; save it as .xlsx",
    a_folder: "holds no .csv file",
}


@pytest.mark.parametrize("make", REFUSED)
def test_a_workbook_that_means_harm_is_refused_in_little_memory(
    tmp_path: Path, make: Callable[[Path], None]
) -> None:
    """
    In a process with 600 MiB of address space, most of which libraries take, and 60 seconds.
    """
    make(tmp_path / "a.xlsx")

    assert REFUSED[make] in within(tmp_path / "a.xlsx", 600, 60)


def test_a_part_that_leads_out_of_the_file_is_never_unpacked(tmp_path: Path) -> None:
    """
    The rows are read; nothing is written anywhere.
    """
    climbing(tmp_path / "a.xlsx")

    assert {"roles": [{"key": "a"}]} == read(tmp_path / "a.xlsx")
    assert ["a.xlsx"] == [path.name for path in tmp_path.iterdir()]


def test_a_link_to_another_workbook_is_not_followed(tmp_path: Path) -> None:
    """
    The part is passed over; a cell that refers to it is a formula.
    """
    link = f"<externalLink {MAIN}><externalBook/></externalLink>".encode()
    path = repacked(book(tmp_path / "a.xlsx", ["a"], ["=[1]b!A1"]), xl__externalLinks__e1=link)

    assert [
        "a.xlsx, sheet roles, row 3, column key: '=[1]b!A1' is a formula; paste its value instead"
    ] == told(path)


HALF = "a.xlsx, sheet roles, row 2, column key: 'x\\ud83d' holds half of a character (U+D83D)"


@pytest.mark.parametrize(
    ("escaped", "first"),
    [
        ("x_xD83D_", HALF),
        ("x_x0000_", "row 2, column key: 'x\\x00' holds a NUL character; take it out"),
        ("x_x001B_", "row 2, column key: 'x\\x1b' holds the control character U+001B; take it out"),
    ],
)
def test_what_is_no_text_is_refused_also_where_it_is_escaped(
    tmp_path: Path, escaped: str, first: str
) -> None:
    """
    Workbooks write `_x001B_` for what XML cannot hold.
    """
    (found,) = told(book(tmp_path / "a.xlsx", [escaped]))

    assert first in found


def test_two_halves_make_a_character(tmp_path: Path) -> None:
    """
    As some programs write those beyond the first 65,536.
    """
    path = book(tmp_path / "a.xlsx", ["_xD83D__xDE00_"])

    assert {"roles": [{"key": "\U0001f600"}]} == read(path)


async def test_one_row_that_cannot_be_read_hides_no_other(store: Store, tmp_path: Path) -> None:
    """
    A formula in one row, a word in the next: both are told.
    """
    made = Workbook()
    sheet: Any = made.active
    sheet.title = "roles"
    for row in (["key", "name", "influence"], ["a", "=A1", None], ["b", "B", "HUGE"]):
        sheet.append(row)
    made.save(tmp_path / "a.xlsx")
    with pytest.raises(RowsRefused) as caught:
        await load(store, tmp_path / "a.xlsx", TESTER)

    assert [(2, "name"), (3, "influence")] == [(p.row, p.column) for p in caught.value.problems]


@settings(max_examples=200, deadline=None)
@given(
    part=st.sampled_from(["xl/worksheets/sheet1", "xl/workbook", "xl/sharedStrings", "xl/styles"]),
    at=st.floats(0, 1),
    noise=st.binary(min_size=1, max_size=40) | st.sampled_from([b"<c", b"&#0;", b'"', b"<!--"]),
)
def test_random_bytes_in_a_part_are_read_or_refused_and_never_anything_else(
    tmp_path_factory: pytest.TempPathFactory, part: str, at: float, noise: bytes
) -> None:
    """
    Anywhere in the four parts that every workbook has.
    """
    path = book(tmp_path_factory.mktemp("random") / "a.xlsx", ["a"], ["b"])
    with zipfile.ZipFile(path) as packed:
        data = packed.read(f"{part}.xml") if f"{part}.xml" in packed.namelist() else b""
    place = int(at * len(data))
    repacked(path, **{part.replace("/", "__"): data[:place] + noise + data[place + len(noise) :]})
    if not told(path):
        read(path)


@settings(max_examples=200, deadline=None)
@given(at=st.floats(0, 1), noise=st.binary(min_size=1, max_size=40))
def test_random_bytes_in_the_file_are_read_or_refused_and_never_anything_else(
    tmp_path_factory: pytest.TempPathFactory, at: float, noise: bytes
) -> None:
    """
    In the packed file itself.
    """
    path = book(tmp_path_factory.mktemp("random") / "a.xlsx", ["a"], ["b"])
    data = path.read_bytes()
    place = int(at * len(data))
    path.write_bytes(data[:place] + noise + data[place + len(noise) :])
    if not told(path):
        read(path)
