"""The one statement of a question that computes: what it fetched, and how a value is told."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

from graph.compile import Compiler
from graph.errors import BadRequest
from graph.fragments import check
from graph.ontology import Ontology
from graph.ontology.strategy import CustomerGroup
from graph.ontology.vocabulary import Declared, declared_in
from graph.questions import Ask, Question
from graph.selection import Select
from graph.shapes import Context
from graph.shaping import Places, Things
from graph.times import FAR, Moment
from queries import QUESTIONS

ALLOWED = 30.0
"""Seconds for a statement on whole lives: a database that has just started plans it for some."""
NO_WORDS: Mapping[str, str] = MappingProxyType({})

for _name, _text in QUESTIONS.items():
    check(_name, _text)


@dataclass(frozen=True, slots=True)
class Fetched:
    """The row of a statement, and the things that may stand in the answer."""

    row: Any
    places: Places
    things: Things
    context: Context

    def tell(self, value: Declared, select: Select) -> Any:
        """The value as a mapping by alias."""
        return self.places.tell(value, select.fields, self.things, self.context)


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
    compiler = ask.compiler(moment)
    places = Places(compiler, _answered(question), select.fields)
    return await _fetched(ask, statement, words, (moment, compiler, places), given)


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
    compiler = ask.compiler(moment)
    compiler.fragments = replace(compiler.fragments, copies=False)
    with compiler.seen_at("last", archived=True):
        places = Places(compiler, _answered(question), select.fields)
    return await _fetched(ask, statement, words, (moment, compiler, places), given)


async def _fetched(
    ask: Ask,
    statement: str,
    words: Mapping[str, str],
    how: tuple[Moment, Compiler, Places],
    given: Mapping[str, Any],
) -> Fetched:
    moment, compiler, places = how
    text = compiler.fragments.expand(QUESTIONS[statement], **words, places=places.expression)
    row, context = await ask.read(text, compiler, moment, **given)
    return Fetched(row, places, {thing[0]: thing for thing in row["things"]}, context)


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
