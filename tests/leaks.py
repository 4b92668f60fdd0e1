"""Looks for what is hidden from a role in answers, and writes selections that ask for all."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import cache
from typing import Any

from graphql import (
    GraphQLInterfaceType,
    GraphQLLeafType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLUnionType,
    get_named_type,
    is_required_argument,
)

from api.app import schema
from graph.ontology import ONTOLOGY
from tests.access_model import Role, rows

TYPES = schema()._schema.type_map
WORD = re.compile(r"(?<![A-Za-z0-9_])[a-z][a-z_]*:")
DEEP = 7
"""Objects within objects that a selection asks for."""


def roots(of: str) -> dict[str, Any]:
    """The root fields of `query_type`, `mutation_type` or `subscription_type`, by name."""
    found: dict[str, Any] = getattr(schema()._schema, of).fields
    return found


def everything(named: GraphQLNamedType, above: tuple[str, ...] = ()) -> str:
    """A selection of every field that a type has; of things only their id and name."""
    if isinstance(named, GraphQLUnionType):
        parts = (f"... on {one.name} {everything(one, above)}" for one in named.types)
        return f"{{ __typename {' '.join(parts)} }}"
    assert isinstance(named, GraphQLObjectType | GraphQLInterfaceType)
    if _thing(named):
        named_too = named.name in ("Node", "Entity") or "name" in named.fields
        return f"{{ __typename id {'... on Entity { name } ' if named_too else ''}}}"
    parts = (_field(name, field, (*above, named.name)) for name, field in named.fields.items())
    return f"{{ {' '.join(part for part in parts if part)} }}"


def _thing(named: GraphQLObjectType | GraphQLInterfaceType) -> bool:
    return named.name == "Node" or any(one.name == "Node" for one in named.interfaces)


def _field(name: str, field: Any, above: tuple[str, ...]) -> str:
    inner = get_named_type(field.type)
    if any(is_required_argument(argument) for argument in field.args.values()):
        return ""
    if name == "nodes" and above[-1].endswith("Connection"):
        return ""  # `edges` tell the same
    if isinstance(inner, GraphQLLeafType):
        return name
    if inner.name in above or len(above) > DEEP:
        return ""
    return f"{name} {everything(inner, above)}"


@cache
def _hidden(who: Role) -> dict[str, frozenset[int]]:
    """Lengths of the hidden ids by their first word."""
    found: dict[str, set[int]] = {}
    for id_ in who.hidden:
        found.setdefault(id_.partition(":")[0], set()).add(len(id_))
    return {word: frozenset(sizes) for word, sizes in found.items()}


def ids(who: Role, text: str) -> Iterator[str]:
    """Ids of hidden rows that stand in a text, be it within the id of a link."""
    lengths = _hidden(who)
    for match in WORD.finditer(text):
        at = match.start()
        for size in lengths.get(match[0][:-1], ()):
            if (found := text[at : at + size]) in who.hidden and _ends(text, at + size):
                yield found


def _ends(text: str, at: int) -> bool:
    """Whether an id may end there: keys go on with letters, digits, _, - and /."""
    return at >= len(text) or (not (text[at].isalnum() or text[at] in "_-") and text[at] != "/")


@cache
def names(who: Role) -> frozenset[str]:
    """Names that hidden rows alone have."""
    named: dict[bool, set[str]] = {True: set(), False: set()}
    for id_, said in rows().items():
        named[id_ in who.hidden] |= {row["name"] for row in said if row.get("name")}
    return frozenset(named[True] - named[False] - ONTOLOGY.kinds.keys())


def texts(value: Any) -> Iterator[str]:
    """Every text of an answer."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for one in value.values():
            yield from texts(one)
    elif isinstance(value, list):
        for one in value:
            yield from texts(one)


def found(who: Role, told: Any) -> list[str]:
    """Ids and names of hidden rows in an answer."""
    every = set(texts(told))
    return sorted({*ids(who, json.dumps(told)), *(every & names(who))})
