"""How tests ask over HTTP, and what they expect of every refusal."""

from __future__ import annotations

from typing import Any

from starlette.testclient import TestClient

from api.errors import CODES


def ask(client: TestClient, query: str, **variables: Any) -> Any:
    """The JSON of an answer with status 200."""
    response = client.post("/graphql", json={"query": query, "variables": variables})
    assert 200 == response.status_code, response.text
    return response.json()


def code(told: Any) -> str:
    """The code of the only error, which carries a request id and no more than agreed."""
    (error,) = told["errors"]
    assert {"code", "requestId"} == error["extensions"].keys()
    assert error["extensions"]["requestId"]
    assert error["extensions"]["code"] in CODES
    return str(error["extensions"]["code"])
