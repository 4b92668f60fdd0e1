"""The Starlette app: GraphQL, the schema as text, health and readiness."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from functools import cache

import strawberry
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from api.ending import noticed
from api.http import GraphQLEndpoint, answer
from api.limits import DEFAULTS, Limits
from api.logs import RequestLog
from api.mishaps import Mishaps, told
from api.origins import Origins
from api.readiness import Readiness
from api.schema import build, sdl
from graph.errors import GoldenthreadError
from graph.store import Address, Store


@cache
def schema() -> strawberry.Schema:
    """The schema of the whole ontology, built once."""
    return build()


def create_app(
    address: Address, origins: Collection[str] = (), limits: Limits = DEFAULTS
) -> Starlette:
    """The service over one database. It starts and lives without the database, and says so.

    `origins` = whose pages may read its answers, beside its own.
    """

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        async with Store.at(address) as store:
            app.state.store = store
            app.state.readiness = Readiness(store)
            with noticed(app.state):
                yield

    endpoint = GraphQLEndpoint(schema(), limits)
    app = Starlette(
        routes=[
            Route("/graphql", endpoint),
            Route("/graphql/", endpoint),
            Route("/schema.graphql", _schema),
            Route("/health", _health),
            Route("/ready", _ready),
        ],
        lifespan=lifespan,
        exception_handlers={HTTPException: told},
        middleware=[
            Middleware(RequestLog),
            Middleware(Origins, origins=origins),
            Middleware(Mishaps),
        ],
    )
    app.router.redirect_slashes = False
    return app


async def _schema(request: Request) -> Response:
    return PlainTextResponse(sdl(schema()))


async def _health(request: Request) -> Response:
    return answer({"status": "alive"})


async def _ready(request: Request) -> Response:
    readiness: Readiness = request.app.state.readiness
    if request.app.state.ending:
        return answer({"status": "not ready", "why": "the service is ending"}, 503)
    try:
        await readiness.check()
    except GoldenthreadError as error:
        return answer({"status": "not ready", "why": str(error)}, 503)
    return answer({"status": "ready"})
