"""Bytes to a running server and what comes back, for tests and for the attack script."""

from __future__ import annotations

import json
import socket
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

POST = b"POST /graphql HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
AS_JSON = b"Content-Type: application/json\r\n"


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer: its status, headers and body; status 0 where the server only hung up."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def codes(self) -> list[str]:
        """The codes of its errors, each with nothing beside it but a request id."""
        errors = json.loads(self.body).get("errors", [])
        assert all({"code", "requestId"} == one["extensions"].keys() for one in errors)
        return [one["extensions"]["code"] for one in errors]


def posted(body: bytes, more: bytes = b"") -> bytes:
    """A request with this body."""
    length = f"Content-Length: {len(body)}\r\n".encode()
    return POST + AS_JSON + length + more + b"\r\n" + body


def asked(query: str, **variables: Any) -> bytes:
    """A request that asks this."""
    return posted(json.dumps({"query": query, "variables": variables}).encode())


def chunked(body: bytes, size: int) -> bytes:
    """A request whose body comes in chunks."""
    parts = (body[at : at + size] for at in range(0, len(body), size))
    chunks = b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in parts)
    return POST + AS_JSON + b"Transfer-Encoding: chunked\r\n\r\n" + chunks + b"0\r\n\r\n"


def spoken(port: int, request: bytes, timeout: float = 20) -> Reply:
    """What comes back until the server hangs up."""
    with socket.create_connection(("127.0.0.1", port), timeout=timeout) as line:
        with suppress(BrokenPipeError, ConnectionResetError):
            line.sendall(request)
        return received(line)


def received(line: socket.socket) -> Reply:
    """What comes back on an open line until the server hangs up."""
    data = b""
    with suppress(ConnectionResetError):
        while part := line.recv(65536):
            data += part
    head, _, body = data.partition(b"\r\n\r\n")
    if not head:
        return Reply(0, {}, b"")
    first, *lines = head.decode("latin-1").split("\r\n")
    pairs = (one.split(": ", 1) for one in lines)
    return Reply(int(first.split()[1]), {name.lower(): value for name, value in pairs}, body)
