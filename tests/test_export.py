"""Tables out: what an export holds, what it refuses, and what a load of it comes back to."""

from __future__ import annotations

import csv
from datetime import UTC, datetime
from pathlib import Path

import pytest
from openpyxl import load_workbook
from typer.testing import CliRunner

from api.cli import app
from graph.changes import Change, Piece
from graph.errors import BadRequest
from graph.ontology import ONTOLOGY
from graph.store import Store
from graph.times import DAWN, FAR, Moment
from loaders.export import export
from loaders.lines import Carried, Line, fits, lines
from loaders.load import load
from loaders.report import RowsRefused
from loaders.template import template
from tests.asking import TESTER, link, put, thing
from tests.conftest import EMPTY
from tests.files import BANK, table
from tests.looking import everything, gone, links, loaded, name, year

NOW = datetime(2026, 10, 1, tzinfo=UTC)


def rows(path: Path, name_: str) -> list[dict[str, str]]:
    """The rows of a file, without what is empty."""
    with path.joinpath(f"{name_}.csv").open(encoding="utf-8", newline="") as file:
        return [{k: v for k, v in row.items() if v} for row in csv.DictReader(file)]


def contents(folder: Path) -> dict[str, bytes]:
    """The bytes of every file."""
    return {file.name: file.read_bytes() for file in folder.iterdir()}


async def test_the_bank_comes_out_as_the_rows_that_went_in(bank: Store, tmp_path: Path) -> None:
    """
    What is known now are the rows of the files, cell by cell, but for columns of defaults.
    """
    await export(bank, tmp_path / "out", current=True)
    for name_ in ("perspectives", "kpis", "fields", "measured_by", "observations", "series"):
        latest: dict[tuple[str, ...], dict[str, str]] = {}
        for row in sorted(table(name_), key=lambda row: row.get("recorded_on", "")):
            identity = (row.get("key") or row["source"] + row["target"], row.get("valid_from", ""))
            latest[identity] = {k: v for k, v in row.items() if v and k != "recorded_on"}
        found = rows(tmp_path / "out", name_)

        assert len(latest) == len(found)
        for row in found:
            given = latest[
                row.get("key") or row["source"] + row["target"], row.get("valid_from", "")
            ]
            assert given == {column: _like(given[column], row[column]) for column in given}


def _like(given: str, found: str) -> str:
    """The cell as it was given, where both are the same number."""
    try:
        return given if float(given) == float(found) else found
    except ValueError:
        return given if sorted(given.split(";")) == sorted(found.split(";")) else found


async def test_the_bank_loaded_from_its_export_is_the_same_bank(
    store: Store, tmp_path: Path
) -> None:
    """
    Folder and workbook, into where it came from and into an empty database.
    """
    await load(store, BANK, TESTER)
    first, book = tmp_path / "first", tmp_path / "bank.xlsx"
    assert [] == (await export(store, first)).inexact
    await export(store, book)
    for path in (first, book):
        receipt = (await load(store, path, TESTER)).receipt
        assert (0, 0, 0) == (receipt.created, receipt.changed, receipt.ended)

    await store.alone(EMPTY)
    await store.migrate()
    await load(store, book, TESTER)
    await export(store, tmp_path / "second")
    assert contents(first) == contents(tmp_path / "second")
    await export(store, tmp_path / "again.xlsx")
    assert book.read_bytes() == (tmp_path / "again.xlsx").read_bytes()


async def test_what_is_known_now_changes_nothing_when_it_is_loaded(
    bank: Store, tmp_path: Path
) -> None:
    """
    Tables to edit: without record times, and as they are no change at all.
    """
    await export(bank, tmp_path / "now", current=True)
    before = await everything(bank)
    await load(bank, tmp_path / "now", TESTER)

    assert before == await everything(bank)
    headers = [
        file.read_text(encoding="utf-8").partition("\n")[0] for file in (tmp_path / "now").iterdir()
    ]
    assert [] == [header for header in headers if "recorded_on" in header]


async def test_a_life_that_never_was_is_told_as_taken_back(store: Store, tmp_path: Path) -> None:
    """
    The row is there from when it was known, and again, retracted, from when it was not.
    """
    red = Change("theme:a", DAWN, (Piece(DAWN, FAR, {"name": "A", "status": "ACTIVE"}),))
    at = [datetime(2021, 1, 1, tzinfo=UTC), datetime(2022, 1, 1, 12, tzinfo=UTC)]
    await put(store, Change(red.id, DAWN, red.pieces, recorded=at[0]), gone(red.id, DAWN, at[1]))
    await export(store, tmp_path / "out")

    row = {"key": "a", "name": "A", "status": "ACTIVE"}
    assert [
        row | {"recorded_on": "2021-01-01"},
        row | {"recorded_on": "2022-01-01T12:00:00Z", "retracted": "true"},
    ] == rows(tmp_path / "out", "themes")


async def test_a_row_that_is_taken_back_was_never_so(store: Store, tmp_path: Path) -> None:
    """
    Its links, too, where a column names them; what was known before is still found.
    """
    head = "key,name,perspective,valid_from,retracted\n"
    given = {"perspectives": "key,name\np,P\n", "kpis": f"{head}k,K,p,2020-01-01,\n"}
    first = await loaded(store, tmp_path, **given)
    report = await loaded(store, tmp_path, kpis=f"{head}k,K,p,2020-01-01,true\n")
    again = await loaded(store, tmp_path, kpis=f"{head}k,K,p,2020-01-01,true\n")

    assert 2 == report.receipt.ended
    assert 0 == again.receipt.ended
    assert await name(store, "kpi:k", NOW) is None
    assert "K" == await name(store, "kpi:k", NOW, known=first.receipt.sequence)
    assert [] == await links(store, "KPI_IN_PERSPECTIVE", Moment(NOW))


async def test_a_beginning_that_is_taken_back_leaves_the_rest(store: Store, tmp_path: Path) -> None:
    """
    It began in 2022, not in 2020: two rows of one key, one of them retracted.
    """
    head = "key,name,valid_from,valid_to,retracted\n"
    await loaded(store, tmp_path, themes=f"{head}a,A,2020-01-01,,\n")
    text = f"{head}a,A,2020-01-01,2022-01-01,true\na,A,2022-01-01,,\n"
    await loaded(store, tmp_path, themes=text)

    assert [None, "A"] == [await name(store, "theme:a", year(n)) for n in (2021, 2023)]


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ("a,A,,yes", "column retracted: 'yes' must be true or false"),
        ("a,A,ENDED,", "column ending: 'ENDED' must be one of ABSORBED, MERGED, RETIRED"),
    ],
)
async def test_other_words_are_refused(store: Store, tmp_path: Path, row: str, told: str) -> None:
    """
    Both columns hold words of a closed list.
    """
    with pytest.raises(RowsRefused, match=told):
        await loaded(store, tmp_path, themes=f"key,name,ending,retracted\n{row}\n")


async def test_a_status_of_its_own_and_an_ending_are_told_apart(
    store: Store, tmp_path: Path
) -> None:
    """
    Retired for two years and revived, or retired in the end: a column says which.
    """
    head = "key,name,status,valid_from,valid_to\n"
    await loaded(store, tmp_path, themes=f"{head}a,A,RETIRED,2020-01-01,\n")
    await loaded(store, tmp_path, themes=f"{head}a,A,ACTIVE,2022-01-01,\n")
    await loaded(store, tmp_path, themes=f"{head}b,B,MERGED,2020-01-01,2022-01-01\n")
    await export(store, tmp_path / "out", current=True)

    assert [
        ("a", "RETIRED", None),
        ("a", "ACTIVE", None),
        ("b", "ACTIVE", "MERGED"),
    ] == [(r["key"], r["status"], r.get("ending")) for r in rows(tmp_path / "out", "themes")]
    before = await everything(store)
    await load(store, tmp_path / "out", TESTER)
    assert before == await everything(store)


async def test_an_ending_is_one_word_where_that_is_enough(store: Store, tmp_path: Path) -> None:
    """
    As a person writes it: status MERGED with a last day.
    """
    head = "key,name,status,valid_from,valid_to\n"
    text = f"{head}b,B,MERGED,2020-01-01,2022-01-01\n"
    await loaded(store, tmp_path, themes=text)
    await export(store, tmp_path / "out", current=True)

    assert text == (tmp_path / "out" / "themes.csv").read_text(encoding="utf-8")


async def test_what_no_row_can_tell_is_named(store: Store, tmp_path: Path) -> None:
    """
    Another id than the ends give, a property that nobody declared, a value that breaks a rule.
    """
    await put(
        store,
        thing("role:r"),
        thing("process:p"),
        thing("theme:t", colour="red"),
        thing("theme:u", status="GREEN"),
        link("owns", "role:r", "process:p"),
    )
    found = (await export(store, tmp_path / "out")).inexact

    assert [
        "themes: theme:t: colour would differ",
        "themes: theme:u: status must be one of",
        "owns: owns:role:r/process:p: its id would be owns:role:r/process:p/SOLE",
    ] == [
        told[: len("themes: theme:u: status must be one of")] if ":u:" in told else told
        for told in found
    ]


async def test_an_export_does_not_overwrite(store: Store, tmp_path: Path) -> None:
    """
    Unless it is told to: then tables that are gone are removed, and foreign files stay.
    """
    await loaded(store, tmp_path, themes="key,name\na,A\n")
    out = tmp_path / "out"
    out.mkdir()
    for name_ in ("themes", "kpis", "rooms"):
        out.joinpath(f"{name_}.csv").write_text("key\n", encoding="utf-8")
    with pytest.raises(BadRequest, match=r"holds \.csv files already; .* --force"):
        await export(store, out)
    await export(store, out, force=True)

    assert {"themes.csv", "rooms.csv"} == {file.name for file in out.iterdir()}
    with pytest.raises(BadRequest, match=r"cannot write .*: File exists"):
        await export(store, out / "rooms.csv" / "x")
    with pytest.raises(BadRequest, match=r"give a folder, or a file that ends in \.xlsx"):
        await export(store, tmp_path / "out.xls")
    await export(store, tmp_path / "a.xlsx")
    with pytest.raises(BadRequest, match="is there already"):
        await export(store, tmp_path / "a.xlsx")
    assert {"out", "a.xlsx", "themes.csv"} == {file.name for file in tmp_path.iterdir()}


async def test_an_export_that_fails_leaves_what_was_there(store: Store, tmp_path: Path) -> None:
    """
    A text that no cell can hold: the workbook of yesterday stays, and nothing lies beside it.
    """
    await put(store, thing("theme:a", description="x" * 32_768))
    path = tmp_path / "a.xlsx"
    path.write_bytes(b"yesterday")
    with pytest.raises(BadRequest, match=r"themes, row 2, column description: the text is longer"):
        await export(store, path, force=True)

    assert {"a.xlsx": b"yesterday"} == contents(tmp_path)


def piece(since: int, until: int) -> Piece:
    """What holds from the beginning of one year to that of another."""
    return Piece(year(since), year(until), {})


def test_rows_are_cut_where_a_column_changes() -> None:
    """
    The thing is the same from 2020 to 2024, its link another from 2022 on.
    """
    known = {None: [piece(2020, 2024)]}
    carried = [
        Carried("to", "kpi:a", {None: [piece(2020, 2022)]}),
        Carried("to", "kpi:b", {None: [piece(2022, 2023), piece(2023, 2024)]}),
    ]

    assert [
        Line(piece(2020, 2022), None, (("to", ("kpi:a",)),)),
        Line(piece(2022, 2024), None, (("to", ("kpi:b",)),)),
    ] == list(lines(known, carried))


def test_a_link_fits_into_rows_only_while_its_thing_is_in_force() -> None:
    """
    Also at later record times, when less is known of the thing.
    """
    known = {year(2021): [piece(2020, 2024)], year(2022): [piece(2021, 2024)]}

    assert fits(known, {year(2021): [piece(2021, 2022)]})
    assert not fits(known, {year(2021): [piece(2020, 2022)]})
    assert not fits(known, {year(2020): [piece(2021, 2022)]})
    assert fits(known, {year(2021): [piece(2020, 2022)], year(2022): []})


async def test_an_untouched_template_changes_nothing(store: Store, tmp_path: Path) -> None:
    """
    Every table that is declared, as sheets and as files; loaded as they are, they say nothing.
    """
    count = len(ONTOLOGY.declared())
    for path in (tmp_path / "t.xlsx", tmp_path / "t"):
        assert count == template(ONTOLOGY, path)
        report = await load(store, path, TESTER)
        assert (count, 0) == (len(report.rows), sum(report.rows.values()))


async def test_a_template_says_what_a_column_is_for(store: Store, tmp_path: Path) -> None:
    """
    A note with meaning, unit and words at each header, a list for words, a frozen first row.
    """
    template(ONTOLOGY, tmp_path / "t.xlsx")
    book = load_workbook(tmp_path / "t.xlsx")
    sheet = book["kpi_versions"]
    cells = {cell.value: cell for cell in sheet[1]}
    lists = {
        str(one.sqref).partition("2:")[0]: one for one in sheet.data_validations.dataValidation
    }
    words = lists[cells["direction"].column_letter].formula1

    assert "A2" == sheet.freeze_panes
    assert all(cell.font.bold and cell.comment.text for cell in sheet[1])
    assert "Unit: h." in cells["delay_hours"].comment.text
    assert "HIGHER: More is better." in cells["direction"].comment.text
    column = words.partition("$")[2].partition("$")[0]
    assert ["HIGHER", "LOWER", "BAND"] == [
        cell.value for cell in book["_words"][column] if cell.value
    ]
    assert "hidden" == book["_words"].sheet_state

    sheet.append(["churn/v1", *[None] * (len(cells) - 1)])
    book.save(tmp_path / "filled.xlsx")
    with pytest.raises(
        RowsRefused, match="sheet kpi_versions, row 2, column formula: '' is required"
    ):
        await load(store, tmp_path / "filled.xlsx", TESTER)


def test_the_command_line_writes_a_template(tmp_path: Path) -> None:
    """
    It names the file and needs no database; a second time it does not overwrite.
    """
    path = tmp_path / "t.xlsx"
    done = CliRunner().invoke(app, ["template", str(path)])
    again = CliRunner().invoke(app, ["template", str(path)])

    assert 0 == done.exit_code
    assert f"empty tables: {path}" in done.output.replace("\n", "")
    assert isinstance(again.exception, BadRequest)
