"""The private Neo4j: real starts, real jars, a Maven mirror of our own in place of the network."""

from __future__ import annotations

import errno
import os
import shutil
import signal
import socket
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import neo4j
import pytest
from neo4j.exceptions import AuthError

from graph import local
from graph.local import LocalDatabaseError, Running, Step

ROOT = Path(local.__file__).parents[1]


def ask(running: Running, statement: str, password: str | None = None) -> list[list[Any]]:
    """The rows of one statement, signed in as the owner unless another password is given."""
    auth = (running.username, password or running.password)
    with neo4j.GraphDatabase.driver(running.uri, auth=auth) as driver:
        return [record.values() for record in driver.execute_query(statement).records]


def gone(pid: int) -> bool:
    """Whether a process has ended; one that nobody has collected yet has ended too."""
    state = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True)
    return state.stdout.strip()[:1] in ("", "Z")


def within(seconds: float, pid: int) -> bool:
    """Whether a process is gone before so many seconds are over."""
    end = time.monotonic() + seconds
    while not gone(pid) and time.monotonic() < end:
        time.sleep(0.05)
    return gone(pid)


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """One private Neo4j for all tests that only look; its folder has a space in its name."""
    with local.running(tmp_path_factory.mktemp("private") / "my neo4j") as running:
        yield running


class Mirror(SimpleHTTPRequestHandler):
    """Serves a Maven repository folder and remembers what it was asked for."""

    asked: list[str]

    def __init__(self, *args: Any, asked: list[str], directory: str) -> None:
        self.asked = asked
        super().__init__(*args, directory=directory)

    def log_message(self, format: str, *args: Any) -> None:
        self.asked.append(self.path.rpartition("/")[2])


@pytest.fixture
def mirror(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """What a mirror was asked for: the only network that jgo has here; it serves `served`."""
    asked: list[str] = []
    handler = partial(Mirror, asked=asked, directory=str(tmp_path / "served"))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever).start()
        only_repository(f"http://127.0.0.1:{server.server_port}", tmp_path, monkeypatch)
        yield asked
        server.shutdown()


def only_repository(address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let jgo fetch from this address alone."""
    settings = tmp_path / "jgo.conf"
    settings.write_text(f"[repositories]\ncentral = {address}\n")
    monkeypatch.setenv("JGO_CONFIG_FILE", str(settings))
    monkeypatch.setenv("no_proxy", "*")


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A Maven folder of the test's own, of links to the right jars, with one jar cut short."""
    right = local.fetch()
    monkeypatch.setenv("M2_REPO", str(tmp_path / "m2"))
    top = Path(os.path.commonpath(right))
    for jar in right:
        for place in ("m2", "served"):
            link = tmp_path / place / jar.relative_to(repository_of(top))
            link.parent.mkdir(parents=True, exist_ok=True)
            link.symlink_to(jar)
    cut = tmp_path / "m2" / KERNEL
    content = cut.read_bytes()
    cut.unlink()
    cut.write_bytes(content[:1000])
    return cut
