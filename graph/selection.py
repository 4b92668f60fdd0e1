"""What a question wants to be told: fields, their arguments and what is wanted below them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any


@dataclass(frozen=True, slots=True, eq=False)
class Select:
    """One field of an answer.

    `alias` is its name in the answer, `name` the declared one (camelCase), `on` the labels of the
    kinds it is asked of (None = all).
    """

    alias: str
    name: str
    arguments: Mapping[str, Any] = field(default_factory=dict)
    fields: tuple[Select, ...] = ()
    on: frozenset[str] | None = None

    def unasked(self) -> Select:
        """The same without its arguments, for what is compiled whatever they are."""
        return replace(self, arguments={}) if self.arguments else self

    def asked(self, name: str) -> list[Select]:
        """Those of the fields below that have that declared name."""
        return [one for one in self.fields if one.name == name]


def of_label(selects: Iterable[Select], label: str) -> list[Select]:
    """The fields that are asked of things with that label, each alias once."""
    fitting = [replace(one, on=None) for one in selects if one.on is None or label in one.on]
    return list(_merged(fitting))


def _merged(selects: Iterable[Select]) -> tuple[Select, ...]:
    """What is asked twice under one alias, by several fragments, as one field with all below it."""
    grouped: dict[tuple[str, frozenset[str] | None], list[Select]] = {}
    for one in selects:
        grouped.setdefault((one.alias, one.on), []).append(one)
    return tuple(_one(found) for found in grouped.values())


def _one(found: Sequence[Select]) -> Select:
    first, *others = found
    if not others:
        return first
    return replace(first, fields=_merged(below for one in found for below in one.fields))


def wants(*paths: str) -> tuple[Select, ...]:
    """Selection of dotted paths, for callers without GraphQL: `wants("name", "theme.name")`."""
    heads: dict[str, list[str]] = {}
    for path in paths:
        head, _, rest = path.partition(".")
        heads.setdefault(head, []).extend([rest] if rest else [])
    return tuple(Select(head, head, fields=wants(*rest)) for head, rest in heads.items())
