"""GraphQL over HTTP: strawberry's view with our errors, our JSON and one request id an answer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast
from uuid import uuid4

import orjson
import strawberry
from cross_web import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocket
from strawberry.asgi import GraphQL
from strawberry.http import GraphQLHTTPResponse
from strawberry.subscriptions import GRAPHQL_TRANSPORT_WS_PROTOCOL
from strawberry.types import ExecutionResult

from api.errors import refusal, told
from graph.questions import Ask
from graph.store import Store


class GraphQLView(GraphQL[Any, Any]):
    """`/graphql`: queries by POST and GET."""

    def __init__(self, schema: strawberry.Schema) -> None:
        super().__init__(
            schema, graphql_ide=None, subscription_protocols=(GRAPHQL_TRANSPORT_WS_PROTOCOL,)
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, also what is no GraphQL at all, in JSON."""
        if scope["type"] != "http":
            await super().__call__(scope, receive, send)
            return
        request = Request(scope, receive)
        try:
            response = await self.run(request)
        except HTTPException as error:
            body = refusal(error.reason, "BAD_REQUEST", request_id(request))
            response = answer(body, error.status_code)
            if error.status_code == 405:
                response.headers["Allow"] = "GET, POST"
        await response(scope, receive, send)

    async def get_context(
        self, request: Request | WebSocket, response: Response | WebSocket
    ) -> dict[str, Any]:
        """What resolvers need: who asks, of which store, at which now."""
        store: Store = request.app.state.store
        return {"ask": Ask.of(store), "request_id": request_id(request)}

    async def process_result(
        self, request: Request, result: ExecutionResult
    ) -> GraphQLHTTPResponse:
        """Data and errors as the client sees them; no data where nothing was executed."""
        body: dict[str, Any] = {} if result.data is None else {"data": result.data}
        if result.errors:
            body["errors"] = [told(error, request_id(request)) for error in result.errors]
        if result.extensions:
            body["extensions"] = result.extensions
        return cast(GraphQLHTTPResponse, body)

    def parse_json(self, data: str | bytes) -> Any:
        """A body that is an object or a list; anything else is refused."""
        parsed = super().parse_json(data)
        if not isinstance(parsed, dict | list):
            raise HTTPException(400, 'the body must be a JSON object: {"query": "..."}')
        return parsed

    def encode_json(self, data: object) -> bytes:
        """orjson instead of the standard library."""
        return orjson.dumps(data)

    def decode_json(self, data: str | bytes) -> object:
        """orjson instead of the standard library; its error is a JSONDecodeError too."""
        decoded: object = orjson.loads(data)
        return decoded


def request_id(request: Request | WebSocket) -> str:
    """The caller's own id if it sent a short one, else a new one; the same within one request."""
    if not hasattr(request.state, "request_id"):
        sent = request.headers.get("x-request-id", "")
        fit = 0 < len(sent) <= 64 and sent.isascii() and sent.isprintable()
        request.state.request_id = sent if fit else uuid4().hex
    made: str = request.state.request_id
    return made


def answer(body: Mapping[str, Any], status: int = 200) -> Response:
    """A JSON answer."""
    return Response(orjson.dumps(body), status, media_type="application/json")
