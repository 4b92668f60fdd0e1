"""From what an input says to a value of its declaration, and the links that it names."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from graph.changes import State
from graph.ontology import Ontology
from graph.ontology.vocabulary import Declared, Exists, Kind, Link, Refers, camel
from loaders.columns import ENDING, Column, Columns
from loaders.facts import names, state_of
from loaders.mutations.fields import ENDS, Part, Said, parts
from loaders.mutations.outcomes import ErrorCode, InvalidInput, Problem, invalid, wrong


@dataclass(frozen=True, slots=True)
class Words:
    """What an input says of one thing or link; null and empty texts say that there is nothing."""

    ontology: Ontology
    declared: type[Kind] | type[Link]
    given: Mapping[str, Any]

    @property
    def columns(self) -> Columns:
        """The columns in whose words declarations are checked."""
        return Columns(self.ontology, self.declared)

    @property
    def parts(self) -> Mapping[str, Part]:
        """The fields that there are, by name."""
        return parts(self.ontology, self.declared)

    @property
    def values(self) -> dict[str, Any]:
        """What is said of declared fields, by column."""
        return {
            part.column: _plain(self.given[name])
            for name, part in self.parts.items()
            if part.info is not None and name in self.given
        }

    @property
    def named(self) -> dict[Part, tuple[str, ...]]:
        """What is named by fields that are links."""
        return {
            part: tuple(_listed(self.given[name]))
            for name, part in self.parts.items()
            if part.link is not None and name in self.given
        }

    def value(self, of: str | None = None, state: State | None = None) -> Declared:
        """What is said; over a state that `of` had, if one is given. Raises Wrong."""
        before = {} if of is None or state is None else self._before(of, state)
        given = {name: value for name, value in (before | self.values).items() if value is not None}
        value, broken = self.columns.read(given)
        if value is None:
            wrong(InvalidInput, ErrorCode.INVALID, *self._problems(of, broken, given))
        return value

    def state(self, of: str, state: State) -> State:
        """A state with what is said in its place; all else stays as it is kept."""
        now = state_of(self.value(of, state))
        told, fields = dict(names(self.declared)), self.columns.fields
        said = {told[fields[name].field] for name in self.values if name != "key"}
        kept = {name: value for name, value in state.items() if name not in said}
        return kept | {name: now[name] for name in said & now.keys()}

    def grounded(self, decision: str | None) -> Words:
        """The same with a decision in the field for one, where there is such a field left open."""
        for column in self.columns.references if decision else ():
            name = self._name(column.name)
            if isinstance(column.refers, Refers) and column.refers.words == ("decision",):
                key = str(decision).partition(":")[2]
                return replace(self, given={name: key, **self.given})
        return self

    def references(self, value: Declared) -> Iterator[tuple[Column, str]]:
        """What a value refers to: the column and the id. Raises Wrong for a kind that may not."""
        for column in self.columns.references:
            said = getattr(value, column.field)
            for text in () if said is None else said if column.several else (said,):
                yield column, self._referred(column, text)

    def unknown(self) -> Iterator[str]:
        """Fields that there are not."""
        ends = ENDS if issubclass(self.declared, Link) else ()
        return (name for name in self.given if name not in self.parts and name not in ends)

    def _before(self, of: str, state: State) -> dict[str, Any]:
        told = dict(names(self.declared))
        columns = self.columns.fields.items()
        found = {name: state.get(told.get(column.field, "")) for name, column in columns}
        return found | ({"key": of.partition(":")[2]} if "key" in found else {})

    def _referred(self, column: Column, text: str) -> str:
        refers = column.refers
        if isinstance(refers, Refers):
            id_ = refers.id_of(text)
            if id_.partition(":")[0] not in refers.words:
                allowed = " or ".join(f"{word}:..." for word in refers.words)
                invalid(None, self._name(column.name), text, f"must be {allowed}")
            return id_
        link = self.ontology.link_of(text)
        if isinstance(refers, Exists) and not (
            self.ontology.kind_of(text) or (link and link.keyed())
        ):
            rule = "must be the id of something: kpi:..., target:..."
            invalid(None, self._name(column.name), text, rule)
        return text

    def _problems(
        self, of: str | None, broken: Mapping[str, str], given: Mapping[str, Any]
    ) -> Iterable[Problem]:
        for column, rule in broken.items():
            value = given.get(column)
            text = None if value is None else str(value)
            yield Problem(of=of, field=self._name(column), value=text, rule=rule)

    def _name(self, column: str) -> str:
        return next((name for name, p in self.parts.items() if p.column == column), column)


def one(ontology: Ontology, said: Said, field: str) -> Words:
    """The one member of an input that names a kind or link. Raises Wrong."""
    if len(said) != 1:
        invalid(None, field, ", ".join(said) or None, "must name exactly one kind or link")
    ((word, given),) = said.items()
    declared = declared_as(ontology, word)
    if declared is None or not isinstance(given, Mapping):
        invalid(None, field, word, "names no kind or link")
    words = Words(ontology, declared, given)
    for name in words.unknown():
        rule = f"is no field of {word}; it has {', '.join(words.parts)}"
        invalid(None, name, None, rule)
    return words


def declared_as(ontology: Ontology, member: str) -> type[Kind] | type[Link] | None:
    """The kind or link that a member of an input is called after (`kpiVersion`)."""
    return next((one for one in ontology.declared() if camel(one.word) == member), None)


def ending(state: State) -> State:
    """A state without the words of an ending."""
    gone = (ENDING, "rationale", "evidence")
    return {name: value for name, value in state.items() if name not in gone}


def _plain(value: Any) -> Any:
    if isinstance(value, str):
        return value.strip() or None
    if isinstance(value, Sequence):
        return tuple(one for one in value if one is not None) or None
    return value


def _listed(value: Any) -> Iterator[str]:
    for one_ in value if isinstance(value, list | tuple) else (value,):
        if one_ is not None and str(one_).strip():
            yield str(one_).strip()
