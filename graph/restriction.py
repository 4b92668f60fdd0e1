"""The part of the predicates that policy adds: hidden rows, links and fields.

Hidden rows are a parameter, `$hidden`, so that one text serves every state of the graph. Of kinds
of which there are too many to list, a row is hidden if what it belongs to is.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass

from pydantic.fields import FieldInfo

from graph.hideable import classes, hideable
from graph.ontology import Ontology
from graph.ontology.vocabulary import Counted, Kind, Link, Refers, Unit, camel, mark
from graph.sight import Sight, limits

_OF_LINK = re.compile(r"\{(?:holds|held|spoken)\((\w+)\)\}")


@dataclass(frozen=True, slots=True)
class Restriction:
    """What is hidden from one sight, as text of predicates and expressions."""

    rows: bool = False
    """Whether rows are hidden: statements have the parameter `$hidden`."""
    many: tuple[str, ...] = ()
    """Labels of the kinds of which hidden rows are not listed."""
    many_words: tuple[str, ...] = ()
    able: frozenset[str] = frozenset()
    """Labels of the kinds of which rows may be hidden at all."""
    whole_away: tuple[str, ...] = ()
    """Types of the stored links by which these belong to something, away from them."""
    whole_towards: tuple[str, ...] = ()
    """The same, towards them."""
    links: tuple[str, ...] = ()
    """Types of links that are not shown."""
    groups: tuple[str, ...] = ()
    """Properties of links that say whom they are for."""
    classes: tuple[str, ...] = ()
    """Properties of links that state an access class."""
    above: tuple[str, ...] = ()
    """Classes above the clearance."""
    least: int = 0
    """Least size of a group of which counts are told; below 2, all are."""
    denied: frozenset[tuple[str, str]] = frozenset()
    """Fields that are not told, by label or type and name."""

    @classmethod
    def of(cls, sight: Sight, ontology: Ontology) -> Restriction:
        """What follows from a sight."""
        kinds, links = ontology.kinds, ontology.links
        seen = sight.kinds
        names = {k.word: k.label for k in kinds.values() if seen is None or k.label in seen}
        names |= {word: link.type for word, link in links.items() if word not in sight.links}
        denied = frozenset((names[word], name) for word, name in sight.denied if word in names)
        hidden = tuple(sorted(links[word].type for word in sight.links))
        if not limits(sight):
            return cls(links=hidden, denied=denied, least=sight.least)
        many = [kind for kind in kinds.values() if kind.many]
        by = _wholes(ontology, many)
        return cls(
            rows=True,
            many=tuple(kind.label for kind in many),
            many_words=tuple(f"{kind.word}:" for kind in many),
            able=frozenset(kind.label for kind in hideable(ontology)),
            whole_away=tuple(sorted(by[True])),
            whole_towards=tuple(sorted(by[False])),
            links=hidden,
            groups=tuple(sorted(set(_groups(ontology)))),
            classes=tuple(sorted({name for link in links.values() for name in classes(link)})),
            above=_above(sight),
            denied=denied,
            least=sight.least,
        )

    @property
    def passing(self) -> bool:
        """Whether what is hidden changes with what is published."""
        return self.rows or self.least > 1

    @property
    def restricts(self) -> bool:
        """Whether a row or field may be hidden."""
        return self.rows or bool(self.denied)

    def count(self, s: str, info: FieldInfo, x: str) -> str:
        """Expression: a count or share, null where it would tell of a small group."""
        small = self._small(s, info, x)
        return f"CASE WHEN {small} THEN null ELSE {x} END" if small else x

    def suppressed(self, s: str, of: type[Kind] | type[Link]) -> str:
        """Expression: names of the fields of which a count or share is kept back; empty if it
        never is."""
        type_ = of.label if issubclass(of, Kind) else of.type
        told = (
            (camel(n), i) for n, i in of.model_fields.items() if not self.denies(type_, camel(n))
        )
        tests = ((name, f"{s}.`{name}`", info) for name, info in told)
        parts = [
            f"CASE WHEN {x} IS NOT NULL AND ({small}) THEN ['{name}'] ELSE [] END"
            for name, x, info in tests
            if (small := self._small(s, info, x))
        ]
        return " + ".join(parts)

    def _small(self, s: str, info: FieldInfo, x: str) -> str:
        """Predicate: a count or share would tell of a small group; empty if it never does."""
        if self.least < 2 or not mark(info, Counted):
            return ""
        few = f" OR 0 < {x} < {self.least}" if mark(info, Unit) == "count" else ""
        return f"{s}.id IN $small{few}"

    def of_node(self, n: str, seen: str, labels: frozenset[str] = frozenset()) -> str:
        """Predicate on a node: of a kind that is `seen`, and no hidden row; `labels` if known."""
        if not self.rows or seen == "false" or (labels and not labels & self.able):
            return seen
        parts = [] if seen == "true" else [seen]
        if not labels or labels - set(self.many):
            parts.append(f"NOT {n}.id IN $hidden")
        if self.many and (not labels or labels & set(self.many)):
            parts += self._partly(n)
        return f"({' AND '.join(parts)})"

    def _partly(self, n: str) -> Iterator[str]:
        """Predicates: a node does not belong to a hidden row, by a link towards it or away.

        Arrows, not labels, keep other nodes out: only what belongs has such a link that way. Each
        stands alone, which Neo4j plans in a fraction of the time that it takes inside of an OR.
        """
        for types, arrows in ((self.whole_away, "-{}->"), (self.whole_towards, "<-{}-")):
            if types:
                pattern = f"({n}){arrows.format(f'[:{chr(124).join(types)}]')}({n}_of)"
                yield f"NOT EXISTS {{ MATCH {pattern} WHERE {n}_of.id IN $hidden }}"

    def of_link(
        self, r: str, type_: str | None = None, says: Set[str] | None = None
    ) -> Iterator[str]:
        """Predicates on a link: it is of a type that is shown, of a class, and for a group.

        `type_` and what it `says` where they are known.
        """
        if self.links and (type_ is None or type_ in self.links):
            yield f"NOT {r}:{'|'.join(self.links)}"
        for name in self.groups:
            if says is None or name in says:
                yield f"NOT coalesce({r}.`{name}` IN $hidden, false)"
        for name in self.classes if self.above else ():
            if says is not None and name not in says:
                continue
            yield f"NOT coalesce({r}.`{name}` IN {list(self.above)}, false)"

    def named(self, ids: str) -> str:
        """Expression: a list of ids without those of hidden rows."""
        if not self.rows:
            return ids
        test = "NOT id IN $hidden"
        if self.many:
            many = f"any(word IN {list(self.many_words)} WHERE id STARTS WITH word)"
            whole = "|".join((*self.whole_away, *self.whole_towards))
            found = (
                f"EXISTS {{ MATCH (named:Identity {{id: id}})-[:{whole}]-(named_of)"
                " WHERE named_of.id IN $hidden }"
            )
            test += f" AND (NOT {many} OR NOT {found})"
        return f"COLLECT {{ UNWIND {ids} AS id WITH id WHERE {test} RETURN id }}"

    def text(self, x: str) -> str:
        """Expression: a text in a filter or an order; null where it names something hidden."""
        if not self.rows:
            return x
        unlisted = f" OR any(word IN {list(self.many_words)} WHERE {x} CONTAINS word)"
        names = f"any(id IN $hidden WHERE {x} CONTAINS id){unlisted if self.many else ''}"
        return f"CASE WHEN {x} CONTAINS ':' AND ({names}) THEN null ELSE {x} END"

    def denies(self, name: str, field: str) -> bool:
        """Whether a field of a kind or link, by label or type, is not told."""
        return (name, field) in self.denied

    def state(self, n: str, state: str) -> str:
        """Expression: the state of a node without what is not told.

        The state stands in it once: what is written for each label is planned for each.
        """
        return f"head({self.states(n, f'[{state}]')})" if self._labels() else state

    def states(self, n: str, states: str) -> str:
        """Expression: the same of a list of states."""
        fields = self._fields()
        labels = [label for label in fields if label in self._labels()]
        if not labels:
            return states
        cases = " ".join(
            f"WHEN {n}:{label} THEN one {self._without(fields[label])}" for label in labels
        )
        return f"[one IN {states} | CASE {cases} ELSE one END]"

    def links_said(self, text: str) -> str:
        """A statement in which links say nothing in fields that are not told."""
        fields = {type_: names for type_, names in self._fields().items() if type_.isupper()}
        if not fields:
            return text
        by_name: defaultdict[str, list[str]] = defaultdict(list)
        for type_, names in fields.items():
            for name in names:
                by_name[name].append(type_)
        for r in set(_OF_LINK.findall(text)):
            text = _said(text, r, by_name)
        return text

    def _fields(self) -> Mapping[str, list[str]]:
        found: defaultdict[str, list[str]] = defaultdict(list)
        for name, field in sorted(self.denied):
            found[name].append(field)
        return found

    def _labels(self) -> set[str]:
        return {name for name, _ in self.denied if not name.isupper()}

    def _without(self, fields: list[str]) -> str:
        return f"{{.*, {', '.join(f'`{name}`: null' for name in fields)}}}"


def _wholes(ontology: Ontology, many: list[type[Kind]]) -> Mapping[bool, list[str]]:
    """Types of the stored links by which some kinds belong to something, by whether away."""
    found: dict[bool, list[str]] = {True: [], False: []}
    for link in ontology.links.values():
        if set(many) & {one for kind in link.belongs for one in ontology.below((kind,))}:
            away = bool(set(many) & set(ontology.sources(link))) != link.reversed()
            found[away].append(link.type)
    return found


UNRESTRICTED = Restriction()


def _said(text: str, r: str, by_name: Mapping[str, list[str]]) -> str:
    """A text in which reads of denied fields of link `r` are null for the types that have them."""

    def told(name: str) -> str:
        return f"CASE WHEN {r}:{'|'.join(by_name[name])} THEN null ELSE {r}.`{name}` END"

    def put(match: re.Match[str]) -> str:
        return told(match["name"]) if match["name"] in by_name else match[0]

    text = re.sub(rf"(?<![\w.]){r}\.`?(?P<name>\w+)`?", put, text)
    projection = ", ".join(f"`{name}`: {told(name)}" for name in sorted(by_name))
    return text.replace(f"properties({r})", f"{r} {{.*, {projection}}}")


def _above(sight: Sight) -> tuple[str, ...]:
    """The classes above every clearance."""
    return min((scope.above for scope in sight.scopes), key=len)


def _groups(ontology: Ontology) -> Iterator[str]:
    for link in ontology.links.values():
        for name, info in link.model_fields.items():
            refers = mark(info, Refers)
            if refers and len(refers.words) > 1:
                yield camel(name)
