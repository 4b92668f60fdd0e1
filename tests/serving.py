"""How tests ask over HTTP, and what they expect of every refusal."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import uvicorn
from starlette.testclient import TestClient
from starlette.types import ASGIApp

from api.errors import CODES
from api.limits import DEFAULTS, Limits
from api.wire import limited
from graph.store import Address

NOWHERE = Address("bolt://127.0.0.1:1", "neo4j", "none")
"""For questions that need no database."""
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
