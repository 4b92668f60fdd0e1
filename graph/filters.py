"""Filters and orders over declared fields, as Cypher predicates with parameters."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from pydantic.alias_generators import to_camel

from graph.errors import BadRequest
from graph.fragments import Fragments
from graph.ontology import End, Ontology
from graph.ontology.vocabulary import Declared, Kind, Kinds, Link, Path, camel

Hop = Callable[[End, str, Any, Any], str]
"""Predicate that a thing has a link for which a filter holds to something for which one does."""
Bind = Callable[[Any], str]
"""Makes a value a parameter and answers its name with the dollar sign."""

OPERATORS = {
    "eq": "{x} = {v}",
    "in": "{x} IN {v}",
    "lt": "{x} < {v}",
    "lte": "{x} <= {v}",
    "gt": "{x} > {v}",
    "gte": "{x} >= {v}",
    "contains": "toLower({x}) CONTAINS toLower({v})",
    "startsWith": "{x} STARTS WITH {v}",
}
FINDING = {"id": ("eq", "in"), "key": ("eq", "in", "startsWith")}
"""Operators on ids and keys by which things are found in the index of ids."""
RANGES = 8
"""Ranges of that index that one list is put together of; of more, planning would take seconds."""


@dataclass(frozen=True, slots=True)
class Order:
    """One term of an order: a declared field, up or down."""

    name: str
    descending: bool = False


@cache
def properties(declared: type[Declared]) -> Mapping[str, str]:
    """Python names of the declared fields by their camelCase names."""
    return {to_camel(name): name for name in declared.model_fields}


class Filters:
    """Predicates on things, also through the links they have."""

    def __init__(self, ontology: Ontology, bind: Bind, hop: Hop, fragments: Fragments) -> None:
        self.ontology = ontology
        self.bind = bind
        self.hop = hop
        self.fragments = fragments

    def predicate(self, kinds: Kinds, e: str, s: str, given: Mapping[str, Any] | None) -> str:
        """Predicate on node `e` in state `s`; `true` where nothing is filtered."""
        parts = [self._part(kinds, e, s, name, value) for name, value in (given or {}).items()]
        return " AND ".join(part for part in parts if part) or "true"

    def found(self, kind: type[Kind], e: str, given: Mapping[str, Any] | None) -> str:
        """Predicate on the id of node `e` that holds wherever the filter does, for the index.

        Empty where the filter says too little of ids and keys, or too much.
        """
        parts = (self._found(kind, e, name, value) for name, value in (given or {}).items())
        found = " AND ".join(filter(None, parts))
        return found if found.count(f"{e}.id") <= RANGES else ""

    def _found(self, kind: type[Kind], e: str, name: str, value: Any) -> str:
        if name in ("and", "or") and value:
            inner = [self.found(kind, e, one) for one in value]
            if name == "and":
                return " AND ".join(filter(None, inner))
            return f"({' OR '.join(f'({one})' for one in inner)})" if all(inner) else ""
        tests = (value or {}).items() if name in FINDING else ()
        return " AND ".join(
            f"{e}.id {_sought(self.bind, operator, _ids(kind, name, operator, wanted))}"
            for operator, wanted in tests
            if operator in FINDING[name] and wanted is not None
        )

    def reached(self, kind: type[Kind], e: str, given: Mapping[str, Any] | None) -> str:
        """Clauses that find the nodes `e` from a thing that the filter names at the other end of a
        link: these and perhaps more. Empty where it names none."""
        ends = self.ontology.told_ends(kind)
        for name, value in (given or {}).items():
            end = ends.get(name)
            if name == "and":
                found = filter(None, (self.reached(kind, e, one) for one in value or ()))
                if first := next(found, ""):
                    return first
            elif end and len(end.kinds) == 1 and (w := self.found(end.kinds[0], "w", value)):
                into, out = ("<", "") if end.forward != end.link.reversed() else ("", ">")
                walk = f"(w){into}-[:{end.link.type}]-{out}({e}:{kind.label})"
                return f"MATCH (w:Identity) WHERE {w} MATCH {walk} WITH DISTINCT {e} WHERE true"
        return ""

    def says(self, r: str, link: type[Link], given: Mapping[str, Any] | None) -> str:
        """Predicate on what link `r` says; `true` where nothing is filtered."""
        f = self.fragments
        tests = ((name, test) for name, test in (given or {}).items() if test is not None)
        parts = [self._compare(f.said_by(r, link, name), test) for name, test in tests]
        return " AND ".join(part for part in parts if part) or "true"

    def _part(self, kinds: Kinds, e: str, s: str, name: str, value: Any) -> str:
        if value is None:
            return ""
        if name in ("and", "or"):
            inner = [f"({self.predicate(kinds, e, s, one)})" for one in value]
            none = "false" if name == "or" else "true"
            return f"({f' {name.upper()} '.join(inner)})" if inner else none
        if name == "not":
            return f"NOT coalesce({self.predicate(kinds, e, s, value)}, false)"
        if name == "id":
            return self._compare(f"{e}.id", value)
        if len(kinds) > 1:
            word = f"toUpper(split({e}.id, ':')[0])"
            x = word if name == "kind" else self.fragments.said(s, e, kinds, name)
            return self._compare(x, value)
        return self._of(kinds[0], e, s, name, value)

    def _of(self, kind: type[Kind], e: str, s: str, name: str, value: Any) -> str:
        if name in properties(kind):
            return self._compare(self.fragments.said(s, e, (kind,), name), value)
        if path := self.ontology.paths(kind).get(name):
            return self._there(kind, e, path, value)
        ends = self.ontology.told_ends(kind)
        if name in ends:
            return self.hop(ends[name], e, value, None)
        return self.hop(ends[name.removesuffix("With")], e, value.get("node"), value.get("link"))

    def _there(self, kind: type[Kind], e: str, path: Path, wanted: Mapping[str, Any]) -> str:
        """Predicate on what is at the end of a path: it has an id, or is there at all."""
        ends = self.ontology.walked(kind, path)
        parts = []
        for operator, value in wanted.items():
            self._fitting(ends[-1].kinds, operator, value)
            nothing = value is None or (operator == "exists" and not value)
            inner = {} if nothing or operator == "exists" else {"id": {operator: value}}
            there = self.hops(ends, e, path, inner)
            parts.append(f"NOT {there}" if nothing else there)
        return f"({' AND '.join(parts)})" if parts else ""

    def _fitting(self, kinds: Kinds, operator: str, value: Any) -> None:
        """Refuse ids that nothing at the end of a path can have."""
        ids = value if operator == "in" else [value] if operator == "eq" else []
        for id_ in ids or ():
            if id_ is not None and self.ontology.kind_of(id_) not in kinds:
                words = " or ".join(f"{one.word}:..." for one in kinds)
                raise BadRequest(f"`{id_}` cannot be there; write {words}")

    def hops(self, ends: Sequence[End], e: str, path: Path, wanted: Mapping[str, Any]) -> str:
        """Predicate that a path leads from a thing to something for which a filter holds."""
        link = {camel(name): {"in": list(words)} for name, words in path.link.items()}
        nested: Any = {"node": wanted, "link": link}
        for end in reversed(ends[1:]):
            nested = {"node": {f"{camel(end.name)}With": nested}}
        return self.hop(ends[0], e, nested["node"], nested.get("link"))

    def _compare(self, x: str, wanted: Mapping[str, Any]) -> str:
        parts = []
        for operator, value in wanted.items():
            if operator == "exists":
                parts.append(
                    f"{x} IS {'NOT ' if value else ''}NULL" if value is not None else "true"
                )
            elif value is None:
                if operator != "eq":
                    raise BadRequest(
                        f"`{operator}: null` compares with nothing; write `exists: false`"
                    )
                parts.append(f"{x} IS NULL")
            else:
                parts.append(OPERATORS[operator].format(x=x, v=self.bind(value)))
        return f"({' AND '.join(parts)})" if parts else ""


def _ids(kind: type[Kind], name: str, operator: str, wanted: Any) -> list[str]:
    """Ids of a kind, or how they begin, that a test on its id or key names."""
    given = wanted if operator == "in" else [wanted]
    ids = (kind.id_of(one) if name == "key" else one for one in given)
    return [one for one in ids if one.startswith(kind.id_of(""))]


def _sought(bind: Bind, operator: str, ids: list[str]) -> str:
    return f"STARTS WITH {bind(ids[0])}" if operator == "startsWith" else f"IN {bind(ids)}"


def after(
    terms: Sequence[tuple[str, bool]], values: Sequence[Any], bind: Bind, nullable: int
) -> str:
    """Predicate for the rows that follow one with these order values.

    `terms` are expressions with whether they descend; the first `nullable` of them may be null.
    Neo4j orders null last going up, first going down.
    """
    branches: list[str] = []
    equal: list[str] = []
    for i, ((x, descending), value) in enumerate(zip(terms, values, strict=True)):
        later = _later(x, descending, value, bind, i < nullable)
        if later:
            branches.append(" AND ".join([*equal, later]))
        equal.append(f"{x} IS NULL" if value is None else f"{x} = {bind(value)}")
    return f"({' OR '.join(f'({branch})' for branch in branches)})" if branches else "false"


def _later(x: str, descending: bool, value: Any, bind: Bind, nullable: bool) -> str:
    if value is None:
        return f"{x} IS NOT NULL" if descending else ""
    if descending:
        return f"{x} < {bind(value)}"
    later = f"{x} > {bind(value)}"
    return f"({later} OR {x} IS NULL)" if nullable else later


def orders(given: Iterable[Mapping[str, Any]] | None) -> tuple[Order, ...]:
    """Order terms as GraphQL gives them: `{field: name, direction: DESC}`."""
    return tuple(
        Order(to_camel(one["field"].lower()), one.get("direction") == "DESC") for one in given or ()
    )
