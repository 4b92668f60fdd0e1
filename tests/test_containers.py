"""The Dockerfile and the compose file against the product; there need be no Docker engine."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys
import tomllib
from fnmatch import fnmatch
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
import yaml
from typer.main import get_group

from api.app import create_app
from api.cli import app
from api.ending import DRAIN, NOTICE
from api.settings import Settings
from graph.local import LOCK
from graph.store import Address, Store

ROOT = Path(__file__).resolve().parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
OLDEST = (5, 26, 22)
"""The oldest Neo4j without faults that matter to us."""


def instructions() -> list[tuple[str, str]]:
    """Instructions of the Dockerfile with what follows; a broken line is one."""
    text = (ROOT / "Dockerfile").read_text().replace("\\\n", " ")
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    return [(line.split()[0], line.partition(" ")[2].strip()) for line in lines]


def last(name: str) -> str:
    """The last instruction of that name: the one of the image itself."""
    return [rest for word, rest in instructions() if word == name][-1]


def copied() -> list[str]:
    """Paths that are copied out of the repository."""
    rests = [shlex.split(rest) for word, rest in instructions() if word == "COPY"]
    return [path for words in rests if not words[0].startswith("--") for path in words[:-1]]


def compose() -> dict[str, Any]:
    """The compose file."""
    found: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
    return found


SERVICE = compose()["services"]["goldenthread"]
DATABASE = compose()["services"]["neo4j"]
CHECKS = {
    "Dockerfile": json.loads(last("HEALTHCHECK").partition("CMD ")[2]),
    "docker-compose.yml": SERVICE["healthcheck"]["test"][1:],
}


def seconds(told: str) -> float:
    """A duration as compose files write it."""
    return sum(float(n) * {"m": 60, "s": 1}[unit] for n, unit in re.findall(r"(\d+)([ms])", told))


def test_what_the_image_copies_is_there_and_let_in() -> None:
    """
    Each path exists and .dockerignore names it; the wheel finds all that it is made of.
    """
    let_in = {
        line[1:]
        for line in (ROOT / ".dockerignore").read_text().splitlines()
        if line.startswith("!")
    }
    wheel = PROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]["only-include"]
    needed = {*wheel, PROJECT["project"]["readme"], *PROJECT["project"]["license-files"]}

    assert [] == [path for path in copied() if not (ROOT / path).exists()]
    assert let_in == set(copied())
    assert needed <= set(copied())


def test_the_image_serves_without_arguments() -> None:
    """
    Its entry point is a script of the package, its default words are a command that parses.
    """
    (entry,), words = json.loads(last("ENTRYPOINT")), json.loads(last("CMD"))
    group = get_group(app)

    assert entry in PROJECT["project"]["scripts"]
    assert "serve" == words[0]
    group.commands[words[0]].make_context(words[0], words[1:])


def test_the_image_runs_as_a_user_without_rights() -> None:
    """
    The user is a number that is not 0, so that an orchestrator can see it.
    """
    assert int(last("USER")) > 0
    for service in (SERVICE, DATABASE):
        assert ["ALL"] == service["cap_drop"]
        assert ["no-new-privileges:true"] == service["security_opt"]
    assert SERVICE["read_only"]


def test_ports_agree() -> None:
    """
    The image exposes the default port, and compose publishes it on this machine alone.
    """
    port = Settings.model_fields["goldenthread_port"].default

    assert str(port) == last("EXPOSE")
    assert [f"127.0.0.1:{port}:{port}"] == SERVICE["ports"]
    assert all(f"'127.0.0.1', {port}," in check[-1] for check in CHECKS.values())


def test_only_settings_that_exist_are_set() -> None:
    """
    The image and compose name environment variables that the service reads, and python's own.
    """
    known = {name.upper() for name in Settings.model_fields}
    image = re.findall(r"([A-Z_]+)=", last("ENV"))

    assert set(SERVICE["environment"]) <= known
    assert [] == [name for name in image if name not in known and not fnmatch(name, "P*")]


def test_the_password_comes_from_outside() -> None:
    """
    It must be given, is the same for both, and stands in no file.
    """
    given = SERVICE["environment"]["NEO4J_PASSWORD"]

    assert re.fullmatch(r"\$\{NEO4J_PASSWORD:\?[^}]+\}", given)
    assert f"neo4j/{given}" == DATABASE["environment"]["NEO4J_AUTH"]


def test_the_neo4j_of_compose_is_the_one_that_the_private_form_runs() -> None:
    """
    One version for both, pinned to the patch, and none older than the oldest that is safe.
    """
    locked = tomllib.loads(LOCK.read_text())["dependencies"][0]

    assert f"neo4j:{locked['version']}-community" == DATABASE["image"]
    assert OLDEST <= tuple(map(int, locked["version"].split(".")))


async def test_neo4j_knows_the_settings_that_compose_gives_it(door: Store) -> None:
    """
    `NEO4J_a_b__c` is the image's way to write `a.b_c`; a word that it does not know ends its start.
    """
    known = await door.answer("SHOW SETTINGS YIELD name RETURN collect(name) AS answer")
    given = [name.removeprefix("NEO4J_") for name in DATABASE["environment"]]
    given.remove("AUTH")
    names = [re.sub("_(?!_)", ".", name.replace("__", "\0")).replace("\0", "_") for name in given]

    assert "db.transaction.timeout" in names
    assert [] == [name for name in names if name not in known]


def test_the_service_waits_for_a_database_that_is_well() -> None:
    """
    It is started after Neo4j has answered a statement, and asks it by the name compose gives it.
    """
    assert {"neo4j": {"condition": "service_healthy"}} == SERVICE["depends_on"]
    assert "cypher-shell" in DATABASE["healthcheck"]["test"]
    assert "bolt://neo4j:7687" == SERVICE["environment"]["NEO4J_URI"]
    assert ["graph:/data"] == DATABASE["volumes"] and "graph" in compose()["volumes"]


def test_a_stop_leaves_the_service_its_time() -> None:
    """
    Compose kills later than the service needs to look away and to finish what is at work.
    """
    assert NOTICE + DRAIN < seconds(SERVICE["stop_grace_period"])


@pytest.mark.parametrize(
    ("name", "status", "code"),
    [(name, status, int(status != 200)) for name in CHECKS for status in (200, 503)],
)
def test_a_health_check_says_what_the_service_says(name: str, status: int, code: int) -> None:
    """
    The command, as it stands there, ends with 0 for 200 and with 1 for 503; its path is served.
    """
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        Thread(target=server.serve_forever, args=[0.05]).start()
        python, *words = CHECKS[name]
        here = [word.replace("8000", str(server.server_port)) for word in words]
        done = subprocess.run([sys.executable, *here], timeout=60)
        server.shutdown()

    assert ("python", code) == (python, done.returncode)
    assert set(asked) < {route.path for route in create_app(Address("bolt://x", "", "")).routes}
    assert 1 == len(asked)


def test_a_health_check_fails_where_nobody_answers() -> None:
    """
    A service that is gone is not well.
    """
    for _, *words in CHECKS.values():
        here = [word.replace("8000", "1") for word in words]
        assert 0 != subprocess.run([sys.executable, *here], stderr=subprocess.DEVNULL).returncode
