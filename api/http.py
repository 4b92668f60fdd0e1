"""GraphQL over HTTP, as the draft of that name has it: media types, methods, statuses."""

from __future__ import annotations

from asyncio import ensure_future, timeout
from collections.abc import Mapping, Sequence
from dataclasses import replace
from random import Random
from time import monotonic
from typing import Any

import orjson
import strawberry
from starlette.requests import HTTPConnection, Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send
from strawberry.schema.exceptions import InvalidOperationTypeError
from strawberry.types import ExecutionResult
from strawberry.types.graphql import OperationType

from api.answering import ANY, answered, body, executed
from api.answers import Answers, Told, fit
from api.callers import caller, who
from api.deadlines import HEADER, LEAST, Deadline, lowered, too_late, within
from api.documents import Documents
from api.errors import STATUS, Declined, code_of, refusal, told
from api.limits import DEFAULTS, Limits
from api.metrics import Metrics
from api.negotiation import GRAPHQL, JSON, negotiated
from api.requests import GraphQLRequest, read
from api.trusted import NOTHING_TRUSTED, Trusted
from api.turns import Busy, Turns
from graph.questions import Ask
from graph.store import Store

METHODS = ("GET", "HEAD", "OPTIONS", "POST")
RETRY = {"Retry-After": "1"}
HEADERS = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}


_ids = Random()
"""Ids of requests are not secret, only seldom the same."""


class GraphQLEndpoint:
    """`/graphql`: questions by POST and GET."""

    def __init__(
        self,
        schema: strawberry.Schema,
        limits: Limits = DEFAULTS,
        metrics: Metrics | None = None,
        trusted: Trusted = NOTHING_TRUSTED,
    ) -> None:
        self.schema = schema
        self.limits = limits
        self.metrics = metrics or Metrics()
        self.trusted = trusted
        self.documents = Documents(schema._schema, limits)
        self.turns = Turns(limits)
        self.answers = Answers(limits.answers_kept)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, also what is no GraphQL at all, in JSON."""
        request = Request(scope, receive)
        media = negotiated(", ".join(request.headers.getlist("accept")))
        try:
            response = await self._response(request, media)
        except Declined as error:
            response = declined(error, request_id(request), media or JSON)
        except Busy as error:
            busy = Declined(str(error), 503, error.code, RETRY)
            response = declined(busy, request_id(request), media or JSON)
        response.headers["Vary"] = "Accept"
        if request.method == "HEAD":
            response.body = b""
        await response(scope, receive, send)

    async def _response(self, request: Request, media: str | None) -> Response:
        if request.method == "OPTIONS":
            return Response(status_code=204, headers={"Allow": ", ".join(METHODS)})
        if request.method not in METHODS:
            raise _not_allowed(f"{request.method} is not allowed here", ", ".join(METHODS))
        if media is None:
            wanted = f"answers are {GRAPHQL} or {JSON}; name one of them in Accept"
            raise Declined(wanted, 406)
        self.turns.check(who(request, caller(request)))
        asked = await read(request, self.limits.body_bytes)
        text = self.trusted.text(asked.query, asked.document_id)
        if text != asked.query:
            asked = replace(asked, query=text)
        limits, began = self.limits, monotonic()
        most = limits.writing_deadline if self.documents.writes(asked.query) else limits.deadline
        seconds = lowered(request.headers.get(HEADER), most)
        if kept := await self._again(request, asked, media, seconds):
            return kept
        return await self._in_turn(request, asked, media, Deadline(began, seconds))

    async def _again(
        self, request: Request, asked: GraphQLRequest, media: str, seconds: float
    ) -> Response | None:
        """The answer that was given before, if it is the same still; it needs no turn."""
        store = _store(request)
        found = self.answers.find(asked, caller(request).viewer, store.clock())
        if found is None:
            return None
        try:
            async with timeout(seconds):
                if not await self.answers.same(found, store):
                    return None
        except TimeoutError:
            raise too_late(seconds) from None
        self._count(request, "query", (), found.cost)
        return raw(found.body, 200, media)

    async def _in_turn(
        self, request: Request, asked: GraphQLRequest, media: str, deadline: Deadline
    ) -> Response:
        """The answer before the deadline, in which waiting for a turn counts."""
        place = self.turns.enter(who(request, caller(request)))

        async def work() -> Response:
            await place.called
            self._note(request)
            if deadline.left < LEAST:
                raise too_late(deadline.seconds)
            return await self._answer(request, asked, media, deadline.left)

        working = ensure_future(work())
        working.add_done_callback(place.leave)
        try:
            return await within(deadline, working, request.receive)
        finally:
            self._note(request)

    def _count(self, request: Request, kind: str, codes: Sequence[str], cost: int | None) -> None:
        """Kind, codes and cost, for the figures and the log."""
        self.metrics.operation(kind, codes, cost)
        request.state.asked = {"kind": kind, "codes": codes, "cost": cost}

    def _note(self, request: Request) -> None:
        away = _store(request).breaker.open
        self.metrics.turns(self.turns.working, self.turns.waiting, away)

    async def _answer(
        self, request: Request, asked: GraphQLRequest, media: str, left: float
    ) -> Response:
        ask = Ask.of(_store(request), caller(request).viewer, left)
        made, reads = request_id(request), request.app.state.reads
        before = ask.store.heads.seen
        kinds = ANY if request.method == "POST" else (OperationType.QUERY,)
        try:
            result = await answered(self.schema, asked, ask, kinds, self.documents, made, reads)
        except InvalidOperationTypeError as error:
            raise _misplaced(error.operation_type) from error
        response = _told(result, made, media)
        name, ran = asked.operation_name, executed(result)
        kind = self.documents.kind(asked.query, name, ran)
        codes = sorted({code_of(error) for error in result.errors or ()})
        cost = (result.extensions or {}).get("cost", {}).get("requested")
        self._count(request, kind, codes, cost)
        if len(response.body) > self.limits.reply_bytes:
            told = f"the answer is longer than {self.limits.reply_bytes} bytes; ask for less"
            raise Declined(told, 400, "QUERY_TOO_COMPLEX")
        if kind == "query" and not codes and fit(ask, reads):
            self.answers.keep(asked, ask, before, Told(bytes(response.body), cost))
        return response


def request_id(request: HTTPConnection) -> str:
    """The caller's own id if it sent a short one, else a new one; the same within one request."""
    state = request.scope.setdefault("state", {})
    if (made := state.get("request_id")) is None:
        sent = request.headers.get("x-request-id", "")
        fit = 0 < len(sent) <= 64 and sent.isascii() and sent.isprintable()
        made = state["request_id"] = sent if fit else f"{_ids.getrandbits(128):032x}"
    return str(made)


def answer(
    content: Mapping[str, Any],
    status: int = 200,
    media: str = JSON,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """An answer in JSON, which no cache keeps and no browser takes for anything else."""
    return raw(orjson.dumps(content), status, media, headers)


def raw(
    data: bytes, status: int = 200, media: str = JSON, headers: Mapping[str, str] | None = None
) -> Response:
    """The same of an answer that is JSON already."""
    return Response(data, status, {**HEADERS, **(headers or {})}, f"{media}; charset=utf-8")


def declined(error: Declined, made: str, media: str = JSON) -> Response:
    """A request that is refused before anybody looks at its GraphQL."""
    return answer(refusal(str(error), error.code, made), error.status, media, error.headers)


def _store(request: Request) -> Store:
    store: Store = request.app.state.store
    return store


def _not_allowed(message: str, allowed: str) -> Declined:
    return Declined(f"{message}; allowed: {allowed}", 405, headers={"Allow": allowed})


def _misplaced(kind: OperationType) -> Declined:
    if kind is OperationType.MUTATION:
        return _not_allowed("a mutation changes things, so it is not taken by GET", "POST")
    return Declined("a subscription is not answered here")


def _told(result: ExecutionResult, made: str, media: str) -> Response:
    """What was executed is 200, errors or not; what was not has the status of its error.

    In `application/json` that is 200 as well, unless the fault is ours: its readers know GraphQL's
    errors from a proxy's by nothing else.
    """
    errors = [told(error, made) for error in result.errors or ()]
    status = 200
    if not executed(result):
        status = max(STATUS[error["extensions"]["code"]] for error in errors)
    if media == JSON and status < 500:
        status = 200
    away = any(error["extensions"]["code"] == "UNAVAILABLE" for error in errors)
    return answer(body(result, errors), status, media, RETRY if away else None)
