"""Empty GraphQL types, filled field by field, so that they may refer to each other in circles.

The types are made at run time: for a type checker they are `Any`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from keyword import iskeyword
from types import GenericAlias
from typing import Any

import strawberry
from strawberry.annotation import StrawberryAnnotation
from strawberry.types.arguments import StrawberryArgument
from strawberry.types.enum import EnumValue, StrawberryEnumDefinition
from strawberry.types.field import StrawberryField

from graph.ontology.vocabulary import camel


@dataclass(frozen=True, slots=True)
class Argument:
    """An argument of a field."""

    name: str
    type: Any
    told: str
    default: Any = strawberry.UNSET


def shell(name: str, *bases: Any) -> Any:
    """A type without fields."""
    return type(name, bases, {"__annotations__": {}})


def put(
    of: Any,
    name: str,
    type_: Any,
    told: str,
    arguments: Iterable[Argument] = (),
    default: Any = strawberry.UNSET,
) -> None:
    """Put a field on a shell; a default only where it is an input."""
    graphql_name = camel(name)
    name = f"{name}_" if iskeyword(name) else name
    made = StrawberryField(
        python_name=name,
        graphql_name=graphql_name,
        type_annotation=StrawberryAnnotation(type_),
        description=told,
        default=default,
    )
    made.arguments = [
        StrawberryArgument(
            one.name,
            camel(one.name),
            StrawberryAnnotation(one.type),
            description=one.told,
            default=one.default,
        )
        for one in arguments
    ]
    of.__annotations__[name] = type_
    setattr(of, name, made)


def optional(type_: Any) -> Any:
    """The type, or null."""
    return type_ | None


def listed(type_: Any) -> Any:
    """A list of the type."""
    return GenericAlias(list, (type_,))


def words(name: str, told: str, members: Mapping[str, str]) -> Any:
    """An enum whose values are their own names, each with a description."""
    functional: Any = Enum
    made = functional(name, {word: word for word in members}, type=str)
    made.__strawberry_definition__ = StrawberryEnumDefinition(
        wrapped_cls=made,
        name=name,
        values=[EnumValue(word, word, description=text) for word, text in members.items()],
        description=told,
    )
    return made


def doc(of: Any) -> str:
    """The docstring on one line."""
    return " ".join((of.__doc__ or "").split())
