"""CSV files that mean harm, or were saved carelessly: refused by name, or read as they stand."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from loaders import csv_rows
from loaders.tables import tables
from tests.hostile import read, told, within

REFUSED: dict[str, tuple[bytes, str]] = {
    "an extra field in a row": (
        b"key,name\na,A,x\nb,B\n",
        "roles.csv, row 2, column all: 'a,A,x' has 3 fields where the header has 2; put cells",
    ),
    "a short row": (
        b"key,name\na,A\nb\n",
        "roles.csv, row 3, column all: 'b' has 1 field where the header has 2",
    ),
    "a header twice": (
        b"key,name,name\na,A,B\n",
        "roles.csv, row 1, column name: 'name' stands twice in the header",
    ),
    "a header without a name": (
        b"key,name,\na,A,\n",
        "roles.csv, row 1, column 3: '' must be the name of a column",
    ),
    "an empty file": (b"", "roles.csv, row 1, column all: '' has no header line"),
    "a blank line before the header": (b"\nkey,name\n", "row 1, column all: '' has no header"),
    "a mark of UTF-16": (
        "key,name\n".encode("utf-16"),
        "roles.csv, row 1, column all: 'ff fe' is UTF-16; save it as UTF-8",
    ),
    "UTF-16 without its mark": (
        "key,name\n".encode("utf-16-le"),
        "roles.csv, row 1, column all: 'k\\x00e\\x00y\\x00,\\x00n\\x00a\\x00m\\x00e\\x00' holds",
    ),
    "Latin-1": (
        "key,name\na,A\nb,Zoé\n".encode("latin-1"),
        "roles.csv, row 3, column all: 'e9' is not UTF-8, at byte 17; save it as UTF-8",
    ),
    "UTF-8 cut in the middle of a letter": (
        "key,name\na,é".encode()[:-1],
        "roles.csv, row 2, column all: '' is not UTF-8 at its end; save it as UTF-8",
    ),
    "half of a character": (b"key,name\na,\xed\xa0\x80\n", "row 2, column all: 'ed' is not UTF-8"),
    "a NUL": (b"key,name\na,x\0y\n", "row 2, column name: 'x\\x00y' holds a NUL character"),
    "a NUL in a key": (b"key,name\nx\0y,A\n", "row 2, column key: 'x\\x00y' holds a NUL character"),
    "a bell": (b"key,name\na,\x07\n", "row 2, column name: '\\x07' holds the control character"),
    "a terminal's escape": (b"key,name\na,\x1b[31m\n", "holds the control character U+001B"),
    "a control character of C1": (b"key,name\na,\xc2\x85\n", "holds the control character U+0085"),
    "a quote that is never closed": (
        b'key,name\na,A\nb,"B\nc,C\n',
        "roles.csv, row 3, column all: 'b,\"B\\n' cannot be read as CSV: a quote is opened and nev",
    ),
    "a quote that ends before its cell": (
        b'key,name\na,"A"x\n',
        "roles.csv, row 2, column all: 'a,\"A\"x\\n' cannot be read as CSV: ',' expected after",
    ),
    "ten thousand columns": (
        b",".join(b"c%d" % place for place in range(10_000)) + b"\n",
        "roles.csv, row 1, column all: 'c0' has 10,000 columns; no table has more than 500",
    ),
}
"""By hazard: the file, and what is told of it first."""


def made(folder: Path, data: bytes) -> Path:
    """A folder with one table of these bytes."""
    folder.joinpath("roles.csv").write_bytes(data)
    return folder


@pytest.mark.parametrize("hazard", REFUSED)
def test_a_file_that_cannot_be_read_rightly_is_refused_by_name(tmp_path: Path, hazard: str) -> None:
    """
    File, row, column, value and what to do.
    """
    data, first = REFUSED[hazard]
    found = told(made(tmp_path, data))

    assert 1 == len(found)
    assert first in found[0]


READ: dict[str, tuple[bytes, list[str]]] = {
    "codes that look like nothing": (b"NA\nNone\nnull\nnan\n", ["NA", "None", "null", "nan"]),
    "a number with zeros before it": (b"007\n", ["007"]),
    "a long number beside a blank": (b"9007199254740993\n \n", ["9007199254740993", " "]),
    "a mark of UTF-8": (b"a\n", ["a"]),
    "line ends of three systems": (b"a\nb\r\nc\rd", ["a", "b", "c", "d"]),
    "a quote in the middle": (b'5" pipe\n', ['5" pipe']),
    "a tab and a line end in quotes": (b'"a\tb\r\nc"\n', ["a\tb\r\nc"]),
    "blank lines": (b"a\n\n\r\nb\n\n", ["a", "b"]),
    "a wide blank": ("a\u00a0b\n".encode(), ["a\u00a0b"]),
    "a formula": (b"=1+1\n-5\n", ["=1+1", "-5"]),
    "a formula with its apostrophe": (b"'=1+1\n''@x\n", ["=1+1", "'@x"]),
    "another apostrophe": (b"'Tis\n's-Hertogenbosch\n", ["'Tis", "'s-Hertogenbosch"]),
}


@pytest.mark.parametrize("hazard", READ)
def test_what_other_readers_change_is_read_as_it_stands(tmp_path: Path, hazard: str) -> None:
    """
    One column; blank lines say nothing.
    """
    data, cells = READ[hazard]
    head = b"\xef\xbb\xbfkey\n" if "mark" in hazard else b"key\n"

    assert {"roles": [{"key": cell} for cell in cells]} == read(made(tmp_path, head + data))


def test_rows_keep_their_number_over_blank_lines_and_rows_of_commas(tmp_path: Path) -> None:
    """
    Row 5 is short; rows 3 and 4 say nothing.
    """
    found = told(made(tmp_path, b"key,name\na,A\n\n,\nb\n"))

    assert ["roles.csv, row 5, column all: 'b' has 1 field where the header has 2"] == found


def one_line(file: Any) -> None:
    """A line of 600 MB."""
    for _ in range(600):
        file.write(b"x" * 1_000_000)


def one_cell(file: Any) -> None:
    """A cell of 100 MB, in lines."""
    file.write(b'key,name\na,"')
    for _ in range(1_000_000):
        file.write(b"x" * 99 + b"\n")


def one_row(file: Any) -> None:
    """A row of 100 MB, of small cells."""
    file.write(b'key,name\na,"')
    for _ in range(1_000_000):
        file.write(b"x" * 95 + b'\n","')


def unclosed(file: Any) -> None:
    """A quote that opens at the end of a million rows."""
    file.write(b"key,name\n")
    for place in range(1_000_000):
        file.write(b"k%d,a name of some length\n" % place)
    file.write(b'z,"Z\n')


def not_text(file: Any) -> None:
    """A letter of Latin-1 after 100 MB."""
    file.write(b"key,name\n")
    for _ in range(1_000_000):
        file.write(b"a" * 98 + b",\n")
    file.write(b"z,\xe9\n")


LARGE: dict[Callable[[Any], None], str] = {
    one_line: "row 1, column all: 'xxx",
    one_cell: "row 2, column all: 'a,\"xxx",
    one_row: "row 2, column all: 'a,\"xxx",
    unclosed: "row 1000002, column all: 'z,\"Z\\n' cannot be read as CSV: a quote is opened and",
    not_text: "row 1000002, column all: 'e9' is not UTF-8, at byte 100000011; save it as UTF-8",
}


@pytest.mark.parametrize("write", LARGE)
def test_no_file_fills_the_memory(tmp_path: Path, write: Callable[[Any], None]) -> None:
    """
    In a process with 600 MiB of address space, most of which libraries take, and 60 seconds.
    """
    with tmp_path.joinpath("roles.csv").open("wb") as file:
        write(file)

    assert within(tmp_path, 600, 60).startswith(f"roles.csv, {LARGE[write]}")


def test_a_cell_may_be_as_long_as_is_said_and_no_longer(tmp_path: Path) -> None:
    """
    131,072 signs, and one more.
    """
    longest = "x" * csv_rows.CELL
    assert [{"key": longest}] == read(made(tmp_path, f"key\n{longest}\n".encode()))["roles"]
    (found,) = told(made(tmp_path, f"key\n{longest}x\n".encode()))
    assert "has a cell of more than 131,072 signs, or a quote not closed" in found


def a_folder(path: Path) -> None:
    """A folder that is called like a file."""
    path.mkdir()


def a_pipe(path: Path) -> None:
    """A pipe, at whose other end nobody is."""
    os.mkfifo(path)


def a_link_out(path: Path) -> None:
    """A link to a file of the machine."""
    path.symlink_to("/etc/passwd")


def a_link_to_nothing(path: Path) -> None:
    """A link to a file of the folder that is not there."""
    path.symlink_to(path.parent / "gone.txt")


def a_link_to_zeros(path: Path) -> None:
    """A link to a device without end."""
    path.symlink_to("/dev/zero")


NO_FILES: dict[Callable[[Path], None], str] = {
    a_folder: "roles.csv is no file; move it out of the folder",
    a_pipe: "roles.csv is no file; move it out of the folder",
    a_link_out: "roles.csv is a link out of its folder; put the file itself there",
    a_link_to_nothing: "roles.csv is no file; move it out of the folder",
    a_link_to_zeros: "roles.csv is a link out of its folder; put the file itself there",
}


@pytest.mark.parametrize("make", NO_FILES)
def test_what_is_no_file_of_the_folder_is_refused(
    tmp_path: Path, make: Callable[[Path], None]
) -> None:
    """
    It is neither waited for, nor followed, nor passed over.
    """
    make(tmp_path / "roles.csv")

    assert [f"{tmp_path}/{NO_FILES[make]}"] == told(tmp_path)


def test_a_link_within_the_folder_is_read(tmp_path: Path) -> None:
    """
    To a file beside it; the folder may be reached by a link itself.
    """
    tmp_path.joinpath("real").mkdir()
    made(tmp_path / "real", b"key\na\n").joinpath("themes.csv").symlink_to("roles.csv")
    tmp_path.joinpath("link").symlink_to("real")

    assert ["roles", "themes"] == sorted(read(tmp_path / "link"))


def test_an_ending_in_capitals_is_an_ending_and_hidden_files_are_none(tmp_path: Path) -> None:
    """
    `themes.CSV` is read; what a Mac keeps beside it is not.
    """
    tmp_path.joinpath("themes.CSV").write_text("key\na\n", encoding="utf-8")
    tmp_path.joinpath("._themes.csv").write_bytes(b"\0\5\x16\7")

    assert {"themes": [{"key": "a"}]} == read(tmp_path)


def test_a_file_that_goes_while_it_is_read_is_told(tmp_path: Path) -> None:
    """
    It was there when its header was read.
    """
    with tables(made(tmp_path, b"key\na\n")) as (table,):
        columns, _ = table.shape()
        tmp_path.joinpath("roles.csv").unlink()
        with pytest.raises(Exception, match=r"cannot read .*roles.csv: No such file or directory"):
            list(table.rows(columns))


@pytest.mark.parametrize("after", [b"key,name\na,A\n", b'key\n"a\n', b"key\n\xff\n"])
def test_a_file_that_changes_while_it_is_read_is_told(tmp_path: Path, after: bytes) -> None:
    """
    Another header, or what is no CSV or no text any more.
    """
    with tables(made(tmp_path, b"key\na\n")) as (table,):
        columns, _ = table.shape()
        made(tmp_path, after)
        with pytest.raises(Exception, match=r"roles.csv changed while it was read; load it again"):
            list(table.rows(columns))


def test_a_file_that_may_not_be_read_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """
    The system says no.
    """

    def no(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    made(tmp_path, b"key\na\n")
    monkeypatch.setattr(Path, "open", no)

    assert [f"cannot read {tmp_path}/roles.csv: Permission denied"] == told(tmp_path)


@settings(max_examples=500, deadline=None)
@given(st.binary(max_size=200) | st.text("\",\n\r\t;='+a\0é\x85\ufeff", max_size=60))
def test_random_bytes_are_read_or_refused_and_never_anything_else(
    tmp_path_factory: pytest.TempPathFactory, data: bytes | str
) -> None:
    """
    Whatever stands in the file: rows as wide as the header, or a sentence.
    """
    folder = made(
        tmp_path_factory.mktemp("random"), data.encode() if isinstance(data, str) else data
    )
    if not told(folder):
        assert ["roles"] == list(read(folder))
