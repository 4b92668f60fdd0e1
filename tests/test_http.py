"""The service over HTTP: what it answers and how it refuses."""

from __future__ import annotations

import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from starlette.testclient import TestClient
from structlog.testing import capture_logs

import api.app
from api.resolving import ANSWERS
from api.schema import build
from graph.store import Address, Store
from tests.serving import PATIENT, ask, code, create_app, listening, refused, told

Client = TestClient


@pytest.fixture
def client(bank: Store, address: Address) -> Iterator[Client]:
    """The service over the sample bank."""
    with TestClient(create_app(address, limits=PATIENT)) as it:
        yield it


WRONG = {
    "unknown field": ('{ kpi(key: "nps") { nope } }', {}, "GRAPHQL_VALIDATION_FAILED"),
    "unknown argument": ("{ kpis(last: 1) { totalCount } }", {}, "GRAPHQL_VALIDATION_FAILED"),
    "wrong literal": ('{ kpis(first: "x") { totalCount } }', {}, "GRAPHQL_VALIDATION_FAILED"),
    "null where one must be": (
        'mutation { create(input: {reason: "x", validFrom: "2024-01-01", thing: {kpi: null}})'
        " { __typename } }",
        {},
        "BAD_REQUEST",
    ),
    "syntax": ("{ kpi(key: ", {}, "GRAPHQL_PARSE_FAILED"),
    "nothing": ("", {}, "GRAPHQL_PARSE_FAILED"),
    "missing variable": ("query ($k: String!) { kpi(key: $k) { id } }", {}, "BAD_REQUEST"),
    "wrong variable": ("query ($k: String!) { kpi(key: $k) { id } }", {"k": 7}, "BAD_REQUEST"),
    "wrong variable in an input": (
        "query ($f: KpiFilter) { kpis(filter: $f) { totalCount } }",
        {"f": {"key": {"like": "x"}}},
        "BAD_REQUEST",
    ),
    "bad moment": ('{ kpi(key: "nps", asOf: {validAt: "then"}) { id } }', {}, "BAD_REQUEST"),
    "bad moment in a variable": (
        'query ($t: DateTime) { kpi(key: "nps", asOf: {validAt: $t}) { id } }',
        {"t": "then"},
        "BAD_REQUEST",
    ),
    "knowledge of the future": (
        '{ kpi(key: "nps", asOf: {knownAt: "2199-01-01"}) { id } }',
        {},
        "BAD_REQUEST",
    ),
    "bad cursor": ('{ kpis(after: "zzz") { totalCount nodes { id } } }', {}, "BAD_REQUEST"),
    "bad page size": ("{ kpis(first: 0) { nodes { id } } }", {}, "BAD_REQUEST"),
    "bad depth": ('{ lineage(of: "kpi:nps", maxDepth: 51) { root { id } } }', {}, "BAD_REQUEST"),
    "no depth": ('{ lineage(of: "kpi:nps", maxDepth: 0) { root { id } } }', {}, "BAD_REQUEST"),
    "bad id": ('{ lineage(of: "nps") { root { id } } }', {}, "BAD_REQUEST"),
    "no part of lineage": ('{ lineage(of: "theme:x") { root { id } } }', {}, "BAD_REQUEST"),
    "too many ids": (
        "query ($ids: [ID!]!) { nodes(ids: $ids) { id } }",
        {"ids": [f"kpi:{i}" for i in range(201)]},
        "BAD_REQUEST",
    ),
    "too many chains": (
        '{ chains(from: "kpi:nps", to: "kpi:churn", first: 101) { chains { sign } } }',
        {},
        "BAD_REQUEST",
    ),
    "too many chains of an effect": (
        '{ impact(of: [{on: "kpi:nps"}]) { effects { chains(first: 0) { sign } } } }',
        {},
        "BAD_REQUEST",
    ),
    "comparison with nothing": (
        "{ kpis(filter: {key: {contains: null}}) { totalCount } }",
        {},
        "BAD_REQUEST",
    ),
    "several operations without a name": (
        "query A { nodes(ids: []) { id } } query B { nodes(ids: []) { id } }",
        {},
        "BAD_REQUEST",
    ),
}


@pytest.mark.parametrize(("query", "variables", "expected"), WRONG.values(), ids=WRONG.keys())
def test_every_kind_of_mistake_has_its_code(
    client: Client, query: str, variables: dict[str, Any], expected: str
) -> None:
    """
    One closed list of codes; the asker's mistakes are never INTERNAL.
    """
    response = client.post("/graphql", json={"query": query, "variables": variables})

    assert expected == code(response.json())


def test_one_of_several_operations_is_named(client: Client) -> None:
    """
    The named one is answered; a name that no operation has is refused.
    """
    query = "query A { a: nodes(ids: []) { id } } query B { b: nodes(ids: []) { id } }"
    one = client.post("/graphql", json={"query": query, "operationName": "B"})
    none = client.post("/graphql", json={"query": query, "operationName": "C"})

    assert {"data": {"b": []}} == told(one)
    assert "BAD_REQUEST" == code(none.json())


def test_what_is_not_there_or_not_allowed_is_refused_in_json(client: Client) -> None:
    """
    404 elsewhere, 405 with Allow for other verbs.
    """
    assert (404, "NOT_FOUND") == refused(client.get("/nope"))
    assert (404, "NOT_FOUND") == refused(client.get("/health/"))
    assert (405, "BAD_REQUEST") == refused(client.delete("/graphql"))
    assert (405, "BAD_REQUEST") == refused(client.post("/health"))
    assert {"GET", "HEAD"} == {*client.post("/health").headers["Allow"].split(", ")}


def test_what_goes_wrong_on_our_side_is_not_told(
    bank: Store, address: Address, monkeypatch: pytest.MonkeyPatch
) -> None:
    """
    INTERNAL with the caller's request id and none of the text; the rest of the answer stays, and
    the log holds the text under that id.
    """

    async def broken(*_: Any, **__: Any) -> None:
        raise RuntimeError("password=hunter2")

    schema = build()
    kpi = schema._schema.query_type.fields["kpi"]  # type: ignore[union-attr]
    kpi.extensions[ANSWERS] = broken
    monkeypatch.setattr(api.app, "schema", lambda: schema)
    with TestClient(create_app(address, limits=PATIENT)) as client, capture_logs() as logs:
        response = client.post(
            "/graphql",
            json={"query": '{ kpi(key: "nps") { id } node(id: "kpi:nps") { id } }'},
            headers={"X-Request-ID": "r-1"},
        )
    told = response.json()

    assert "INTERNAL" == code(told)
    assert "r-1" == told["errors"][0]["extensions"]["requestId"]
    assert "r-1" == response.headers["X-Request-ID"]
    assert "hunter2" not in response.text and "Error" not in response.text
    assert {"kpi": None, "node": {"id": "kpi:nps"}} == told["data"]
    (logged,) = [entry for entry in logs if entry["event"] == "internal error"]
    assert ("r-1", "password=hunter2") == (logged["request_id"], str(logged["exc_info"]))


def test_an_unknown_id_is_null_and_no_error(client: Client) -> None:
    """
    For every question that asks for one thing, whatever the id looks like; a plan is told which.
    """
    told = ask(
        client,
        """
        {
          kpi(key: "nope") { id } empty: kpi(key: "") { id } odd: kpi(key: "a\\u0000b:;") { id }
          node(id: "kpi:nope") { id } no: node(id: "nope") { id } none: node(id: "") { id }
          record: node(id: "series:nope") { id } link: node(id: "affects:nope") { id }
          nodes(ids: ["kpi:nps", "kpi:nope", "x:y", "kpi:nps"]) { id }
          lineage(of: "kpi:nope") { root { id } }
          strange: lineage(of: "planet:mars") { root { id } }
          chains(from: "kpi:nope", to: "kpi:nps") { chains { sign } }
        }
        """,
    )
    plan = ask(client, '{ impact(of: [{on: "kpi:nope"}]) { effects { sign } } }')
    nps = {"id": "kpi:nps"}

    assert "errors" not in told
    assert [nps, None, None, nps] == told["data"].pop("nodes")
    assert {None} == set(told["data"].values())
    assert ({"impact": None}, 1) == (plan["data"], len(plan["errors"]))
    assert "NOT_FOUND" == plan["errors"][0]["extensions"]["code"]
    assert plan["errors"][0]["message"].startswith("kpi:nope: not in force")


def test_questions_may_be_asked_by_get(client: Client) -> None:
    """
    A query in the address is answered as one in the body.
    """
    query = "query ($k: String!) { kpi(key: $k) { name } }"
    got = client.get("/graphql", params={"query": query, "variables": '{"k": "nps"}'})

    assert ask(client, query, k="nps") == told(got)


def test_the_schema_is_served_as_text(client: Client) -> None:
    """
    `/schema.graphql` is what the repository holds.
    """
    text = client.get("/schema.graphql").text

    assert text.startswith("directive @oneOf")
    assert "type Query {" in text


def test_it_serves_on_a_real_socket(bank: Store, address: Address) -> None:
    """
    Behind uvicorn, over TCP, twenty at once, and gone when told to go.
    """

    def fetch(_: int) -> tuple[int, bytes]:
        request = urllib.request.Request(
            f"http://127.0.0.1:{port}/graphql",
            b'{"query": "{ kpi(key: \\"nps\\") { name } }"}',
            {"Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=20) as response:
            return response.status, response.read()

    with listening(create_app(address, limits=PATIENT)) as port, ThreadPoolExecutor(8) as pool:
        answers = set(pool.map(fetch, range(20)))

    told = b'{"data":{"kpi":{"name":"Net promoter score"}},'
    assert {(200, told + b'"extensions":{"cost":{"requested":1,"limit":10000}}}')} == answers
