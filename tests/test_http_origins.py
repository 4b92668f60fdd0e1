"""Browsers: whose pages may read answers, and that nobody else's sockets are opened."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from starlette.testclient import TestClient

from api.settings import Settings, WrongUse, settings
from tests.serving import NOWHERE, create_app, refused

Client = TestClient
BOARD = "https://board.example.org"
FOREIGN = (
    "https://evil.example",
    "http://board.example.org",
    "https://board.example.org:8443",
    "https://board.example.org.evil.example",
    "https://sub.board.example.org",
    "null",
)
ALLOW = "Access-Control-Allow-Origin"
REFUSED = {
    "*": "every page of the web",
    f"{BOARD},*": "every page of the web",
    "board.example.org": "no origin; write scheme and host",
    "ftp://board.example.org": "no origin",
    "null": "no origin",
    "https://": "no origin",
    "https://user@board.example.org": "no origin",
    "https://board.example.org/app": "more than an origin",
    "https://board.example.org?x=1": "more than an origin",
    "https://board.example.org:port": "no address",
    "https://[::1": "no address",
}


@pytest.fixture(scope="module")
def closed() -> Iterator[Client]:
    """The service as it is delivered."""
    with TestClient(create_app(NOWHERE)) as it:
        yield it


@pytest.fixture(scope="module")
def client() -> Iterator[Client]:
    """The service with one page of another origin."""
    with TestClient(create_app(NOWHERE, (BOARD, "http://localhost:3000"))) as it:
        yield it


def preflight(client: Client, origin: str, method: str = "POST", headers: str = "") -> Any:
    """What a browser asks before a page may post."""
    sent = {"Origin": origin, "Access-Control-Request-Method": method, "X-Request-ID": "mine"}
    if headers:
        sent["Access-Control-Request-Headers"] = headers
    return client.options("/graphql", headers=sent)


def test_a_page_on_the_list_may_ask(client: Client) -> None:
    """
    The preflight answers for this origin alone; what the page may send includes a request id.
    """
    response = preflight(client, BOARD, headers="content-type,x-request-id,authorization")

    assert (204, b"") == (response.status_code, response.content)
    assert BOARD == response.headers[ALLOW]
    assert "GET, POST" == response.headers["Access-Control-Allow-Methods"]
    assert "Origin" in response.headers["Vary"]


@pytest.mark.parametrize("body", [{"query": "{ __typename }"}, {"query": "{"}, None])
def test_a_page_on_the_list_may_read_answers_and_refusals(client: Client, body: Any) -> None:
    """
    With its request id and when to come back; without that, a page sees a failure and no reason.
    """
    response = client.post("/graphql", json=body, headers={"Origin": BOARD})

    assert BOARD == response.headers[ALLOW]
    exposed = response.headers["Access-Control-Expose-Headers"].lower().split(", ")
    assert {"x-request-id", "retry-after"} == {*exposed}


def test_a_page_may_read_what_went_wrong_on_our_side(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """
    An exception has the headers of any other answer.
    """
    monkeypatch.setattr("api.app.sdl", None)
    response = client.get("/schema.graphql", headers={"Origin": BOARD})

    assert (500, "INTERNAL") == refused(response)
    assert BOARD == response.headers[ALLOW]


@pytest.mark.parametrize("origin", FOREIGN)
def test_a_foreign_page_may_not_ask(client: Client, origin: str) -> None:
    """
    The preflight is refused in JSON under the caller's request id; an answer could not be read.
    """
    asked = preflight(client, origin)
    answered = client.get(
        "/graphql", params={"query": "{ __typename }"}, headers={"Origin": origin}
    )

    assert (403, "FORBIDDEN") == refused(asked)
    assert "mine" == asked.headers["X-Request-ID"]
    assert ALLOW not in asked.headers and ALLOW not in answered.headers


def test_no_page_may_ask_unless_it_is_on_the_list(closed: Client) -> None:
    """
    Nobody is on the list of a service as it is delivered.
    """
    for origin in (BOARD, "http://localhost:3000", *FOREIGN):
        assert (403, "FORBIDDEN") == refused(preflight(closed, origin))


def test_no_page_may_send_cookies(client: Client) -> None:
    """
    A browser drops an answer to a request with credentials unless it is allowed by name.
    """
    response = client.post(
        "/graphql", json={"query": "{ __typename }"}, headers={"Origin": BOARD, "Cookie": "a=b"}
    )

    for one in (response, preflight(client, BOARD)):
        assert "Access-Control-Allow-Credentials" not in one.headers
        assert "*" != one.headers[ALLOW]


@pytest.mark.parametrize(
    ("method", "headers"), [("DELETE", ""), ("PUT", ""), ("POST", "x-anything")]
)
def test_what_a_page_may_send_is_listed(client: Client, method: str, headers: str) -> None:
    """
    A method or header that is not on the list is refused, whoever asks.
    """
    assert (403, "FORBIDDEN") == refused(preflight(client, BOARD, method, headers))


def test_origins_are_read_as_browsers_write_them(monkeypatch: pytest.MonkeyPatch) -> None:
    """
    In lower case, without the usual port or a slash at the end; nothing is an empty list.
    """
    given = " https://Board.Example.org:443/ ,http://localhost:3000, http://[::1]:80,"
    monkeypatch.setenv("GOLDENTHREAD_ORIGINS", given)
    assert (BOARD, "http://localhost:3000", "http://[::1]") == settings().goldenthread_origins

    monkeypatch.setenv("GOLDENTHREAD_ORIGINS", "")
    assert () == settings().goldenthread_origins == Settings().goldenthread_origins


@pytest.mark.parametrize(("given", "why"), REFUSED.items())
def test_an_origin_that_is_none_stops_the_start(
    given: str, why: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """
    In one line that names the setting and says what to write.
    """
    monkeypatch.setenv("GOLDENTHREAD_ORIGINS", given)
    with pytest.raises(WrongUse, match=why) as refused:
        settings()

    assert str(refused.value).startswith("GOLDENTHREAD_ORIGINS ")
    assert "write scheme and host, e.g. https://" in str(refused.value)
    assert "\n" not in str(refused.value)
