"""Filters and orders of kinds: tests on their fields, and on what they are linked to."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, get_origin

import strawberry
from pydantic.fields import FieldInfo

from api.derive.annotations import Types, bare, described
from api.derive.scalars import Day, Instant, PeriodText
from api.derive.shells import doc, listed, optional, put, shell, words
from graph.ontology import End, Ontology
from graph.ontology.terms import Term
from graph.ontology.vocabulary import Entity, IdMark, Kind, Kinds, Link, mark

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

    def __init__(self, ontology: Ontology, types: Types, kinds: Any) -> None:
        self._ontology = ontology
        self._types = types
        self._kinds = kinds
        """The enum of the kinds."""
        self._made: dict[str, Any] = {}
        self._sort = words(
            "SortDirection",
            "Which way to sort.",
            {"ASC": "Smallest first.", "DESC": "Largest first."},
        )

    def filter(self, kinds: Kinds) -> Any:
        """Which things to list: of one kind by all it has, of several by what they share."""
        if len(kinds) > 1:
            named = all(issubclass(kind, Entity) for kind in kinds)
            name = "Entity" if named else "Node"
            return self._once(f"{name}Filter", lambda made: self._shared(made, named))
        (kind,) = kinds
        return self._once(f"{kind.label}Filter", lambda made: self._fill(made, kind))

    def says(self, link: type[Link]) -> Any:
        """Tests on what a link itself says; None where it says nothing."""
        said = {name: info for name, info in link.model_fields.items() if _single(info)}
        if not said:
            return None
        return self._once(f"{link.__name__}Filter", lambda made: self._said(made, link, said))

    def facet(self, kinds: Kinds) -> Any:
        """What rows of a list can be counted by."""
        if len(kinds) > 1:
            return self._words("EntityFacet", "things", {"KIND": "What kind of thing it is."})
        (kind,) = kinds
        told = {n.upper(): described(i) for n, i in kind.model_fields.items() if _worded(i)}
        for end in self._ontology.ends(kind).values():
            if all(issubclass(one, Entity) for one in end.kinds):
                told[end.name.upper()] = doc(end.link)
        told |= {name.upper(): p.told for name, p in self._ontology.paths(kind).items()}
        return self._words(f"{kind.label}Facet", kind.label, told)

    def _words(self, name: str, of: str, told: dict[str, str]) -> Any:
        if name not in self._made:
            self._made[name] = words(name, f"What {of} can be counted by.", told)
        return self._made[name]

    def order(self, kind: type[Kind]) -> Any:
        """One term of an order of things of a kind."""
        return self._once(f"{kind.label}Order", lambda made: self._terms(made, kind))

    def _once(self, name: str, fill: Callable[[Any], str]) -> Any:
        if name not in self._made:
            made = self._made[name] = shell(name)
            strawberry.input(made, description=fill(made))
        return self._made[name]

    def _fill(self, made: Any, kind: type[Kind]) -> str:
        self._joined(made)
        for name, info in kind.model_fields.items():
            if _single(info) and not mark(info, IdMark):
                _wish(made, name, self._tests(info), described(info))
        for name, path in self._ontology.paths(kind).items():
            _wish(made, name, self._ids(), path.told)
        for end in self._ontology.ends(kind).values():
            _wish(made, end.name, self.filter(end.kinds), f"Has such a link: {doc(end.link)}")
            if self.says(end.link):
                told = f"Has such a link that says so: {doc(end.link)}"
                _wish(made, f"{end.name}_with", self._with(end), told)
        return f"Which {kind.label} to list; all parts must hold."

    def _shared(self, made: Any, named: bool) -> str:
        self._joined(made)
        _wish(made, "kind", self._once("KindFilter", self._kind), "What kind of thing it is.")
        for name in ("key", "name", "status") if named else ("key",):
            info = Entity.model_fields[name]
            _wish(made, name, self._tests(info), described(info))
        return "Which things to list; all parts must hold."

    def _with(self, end: End) -> Any:
        name = f"{end.link.__name__}To{self.filter(end.kinds).__name__}"
        return self._once(name, lambda made: self._both(made, end))

    def _both(self, made: Any, end: End) -> str:
        _wish(made, "link", self.says(end.link), "What the link itself says.")
        _wish(made, "node", self.filter(end.kinds), "What it leads to.")
        return f"A link and what it leads to; both must hold. {doc(end.link)}"

    def _said(self, made: Any, link: type[Link], said: Mapping[str, FieldInfo]) -> str:
        for name, info in said.items():
            _wish(made, name, self._tests(info), described(info))
        return f"What a link says; all parts must hold. {doc(link)}"

    def _joined(self, made: Any) -> None:
        _wish(made, "and", listed(made), "All of these hold.")
        _wish(made, "or", listed(made), "One of these holds.")
        _wish(made, "not", made, "This does not hold.")
        _wish(made, "id", self._ids(), "Global id.")

    def _ids(self) -> Any:
        return self._once("IDFilter", lambda made: _operators(made, strawberry.ID))

    def _kind(self, made: Any) -> str:
        return _operators(made, self._kinds)

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


def _worded(info: FieldInfo) -> bool:
    """Whether a field holds one of few words: a declared word, true or false."""
    inner = bare(info.annotation)
    return _single(info) and isinstance(inner, type) and issubclass(inner, Term | bool)
