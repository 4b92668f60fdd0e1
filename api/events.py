"""Subscriptions as server-sent events: one request, one subscription (graphql-sse, distinct)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from api.callers import Caller, caller, who
from api.errors import STATUS, Declined, refusal
from api.http import HEADERS, answer, declined, request_id
from api.negotiation import MediaType
from api.requests import GraphQLRequest, read
from api.subscribing import Event, Subscriptions, TooMany

STREAM = "text/event-stream"
SIGN_OF_LIFE = 12.0
"""Seconds after which a comment is sent, so that nobody between takes the answer for dead."""
EXPIRED = "the token has expired; sign in again"


class Events:
    """`/graphql` where events are accepted; everything else goes on to `app`."""

    def __init__(
        self, app: ASGIApp, subscriptions: Subscriptions, body_bytes: int = 262_144
    ) -> None:
        self.app = app
        self.body_bytes = body_bytes
        self.subscriptions = subscriptions

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Tell events to who asks for them."""
        request = Request(scope, receive)
        if request.method not in ("GET", "POST") or not accepts(request):
            await self.app(scope, receive, send)
            return
        try:
            response = await self._response(request)
        except Declined as error:
            response = declined(error, request_id(request))
        await response(scope, receive, send)

    async def _response(self, request: Request) -> Response:
        asked, asking = await read(request, self.body_bytes), caller(request)
        name = who(request, asking)
        if self.subscriptions.open[name] >= self.subscriptions.limits.subscriptions:
            most = self.subscriptions.limits.subscriptions
            raise Declined(f"you have {most} subscriptions open; close one first", 429)
        stream = _Stream(self.subscriptions, request, asking, asked)
        if refused := await stream.begin():
            return refused
        headers = {**HEADERS, "X-Accel-Buffering": "no", "Vary": "Accept"}
        return StreamingResponse(stream.told(), 200, headers, STREAM)


def accepts(request: Request) -> bool:
    """Whether events are asked for by their name."""
    ranges = ", ".join(request.headers.getlist("accept")).split(",")
    parsed = (MediaType.parse(part) for part in ranges if part.strip())
    return any(one.name == STREAM and one.quality for one in parsed)


class _Stream:
    """One subscription of one request."""

    def __init__(
        self, subscriptions: Subscriptions, request: Request, asking: Caller, asked: GraphQLRequest
    ) -> None:
        self.subscriptions = subscriptions
        self.asking = asking
        self.made = request_id(request)
        self.name = who(request, asking)
        self._begun = asyncio.Event()
        self._results = subscriptions.results(asked, request, asking, self.made, self._begun)
        self._next: asyncio.Task[Event] | None = None

    async def begin(self) -> Response | None:
        """Wait until it is heard; the answer to a subscription that is refused."""
        self._next = asyncio.ensure_future(anext(self._results))
        begun = asyncio.ensure_future(self._begun.wait())
        await asyncio.wait((self._next, begun), return_when=asyncio.FIRST_COMPLETED)
        begun.cancel()
        if self._begun.is_set():
            return None
        told = (await self._next).told
        await self._results.aclose()
        status = max(STATUS[error["extensions"]["code"]] for error in told["errors"])
        return answer(told, status)

    async def told(self) -> AsyncIterator[bytes]:
        """The events as they come, until the token or the service ends, or the caller leaves."""
        ending = asyncio.ensure_future(self.subscriptions.ended.wait())
        try:
            with self.subscriptions.subscription(self.name):
                async for text in self._until(ending):
                    yield text
        except TooMany as error:
            yield _event("next", refusal(str(error), error.code, self.made))
        finally:
            ending.cancel()
            await self._left()
        yield _event("complete")

    async def _left(self) -> None:
        """Stop listening."""
        if self._next is not None:
            self._next.cancel()
            await asyncio.gather(self._next, return_exceptions=True)
        await self._results.aclose()

    async def _until(self, ending: asyncio.Future[Any]) -> AsyncIterator[bytes]:
        while True:
            left = self.asking.left
            pause = SIGN_OF_LIFE if left is None else min(SIGN_OF_LIFE, max(0.0, left))
            assert self._next is not None
            waited = (self._next, ending)
            done, _ = await asyncio.wait(waited, timeout=pause, return_when=asyncio.FIRST_COMPLETED)
            if ending.done():
                return
            if left is not None and (self.asking.left or 0) <= 0:
                yield _event("next", refusal(EXPIRED, "UNAUTHENTICATED", self.made))
                return
            if not done:
                yield b":\n\n"
                continue
            try:
                event = self._next.result()
            except StopAsyncIteration:
                return
            yield _event("next", event.told)
            self._next = asyncio.ensure_future(anext(self._results))


def _event(name: str, told: Any = None) -> bytes:
    data = b"" if told is None else orjson.dumps(told)
    return b"event: %b\ndata: %b\n\n" % (name.encode(), data)
