"""How an answer finds its way out: one resolver a root field, below it everything takes its own."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from functools import partial
from typing import Any

import strawberry
from graphql import (
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLResolveInfo,
    GraphQLUnionType,
)
from pydantic import ValidationError
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext

from api.reads import AUDIT
from api.selection import selected
from graph.errors import BadRequest
from graph.ontology.vocabulary import camel
from graph.questions import Ask, AsOf
from graph.selection import Select
from graph.shapes import TYPE

Resolve = Callable[[Ask, dict[str, Any], Select], Awaitable[Any]]
Write = Callable[[Ask, str, dict[str, Any], Select], Awaitable[Any]]
Watch = Callable[[Mapping[str, Any], dict[str, Any], Select], AsyncIterator[Any]]
Info = GraphQLResolveInfo[Any]
OWN = AUDIT | {"myAccess", "exclusions"}
"""Root fields of which nobody is told what was told before: it is recorded, of the one who asks,
or (`due`) of the day."""
ANSWERS = "answers"
"""Where a root field of the schema says what answers it."""


class VariablesContext(StrawberryGraphQLCoreExecutionContext):
    """Hands resolvers the variables in the form in which arguments are worked out again."""

    def build_resolve_info(self, *given: Any, **named: Any) -> Info:
        """As graphql-core makes it, with the variables as they were coerced."""
        info: Any = super().build_resolve_info(*given, **named)
        replaced: Info = info._replace(variable_values=self.variable_values)
        return replaced


def wire(
    schema: strawberry.Schema,
    resolvers: Mapping[str, Resolve],
    writers: Mapping[str, Write],
    watchers: Mapping[str, Watch],
) -> None:
    """Answers are mappings by alias already: every field below the roots only takes its own."""
    core = schema._schema
    for type_ in core.type_map.values():
        if isinstance(type_, GraphQLInterfaceType | GraphQLUnionType):
            type_.resolve_type = _typename
        elif isinstance(type_, GraphQLObjectType) and not type_.name.startswith("__"):
            type_.is_type_of = None
            for field in type_.fields.values():
                field.resolve = _told
    roots = core.query_type.fields if core.query_type else {}
    for name, by in resolvers.items():
        roots[camel(name)].resolve = _root
        roots[camel(name)].extensions[ANSWERS] = by
    changed = core.mutation_type.fields if core.mutation_type else {}
    for name, write in writers.items():
        changed[camel(name)].resolve = partial(_written, write)
    heard = core.subscription_type.fields if core.subscription_type else {}
    for name, watch in watchers.items():
        heard[camel(name)].subscribe = partial(_heard, watch)


def _told(source: Any, info: Info, **_: Any) -> Any:
    return source[info.path.key]


def _typename(value: Any, *_: Any) -> str:
    return str(value[TYPE])


async def _root(_: Any, info: Info, **given: Any) -> Any:
    found = info.context.get("found")
    if found and info.path.key in found:
        return _again(found[info.path.key])
    reads = info.context.get("reads")
    select = selected(info, ids=reads is not None and reads.concern(info.context["ask"]))
    return await rooted(info.parent_type.fields[info.field_name], info.context, select)


def _again(found: Any) -> Any:
    """What was found before, be it an error."""
    if isinstance(found, Exception):
        raise found
    return found


async def rooted(field: GraphQLField, context: Mapping[str, Any], select: Select) -> Any:
    """What answers a root field. Raises what stops it."""
    resolve: Resolve = field.extensions[ANSWERS]
    ask, reads = context["ask"], context.get("reads")
    if select.name in OWN:
        ask.own.add(select.name)
    try:
        as_of = select.arguments.get("asOf")
        arguments = {**select.arguments, "asOf": AsOf.model_validate(as_of) if as_of else None}
        answer = await resolve(ask, arguments, select)
    except ValidationError as error:
        raise BadRequest(_first_wrong(error)) from error
    if reads is not None:
        await reads.told(ask, context["request_id"], select.name, answer)
    return answer


async def _written(write: Write, _: Any, info: Info, **given: Any) -> Any:
    select, context = selected(info), info.context
    return await write(context["ask"], context["request_id"], dict(select.arguments), select)


async def _heard(watch: Watch, _: Any, info: Info, **given: Any) -> AsyncIterator[Any]:
    """The source of a subscription: each event is told as it is, under the field's alias."""
    select = selected(info)
    try:
        found = watch(info.context, dict(select.arguments), select)
    except ValidationError as error:
        raise BadRequest(_first_wrong(error)) from error
    if reads := info.context.get("reads"):
        await reads.told(info.context["ask"], info.context["request_id"], info.field_name, None)
    info.context["begun"].set()
    return ({select.alias: told} async for told in found)


def _first_wrong(error: ValidationError) -> str:
    first = error.errors(include_url=False)[0]
    where = ".".join(str(part) for part in first["loc"])
    return f"`{where}: {str(first.get('input'))[:60]}` is refused: {_rule(first)}"


def _rule(error: Mapping[str, Any]) -> str:
    """What pydantic found, in the words of a question."""
    said = error.get("ctx") or {}
    match error["type"]:
        case "string_pattern_mismatch" if ":" in said.get("pattern", ""):
            return "it is no id; write kind:key, e.g. kpi:churn"
        case "too_short":
            return f"name at least {said['min_length']}"
        case "too_long":
            return f"name at most {said['max_length']}"
    return str(error["msg"]).lower()
