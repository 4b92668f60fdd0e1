"""Rows of the past become changes: pieces as texts, beliefs before and after, who and why."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from pydantic.fields import FieldInfo

from graph.changes import Piece
from graph.differences import Carried, Difference, difference, with_carried
from graph.fragments import Fragments
from graph.hidden import NOTHING_HIDDEN, Hidden
from graph.insight.past import Change, FieldChange
from graph.ontology import End, Ontology
from graph.ontology.terms import Term
from graph.ontology.vocabulary import Counted, Declared, Kind, Link, Refers, Unit, camel, mark
from graph.selection import Select
from graph.shapes import Build, Context
from graph.times import FAR, instant, utc, written

ALL = Fragments()


class Columns:
    """How pieces of one kind or link are told as texts, by field."""

    def __init__(
        self,
        ontology: Ontology,
        of: type[Kind] | type[Link],
        fragments: Fragments = ALL,
        hidden: Hidden = NOTHING_HIDDEN,
    ) -> None:
        self.ontology = ontology
        self.of = of
        self.fragments = fragments
        self.hidden = hidden

    def without(self, hidden: Hidden) -> Columns:
        """The same, telling nothing that is hidden."""
        return Columns(self.ontology, self.of, self.fragments, hidden) if hidden.head else self

    def hides(self, text: str) -> bool:
        """Whether a text names something that may not be seen."""
        return self.fragments.hides(text, self.hidden)

    @cached_property
    def ends(self) -> Mapping[tuple[str, bool], End]:
        """Fields that a column carries: by type of relationship and whether it leads away."""
        if issubclass(self.of, Link):
            return {}
        kind, o = self.of, self.ontology
        carried = [link for link in o.links.values() if kind in o.columns(link)]
        return {
            (end.link.type, end.forward != end.link.reversed()): end
            for end in o.ends(kind).values()
            if end.link in carried and end.forward == (kind in o.sources(end.link))
        }

    def field(self, type_: str, away: bool) -> str:
        """The field that a relationship of a type is told as."""
        return camel(self.ends[type_, away].name)

    def types(self, away: bool) -> list[str]:
        """Types of the relationships that columns carry, in one direction."""
        return sorted(type_ for type_, leads in self.ends if leads == away)

    @property
    def backing(self) -> list[str]:
        """Types of the relationships that lead to the decision behind it."""
        found = self.ends.items()
        return [type_ for (type_, away), end in found if away and end.name == "decision"]

    def piece(self, properties: Mapping[str, Any]) -> Piece:
        """A piece as it is told."""
        return Piece(
            moment(properties["validFrom"]), moment(properties["validTo"]), self.said(properties)
        )

    def said(self, properties: Mapping[str, Any]) -> dict[str, str]:
        """What a state says, as texts: as declared, how it ended in the place of its status."""
        told = {}
        for name, info in self.of.model_fields.items():
            denied = self.fragments.denies(self.of, camel(name))
            value = None if denied else properties.get(camel(name))
            if mark(info, Counted) and self._small(properties["id"], info, value):
                value = None
            if name != "key" and value is not None:
                refers = mark(info, Refers)
                value = refers.id_of(value) if refers else value
                told[camel(name)] = self.text(value)
        if "ending" in properties:
            told["status"] = properties["ending"]
        return {name: text for name, text in told.items() if text is not None}

    def _small(self, id_: str, info: FieldInfo, value: Any) -> bool:
        """Whether a count would tell of a small group."""
        least = self.fragments.restriction.least
        few = mark(info, Unit) == "count" and value is not None and 0 < value < least
        return few or id_ in self.hidden.small

    def text(self, value: Any) -> str | None:
        """A stored value as canonical text, without what may not be seen; None if that is all."""
        if isinstance(value, list):
            shown = [self.text(one) for one in value]
            return "; ".join(one for one in shown if one is not None) or None
        if not isinstance(value, str):
            return plain(value)
        if not self.hides(value):
            return value
        parts = (part.strip() for part in value.split(";"))
        return "; ".join(part for part in parts if not self.hides(part)) or None


def plain(value: Any) -> str:
    """A stored number, truth, day or instant as canonical text: numbers as short as can be."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return repr(value).removesuffix(".0")
    if hasattr(value, "hour"):
        return written(moment(value))
    return value.iso_format() if hasattr(value, "iso_format") else str(value)


def moment(value: Any) -> datetime:
    """An instant as the driver or Python has it, in UTC."""
    return utc(value.to_native() if hasattr(value, "to_native") else value)


@dataclass(frozen=True, slots=True)
class Recorded:
    """A told piece or carried link with the commits between which it was believed."""

    what: Any
    recorded: int
    superseded: int

    def believed(self, commit: int) -> bool:
        """Whether it was believed as of a commit."""
        return self.recorded <= commit < self.superseded


@dataclass(frozen=True, slots=True)
class Told:
    """A change, with what is selected of things beside it, and where it stands in its list."""

    change: Change
    things: Mapping[Select, Any]
    values: Sequence[Any]

    def tell(self, selects: Sequence[Select]) -> dict[str, Any]:
        """The selected fields by alias."""
        return {
            one.alias: self.things[one] if one in self.things else told(self.change, one)
            for one in selects
        }


@dataclass(frozen=True, slots=True)
class Beside:
    """Selected things beside a change, each with its builder: itself, and the decision behind."""

    nodes: Sequence[tuple[Select, Build]] = ()
    decisions: Sequence[tuple[Select, Build]] = ()


@dataclass(frozen=True, slots=True)
class Behind:
    """A decision that may stand behind a change."""

    id: str
    taken: datetime
    explains: int | None
    """The commit that it explains, where it says that it changed this."""
    columns: Sequence[Any]


def told(value: Declared, select: Select) -> Any:
    """A field of a value, as answers have it."""
    if select.name == "__typename":
        return type(value).__name__
    names = {info.alias or name: name for name, info in type(value).model_fields.items()}
    return _answer(getattr(value, names[select.name]), select)


def _answer(value: Any, select: Select) -> Any:
    if isinstance(value, tuple):
        return [_answer(one, select) for one in value]
    if isinstance(value, Declared):
        return {one.alias: told(value, one) for one in select.fields}
    if isinstance(value, datetime):
        return None if value >= FAR else written(value)
    return value.name if isinstance(value, Term) else value


class Life:
    """What was believed of one thing or link at each commit."""

    def __init__(self, columns: Columns, pieces: Sequence[Any], carried: Sequence[Any]) -> None:
        self._pieces = [_recorded(row, columns.piece(row)) for row in pieces]
        self._carried = [
            _recorded(row, _link(columns, type_, away, other, row))
            for type_, away, other, row in carried
            if (type_, away) in columns.ends
        ]

    def believed(self, commit: int) -> list[Piece]:
        """The pieces as of a commit, with what columns carried."""
        carried = [one.what for one in self._carried if one.believed(commit)]
        return with_carried((p.what for p in self._pieces if p.believed(commit)), carried)

    def changed(self, commit: int, known: bool, at: datetime) -> Difference:
        """What a commit did."""
        return difference(self.believed(commit - 1), self.believed(commit), known, at)


def _recorded(row: Mapping[str, Any], what: Any) -> Recorded:
    return Recorded(what, row["recorded"], row["superseded"])


def _link(columns: Columns, type_: str, away: bool, other: str, row: Mapping[str, Any]) -> Carried:
    name = columns.field(type_, away)
    return Carried(name, other, moment(row["validFrom"]), moment(row["validTo"]))


def changes(
    told_by: Callable[[str], Columns], beside: Beside, row: Any, context: Context
) -> Iterator[Told]:
    """Changes of one thing or link, as `queries/past/history.cypher` answers them."""
    rows, pieces, first, carried, decisions = row
    if not pieces:
        return
    columns = told_by(pieces[0]["id"]).without(context.hidden)
    life = Life(columns, pieces, carried)
    candidates = {
        id_: Behind(id_, moment(taken), explains if named else None, found)
        for id_, taken, named, explains, found in decisions
    }
    for commit, recorded, entry, nodes in rows:
        at = moment(recorded)
        done = life.changed(commit, first < commit, at)
        behind = decision_of(done.fields, commit, candidates)
        change = _change(columns, pieces[0]["id"], commit, at, entry, done, behind)
        things = _things(beside, nodes, behind and candidates[behind].columns, context)
        yield Told(change, things, (commit,))


def decision_of(
    fields: Sequence[FieldChange], commit: int, candidates: Mapping[str, Behind]
) -> str | None:
    """The decision behind a commit: one that it links, else the last taken that explains it."""
    linked = [field.after for field in fields if field.name == "decision"]
    if linked and (chosen := linked[-1]) in candidates:
        return chosen
    naming = [one for one in candidates.values() if one.explains == commit]
    last = max(naming, key=lambda one: (one.taken, one.id), default=None)
    return last.id if last else None


def _things(
    beside: Beside, nodes: Sequence[Any], behind: Sequence[Any] | None, context: Context
) -> dict[Select, Any]:
    told_: dict[Select, Any] = {}
    for (select, build), value in zip(beside.nodes, nodes, strict=True):
        told_[select] = None if value is None else build(value, context)
    for place, (select, build) in enumerate(beside.decisions):
        told_[select] = build(behind[place], context) if behind else None
    return told_


def _change(
    columns: Columns,
    id_: str,
    commit: int,
    recorded: datetime,
    entry: Sequence[Any],
    done: Difference,
    decision: str | None,
) -> Change:
    number, at, actor, reason, hash_ = entry
    return Change.model_construct(
        sequence=commit,
        entry=number,
        at=instant(at),
        recorded_at=recorded,
        actor=actor,
        reason=columns.text(reason) or "",
        action=done.action,
        of=id_,
        valid_from=done.since,
        valid_to=done.until,
        fields=done.fields,
        decision=decision,
        hash=hash_,
    )
