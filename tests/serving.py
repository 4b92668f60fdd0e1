"""How tests ask over HTTP, and what they expect of every refusal."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.testclient import TestClient
from starlette.types import ASGIApp

from api import app as served
from api.errors import CODES
from api.limits import DEFAULTS, Limits
from api.sign_in import SignIn
from api.socket_wire import SocketProtocol
from api.tokens import Claims
from api.wire import limited
from graph.store import Address
from graph.viewers import EVERYONE, Viewer

NOWHERE = Address("bolt://127.0.0.1:1", "neo4j", "none")
"""For questions that need no database."""


class Everything:
    """A policy under which everybody sees everything."""

    def viewer(self, subject: str, roles: Sequence[str], token: str | None = None) -> Viewer:
        """Somebody who sees all."""
        return replace(EVERYONE, subject=subject)


class Anything:
    """Takes whatever comes for a token."""

    async def claims(self, token: str) -> Claims:
        """A token that says who it is itself."""
        return Claims(token, (), None, datetime.now(UTC) + timedelta(minutes=5))


ALL = SignIn(Everything(), Anything())
"""Nobody needs a token, and any is good."""


def create_app(*given: Any, sign_in: SignIn = ALL, **named: Any) -> Starlette:
    """The service for whoever asks, for tests of other things than access."""
    return served.create_app(*given, sign_in=sign_in, **named)


PATIENT = Limits(deadline=30, writing_deadline=30)
"""For tests of something else than deadlines, on a machine with much to do."""
GRAPHQL = "application/graphql-response+json"
JSON = "application/json"


def ask(client: TestClient, query: str, **variables: Any) -> Any:
    """The JSON of an answer with status 200."""
    response = client.post("/graphql", json={"query": query, "variables": variables})
    assert 200 == response.status_code, response.text
    return told(response)


def told(response: Any) -> Any:
    """The JSON of an answer, without what it cost."""
    answer = response.json()
    if "extensions" in answer:
        assert {"cost"} == answer.pop("extensions").keys()
    return answer


def code(told: Any) -> str:
    """The code of the only error, which carries a request id and no more than agreed."""
    (error,) = told["errors"]
    assert {"code", "requestId"} == error["extensions"].keys()
    assert error["extensions"]["requestId"]
    assert error["extensions"]["code"] in CODES
    return str(error["extensions"]["code"])


def refused(response: Any) -> tuple[int, str]:
    """Status and code of a refusal, which is JSON and has one request id in head and body."""
    told = response.json()
    assert "data" not in told
    assert response.headers["X-Request-ID"] == told["errors"][0]["extensions"]["requestId"]
    return response.status_code, code(told)


def media(response: Any) -> str:
    """The media type of an answer, which names its encoding."""
    name, _, parameter = response.headers["Content-Type"].partition("; ")
    assert "charset=utf-8" == parameter
    return str(name)


@contextmanager
def listening(app: ASGIApp, limits: Limits = DEFAULTS) -> Iterator[int]:
    """The port of the app behind uvicorn, as long as the block runs."""
    config = uvicorn.Config(
        app,
        port=0,
        log_config=None,
        lifespan="on",
        http=limited(limits),
        timeout_keep_alive=limits.idle_seconds,
        ws=SocketProtocol,
        ws_max_size=262_144,
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.02)
    try:
        yield server.servers[0].sockets[0].getsockname()[1]
    finally:
        server.should_exit = True
        thread.join(10)
    assert not thread.is_alive()
