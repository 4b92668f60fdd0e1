"""The private Neo4j: real starts and real jars; a Maven mirror of our own stands for the network."""

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
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import neo4j
import pytest
from neo4j.exceptions import AuthError

from graph import local, local_server
from graph.local import LocalDatabaseError, Running, Step

ROOT = Path(local.__file__).parents[1]
PARENT = """
import sys
from pathlib import Path
from graph import local
with local.running(Path(sys.argv[1])) as it:
    print(it.pid, flush=True)
    sys.stdin.read()
"""


def ask(running: Running, statement: str, password: str | None = None) -> list[list[object]]:
    """The rows of one statement, signed in with the right password unless another is given."""
    auth = (running.username, password or running.password)
    with neo4j.GraphDatabase.driver(running.uri, auth=auth) as driver:
        return [record.values() for record in driver.execute_query(statement).records]


def gone(pid: int, seconds: float) -> bool:
    """Whether a process has ended before so many seconds are over, be it collected or not."""
    end = time.monotonic() + seconds
    while (alive := state(pid) not in ("", "Z")) and time.monotonic() < end:
        time.sleep(0.05)
    return not alive


def state(pid: int) -> str:
    """The letter that `ps` gives a process; nothing if there is none."""
    asked = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True)
    return asked.stdout.strip()[:1]


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """One private Neo4j for all that only look; its folder has a space in its name."""
    with local.running(tmp_path_factory.mktemp("private") / "my neo4j") as running:
        yield running


def test_it_answers(database: Running) -> None:
    """
    Ready means that a driver is answered at once.
    """
    assert [[1]] == ask(database, "RETURN 1")


def test_a_wrong_password_is_refused(database: Running) -> None:
    """
    Sign-in is on, and the password that Neo4j is delivered with does not work.
    """
    for wrong in ("neo4j", database.password[:-1]):
        with pytest.raises(AuthError):
            ask(database, "RETURN 1", password=wrong)


def test_it_keeps_to_itself(database: Running) -> None:
    """
    It listens on the loopback address only, serves no HTTP, reports no usage, bounds its work.
    """
    rows = ask(database, "SHOW SETTINGS YIELD name, value")
    found = {str(name): value for name, value in rows}

    assert found["server.bolt.listen_address"] == database.uri.removeprefix("bolt://")
    assert database.uri.startswith("bolt://127.0.0.1:")
    assert "false" == found["server.http.enabled"] == found["dbms.usage_report.enabled"]
    assert "1m" == found["db.transaction.timeout"]
    assert "716.80MiB" == found["dbms.memory.transaction.total.max"]


def test_the_password_is_for_this_user_alone(database: Running) -> None:
    """
    It stands in a file that only its owner may read, and in no list of processes.
    """
    kept = database.folder / "password"
    shown = subprocess.run(["ps", "-o", "args=", "-p", str(database.pid)], capture_output=True)

    assert database.password == kept.read_text()
    assert 0o100600 == kept.stat().st_mode
    assert 0o40700 == database.folder.stat().st_mode
    assert database.password not in shown.stdout.decode() + repr(database)


def test_a_second_start_over_one_folder_says_so(database: Running) -> None:
    """
    One folder serves one database; the second start leaves the first alone.
    """
    with (
        pytest.raises(LocalDatabaseError, match="is in use by another Goldenthread; stop that one"),
        local.running(database.folder),
    ):
        pass

    assert [[1]] == ask(database, "RETURN 1")


def test_a_taken_port_is_refused_before_anything_starts(database: Running, tmp_path: Path) -> None:
    """
    A port that somebody listens on is named, and nothing is started for it.
    """
    port = int(database.uri.rpartition(":")[2])

    with (
        pytest.raises(LocalDatabaseError, match=f"port {port} on 127.0.0.1 is taken"),
        local.running(tmp_path, port=port),
    ):
        pass


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    """
    A folder below a file can never be made.
    """
    (tmp_path / "file").touch()

    with (
        pytest.raises(LocalDatabaseError, match=r"cannot write to .*file/neo4j \(Not a directory"),
        local.running(tmp_path / "file" / "neo4j"),
    ):
        pass


def test_a_child_that_dies_at_its_start_gives_its_reason(tmp_path: Path) -> None:
    """
    Java refuses a heap that is no size; the message says where to read on.
    """
    with (
        pytest.raises(LocalDatabaseError, match=r"did not start: Unable to start JVM; see .*\.log"),
        local.running(tmp_path, heap="much"),
    ):
        pass

    assert "-Xmxmuch" in (tmp_path / "neo4j.log").read_text()


def test_a_start_that_takes_too_long_is_given_up(tmp_path: Path) -> None:
    """
    Who waits half a second gets an error, not a process left behind.
    """
    with (
        pytest.raises(LocalDatabaseError, match="was not ready in time"),
        local.running(tmp_path, wait=0.5),
    ):
        pass


@pytest.fixture(scope="module")
def used(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a database that holds one node and was stopped, which took below 3 s."""
    folder = tmp_path_factory.mktemp("used")
    with local.running(folder) as running:
        ask(running, "CREATE (:Kept)")
        begun = time.monotonic()
    assert time.monotonic() - begun < 3
    assert gone(running.pid, 0)
    return folder


def test_data_outlives_a_stop_and_a_lost_password(used: Path) -> None:
    """
    A lost password file is made anew and holds from then on; SIGTERM is a clean end, too.
    """
    lost = (used / "password").read_text()
    (used / "password").unlink()

    with local.running(used) as running:
        assert [[1]] == ask(running, "MATCH (n:Kept) RETURN count(n)")
        with pytest.raises(AuthError):
            ask(running, "RETURN 1", password=lost)
        os.kill(running.pid, signal.SIGTERM)
        assert gone(running.pid, 3)


def test_the_child_ends_with_a_parent_that_was_killed(used: Path) -> None:
    """
    SIGKILL leaves the parent no time to tell its child, which notices on its own.
    """
    command = [sys.executable, "-c", PARENT, str(used)]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True, cwd=ROOT) as parent:
        assert parent.stdout
        child = int(parent.stdout.readline())
        assert "S" == state(child)
        parent.kill()
        parent.wait()
        assert gone(child, 5)


class Mirror(SimpleHTTPRequestHandler):
    """Serves a Maven repository folder and remembers the files that it was asked for."""

    def __init__(self, *request: object, asked: list[str], directory: str) -> None:
        self.asked = asked
        super().__init__(*request, directory=directory)  # type: ignore[arg-type]

    def log_message(self, *_: object) -> None:
        """Remember instead of printing."""
        self.asked.append(self.path.rpartition("/")[2])


@pytest.fixture
def mirror(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """What was asked of a mirror of the folder `served`: all the network that jgo has here."""
    asked: list[str] = []
    handler = partial(Mirror, asked=asked, directory=str(tmp_path / "served"))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        only_repository(server.server_port, tmp_path, monkeypatch)
        yield asked
        server.shutdown()
        thread.join()


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
    """
    Once fetched, the jars are only hashed; every one is told.
    """
    steps: list[Step] = []
    jars = local.fetch(steps.append)

    assert [] == mirror
    assert 216 == len(jars) == len(set(jars))
    assert [(n, 216, 0) for n in range(1, 217)] == [(s.done, s.jars, s.received) for s in steps]


def test_a_cut_jar_is_fetched_anew(jar: Path, mirror: list[str]) -> None:
    """
    Only the jar that differs is fetched, its bytes are told, and the place is tidy afterwards.
    """
    content = cut(jar)
    steps: list[Step] = []
    local.fetch(steps.append)

    assert content == jar.read_bytes()
    assert [jar.name, f"{jar.name}.sha1"] == mirror[:2]
    assert len(content) == steps[-1].received
    assert [] == list((jar.parents[4]).glob(".*"))


def test_a_jar_with_another_hash_is_refused_by_name(jar: Path, mirror: list[str]) -> None:
    """
    What a mirror changed never reaches the Maven folder.
    """
    content = cut(jar)
    served = Path(str(jar).replace("mine", "served"))
    served.unlink()
    served.write_bytes(b"not the jar")

    with pytest.raises(LocalDatabaseError, match=f"{jar.name} was fetched twice and its sha256"):
        local.fetch()
    assert content[:1000] == jar.read_bytes()


def test_without_a_network_the_missing_jar_is_named(
    jar: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """
    The first start needs the network; the message says how to get round that.
    """
    with socket.create_server(("127.0.0.1", 0)) as closed:
        only_repository(closed.getsockname()[1], tmp_path, monkeypatch)
    jar.unlink()

    with pytest.raises(LocalDatabaseError, match=rf"{jar.name} could not be fetched \(Conn.*PROXY"):
        local.fetch()


def test_a_disk_that_fills_while_fetching_is_named(jar: Path, mirror: list[str]) -> None:
    """
    The write that fails stands for the disk; its number says what is wrong.
    """

    def full(step: Step) -> None:
        if step.received:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    jar.unlink()
    with pytest.raises(LocalDatabaseError, match=r"no room left for .*mine \(No space left"):
        local.fetch(full)


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("java.io.IOException: No space left on device", "no room left for /data; free"),
        ("java.net.BindException: Address already in use", "127.0.0.1:7687 was taken meanwhile"),
        ("java.nio.file.AccessDeniedException: /data/x", "cannot write to all of /data"),
        (
            "java.lang.Error: new",
            "the private Neo4j did not start: java.lang.Error: new; see /data",
        ),
    ],
)
def test_what_java_says_is_told_in_our_words(said: str, told: str) -> None:
    """
    The cause may stand anywhere in the chain; one that is not known is told as it is.
    """
    error = RuntimeError("Error starting Neo4j database server")
    error.__cause__ = OSError(said)

    assert told in local_server.trouble(error, "/data", "127.0.0.1:7687")


def test_without_the_extra_the_remedy_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """
    The private Neo4j is optional; who wants it is told what to install.
    """
    monkeypatch.setitem(sys.modules, "jgo", None)

    with pytest.raises(LocalDatabaseError, match=r"pip install 'goldenthread\[local\]'"):
        local.fetch()
