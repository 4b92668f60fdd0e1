"""Under overload: who finds no room is told so before anything of the request is looked at."""

from __future__ import annotations

from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from api.errors import Declined
from api.http import RETRY, declined, request_id
from api.turns import Busy, Turns


class Shedding:
    """Refuses questions while all turns and the whole line are taken; no token is proven then."""

    ADDRESSES = ("/graphql", "/graphql/")

    def __init__(self, app: ASGIApp, turns: Turns) -> None:
        self.app = app
        self.turns = turns

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on, or refuse at once."""
        if scope["type"] == "http" and scope["path"] in self.ADDRESSES:
            try:
                self.turns.check()
            except Busy as busy:
                refused = Declined(str(busy), 503, busy.code, RETRY)
                await declined(refused, request_id(Request(scope)))(scope, receive, send)
                return
        await self.app(scope, receive, send)
