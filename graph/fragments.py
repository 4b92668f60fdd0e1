"""The predicates that no statement may forget: in force at the asked time, visible to the viewer.

Hand-written statements name them (`{holds(r)}`, `{exists(n)}`, `{state(n)}`), or for whole
lives `{held(r)}`, `{lived(n)}`, `{was(n)}`; the compiler emits the same text. Statements on the
past read what is in force no longer: theirs are `{visible(n)}`, `{heard(x)}`, `{spoken(r)}`,
`{published(c)}` and `{told(leaf)}`. A statement whose patterns lack its predicates is refused by
`check` or `check_past`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache

from pydantic.fields import FieldInfo

from graph.hidden import NOTHING_HIDDEN, Hidden
from graph.in_time import InTime, runs
from graph.labels import labelled, labels_in
from graph.ontology import Ontology
from graph.ontology.vocabulary import Declared, Kind, Link, Refers, camel, is_text, mark
from graph.restriction import UNRESTRICTED, Restriction
from graph.sight import Sight
from graph.times import Moment
from graph.viewers import EVERYONE, Viewer


@dataclass(frozen=True, slots=True)
class Fragments(InTime):
    """Text of the predicates for one viewer: what he may not see is in no answer."""

    viewer: Viewer = EVERYONE
    hidden: tuple[str, ...] = ()
    """Labels of what is not visible."""
    unseen: tuple[str, ...] = ()
    """First parts of its ids."""
    groups: tuple[str, ...] = ()
    """Properties by which links say whom they are for."""
    copies: bool = True
    """Whether the copies that identities carry are looked at before the past: faster for what is
    asked as of now, and twice the text to plan."""
    labelled: tuple[tuple[str, frozenset[str]], ...] = ()
    """Labels of the variables of a hand-written statement, where they are known."""
    bound: tuple[tuple[str, frozenset[str]], ...] = ()
    """The same of variables that are bound before it."""
    restriction: Restriction = UNRESTRICTED
    """Rows, links and fields that are hidden."""

    @classmethod
    def at(cls, moment: Moment, viewer: Viewer, ontology: Ontology) -> Fragments:
        """The fragments that a question at that moment needs."""
        return _at(isinstance(moment.known, datetime), viewer.kinds, viewer.sight, ontology)

    def of_everyone(self) -> Fragments:
        """The same for who sees everything: for sums and rivals that are judged as a whole."""
        return replace(
            self, viewer=EVERYONE, unseen=(), groups=(), hidden=(), restriction=UNRESTRICTED
        )

    def moment(self) -> str:
        """Opening of every statement: `t` (valid), `k` (newest commit read) and what is known."""
        if self.instant:
            return (
                f"MATCH {self._ledger} WITH datetime($validAt) AS t, ledger.published AS k,"
                f" {runs('$knownAt')} AS known"
            )
        return (
            f"MATCH {self._ledger} WITH datetime($validAt) AS t, CASE WHEN"
            " $knownAt < ledger.published THEN $knownAt ELSE ledger.published END AS k,"
            " null AS known"
        )

    @property
    def _ledger(self) -> str:
        """Where things are hidden, the ledger for which they were found, and no other."""
        found = "(ledger:Ledger)"
        return f"{found} WHERE ledger.head = $head" if self.restriction.passing else found

    def moments(self, names: Iterable[str]) -> str:
        """Opening of a statement on several moments, with record times that may be null.

        Of each name x: `tx` and `knownx`, from the parameters `validx` and `sincex`.
        """
        parts = [f"MATCH {self._ledger} WITH ledger.published AS k"]
        for x in names:
            since = runs(f"$since{x}")
            everything = (
                f"CASE WHEN $since{x} IS NULL THEN [[0, ledger.published]] ELSE {since} END"
            )
            parts.append(f"$valid{x} AS t{x}, {everything} AS known{x}")
        return ", ".join(parts)

    def spoken(self, r: str) -> str:
        """Predicate on a link: it was known at some time, and is not for what is not visible."""
        return " AND ".join((self.heard(r), *self._for_visible(r)))

    def told(self, leaf: str) -> str:
        """Predicate on a leaf of the audit: it names nothing that is not visible."""
        return self._unhidden(leaf) if self.unseen else "true"

    def holds(self, r: str, t: str = "t", of: type[Link] | None = None) -> str:
        """Predicate on a link: it is in force at `t`, and not for something that is not visible.

        `of` is its type where that is known: what it cannot say is not looked at.
        """
        return " AND ".join((self.in_force(r, t), *self._for_visible(r, of)))

    def _for_visible(self, r: str, of: type[Link] | None = None) -> Iterator[str]:
        """Predicates on a link: it and whom it says it is for may be seen."""
        says = None if of is None else {camel(name) for name in of.model_fields}
        for name in self.groups if self.unseen else ():
            if says is None or name in says:
                yield f"coalesce({self._unhidden(f'{r}.`{name}`')}, true)"
        yield from self.restriction.of_link(r, None if of is None else of.type, says)

    def named(self, ids: str) -> str:
        """Expression: a list of ids without those of what is not visible."""
        told = f"[id IN {ids} WHERE {self._unhidden('id')}]" if self.unseen else ids
        return self.restriction.named(told)

    def hides(self, text: str, hidden: Hidden = NOTHING_HIDDEN) -> bool:
        """Whether a text names something that is not visible, by its kind or because it is
        hidden."""
        return any(f"{word}:" in text for word in self.unseen) or hidden.names(text)

    def _unhidden(self, id_: str) -> str:
        return f"none(word IN {[f'{word}:' for word in self.unseen]} WHERE {id_} CONTAINS word)"

    def visible(self, n: str, kinds: Iterable[type[Kind]] = ()) -> str:
        """Predicate on a node: the viewer may see it. The shorter list of labels plans faster.

        `kinds` are those that it may be of, where that is known: only what these need is looked at.
        """
        labels = frozenset(kind.label for kind in kinds) or self._labels_of(n)
        return self.restriction.of_node(n, self._of_kind(n, labels), labels)

    def _labels_of(self, n: str) -> frozenset[str]:
        """Labels that a variable is known to have; none where that is not known."""
        return {**dict(self.bound), **dict(self.labelled)}.get(n, frozenset())

    def about(self, n: str, kind: type[Kind]) -> Fragments:
        """The same for texts in which a variable is bound to a thing of a kind."""
        return replace(self, bound=((n, frozenset((kind.label,))),))

    def denies(self, of: type[Declared], field: str) -> bool:
        """Whether a field, by its name in answers, is not told."""
        name = of.label if issubclass(of, Kind) else of.type if issubclass(of, Link) else ""
        return self.restriction.denies(name, field)

    def said(self, s: str, e: str, kinds: Iterable[type[Kind]], field: str) -> str:
        """Expression: what a state of node `e` of one of some kinds says in a field; null where
        that is not told, and in its words nothing that is hidden."""
        kinds = list(kinds)
        x = f"{s}.`{field}`"
        hidden = [kind.label for kind in kinds if self.denies(kind, field)]
        if hidden:
            if len(hidden) == len(kinds):
                return "null"
            x = f"CASE WHEN {e}:{'|'.join(hidden)} THEN null ELSE {x} END"
        infos = [info for kind in kinds if (info := _info(kind, field))]
        for info in infos[:1]:
            x = self.restriction.count(s, info, x)
        words = any(_words(kind, field) for kind in kinds)
        return self.restriction.text(x) if words else x

    def said_by(self, r: str, link: type[Link], field: str) -> str:
        """Expression: what a link says in a field; null where that is not told."""
        if self.denies(link, field):
            return "null"
        info, x = _info(link, field), f"{r}.`{field}`"
        return self.restriction.count(r, info, x) if info else x

    def _of_kind(self, n: str, labels: frozenset[str] = frozenset()) -> str:
        """Predicate on a node: it is of a kind that may be seen."""
        seen = self.viewer.kinds
        if seen is None or (self.restriction.rows and labels and labels <= seen):
            return "true"
        if len(self.hidden) < len(seen):
            return labelled(n, "none", self.hidden) if self.hidden else "true"
        return labelled(n, "any", sorted(seen)) if seen else "false"

    def state(self, n: str, t: str = "t", kinds: Iterable[type[Kind]] = ()) -> str:
        """Expression: the state of a node at `t`, null where it is not in force or not visible.

        `kinds` are those that it may be of, where that is known.
        """
        found, seen = self._state(n, t), self.visible(n, kinds)
        return found if self._all or seen == "true" else f"CASE WHEN {seen} THEN {found} END"

    def _state(self, n: str, t: str) -> str:
        """The state of a node, be it visible or not."""
        past = f"MATCH ({n})-[:STATE]->({n}_was) WHERE {self.in_force(f'{n}_was', t)}"
        found = f"head(COLLECT {{ {past} RETURN {n}_was LIMIT 1 }})"
        if self.copies:
            found = f"CASE WHEN {self.in_force(n, t)} THEN {n} ELSE {found} END"
        return found

    def in_state(
        self, n: str, s: str, kept: str, t: str = "t", kinds: Iterable[type[Kind]] = ()
    ) -> str:
        """Clause that goes on with nodes that are in force and visible, and their states.

        Where rows are hidden the predicate stands in the WHERE: inside of an expression a subquery
        takes Neo4j seconds to plan.
        """
        if not self.restriction.rows:
            return f"WITH {kept}, {self.state(n, t, kinds)} AS {s} WHERE {s} IS NOT NULL"
        seen = self.visible(n, kinds)
        return f"WITH {kept}, {self._state(n, t)} AS {s} WHERE {s} IS NOT NULL AND {seen}"

    @property
    def _all(self) -> bool:
        """Whether every node may be seen, and nothing need be looked at."""
        return self.viewer.kinds is None and not self.restriction.rows

    def exists(self, n: str, t: str = "t") -> str:
        """Predicate on a node: it is in force at `t` and visible."""
        past = f"MATCH ({n})-[:STATE]->({n}_was) WHERE {self.in_force(f'{n}_was', t)}"
        if not self.copies:
            return f"({self.visible(n)} AND EXISTS {{ {past} }})"
        now = f"coalesce({self.in_force(n, t)}, false)"
        return f"({self.visible(n)} AND ({now} OR EXISTS {{ {past} }}))"

    def held(self, r: str) -> str:
        """Predicate on a link: it began by `t`, whether it still holds or not; for whole lives."""
        return " AND ".join((f"{r}.validFrom <= t", self.known(r), *self._for_visible(r)))

    def lived(self, n: str) -> str:
        """Predicate on a node: it began by `t`, whether it is still in force or not; visible."""
        past = f"MATCH ({n})-[:STATE]->({n}_was) WHERE {self._begun(f'{n}_was')}"
        return f"({self.visible(n)} AND EXISTS {{ {past} }})"

    def was(self, n: str) -> str:
        """Expression: the state of a node at `t`, or the last before; null where none is known."""
        found = self.was_of(n)
        return found if self._all else f"CASE WHEN {self.visible(n)} THEN {found} END"

    def was_of(self, n: str) -> str:
        """The same of a node that is visible."""
        past = f"MATCH ({n})-[:STATE]->({n}_was) WHERE {self._begun(f'{n}_was')}"
        return f"head(COLLECT {{ {past} RETURN {n}_was ORDER BY {n}_was.validTo DESC LIMIT 1 }})"

    def ever(self, n: str) -> str:
        """Expression: all that was ever recorded of a node, in order, replaced since or not."""
        ever = f"MATCH ({n})-[:STATE]->({n}_was) WHERE {self.heard(f'{n}_was')}"
        return (
            f"COLLECT {{ {ever} RETURN {n}_was ORDER BY {self.recorded(f'{n}_was')},"
            f" {n}_was.recorded, {n}_was.validFrom }}"
        )

    def expand(self, text: str, **words: str) -> str:
        """A hand-written statement with its fragments put in; `words` are names such as types.

        States and links say nothing in fields that are hidden.
        """

        if self.restriction.rows and not self.labelled:
            return replace(self, labelled=labels_in(text, words)).expand(text, **words)

        def put(match: re.Match[str]) -> str:
            name, argument = match["name"], match["argument"]
            if argument is None:
                return self.moment() if name == "moment" else words[name]
            written: str = getattr(self, name)(argument)
            if name in _STATES:
                return self.restriction.state(argument, written)
            return self.restriction.states(argument, written) if name == "ever" else written

        text = self.restriction.links_said(text)
        if self.restriction.rows:
            text = _IN_STATE.sub(self._apart, text)
        return _FRAGMENT.sub(put, text)

    def _apart(self, match: re.Match[str]) -> str:
        """A state whose node is kept, with the predicate in the WHERE, for the sake of planning."""
        kept, n, s = match["kept"], match["n"], match["s"]
        if n not in re.split(r"\W+", kept):
            return match[0]
        state = self.was_of(n) if match["name"] == "was" else self._state(n, "t")
        told = self.restriction.state(n, state)
        return f"WITH {kept}, {told} AS {s} WHERE {s} IS NOT NULL AND {self.visible(n)}"


def _words(of: type[Declared], field: str) -> bool:
    """Whether a field holds words, in which ids may stand."""
    info = _info(of, field)
    return info is not None and field != "key" and is_text(info)


def _info(of: type[Declared], field: str) -> FieldInfo | None:
    return next((i for name, i in of.model_fields.items() if camel(name) == field), None)


@lru_cache(maxsize=256)
def _at(instant: bool, kinds: frozenset[str] | None, sight: Sight, ontology: Ontology) -> Fragments:
    """The fragments of viewers of one sight."""
    limits, viewer = Restriction.of(sight, ontology), Viewer(kinds=kinds)
    if kinds is None:
        return Fragments(instant=instant, viewer=viewer, restriction=limits)
    hidden = [kind for kind in ontology.kinds.values() if kind.label not in kinds]
    words = (*(kind.word for kind in hidden), *sorted(sight.links))
    groups = tuple(sorted(set(_groups(ontology))))
    labels = tuple(kind.label for kind in hidden)
    return Fragments(
        instant=instant,
        viewer=viewer,
        hidden=labels,
        unseen=words,
        groups=groups,
        restriction=limits,
    )


def _groups(ontology: Ontology) -> Iterator[str]:
    for link in ontology.links.values():
        for name, info in link.model_fields.items():
            refers = mark(info, Refers)
            if refers and len(refers.words) > 1:
                yield camel(name)


_IN_STATE = re.compile(
    r"WITH (?P<kept>[\w, ]+), \{(?P<name>state|was)\((?P<n>\w+)\)\} AS (?P<s>\w+)"
    r" WHERE (?P=s) IS NOT NULL"
)
"""A state that is looked at, where the node is kept beside it."""
_STATES = ("state", "was")
"""Fragments that are the state of a node."""
_FRAGMENT = re.compile(r"\{(?P<name>[a-z_]+)(?:\((?P<argument>\w+)\))?\}")
