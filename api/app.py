"""The Starlette app: GraphQL, the schema as text, health and readiness."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cache

import strawberry
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from api.ending import noticed
from api.errors import SORRY, log, refusal
from api.http import GraphQLView, answer, request_id
from api.logs import RequestLog
from api.schema import build, sdl
from graph.errors import GoldenthreadError
from graph.store import Address, Store


@cache
def schema() -> strawberry.Schema:
    """The schema of the whole ontology, built once."""
    return build()


def create_app(address: Address) -> Starlette:
    """The service over one database. It starts and lives without the database, and says so."""

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        async with Store.at(address) as store:
            app.state.store = store
            with noticed(app.state):
                yield

    routes = [
        Route("/graphql", GraphQLView(schema())),
        Route("/schema.graphql", _schema),
        Route("/health", _health),
        Route("/ready", _ready),
    ]
    handlers = {404: _not_found, 405: _not_allowed, 500: _failed}
    return Starlette(
        routes=routes,
        lifespan=lifespan,
        exception_handlers=handlers,
        middleware=[Middleware(RequestLog)],
    )


async def _schema(request: Request) -> Response:
    return PlainTextResponse(sdl(schema()))


async def _health(request: Request) -> Response:
    return answer({"status": "alive"})


async def _ready(request: Request) -> Response:
    store: Store = request.app.state.store
    if request.app.state.ending:
        return answer({"status": "not ready", "why": "the service is ending"}, 503)
    try:
        await store.ready()
    except GoldenthreadError as error:
        return answer({"status": "not ready", "why": str(error)}, 503)
    return answer({"status": "ready"})


async def _not_found(request: Request, error: Exception) -> Response:
    told = f"there is nothing at {request.url.path}; GraphQL is at /graphql"
    return answer(refusal(told, "NOT_FOUND", request_id(request)), 404)


async def _failed(request: Request, error: Exception) -> Response:
    log.error("internal error", request_id=request_id(request), exc_info=error)
    return answer(refusal(SORRY, "INTERNAL", request_id(request)), 500)


async def _not_allowed(request: Request, error: Exception) -> Response:
    told = f"{request.method} is not allowed at {request.url.path}"
    response = answer(refusal(told, "BAD_REQUEST", request_id(request)), 405)
    response.headers["Allow"] = "GET, HEAD"
    return response
