"""What answers each mutation: the input is read, written, and told with what it touched."""

from __future__ import annotations

from typing import Any

from pydantic import ValidationError

from graph import statements
from graph.audit import Actor
from graph.ontology.vocabulary import Declared
from graph.questions import Ask
from graph.selection import Select, of_label
from graph.shapes import TYPE, Context
from graph.shaping import Places
from graph.times import Moment
from loaders.mutations.outcomes import UserError
from loaders.mutations.verbs import Verb
from loaders.mutations.writing import Done, Writer, refused

NODES = "nodes"


async def write(
    verb: type[Verb], ask: Ask, request: str, given: dict[str, Any], select: Select
) -> Any:
    """Do a mutation and tell what came of it."""
    done = await _done(verb, ask, request, given["input"])
    told = done if isinstance(done, UserError) else done.receipt
    fields = of_label(select.fields, type(told).__name__)
    answer = _told(ask, told, fields)
    if isinstance(done, Done):
        for one in fields:
            if one.name == NODES:
                answer[one.alias] = await _nodes(ask, done, one)
    return answer | {TYPE: type(told).__name__}


async def _done(
    verb: type[Verb], ask: Ask, request: str, given: dict[str, Any]
) -> Done | UserError:
    try:
        said = verb.model_validate(given)
    except ValidationError as error:
        return refused(error)
    by = Actor(ask.viewer.subject, request=request)
    return await Writer(ask.store, by, ask.now).write(said)


def _told(ask: Ask, value: Declared, fields: list[Select]) -> dict[str, Any]:
    moment = Moment(ask.now, now=True)
    places = Places(ask.compiler(moment), type(value), fields)
    return places.tell(value, fields, {}, Context(moment))


async def _nodes(ask: Ask, done: Done, select: Select) -> list[Any]:
    """What was written, as of the commit that wrote it, with one statement."""
    ids = list(dict.fromkeys(revision.change.id for revision in done.revisions))
    if not ids:
        return []
    known = None if done.receipt.dry_run else done.receipt.sequence
    moment = Moment(ask.now, known, now=known is None)
    compiler = ask.compiler(moment)
    text, shape = statements.several(compiler, ids, select)
    found = await ask.tell(text, shape, compiler, moment) or {}
    return [found[id_] for id_ in ids if found.get(id_) is not None]
