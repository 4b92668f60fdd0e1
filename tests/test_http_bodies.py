"""GraphQL over HTTP: what a request may look like, as the body of a POST."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.testclient import TestClient

from api.app import create_app
from api.errors import Declined
from api.requests import GraphQLRequest, from_address, from_body
from tests.serving import GRAPHQL, JSON, NOWHERE, refused, told

Client = TestClient
ASKED = '{"query": "{ __typename }"}'
TYPENAME = {"data": {"__typename": "Query"}}
MALFORMED = {
    "nothing": b"",
    "half": b"{",
    "words": b"NONSENSE",
    "null": b"null",
    "a number": b"7",
    "a string": b'"text"',
    "true": b"true",
    "bad UTF-8": b'{"query": "\xff\xfe"}',
    "UTF-16": '{"query": "{ __typename }"}'.encode("utf-16"),
    "a byte order mark": b"\xef\xbb\xbf" + ASKED.encode(),
    "half a surrogate": b'{"query": "\\ud800"}',
    "NaN": b'{"query": "{ __typename }", "variables": {"n": NaN}}',
    "an integer of 5,000 digits": b'{"query": "{ __typename }", "variables": {"n": %s}}'
    % (b"9" * 5000),
    "a batch": f"[{ASKED}]".encode(),
    "an empty batch": b"[]",
    "lists nested 1,000 deep": b"[" * 1000 + b"]" * 1000,
    "variables nested 1,000 deep": b'{"query": "{ __typename }", "variables": %s1%s}'
    % (b'{"a":' * 1000, b"}" * 1000),
    "variables nested 100,000 deep": b'{"query": "{ __typename }", "variables": %s'
    % (b"[" * 99999),
    "no query": b"{}",
    "a mistyped query": b'{"qeury": "{ __typename }"}',
    "a query of null": b'{"query": null}',
    "a query that is a number": b'{"query": 7}',
    "a query that is a list": b'{"query": ["{ __typename }"]}',
    "a name that is a number": b'{"query": "{ __typename }", "operationName": 7}',
    "variables as a list": b'{"query": "{ __typename }", "variables": [7]}',
    "variables as a string": b'{"query": "{ __typename }", "variables": "{}"}',
    "variables as a number": b'{"query": "{ __typename }", "variables": 0}',
    "extensions as a list": b'{"query": "{ __typename }", "extensions": []}',
    "extensions as false": b'{"query": "{ __typename }", "extensions": false}',
    "a name twice": b'{"query": "{ nope }", "query": "{ __typename }"}',
    "a name twice, spelled otherwise": b'{"query": "{ nope }", "qu\\u0065ry": "{ __typename }"}',
    "a variable twice": b'{"query": "{ __typename }", "variables": {"a": 1, "a": 2}}',
}
WELL_FORMED = {
    "only a query": ASKED,
    "nulls": '{"query": "{ __typename }", "operationName": null, "variables": null,'
    ' "extensions": null}',
    "all of it": '{"query": "query A { __typename }", "operationName": "A", "variables": {},'
    ' "extensions": {"ours": {"a": [1]}}}',
    "members that nobody knows": '{"query": "{ __typename }", "id": 7, "persisted": [null]}',
    "variables that nobody declared": '{"query": "{ __typename }", "variables": {"k": 1}}',
    "60 levels": '{"query": "{ __typename }", "variables": {"a": %s}}' % ("[" * 60 + "]" * 60),
}
CONTENT_TYPES = {
    JSON: 200,
    "Application/JSON": 200,
    f"{JSON}; charset=utf-8": 200,
    f'{JSON};charset="UTF-8"': 200,
    f"{JSON}; charset=utf8": 200,
    f"{JSON}; charset=utf-16": 415,
    f"{JSON}; charset=latin-1": 415,
    f"{JSON}, text/plain": 415,
    "": 415,
    "text/plain": 415,
    "text/plain; charset=utf-8": 415,
    "multipart/form-data; boundary=x": 415,
    "application/x-www-form-urlencoded": 415,
    "application/graphql": 415,
    "application/graphql+json": 415,
    GRAPHQL: 415,
    "application/jsonp": 415,
}


@pytest.fixture(scope="module")
def client() -> Iterator[Client]:
    """The service; no question here reaches a database."""
    with TestClient(create_app(NOWHERE)) as it:
        yield it


def sent(client: Client, body: bytes | str, **headers: str) -> Any:
    """The response to a POST of a body, as JSON unless said otherwise."""
    given = {"Content-Type": JSON, **{k.replace("_", "-"): v for k, v in headers.items()}}
    return client.post("/graphql", content=body, headers=given)


@pytest.mark.parametrize("accept", [JSON, GRAPHQL])
@pytest.mark.parametrize("body", MALFORMED.values(), ids=MALFORMED.keys())
def test_a_body_that_is_no_request_is_400(client: Client, body: bytes, accept: str) -> None:
    """
    Whatever is sent, in both types: JSON with a code and the caller's request id, never 500.
    """
    response = sent(client, body, Accept=accept, X_Request_ID="mine")

    assert (400, "BAD_REQUEST") == refused(response)
    assert "mine" == response.headers["X-Request-ID"]


@pytest.mark.parametrize("body", WELL_FORMED.values(), ids=WELL_FORMED.keys())
def test_a_well_formed_request_is_answered(client: Client, body: str) -> None:
    """
    Null is not given; what a server does not know it ignores.
    """
    assert TYPENAME == told(sent(client, body))


def test_a_batch_is_told_what_to_do(client: Client) -> None:
    """
    Not that it is a list, but what to send in its place.
    """
    message = sent(client, f"[{ASKED},{ASKED}]").json()["errors"][0]["message"]

    assert "one at a time" in message


@pytest.mark.parametrize(("given", "status"), CONTENT_TYPES.items())
def test_only_json_in_utf_8_is_read(client: Client, given: str, status: int) -> None:
    """
    What a page of another origin may post without asking first is refused, with what to write.
    """
    response = sent(client, ASKED, Content_Type=given)

    assert status == response.status_code
    if status == 415:
        assert (415, "BAD_REQUEST") == refused(response)
        assert JSON in response.json()["errors"][0]["message"]


def test_a_post_without_a_content_type_is_refused(client: Client) -> None:
    """
    A guess would be a way around the question that browsers ask first.
    """
    assert (415, "BAD_REQUEST") == refused(client.post("/graphql", content=ASKED))


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br", "gzip, identity"])
def test_a_compressed_body_is_refused(client: Client, coding: str) -> None:
    """
    Small on the way and huge in memory; the answer says that it is taken as it is only.
    """
    response = sent(client, gzip.compress(ASKED.encode()), Content_Encoding=coding)

    assert (415, "BAD_REQUEST") == refused(response)
    assert "identity" == response.headers["Accept-Encoding"]


def test_gzip_without_its_name_is_no_json(client: Client) -> None:
    """
    Bytes that are no JSON are 400, whatever they are.
    """
    assert (400, "BAD_REQUEST") == refused(sent(client, gzip.compress(ASKED.encode())))


@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_no_bytes_are_more_than_declined(body: bytes) -> None:
    """
    Any body at all is a request or is declined in words; nothing else is raised.
    """
    try:
        assert isinstance(from_body(body), GraphQLRequest)
    except Declined as error:
        assert (400, "BAD_REQUEST") == (error.status, error.code)


@given(
    st.fixed_dictionaries(
        {"query": st.text(min_size=1)},
        optional={
            "operationName": st.none() | st.text(min_size=1),
            "variables": st.none() | st.dictionaries(st.text(), st.integers(-(2**53), 2**53)),
            "extensions": st.none() | st.dictionaries(st.text(), st.booleans()),
        },
    )
)
def test_both_ways_say_the_same(asked: dict[str, Any]) -> None:
    """
    One request in the address and in a body is one request.
    """
    shown = {
        name: value if isinstance(value, str) else json.dumps(value)
        for name, value in asked.items()
        if value is not None
    }

    assert from_body(json.dumps(asked, ensure_ascii=False).encode()) == from_address(
        urlencode(shown).encode()
    )
