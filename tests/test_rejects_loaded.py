"""Refuse, correct, load: the graph of a right first load; and what a person is told on the way."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from rich.console import Console

from api import loading, terminal
from graph.store import Address, Store
from loaders.export import export
from loaders.load import load
from loaders.rejects import Rejects
from loaders.report import Count, RowsRefused
from tests.asking import TESTER
from tests.conftest import EMPTY
from tests.test_hazard_workbooks import Workbook

RIGHT = {
    "roles": 'key,name,influence\na,A,DIRECT\nb,B,REPORTING\nc,"C, D",DIRECT\nd,\'=1+1,DIRECT\n',
    "themes": "key,name\nt,T\n",
    "source_systems": "key,name,owner\nu,U,b\nv,V,a\n",
}
WRONG = {
    "roles": "key,name,influence\na,A,DIRECT\nb,B,HUGE\nc,C, D,DIRECT\nd,'=1+1,SOME\n",
    "themes": "key,name\nt,T\n",
    "source_systems": "key,name,owner\nu,U,b\nv,V,a\n",
}


def written(folder: Path, tables: dict[str, str]) -> Path:
    """A folder of tables."""
    folder.mkdir()
    for name, text in tables.items():
        folder.joinpath(f"{name}.csv").write_text(text, encoding="utf-8", newline="")
    return folder


async def known(store: Store, path: Path) -> dict[str, str]:
    """What is known now, as tables."""
    await export(store, path, current=True)
    return {one.name: one.read_text(encoding="utf-8") for one in path.iterdir()}


async def emptied(store: Store) -> None:
    """Begin anew."""
    await store.alone(EMPTY)
    await store.migrate()


def corrected(path: Path) -> None:
    """What a person does to the rejects: the words put right, the cells parted, one note left."""
    roles = path / "roles.csv"
    text = roles.read_text(encoding="utf-8")
    text = text.replace("b,B,HUGE", "b,B,REPORTING").replace("SOME", "DIRECT")
    lines = [
        'c,"C, D",DIRECT,' if one.startswith(",,,") else one for one in text.split("\n") if one
    ]
    roles.write_text("\n".join(lines), encoding="utf-8")


async def test_corrected_rejects_of_a_partial_load_make_the_graph_of_a_right_one(
    store: Store, tmp_path: Path
) -> None:
    """
    A wrong word, a row of too many fields, what a spreadsheet would run, and who names them.
    """
    await load(store, written(tmp_path / "right", RIGHT), TESTER)
    expected = await known(store, tmp_path / "expected")
    await emptied(store)
    source = written(tmp_path / "wrong", WRONG)
    with Rejects.of(source) as rejects:
        report = await load(store, source, TESTER, partial=True, rejects=rejects)
    corrected(rejects.path)
    again = await load(store, rejects.path, TESTER)

    assert {"roles": 3, "source_systems": 1} == report.refused
    assert {"roles": 3, "source_systems": 1} == again.rows
    assert expected == await known(store, tmp_path / "found")


STATES = {
    "roles": [
        "key,name,valid_from,valid_to",
        "a,A,2024-01-01,2025-01-01",
        "a,A then,2025-01-01,",
        "b,B,,",
    ],
    "processes": ["key,name", "p,P", "q,Q"],
    "org_units": ["key,name", "u,U"],
    "performed_by": [
        "source,target,share,valid_from,valid_to",
        "process:p,org_unit:u,1,2024-01-01,2025-01-01",
        "process:p,org_unit:u,1,2025-01-01,",
    ],
}
SPOILT = [
    ("roles", 1, "2024-01-01", "soon"),
    ("roles", 2, "2025-01-01", "2025-13-01"),
    ("roles", 1, "A,", "A,A,"),
    ("roles", 3, "b,B", "b,B,B"),
    ("processes", 1, "P", ""),
    ("org_units", 1, "u,U", "u,U,U"),
    ("performed_by", 1, ",1,", ",one,"),
    ("performed_by", 2, ",1,", ",0.5,"),
    ("performed_by", 1, "org_unit:u,", "org_unit:u,org_unit:u,"),
]
"""One row each that is spoilt: its table, its number, what becomes of what."""


def mended(rejects: Path, table: str, right: str) -> None:
    """The spoilt row put right, whatever became of it; others are left with their note."""
    path = rejects / f"{table}.csv"
    head, *rows = path.read_text(encoding="utf-8").splitlines()
    wrong = [row for row in rows if "; load them together" not in row]
    wrong = [row for row in wrong if "its own row is refused" not in row]
    rows = [f"{right}," if row in wrong else row for row in rows]
    path.write_text("\n".join([head, *dict.fromkeys(rows)]), encoding="utf-8")


@pytest.mark.parametrize(("table", "row", "of", "to"), SPOILT)
async def test_whichever_row_is_spoilt_its_mended_rejects_complete_the_load(
    store: Store, tmp_path: Path, table: str, row: int, of: str, to: str
) -> None:
    """
    Several states of one thing and one link: an earlier one that comes later replaces none.
    """
    right = {name: "\n".join(rows) for name, rows in STATES.items()}
    await load(store, written(tmp_path / "right", right), TESTER)
    expected = await known(store, tmp_path / "expected")
    await emptied(store)
    bad = list(STATES[table])
    bad[row] = bad[row].replace(of, to, 1)
    source = written(tmp_path / "wrong", right | {table: "\n".join(bad)})
    with Rejects.of(source) as rejects:
        report = await load(store, source, TESTER, partial=True, rejects=rejects)
    mended(rejects.path, table, STATES[table][row])
    await load(store, rejects.path, TESTER)

    assert 0 < sum(report.refused.values()) < 8
    assert expected == await known(store, tmp_path / "found")


async def test_rejects_that_nobody_corrected_are_refused_as_before(
    store: Store, tmp_path: Path
) -> None:
    """
    The same rows for the same reasons; what was kept of them is kept again.
    """
    source = written(tmp_path / "wrong", WRONG)
    with Rejects.of(source) as rejects:
        await load(store, source, TESTER, partial=True, rejects=rejects)
    first = rejects.path.joinpath("roles.csv").read_text(encoding="utf-8")
    with pytest.raises(RowsRefused), Rejects.of(rejects.path) as again:
        await load(store, rejects.path, TESTER, rejects=again)
    second = again.path.joinpath("roles.csv").read_text(encoding="utf-8")

    assert first.splitlines()[:2] == second.splitlines()[:2]
    assert "has 4 fields where the header has 3" in second
    assert "c,C, D,DIRECT" in second


async def test_a_workbook_is_corrected_the_same_way(store: Store, tmp_path: Path) -> None:
    """
    A formula in one row: the right row is loaded, the other comes back, is corrected and loaded.
    """
    made = Workbook()
    made.active.title = "themes"
    for row in (["key", "name"], ["a", "A"], ["b", "=A1"]):
        made.active.append(row)
    made.save(tmp_path / "a.xlsx")
    with Rejects.of(tmp_path / "a.xlsx") as rejects:
        await load(store, tmp_path / "a.xlsx", TESTER, partial=True, rejects=rejects)
    from openpyxl import load_workbook

    book = load_workbook(rejects.path)
    assert "#REFUSED: =A1" == book["themes"]["B2"].value
    book["themes"]["B2"] = "B"
    book.save(rejects.path)
    await load(store, rejects.path, TESTER)

    assert (
        "key,name,status\na,A,ACTIVE\nb,B,ACTIVE\n"
        == (await known(store, tmp_path / "found"))["themes.csv"]
    )


async def test_each_table_has_its_numbers_also_those_named_by_columns_alone(
    store: Store, tmp_path: Path
) -> None:
    """
    Worked out by hand: first all is new; then one name changes, one role is new, one is wrong.
    """
    tables = {"roles": "key,name\na,A\nb,B\n", "source_systems": "key,name,owner\nu,U,a\n"}
    first = await load(store, written(tmp_path / "one", tables), TESTER)
    tables = {"roles": "key,name,influence\na,A,\nb,C,\nc,C,\nd,D,HUGE\n"}
    source = written(tmp_path / "two", tables | {"source_systems": "key,name,owner\nu,U,b\n"})
    would = await load(store, source, TESTER, partial=True, dry_run=True)
    second = await load(store, source, TESTER, partial=True)

    assert {
        "source_systems": Count(1, 0, created=1),
        "roles": Count(2, 0, created=2),
        "owns": Count(0, 0, created=1),
    } == first.tables
    assert {
        "source_systems": Count(1, 0, unchanged=1),
        "roles": Count(4, 1, created=1, changed=1, unchanged=1),
        "owns": Count(0, 0, created=1, ended=1),
    } == second.tables
    assert second.tables == would.tables


async def test_the_command_tells_a_line_a_table_and_where_the_rejects_are(
    store: Store, address: Address, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """
    No control codes in what goes to a file.
    """
    shown, told = io.StringIO(), io.StringIO()
    monkeypatch.setattr(terminal, "out", Console(file=shown, width=100, highlight=False))
    monkeypatch.setattr(terminal, "err", Console(file=told, width=100, highlight=False))
    source = written(tmp_path / "wrong", WRONG)
    wish = loading.Wish(source, "tester", partial=True)
    loading.tell(await loading.loaded(address, wish), wish)
    lines = [" ".join(line.replace("│", " ").split()) for line in shown.getvalue().splitlines()]

    assert "roles 4 1 3" in lines
    assert "themes 1 1" in lines
    assert "source_systems 2 1 1" in lines
    assert lines[-1].endswith("0 changed, 0 ended, 0 as before, 4 rows refused.")
    assert f"Refused rows are in {source}.rejects: correct and load them" in told.getvalue()
    assert "refused: roles.csv, row 3, column influence: 'HUGE' must be one of" in told.getvalue()
    assert "\x1b" not in shown.getvalue() + told.getvalue()


async def test_the_command_says_when_the_same_files_are_loaded_already(
    store: Store, address: Address, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """
    Nothing is read and nothing is done.
    """
    wish = loading.Wish(written(tmp_path / "right", RIGHT), "tester")
    await loading.loaded(address, wish)
    report = await loading.loaded(address, wish)
    loading.tell(report, wish)

    assert report.already is not None
    assert f"Loaded already on {report.already:%Y-%m-%d %H:%M} UTC" in capsys.readouterr().out


async def test_a_partial_load_does_not_begin_where_its_rejects_have_no_place(
    store: Store, address: Address, tmp_path: Path
) -> None:
    """
    Old rejects might not be corrected yet.
    """
    wish = loading.Wish(written(tmp_path / "wrong", WRONG), "tester", partial=True)
    await loading.loaded(address, wish)
    with pytest.raises(Exception, match=r"wrong.rejects holds .csv files already; .* --force"):
        await loading.loaded(address, wish)
