"""A selection over kinds and links becomes ONE Cypher statement, and the builder of its answer.

The whole answer comes back in one row of nested lists; the predicates of time and viewer stand on
every hop; values travel as parameters only. Cypher is put together here, in `graph/pages.py`,
`graph/filters.py`, `graph/statements.py` and `graph/declared_checks.py`, and nowhere else.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any, get_origin

from graph import references
from graph.filters import Filters, properties
from graph.fragments import Fragments
from graph.ontology import End, Ontology
from graph.ontology.vocabulary import Entity, Kind, Kinds, Link, Refers, mark
from graph.pages import Rows, page, told_apart
from graph.past import Past
from graph.selection import Select, of_label
from graph.shapes import (
    TYPE,
    Build,
    Context,
    Hop,
    Shape,
    as_is,
    choice,
    constant,
    instant,
    mapping,
    names_others,
    record,
    split,
    stored,
)


@dataclass(slots=True)
class Compiler:
    """Compiles one statement; parameters gather in `parameters`."""

    ontology: Ontology
    fragments: Fragments
    parameters: dict[str, Any] = field(default_factory=dict)
    archived: bool = False
    """Whether the things compiled now may have ended by the instant `asked`."""
    t: str = "t"
    """The instant as of which they are told."""
    computed: dict[str, str] = field(default_factory=dict)
    """Expressions that must stand by themselves before the answer, by variable."""
    _names: int = 0

    def beside(self, expression: str) -> str:
        """A variable for an expression over nothing but the moment; aggregates may stand in it."""
        name = self._name("a")
        self.computed[name] = expression
        return name

    def bind(self, value: Any) -> str:
        """A parameter for a value."""
        name = f"p{len(self.parameters)}"
        self.parameters[name] = value
        return f"${name}"

    @property
    def filters(self) -> Filters:
        """Predicates that bind their values here."""
        return Filters(self.ontology, self.bind, self._has, self.fragments)

    def thing(self, e: str, s: str, kinds: Kinds, selects: Iterable[Select]) -> Shape:
        """The selected fields of node `e` in state `s`, which is of one of these kinds.

        The value is a list that begins with the global id; its builder answers a mapping by alias.
        """
        selects = list(selects)
        shapes = {kind: self._kind(e, s, kind, of_label(selects, kind.label)) for kind in kinds}
        build = choice({kind.word: shape.build for kind, shape in shapes.items()})
        cases = _cases(e, {kind.label: shape.expression for kind, shape in shapes.items()})
        return Shape(cases, build)

    def found(self, id_: str, kinds: Kinds, selects: Iterable[Select]) -> Shape:
        """The thing with an id, given as an expression."""
        q, s = self._name("q"), self._name("s")
        inner = self.thing(q, s, kinds, selects)
        labels = " OR ".join(f"{q}:{kind.label}" for kind in kinds)
        text = (
            f"head(COLLECT {{ MATCH ({q}:Identity {{id: {id_}}}) WHERE {labels}"
            f" {self._in_state(q, s, q, kinds=kinds)} RETURN {inner.expression} LIMIT 1 }})"
        )
        return Shape(text, inner.build)

    def link_field(self, r: str, link: type[Link], select: Select) -> Shape:
        """A field of link `r`; references are followed to the thing they name."""
        declared = properties(link).get(select.name)
        if declared is None:
            told = self._past(link, f"{r}.id", r, select) or references.back(self, r, link, select)
            told = told or self._suppressed(r, link, select)
            return told or _common(r, r, select.name) or constant(None)
        return self._property(r, link, select)

    @contextmanager
    def seen_at(self, t: str, archived: bool = False) -> Iterator[None]:
        """What is compiled within is told as of `t`."""
        was = self.t, self.archived
        self.t, self.archived = t, archived
        yield
        self.t, self.archived = was

    @contextmanager
    def as_known(self, t: str, known: str) -> Iterator[None]:
        """What is compiled within is told as of `t`, as known by the runs in a variable."""
        was, self.fragments = self.fragments, replace(self.fragments, instant=True, known_as=known)
        with self.seen_at(t):
            yield
        self.fragments = was

    def variables(self, letters: str) -> list[str]:
        """Variables that nobody else uses, one beginning with each letter."""
        return [self._name(letter) for letter in letters]

    def _name(self, letter: str) -> str:
        """A variable nobody else uses."""
        self._names += 1
        return f"{letter}{self._names}"

    def _kind(self, e: str, s: str, kind: type[Kind], selects: Iterable[Select]) -> Shape:
        expressions = [f"{e}.id"]
        parts: list[tuple[str, int, Build]] = []
        for select in selects:
            shape = self._field(e, s, kind, select)
            first = shape.expression in ("", expressions[0])
            parts.append((select.alias, 0 if first else len(expressions), shape.build))
            expressions += [] if first else [shape.expression]
        return Shape(f"[{', '.join(expressions)}]", mapping(parts, {TYPE: kind.label}))

    def _field(self, e: str, s: str, kind: type[Kind], select: Select) -> Shape:
        name = select.name
        if end := self.ontology.told_ends(kind).get(name):
            return self._one(end, e, select) if end.single else self._many(end, e, select)
        if name == "kind":
            return constant(kind.word.upper())
        if name == "retirement":
            return self._retirement(e, s, kind, select) if self.archived else constant(None)
        if name == "status" and issubclass(kind, Entity) and self.archived:
            ended = f"CASE {s}.status WHEN 'ACTIVE' THEN 'RETIRED' ELSE {s}.status END"
            said = f"coalesce({s}.ending, {ended})"
            return Shape(f"CASE WHEN {s}.validTo <= asked THEN {said} ELSE {s}.status END", as_is)
        told = self._past(kind, f"{e}.id", e, select) or self._suppressed(s, kind, select)
        return told or _common(e, s, name) or self._property(s, kind, select)

    def _suppressed(self, s: str, of: type[Kind] | type[Link], select: Select) -> Shape | None:
        """Which figures are kept back, if that is asked."""
        if select.name != "suppressed":
            return None
        text = self.fragments.restriction.suppressed(s, of)
        return Shape(text, as_is) if text else constant([])

    def _past(self, of: type[Kind] | type[Link], id_: str, e: str, select: Select) -> Shape | None:
        """What is told of the past of a thing or link, if that is asked."""
        if select.name == "revision":
            return Past(self, of, id_, e).revision
        return Past(self, of, id_, e).page(select, of.word) if select.name == "history" else None

    def _property(self, s: str, declared: type[Kind] | type[Link], select: Select) -> Shape:
        info = declared.model_fields[properties(declared)[select.name]]
        if self.fragments.denies(declared, select.name):
            return constant([] if get_origin(info.annotation) is tuple else None)
        x = f"{s}.`{select.name}`"
        if refers := mark(info, Refers):
            return references.followed(self, x, refers, select.fields)
        x = self.fragments.restriction.count(s, info, x)
        x = self.fragments.named(x) if names_others(info) else x
        return stored(x, info, self.fragments.restriction.rows)

    def _retirement(self, e: str, s: str, kind: type[Kind], select: Select) -> Shape:
        """When, why and how something ended, and what took its place, seen from the asked time."""
        ends = self.ontology.told_ends(kind)
        told, evidence = (self._of_entity(s, kind, name) for name in ("rationale", "evidence"))
        fixed = {
            "at": instant(f"{s}.validTo"),
            "reason": Shape(told, _reason),
            "evidence": Shape(self.fragments.named(f"split({evidence}, ';')"), _stripped),
        }
        parts = []
        for one in select.fields:
            if one.name in ("decision", "successor") and one.name in ends:
                parts.append((one.alias, self._one(ends[one.name], e, one, "asked")))
            else:
                parts.append((one.alias, fixed.get(one.name, constant(None))))
        inner = record(parts)
        text = f"CASE WHEN {s}.validTo <= asked THEN {inner.expression} END"
        return Shape(text, lambda row, context: inner.build(row, context) if row else None)

    def _of_entity(self, s: str, kind: type[Kind], name: str) -> str:
        """What an entity says in a field; null of other kinds, and where it is not told."""
        told = issubclass(kind, Entity) and not self.fragments.denies(kind, name)
        return f"{s}.{name}" if told else "null"

    def _one(self, end: End, e: str, select: Select, t: str | None = None) -> Shape:
        """What a link leads to, told as of `t`: another instant than that of the link, if given."""
        hop = self._hop(end, e, t)
        with self.seen_at(t or self.t):
            inner = self.thing(hop.node, hop.state, end.kinds, select.fields)
        text = f"head(COLLECT {{ {hop.match} RETURN {inner.expression} LIMIT 1 }})"
        return Shape(text, inner.build)

    def _many(self, end: End, e: str, select: Select) -> Shape:
        hop = self._hop(end, e)
        listing, terms = f"{end.link.word}.{end.name}", told_apart(hop, end)
        rows = Rows(
            hop.match,
            end.kinds,
            listing,
            hop.node,
            hop.state,
            terms,
            end,
            hop.link,
            lasting=False,
            listed=hop.listed if terms[0] == (f"{hop.node}.id", False) else "",
        )
        with self.seen_at(self.t):
            return page(self, rows, select)

    def onward(self, ends: Sequence[End], e: str, link: Mapping[str, Sequence[str]]) -> Hop:
        """Links from a node one after another, the last with these words; the node is kept."""
        matches = []
        hop, here = None, e
        for end in ends:
            hop = self._hop(end, here, kept=(e,))
            matches.append(hop.match)
            here = hop.node
        if hop is None:
            raise ValueError("a path has at least one link")
        words = (f" AND {hop.link}.`{name}` IN {list(said)}" for name, said in link.items())
        return replace(hop, match=" ".join(matches) + "".join(words))

    def _hop(self, end: End, e: str, t: str | None = None, kept: tuple[str, ...] = ()) -> Hop:
        """The links of a node that hold, and what is at their other end, in force and visible."""
        q, s, r = self._name("q"), self._name("s"), self._name("l")
        labels = "|".join(kind.label for kind in self.ontology.among(end))
        arrow, far = f"-[{r}:{end.link.type}]-", f"({q}:{labels})" if labels else f"({q})"
        away = end.forward != end.link.reversed()
        pattern = f"({e}){arrow}>{far}" if away else f"({e})<{arrow}{far}"
        holds, told = self.fragments.holds(r, self.t, end.link), ", ".join((*kept, q, r))
        state = self._in_state(q, s, told, t, end.kinds)
        listed = f"MATCH {pattern} WITH {told} ORDER BY {q}.id WHERE {holds} {state}"
        return Hop(f"MATCH {pattern} WHERE {holds} {state}", r, q, s, listed)

    def _in_state(self, q: str, s: str, kept: str, t: str | None = None, kinds: Kinds = ()) -> str:
        return self.fragments.in_state(q, s, kept, t or self.t, kinds)

    def _has(self, end: End, e: str, wanted: Any, said: Any) -> str:
        """Predicate that a node has such a link to something: filters hold for both."""
        hop = self._hop(end, e)
        test = self.filters.predicate(end.kinds, hop.node, hop.state, wanted)
        says = self.filters.says(hop.link, end.link, said)
        return f"EXISTS {{ {hop.match} AND {says} AND {test} RETURN {hop.node} }}"


def _common(e: str, s: str, name: str) -> Shape | None:
    """Fields that every thing and link has; of a link, `e` and `s` are the same."""
    match name:
        case "__typename":
            return constant(None)
        case "id":
            return Shape(f"{e}.id", as_is)
        case "validFrom" | "validTo":
            return instant(f"{s}.{name}")
        case "recordedAt":
            return instant(_instant_of(f"{s}.recorded"))
        case "supersededAt":
            return instant(_instant_of(f"{s}.superseded"))
    return None


def _stripped(value: Any, context: Context) -> list[str]:
    parts = [part for text in value or () for part in split(text, context)]
    return [part for part in parts if not context.hidden.names(part)]


def _reason(value: Any, context: Context) -> str:
    return context.hidden.told(value) or "no reason was recorded"


def _instant_of(sequence: str) -> str:
    return f"head(COLLECT {{ MATCH (c:Commit {{sequence: {sequence}}}) RETURN c.at }})"


def _cases(e: str, by_label: Mapping[str, str]) -> str:
    """One expression where all kinds tell of the same, some perhaps less; else one by label."""
    labels: defaultdict[str, list[str]] = defaultdict(list)
    for label, text in by_label.items():
        labels[text].append(label)
    whole = max(labels, key=len)
    less = all(f"{whole[:-1]}, ".startswith(f"{text[:-1]}, ") for text in labels)
    if len(labels) == 1 or (less and "{" not in whole):
        return whole
    cases = " ".join(f"WHEN {e}:{'|'.join(those)} THEN {text}" for text, those in labels.items())
    return f"CASE {cases} END"
