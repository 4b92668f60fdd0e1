"""Structured logs on standard error: one line of JSON an event, never a value of a question."""

from __future__ import annotations

import sys
from os import getpid
from time import perf_counter

import structlog
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from structlog.typing import EventDict

from api.http import request_id
from api.metrics import LEFT

log = structlog.get_logger("goldenthread")
REQUEST_ID = b"x-request-id"


def _with_process(logger: object, name: str, event: EventDict) -> EventDict:
    return {**event, "process": getpid()}


def configure() -> None:
    """JSON lines with level, UTC time and the id of the process; each line is one write."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _with_process,
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(),
        ],
        logger_factory=structlog.WriteLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )


class RequestLog:
    """One line a request: what was asked for, how it ended, how long it took.

    Its id goes back, and on to everything below, which finds it in the header of that name.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on, and note status and milliseconds."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        began, status = perf_counter(), LEFT
        made = request_id(Request(scope))
        others = [one for one in scope["headers"] if one[0] != REQUEST_ID]
        scope = {**scope, "headers": [*others, (REQUEST_ID, made.encode())]}

        async def noted(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message["headers"], (REQUEST_ID, made.encode())]
            await send(message)

        try:
            await self.app(scope, receive, noted)
        finally:
            spent = round(1000 * (perf_counter() - began), 1)
            method, path = scope["method"], scope["path"]
            asked = scope["state"].get("asked", {})
            log.info(
                "request",
                method=method,
                path=path,
                status=status,
                ms=spent,
                request_id=made,
                **asked,
            )
