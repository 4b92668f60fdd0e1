"""The question why something changed: its last change, the decision, and what stands behind."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from graph.changing import Columns, Told
from graph.compile import Compiler
from graph.errors import BadRequest
from graph.insight.past import Because, WhyChanged
from graph.insight.reasons import Ground, Taken, explanation
from graph.ontology import End, Ontology
from graph.ontology.vocabulary import GlobalId, Kind, Link, Whole, camel, mark
from graph.past import Past, Wish
from graph.questions import Ask, Question
from graph.questions.history import asked_of, past_of
from graph.selection import Select, wants
from graph.shapes import Context, Shape
from graph.shaping import Places

LAST = 500
"""Changes among which the last one of a field is looked for."""
NONE = Shape("null", lambda row, context: [])


class WhyChangedQuestion(Question):
    """Why something is as it is: the last change, the decision behind it, what that rests on."""

    name: ClassVar[str] = "why_changed"
    answers: ClassVar[Any] = WhyChanged

    of: GlobalId
    """Id of the thing or link."""
    field: str | None = None
    """Field of which to tell the last change, as the API names it; of the whole if left out."""

    async def answer(self, ask: Ask, select: Select) -> Any:
        """The reasons, or None where nothing is known of it. Raises BadRequest for a field."""
        ontology = ask.store.ontology
        declared = asked_of(ask, self.of)
        if declared is None:
            return None
        _declared(ontology, declared, self.field)
        moment = ask.moment(self.as_of)
        compiler = ask.compiler(moment)
        asked = _Asked.by(compiler, declared, self, select)
        row, context = await ask.read(asked.text, compiler.parameters, moment, of=self.of)
        return asked.tell(row, context) if row["known"] else None


@dataclass(frozen=True, slots=True)
class _Asked:
    """The statement of one such question, and how its row is told."""

    question: WhyChangedQuestion
    text: str
    past: Shape
    whole: Shape
    places: Places
    changes: Sequence[Select]
    others: Sequence[Select]
    columns: Columns

    @classmethod
    def by(
        cls, c: Compiler, of: type[Kind] | type[Link], question: WhyChangedQuestion, select: Select
    ) -> _Asked:
        """What a selection asks."""
        changes, others = select.asked("change"), [x for x in select.fields if x.name != "change"]
        wanted = [part for one in changes for part in one.fields] + list(wants("decision.id"))
        past = past_of(c, of, question.of)
        told = past.rows(wanted, Wish(rows=LAST if question.field else 1))
        whole = _whole(c, of, past)
        places = Places(c, WhyChanged, others)
        root = "" if issubclass(of, Link) else f"OPTIONAL MATCH (root:Identity {{id: {past.id}}})"
        words = {
            "root": root,
            "known": past.known,
            "past": told.expression,
            "whole": whole.expression,
            "observed": _observed(c.ontology),
            "places": places.expression,
        }
        columns = Columns(c.ontology, of, c.fragments)
        text = past.text("why", **words)
        return cls(question, text, told, whole, places, changes, others, columns)

    def tell(self, row: Any, context: Context) -> Any:
        """The answer by alias."""
        columns = self.columns.without(context.hidden)
        change = _last(self.past.build(row["past"], context), self.question.field)
        whole = next(iter(self.whole.build(row["whole"], context)), None)
        behind = change.change.decision if change else None
        of_whole = change is not None and behind is None and whole is not None
        if of_whole and whole:
            behind = whole.change.decision
        taken = {one.id: one for one in _taken(row["taken"], columns)}
        chosen = taken.get(behind) if behind else None
        grounds = _grounds(chosen, row["grounds"])
        value = WhyChanged.model_construct(
            of=self.question.of,
            node=self.question.of,
            change=None,
            decision=chosen.id if chosen else None,
            review=chosen.review[0] if chosen and chosen.review else None,
            because=tuple(_because(grounds)),
            explanation=explanation(
                self.question.of,
                self.question.field,
                change.change if change else None,
                chosen,
                whole.change.of if of_whole and whole else None,
                grounds,
            ),
        )
        things = {x[0]: x for x in row["things"]}
        told = self.places.tell(value, self.others, things, context)
        for one in self.changes:
            told[one.alias] = change.tell(one.fields) if change else None
        return told


def _declared(ontology: Ontology, of: type[Kind] | type[Link], field: str | None) -> None:
    """Refuse a field that this kind does not have, with those that have it."""
    if field is None or field in fields_of(ontology, of):
        return
    having = [one.word for one in ontology.declared() if field in fields_of(ontology, one)]
    hint = f"; {', '.join(having[:3])} has it" if having else ""
    told = ", ".join(sorted(fields_of(ontology, of)))
    raise BadRequest(f"`field: {field[:60]}` is no field of {of.word}, which has {told}{hint}")


def fields_of(ontology: Ontology, of: type[Kind] | type[Link]) -> set[str]:
    """Fields that a change of it may tell."""
    carried = {camel(end.name) for end in Columns(ontology, of).ends.values()}
    own = {camel(name) for name in of.model_fields if name != "key"}
    return own | carried | {"validFrom", "validTo"}


def _last(changes: Sequence[Told], field: str | None) -> Told | None:
    """The newest change, or the newest of a field."""
    return next(
        (one for one in changes if not field or any(f.name == field for f in one.change.fields)),
        None,
    )


def _whole(c: Compiler, of: type[Kind] | type[Link], past: Past) -> Shape:
    """The last change of what it is a part of, where its values are shares of a whole."""
    end = _end_of_whole(c.ontology, of)
    if end is None:
        return NONE
    hop = c.onward([end], past.e, {})
    rows = Past(c, end.kinds[0], f"{hop.node}.id", hop.node).rows(wants("decision.id"), Wish())
    text = f"head(COLLECT {{ {hop.match} RETURN {rows.expression} LIMIT 1 }})"
    return Shape(text, lambda row, context: rows.build(row, context) if row else [])


def _end_of_whole(ontology: Ontology, of: type[Kind] | type[Link]) -> End | None:
    if issubclass(of, Link):
        return None
    marks = (mark(info, Whole) for info in of.model_fields.values())
    ends = (ontology.ends(of).get(one.of) for one in marks if one)
    return next((end for end in ends if end and end.single), None)


def _observed(ontology: Ontology) -> str:
    """Types of links from facts to the observation they are of."""
    observation = ontology.kinds.get("observation")
    types = [
        link.type
        for link in ontology.links.values()
        if ontology.targets(link) == (observation,)
        and ontology.columns(link)
        and not link.reversed()
        and set(ontology.columns(link)) <= set(ontology.sources(link))
    ]
    return "|".join(types) or "STATE"


def _taken(rows: Any, columns: Columns) -> Iterator[Taken]:
    """Decisions as fetched, without what may not be seen."""
    for id_, name, on, text, reason, evidence, about, reviews in rows:
        words, why, ground = (one and columns.text(one) for one in (text, reason, evidence))
        named = [*(part.strip() for part in (evidence or "").split(";")), *(about or ())]
        on = on.iso_format() if on else None
        review = tuple(reviews[0]) if reviews else None
        yield Taken(id_, name, on, words, why, ground, review, tuple(named))


def _grounds(taken: Taken | None, rows: Any) -> list[Ground]:
    """What a decision names, as far as it is in force and may be seen, in its order."""
    known: Mapping[str, Ground] = {
        id_: Ground(id_, period, value, tuple(Ground(*point) for point in points))
        for id_, period, value, points in rows
    }
    names = dict.fromkeys(taken.names) if taken else ()
    return [known[name] for name in names if name in known]


def _because(grounds: Sequence[Ground]) -> Iterator[Because]:
    for one in grounds:
        yield Because(of=one.id, node=one.id, period=one.period, value=one.value)
        yield from _because(one.points)
