"""Folders of tables: what is loaded, what a later load changes, what the same load leaves alone."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime
from itertools import product
from pathlib import Path

import pytest

from graph.errors import BadRequest
from graph.store import Address, Store
from graph.times import INSTANT, Moment
from loaders.load import load
from loaders.report import RowsRefused
from tests.asking import TESTER, answer, put, thing
from tests.looking import copy, links, loaded, name, numbers, things, year

BANK = Path(__file__).parent.parent / "seed" / "omnichannel_bank"
NOW = datetime(2026, 10, 1, tzinfo=UTC)


async def test_the_bank_is_loaded_whole(bank: Store) -> None:
    """
    One state for each row of a kind's table; the numbers are those of the files.
    """
    for table, kind in (("kpis", "Kpi"), ("observations", "Observation"), ("fields", "Field")):
        text = BANK.joinpath(f"{table}.csv").read_text(encoding="utf-8")
        count = f"MATCH (x:{kind}State) RETURN count(x) AS answer"
        assert text.count("\n") - 1 == await bank.answer(count)
    assert "Senior saver" == await name(bank, "persona:senior_saver", NOW)


async def test_loading_the_bank_again_writes_nothing_and_leaves_nothing_out(
    bank: Store, tmp_path: Path
) -> None:
    """
    No commit, no audit entry, no load opened; all 54 tables are read, as one has another byte.
    """
    shutil.copytree(BANK, tmp_path, dirs_exist_ok=True)
    with tmp_path.joinpath("themes.csv").open("a", encoding="utf-8") as file:
        file.write("\n")
    ledger = await bank.answer("MATCH (l:Ledger) RETURN properties(l) AS answer")
    before = await numbers(bank)
    report = await load(bank, tmp_path, TESTER)

    assert before == await numbers(bank)
    assert ledger == await bank.answer("MATCH (l:Ledger) RETURN properties(l) AS answer")
    assert (0, 0, 0) == (report.receipt.created, report.receipt.changed, report.receipt.ended)
    assert {path.stem for path in BANK.glob("*.csv")} == set(report.rows)
    assert 54 == len(report.rows)


async def test_progress_ends_at_the_number_of_changes(store: Store, tmp_path: Path) -> None:
    """
    Reading is told by row, writing by change.
    """
    tmp_path.joinpath("themes.csv").write_text("key,name\na,A\nb,B\n", encoding="utf-8")
    told: list[tuple[str, int, int]] = []
    await load(store, tmp_path, TESTER, progress=lambda *one: told.append(one))

    assert [("reading", 2, 2), ("checking", 0, 1), ("checking", 1, 1), ("writing", 2, 2)] == told


async def test_three_thousand_new_things_are_not_planned_as_if_there_were_none(
    store: Store, tmp_path: Path
) -> None:
    """
    Plans were made while the store was empty; a bad one would take half a minute here.
    """
    await put(store, thing("theme:first"))
    rows = "".join(f"{number},Theme {number}\n" for number in range(3_000))
    begun = datetime.now(UTC)
    report = await loaded(store, tmp_path, themes=f"key,name\n{rows}")

    assert 3_000 == report.receipt.created
    assert (datetime.now(UTC) - begun).total_seconds() < 12


WORDS = ("NA", "None", "null", "nan", "007", "1e5", "TRUE", "-", "#N/A", "=1+1", "ü")


async def test_text_stays_text(store: Store, tmp_path: Path) -> None:
    """
    Nothing that looks like a number, a blank or a formula is taken for one, as key or as name.
    """
    rows = "".join(f"{word},{word}\n" for word in WORDS)
    await loaded(store, tmp_path, themes=f"key,name\n{rows}")

    expected = {f"theme:{word}": word for word in WORDS}
    assert expected == await things(store, Moment(NOW), expected)


async def test_keys_may_hold_any_sign_but_a_semicolon(store: Store, tmp_path: Path) -> None:
    """
    Percent, slash, quotes, colon: links between such things are told apart and found again.
    """
    keys = ["50%", "50%25", "a/b", "a", "b", "it's", 'a"b', "x:y", "a b"]
    rows = "".join('"{}",N\n'.format(key.replace('"', '""')) for key in keys)
    shares = "".join(
        '"process:{}","org_unit:{}"\n'.format(*(key.replace('"', '""') for key in pair))
        for pair in product(keys, keys)
    )
    tables = {
        "processes": f"key,name\n{rows}",
        "org_units": f"key,name\n{rows}",
        "performed_by": f"source,target\n{shares}",
    }
    first = await loaded(store, tmp_path, **tables)
    again = await loaded(store, tmp_path, **tables)

    assert 99 == first.receipt.created == again.receipt.unchanged
    found = await links(store, "PERFORMED_BY", Moment(NOW))
    assert sorted((f"process:{a}", f"org_unit:{b}") for a in keys for b in keys) == sorted(found)


async def test_an_end_that_is_added_later_ends_it(store: Store, tmp_path: Path) -> None:
    """
    The same row with a `valid_to` retires the KPI, and says so beside its former status.
    """
    head = "key,name,status,valid_to\n"
    await loaded(store, tmp_path, kpis=f"{head}k,K,ACTIVE,\n")
    report = await loaded(store, tmp_path, kpis=f"{head}k,K,RETIRED,2025-01-01\n")

    assert 1 == report.receipt.changed
    assert "K" == await name(store, "kpi:k", year(2025) - INSTANT)
    assert await name(store, "kpi:k", year(2025)) is None
    states = "MATCH (x:KpiState {superseded: $open}) RETURN [x.status, x.ending] AS answer"
    assert ["ACTIVE", "RETIRED"] == await store.answer(states, open=2**62)


async def test_what_was_done_is_done_in_the_archive_too(store: Store, tmp_path: Path) -> None:
    """
    An end does not turn a status of its own into RETIRED; only what was ACTIVE to the end is.
    """
    text = "key,name,status,valid_to\nx,X,DONE,2025-01-01\ny,Y,ACTIVE,2025-01-01\n"
    await loaded(store, tmp_path, initiatives=text)

    told = await answer(store, "{ archive { nodes { key status } } }")

    found = {one["key"]: one["status"] for one in told["archive"]["nodes"]}
    assert {"x": "DONE", "y": "RETIRED"} == found


async def test_a_period_says_when_an_observation_holds_from(store: Store, tmp_path: Path) -> None:
    """
    Without `valid_from` the first instant of the period counts.
    """
    await loaded(store, tmp_path, observations="key,period,value\no,2025-Q3,1.5\n")

    assert (
        datetime(2025, 7, 1, tzinfo=UTC) == (await copy(store, "observation:o") or {})["validFrom"]
    )


async def test_the_same_facts_in_another_order_are_the_same(store: Store, tmp_path: Path) -> None:
    """
    Rows and columns may stand in any order, with or without the mark that says UTF-8.
    """
    await loaded(store, tmp_path, themes="key,name,description\na,A,x\nb,B,y\n")
    report = await loaded(
        store, tmp_path, themes="\ufeffname,description,key\r\nB,y,b\r\nA,x,a\r\n"
    )

    assert 2 == report.receipt.unchanged


@pytest.mark.parametrize(
    ("table", "hint"),
    [("kpi", "did you mean kpis?"), ("unheard", "the data dictionary names them all")],
)
async def test_a_table_that_nobody_declares_is_refused(
    store: Store, tmp_path: Path, table: str, hint: str
) -> None:
    """
    A name that was mistyped would lose its rows; the nearest name is told, and nothing is loaded.
    """
    with pytest.raises(RowsRefused) as refused:
        await loaded(store, tmp_path, themes="key,name\na,A\n", **{table: "a,b\n1,2,3\n"})

    (problem,) = refused.value.problems
    assert f"{table}.csv, row 1, column all: {table!r} is no table; {hint}" == str(problem)
    assert await name(store, "theme:a", NOW) is None


async def test_a_folder_without_tables_is_a_bad_request(store: Store, tmp_path: Path) -> None:
    """
    No folder, and no table in it, are told apart.
    """
    with pytest.raises(BadRequest, match=r"nowhere is not a folder; give a folder of CSV files"):
        await load(store, tmp_path / "nowhere", TESTER)
    with pytest.raises(BadRequest, match=r"holds no \.csv file"):
        await load(store, tmp_path, TESTER)


async def test_what_is_there_already_may_be_referred_to(
    store: Store, address: Address, tmp_path: Path
) -> None:
    """
    Ends need not be in the same folder; what nobody has is named.
    """
    await put(store, thing("org_unit:there"))
    roles = "key,name,unit\na,A,{}\n"
    await loaded(store, tmp_path, roles=roles.format("there"))
    with pytest.raises(RowsRefused, match=r"row 2, column unit: 'gone' there is no org_unit:gone"):
        await loaded(store, tmp_path, roles=roles.format("gone"))

    assert [("role:a", "org_unit:there")] == await links(store, "PART_OF", Moment(NOW))
