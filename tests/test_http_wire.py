"""GraphQL over HTTP through a real socket: what the server around the service adds or spoils."""

from __future__ import annotations

import asyncio
import json
import socket
from asyncio import Transport
from collections.abc import Iterator, Sequence
from typing import cast

import pytest
from structlog.testing import capture_logs

from api.wire import Gathered
from tests.serving import GRAPHQL, JSON, NOWHERE, code, create_app, listening

BODY = b'{"query": "{ __typename }"}'
LENGTH = f"Content-Length: {len(BODY)}\r\n".encode()
POST = b"POST /graphql HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
AS_JSON = b"Content-Type: application/json\r\n"
NOT_HTTP = {
    "words": b"NONSENSE\r\n\r\n",
    "a TLS greeting": b"\x16\x03\x01\x00\xa5\x01\x00\x00",
    "a header without colon": b"GET / HTTP/1.1\r\nHost: x\r\nbroken header\r\n\r\n",
    "a length that is no number": POST + b"Content-Length: ten\r\n\r\n",
    "two lengths": POST + LENGTH + b"Content-Length: 1\r\n\r\n" + BODY,
    "a chunk without size": POST + AS_JSON + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n",
}


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    """Where the service listens; no question here reaches a database."""
    with listening(create_app(NOWHERE, ("http://localhost:3000",))) as it:
        yield it


def spoken(port: int, request: bytes) -> tuple[int, dict[str, str], bytes]:
    """Status, headers and body of what comes back for these bytes, until the server hangs up."""
    with socket.create_connection(("127.0.0.1", port), timeout=20) as line:
        line.sendall(request)
        data = b"".join(iter(lambda: line.recv(65536), b""))
    head, _, body = data.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    pairs = (one.split(": ", 1) for one in lines)
    return int(first.split()[1]), {name.lower(): value for name, value in pairs}, body


def test_a_question_is_answered(port: int) -> None:
    """
    In the new media type, with its encoding, the caller's request id and no name of the server.
    """
    sent = POST + AS_JSON + LENGTH + f"Accept: {GRAPHQL}\r\nX-Request-ID: mine\r\n\r\n".encode()
    status, headers, body = spoken(port, sent + BODY)

    assert (200, {"__typename": "Query"}) == (status, json.loads(body)["data"])
    assert f"{GRAPHQL}; charset=utf-8" == headers["content-type"]
    assert "mine" == headers["x-request-id"]


class Line:
    """A transport that notes what is sent together."""

    def __init__(self) -> None:
        self.sent: list[bytes] = []
        self.closed = False

    def writelines(self, parts: Sequence[bytes]) -> None:
        """Send all of it."""
        assert not self.closed
        self.sent.append(b"+".join(parts))

    def close(self) -> None:
        """Send no more."""
        self.closed = True

    def is_closing(self) -> bool:
        """Whether it was closed."""
        return self.closed


async def test_head_and_body_are_sent_together_and_nothing_is_kept_back() -> None:
    """
    Two answers, each of head and body; a head whose body comes later; one that is the last.
    """
    line = Line()
    given = Gathered(cast(Transport, line), asyncio.get_running_loop())
    for part in (b"head 1", b"body 1", b"head 2", b"body 2"):
        given.write(part)
    assert line.sent == [b"head 1+body 1", b"head 2+body 2"]
    given.write(b"head 3")
    await asyncio.sleep(0)
    given.write(b"body 3")
    assert line.sent[2:] == [b"head 3"]
    given.close()
    assert line.sent[2:] == [b"head 3", b"body 3"]
    assert given.is_closing()
    await asyncio.sleep(0)


def test_a_body_may_come_in_chunks(port: int) -> None:
    """
    Without a length, as some clients send it.
    """
    sent = POST + AS_JSON + b"Transfer-Encoding: chunked\r\n\r\n"
    chunks = b"".join(b"1\r\n%c\r\n" % byte for byte in BODY) + b"0\r\n\r\n"

    assert 200 == spoken(port, sent + chunks)[0]


def test_a_content_type_in_two_headers_is_refused(port: int) -> None:
    """
    Of two readers, each may take another one.
    """
    status, _, body = spoken(
        port, POST + AS_JSON + b"Content-Type: text/plain\r\n" + LENGTH + b"\r\n" + BODY
    )

    assert (415, "BAD_REQUEST") == (status, code(json.loads(body)))


def test_head_has_no_body(port: int) -> None:
    """
    The length is that of a GET.
    """
    for method, sent in ((b"GET", True), (b"HEAD", False)):
        status, headers, body = spoken(
            port,
            method
            + b" /graphql?query={__typename} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
        )
        assert (200, "83", sent) == (status, headers["content-length"], bool(body))


@pytest.mark.parametrize("request_", NOT_HTTP.values(), ids=NOT_HTTP.keys())
def test_what_is_no_http_is_refused_in_json(port: int, request_: bytes) -> None:
    """
    Also what never reaches the service has a code, and a request id that the log holds.
    """
    with capture_logs() as logs:
        status, headers, body = spoken(port, request_)
    told = json.loads(body)

    assert (400, "BAD_REQUEST") == (status, code(told))
    assert f"{JSON}; charset=utf-8" == headers["content-type"]
    made = told["errors"][0]["extensions"]["requestId"]
    assert made == headers["x-request-id"]
    assert [made] == [one["request_id"] for one in logs if one["event"] == "no HTTP request"]


def test_a_caller_who_leaves_is_no_fault_of_ours(port: int) -> None:
    """
    Half a body and gone: nothing is logged as an error, and the next one is answered.
    """
    with capture_logs() as logs:
        with socket.create_connection(("127.0.0.1", port), timeout=20) as line:
            line.sendall(POST + AS_JSON + LENGTH + b"\r\n" + BODY[:5])
        for _ in range(100):
            if any(one["event"] == "the caller left" for one in logs):
                break
            spoken(port, POST + AS_JSON + LENGTH + b"\r\n" + BODY)

    assert [] == [one for one in logs if one["log_level"] == "error"]
    assert "the caller left" in [one["event"] for one in logs]


def test_a_preflight_is_answered(port: int) -> None:
    """
    Over the wire as in the test client.
    """
    asked = "OPTIONS /graphql HTTP/1.1\r\nHost: x\r\nConnection: close\r\nOrigin: {}\r\n"
    asked += "Access-Control-Request-Method: POST\r\n\r\n"
    known = spoken(port, asked.format("http://localhost:3000").encode())
    foreign = spoken(port, asked.format("https://evil.example").encode())

    assert (204, "http://localhost:3000") == (known[0], known[1]["access-control-allow-origin"])
    assert (403, "FORBIDDEN") == (foreign[0], code(json.loads(foreign[2])))
