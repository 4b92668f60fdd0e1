"""Subscriptions over WebSockets: the protocol graphql-transport-ws, with limits."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Collection, Mapping
from contextlib import ExitStack, aclosing
from time import monotonic
from typing import Any

import orjson
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState

from api.callers import Caller, who
from api.errors import Declined, log, refusal
from api.http import request_id
from api.requests import GraphQLRequest, parsed
from api.sign_in import SignIn, authorization
from api.subscribing import Subscriptions, TooMany
from graph.errors import GoldenthreadError, Unavailable

PROTOCOL = "graphql-transport-ws"
LONGEST_ID = 128
"""Characters of the id that a client gives to a subscription."""


class Closing(Exception):
    """Why a socket is closed, by code and in words."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


class Sockets:
    """`/graphql` as a WebSocket."""

    def __init__(
        self, subscriptions: Subscriptions, sign_in: SignIn, origins: Collection[str] = ()
    ) -> None:
        self.subscriptions = subscriptions
        self.sign_in = sign_in
        self.origins = frozenset(origins)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one socket to its end; a page of a foreign origin gets none."""
        websocket = WebSocket(scope, receive, send)
        if not self._own(websocket):
            await websocket.close(4403)
            return
        spoken = PROTOCOL in websocket.scope["subprotocols"]
        await websocket.accept(PROTOCOL if spoken else None)
        if not spoken:
            await websocket.close(4406, f"speak {PROTOCOL}")
            return
        await _Socket(websocket, self.subscriptions, self.sign_in).run()

    def _own(self, websocket: WebSocket) -> bool:
        """Whether no page asks, or one of this origin or of the list."""
        origin = websocket.headers.get("origin")
        if origin is None or origin in self.origins:
            return True
        return origin.partition("://")[2] == websocket.headers.get("host")


class _Socket:
    """One socket: who is at its other end, and what he listens to."""

    def __init__(self, websocket: WebSocket, subscriptions: Subscriptions, sign_in: SignIn) -> None:
        self.websocket = websocket
        self.subscriptions = subscriptions
        self.limits = subscriptions.limits
        self.sign_in = sign_in
        self.made = request_id(websocket)
        self.tasks: dict[str, asyncio.Task[None]] = {}
        self.said: deque[float] = deque(maxlen=self.limits.messages)

    async def run(self) -> None:
        """Listen until one of the two sides has enough."""
        began, code = monotonic(), 1000
        try:
            code = await self._until_closed()
        finally:
            for task in (tasks := list(self.tasks.values())):
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            spent = round(1000 * (monotonic() - began), 1)
            log.info("socket", code=code, ms=spent, request_id=self.made)

    async def _until_closed(self) -> int:
        try:
            with ExitStack() as held:
                caller = await self._signed_in(held)
                await self._listen(caller)
        except Closing as end:
            await self._close(end)
            return end.code
        except WebSocketDisconnect as left:
            return left.code
        return 1000

    async def _close(self, end: Closing) -> None:
        if self.websocket.application_state is WebSocketState.CONNECTED:
            await self.websocket.close(end.code, end.reason.encode()[:120].decode(errors="ignore"))

    async def _signed_in(self, held: ExitStack) -> Caller:
        """Who it is, by the first message. Raises Closing."""
        try:
            async with asyncio.timeout(self.limits.begin_seconds):
                payload = await self._begun()
        except TimeoutError:
            raise Closing(4408, "connection initialisation timeout") from None
        try:
            caller = await self.sign_in.caller(_authorization(payload, self.websocket))
            held.enter_context(self.subscriptions.socket(who(self.websocket, caller)))
        except Unavailable as error:
            raise Closing(1013, str(error)) from error
        except TooMany as error:
            raise Closing(4429, str(error)) from error
        except GoldenthreadError as error:
            raise Closing(4403, str(error)) from error
        await self._send({"type": "connection_ack"})
        return caller

    async def _begun(self) -> Any:
        """The payload of `connection_init`."""
        while True:
            match (message := await self._received())["type"]:
                case "connection_init":
                    return message.get("payload")
                case "subscribe":
                    raise Closing(4401, "unauthorized: send connection_init first")
                case _:
                    await self._in_passing(message)

    async def _listen(self, caller: Caller) -> None:
        """Take messages until the token or the service ends. Raises Closing."""
        ending = asyncio.create_task(self.subscriptions.ended.wait())
        try:
            async with asyncio.timeout(caller.left):
                await self._take(caller, ending)
        except TimeoutError:
            raise Closing(4403, "the token has expired; sign in again") from None
        finally:
            ending.cancel()

    async def _take(self, caller: Caller, ending: asyncio.Task[Any]) -> None:
        while True:
            receiving = asyncio.create_task(self._received())
            try:
                await asyncio.wait((receiving, ending), return_when=asyncio.FIRST_COMPLETED)
                if ending.done():
                    raise Closing(1001, "the service is ending")
                self._do(receiving.result(), caller)
            finally:
                receiving.cancel()
            await self._in_passing(receiving.result())

    def _do(self, message: Mapping[str, Any], caller: Caller) -> None:
        match message["type"]:
            case "connection_init":
                raise Closing(4429, "too many initialisation requests")
            case "subscribe":
                self._subscribe(message, caller)
            case "complete":
                if task := self.tasks.pop(_id(message), None):
                    task.cancel()

    async def _in_passing(self, message: Mapping[str, Any]) -> None:
        """What may be said at any time. Raises Closing for what nobody says."""
        kind = message["type"]
        if kind == "ping":
            await self._send({"type": "pong"})
        elif kind not in ("pong", "subscribe", "complete"):
            raise Closing(4400, "a message of a type that is none")

    def _subscribe(self, message: Mapping[str, Any], caller: Caller) -> None:
        id_, payload = _id(message), message.get("payload")
        if not isinstance(payload, dict):
            raise Closing(4400, "subscribe needs a payload")
        if id_ in self.tasks:
            raise Closing(4409, f"subscriber for {id_} already exists")
        try:
            asked = GraphQLRequest.of(payload)
        except Declined as error:
            raise Closing(4400, str(error)) from error
        self.tasks[id_] = asyncio.create_task(self._tell(id_, asked, caller))

    async def _tell(self, id_: str, asked: GraphQLRequest, caller: Caller) -> None:
        """Tell what one subscription hears, to its end."""
        try:
            with self.subscriptions.subscription(who(self.websocket, caller)):
                results = self.subscriptions.results(asked, self.websocket, caller, self.made)
                async with aclosing(results) as events:
                    async for event in events:
                        if not event.begun:
                            await self._failed(id_, event.told["errors"])
                            return
                        await self._send({"id": id_, "type": "next", "payload": event.told})
            await self._send({"id": id_, "type": "complete"})
        except TooMany as error:
            await self._failed(id_, refusal(str(error), error.code, self.made)["errors"])
        except WebSocketDisconnect:
            pass
        finally:
            if self.tasks.get(id_) is asyncio.current_task():
                del self.tasks[id_]

    async def _failed(self, id_: str, errors: Any) -> None:
        await self._send({"id": id_, "type": "error", "payload": errors})

    async def _received(self) -> Mapping[str, Any]:
        """The next message, an object with a type. Raises Closing, WebSocketDisconnect."""
        message = await self.websocket.receive()
        if message["type"] == "websocket.disconnect":
            raise WebSocketDisconnect(message.get("code") or 1005)
        self._count()
        text = message.get("text")
        if text is None:
            raise Closing(4400, "messages are text")
        if len(data := text.encode()) > self.limits.message_bytes:
            raise Closing(1009, "the message is too long")
        try:
            found = parsed(data, "the message")
        except Declined as error:
            raise Closing(4400, str(error)) from error
        if not isinstance(found, dict) or not isinstance(found.get("type"), str):
            raise Closing(4400, "a message is an object with a type")
        return found

    def _count(self) -> None:
        now, said = monotonic(), self.said
        if len(said) == self.limits.messages and now - said[0] < 1.0:
            raise Closing(4429, f"more than {self.limits.messages} messages in a second")
        said.append(now)

    async def _send(self, message: Mapping[str, Any]) -> None:
        """Send, or give up on who does not read."""
        text = orjson.dumps(message).decode()
        try:
            async with asyncio.timeout(self.limits.reading_seconds):
                await self.websocket.send_text(text)
        except (TimeoutError, RuntimeError) as error:
            raise WebSocketDisconnect(1006) from error


def _id(message: Mapping[str, Any]) -> str:
    id_ = message.get("id")
    if not isinstance(id_, str) or not 0 < len(id_) <= LONGEST_ID:
        raise Closing(4400, f"an id is text of 1 to {LONGEST_ID} characters")
    return id_


def _authorization(payload: Any, websocket: WebSocket) -> list[str]:
    """What was said of the caller in the first message, else when the socket was opened."""
    if payload is None:
        return authorization(websocket.headers)
    if not isinstance(payload, dict):
        raise Closing(4400, "the payload of connection_init is an object")
    named = [value for name, value in payload.items() if name.lower() == "authorization"]
    if not all(isinstance(one, str) for one in named):
        raise Closing(4400, "authorization is text: Bearer and a token")
    return named or authorization(websocket.headers)
