"""Requests that mean harm, sent to a running server: refused with a code, and no more told."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator

import pytest

from api.app import create_app
from api.limits import Limits
from tests.attacks import ATTACKS, Attack
from tests.serving import NOWHERE, listening
from tests.spoken import AS_JSON, POST, asked, received, spoken

QUICK = Limits(header_seconds=0.3, body_seconds=0.3, idle_seconds=1, connections=20)
INTERNAL = (b"Traceback", b'File "', b"neo4j", b"graphql.error", b"MATCH (", b"Exception")


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    """Where the service listens; nothing here may reach a database."""
    with listening(create_app(NOWHERE)) as it:
        yield it


@pytest.fixture(scope="module")
def quick() -> Iterator[int]:
    """Where a service with short times listens."""
    with listening(create_app(NOWHERE, limits=QUICK), QUICK) as it:
        yield it


@pytest.mark.parametrize("attack", ATTACKS.values(), ids=ATTACKS)
def test_an_attack_is_refused(port: int, attack: Attack) -> None:
    """
    With its status and code, no internal text, and the service answers the next one.
    """
    reply = spoken(port, attack.sent)

    assert (attack.status, [attack.code]) == (reply.status, reply.codes)
    assert [] == [word for word in INTERNAL if word in reply.body]
    assert 200 == spoken(port, asked("{ __typename }")).status


SLOW = {
    "no byte": b"",
    "half a header": b"POST /graphql HTTP/1.1\r\nHost: x\r\nX-A",
    "blank lines": b"\r\n\r\n",
    "half a body": POST + AS_JSON + b"Content-Length: 100\r\n\r\n{",
    "half a chunk": POST + AS_JSON + b"Transfer-Encoding: chunked\r\n\r\n5\r\nab",
}


@pytest.mark.parametrize("sent", SLOW.values(), ids=SLOW)
def test_who_does_not_go_on_is_hung_up_on(quick: int, sent: bytes) -> None:
    """
    Headers and body have their time; the refusal has a code as any other.
    """
    began = time.monotonic()
    reply = spoken(quick, sent, timeout=10)

    assert (408, ["TIMEOUT"]) == (reply.status, reply.codes)
    assert time.monotonic() - began < 5


@pytest.mark.parametrize("sent", [b"GET /health HTTP/1.1\r\nX-A: ", POST + b"Content-Length: 90"])
def test_one_byte_after_another_wins_no_time(quick: int, sent: bytes) -> None:
    """
    The time is that of the whole, not of the pause between two bytes.
    """
    began = time.monotonic()
    with socket.create_connection(("127.0.0.1", quick), timeout=10) as line:
        line.sendall(sent)
        try:
            while time.monotonic() - began < 5:
                line.sendall(b"1")
                time.sleep(0.05)
        except OSError:
            pass

    assert time.monotonic() - began < 3


def test_a_line_that_is_kept_is_let_go(quick: int) -> None:
    """
    After an answer, and a second without a request.
    """
    with socket.create_connection(("127.0.0.1", quick), timeout=10) as line:
        line.sendall(b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n")
        reply = received(line)

    assert (200, b'{"status":"alive"}') == (reply.status, reply.body)


def test_who_comes_when_all_lines_are_taken_is_told_to_come_again(quick: int) -> None:
    """
    The twenty-first is refused at once; when others leave there is room again.
    """
    lines = [socket.create_connection(("127.0.0.1", quick)) for _ in range(20)]
    time.sleep(0.1)
    reply = spoken(quick, asked("{ __typename }"))
    for line in lines:
        line.close()
    time.sleep(0.2)

    assert (503, ["UNAVAILABLE"], "1") == (reply.status, reply.codes, reply.headers["retry-after"])
    assert 200 == spoken(quick, asked("{ __typename }")).status
