"""Answers as GraphQL writes them, by what was found out once about a selection.

What the executor of graphql-core does field by field for every object of every answer, done the
shorter way: a function for each place of a selection, which takes what is of its type as it is.
Whatever is not goes back to the executor, which knows the errors that the specification asks for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from math import isfinite
from typing import Any, TypeAlias

from graphql import (
    GraphQLEnumType,
    GraphQLInterfaceType,
    GraphQLLeafType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLScalarType,
    GraphQLSchema,
    GraphQLUnionType,
    Undefined,
)

from api.selection import ID
from graph.selection import Select, of_label
from graph.shapes import TYPE

Finish: TypeAlias = Callable[[Any], Any]
Part: TypeAlias = tuple[str, type | None, Finish]
"""An alias, the class of values that are taken as they are, and what is done with the others."""
TAKEN: Mapping[str, type] = {
    "Boolean": bool,
    **dict.fromkeys(("ID", "String", "DateTime", "Date", "Period"), str),
}
"""Scalars whose values are taken as they are, where they are of this class."""
LARGEST = 2**31
"""Whole numbers of GraphQL are smaller, and not below its negative."""
MISSING = Undefined
"""Stands where an answer lacks what was asked: no type takes it."""


class Irregular(Exception):
    """A value that is not of its type: the executor is to say so."""


def finisher(schema: GraphQLSchema, type_: GraphQLOutputType, select: Select) -> Finish:
    """How a value of a field becomes its answer. It raises Irregular, KeyError or TypeError."""
    if isinstance(type_, GraphQLNonNull):
        return partial(_there, finisher(schema, type_.of_type, select))
    if isinstance(type_, GraphQLList):
        return partial(_each, finisher(schema, type_.of_type, select))
    if isinstance(type_, GraphQLObjectType):
        return whole(schema, type_, select.fields)
    if isinstance(type_, GraphQLInterfaceType | GraphQLUnionType):
        return _Abstract(schema, schema.get_possible_types(type_), select)
    return _leaf(type_)


def whole(schema: GraphQLSchema, type_: GraphQLObjectType, selects: Iterable[Select]) -> Finish:
    """How a mapping by alias becomes an object of one type, its fields in the order asked for."""
    parts: list[Part] = []
    for one in of_label(selects, type_.name):
        if one.name == "__typename":
            parts.append((one.alias, None, partial(_named, type_.name)))
        elif one.alias != ID:
            of = type_.fields[one.name].type
            parts.append((one.alias, _class(of), finisher(schema, of, one)))
    return partial(_object, parts)


class _Abstract:
    """A value of one of several types; what is done with each is found out when it is met."""

    __slots__ = ("_finish", "_possible", "_schema", "_select")

    def __init__(
        self, schema: GraphQLSchema, possible: Iterable[GraphQLObjectType], select: Select
    ) -> None:
        self._schema = schema
        self._possible = {type_.name: type_ for type_ in possible}
        self._select = select
        self._finish: dict[str, Finish] = {}

    def __call__(self, value: Any) -> Any:
        if value is None:
            return None
        name = value[TYPE]
        if (finish := self._finish.get(name)) is None:
            finish = whole(self._schema, self._possible[name], self._select.fields)
            self._finish[name] = finish
        return finish(value)


def _class(type_: GraphQLOutputType) -> type | None:
    """The class of values of a leaf that are taken as they are."""
    inner = type_.of_type if isinstance(type_, GraphQLNonNull) else type_
    return TAKEN.get(inner.name) if isinstance(inner, GraphQLScalarType) else None


def _object(parts: list[Part], value: Any) -> Any:
    if value is None:
        return None
    answer = {}
    for alias, taken, finish in parts:
        found = value.get(alias, MISSING)
        answer[alias] = found if found.__class__ is taken else finish(found)
    return answer


def _each(finish: Finish, values: Any) -> Any:
    if values is None:
        return None
    if not isinstance(values, list | tuple):
        raise Irregular
    return [finish(value) for value in values]


def _there(finish: Finish, value: Any) -> Any:
    found = finish(value)
    if found is None:
        raise Irregular
    return found


def _named(name: str, _: Any) -> str:
    return name


def _leaf(type_: GraphQLLeafType) -> Finish:
    """How a leaf is told that is not taken as it is; names of enums by a table of their values."""
    usual = USUAL.get(type_.name, _never)
    names = {}
    if isinstance(type_, GraphQLEnumType):
        names = {value.value: name for name, value in type_.values.items()}

    def told(value: Any) -> Any:
        if value is None or usual(value):
            return value
        if value.__class__ is str and value in names:
            return names[value]
        found = type_.coerce_output_value(value)
        if found is None or found is Undefined:
            raise Irregular
        return found

    return told


def _never(_: Any) -> bool:
    return False


def _is_int(value: Any) -> bool:
    return value.__class__ is int and -LARGEST <= value < LARGEST


def _is_float(value: Any) -> bool:
    return value.__class__ is float and isfinite(value)


USUAL: Mapping[str, Callable[[Any], bool]] = {"Int": _is_int, "Float": _is_float}
"""Scalars whose values are looked at, and taken if they are usual."""
