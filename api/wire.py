"""HTTP on the wire: whoever is slow, too long or no HTTP is refused in JSON, and hung up on."""

from __future__ import annotations

from asyncio import AbstractEventLoop, Protocol, TimerHandle, Transport
from functools import partial
from typing import Any, cast
from uuid import uuid4

import orjson
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from api.errors import log, refusal
from api.limits import DEFAULTS, Limits

HEAD = (
    "content-type: application/json; charset=utf-8\r\n"
    "x-request-id: {made}\r\ncontent-length: {length}\r\nconnection: close\r\n{more}\r\n"
)
NO_HTTP = (400, "BAD_REQUEST", "this is no HTTP request")
TOO_MANY = (431, "BAD_REQUEST", "the headers are more or longer than allowed")
TOO_LONG = (414, "BAD_REQUEST", "the address is longer than allowed; send the question by POST")
TOO_SLOW = (408, "TIMEOUT", "the request did not come in time")
FULL = (503, "UNAVAILABLE", "too many connections; ask again in a second")
FRAMES = 8
"""Bytes on the wire for one byte of a body: chunks of one byte take six."""


class Excess(Exception):
    """More than is read; the parser stops."""


class Gathered:
    """A transport that sends two things together where they are written in one turn of the loop.

    uvicorn writes the head and the body of an answer apart: two calls of the system, two packets,
    and a client that wakes up twice.
    """

    def __init__(self, transport: Transport, loop: AbstractEventLoop) -> None:
        self._transport = transport
        self._loop = loop
        self._parts: list[bytes] = []

    def __getattr__(self, name: str) -> Any:
        """All else is the transport's own."""
        return getattr(self._transport, name)

    def write(self, data: bytes) -> None:
        """Send it with what was written before it, or comes after it; alone after this turn."""
        self._parts.append(data)
        if len(self._parts) > 1:
            self._send()
        else:
            self._loop.call_soon(self._send)

    def close(self) -> None:
        """Send what was written, and close."""
        self._send()
        self._transport.close()

    def _send(self) -> None:
        parts, self._parts = self._parts, []
        if parts:
            self._transport.writelines(parts)


def limited(limits: Limits) -> type[Protocol]:
    """The protocol with these limits, as uvicorn makes one for each connection."""
    return cast(type[Protocol], partial(JsonProtocol, limits=limits))


class JsonProtocol(HttpToolsProtocol):
    """uvicorn's protocol with limits on size and time, and refusals in JSON."""

    def __init__(self, *given: Any, limits: Limits = DEFAULTS, **named: Any) -> None:
        super().__init__(*given, **named)
        self._limits = limits
        self._refused = NO_HTTP
        self._timer: TimerHandle | None = None
        self._stuck: TimerHandle | None = None
        self._length = 0
        """Bytes of the headers or of the body that is being read."""
        self._in_body = False
        self._head = 0
        """Bytes of the headers of this request."""

    def connection_made(self, transport: Transport) -> None:  # type: ignore[override]
        """Refuse who comes when all connections are taken; else wait for headers."""
        super().connection_made(cast(Transport, Gathered(transport, self.loop)))
        if len(self.connections) > self._limits.connections:
            self._refuse(FULL)
            return
        self._within(self._limits.header_seconds)

    def connection_lost(self, exc: Exception | None) -> None:
        """Nobody waits any more."""
        for timer in (self._timer, self._stuck):
            if timer:
                timer.cancel()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Count what belongs to no finished part yet: the parser keeps it."""
        if self._timer is None and self._idle:
            self._length = 0
            self._within(self._limits.header_seconds)
        super().data_received(data)
        if self._timer is None or self.transport.is_closing():
            return
        self._length += len(data)
        if self._length > self._most:
            self._refuse(TOO_MANY if not self._in_body else NO_HTTP)

    def on_message_begin(self) -> None:
        """Another request."""
        self._head = 0
        super().on_message_begin()

    def on_url(self, url: bytes) -> None:
        """Take an address that is not too long."""
        super().on_url(url)
        if len(self.url) > self._limits.address_bytes:
            raise self._excess(TOO_LONG)

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take headers, and what stands after a body in chunks, as long as they are not many."""
        super().on_header(name, value)
        self._head += len(name) + len(value) + 4
        if len(self.headers) > self._limits.headers or self._head > self._limits.header_bytes:
            raise self._excess(TOO_MANY)

    def on_headers_complete(self) -> None:
        """The body has its own time."""
        super().on_headers_complete()
        self._in_body, self._length = True, 0
        self._within(self._limits.body_seconds)

    def on_message_complete(self) -> None:
        """A whole request waits for nothing."""
        super().on_message_complete()
        self._in_body, self._length = False, 0
        if self._timer:
            self._timer.cancel()
            self._timer = None

    def pause_writing(self) -> None:
        """A caller who does not read is waited for a while."""
        super().pause_writing()
        self._stuck = self.loop.call_later(self._limits.reading_seconds, self.transport.abort)

    def resume_writing(self) -> None:
        """It reads."""
        super().resume_writing()
        if self._stuck:
            self._stuck.cancel()

    def handle_websocket_upgrade(self) -> None:
        """Whoever takes over the connection has clocks of its own."""
        self.on_message_complete()
        super().handle_websocket_upgrade()

    def send_400_response(self, msg: str) -> None:
        """Refuse what the parser could not or would not read, and hang up."""
        self._refuse(self._refused)

    @property
    def _idle(self) -> bool:
        return self.cycle is None or self.cycle.response_complete

    @property
    def _most(self) -> int:
        """Bytes that may be under way at the moment."""
        if self._in_body:
            return FRAMES * self._limits.body_bytes + self._limits.header_bytes
        return self._limits.header_bytes + self._limits.address_bytes

    def _excess(self, why: tuple[int, str, str]) -> Excess:
        self._refused = why
        return Excess()

    def _within(self, seconds: float) -> None:
        if self._timer:
            self._timer.cancel()
        self._timer = self.loop.call_later(seconds, self._late)

    def _late(self) -> None:
        self._timer = None
        if not self.transport.is_closing():
            self._refuse(TOO_SLOW)

    def _refuse(self, why: tuple[int, str, str]) -> None:
        """Say why unless an answer is under way, hang up, and let the request at work go."""
        status, code, told = why
        made = uuid4().hex
        if self._idle != self._in_body and not (self._in_body and self.cycle.response_started):
            body = orjson.dumps(refusal(told, code, made))
            more = "retry-after: 1\r\n" if status == 503 else ""
            head = HEAD.format(made=made, length=len(body), more=more).encode()
            self.transport.write(STATUS_LINE[status] + head + body)
        log.info("no HTTP request", request_id=made, status=status)
        self.transport.close()
        if not self._idle:
            self.cycle.disconnected = True
            self.cycle.message_event.set()
