"""The audit as files, on the command line and over GraphQL: what an auditor takes along."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import orjson
import pytest
from typer.testing import CliRunner

from api.cli import app
from graph.audit import Actor, chained, merkle_root, sealed
from graph.errors import BadRequest
from graph.store import Store
from loaders.audited import COLUMNS, export_audit
from tests.asking import answer, link, put, thing
from tests.looking import chain, gone, kept, year


@pytest.fixture
async def told(store: Store) -> Store:
    """A store with a short history."""
    await store.put(
        [thing("theme:a", name="red")], Actor("ada", ("board", "cfo")), "=1+1; it begins"
    )
    await put(store, thing("role:r"), thing("process:p"), link("owns", "role:r", "process:p"))
    await put(store, gone("theme:a", year(2025)), reason="two\nlines")
    return store


async def test_json_lines_hold_all_that_hashes_were_made_of(told: Store, tmp_path: Path) -> None:
    """
    The chain, the commits and the leaves can be followed without the database.
    """
    path = tmp_path / "audit.jsonl"
    count = await export_audit(told, path)
    found = [orjson.loads(line) for line in path.read_bytes().splitlines()]

    assert 3 == count == len(found)
    assert [list(leaves) for leaves in (await kept(told)).values()] == [
        [orjson.dumps(leaf, option=orjson.OPT_SORT_KEYS).decode() for leaf in entry["leaves"]]
        for entry in found
    ]
    for entry in found:
        leaves = entry.pop("leaves")
        texts = [orjson.dumps(leaf, option=orjson.OPT_SORT_KEYS) for leaf in leaves]
        assert sealed(entry.pop("commits")) == entry["instants"]
        assert merkle_root(texts) == entry["root"]
        assert chained(entry) == entry["hash"]


async def test_csv_has_a_row_for_each_entry(told: Store, tmp_path: Path) -> None:
    """
    In order, with the hash; the same audit gives the same bytes.
    """
    first, second = tmp_path / "first.csv", tmp_path / "second.csv"
    await export_audit(told, first)
    await export_audit(told, second)
    with first.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))

    assert list(COLUMNS) == list(rows[0])
    assert [one["hash"] for one in await chain(told)] == [row["hash"] for row in rows]
    assert ["1", "2", "3"] == [row["sequence"] for row in rows]
    assert ("board;cfo", "two\nlines") == (rows[0]["roles"], rows[2]["reason"])
    assert first.read_bytes() == second.read_bytes()


@pytest.mark.parametrize("name", ["audit.xlsx", "audit", "there.csv"])
async def test_a_file_of_another_sort_or_in_the_way_is_refused(
    store: Store, tmp_path: Path, name: str
) -> None:
    """
    Nothing is written over without being told to.
    """
    (tmp_path / "there.csv").write_text("mine")
    with pytest.raises(BadRequest):
        await export_audit(store, tmp_path / name)

    assert 0 == await export_audit(store, tmp_path / "there.csv", force=True)


async def verified(store: Store, thorough: bool = True) -> Any:
    """What the API says of the audit."""
    text = "{ verifyAudit(thorough: %s) { intact entries firstBad explanation } }"
    return (await answer(store, text % str(thorough).lower()))["verifyAudit"]


async def test_the_api_says_whether_the_audit_holds(told: Store) -> None:
    """
    Without looking at the graph unless asked to.
    """
    assert {"intact": True, "entries": 3, "firstBad": None} == {
        name: value for name, value in (await verified(told)).items() if name != "explanation"
    }
    await told.alone("MATCH (e:Identity {id: 'theme:a'})-[:STATE]->(x) SET x.name = 'pink'")

    assert (await verified(told, thorough=False))["intact"]
    assert 1 == (await verified(told))["firstBad"]


def test_a_checkpoint_without_its_public_key_proves_nothing(tmp_path: Path) -> None:
    """
    Both or none.
    """
    ran = CliRunner().invoke(app, ["audit", "verify", "--checkpoint", str(tmp_path / "c.json")])

    assert isinstance(ran.exception, BadRequest)
