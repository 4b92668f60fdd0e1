"""The Starlette app: GraphQL, the schema as text, health and readiness."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from functools import cache, partial
from typing import TYPE_CHECKING

import strawberry
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.types import ASGIApp, Receive, Scope, Send

from api.ending import noticed
from api.errors import Declined
from api.events import Events
from api.http import GraphQLEndpoint, answer, declined, request_id
from api.limits import DEFAULTS, Limits
from api.metrics import CONTENT_TYPE_LATEST, Metrics, may_read
from api.mishaps import Mishaps, told
from api.observing import Observed
from api.origins import Origins
from api.readiness import Readiness
from api.reads import Reads, lost
from api.schema import build, sdl
from api.shedding import Shedding
from api.sign_in import CLOSED, SignedIn, SignIn
from api.socket_limits import SOCKETS, SocketLimits
from api.sockets import Sockets
from api.subscribing import Subscriptions
from api.trusted import NOTHING_TRUSTED, Trusted
from graph.accesses import Accesses
from graph.errors import GoldenthreadError
from graph.publications import Publications
from graph.store import Address, Store

if TYPE_CHECKING:
    from opentelemetry.trace import Tracer


@cache
def schema() -> strawberry.Schema:
    """The schema of the whole ontology, built once."""
    return build()


def create_app(
    address: Address,
    origins: Collection[str] = (),
    limits: Limits = DEFAULTS,
    readers: Collection[str] = (),
    trusted: Trusted = NOTHING_TRUSTED,
    tracer: Tracer | None = None,
    sign_in: SignIn = CLOSED,
    sockets: SocketLimits = SOCKETS,
) -> Starlette:
    """The service over one database. It starts and lives without the database, and says so.

    `origins` = whose pages may read its answers, beside its own; `readers` = networks that may
    read its figures, beside this machine; `trusted` = operations that are known by id; `tracer` =
    what makes OpenTelemetry's spans; `sign_in` = who may ask what; `sockets` = what a caller may
    hold open.
    """
    metrics = Metrics()

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        async with Store.at(address) as store:
            app.state.store = store
            app.state.readiness = Readiness(store)
            app.state.publications = Publications(store)
            accesses = Accesses(store, lost)
            app.state.reads = Reads(accesses, store.ontology)
            with noticed(app.state, subscriptions.ended.set):
                yield
            await app.state.publications.close()
            await accesses.close()

    endpoint = GraphQLEndpoint(schema(), limits, metrics, trusted)
    subscriptions = Subscriptions(schema(), sockets, endpoint.documents, trusted)
    graphql = Events(endpoint, subscriptions, limits.body_bytes)
    app = Starlette(
        routes=[
            Route("/graphql", graphql),
            Route("/graphql/", graphql),
            WebSocketRoute("/graphql", Sockets(subscriptions, sign_in, origins)),
            Route("/schema.graphql", _schema),
            Route("/health", _health),
            Route("/ready", _ready),
            Route("/metrics", partial(_metrics, metrics, readers)),
        ],
        lifespan=lifespan,
        exception_handlers={HTTPException: told},
        middleware=[
            Middleware(Observed, metrics=metrics, tracer=tracer),
            Middleware(Origins, origins=origins),
            Middleware(Mishaps),
            Middleware(Shedding, turns=endpoint.turns),
            Middleware(SignedIn, sign_in=sign_in),
            Middleware(Straight, graphql=graphql),
        ],
    )
    app.router.redirect_slashes = False
    return app


class Straight:
    """Takes questions straight to their endpoint, past all that looks for other addresses."""

    def __init__(self, app: ASGIApp, graphql: ASGIApp) -> None:
        self.app = app
        self.graphql = graphql

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on."""
        asked = scope["type"] == "http" and scope["path"] in Shedding.ADDRESSES
        await (self.graphql if asked else self.app)(scope, receive, send)


async def _schema(request: Request) -> Response:
    return PlainTextResponse(sdl(schema()))


async def _metrics(metrics: Metrics, readers: Collection[str], request: Request) -> Response:
    if not may_read(request.client.host if request.client else None, readers):
        told = "figures are for this machine; GOLDENTHREAD_METRICS_READERS lists other networks"
        return declined(Declined(told, 403, "FORBIDDEN"), request_id(request))
    return Response(metrics.text(), media_type=CONTENT_TYPE_LATEST)


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
