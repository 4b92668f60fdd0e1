"""Access on the command line: development tokens, and what a policy gives to whom."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import httpx2
import pytest

from api.admission import sign_in
from api.demo import POLICY
from api.settings import settings
from tests.commands import Terminal, settings_of
from tests.serving import NOWHERE, create_app, listening

AWAY = settings_of(NOWHERE)
CHEAP = {"GOLDENTHREAD_LIMITS__COST": "500"}
JWKS = {"GOLDENTHREAD_JWKS": "https://login.example.org/keys"}


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Terminal:
    """A command line to run commands on."""
    return Terminal(monkeypatch, capsys)


def made(terminal: Terminal, folder: Path, *more: object) -> str:
    """A token of the key of a folder."""
    ended = terminal.run("token", "--role", "board", "--data", folder, *more)
    assert (0, "") == (ended.code, ended.err)
    return ended.out.strip()


def said(token: str) -> Any:
    """The claims of a token, unproven."""
    part = token.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))


def asked(port: int, *headers: str) -> int:
    """The status of a question that needs no database."""
    given = [("Authorization", one) for one in headers]
    body, url = {"query": "{ __typename }"}, f"http://127.0.0.1:{port}/graphql"
    return httpx2.post(url, json=body, headers=given, trust_env=False).status_code


def test_a_development_token_is_taken_where_its_key_is(
    terminal: Terminal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """
    By a service with the same folder that was told to; not one of another folder, nor without.
    """
    mine, other = made(terminal, tmp_path / "a"), made(terminal, tmp_path / "b")
    for name, value in {
        "GOLDENTHREAD_DEVELOPMENT": "true",
        "GOLDENTHREAD_POLICY": str(POLICY),
        "GOLDENTHREAD_DATA": str(tmp_path / "a"),
    }.items():
        monkeypatch.setenv(name, value)
    with listening(create_app(NOWHERE, sign_in=sign_in(settings()))) as port:
        assert 200 == asked(port, f"Bearer {mine}")
        assert 401 == asked(port, f"Bearer {other}")
        assert 401 == asked(port)
    monkeypatch.setenv("GOLDENTHREAD_DEVELOPMENT", "false")
    with listening(create_app(NOWHERE, sign_in=sign_in(settings()))) as port:
        assert 401 == asked(port, f"Bearer {mine}")


def test_a_development_token_says_who_and_for_how_long(terminal: Terminal, tmp_path: Path) -> None:
    """
    An hour for a developer unless something else is asked for; each has an id of its own.
    """
    plain, other = (
        said(made(terminal, tmp_path)),
        said(made(terminal, tmp_path, "--role", "auditor", "--subject", "ada", "--minutes", 5)),
    )

    assert ("developer", ["board"], 3600) == (
        plain["sub"],
        plain["roles"],
        plain["exp"] - plain["iat"],
    )
    assert ("ada", ["board", "auditor"], 300) == (
        other["sub"],
        other["roles"],
        other["exp"] - other["iat"],
    )
    assert plain["jti"] != other["jti"]


def test_the_development_key_is_its_owners_alone(terminal: Terminal, tmp_path: Path) -> None:
    """
    Mode 0600, the same key for the next token; one that others can read is not used.
    """
    made(terminal, tmp_path)
    (key,) = tmp_path.iterdir()
    text = key.read_bytes()
    made(terminal, tmp_path)

    assert 0o600 == key.stat().st_mode & 0o777
    assert text == key.read_bytes()

    key.chmod(0o640)
    ended = terminal.run("token", "--role", "board", "--data", tmp_path)
    assert (2, "") == (ended.code, ended.out)
    assert f"chmod 600 {key}" in ended.err


@pytest.mark.parametrize("content", [b"", b"-----BEGIN", b"no key"])
def test_a_broken_development_key_is_named(
    terminal: Terminal, tmp_path: Path, content: bytes
) -> None:
    """
    With what to do.
    """
    key = tmp_path / "development.key"
    key.touch(0o600)
    key.write_bytes(content)
    ended = terminal.run("token", "--role", "board", "--data", tmp_path)

    assert 2 == ended.code
    assert "holds no key; delete it" in ended.err


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "nowhere.invalid"])
@pytest.mark.parametrize("command", ["serve", "demo"])
def test_development_tokens_are_taken_on_this_machine_alone(
    terminal: Terminal, tmp_path: Path, command: str, host: str
) -> None:
    """
    A service for others does not start with them, in one line.
    """
    told = {"GOLDENTHREAD_DEVELOPMENT": "true", "GOLDENTHREAD_DATA": tmp_path}
    ended = terminal.run(command, **AWAY, **told, GOLDENTHREAD_HOST=host)

    assert 2 == ended.code
    assert "" == ended.out
    (line,) = ended.err.splitlines()
    assert f"on this machine alone, not on '{host}'; write --host 127.0.0.1" in line


WRONG = {
    "an issuer without keys": ({"GOLDENTHREAD_ISSUER": "x"}, "needs GOLDENTHREAD_JWKS"),
    "keys that anybody can change": (
        {"GOLDENTHREAD_JWKS": "http://login.example.org/keys"},
        "is no https address",
    ),
    "keys of a file": ({"GOLDENTHREAD_JWKS": "file:///keys"}, "is no https address"),
    "two sorts of tokens": (
        {"GOLDENTHREAD_ISSUER": "x", "GOLDENTHREAD_DEVELOPMENT": "true"} | JWKS,
        "exclude each other",
    ),
    "a policy that is not there": ({"GOLDENTHREAD_POLICY": "nope.toml"}, "nope.toml"),
}


@pytest.mark.parametrize(("given", "expected"), WRONG.values(), ids=WRONG.keys())
def test_a_sign_in_that_makes_no_sense_stops_the_start(
    terminal: Terminal, given: dict[str, str], expected: str
) -> None:
    """
    In one line that says what to write.
    """
    ended = terminal.run("serve", **AWAY, **given)

    assert ended.code in (1, 2)
    (line,) = ended.err.splitlines()
    assert expected in line


def test_tokens_without_the_extra_are_refused_at_the_start(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    """
    Not at the first caller.
    """
    monkeypatch.setattr("api.admission.find_spec", lambda name: None)
    ended = terminal.run("serve", **AWAY, **JWKS, GOLDENTHREAD_ISSUER="https://login.example.org")

    assert 2 == ended.code
    assert "pip install 'goldenthread[auth]'" in ended.err


def test_a_policy_is_checked_and_explained(terminal: Terminal, tmp_path: Path) -> None:
    """
    As a table for people, as JSON for programs; what is wrong is named with its table and key.
    """
    ended = terminal.run("policy", "check", POLICY)
    assert (0, "") == (ended.code, ended.err)
    assert "board" in ended.out

    people = terminal.run("policy", "explain", "board", "--file", POLICY)
    assert 0 == people.code and "RESTRICTED" in people.out

    terminal.patch.setenv("GOLDENTHREAD_POLICY", str(POLICY))
    told = json.loads(terminal.run("policy", "explain", "board", "--json").out)
    assert ("board", "RESTRICTED", []) == (told["role"], told["clearance"], told["hiddenKinds"])
    assert 10_000 == told["cost"]
    frontline = terminal.run("policy", "explain", "frontline", "--json", **CHEAP).out
    assert 500 == json.loads(frontline)["cost"]
    nobody = json.loads(terminal.run("policy", "explain", "nobody", "--json").out)
    assert ([], []) == (nobody["kinds"], nobody["verbs"])

    wrong = tmp_path / "policy.toml"
    wrong.write_text('[roles.x]\nverbs = ["createe"]\n')
    ended = terminal.run("policy", "check", wrong)
    assert (1, "") == (ended.code, ended.out)
    assert "[roles.x] verbs: `createe` is no mutation" in ended.err


def test_a_role_that_the_policy_does_not_know_is_named(terminal: Terminal) -> None:
    """
    With those that there are; without a policy, what to set.
    """
    ended = terminal.run("policy", "explain", "bord", "--file", POLICY)
    assert 1 == ended.code and "board" in ended.err

    ended = terminal.run("policy", "explain", "board", GOLDENTHREAD_POLICY="")
    assert 2 == ended.code and "GOLDENTHREAD_POLICY" in ended.err
