"""Filters and orders of kinds: tests on their fields, and on what they are linked to."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, get_origin

import strawberry
from pydantic.fields import FieldInfo

from api.derive.annotations import Types, bare, described
from api.derive.scalars import Day, Instant, PeriodText
from api.derive.shells import doc, listed, optional, put, shell, words
from graph.ontology import Ontology
from graph.ontology.vocabulary import IdMark, Kind, mark

NAMES: dict[Any, str] = {
    str: "String",
    int: "Int",
    float: "Float",
    bool: "Boolean",
    Day: "Date",
    Instant: "DateTime",
    PeriodText: "Period",
}
COMPARED = {"lt": "less", "lte": "at most", "gt": "more", "gte": "at least"}


class Filters:
    """Inputs that say which things to list and in which order, one of each a kind."""

    def __init__(self, ontology: Ontology, types: Types) -> None:
        self._ontology = ontology
        self._types = types
        self._made: dict[str, Any] = {}
        self._sort = words(
            "SortDirection",
            "Which way to sort.",
            {"ASC": "Smallest first.", "DESC": "Largest first."},
        )

    def filter(self, kind: type[Kind]) -> Any:
        """Which things of a kind to list."""
        return self._once(f"{kind.label}Filter", lambda made: self._fill(made, kind))

    def order(self, kind: type[Kind]) -> Any:
        """One term of an order of things of a kind."""
        return self._once(f"{kind.label}Order", lambda made: self._terms(made, kind))

    def _once(self, name: str, fill: Callable[[Any], str]) -> Any:
        if name not in self._made:
            made = self._made[name] = shell(name)
            strawberry.input(made, description=fill(made))
        return self._made[name]

    def _fill(self, made: Any, kind: type[Kind]) -> str:
        _wish(made, "and", listed(made), "All of these hold.")
        _wish(made, "or", listed(made), "One of these holds.")
        _wish(made, "not", made, "This does not hold.")
        for name, info in kind.model_fields.items():
            if _single(info) and not mark(info, IdMark):
                _wish(made, name, self._tests(info), described(info))
        for end in self._ontology.ends(kind).values():
            if len(end.kinds) == 1:
                told = f"Has such a link: {doc(end.link)}"
                _wish(made, end.name, self.filter(end.kinds[0]), told)
        return f"Which {kind.label} to list; all parts must hold."

    def _terms(self, made: Any, kind: type[Kind]) -> str:
        infos = kind.model_fields.items()
        fields = {name.upper(): described(info) for name, info in infos if _single(info)}
        told = f"What {kind.label} can be ordered by."
        put(made, "field", words(f"{kind.label}Field", told, fields), "What to order by.")
        _wish(made, "direction", self._sort, "Which way; ASC if left out.")
        return "One term of an order."

    def _tests(self, info: FieldInfo) -> Any:
        inner = self._types.into(bare(info.annotation), info)
        name = f"{NAMES.get(inner) or inner.__name__}Filter"
        return self._once(name, lambda made: _operators(made, inner))


def _operators(made: Any, inner: Any) -> str:
    _wish(made, "eq", inner, "Is equal; null = has no value.")
    _wish(made, "in", listed(inner), "Is one of these.")
    if inner in (int, float, Day, Instant, PeriodText):
        for operator, told in COMPARED.items():
            _wish(made, operator, inner, f"Is {told}.")
    if inner is str:
        _wish(made, "contains", str, "Contains this text, in capitals or not.")
        _wish(made, "starts_with", str, "Begins with this text.")
    _wish(made, "exists", bool, "Has a value, or has none.")
    return "Tests on one value; all must hold."


def _wish(made: Any, name: str, type_: Any, told: str) -> None:
    put(made, name, optional(type_), told)


def _single(info: FieldInfo) -> bool:
    return get_origin(info.annotation) is not tuple
