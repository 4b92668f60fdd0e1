"""One GraphQL request to one result, whatever strawberry raises on the way."""

from __future__ import annotations

from asyncio import gather
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import replace
from typing import Any

import strawberry
from graphql import GraphQLError, GraphQLSyntaxError, Source
from strawberry.exceptions import MissingQueryError
from strawberry.schema.exceptions import CannotGetOperationTypeError
from strawberry.types import ExecutionResult
from strawberry.types.graphql import OperationType

from api.documents import Documents, Unfit, Who
from api.finishing import Finish
from api.reads import Reads
from api.requests import GraphQLRequest
from api.resolving import rooted
from api.schema import DOCUMENT
from graph.errors import BadRequest
from graph.questions import Ask
from graph.selection import Select

ANY = (OperationType.QUERY, OperationType.MUTATION)


async def answered(
    schema: strawberry.Schema,
    asked: GraphQLRequest,
    ask: Ask,
    kinds: Iterable[OperationType] = ANY,
    documents: Documents | None = None,
    request_id: str = "",
    reads: Reads | None = None,
) -> ExecutionResult:
    """The result; its errors are what GraphQL found wrong.

    With `documents` nothing is run that exceeds their limits, and the cost is told.
    Raises InvalidOperationTypeError for an operation of another kind.
    """
    context: dict[str, Any] = {"ask": ask, "request_id": request_id, "reads": reads}
    told = None
    try:
        if documents and asked.query:
            who = Who(ask.viewer.cost, reads is not None and reads.concern(ask))
            document, (told, plan) = documents.ready(asked, who)
            if plan and (data := await _planned(schema, *plan, context)):
                return ExecutionResult(data, None, told)
            context[DOCUMENT] = document or documents.of(asked.query)
        result = await schema.execute(
            asked.query,
            asked.variables,
            context_value=context,
            operation_name=asked.operation_name,
            allowed_operation_types=kinds,
        )
        return replace(result, extensions=told)
    except Unfit as error:
        return ExecutionResult(None, error.errors, error.extensions)
    except MissingQueryError:
        return _only(GraphQLSyntaxError(Source(""), 0, "The document is empty."))
    except CannotGetOperationTypeError as error:
        name = error.operation_name
        wrong = BadRequest(
            "the document has no operation" if name is None else f"no operation is named {name!r}"
        )
        return _only(GraphQLError(str(wrong), original_error=wrong))


async def _planned(
    schema: strawberry.Schema, selects: list[Select], finish: Finish, context: dict[str, Any]
) -> dict[str, Any] | None:
    """The data by a plan; None where the executor is to go on with what was found, which stands
    in the context then."""
    type_ = schema._schema.query_type
    if type_ is None:
        return None
    found = context["found"] = dict[str, Any]()

    async def find(one: Select) -> None:
        try:
            found[one.alias] = await rooted(type_.fields[one.name], context, one)
        except Exception as error:
            found[one.alias] = error

    if len(selects) == 1:
        await find(selects[0])
    else:
        await gather(*map(find, selects))
    with suppress(Exception):
        data: dict[str, Any] = finish(found)
        return data
    return None


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
