"""Refused rows come back as tables: as they stood, with the reason, to be corrected and loaded."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook

from graph.errors import BadRequest
from loaders.rejects import Rejects
from loaders.report import Problem, RowsRefused, Unread
from loaders.tables import tables


def rejected(source: Path, bad: dict[str, str], rejects: Rejects | None = None) -> Rejects:
    """The rejects of a source whose rows are refused that cannot be read, or whose key is bad."""
    with rejects or Rejects.of(source) as told, tables(source) as found:
        for table in found:
            columns, wrong = table.shape()
            if wrong:
                told.whole(table, wrong)
                continue
            for number, row in table.rows(columns):
                if isinstance(row, Unread):
                    for problem in row.problems:
                        told.refuse(problem, row.cells)
                elif row["key"] in bad:
                    rule = bad[row["key"]]
                    told.refuse(Problem(table.file, number, "key", "", rule, table.sheet), row)
        return told


def folder(path: Path, **tables: str) -> Path:
    """A folder of tables."""
    path.mkdir()
    for name, text in tables.items():
        path.joinpath(f"{name}.csv").write_text(text, encoding="utf-8", newline="")
    return path


def book(path: Path, **sheets: list[list[Any]]) -> Path:
    """A workbook of tables."""
    made = Workbook()
    made.remove(made.active)
    for name, rows in sheets.items():
        sheet = made.create_sheet(name)
        for row in rows:
            sheet.append(row)
    made.save(path)
    return path


def files(path: Path) -> dict[str, str]:
    """The text of each file of a folder."""
    return {one.name: one.read_bytes().decode("utf-8", "replace") for one in path.iterdir()}


def test_refused_rows_stand_beside_the_source_with_their_reasons(tmp_path: Path) -> None:
    """
    As they stood, also what a spreadsheet would run; rows that are right are not there.
    """
    source = folder(tmp_path / "bank", roles='key,name\na,"A, B"\nb,B\nc,=1+1\n', themes="key\nx\n")
    found = rejected(source, {"a": "is bad", "c": "is worse"})

    assert tmp_path / "bank.rejects" == found.path
    assert {
        "roles.csv": 'key,name,refused\na,"A, B",key: is bad\nc,\'=1+1,key: is worse\n'
    } == files(found.path)


def test_a_row_that_cannot_be_told_apart_is_kept_whole(tmp_path: Path) -> None:
    """
    Its cells are empty, so that it is refused until somebody writes them; nothing of it is lost.
    """
    source = folder(tmp_path / "bank", roles="key,name\na,A,x\n")
    first = rejected(source, {}).path
    again = rejected(first, {"": "is required"}).path

    rule = 'has 3 fields where the header has 2; put cells that hold a comma in quotes: ""a, b""'
    assert {"roles.csv": f'key,name,refused\n,,"{rule}; a,A,x"\n'} == files(first)
    (text,) = files(again).values()
    assert "key: is required; " in text
    assert "; a,A,x" in text


def test_a_table_that_cannot_be_read_is_kept_as_it_stands(tmp_path: Path) -> None:
    """
    Byte for byte, whatever its bytes are.
    """
    data = "key,name\na,Zoé\n".encode("latin-1")
    source = folder(tmp_path / "bank", themes="key,key\nx,y\n")
    source.joinpath("roles.csv").write_bytes(data)
    found = rejected(source, {}).path

    assert data == found.joinpath("roles.csv").read_bytes()
    assert b"key,key\nx,y\n" == found.joinpath("themes.csv").read_bytes()


def test_where_nothing_is_refused_nothing_is_written_or_removed(tmp_path: Path) -> None:
    """
    Rejects of an earlier load stay.
    """
    source = folder(tmp_path / "bank", roles="key\na\n")
    old = folder(tmp_path / "bank.rejects", roles="key,refused\nz,why\n")
    found = rejected(source, {}, Rejects.of(source, force=True))

    assert (False, None) == (found.written, found.kept)
    assert {"roles.csv": "key,refused\nz,why\n"} == files(old)


def test_rejects_take_the_place_of_others_by_force_alone(tmp_path: Path) -> None:
    """
    Without it the old ones stay, and why is told; with it no old table is left among the new.
    """
    source = folder(tmp_path / "bank", roles="key\na\n")
    old = folder(tmp_path / "bank.rejects", themes="key,refused\nz,why\n")
    kept = rejected(source, {"a": "is bad"})

    assert not kept.written
    assert "holds .csv files already; name another folder, or say --force" in str(kept.kept)
    assert {"themes.csv": "key,refused\nz,why\n"} == files(old)
    assert rejected(source, {"a": "is bad"}, Rejects.of(source, force=True)).written
    assert {"roles.csv": "key,refused\na,key: is bad\n"} == files(old)


def test_rejects_of_a_workbook_are_a_workbook(tmp_path: Path) -> None:
    """
    A formula, an error, a time and a stray cell; the sheet that cannot be read stands beside.
    """
    source = book(
        tmp_path / "bank.xlsx",
        roles=[["key", "name"], ["a", "=A1"], ["b", "B"], ["c", "#REF!"], ["d", "D", "?"]],
        themes=[["key", "key"], ["x", "y"]],
    )
    found = rejected(source, {"b": "is bad"})
    made = load_workbook(found.path)

    assert tmp_path / "bank.rejects.xlsx" == found.path
    assert [
        ("key", "name", "refused"),
        ("a", "#REFUSED: =A1", "name: is a formula; paste its value instead"),
        ("b", "B", "key: is bad"),
        ("c", "#REFUSED: #REF!", "name: is an error of the workbook"),
        (None, None, "C: stands beside the table: its column has no header; d,D,?"),
    ] == list(made["roles"].iter_rows(values_only=True))
    assert [("key", "key"), ("x", "y")] == list(made["themes"].iter_rows(values_only=True))


def test_what_was_no_value_is_refused_until_it_is_written(tmp_path: Path) -> None:
    """
    Rejects that nobody corrected are refused again; no formula becomes a name.
    """
    source = book(tmp_path / "bank.xlsx", roles=[["key", "name"], ["a", "=A1"]])
    with tables(rejected(source, {}).path) as (table,):
        ((_, row),) = table.rows(table.shape()[0])

    assert isinstance(row, Unread)
    assert "name: '#REFUSED: =A1' was refused; write its value" in str(row.problems[0])


def test_merged_cells_are_refused_until_somebody_looked(tmp_path: Path) -> None:
    """
    The sheet that was kept has no merged cells any more, but a header that is no column.
    """
    made = Workbook()
    sheet: Any = made.active
    sheet.title = "roles"
    for row in (["key", "name"], ["a", "A"], ["b", None]):
        sheet.append(row)
    sheet.merge_cells("B2:B3")
    made.save(tmp_path / "bank.xlsx")
    found = load_workbook(rejected(tmp_path / "bank.xlsx", {}).path)

    assert ("#REFUSED: key", "name") == next(found["roles"].iter_rows(values_only=True))


@pytest.mark.parametrize(("source", "path"), [("bank", "x.xlsx"), ("bank.xlsx", "x")])
def test_rejects_have_the_form_of_their_source(tmp_path: Path, source: str, path: str) -> None:
    """
    A folder of a folder, a workbook of a workbook.
    """
    with pytest.raises(BadRequest, match=f"--rejects {path}: name a"):
        Rejects.of(tmp_path / source, Path(path))


def test_rejects_are_written_where_the_load_is_refused_and_not_where_it_fails(
    tmp_path: Path,
) -> None:
    """
    RowsRefused is what they are for; any other error leaves no half of them.
    """
    problem = Problem("roles.csv", 2, "key", "a", "is bad")
    for error in (RowsRefused([problem]), OSError("the disk is full")):
        with pytest.raises(type(error)), Rejects(tmp_path / type(error).__name__) as told:
            told.refuse(problem, {"key": "a"})
            raise error

    assert ["RowsRefused"] == [path.name for path in tmp_path.iterdir()]
