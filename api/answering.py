"""One GraphQL request to one result, whatever strawberry raises on the way."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import strawberry
from graphql import GraphQLError, GraphQLSyntaxError, Source
from strawberry.exceptions import MissingQueryError
from strawberry.schema.exceptions import CannotGetOperationTypeError
from strawberry.types import ExecutionResult
from strawberry.types.graphql import OperationType

from api.requests import GraphQLRequest
from graph.errors import BadRequest
from graph.questions import Ask

ANY = (OperationType.QUERY, OperationType.MUTATION)


async def answered(
    schema: strawberry.Schema,
    asked: GraphQLRequest,
    ask: Ask,
    kinds: Iterable[OperationType] = ANY,
) -> ExecutionResult:
    """The result; its errors are what GraphQL found wrong.

    Raises InvalidOperationTypeError for an operation of another kind.
    """
    try:
        return await schema.execute(
            asked.query,
            asked.variables,
            context_value={"ask": ask},
            operation_name=asked.operation_name,
            allowed_operation_types=kinds,
        )
    except MissingQueryError:
        return _only(GraphQLSyntaxError(Source(""), 0, "The document is empty."))
    except CannotGetOperationTypeError as error:
        name = error.operation_name
        wrong = BadRequest(
            "the document has no operation" if name is None else f"no operation is named {name!r}"
        )
        return _only(GraphQLError(str(wrong), original_error=wrong))


def executed(result: ExecutionResult) -> bool:
    """Whether anything was executed; if not, the answer has no `data`."""
    return result.data is not None or any(error.path for error in result.errors or ())


def _only(error: GraphQLError) -> ExecutionResult:
    return ExecutionResult(data=None, errors=[error])


def body(result: ExecutionResult, errors: list[dict[str, Any]]) -> dict[str, Any]:
    """An answer as GraphQL writes it."""
    told: dict[str, Any] = {"data": result.data} if executed(result) else {}
    if errors:
        told["errors"] = errors
    if result.extensions:
        told["extensions"] = result.extensions
    return told
