"""GraphQL over HTTP: in which media type and with which status an answer comes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from starlette.testclient import TestClient
from structlog.testing import capture_logs

import api.app
from api.errors import CODES, STATUS
from api.negotiation import negotiated
from api.resolving import ANSWERS
from api.schema import build
from graph.errors import Unavailable
from tests.serving import GRAPHQL, JSON, NOWHERE, code, create_app, media, refused, told

Client = TestClient
ACCEPT = {
    "": JSON,
    "*/*": JSON,
    "application/*": JSON,
    JSON: JSON,
    GRAPHQL: GRAPHQL,
    "Application/GraphQL-Response+JSON": GRAPHQL,
    f"{GRAPHQL}, {JSON}": GRAPHQL,
    f"{JSON}, {GRAPHQL}": JSON,
    f"{GRAPHQL}, {JSON};q=0.9": GRAPHQL,
    f"{JSON};q=0.8, {GRAPHQL};q=0.9": GRAPHQL,
    f"{GRAPHQL};q=0.8, {JSON};q=0.9": JSON,
    f"{GRAPHQL}; charset=utf-8, {JSON}; charset=utf-8": GRAPHQL,
    f'{GRAPHQL}; charset="UTF-8"': GRAPHQL,
    f"*/*, {GRAPHQL}": GRAPHQL,
    f"*/*;q=0.1, {GRAPHQL};q=0.2": GRAPHQL,
    f"{JSON};q=0, */*": GRAPHQL,
    f"{GRAPHQL};q=0, application/*": JSON,
    "text/html, application/xhtml+xml, application/xml;q=0.9, */*;q=0.8": JSON,
    f"{JSON};q=0.000, {GRAPHQL};q=0.001": GRAPHQL,
    "text/html": None,
    "application/xml, text/*": None,
    "text/event-stream": None,
    f"{JSON};q=0": None,
    "*/*;q=0": None,
    f"{JSON}; charset=utf-16": None,
    f"{JSON};q=much": None,
    f"{JSON};q=nan": None,
    f"{JSON};q=2": None,
    " , ": JSON,
}
REQUEST_ERRORS = {
    "document that does not parse": ({"query": "{"}, "GRAPHQL_PARSE_FAILED"),
    "empty document": ({"query": ""}, "GRAPHQL_PARSE_FAILED"),
    "blank document": ({"query": "  # nothing"}, "GRAPHQL_PARSE_FAILED"),
    "only a fragment": ({"query": "fragment f on Query { __typename }"}, "BAD_REQUEST"),
    "document nested too deep": (
        {"query": "{" + "a{" * 900 + "b" + "}" * 901},
        "GRAPHQL_PARSE_FAILED",
    ),
    "document that does not validate": ({"query": "{ nope }"}, "GRAPHQL_VALIDATION_FAILED"),
    "no operation of that name": (
        {"query": "query A { __typename }", "operationName": "B"},
        "BAD_REQUEST",
    ),
    "an empty name": ({"query": "query A { __typename }", "operationName": ""}, "BAD_REQUEST"),
    "two operations without a name": (
        {"query": "query A { __typename } query B { __typename }"},
        "BAD_REQUEST",
    ),
    "variable that cannot be coerced": (
        {"query": "query ($k: String!) { kpi(key: $k) { id } }", "variables": {"k": None}},
        "BAD_REQUEST",
    ),
    "variable that is missing": (
        {"query": "query ($k: String!) { kpi(key: $k) { id } }"},
        "BAD_REQUEST",
    ),
    "mutation where there are none": ({"query": "mutation { x }"}, "GRAPHQL_VALIDATION_FAILED"),
}


@pytest.fixture(scope="module")
def client() -> Iterator[Client]:
    """The service; no question here reaches a database."""
    with TestClient(create_app(NOWHERE)) as it:
        yield it


@pytest.fixture
def half(monkeypatch: pytest.MonkeyPatch) -> Iterator[Client]:
    """A service in which one root field fails."""

    async def broken(*_: Any, **__: Any) -> None:
        raise Unavailable("away")

    schema = build()
    kpi = schema._schema.query_type.fields["kpi"]  # type: ignore[union-attr]
    kpi.extensions[ANSWERS] = broken
    monkeypatch.setattr(api.app, "schema", lambda: schema)
    with TestClient(create_app(NOWHERE)) as it:
        yield it


def post(client: Client, body: Any, accept: str = JSON) -> Any:
    """The response to a JSON body."""
    return client.post("/graphql", json=body, headers={"Accept": accept})


@pytest.mark.parametrize(("accept", "expected"), ACCEPT.items())
def test_the_answer_has_the_type_that_accept_prefers(accept: str, expected: str | None) -> None:
    """
    Weight first, then the more exact name, then the earlier; without Accept `application/json`.
    """
    assert expected == negotiated(accept)


@pytest.mark.parametrize("accept", [JSON, GRAPHQL])
def test_an_answer_names_its_media_type_and_utf_8(client: Client, accept: str) -> None:
    """
    Data without errors is 200 in both types; no cache keeps it, and it varies by Accept.
    """
    response = post(client, {"query": "{ __typename }"}, accept)

    assert (200, accept) == (response.status_code, media(response))
    assert {"data": {"__typename": "Query"}} == told(response)
    assert "no-store" == response.headers["Cache-Control"]
    assert "Accept" in response.headers["Vary"]
    assert "nosniff" == response.headers["X-Content-Type-Options"]


def test_several_accept_headers_are_one_list(client: Client) -> None:
    """
    A client or proxy may spread the list over headers of that name.
    """
    several = [("Accept", "text/html"), ("Accept", GRAPHQL)]
    client.headers.pop("Accept", None)
    response = client.post("/graphql", json={"query": "{ __typename }"}, headers=several)

    assert GRAPHQL == media(response)


def test_no_acceptable_type_is_406(client: Client) -> None:
    """
    The refusal says what could be asked for, in JSON all the same.
    """
    response = post(client, {"query": "{ __typename }"}, "text/html")

    assert (406, "BAD_REQUEST") == refused(response)
    assert JSON == media(response)
    assert GRAPHQL in response.json()["errors"][0]["message"]


@pytest.mark.parametrize(("body", "expected"), REQUEST_ERRORS.values(), ids=REQUEST_ERRORS.keys())
def test_a_request_error_is_400_in_the_new_type_and_200_in_the_old(
    client: Client, body: Any, expected: str
) -> None:
    """
    Nothing was executed: no `data`, in neither type, and the same error in both.
    """
    new, old = post(client, body, GRAPHQL), post(client, body, JSON)

    assert [(400, GRAPHQL), (200, JSON)] == [(r.status_code, media(r)) for r in (new, old)]
    assert [expected, expected] == [refused(new)[1], refused(old)[1]]


@pytest.mark.parametrize("accept", [JSON, GRAPHQL])
def test_a_field_that_fails_leaves_the_rest_of_the_answer(half: Client, accept: str) -> None:
    """
    Executed is 200 in both types: `data` with null for the field, and the error beside it.
    """
    response = post(half, {"query": '{ __typename kpi(key: "x") { id } }'}, accept)

    assert (200, accept) == (response.status_code, media(response))
    assert {"__typename": "Query", "kpi": None} == response.json()["data"]
    assert "UNAVAILABLE" == code(response.json())
    assert ["kpi"] == response.json()["errors"][0]["path"]


@pytest.mark.parametrize("accept", [JSON, GRAPHQL])
def test_a_fault_of_ours_before_execution_is_500(
    client: Client, accept: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """
    In both types: no client may take it for an answer. The text is in the log alone.
    """

    def broken(*_: Any, **__: Any) -> None:
        raise RuntimeError("password=hunter2")

    monkeypatch.setattr("strawberry.schema.schema._run_validation", broken)
    with capture_logs() as logs:
        response = post(client, {"query": "{ __schema { queryType { name } } }"}, accept)

    assert (500, "INTERNAL") == refused(response)
    assert accept == media(response)
    assert "hunter2" not in response.text
    assert ["password=hunter2"] == [str(one["exc_info"]) for one in logs if "exc_info" in one]


def test_what_nobody_expected_is_told_in_json(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """
    An exception anywhere in the service: 500 with the caller's request id, its text in the log.
    """

    def broken(*_: Any) -> None:
        raise RuntimeError("password=hunter2")

    monkeypatch.setattr("api.app.sdl", broken)
    with capture_logs() as logs:
        response = client.get("/schema.graphql", headers={"X-Request-ID": "r-1"})

    assert (500, "INTERNAL") == refused(response)
    assert "r-1" == response.headers["X-Request-ID"]
    assert "hunter2" not in response.text and "Error" not in response.text
    (logged,) = [one for one in logs if one["event"] == "internal error"]
    assert ("r-1", "password=hunter2") == (logged["request_id"], str(logged["exc_info"]))


def test_every_code_has_a_status_that_is_an_error() -> None:
    """
    An answer that is only an error never has a status of success.
    """
    assert {*CODES} == STATUS.keys()
    assert [] == [name for name, status in STATUS.items() if not 400 <= status <= 599]
