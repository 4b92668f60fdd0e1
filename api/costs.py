"""The one rule of cost and depth: each fragment is visited once, before anything runs.

A page costs one for every 50 rows, and its rows multiply what is asked below them. A thing that
is told beside another costs one, a question that walks or writes 50. Fields without fields below
them, and the parts of pages (`edges`, `node`, `nodes`, `pageInfo`), are free. Lists without pages
count as 10 rows.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLField,
    GraphQLList,
    GraphQLNonNull,
    GraphQLSchema,
    InlineFragmentNode,
    IntValueNode,
    ListValueNode,
    OperationDefinitionNode,
    SelectionNode,
    SelectionSetNode,
    VariableNode,
    get_named_type,
    is_composite_type,
)

from graph.pages import PAGE

LIST = 10
"""Rows that a list without pages counts as."""
ROOT = 50
"""Cost of a question that walks, computes or writes."""
FREE = ("edges", "node", "nodes", "pageInfo")
"""Parts of pages: no thing of their own."""
SIZED = ("first", "ids")
"""Arguments that say how many rows are wanted: a number, or a list of them."""
INTROSPECTED = {"types": 800, "fields": 15, "args": 3, "inputFields": 8}
"""Members of the lists that the schema tells of itself, about; 5 where not said."""


@dataclass(frozen=True, slots=True)
class Weight:
    """What a selection costs, how deep it goes, and what it asks of the schema itself."""

    cost: int = 0
    depth: int = 0
    introspection: int = 0

    def beside(self, other: Weight) -> Weight:
        """Both."""
        return Weight(
            self.cost + other.cost,
            max(self.depth, other.depth),
            self.introspection + other.introspection,
        )


class Costs:
    """What the operations of a valid document cost."""

    def __init__(self, schema: GraphQLSchema, tree: DocumentNode) -> None:
        self.schema = schema
        parts = tree.definitions
        self.operations = [one for one in parts if isinstance(one, OperationDefinitionNode)]
        self.fragments = {
            one.name.value: one for one in parts if isinstance(one, FragmentDefinitionNode)
        }
        self._sizing = _sizing([*self.operations, *self.fragments.values()])

    def named(self, name: str | None) -> list[OperationDefinitionNode]:
        """The operations of that name; all where none is named."""
        if name is None:
            return self.operations
        return [one for one in self.operations if one.name and one.name.value == name]

    def sizes(self, variables: dict[str, Any]) -> tuple[Any, ...]:
        """What of the variables decides the cost."""
        return tuple(_size(variables.get(name)) for name in self._sizing)

    def weight(self, name: str | None, variables: dict[str, Any]) -> Weight:
        """The weight of an operation; of the dearest where none is named."""
        weights = [
            _Weighing(self, _defaults(one) | variables).operation(one)
            for one in self.named(name) or self.operations
        ]
        return max(weights, key=lambda one: (one.cost, one.depth), default=Weight())


class _Weighing:
    """One pass over an operation; a fragment that was met is not visited again."""

    def __init__(self, costs: Costs, variables: dict[str, Any]) -> None:
        self._costs = costs
        self._variables = variables
        self._met: dict[str, Weight] = {}

    def operation(self, node: OperationDefinitionNode) -> Weight:
        """Its root fields, those that walk or write at their own price."""
        root = self._costs.schema.get_root_type(node.operation)
        return self._set(node.selection_set, root)

    def _set(self, node: SelectionSetNode | None, type_: Any) -> Weight:
        total = Weight()
        for one in node.selections if node else ():
            total = total.beside(self._selection(one, type_))
        return total

    def _selection(self, node: SelectionNode, type_: Any) -> Weight:
        match node:
            case FieldNode():
                return self._field(node, type_)
            case FragmentSpreadNode():
                return self._fragment(node.name.value)
            case InlineFragmentNode():
                on = node.type_condition
                inner = self._costs.schema.type_map[on.name.value] if on else type_
                return self._set(node.selection_set, inner)
        raise TypeError(f"{node.kind} is no part of a selection")

    def _fragment(self, name: str) -> Weight:
        if name not in self._met:
            fragment = self._costs.fragments[name]
            type_ = self._costs.schema.type_map[fragment.type_condition.name.value]
            self._met[name] = self._set(fragment.selection_set, type_)
        return self._met[name]

    def _field(self, node: FieldNode, type_: Any) -> Weight:
        name = node.name.value
        if name.startswith("__"):
            return self._of_schema(node, name)
        definition: GraphQLField = type_.fields[name]
        inner = get_named_type(definition.type)
        if not is_composite_type(inner):
            return Weight()
        below = self._set(node.selection_set, inner)
        root = type_ in (self._costs.schema.query_type, self._costs.schema.mutation_type)
        part = name in FREE and not root
        rows = self._rows(node, definition, inner, type_)
        own = (
            0
            if part and ("cursor" in type_.fields or _paged(type_))
            else self._price(root, definition, inner, rows)
        )
        hop = int(root or (_apart(inner) and not part))
        return Weight(own + rows * below.cost, hop + below.depth, below.introspection)

    def _price(self, root: bool, definition: GraphQLField, inner: Any, rows: int) -> int:
        """A page by its rows, a walk or a write, or one thing."""
        if root and not _paged(inner) and not _apart(inner):
            return ROOT
        return max(1, -(-rows // PAGE))

    def _rows(self, node: FieldNode, definition: GraphQLField, inner: Any, type_: Any) -> int:
        """How many times what is below it is told, at most."""
        if _paged(type_) or not (_paged(inner) or _listed(definition)):
            return 1
        for argument in node.arguments or ():
            if argument.name.value in SIZED and (asked := self._asked(argument.value)) is not None:
                return max(1, asked)
        usual = definition.args["first"].default_value if "first" in definition.args else None
        return usual if isinstance(usual, int) else PAGE if _paged(inner) else LIST

    def _asked(self, value: Any) -> int | None:
        """How many rows an argument asks for; None where it is left to the default."""
        match value:
            case IntValueNode():
                return int(value.value)
            case ListValueNode():
                return len(value.values)
            case VariableNode():
                return _size(self._variables.get(value.name.value))
        return None

    def _of_schema(self, node: FieldNode, name: str) -> Weight:
        """What the schema is asked about itself: as many members as it may tell."""
        return Weight(introspection=self._told(node.selection_set, {}))

    def _told(self, node: SelectionSetNode | None, met: dict[str, int]) -> int:
        total = 0
        for one in node.selections if node else ():
            match one:
                case FieldNode():
                    each = INTROSPECTED.get(one.name.value, 1 if _single(one) else 5)
                    total += each * (1 + self._told(one.selection_set, met))
                case InlineFragmentNode():
                    total += self._told(one.selection_set, met)
                case FragmentSpreadNode():
                    name = one.name.value
                    if name not in met:
                        met[name] = self._told(self._costs.fragments[name].selection_set, met)
                    total += met[name]
        return total


def _paged(type_: Any) -> bool:
    """Whether it is a page."""
    return "pageInfo" in getattr(type_, "fields", ())


def _apart(type_: Any) -> bool:
    """Whether it is a thing of its own, or a page of such."""
    names = {one.name for one in getattr(type_, "interfaces", ())} | {type_.name}
    return _paged(type_) or "Node" in names


def _listed(definition: GraphQLField) -> bool:
    type_ = definition.type
    return isinstance(type_.of_type if isinstance(type_, GraphQLNonNull) else type_, GraphQLList)


def _size(given: Any) -> int | None:
    """How many rows a variable asks for, if it is one that does."""
    if isinstance(given, list):
        return len(given)
    if isinstance(given, int | float) and not isinstance(given, bool):
        return int(given)
    return None


def _defaults(operation: OperationDefinitionNode) -> dict[str, Any]:
    """Variables that are not sent, as far as they decide the cost."""
    found: dict[str, Any] = {}
    for one in operation.variable_definitions or ():
        if isinstance(one.default_value, IntValueNode):
            found[one.variable.name.value] = int(one.default_value.value)
        if isinstance(one.default_value, ListValueNode):
            found[one.variable.name.value] = [None] * len(one.default_value.values)
    return found


def _sizing(parts: Iterable[Any]) -> tuple[str, ...]:
    """Variables that say how many rows are wanted."""
    names, left = set(), [part.selection_set for part in parts]
    while left:
        for one in left.pop().selections:
            if inner := getattr(one, "selection_set", None):
                left.append(inner)
            for argument in getattr(one, "arguments", None) or ():
                if argument.name.value in SIZED and isinstance(argument.value, VariableNode):
                    names.add(argument.value.name.value)
    return tuple(sorted(names))


def _single(node: FieldNode) -> bool:
    return node.selection_set is None or node.name.value in ("type", "ofType")
