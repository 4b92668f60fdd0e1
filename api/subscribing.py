"""Subscriptions of one process: how many each caller has, and the results of one as they come."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator, Iterator
from contextlib import aclosing, contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import strawberry
from graphql import GraphQLError
from starlette.requests import HTTPConnection
from strawberry.exceptions import MissingQueryError
from strawberry.schema.exceptions import CannotGetOperationTypeError, InvalidOperationTypeError
from strawberry.types import ExecutionResult
from strawberry.types.graphql import OperationType

from api.answering import body
from api.callers import Caller
from api.documents import Documents, Unfit
from api.errors import Declined, refusal, told
from api.requests import GraphQLRequest
from api.schema import DOCUMENT
from api.socket_limits import SOCKETS, SocketLimits
from api.trusted import NOTHING_TRUSTED, Trusted
from graph.errors import BadRequest
from graph.publications import Publications
from graph.questions import Ask
from graph.store import Store

ONLY = "only subscriptions are told as they come; ask by POST with Accept: application/json"


class TooMany(BadRequest):
    """A caller has as many open as one may have."""


@dataclass(frozen=True, slots=True)
class Event:
    """One result of a subscription; `begun` is false where it never began."""

    told: dict[str, Any]
    begun: bool


@dataclass(slots=True)
class Subscriptions:
    """Those of one process."""

    schema: strawberry.Schema
    limits: SocketLimits = SOCKETS
    documents: Documents | None = None
    """Documents within their limits."""
    trusted: Trusted = NOTHING_TRUSTED
    """Operations that are known by id."""
    sockets: Counter[str] = field(default_factory=Counter)
    open: Counter[str] = field(default_factory=Counter)
    ended: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when the service ends."""

    @contextmanager
    def socket(self, who: str) -> Iterator[None]:
        """One more socket of a caller. Raises TooMany."""
        with _one_more(self.sockets, who, self.limits.sockets, "sockets"):
            yield

    @contextmanager
    def subscription(self, who: str) -> Iterator[None]:
        """One more subscription of a caller. Raises TooMany."""
        with _one_more(self.open, who, self.limits.subscriptions, "subscriptions"):
            yield

    async def results(
        self,
        asked: GraphQLRequest,
        connection: HTTPConnection,
        caller: Caller,
        made: str,
        begun: asyncio.Event | None = None,
    ) -> AsyncGenerator[Event]:
        """What a subscription tells, until the caller leaves it; `begun` is set once it waits.

        One that is refused tells a single event that never began.
        """
        state, begun = connection.app.state, begun or asyncio.Event()
        store: Store = state.store
        publications: Publications = state.publications
        context: dict[str, Any] = {
            "ask": Ask.of(store, caller.viewer),
            "publications": publications,
            "request_id": made,
            "begun": begun,
            "reads": state.reads,
        }
        try:
            asked = replace(asked, query=self.trusted.text(asked.query, asked.document_id))
            if self.documents:
                document = context[DOCUMENT] = self.documents.of(asked.query)
                if not document.errors:
                    given = asked.variables or {}
                    document.cost(asked.operation_name, given, caller.viewer.cost)
        except Declined as error:
            yield Event(refusal(str(error), error.code, made), False)
            return
        except Unfit as error:
            yield Event(_told(ExecutionResult(None, error.errors, error.extensions), made), False)
            return
        found = await self.schema.stream(
            asked.query,
            asked.variables,
            context_value=context,
            operation_name=asked.operation_name,
            allowed_operation_types=(OperationType.SUBSCRIPTION,),
        )
        async with aclosing(found) as results:
            async for result in results:
                if isinstance(result, ExecutionResult):
                    yield Event(_told(result, made), begun.is_set())


@contextmanager
def _one_more(counted: Counter[str], who: str, most: int, what: str) -> Iterator[None]:
    if counted[who] >= most:
        raise TooMany(f"you have {most} {what} open; close one first")
    counted[who] += 1
    try:
        yield
    finally:
        counted[who] -= 1
        if not counted[who]:
            del counted[who]


def _told(result: ExecutionResult, made: str) -> dict[str, Any]:
    errors = [told(_ours(error), made) for error in result.errors or ()]
    return body(result, errors)


def _ours(error: GraphQLError) -> GraphQLError:
    """What strawberry refuses before anything runs, in our words."""
    why = {
        InvalidOperationTypeError: ONLY,
        MissingQueryError: "the document is empty",
        CannotGetOperationTypeError: "the document has no operation of that name",
    }.get(type(error.original_error))
    return error if why is None else GraphQLError(why, original_error=BadRequest(why))
