"""GraphQL over HTTP: questions in the address, other methods, and one request id an answer."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import pytest
from starlette.testclient import TestClient

from api.app import create_app
from tests.serving import GRAPHQL, JSON, NOWHERE, refused, told

Client = TestClient
TYPENAME = {"data": {"__typename": "Query"}}


@pytest.fixture(scope="module")
def client() -> Iterator[Client]:
    """The service; no question here reaches a database."""
    with TestClient(create_app(NOWHERE)) as it:
        yield it


def got(client: Client, address: str) -> Any:
    """The response to a GET, its address written as it stands."""
    return client.get(f"/graphql?{address}")


def test_a_get_carries_all_parameters(client: Client) -> None:
    """
    Each encoded for an address; variables and extensions as JSON; what is empty is not given.
    """
    query = (
        "query A { __typename } query B($t: Boolean!) { __schema @include(if: $t) { __typename } }"
    )
    address = {"query": query, "operationName": "B", "variables": '{"t": false}'}

    assert {"data": {}} == told(got(client, urlencode(address)))
    assert TYPENAME == told(got(client, urlencode(address | {"operationName": "A"})))
    assert TYPENAME == told(got(client, "query={__typename}&variables=&extensions=&other=x"))
    assert TYPENAME == told(got(client, "query=query+null{__typename}&operationName=null"))
    assert TYPENAME == told(got(client, "query=%7B+__typename%0A%7D&variables=null"))


@pytest.mark.parametrize(
    "address",
    {
        "nothing": "",
        "no query": "variables={}",
        "bad UTF-8": "query=%ff%fe",
        "variables that are no JSON": "query={__typename}&variables=7,",
        "variables as a list": "query={__typename}&variables=[]",
        "variables as a string": "query={__typename}&variables=%22x%22",
        "extensions as a number": "query={__typename}&extensions=7",
        "a query twice": "query={__typename}&query={nope}",
        "variables twice": "query={__typename}&variables={}&variables={}",
    }.values(),
)
def test_an_address_that_is_no_request_is_400(client: Client, address: str) -> None:
    """
    As a body that is none.
    """
    assert (400, "BAD_REQUEST") == refused(got(client, address))


@pytest.mark.parametrize("query", ["mutation { x }", "query A { x } mutation M { x }"])
@pytest.mark.parametrize("accept", [JSON, GRAPHQL])
def test_a_mutation_by_get_is_405(client: Client, query: str, accept: str) -> None:
    """
    The named operation counts; `Allow` says how it may be sent.
    """
    named = {"query": query, "operationName": "M" if "M" in query else ""}
    response = client.get("/graphql", params=named, headers={"Accept": accept})

    assert (405, "BAD_REQUEST") == refused(response)
    assert "POST" == response.headers["Allow"]


def test_a_subscription_is_refused(client: Client) -> None:
    """
    Neither POST nor GET can carry what never ends.
    """
    query = "subscription { x }"

    assert (400, "BAD_REQUEST") == refused(client.post("/graphql", json={"query": query}))
    assert (400, "BAD_REQUEST") == refused(client.get("/graphql", params={"query": query}))


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "QUERY", "TRACE", "ET"])
def test_other_methods_are_405_with_allow(client: Client, method: str) -> None:
    """
    Before anything else is looked at.
    """
    response = client.request(method, "/graphql", headers={"Accept": "text/html"})

    assert (405, "BAD_REQUEST") == refused(response)
    assert "GET, HEAD, OPTIONS, POST" == response.headers["Allow"]


def test_options_tells_what_is_allowed(client: Client) -> None:
    """
    Without a body, outside CORS.
    """
    response = client.options("/graphql")

    assert (204, b"") == (response.status_code, response.content)
    assert "GET, HEAD, OPTIONS, POST" == response.headers["Allow"]


def test_head_is_a_get_without_its_body(client: Client) -> None:
    """
    The same headers, the length of the body that a GET would have.
    """
    params = {"query": "{ __typename }"}
    head, get = client.head("/graphql", params=params), client.get("/graphql", params=params)

    assert (200, b"") == (head.status_code, head.content)
    assert str(len(get.content)) == head.headers["Content-Length"]
    assert 405 == client.head("/graphql", params={"query": "mutation { x }"}).status_code


def test_a_slash_at_the_end_is_the_same_address(client: Client) -> None:
    """
    No redirect, which a browser would not follow from another origin.
    """
    response = client.post("/graphql/", json={"query": "{ __typename }"}, follow_redirects=False)

    assert (200, TYPENAME) == (response.status_code, told(response))


def test_a_request_id_is_kept_if_it_is_short_and_plain(client: Client) -> None:
    """
    Anything else gets a new one; two requests never share one.
    """
    kept = client.get("/health", headers={"X-Request-ID": "trace-1/span 2"})
    odd = [
        client.get("/health", headers={"X-Request-ID": one}).headers["X-Request-ID"]
        for one in ("", "x" * 65, b"\xe9\xff", "a\tb")
    ]

    assert ["trace-1/span 2"] == kept.headers.get_list("X-Request-ID")
    assert [32] * 4 == [len(one) for one in odd]
    assert 4 == len(set(odd))
