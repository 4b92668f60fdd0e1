"""Who asks: a bearer token becomes a caller, and the policy says what that caller may see."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from api.callers import Caller
from api.errors import STATUS, Declined
from api.http import declined, request_id
from api.negotiation import JSON, negotiated
from graph.errors import Forbidden, GoldenthreadError, Unauthenticated, Unavailable
from graph.kept import Kept
from graph.ontology import ONTOLOGY
from graph.policy import Policy
from graph.viewers import Viewer

NOBODY = "nobody"
"""The subject of a caller without a token."""
KEPT = 1_000
"""Callers that are remembered by what their tokens say."""
REALM = 'Bearer realm="goldenthread"'


class Claims(Protocol):
    """What a proven token says."""

    @property
    def subject(self) -> str: ...
    @property
    def roles(self) -> tuple[str, ...]: ...
    @property
    def token(self) -> str | None: ...
    @property
    def until(self) -> datetime: ...


class Tokens(Protocol):
    """What proves tokens."""

    async def claims(self, token: str) -> Claims:
        """Raises Unauthenticated, Unavailable."""
        ...


class Sees(Protocol):
    """What says what somebody sees: a policy."""

    def viewer(self, subject: str, roles: Sequence[str], token: str | None = None) -> Viewer:
        """The viewer that somebody in these roles is; unknown roles are no roles."""
        ...


NO_POLICY = Policy.of({}, ONTOLOGY)
"""Nobody sees anything."""


@dataclass(frozen=True, slots=True)
class SignIn:
    """Whose tokens are taken, and what their bearers see; without tokens, nobody's."""

    policy: Sees = NO_POLICY
    tokens: Tokens | None = None
    _callers: Kept[Caller] = field(default_factory=lambda: Kept(KEPT), compare=False)

    async def caller(self, authorization: Sequence[str]) -> Caller:
        """The caller by the Authorization headers sent.

        Raises Unauthenticated, Unavailable, and Forbidden where the policy gives him nothing.
        """
        if not authorization:
            return self._anonymous()
        if self.tokens is None:
            raise Unauthenticated("no tokens are taken here; GOLDENTHREAD_ISSUER is not set")
        claims = await self.tokens.claims(_bearer(authorization))
        said = claims.subject, claims.roles, claims.token, claims.until
        if (found := self._callers.find(said)) is None:
            viewer = self.policy.viewer(claims.subject, claims.roles, claims.token)
            if blind(viewer):
                raise Forbidden("none of your roles may see anything here")
            found = Caller(viewer, claims.until)
            self._callers.keep(said, found)
        return found

    def _anonymous(self) -> Caller:
        viewer = self.policy.viewer(NOBODY, ())
        if blind(viewer):
            raise Unauthenticated("sign in: send Authorization: Bearer and a token")
        return Caller(viewer)


CLOSED = SignIn()
"""Nobody may ask anything."""


def blind(viewer: Viewer) -> bool:
    """Whether somebody sees no kind of thing at all."""
    return viewer.kinds is not None and not viewer.kinds


def _bearer(authorization: Sequence[str]) -> str:
    if len(authorization) > 1:
        raise Unauthenticated("there are several Authorization headers; send one")
    scheme, _, token = authorization[0].partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise Unauthenticated("Authorization must be Bearer and a token")
    return token.strip()


class SignedIn:
    """Lets nobody past whom the policy gives nothing; below, `state.caller` says who asks."""

    OPEN = ("/health", "/ready", "/metrics")
    """Addresses for everybody; who may read the figures is a setting of its own."""

    def __init__(self, app: ASGIApp, sign_in: SignIn) -> None:
        self.app = app
        self.sign_in = sign_in

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Find out who asks, or refuse. Sockets sign in by their first message."""
        if scope["type"] == "http" and scope["path"] not in self.OPEN:
            request = Request(scope)
            try:
                request.state.caller = await self.sign_in.caller(authorization(request.headers))
            except GoldenthreadError as error:
                await refused(request, error)(scope, receive, send)
                return
        await self.app(scope, receive, send)


def authorization(headers: Headers) -> list[str]:
    """Every Authorization header."""
    return headers.getlist("authorization")


def refused(request: Request, error: GoldenthreadError) -> Response:
    """A caller who is not let in, in the words of HTTP (RFC 6750, section 3)."""
    headers: dict[str, str] = {}
    if isinstance(error, Unauthenticated):
        sent = authorization(request.headers)
        wrong = f', error="invalid_token", error_description="{error}"' if sent else ""
        headers = {"WWW-Authenticate": REALM + wrong}
    if isinstance(error, Unavailable):
        headers = {"Retry-After": "5"}
    media = negotiated(", ".join(request.headers.getlist("accept"))) or JSON
    told = Declined(str(error), STATUS[error.code], error.code, headers)
    return declined(told, request_id(request), media)
