"""The schema as a table of contents: what may be asked, and how an answer finds its way out."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime
from functools import partial
from types import GenericAlias
from typing import Any, Optional

import strawberry
from graphql import GraphQLInterfaceType, GraphQLObjectType, GraphQLResolveInfo
from pydantic import ValidationError
from strawberry.schema.config import StrawberryConfig
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext

from api.derive import SCALARS, ArgumentSpec, Derived
from api.selection import selected
from graph.errors import BadRequest
from graph.ontology import ONTOLOGY, Ontology
from graph.ontology.vocabulary import Entity, Input, Kind, camel
from graph.questions import Ask, AsOf, Question, plain
from graph.questions.walks import ChainsQuestion, ImpactQuestion, LineageQuestion
from graph.selection import Select
from graph.shapes import TYPE

Resolve = Callable[[Ask, dict[str, Any], Select], Awaitable[Any]]

QUESTIONS: tuple[type[Question], ...] = (LineageQuestion, ChainsQuestion, ImpactQuestion)


class ArchiveFilter(Input):
    """Which of what has ended to list; all parts must hold."""

    ended_since: datetime | None = None
    """Ended at this instant or later."""
    ended_until: datetime | None = None
    """Ended before this instant."""
    reason: str | None = None
    """Words that the reason contains, in capitals or not."""


class _Context(StrawberryGraphQLCoreExecutionContext):
    """Hands resolvers the variables in the form in which arguments are worked out again."""

    def build_resolve_info(self, *given: Any, **named: Any) -> GraphQLResolveInfo:
        info: Any = super().build_resolve_info(*given, **named)
        replaced: GraphQLResolveInfo = info._replace(variable_values=self.variable_values)
        return replaced


class Schema(strawberry.Schema):
    """Strawberry's schema; what is to be logged is logged where errors are told."""

    def process_errors(self, *_: Any, **__: Any) -> None:
        """Nothing: users' mistakes are no news, and ours are logged with their request id."""


class Roots:
    """The root fields: their types and what answers each."""

    def __init__(self, ontology: Ontology) -> None:
        self.derived = Derived(ontology)
        self.shell: Any = type("Query", (), {"__annotations__": {}})
        self.resolvers: dict[str, Resolve] = {}
        self._by_id()
        for kind in ontology.entities:
            self._entity(kind)
        self._search()
        self._archive()
        for question in QUESTIONS:
            self._question(question)
        self.query = strawberry.type(self.shell, description="What may be asked.")

    def _put(
        self, name: str, type_: Any, told: str, arguments: list[ArgumentSpec], resolve: Resolve
    ) -> None:
        self.derived.field(self.shell, name, type_, told, [*arguments, self._as_of()])
        self.resolvers[name] = resolve

    def _as_of(self) -> ArgumentSpec:
        type_ = Optional[self.derived.into(AsOf)]
        return ("as_of", type_, "The point on both time axes; now if left out.", strawberry.UNSET)

    def _by_id(self) -> None:
        node = self.derived.node
        ids = GenericAlias(list, (strawberry.ID,))
        some = Optional[GenericAlias(list, (Optional[node],))]  # type: ignore[misc]
        told = "A thing or link by its global id; null if there is none."
        unset = strawberry.UNSET
        self._put("node", Optional[node], told, [("id", strawberry.ID, "Global id.", unset)], _node)
        told = "Things and links by global id; null where there is none."
        self._put("nodes", some, told, [("ids", ids, "Global ids, at most 200.", unset)], _nodes)

    def _entity(self, kind: type[Entity]) -> None:
        type_, doc = self.derived.kinds[kind], (kind.__doc__ or "").strip()
        key: ArgumentSpec = ("key", str, "Its business key.", strawberry.UNSET)
        self._put(kind.word, Optional[type_], f"One by its key. {doc}", [key], partial(_thing, kind))
        connection = self.derived.root_connection(kind.label, type_)
        arguments = self.derived.page_arguments((kind,))
        told = f"A page of those in force. {doc}"
        self._put(kind.table, Optional[connection], told, arguments, partial(_page, kind))

    def _search(self) -> None:
        connection = self.derived.root_connection("Entity", self.derived.entity)
        text: ArgumentSpec = ("text", str, "Words to look for; the last may be a beginning.", strawberry.UNSET)
        told = "What is in force and speaks of these words, best match first."
        self._put("search", Optional[connection], told, [text, *self._of_kinds()], _search)

    def _archive(self) -> None:
        connection = self.derived.root_connection("Archive", self.derived.entity)
        filter_ = self.derived.into(ArchiveFilter)
        told = "What has ended, newest first; everything below is told as of its last instant."
        wish: ArgumentSpec = ("filter", Optional[filter_], "Which to list.", strawberry.UNSET)
        self._put("archive", Optional[connection], told, [wish, *self._of_kinds()], _archive)

    def _of_kinds(self) -> list[ArgumentSpec]:
        kinds = GenericAlias(list, (self.derived.kind_enum,))
        told = "Only these kinds; all if left out."
        return [
            ("kinds", Optional[kinds], told, strawberry.UNSET),
            *self.derived.page_arguments((Entity, Entity)),
        ]

    def _question(self, question: type[Question]) -> None:
        arguments = [one for one in self.derived.arguments(question) if one[0] != "as_of"]
        told = " ".join((question.__doc__ or "").split())
        type_ = Optional[self.derived.out(question.answers)]
        self._put(question.name, type_, told, arguments, partial(_asked, question))


def build(ontology: Ontology = ONTOLOGY) -> strawberry.Schema:
    """The schema of an ontology, ready to be served."""
    roots = Roots(ontology)
    derived = roots.derived
    schema = Schema(
        query=roots.query,
        types=[*derived.kinds.values(), *derived.links],
        config=StrawberryConfig(scalar_map=SCALARS),
        execution_context_class=_Context,
    )
    _wire(schema, roots.resolvers)
    return schema


def sdl(schema: strawberry.Schema) -> str:
    """The schema in its own language, as committed."""
    return schema.as_str().rstrip("\n") + "\n"


def _wire(schema: strawberry.Schema, resolvers: dict[str, Resolve]) -> None:
    """Answers are mappings by alias already: every field below the roots only takes its own."""
    core = schema._schema
    for type_ in core.type_map.values():
        if isinstance(type_, GraphQLInterfaceType):
            type_.resolve_type = _typename
        elif isinstance(type_, GraphQLObjectType) and not type_.name.startswith("__"):
            type_.is_type_of = None
            for field in type_.fields.values():
                field.resolve = _told
    query = core.query_type
    if query is None:
        raise RuntimeError("a schema without root fields")
    for name, field in query.fields.items():
        word = next(w for w in resolvers if camel(w) == name)
        field.resolve = partial(_root, resolvers[word])


def _told(source: Any, info: GraphQLResolveInfo, **_: Any) -> Any:
    return source[info.path.key]


def _typename(value: Any, *_: Any) -> str:
    return str(value[TYPE])


async def _root(resolve: Resolve, _: Any, info: GraphQLResolveInfo, **given: Any) -> Any:
    select = selected(info)
    try:
        as_of = select.arguments.get("asOf")
        arguments = {**select.arguments, "asOf": AsOf.model_validate(as_of) if as_of else None}
        return await resolve(info.context["ask"], arguments, select)
    except ValidationError as error:
        raise BadRequest(_first_wrong(error)) from error


def _first_wrong(error: ValidationError) -> str:
    first = error.errors(include_url=False)[0]
    where = ".".join(str(part) for part in first["loc"])
    return f"`{where}: {str(first.get('input'))[:60]}` is refused: {str(first['msg']).lower()}"


async def _node(ask: Ask, given: dict[str, Any], select: Select) -> Any:
    return (await plain.nodes(ask, [given["id"]], given["asOf"], select))[0]


async def _nodes(ask: Ask, given: dict[str, Any], select: Select) -> Any:
    return await plain.nodes(ask, given["ids"], given["asOf"], select)


async def _thing(kind: type[Kind], ask: Ask, given: dict[str, Any], select: Select) -> Any:
    return await plain.thing(ask, kind, given["key"], given["asOf"], select)


async def _page(kind: type[Kind], ask: Ask, given: dict[str, Any], select: Select) -> Any:
    return await plain.page(ask, kind, kind.table, given["asOf"], select)


async def _search(ask: Ask, given: dict[str, Any], select: Select) -> Any:
    return await plain.search(ask, given["text"], given.get("kinds"), given["asOf"], select)


async def _archive(ask: Ask, given: dict[str, Any], select: Select) -> Any:
    return await plain.archive(ask, given.get("kinds"), given["asOf"], select)


async def _asked(question: type[Question], ask: Ask, given: dict[str, Any], select: Select) -> Any:
    return await question.model_validate(given).answer(ask, select)
