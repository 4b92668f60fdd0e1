"""Our errors as GraphQL tells them: one closed list of codes, no internal text, a request id."""

from __future__ import annotations

from typing import Any

import structlog
from graphql import GraphQLError, GraphQLSyntaxError

from graph.errors import GoldenthreadError

CODES = (
    "BAD_REQUEST",
    "GRAPHQL_PARSE_FAILED",
    "GRAPHQL_VALIDATION_FAILED",
    "UNAUTHENTICATED",
    "FORBIDDEN",
    "NOT_FOUND",
    "CONFLICT",
    "QUERY_TOO_COMPLEX",
    "TIMEOUT",
    "UNAVAILABLE",
    "INTERNAL",
)
"""Every code that an error may carry."""

SORRY = "something went wrong on our side; tell us the request id"
"""What a client reads in place of internal text."""

log = structlog.get_logger("goldenthread")


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
