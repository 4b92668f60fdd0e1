"""What a GraphQL document selects, as the domain's own selection."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from enum import Enum
from functools import lru_cache
from typing import Any, NamedTuple

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLIncludeDirective,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLResolveInfo,
    GraphQLSchema,
    GraphQLSkipDirective,
    GraphQLUnionType,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionNode,
    get_named_type,
)
from graphql.execution.values import get_argument_values, get_directive_values

from graph.selection import Select

Info = GraphQLResolveInfo[Any]
Labels = frozenset[str] | None
Grouped = dict[tuple[str, Labels], list[tuple[Any, FieldNode]]]
"""Fields of one alias and condition, each with the type on which it stands."""


KEPT = 1_000
"""Types of schemas of which the names are kept."""
ID = "the id"
"""Where the id of a thing stands that nobody selected; no alias can be written so."""


class Read(NamedTuple):
    """What a selection is read with; what resolvers are told will do as well."""

    schema: GraphQLSchema
    fragments: Mapping[str, FragmentDefinitionNode]
    variable_values: Any


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


def _fields(
    read: Read | Info, parent: Any, nodes: Iterable[FieldNode], ids: bool
) -> tuple[Select, ...]:
    """The fields below some nodes; those of one alias and condition become one."""
    if not isinstance(parent, GraphQLObjectType | GraphQLInterfaceType | GraphQLUnionType):
        return ()
    found = grouped(read, parent, nodes)
    below = (chosen(read, *key, those, ids) for key, those in found.items())
    return (*below, Select(ID, "id")) if ids and _thing(parent) else tuple(below)


def grouped(
    read: Read | Info, parent: Any, nodes: Iterable[FieldNode | OperationDefinitionNode]
) -> Grouped:
    """The fields below some nodes of one type, in the order in which they are asked for."""
    found: Grouped = {}
    for node in nodes:
        if node.selection_set:
            for type_, labels, field in _spread(read, parent, None, node.selection_set.selections):
                alias = field.alias.value if field.alias else field.name.value
                found.setdefault((alias, labels), []).append((type_, field))
    return found


def _thing(parent: Any) -> bool:
    """Whether a type is of things or links, which have ids."""
    if isinstance(parent, GraphQLUnionType):
        return False
    return parent.name == "Node" or any(one.name == "Node" for one in parent.interfaces)


def chosen(
    read: Read | Info, alias: str, labels: Labels, found: list[tuple[Any, FieldNode]], ids: bool
) -> Select:
    """Fields of one alias and condition as one; of what is told by the schema itself, the name."""
    type_, first = found[0]
    name = first.name.value
    if name.startswith("__"):
        return Select(alias, name, on=labels)
    definition = type_.fields[name]
    arguments = plain(get_argument_values(definition, first, read.variable_values))
    below = _fields(read, get_named_type(definition.type), [node for _, node in found], ids)
    return Select(alias, name, arguments, below, labels)


def _spread(
    read: Read | Info, type_: Any, labels: Labels, selections: tuple[SelectionNode, ...]
) -> Iterator[tuple[Any, Labels, FieldNode]]:
    """Fields with the type they stand on and the labels their fragments allow."""
    for node in selections:
        if not _wanted(read, node):
            continue
        if isinstance(node, FieldNode):
            yield type_, labels, node
            continue
        fragment = _fragment(read, node)
        condition = fragment.type_condition
        inner = read.schema.type_map[condition.name.value] if condition else type_
        both = _both(labels, _labels(read, type_, inner))
        yield from _spread(read, inner, both, fragment.selection_set.selections)


def _fragment(
    read: Read | Info, node: SelectionNode
) -> FragmentDefinitionNode | InlineFragmentNode:
    if isinstance(node, FragmentSpreadNode):
        return read.fragments[node.name.value]
    if not isinstance(node, InlineFragmentNode):
        raise TypeError(f"{node.kind} is no part of a selection")
    return node


def _labels(read: Read | Info, outer: Any, inner: Any) -> Labels:
    if inner is outer:
        return None
    return _names(read.schema, inner)


@lru_cache(KEPT)
def _names(schema: GraphQLSchema, of: Any) -> frozenset[str]:
    """Names of the types that a type may be: one set for all selections that are kept."""
    if isinstance(of, GraphQLInterfaceType):
        return frozenset(one.name for one in schema.get_possible_types(of))
    return frozenset({of.name})


def _both(one: Labels, other: Labels) -> Labels:
    if one is None or other is None:
        return one if other is None else other
    return one if one <= other else one & other


def _wanted(read: Read | Info, node: Any) -> bool:
    skip = get_directive_values(GraphQLSkipDirective, node, read.variable_values)
    include = get_directive_values(GraphQLIncludeDirective, node, read.variable_values)
    return not (skip and skip["if"]) and not (include and not include["if"])
