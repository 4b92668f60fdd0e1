"""The question what differs between two points of time: of one thing or link, or around it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar

from pydantic import Field

from graph.changes import Piece
from graph.changing import Columns
from graph.compile import Compiler
from graph.differences import compared
from graph.errors import BadRequest
from graph.fragments import Fragments
from graph.insight.answers import ClipReason, Completeness
from graph.insight.past import Diff, Differing, DiffLink
from graph.ontology import Ontology
from graph.ontology.vocabulary import GlobalId, Link
from graph.past import TEXTS
from graph.questions import Ask, AsOf, Question
from graph.questions.history import declared_of
from graph.selection import Select
from graph.shaping import Places, Things
from graph.times import Moment

ROWS = 1_000
"""Things of one level of a neighbourhood at most."""
SIDES = ("1", "2")
NO_TYPE = "STATE"
"""Leads from a thing to no other: for what has no such link."""


class DiffQuestion(Question):
    """What differs between two points of time, of a thing or link and what is around it."""

    name: ClassVar[str] = "diff"
    answers: ClassVar[Any] = Diff

    of: GlobalId
    """Id of the thing or link."""
    from_: AsOf
    """The one point."""
    to: AsOf
    """The other point."""
    depth: Annotated[int, Field(ge=0, le=3)] = 0
    """How many links away from it to look, 0 to 3. At 0, of a thing, what its columns carry is
    told as fields; beyond, as links."""

    async def answer(self, ask: Ask, select: Select) -> Any:
        """The differences, or None where it is at neither point."""
        if self.as_of and self.as_of.said:
            raise BadRequest("`diff` has two times of its own; leave `asOf` out")
        if declared_of(ask.store.ontology, self.of) is None:
            return None
        sides = [ask.moment(self.from_), ask.moment(self.to)]
        first, other = [], []
        for one in select.fields:
            (first if one.name == "onlyFrom" else other).append(one)
        compiler = _compiler(ask)
        places = [Places(compiler, Diff, fields) for fields in (first, other)]
        text = _statement(compiler.fragments, self._words(ask.store.ontology), places)
        row, context = await ask.read(
            text, compiler.parameters, Moment(ask.now), **self._given(ask, sides)
        )
        here, there = (Side.of(ask.store.ontology, compiler.fragments, one) for one in row["sides"])
        if not here.told and not there.told:
            return None
        value = differences(here, there)
        told = [{x[0]: x for x in rows} for rows in row["things"]]
        both: list[tuple[Places, Sequence[Select], Things]] = [
            (places[0], first, told[0]),
            (places[1], other, told[1]),
        ]
        found = [p.tell(value, fields, things, context) for p, fields, things in both]
        return found[0] | found[1]

    def _words(self, ontology: Ontology) -> dict[str, str]:
        declared = declared_of(ontology, self.of) or Link
        if issubclass(declared, Link):
            return {"type": declared.type, "away": NO_TYPE, "towards": NO_TYPE}
        columns = Columns(ontology, declared)
        away, towards = ("|".join(columns.types(way)) or NO_TYPE for way in (True, False))
        any_type = next(link.type for link in ontology.links.values())
        return {"type": any_type, "away": away, "towards": towards}

    def _given(self, ask: Ask, sides: Sequence[Moment]) -> dict[str, Any]:
        thing = ask.store.ontology.kind_of(self.of) is not None
        hops = self.depth if thing else self.depth - 1
        given = {"of": self.of, "thing": thing, "depth": self.depth, "hops": hops, "rows": ROWS}
        for x, moment in zip(SIDES, sides, strict=True):
            given |= {f"valid{x}": moment.valid, f"since{x}": moment.known}
        return given


def _compiler(ask: Ask) -> Compiler:
    """A compiler for which what is known is a list of runs, whatever was asked."""
    return ask.compiler(Moment(ask.now, ask.now))


def _statement(f: Fragments, words: Mapping[str, str], places: Sequence[Places]) -> str:
    parts = [f.moments(SIDES)]
    for x in SIDES:
        moment = f"WITH t{x} AS t, k, known{x} AS known"
        body = _body(f, "neighbourhood", moment, **words).replace("AS answer, k", f"AS side{x}")
        parts.append(f"CALL (k, t{x}, known{x}) {{ {body} }}")
    parts.append("WITH *, [x IN side1.things | x[0]] AS ids1, [x IN side2.things | x[0]] AS ids2")
    parts.append("WITH *, [x IN ids1 WHERE NOT x IN ids2] AS alone1, ids2 AS alone2")
    for x, place in zip(SIDES, places, strict=True):
        moment = f"WITH t{x} AS t, k, known{x} AS known, alone{x} AS ids"
        body = _body(f, "told_at", moment, places=place.expression)
        body = body.replace("AS things", f"AS things{x}")
        parts.append(f"CALL (k, t{x}, known{x}, alone{x}) {{ {body} }}")
    parts.append("RETURN {sides: [side1, side2], things: [things1, things2]} AS answer, k")
    return "\n".join(parts)


def _body(f: Fragments, name: str, moment: str, **words: str) -> str:
    """A text on one moment, with the opening of one of several in its place."""
    return f.expand(TEXTS[name].replace("{moment}", moment), **words)


@dataclass(frozen=True, slots=True)
class Side:
    """What was found at one point: what things and links say, links with their ends, levels."""

    told: Mapping[str, Piece]
    links: Mapping[str, DiffLink]
    levels: Sequence[Sequence[str]]

    @classmethod
    def of(cls, ontology: Ontology, fragments: Fragments, row: Any) -> Side:
        """Read what the statement found."""
        told: dict[str, Piece] = {}
        links: dict[str, DiffLink] = {}
        for id_, properties in row["things"]:
            told[id_] = _told(ontology, fragments, id_, properties, row["carried"])
        for id_, _, start, end, properties in row["links"]:
            link = ontology.link_of(id_)
            if link is None:
                continue
            ends = (end, start) if link.reversed() else (start, end)
            told[id_] = _told(ontology, fragments, id_, properties)
            links[id_] = DiffLink(id=id_, link=link.word.upper(), source=ends[0], target=ends[1])
        return cls(told, links, row["levels"])

    @property
    def full(self) -> int | None:
        """The first level that was too wide, if any."""
        return next((i for i, level in enumerate(self.levels) if len(level) > ROWS), None)


def _told(
    ontology: Ontology,
    fragments: Fragments,
    id_: str,
    properties: Any,
    carried: Sequence[Any] = (),
) -> Piece:
    """What a state says, with the times in which it does."""
    declared = declared_of(ontology, id_)
    if declared is None:
        raise ValueError(f"{id_} is not declared")
    columns = Columns(ontology, declared, fragments.hides)
    piece = columns.piece(properties)
    beside: dict[str, list[str]] = {}
    for type_, away, other in carried:
        beside.setdefault(columns.field(type_, away), []).append(other)
    told = {name: "; ".join(sorted(ids)) for name, ids in beside.items()}
    return Piece(piece.since, piece.until, {**piece.state, **told})


def differences(here: Side, there: Side) -> Diff:
    """What is at one of two points only, and what says something else; ids in order."""
    limit = min((s.full for s in (here, there) if s.full is not None), default=None)
    sides = [_within(side, limit) for side in (here, there)]
    first, second = (
        {id_ for id_ in side if id_ not in s.links} for side, s in _paired(sides, here, there)
    )
    links = [sorted(side.keys() & s.links.keys()) for side, s in _paired(sides, here, there)]
    both = sides[0].keys() & sides[1].keys()
    changed = (
        Differing.model_construct(of=id_, fields=fields)
        for id_ in sorted(both)
        if (fields := compared(sides[0][id_], sides[1][id_]))
    )
    return Diff.model_construct(
        only_from=tuple(sorted(first - second)),
        only_to=tuple(sorted(second - first)),
        links_from=tuple(here.links[id_] for id_ in links[0] if id_ not in both),
        links_to=tuple(there.links[id_] for id_ in links[1] if id_ not in both),
        changed=tuple(changed),
        completeness=_completeness(here, there, limit, len(first | second)),
    )


def _paired(
    sides: Sequence[Mapping[str, Piece]], here: Side, there: Side
) -> list[tuple[Mapping[str, Piece], Side]]:
    return [(sides[0], here), (sides[1], there)]


def _within(side: Side, limit: int | None) -> Mapping[str, Piece]:
    """What lies before the first level that was too wide on either side."""
    if limit is None:
        return side.told
    near = {id_ for level in side.levels[:limit] for id_ in level}
    kept = {id_ for id_, one in side.links.items() if {one.source, one.target} <= near}
    return {id_: piece for id_, piece in side.told.items() if id_ in near | kept}


def _completeness(here: Side, there: Side, limit: int | None, explored: int) -> Completeness:
    if limit is None:
        return Completeness(complete=True, explored=explored)
    frontier = {id_ for side in (here, there) for id_ in side.levels[limit - 1]}
    reason = ClipReason.ROWS
    return Completeness(
        complete=False, reason=reason, explored=explored, frontier=tuple(sorted(frontier))
    )
