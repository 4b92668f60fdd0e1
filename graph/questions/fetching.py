"""The one statement of a question that computes: what it fetched, and how a value is told."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from graph.ontology.vocabulary import Declared
from graph.questions import Ask, Question
from graph.selection import Select
from graph.shapes import Context
from graph.shaping import Places, Things
from queries import QUESTIONS


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
    ask: Ask, question: Question, statement: str, select: Select, **given: Any
) -> Fetched:
    """Read a statement of `queries/questions`; its row holds `things`."""
    moment = ask.moment(question.as_of)
    compiler = ask.compiler(moment)
    places = Places(compiler, question.answers, select.fields)
    text = compiler.fragments.expand(QUESTIONS[statement], places=places.expression)
    row, context = await ask.read(text, compiler, moment, **given)
    return Fetched(row, places, {thing[0]: thing for thing in row["things"]}, context)
