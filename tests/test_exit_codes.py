"""The command line for programs: what stands on standard output, and how a command ends."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest

from graph.store import Address, Store
from tests.commands import Terminal, settings_of
from tests.files import table
from tests.serving import NOWHERE, code

AWAY = settings_of(NOWHERE)
WRONG_USE = {
    "no such command": ["lode", "x"],
    "no such option": ["serve", "--prot", "1"],
    "an argument is missing": ["load"],
    "a port that is none": ["serve", "--port", "eighty"],
    "a port out of range": ["serve", "--port", "65536"],
    "variables that are no JSON": ["query", "{ __typename }", "--variables", "{"],
    "variables that are a list": ["query", "{ __typename }", "--variables", "[]"],
    "a question that is no file": ["query", "questions/nope.graphql"],
    "a question that is a folder": ["query", "."],
}


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Terminal:
    """A command line to run commands on."""
    return Terminal(monkeypatch, capsys)


def kpis(folder: Path, status: str = "ACTIVE") -> Path:
    """A table of one KPI."""
    folder.mkdir(exist_ok=True)
    text = f"key,name,perspective,status,valid_from\nwait,Wait,customer,{status},2025-01-01\n"
    (folder / "kpis.csv").write_text(text)
    (folder / "perspectives.csv").write_text("key,name,order\ncustomer,Customer,2\n")
    return folder


@pytest.mark.parametrize("arguments", WRONG_USE.values(), ids=WRONG_USE.keys())
def test_wrong_use_is_2(terminal: Terminal, arguments: list[str]) -> None:
    """
    Nothing was tried, nothing stands on standard output, and no traceback anywhere.
    """
    ended = terminal.run(*arguments, **AWAY)

    assert (2, "") == (ended.code, ended.out)
    assert ended.err and "Traceback" not in ended.err


def test_a_load_told_as_json(
    terminal: Terminal, store: Store, address: Address, tmp_path: Path
) -> None:
    """
    Rows of each table and what they did; the same again changes nothing and is 0 too.
    """
    folder = kpis(tmp_path)
    first, again = (
        terminal.run("load", folder, "--json", **settings_of(address)) for _ in range(2)
    )
    told: Any = json.loads(first.out)
    after: Any = json.loads(again.out)

    assert [0, 0] == [first.code, again.code]
    rows = {name: count["rows"] for name, count in told["tables"].items() if count["rows"]}
    assert {"kpis": 1, "perspectives": 1} == rows
    assert after["already"]
    assert (0, 0, 0) == (after["created"], after["changed"], after["ended"])
    assert told["created"] == after["unchanged"] > 0


def test_a_refused_load_is_1(
    terminal: Terminal, store: Store, address: Address, tmp_path: Path
) -> None:
    """
    Standard output stays empty; the row is named on standard error.
    """
    ended = terminal.run("load", kpis(tmp_path, "ACTIV"), "--json", **settings_of(address))

    assert (1, "") == (ended.code, ended.out)
    assert "kpis.csv, row 2, column status: 'ACTIV'" in ended.err


def test_an_export_told_as_json(
    terminal: Terminal, bank: Store, address: Address, tmp_path: Path
) -> None:
    """
    Rows by table, where they are, and what is not exact; without --force the second is 1.
    """
    first, again = (
        terminal.run("export", tmp_path / "out", "--json", **settings_of(address)) for _ in range(2)
    )
    told: Any = json.loads(first.out)

    assert (0, 1, "") == (first.code, again.code, again.out)
    assert str(tmp_path / "out") == told["path"]
    assert len(table("perspectives")) == told["rows"]["perspectives"]
    assert [] == told["inexact"]


def test_a_migration_told_as_json(terminal: Terminal, bank: Store, address: Address) -> None:
    """
    How many constraints and indexes are there; as often as one likes.
    """
    first, again = (terminal.run("migrate", "--json", **settings_of(address)) for _ in range(2))

    assert (0, 0) == (first.code, again.code)
    assert json.loads(first.out) == json.loads(again.out)
    assert 50 < json.loads(first.out)["constraintsAndIndexes"]


def test_a_template_told_as_json(terminal: Terminal, tmp_path: Path) -> None:
    """
    Where it is and how many tables it has; over what is there it is 1.
    """
    first, again = (terminal.run("template", tmp_path / "t", "--json") for _ in range(2))
    files = len([*(tmp_path / "t").glob("*.csv")])

    assert (0, 1, "") == (first.code, again.code, again.out)
    assert {"path": str(tmp_path / "t"), "tables": files} == json.loads(first.out)


def test_an_answer_is_0_and_errors_in_it_are_1(
    terminal: Terminal, bank: Store, address: Address
) -> None:
    """
    Either way standard output is the answer as GraphQL writes it.
    """
    given = settings_of(address)
    variables = ["--variables", '{"k": "nps"}']
    right = terminal.run(
        "query", "query ($k: String!) { kpi(key: $k) { name } }", *variables, **given
    )
    wrong = terminal.run("query", "{ nope }", **given)

    assert (0, {"data": {"kpi": {"name": "Net promoter score"}}}) == (
        right.code,
        json.loads(right.out),
    )
    assert (1, "GRAPHQL_VALIDATION_FAILED") == (wrong.code, code(json.loads(wrong.out)))


def test_a_question_comes_from_a_file_or_standard_input(
    terminal: Terminal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """
    The file may have any name; the empty question is refused as GraphQL.
    """
    (tmp_path / "question").write_text("{ __typename }")
    of_file = terminal.run("query", tmp_path / "question", **AWAY)
    stdin = io.TextIOWrapper(io.BytesIO(b"{ __typename }"))
    monkeypatch.setattr("sys.stdin", stdin)
    of_input = terminal.run("query", "-", **AWAY)
    empty = terminal.run("query", "", **AWAY)

    assert (0, {"data": {"__typename": "Query"}}) == (of_file.code, json.loads(of_file.out))
    assert of_file == of_input
    assert (1, "GRAPHQL_PARSE_FAILED") == (empty.code, code(json.loads(empty.out)))


def test_a_question_that_is_no_text_is_2(terminal: Terminal, tmp_path: Path) -> None:
    """
    A file in another encoding is named with what is wrong.
    """
    (tmp_path / "question").write_bytes(b"# \xff\n{ __typename }")
    ended = terminal.run("query", tmp_path / "question", **AWAY)

    assert (2, "") == (ended.code, ended.out)
    assert "it is not UTF-8" in ended.err
