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
from graph.hidden import Hidden
from graph.insight.answers import ClipReason, Completeness
from graph.insight.past import Diff, Differing, DiffLink
from graph.ontology import Ontology
from graph.ontology.vocabulary import GlobalId, Kind, Link
from graph.past import TEXTS, arrow
from graph.questions import Ask, AsOf, Question
from graph.questions.history import asked_of, declared_of
from graph.selection import Select
from graph.shaping import Places, Things
from graph.times import Moment

ROWS = 1_000
"""Things of one level of a neighbourhood at most."""
SIDES = ("1", "2")


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
        declared = asked_of(ask, self.of)
        if declared is None:
            return None
        sides = [ask.moment(self.from_), ask.moment(self.to)]
        first = [one for one in select.fields if one.name == "onlyFrom"]
        other = [one for one in select.fields if one.name != "onlyFrom"]
        compiler = _compiler(ask)
        places = [Places(compiler, Diff, fields) for fields in (first, other)]
        statement = _Statement(self, declared, compiler.fragments)
        text = statement.text(ask.store.ontology, places)
        bound, at = compiler.parameters, Moment(ask.now)
        row, context = await ask.read(text, bound, at, **self._given(sides))
        found, hidden = zip(row["sides"], row["levels"], strict=True), context.hidden
        seen = (ask.store.ontology, compiler.fragments, hidden)
        here, there = (Side.of(*seen, *one) for one in found)
        if not here.told and not there.told:
            return None
        value = differences(here, there)
        told = [{x[0]: x for x in rows} for rows in row["things"]]
        both: list[tuple[Places, Sequence[Select], Things]] = [
            (places[0], first, told[0]),
            (places[1], other, told[1]),
        ]
        answers = [p.tell(value, fields, things, context) for p, fields, things in both]
        return answers[0] | answers[1]

    def _given(self, sides: Sequence[Moment]) -> dict[str, Any]:
        given: dict[str, Any] = {"of": self.of, "roots": [self.of], "depth": self.depth}
        for x, moment in zip(SIDES, sides, strict=True):
            given |= {f"valid{x}": moment.valid, f"since{x}": moment.known}
        return {**given, "rows": ROWS}


def _compiler(ask: Ask) -> Compiler:
    """A compiler for which what is known is a list of runs, whatever was asked."""
    return ask.compiler(Moment(ask.now, ask.now))


class _Statement:
    """The statement of one such question."""

    def __init__(self, question: DiffQuestion, declared: type[Kind] | type[Link], f: Fragments):
        self.question = question
        self.declared = declared
        self.fragments = f

    def text(self, ontology: Ontology, places: Sequence[Places]) -> str:
        """All of it, with what is asked of things at the first point only, and at the second."""
        return self.fragments.expand(
            TEXTS["diff"],
            moments=self.fragments.moments(SIDES),
            around=self._around(),
            facts=self._facts(ontology),
            told_first=self._part("told_at", "things1", places=places[0].expression),
            told_second=self._part("told_at", "things2", places=places[1].expression),
        )

    def _around(self) -> str:
        """A walk from a thing, or from the ends of a link, as many levels as are asked."""
        linked = issubclass(self.declared, Link)
        hops = max(0, self.question.depth - linked)
        words = {
            "levels": "\n".join(self._level(number) for number in range(hops)),
            "lists": f"[{', '.join(f'l{number}' for number in range(hops + 1))}]",
        }
        if issubclass(self.declared, Link):
            return self._part("around_link", "levels", type=self.declared.type, **words)
        return self._part("around", "levels", **words)

    def _level(self, number: int) -> str:
        last, former = f"l{number}", f"l{number - 1}"
        words = {"last": last, "former": former if number else "[]", "next": f"l{number + 1}"}
        return self._part("level", imported=f"{last}, {former}" if number else last, **words)

    def _facts(self, ontology: Ontology) -> str:
        """What all of it says: at depth 0 with what columns carry, else with the links."""
        parts, links, carried = [], [], []
        if issubclass(self.declared, Link):
            parts.append(self._part("ends", type=self.declared.type))
            links.append("own")
        if self.question.depth:
            parts.append(self._part("among"))
            links.append("links")
        elif not issubclass(self.declared, Link):
            columns = Columns(ontology, self.declared)
            for name, away in (("out", True), ("in", False)):
                if types := columns.types(away):
                    parts.append(self._part("columns", into=name, **arrow(types, away)))
                    carried.append(name)
        words = {"links": " + ".join(links) or "[]", "carried": " + ".join(carried) or "[]"}
        return self._part("facts", "said", beside="\n".join(parts), **words)

    def _part(self, name: str, answer: str = "", **words: str) -> str:
        """A text on one moment without its opening, under a name of its own for its answer."""
        text = TEXTS[name].replace("{moment}", "").replace("AS answer, k", f"AS {answer}")
        return self.fragments.expand(text, **words)


@dataclass(frozen=True, slots=True)
class Side:
    """What was found at one point: what things and links say, links with their ends, levels."""

    told: Mapping[str, Piece]
    links: Mapping[str, DiffLink]
    levels: Sequence[Sequence[str]]

    @classmethod
    def of(
        cls,
        ontology: Ontology,
        fragments: Fragments,
        hidden: Hidden,
        row: Any,
        levels: Sequence[Sequence[str]],
    ) -> Side:
        """Read what the statement found."""
        told: dict[str, Piece] = {}
        links: dict[str, DiffLink] = {}
        for id_, properties in row["things"]:
            told[id_] = _told(ontology, fragments, hidden, id_, properties, row["carried"])
        for id_, start, end, properties in row["links"]:
            link = ontology.link_of(id_)
            if link is None:
                continue
            ends = (end, start) if link.reversed() else (start, end)
            told[id_] = _told(ontology, fragments, hidden, id_, properties)
            links[id_] = DiffLink(id=id_, link=link.word.upper(), source=ends[0], target=ends[1])
        return cls(told, links, levels)

    @property
    def full(self) -> int | None:
        """The first level that was too wide, if any."""
        return next((i for i, level in enumerate(self.levels) if len(level) > ROWS), None)


def _told(
    ontology: Ontology,
    fragments: Fragments,
    hidden: Hidden,
    id_: str,
    properties: Any,
    carried: Sequence[Any] = (),
) -> Piece:
    """What a state says, with the times in which it does."""
    declared = declared_of(ontology, id_)
    if declared is None:
        raise ValueError(f"{id_} is not declared")
    columns = Columns(ontology, declared, fragments, hidden)
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
