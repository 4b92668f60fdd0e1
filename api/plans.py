"""What is found out once about a query, so that whoever asks it again is answered at once.

A plan holds the selections of the root fields, and what makes the answer of their values. It stays
as long as its document. Variables in arguments of root fields may have other values each time, and
texts that are quoted there may be others (`api.lifting`).
Where variables or values are wrong, the executor of graphql-core goes on with what was found: it
knows the errors that the specification asks for. So both roads give the same answers.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    GraphQLObjectType,
    GraphQLSchema,
    Node,
    OperationDefinitionNode,
    StringValueNode,
    VariableNode,
)
from graphql.execution.values import get_argument_values, get_variable_values

from api.finishing import Finish, whole
from api.lifting import Others, lone, texts, with_others
from api.selection import Read, chosen, grouped, plain
from api.trees import nodes
from graph.selection import Select


@dataclass(frozen=True, slots=True)
class Root:
    """A root field with everything below it."""

    select: Select
    node: FieldNode
    varies: bool
    """Whether its arguments hold variables."""

    def asked(self, type_: GraphQLObjectType, variables: Any, others: Others) -> Select:
        """The selection with the values of these variables and these texts."""
        if not self.varies and not others:
            return self.select
        node = with_others(self.node, others) if others else self.node
        given = get_argument_values(type_.fields[self.select.name], node, variables)
        return replace(self.select, arguments=plain(given))


@dataclass(frozen=True, slots=True)
class Made:
    """What was made for some values of the variables below the root fields."""

    values: str
    roots: tuple[Root, ...]
    quoted: frozenset[int]
    """Identities of the texts that are quoted in arguments of the roots."""
    finish: Finish | None
    """None where something is asked that only the executor knows: of the schema itself."""


class Plan:
    """A query of a valid document."""

    def __init__(
        self, schema: GraphQLSchema, tree: DocumentNode, node: OperationDefinitionNode, ids: bool
    ) -> None:
        self._schema = schema
        self._node = node
        self._ids = ids
        self._tree = tree
        self._fragments = {
            one.name.value: one
            for one in tree.definitions
            if isinstance(one, FragmentDefinitionNode)
        }
        self._below = sorted(_variables([node, *self._fragments.values()], node))
        self._made: Made | None = None

    def asked(
        self, variables: Mapping[str, Any], quoted: Sequence[str] = ()
    ) -> tuple[list[Select], Finish] | None:
        """The root fields with their arguments, and what makes the data of their values by alias.

        `quoted` are the texts of a document that differs from this one by them alone.

        None where the executor is to be asked: wrong variables, questions on the schema, other
        texts elsewhere than in arguments of root fields.
        """
        definitions = self._node.variable_definitions or ()
        values = get_variable_values(self._schema, definitions, dict(variables))
        type_ = self._schema.query_type
        if isinstance(values, list) or type_ is None:
            return None
        made = self._for(values, type_)
        others = self._others(quoted) if quoted else {}
        if made.finish is None or (others and not others.keys() <= made.quoted & self._lone):
            return None
        roots = (root for root in made.roots if root.select.name in type_.fields)
        return [root.asked(type_, values, others) for root in roots], made.finish

    @cached_property
    def _texts(self) -> list[StringValueNode]:
        return texts([self._tree])

    @cached_property
    def _lone(self) -> frozenset[int]:
        return lone(self._tree)

    def _others(self, quoted: Sequence[str]) -> Others:
        """Those of the quoted texts that are not the same here."""
        pairs = zip(self._texts, quoted, strict=True)
        return {id(node): text for node, text in pairs if node.value != text}

    def _for(self, values: Any, type_: GraphQLObjectType) -> Made:
        key = repr([values.coerced.get(name) for name in self._below])
        if self._made is None or self._made.values != key:
            read = Read(self._schema, self._fragments, values)
            roots = tuple(self._roots(read, type_))
            selects = [root.select for root in roots]
            known = all(x.name in type_.fields or x.name == "__typename" for x in selects)
            finish = whole(self._schema, type_, selects) if known else None
            arguments = [one for root in roots for one in root.node.arguments or ()]
            self._made = Made(key, roots, frozenset(map(id, texts(arguments))), finish)
        return self._made

    def _roots(self, read: Read, type_: GraphQLObjectType) -> Iterator[Root]:
        for (alias, labels), found in grouped(read, type_, [self._node]).items():
            node = found[0][1]
            varies = any(map(_is_variable, nodes(node.arguments or ())))
            yield Root(chosen(read, alias, labels, found, self._ids), node, varies)


def _variables(parts: Iterable[Node], operation: OperationDefinitionNode) -> set[str]:
    """Names of variables that stand elsewhere than in arguments of the root fields."""
    fields = (x for x in operation.selection_set.selections if isinstance(x, FieldNode))
    free = [argument for field in fields for argument in field.arguments or ()]
    found = nodes(parts, [*free, *(operation.variable_definitions or ())])
    return {node.name.value for node in found if isinstance(node, VariableNode)}


def _is_variable(node: Node) -> bool:
    return isinstance(node, VariableNode)
