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
from starlette.routing import Route, WebSocketRoute

from api.ending import noticed
from api.events import Events
from api.http import GraphQLEndpoint, answer
from api.limits import DEFAULTS, Limits
from api.logs import RequestLog
from api.mishaps import Mishaps, told
from api.origins import Origins
from api.reads import Reads, lost
from api.schema import build, sdl
from api.sign_in import CLOSED, SignedIn, SignIn
from api.socket_limits import SOCKETS, SocketLimits
from api.sockets import Sockets
from api.subscribing import Subscriptions
from graph.accesses import Accesses
from graph.errors import GoldenthreadError
from graph.publications import Publications
from graph.store import Address, Store


@cache
def schema() -> strawberry.Schema:
    """The schema of the whole ontology, built once."""
    return build()


def create_app(
    address: Address,
    origins: Collection[str] = (),
    limits: Limits = DEFAULTS,
    sign_in: SignIn = CLOSED,
    sockets: SocketLimits = SOCKETS,
) -> Starlette:
    """The service over one database. It starts and lives without the database, and says so.

    `origins` = whose pages may read its answers, beside its own; `sign_in` = who may ask what;
    `sockets` = what a caller may hold open.
    """

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        async with Store.at(address) as store:
            app.state.store = store
            app.state.publications = Publications(store)
            accesses = Accesses(store, lost)
            app.state.reads = Reads(accesses, store.ontology)
            with noticed(app.state, subscriptions.ended.set):
                yield
            await app.state.publications.close()
            await accesses.close()

    endpoint = GraphQLEndpoint(schema(), limits)
    subscriptions = Subscriptions(schema(), sockets, endpoint.documents)
    graphql = Events(endpoint, subscriptions, limits.body_bytes)
    app = Starlette(
        routes=[
            Route("/graphql", graphql),
            Route("/graphql/", graphql),
            WebSocketRoute("/graphql", Sockets(subscriptions, sign_in, origins)),
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
            Middleware(SignedIn, sign_in=sign_in),
        ],
    )
    app.router.redirect_slashes = False
    return app


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
