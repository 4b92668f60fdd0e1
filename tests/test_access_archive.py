"""Field by role in the archive: what has ended is told as the policy says, and no more."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

from graphql import GraphQLInterfaceType, GraphQLLeafType, GraphQLObjectType, get_named_type

from api.app import schema
from graph.ontology import ONTOLOGY
from graph.ontology.vocabulary import Entity, Kind
from graph.store import Store
from graph.viewers import EVERYONE, Viewer
from tests import samples
from tests.access_model import ROLES, Role, policy, role
from tests.access_told import TOLD, change, hidden, shown
from tests.asking import answer, put

TYPES = schema()._schema.type_map
ENTITIES = tuple(kind for kind in ONTOLOGY.kinds.values() if issubclass(kind, Entity))
AT_ONCE = 5
"""Kinds in one question about what is told of each in another way."""
END = datetime(2025, 1, 1, tzinfo=UTC)


def leaves(label: str) -> list[str]:
    """The plain fields of a type."""
    type_ = TYPES[label]
    assert isinstance(type_, GraphQLObjectType | GraphQLInterfaceType)
    told = type_.fields.items()
    return [name for name, field in told if isinstance(get_named_type(field.type), GraphQLLeafType)]


SHARED = [name for name in leaves("Entity") if name != "revision"]
"""What all have in common; a revision is found in another way for each kind, as a history."""


def shared(_: type[Kind]) -> str:
    """What all have in common."""
    return f"... on Entity {{ {' '.join(SHARED)} }}"


def ended(_: type[Kind]) -> str:
    """How it ended."""
    return "... on Entity { retirement { at reason evidence } }"


def own(kind: type[Kind]) -> str:
    """The plain fields that other kinds do not have, under names of its own."""
    names = (name for name in leaves(kind.label) if name not in (*SHARED, "revision"))
    parts = (f"{kind.word}_{name}: {name}" for name in names)
    return f"... on {kind.label} {{ __typename {' '.join(parts)} }}"


def past(kind: type[Kind]) -> str:
    """Its history, and the number of the last change."""
    history = f"{kind.word}_history: history {{ nodes {{ {TOLD} }} }}"
    return f"... on {kind.label} {{ {kind.word}_revision: revision {history} }}"


def archived(who: Role, node: dict[str, Any]) -> dict[str, Any] | None:
    """An entry of the archive as a role is told it; None where it is not."""
    if hidden(who, node["id"]):
        return None
    kind = ONTOLOGY.kinds[node["id"].partition(":")[0]]
    return {alias: _told(who, kind, alias, value) for alias, value in node.items()}


def _told(who: Role, kind: type[Kind], alias: str, value: Any) -> Any:
    name = alias.removeprefix(f"{kind.word}_")
    if name == "history":
        return {"nodes": [one for each in value["nodes"] if (one := change(who, each))]}
    if name == "retirement":
        reason = shown(who, kind, "rationale", value["reason"])
        evidence = shown(who, kind, "evidence", value["evidence"])
        return value | {"evidence": evidence, "reason": reason or "no reason was recorded"}
    return shown(who, kind, name, value)


async def asked(
    store: Store,
    viewer: Viewer,
    kinds: Sequence[type[Kind]],
    told: Callable[[type[Kind]], str],
) -> Any:
    """The archive of some kinds."""
    words = ", ".join(kind.word.upper() for kind in kinds)
    parts = " ".join(dict.fromkeys(map(told, kinds)))
    text = f"archive(first: 200, kinds: [{words}]) {{ totalCount nodes {{ id {parts} }} }}"
    return (await answer(store, f"{{ {text} }}", viewer))["archive"]


def questions() -> Iterator[tuple[tuple[type[Kind], ...], Callable[[type[Kind]], str]]]:
    """What all have in common and what is their own of all of them, their past of a few."""
    for told in (shared, ended, own):
        yield ENTITIES, told
    for first in range(0, len(ENTITIES), AT_ONCE):
        yield ENTITIES[first : first + AT_ONCE], past


async def test_the_archive_tells_each_field_to_whom_it_may(store: Store, patient: None) -> None:
    """
    Every kind that has a name, in its last state: all its fields, why it ended, its history.
    """
    await put(store, *samples.every(0, kinds=ENTITIES))
    await put(store, *samples.every(0, END, ENTITIES))
    for kinds, told in questions():
        every = (await asked(store, EVERYONE, kinds, told))["nodes"]
        assert {one.id for one in samples.every(0, kinds=kinds)} == {node["id"] for node in every}
        for name in ROLES:
            seen = [kind for kind in kinds if told is not past or role(name).sees(kind)]
            expected = [one for node in every if (one := archived(role(name), node))]
            page = await asked(store, policy().viewer("somebody", [name]), seen or kinds, told)
            assert (name, expected, len(expected)) == (name, page["nodes"], page["totalCount"])
