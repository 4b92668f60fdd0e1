"""Our errors as GraphQL tells them: one closed list of codes, no internal text, a request id."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import structlog
from graphql import GraphQLError, GraphQLSyntaxError
from strawberry.exceptions import StrawberryInputCoercionError

from graph.errors import GoldenthreadError

STATUS = {
    "BAD_REQUEST": 400,
    "GRAPHQL_PARSE_FAILED": 400,
    "GRAPHQL_VALIDATION_FAILED": 400,
    "UNAUTHENTICATED": 401,
    "FORBIDDEN": 403,
    "NOT_FOUND": 404,
    "CONFLICT": 409,
    "QUERY_TOO_COMPLEX": 400,
    "TIMEOUT": 504,
    "UNAVAILABLE": 503,
    "INTERNAL": 500,
}
"""The status of an answer that is only an error with this code."""

CODES = tuple(STATUS)
"""Every code that an error may carry."""

SORRY = "something went wrong on our side; tell us the request id"
"""What a client reads in place of internal text."""

log = structlog.get_logger("goldenthread")


class Declined(Exception):
    """A request that is no GraphQL request, or asks for what HTTP forbids."""

    def __init__(
        self,
        message: str,
        status: int = 400,
        code: str = "BAD_REQUEST",
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.headers = headers or {}


def told(error: GraphQLError, request_id: str) -> dict[str, Any]:
    """An error as the client sees it."""
    code = code_of(error)
    message = error.message
    if code == "INTERNAL":
        log.error("internal error", request_id=request_id, exc_info=error.original_error or error)
        message = SORRY
    shown: dict[str, Any] = {"message": message}
    if error.locations:
        shown["locations"] = [{"line": one.line, "column": one.column} for one in error.locations]
    if error.path:
        shown["path"] = error.path
    return {**shown, "extensions": {"code": code, "requestId": request_id}}


def code_of(error: GraphQLError) -> str:
    """The code of an error, by what raised it."""
    original = error.original_error
    bad_value = isinstance(original, GraphQLError) and not error.path
    bad_value = bad_value or isinstance(original or error, StrawberryInputCoercionError)
    while isinstance(original, GraphQLError):
        original = original.original_error
    if isinstance(original, GoldenthreadError):
        return original.code
    if isinstance(error, GraphQLSyntaxError):
        return "GRAPHQL_PARSE_FAILED"
    if bad_value and original is None:
        return "BAD_REQUEST"
    return "INTERNAL" if original is not None or error.path else "GRAPHQL_VALIDATION_FAILED"


def refusal(message: str, code: str, request_id: str) -> dict[str, Any]:
    """An answer that is only an error."""
    return {"errors": [{"message": message, "extensions": {"code": code, "requestId": request_id}}]}
