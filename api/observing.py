"""What is noted of every request, however it ends: a line in the log, figures, a span."""

from __future__ import annotations

from time import perf_counter
from typing import TYPE_CHECKING

from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.http import request_id
from api.logs import log
from api.metrics import LEFT, Metrics
from api.traces import span

if TYPE_CHECKING:
    from opentelemetry.trace import Tracer

REQUEST_ID = b"x-request-id"


class Observed:
    """Notes status, seconds, and what was asked for; the id of a request goes back with it."""

    def __init__(self, app: ASGIApp, metrics: Metrics, tracer: Tracer | None) -> None:
        self.app = app
        self.metrics = metrics
        self.tracer = tracer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on, and note how it ended."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        began, status = perf_counter(), LEFT
        made = request_id(Request(scope))

        async def noted(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message["headers"], (REQUEST_ID, made.encode())]
            await send(message)

        method, path, state = scope["method"], scope["path"], scope["state"]
        with span(self.tracer, scope) as finish:
            try:
                await self.app(scope, receive, noted)
            finally:
                spent = perf_counter() - began
                asked = state.get("asked", {})
                self.metrics.request(path, method, status, spent)
                finish(status, asked, made)
                log.info(
                    "request",
                    method=method,
                    path=path,
                    status=status,
                    ms=round(1000 * spent, 1),
                    request_id=made,
                    **asked,
                )
