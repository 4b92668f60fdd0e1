"""What a GraphQL document selects, as the domain's own selection."""

from __future__ import annotations

from collections.abc import Iterator
from enum import Enum
from typing import Any

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLIncludeDirective,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLResolveInfo,
    GraphQLSkipDirective,
    GraphQLUnionType,
    InlineFragmentNode,
    SelectionNode,
    get_named_type,
)
from graphql.execution.values import get_argument_values, get_directive_values

from graph.selection import Select

Info = GraphQLResolveInfo[Any]
Labels = frozenset[str] | None


ID = "the id"
"""Where the id of a thing stands that nobody selected; no alias can be written so."""


def selected(info: Info, ids: bool = False) -> Select:
    """The root field that is being resolved, with everything below it.

    With `ids` every thing tells its id beside what is selected.
    """
    field = info.parent_type.fields[info.field_name]
    first = info.field_nodes[0]
    arguments = get_argument_values(field, first, info.variable_values)
    below = _fields(info, get_named_type(field.type), list(info.field_nodes), ids)
    return Select(str(info.path.key), info.field_name, plain(arguments), below)


def plain(value: Any) -> Any:
    """Enum members as their names, in lists and mappings too."""
    if isinstance(value, Enum):
        return value.name
    if isinstance(value, list):
        return [plain(one) for one in value]
    if isinstance(value, dict):
        return {name: plain(one) for name, one in value.items()}
    return value


def _fields(info: Info, parent: Any, nodes: list[FieldNode], ids: bool) -> tuple[Select, ...]:
    """The fields below some nodes; those of one alias and condition become one."""
    if not isinstance(parent, GraphQLObjectType | GraphQLInterfaceType | GraphQLUnionType):
        return ()
    grouped: dict[tuple[str, Labels], list[tuple[Any, FieldNode]]] = {}
    for node in nodes:
        if node.selection_set:
            for type_, labels, field in _spread(info, parent, None, node.selection_set.selections):
                alias = field.alias.value if field.alias else field.name.value
                grouped.setdefault((alias, labels), []).append((type_, field))
    below = (_select(info, *key, found, ids) for key, found in grouped.items())
    return (*below, Select(ID, "id")) if ids and _thing(parent) else tuple(below)


def _thing(parent: Any) -> bool:
    """Whether a type is of things or links, which have ids."""
    if isinstance(parent, GraphQLUnionType):
        return False
    return parent.name == "Node" or any(one.name == "Node" for one in parent.interfaces)


def _select(
    info: Info, alias: str, labels: Labels, found: list[tuple[Any, FieldNode]], ids: bool
) -> Select:
    type_, first = found[0]
    name = first.name.value
    if name == "__typename":
        return Select(alias, name, on=labels)
    definition = type_.fields[name]
    arguments = plain(get_argument_values(definition, first, info.variable_values))
    below = _fields(info, get_named_type(definition.type), [node for _, node in found], ids)
    return Select(alias, name, arguments, below, labels)


def _spread(
    info: Info, type_: Any, labels: Labels, selections: tuple[SelectionNode, ...]
) -> Iterator[tuple[Any, Labels, FieldNode]]:
    """Fields with the type they stand on and the labels their fragments allow."""
    for node in selections:
        if not _wanted(info, node):
            continue
        if isinstance(node, FieldNode):
            yield type_, labels, node
            continue
        fragment = _fragment(info, node)
        condition = fragment.type_condition
        inner = info.schema.type_map[condition.name.value] if condition else type_
        both = _both(labels, _labels(info, type_, inner))
        yield from _spread(info, inner, both, fragment.selection_set.selections)


def _fragment(info: Info, node: SelectionNode) -> FragmentDefinitionNode | InlineFragmentNode:
    if isinstance(node, FragmentSpreadNode):
        return info.fragments[node.name.value]
    if not isinstance(node, InlineFragmentNode):
        raise TypeError(f"{node.kind} is no part of a selection")
    return node


def _labels(info: Info, outer: Any, inner: Any) -> Labels:
    if inner is outer:
        return None
    if isinstance(inner, GraphQLInterfaceType):
        return frozenset(one.name for one in info.schema.get_possible_types(inner))
    return frozenset({inner.name})


def _both(one: Labels, other: Labels) -> Labels:
    if one is None or other is None:
        return one if other is None else other
    return one & other


def _wanted(info: Info, node: Any) -> bool:
    skip = get_directive_values(GraphQLSkipDirective, node, info.variable_values)
    include = get_directive_values(GraphQLIncludeDirective, node, info.variable_values)
    return not (skip and skip["if"]) and not (include and not include["if"])
