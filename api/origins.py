"""Which pages of other origins may read answers in a browser: those on the list, and no others."""

from __future__ import annotations

from collections.abc import Collection

from starlette.datastructures import Headers
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from api.errors import Declined
from api.http import declined, request_id

SENT = ("Authorization", "Content-Type", "X-Request-ID", "X-Deadline")
"""Headers that a page may send."""
READ = ("X-Request-ID", "Retry-After")
"""Headers of an answer that a page may read, beside those that every page may."""


class Origins(CORSMiddleware):
    """CORS for a list of origins. No cookies: they would let a page act as whoever looks at it."""

    def __init__(self, app: ASGIApp, origins: Collection[str]) -> None:
        super().__init__(app, origins, ("GET", "POST"), SENT, expose_headers=READ)

    async def simple_response(
        self, scope: Scope, receive: Receive, send: Send, request_headers: Headers
    ) -> None:
        """As starlette answers; where no origin is allowed, no answer differs by it."""
        if self.allow_origins:
            await super().simple_response(scope, receive, send, request_headers)
        else:
            await self.app(scope, receive, send)

    def preflight_response(self, request_headers: Headers) -> Response:
        """As starlette answers, with a refusal in JSON that says what to do."""
        response = super().preflight_response(request_headers)
        if response.status_code == 200:
            return Response(status_code=204, headers=_kept(response))
        made = request_id(Request({"type": "http", "headers": request_headers.raw, "state": {}}))
        told = f"{bytes(response.body).decode()}; GOLDENTHREAD_ORIGINS lists the allowed origins"
        refused = declined(Declined(told, 403, "FORBIDDEN"), made)
        refused.headers.update(_kept(response))
        return refused


def _kept(response: Response) -> dict[str, str]:
    told = ("content-length", "content-type")
    return {name: value for name, value in response.headers.items() if name not in told}
