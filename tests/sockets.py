"""How tests listen: a socket that speaks graphql-transport-ws, and events line by line."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import httpx2
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

PROTOCOL = "graphql-transport-ws"
WATCH = "subscription { watch { nodes { of action } } }"


@dataclass
class Socket:
    """One end of a socket."""

    wire: ClientConnection

    def say(self, type_: str, **more: Any) -> None:
        """Send a message."""
        self.wire.send(json.dumps({"type": type_, **more}))

    def hear(self, timeout: float = 10.0) -> Any:
        """The next message."""
        return json.loads(self.wire.recv(timeout))

    def silent(self, seconds: float) -> bool:
        """Whether nothing comes for a while."""
        try:
            self.wire.recv(seconds)
        except TimeoutError:
            return True
        return False

    def begin(self, token: str | None = None) -> None:
        """Sign in, and be let in."""
        payload = {} if token is None else {"payload": {"Authorization": f"Bearer {token}"}}
        self.say("connection_init", **payload)
        assert {"type": "connection_ack"} == self.hear()

    def subscribe(self, query: str = WATCH, id_: str = "1", **variables: Any) -> None:
        """Begin to listen."""
        self.say("subscribe", id=id_, payload={"query": query, "variables": variables})

    def closed(self, timeout: float = 10.0) -> tuple[int, str]:
        """Code and reason with which the other side closed."""
        try:
            while True:
                self.wire.recv(timeout)
        except ConnectionClosed as end:
            assert end.rcvd
            return end.rcvd.code, end.rcvd.reason


@contextmanager
def socket(port: int, *, protocol: str | None = PROTOCOL, **options: Any) -> Iterator[Socket]:
    """A socket to the service on a port."""
    spoken: Any = [protocol] if protocol else None
    address = f"ws://127.0.0.1:{port}/graphql"
    with connect(address, subprotocols=spoken, proxy=None, **options) as wire, wire.socket:
        yield Socket(wire)


@contextmanager
def events(port: int, query: str = WATCH, token: str = "x") -> Iterator[Iterator[tuple[str, Any]]]:
    """Events of a subscription as pairs of name and JSON."""
    headers = {"Accept": "text/event-stream", "Authorization": f"Bearer {token}"}
    url, body = f"http://127.0.0.1:{port}/graphql", {"query": query}
    with (
        httpx2.Client(trust_env=False, timeout=20) as client,
        client.stream("POST", url, json=body, headers=headers) as response,
    ):
        assert 200 == response.status_code, response.read()
        assert response.headers["Content-Type"].startswith("text/event-stream")
        yield _events(response.iter_lines())


def _events(lines: Iterator[str]) -> Iterator[tuple[str, Any]]:
    name = ""
    for line in lines:
        if line.startswith("event: "):
            name = line.removeprefix("event: ")
        elif line.startswith("data:") and name:
            text = line.removeprefix("data:").strip()
            yield name, json.loads(text) if text else None
