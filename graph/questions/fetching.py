"""The one statement of a question that computes: what it fetched, and how a value is told."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from graph.errors import BadRequest
from graph.fragments import check
from graph.ontology import Ontology
from graph.ontology.strategy import CustomerGroup
from graph.ontology.vocabulary import Declared
from graph.questions import Ask, Question
from graph.selection import Select
from graph.shapes import Context
from graph.shaping import Places, Things
from queries import QUESTIONS

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
    places = Places(compiler, question.answers, select.fields)
    text = compiler.fragments.expand(QUESTIONS[statement], **words, places=places.expression)
    row, context = await ask.read(text, compiler, moment, **given)
    return Fetched(row, places, {thing[0]: thing for thing in row["things"]}, context)


def groups_alone(ontology: Ontology, ids: Iterable[str]) -> None:
    """Raise BadRequest for the id of something that is neither segment nor persona."""
    for id_ in ids:
        kind = ontology.kind_of(id_)
        if kind is None or not issubclass(kind, CustomerGroup):
            raise BadRequest(f"`{id_}` is no group; write segment:... or persona:...")
