"""The one statement of a question that computes: what it fetched, and how a value is told."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any, TypeVar

from graph.compile import Compiler
from graph.errors import BadRequest
from graph.guard import check
from graph.ontology import Ontology
from graph.ontology.strategy import CustomerGroup
from graph.ontology.vocabulary import Declared, declared_in
from graph.preparing import Prepared
from graph.questions import Ask, Question
from graph.selection import Select
from graph.shapes import Context
from graph.shaping import Places, Things
from graph.times import FAR, Moment
from graph.worked import WORKED
from queries import QUESTIONS

ALLOWED = 30.0
"""Seconds for a statement on whole lives: a database that has just started plans it for some."""
NO_WORDS: Mapping[str, str] = MappingProxyType({})

T = TypeVar("T", bound=Declared)

for _name, _text in QUESTIONS.items():
    check(_name, _text)


@dataclass(frozen=True, slots=True)
class Fetched:
    """The row of a statement, and the things that may stand in the answer."""

    question: Question
    row: Any
    places: Places
    select: Select
    things: Things
    context: Context

    def worked(self, ontology: Ontology, work: Callable[[], T], *given: Hashable) -> T:
        """What is worked out of the row for the question; of an equal row only once.

        Of its things no more may count than which there are. `given` is what else it depends on.
        """
        asked = self.question.model_dump_json(exclude={"as_of"})
        row = {**self.row, "things": list(self.things)}
        return WORKED.of(row, (ontology, type(self.question), asked, *given), work)

    def tell(self, value: Declared) -> Any:
        """The value as a mapping by alias."""
        return self.places.tell(value, self.select.fields, self.things, self.context)


async def fetch(
    ask: Ask,
    question: Question,
    statement: str,
    select: Select,
    words: Mapping[str, str] = NO_WORDS,
    **given: Any,
) -> Fetched:
    """Read a statement of `queries/questions`, with its words put in; its row holds `things`."""
    moment = ask.moment(question.as_of)
    made = ask.prepared(
        moment, select.unasked(), _placed, statement, tuple(words.items()), _answered(question)
    )
    return await _fetched(ask, question, made, moment, given)


async def fetch_lives(
    ask: Ask,
    question: Question,
    statement: str,
    select: Select,
    words: Mapping[str, str] = NO_WORDS,
    **given: Any,
) -> Fetched:
    """The same for a statement that tells of what has ended too.

    It has a thing as of its last instant `last`, if it ended by the time `asked`; and what was
    known in it is always a list of ranges, so that it may ask for what was known at other times.
    """
    ask = replace(ask, allowed=ALLOWED, patience=ALLOWED + 5)
    asked = ask.moment(question.as_of)
    moment = Moment(asked.valid, FAR) if asked.known is None else asked
    made = ask.prepared(
        moment,
        select.unasked(),
        _placed_lives,
        statement,
        tuple(words.items()),
        _answered(question),
    )
    return await _fetched(ask, question, made, moment, given)


async def _fetched(
    ask: Ask,
    question: Question,
    made: Prepared[Places],
    moment: Moment,
    given: Mapping[str, Any],
) -> Fetched:
    row, context = await ask.read(made.text, made.parameters, moment, **given)
    things = {thing[0]: thing for thing in row["things"]}
    return Fetched(question, row, made.answer, made.select, things, context)


def _placed(
    compiler: Compiler,
    statement: str,
    words: Iterable[tuple[str, str]],
    value: type[Declared],
    select: Select,
) -> tuple[str, Places]:
    """The statement with its words and places put in."""
    places = Places(compiler, value, select.fields)
    text, named = QUESTIONS[statement], dict(words)
    return compiler.fragments.expand(text, **named, places=places.expression), places


def _placed_lives(
    compiler: Compiler,
    statement: str,
    words: Iterable[tuple[str, str]],
    value: type[Declared],
    select: Select,
) -> tuple[str, Places]:
    """The same, with things as of their last instant."""
    compiler.fragments = replace(compiler.fragments, copies=False)
    with compiler.seen_at("last", archived=True):
        return _placed(compiler, statement, words, value, select)


def _answered(question: Question) -> type[Declared]:
    """What the answer is made of, also where it is a list."""
    found = declared_in(question.answers)
    if found is None:
        raise TypeError(f"{question.name} answers no declared value")
    return found


def groups_alone(ontology: Ontology, ids: Iterable[str]) -> None:
    """Raise BadRequest for the id of something that is neither segment nor persona."""
    for id_ in ids:
        kind = ontology.kind_of(id_)
        if kind is None or not issubclass(kind, CustomerGroup):
            raise BadRequest(f"`{id_}` is no group; write segment:... or persona:...")
