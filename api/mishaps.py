"""What nobody expected: told as INTERNAL with a request id, its text in the log alone."""

from __future__ import annotations

from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.errors import SORRY, Declined, log
from api.http import declined, request_id

CODES = {401: "UNAUTHENTICATED", 403: "FORBIDDEN", 404: "NOT_FOUND"}


class Mishaps:
    """Answers in JSON where the app raises; a caller who has left is no mishap."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on, and answer what is raised unless an answer has begun."""
        began = False

        async def noted(message: Message) -> None:
            nonlocal began
            began = True
            await send(message)

        try:
            await self.app(scope, receive, noted)
        except ClientDisconnect:
            log.info("the caller left", request_id=request_id(Request(scope)))
        except Exception as error:
            if scope["type"] != "http" or began:
                raise
            await _failed(Request(scope), error)(scope, receive, send)


async def told(request: Request, error: Exception) -> Response:
    """What starlette refuses, such as an unknown address or method, in JSON."""
    assert isinstance(error, HTTPException)
    path = request.url.path[:200]
    message = {
        404: f"there is nothing at {path}; GraphQL is at /graphql",
        405: f"{request.method} is not allowed at {path}",
    }.get(error.status_code, error.detail)
    code = CODES.get(error.status_code, "BAD_REQUEST")
    refused = Declined(message, error.status_code, code, error.headers)
    return declined(refused, request_id(request))


def _failed(request: Request, error: Exception) -> Response:
    made = request_id(request)
    log.error("internal error", request_id=made, exc_info=error)
    return declined(Declined(SORRY, 500, "INTERNAL"), made)
