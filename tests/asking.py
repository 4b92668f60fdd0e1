"""How tests ask and write: GraphQL straight at the schema, small graphs in one line each."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import strawberry

from api.app import schema as served
from api.errors import code_of
from graph.audit import Actor
from graph.changes import Change, Piece
from graph.ontology import ONTOLOGY, Ontology
from graph.ontology.vocabulary import Entity
from graph.questions import Ask
from graph.store import Receipt, Store
from graph.times import DAWN, FAR
from graph.viewers import EVERYONE, Viewer

TESTER = Actor("tester")


class Unanswered(AssertionError):
    """A question that should have been answered."""


async def answer(
    store: Store,
    text: str,
    /,
    viewer: Viewer = EVERYONE,
    schema: strawberry.Schema | None = None,
    **variables: Any,
) -> dict[str, Any]:
    """The data of an answer without errors."""
    data, errors = await both(store, text, viewer, schema, **variables)
    if errors:
        raise Unanswered("; ".join(f"{code_of(error)}: {error}" for error in errors))
    return data


async def codes(store: Store, text: str, /, **variables: Any) -> list[str]:
    """The codes of the errors of an answer."""
    _, errors = await both(store, text, **variables)
    return [code_of(error) for error in errors]


async def both(
    store: Store,
    text: str,
    /,
    viewer: Viewer = EVERYONE,
    schema: strawberry.Schema | None = None,
    **variables: Any,
) -> tuple[Any, list[Any]]:
    """Data and errors of an answer."""
    context = {"ask": Ask.of(store, viewer), "request_id": "test"}
    result = await (schema or served()).execute(
        text, variable_values=variables, context_value=context
    )
    return result.data, list(result.errors or ())


def thing(
    id_: str,
    since: datetime = DAWN,
    until: datetime = FAR,
    ontology: Ontology = ONTOLOGY,
    **state: Any,
) -> Change:
    """A thing that is in force for a time; an entity is named after its key."""
    kind = ontology.kind_of(id_)
    if kind and issubclass(kind, Entity):
        state = {"name": id_.partition(":")[2], "status": "ACTIVE"} | state
    return Change(id_, since, (Piece(since, until, state),))


def link(
    word: str,
    source: str,
    target: str,
    since: datetime = DAWN,
    until: datetime = FAR,
    **state: Any,
) -> Change:
    """A link that is in force for a time; `key` in place of its ends where it has one."""
    id_ = f"{word}:{state.pop('key', f'{source}/{target}')}"
    return Change(id_, since, (Piece(since, until, state),), source=source, target=target)


async def put(store: Store, *changes: Change, reason: str = "a test") -> Receipt:
    """Write changes as the tester."""
    return await store.put(changes, TESTER, reason)
