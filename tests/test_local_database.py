"""The private Neo4j: real starts, real jars; a Maven mirror of our own stands for the network."""

from __future__ import annotations

import errno
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar

import neo4j
import psutil
import pytest
from neo4j.exceptions import AuthError

from graph import local, local_server
from graph.local import LocalDatabaseError, Running, Step

PARENT = """
import pathlib, sys; from graph import local
with local.running(pathlib.Path(sys.argv[1])) as it:
    print(it.pid, it.uri, it.password, flush=True)
    sys.stdin.read()
"""
IN_OUR_WORDS = {
    "java.io.IOException: No space left on device": "no room left for /data; free",
    "java.net.BindException: Address already in use": "127.0.0.1:7687 was taken meanwhile",
    "java.nio.file.AccessDeniedException: /data/x": "cannot write to all of /data",
    "java.lang.Error: new": "Neo4j did not start: java.lang.Error: new; see /data/neo4j.log",
}


def ask(uri: str, password: str, statement: str) -> list[list[Any]]:
    """The rows of one statement."""
    with neo4j.GraphDatabase.driver(uri, auth=("neo4j", password)) as driver:
        return [record.values() for record in driver.execute_query(statement).records]


def start(folder: Path, port: int | None = None, heap: str = "1g", wait: float = 60.0) -> None:
    """Start a private Neo4j and stop it at once."""
    with local.running(folder, port=port, heap=heap, wait=wait):
        pass


def ended_after(pid: int) -> float:
    """Seconds until a process was gone, at most 10; one that nobody collects is gone, too."""
    begun = time.monotonic()
    with suppress(psutil.NoSuchProcess):
        while psutil.Process(pid).status() != psutil.STATUS_ZOMBIE:
            assert time.monotonic() < begun + 10
    return time.monotonic() - begun


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """One private Neo4j for all that only look; its folder has a space in its name."""
    with local.running(tmp_path_factory.mktemp("private") / "my neo4j") as running:
        yield running
        begun = time.monotonic()
    assert time.monotonic() - begun < 3, "a stop takes 0.3 s"


def test_it_answers(database: Running) -> None:
    """Ready means that a driver is answered at once."""
    assert [[1]] == ask(database.uri, database.password, "RETURN 1")


def test_a_wrong_password_is_refused(database: Running) -> None:
    """Sign-in is on, and the password that Neo4j is delivered with does not work."""
    for wrong in ("neo4j", database.password[:-1]):
        with pytest.raises(AuthError):
            ask(database.uri, wrong, "RETURN 1")


def test_it_keeps_to_itself(database: Running) -> None:
    """Loopback address only, no HTTP, no reports of usage, bounded time and memory."""
    found = dict(ask(database.uri, database.password, "SHOW SETTINGS YIELD name, value"))

    assert database.uri == f"bolt://{found['server.bolt.listen_address']}"
    assert database.uri.startswith("bolt://127.0.0.1:")
    assert "false" == found["server.http.enabled"] == found["dbms.usage_report.enabled"]
    assert "1m" == found["db.transaction.timeout"]
    assert 600 < float(found["dbms.memory.transaction.total.max"].removesuffix("MiB")) <= 716.8


def test_the_password_is_for_this_user_alone(database: Running) -> None:
    """It stands in a file that only its owner may read, and in no list of processes."""
    secret = database.folder / "password"
    shown = [*psutil.Process(database.pid).cmdline(), repr(database)]

    assert database.password == secret.read_text()
    assert [0o600, 0o700] == [path.stat().st_mode & 0o777 for path in (secret, database.folder)]
    assert database.password not in " ".join(shown)


def test_a_second_start_over_one_folder_says_so(database: Running) -> None:
    """One folder serves one database; the second start leaves the first alone."""
    with pytest.raises(LocalDatabaseError, match="is in use by another Goldenthread; stop that"):
        start(database.folder)

    assert [[1]] == ask(database.uri, database.password, "RETURN 1")


def test_a_taken_port_is_refused_before_anything_starts(database: Running, tmp_path: Path) -> None:
    """A port that somebody listens on is named, and nothing is started for it."""
    port = int(database.uri.rpartition(":")[2])

    with pytest.raises(LocalDatabaseError, match=f"port {port} on 127.0.0.1 is taken"):
        start(tmp_path, port=port)


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    """A folder below a file can never be made."""
    (tmp_path / "file").touch()

    with pytest.raises(LocalDatabaseError, match=r"cannot write to .*file/neo4j \(Not a directory"):
        start(tmp_path / "file" / "neo4j")


def test_a_child_that_dies_at_its_start_gives_its_reason(tmp_path: Path) -> None:
    """Java refuses a heap that is no size; the message says where to read on."""
    with pytest.raises(
        LocalDatabaseError, match=r"did not start: Unable to start JVM; see .*\.log"
    ):
        start(tmp_path, heap="much")

    assert "-Xmxmuch" in (tmp_path / "neo4j.log").read_text()


def test_a_start_that_takes_too_long_is_given_up(tmp_path: Path) -> None:
    """Who waits half a second gets an error, not a process left behind."""
    with pytest.raises(LocalDatabaseError, match="was not ready in time"):
        start(tmp_path, wait=0.5)


@pytest.fixture(scope="module")
def orphan(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, float]:
    """A folder with one node, and the seconds its server lived on when its parent was killed."""
    folder = tmp_path_factory.mktemp("orphan")
    command = [sys.executable, "-c", PARENT, str(folder)]
    root, pipe = Path(local.__file__).parents[1], subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True, cwd=root) as parent:
        child, uri, password = parent.stdout.readline().split() if parent.stdout else ("", "", "")
        ask(uri, password, "CREATE (:Kept)")
        parent.kill()
        parent.wait()
        return folder, ended_after(int(child))


def test_the_server_ends_when_its_parent_is_killed(orphan: tuple[Path, float]) -> None:
    """SIGKILL leaves the parent no time to tell its child, which notices on its own."""
    assert orphan[1] < 5


def test_data_outlives_a_restart_and_a_lost_password(orphan: tuple[Path, float]) -> None:
    """A password file that was lost is made anew and holds from then on; SIGTERM is a clean end."""
    secret = orphan[0] / "password"
    lost = secret.read_text()
    secret.unlink()

    with local.running(orphan[0]) as running:
        assert [[1]] == ask(running.uri, secret.read_text(), "MATCH (n:Kept) RETURN count(n)")
        with pytest.raises(AuthError):
            ask(running.uri, lost, "RETURN 1")
        os.kill(running.pid, signal.SIGTERM)
        assert ended_after(running.pid) < 3


class Mirror(SimpleHTTPRequestHandler):
    """Serves a Maven repository folder and remembers the files that it was asked for."""

    asked: ClassVar[list[str]] = []

    def log_message(self, *_: object) -> None:
        """Remember instead of printing."""
        self.asked.append(self.path.rpartition("/")[2])


@pytest.fixture
def mirror(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """What was asked of a mirror of the folder `served`: all the network that jgo has here."""
    Mirror.asked.clear()
    handler = partial(Mirror, directory=str(tmp_path / "served"))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, args=[0.05]).start()
        only_repository(server.server_port, tmp_path, monkeypatch)
        yield Mirror.asked
        server.shutdown()


def only_repository(port: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let jgo fetch from this port of ours alone."""
    settings = tmp_path / "jgo.conf"
    settings.write_text(f"[repositories]\ncentral = http://127.0.0.1:{port}\n")
    monkeypatch.setenv("JGO_CONFIG_FILE", str(settings))
    monkeypatch.setenv("no_proxy", "*")


@pytest.fixture
def jar(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """One of the jars in a Maven folder of the test's own; `served` holds the same jars."""
    right = local.fetch()
    top = os.path.commonpath(right)
    for folder in ("mine", "served"):
        for each in right:
            link = tmp_path / folder / each.relative_to(top)
            link.parent.mkdir(parents=True, exist_ok=True)
            link.symlink_to(each)
    monkeypatch.setenv("M2_REPO", str(tmp_path / "mine"))
    return tmp_path / "mine" / right[1].relative_to(top)


def cut(jar: Path) -> bytes:
    """Cut a jar short, as a fetch that was killed would; its right content."""
    content = jar.read_bytes()
    jar.unlink()
    jar.write_bytes(content[:1000])
    return content


def test_jars_at_hand_need_no_network(jar: Path, mirror: list[str]) -> None:
    """Once fetched, the jars are only hashed; every one is told."""
    steps: list[Step] = []
    jars = local.fetch(steps.append)

    assert [] == mirror
    assert 216 == len(jars) == len(set(jars))
    assert [(n, 216, 0) for n in range(1, 217)] == [(s.done, s.jars, s.received) for s in steps]


def test_a_cut_jar_is_fetched_anew(jar: Path, mirror: list[str]) -> None:
    """Only the jar that differs is fetched; its bytes are told and nothing is left lying about."""
    content = cut(jar)
    steps: list[Step] = []
    local.fetch(steps.append)

    assert content == jar.read_bytes()
    assert [jar.name, f"{jar.name}.sha1"] == mirror[:2]
    assert len(content) == steps[-1].received
    assert [] == list(jar.parents[4].glob(".*"))


def test_a_jar_with_another_hash_is_refused_by_name(jar: Path, mirror: list[str]) -> None:
    """What a mirror changed never reaches the Maven folder."""
    content = cut(jar)
    cut(jar.parents[5] / "served" / jar.relative_to(jar.parents[4]))

    with pytest.raises(LocalDatabaseError, match=f"{jar.name} was fetched twice and its sha256"):
        local.fetch()
    assert content[:1000] == jar.read_bytes()


def test_without_a_network_the_missing_jar_is_named(
    jar: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first start needs the network; the message says how to get round that."""
    with socket.create_server(("127.0.0.1", 0)) as closed:
        only_repository(closed.getsockname()[1], tmp_path, monkeypatch)
    jar.unlink()

    with pytest.raises(LocalDatabaseError, match=rf"{jar.name} could not be fetched \(Conn.*PROXY"):
        local.fetch()


def test_a_disk_that_fills_while_fetching_is_named(jar: Path, mirror: list[str]) -> None:
    """The write that fails stands for the disk; its number says what is wrong."""

    def full(step: Step) -> None:
        if step.received:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    jar.unlink()
    with pytest.raises(LocalDatabaseError, match=r"no room left for .*mine \(No space left"):
        local.fetch(full)


@pytest.mark.parametrize(("said", "told"), IN_OUR_WORDS.items())
def test_what_java_says_is_told_in_our_words(said: str, told: str) -> None:
    """The cause may stand anywhere in the chain; one that is not known is told as it is."""
    error = RuntimeError("Error starting Neo4j database server")
    error.__cause__ = OSError(said)

    assert told in local_server.trouble(error, "/data", "127.0.0.1:7687")


def test_without_the_extra_the_remedy_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """The private Neo4j is optional; who wants it is told what to install."""
    monkeypatch.setitem(sys.modules, "jgo", None)

    with pytest.raises(LocalDatabaseError, match=r"pip install 'goldenthread\[local\]'"):
        local.fetch()
