"""One Neo4j for each process of tests: empty for those that write, with the bank for readers."""

from __future__ import annotations

import os
import warnings
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from secrets import token_hex

import pytest

from graph.audit import Actor
from graph.questions import Ask
from graph.store import Address, Store
from graph.viewers import EVERYONE, Viewer
from loaders.load import load

BANK = Path(__file__).parent.parent / "seed" / "omnichannel_bank"
EMPTY = "MATCH (n) CALL (n) { DETACH DELETE n } IN TRANSACTIONS OF 10000 ROWS"


@dataclass
class Contents:
    """What the database holds at the moment: `nothing`, `the bank` or what a test left."""

    holds: str = "what was there before"


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """Two processes for the whole suite, each with a database of its own; else only this one."""
    alone = bool(config.option.file_or_dir) or bool(os.environ.get("NEO4J_URI"))
    return 0 if alone else 2


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests that read the bank go before those that write, so that it is loaded once."""
    items.sort(key=lambda item: "bank" not in getattr(item, "fixturenames", ()))


@pytest.fixture(scope="session")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Address]:
    """Where the database of this session is: NEO4J_URI, else a container, else a private one."""
    from api.settings import Settings

    if given := Settings().address:
        yield given
    elif _docker_answers():
        with _container() as made:
            yield made
    else:
        from graph import local

        with local.running(tmp_path_factory.mktemp("database")) as it:
            yield Address(it.uri, it.username, it.password)


@pytest.fixture(scope="session")
def contents() -> Contents:
    """What the database of this session holds."""
    return Contents()


@pytest.fixture(scope="session")
async def door(address: Address) -> AsyncIterator[Store]:
    """The store of this session, whatever it holds."""
    async with Store.at(address) as store:
        yield store


@pytest.fixture
async def store(door: Store, contents: Contents) -> Store:
    """An empty, prepared store."""
    await _emptied(door, contents)
    contents.holds = "what a test left"
    door.reads = 0
    return door


@pytest.fixture
async def bank(door: Store, contents: Contents) -> Store:
    """The sample bank, loaded once for all tests that only read it."""
    if contents.holds != "the bank":
        await _emptied(door, contents)
        await load(door, BANK, Actor("tests"))
        contents.holds = "the bank"
    door.reads = 0
    return door


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Statements that are asked for the first time may take a minute to plan."""

    def of(cls: type[Ask], store: Store, viewer: Viewer = EVERYONE) -> Ask:
        return cls(store, datetime.now(UTC), viewer, patience=60, allowed=60)

    monkeypatch.setattr(Ask, "of", classmethod(of))


async def _emptied(store: Store, contents: Contents) -> None:
    if contents.holds != "nothing":
        await store.alone(EMPTY)
        contents.holds = "nothing"
    await store.migrate()


def _docker_answers() -> bool:
    """Whether containers can be had, found out within two seconds."""
    if not (os.environ.get("DOCKER_HOST") or Path("/var/run/docker.sock").exists()):
        return False
    docker = import_module("docker")
    try:
        docker.DockerClient.from_env(timeout=2).close()
    except docker.errors.DockerException:
        return False
    return True


@contextmanager
def _container() -> Iterator[Address]:
    """Neo4j in a container; warnings of the library that runs it are not ours."""
    with warnings.catch_warnings(action="ignore"):
        from testcontainers.community.neo4j import Neo4jContainer

        password = token_hex()
        made = Neo4jContainer("neo4j:5.26-community", password=password, username="neo4j").start()
    try:
        yield Address(made.get_connection_url(), "neo4j", password)
    finally:
        with warnings.catch_warnings(action="ignore"):
            made.stop()
