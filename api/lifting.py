"""Documents that differ in quoted texts alone: what is known of one serves for the others.

Who writes `kpi(key: "churn")`, and no variable, sends another document for each key. Such texts in
arguments of root fields are lifted out of it, and take the place of those that a known one has.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import NamedTuple, TypeVar

from graphql import (
    ArgumentNode,
    FieldNode,
    ListValueNode,
    Node,
    ObjectFieldNode,
    ObjectValueNode,
    StringValueNode,
)

from api.trees import nodes

SPECIAL = ('"""', "#", "\\")
"""Where one of them stands, it takes a lexer to say where a text begins and ends."""

Others = Mapping[int, str]
"""By the identity of its node, the text that is asked with in its place."""
N = TypeVar("N", bound=Node)


class Apart(NamedTuple):
    """The text of a document, apart from the texts that it quotes."""

    around: str
    quoted: tuple[str, ...]


def apart(text: str) -> Apart | None:
    """A document's text taken apart; None where nothing is quoted, or not in the plainest way."""
    parts = text.split('"')
    if len(parts) % 2 == 0 or len(parts) == 1 or any(mark in text for mark in SPECIAL):
        return None
    quoted = tuple(parts[1::2])
    return Apart('"'.join(parts[::2]), quoted) if all(map(str.isprintable, quoted)) else None


def texts(parts: Iterable[Node]) -> list[StringValueNode]:
    """The quoted texts of some parts of a document, in the order in which they are written."""
    found = [node for node in nodes(parts) if isinstance(node, StringValueNode)]
    return sorted(found, key=lambda node: node.loc.start if node.loc else 0)


def lone(tree: Node) -> frozenset[int]:
    """Identities of the texts that a field quotes under whose name no other field quotes any.

    Two that answer under one name must have the same arguments, whether they are asked or not.
    """
    fields = [node for node in nodes([tree]) if isinstance(node, FieldNode)]
    told = [((one.alias or one.name).value, texts(one.arguments or ())) for one in fields]
    names = Counter(name for name, found in told if found)
    return frozenset(id(text) for name, found in told for text in found if names[name] == 1)


def with_others(node: N, others: Others) -> N:
    """An argument, a value or a field's arguments with these texts in place of their own."""
    match node:
        case StringValueNode():
            return replace(node, value=others.get(id(node), node.value))
        case ArgumentNode() | ObjectFieldNode():
            return replace(node, value=with_others(node.value, others))
        case ListValueNode():
            return replace(node, values=tuple(with_others(one, others) for one in node.values))
        case ObjectValueNode():
            return replace(node, fields=tuple(with_others(one, others) for one in node.fields))
        case FieldNode():
            given = tuple(with_others(one, others) for one in node.arguments or ())
            return replace(node, arguments=given)
    return node
