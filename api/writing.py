"""What answers each mutation: the input is read, written, and told with what it touched."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from graph.audit import Actor
from graph.changing import told
from graph.errors import Forbidden
from graph.ontology.vocabulary import camel
from graph.questions import Ask, plain
from graph.selection import Select, of_label
from graph.shapes import TYPE
from graph.times import Moment
from loaders.mutations.outcomes import Receipt, UserError
from loaders.mutations.refusing import refused
from loaders.mutations.verbs import Verb
from loaders.mutations.writing import Writer

THINGS = ("node", "decision")
"""Fields of a change that are things."""


async def write(
    verb: type[Verb], ask: Ask, request: str, given: dict[str, Any], select: Select
) -> Any:
    """Do a mutation and tell what came of it. Raises Forbidden where no role allows it."""
    if not ask.viewer.may(camel(verb.name)):
        raise Forbidden(f"none of your roles may {camel(verb.name)}")
    done = await _done(verb, ask, request, given["input"], select)
    name = type(done).__name__
    fields = of_label(select.fields, name)
    answer = {one.alias: await _field(ask, done, one) for one in fields}
    return answer | {TYPE: name}


async def _done(
    verb: type[Verb], ask: Ask, request: str, given: dict[str, Any], select: Select
) -> Receipt | UserError:
    try:
        said = verb.model_validate(given)
    except ValidationError as error:
        return refused(error)
    who = ask.viewer
    by = Actor(who.subject, who.roles, who.token, request)
    telling = select.asked("changes") + select.asked("nodes")
    hashed = any(one.asked("hash") for one in telling)
    return await Writer(ask.store, by, ask.now, bool(telling), hashed, ask.viewer).write(said)


async def _field(ask: Ask, done: Receipt | UserError, select: Select) -> Any:
    if not isinstance(done, Receipt) or select.name not in ("nodes", "changes"):
        return told(done, select)
    if select.name == "changes":
        return await _changes(ask, done, select)
    ids = list(dict.fromkeys(change.of for change in done.changes))
    found = await _things(ask, done, ids, select)
    return [found[id_] for id_ in ids if found.get(id_) is not None]


async def _changes(ask: Ask, done: Receipt, select: Select) -> list[dict[str, Any]]:
    """The changes, each kind of thing beside them with one statement."""
    beside = {}
    for one in select.fields:
        if one.name in THINGS:
            ids = [id_ for change in done.changes if (id_ := getattr(change, one.name))]
            beside[one.alias] = await _things(ask, done, ids, one)
    return [
        {
            one.alias: beside[one.alias].get(getattr(change, one.name))
            if one.alias in beside
            else told(change, one)
            for one in select.fields
        }
        for change in done.changes
    ]


async def _things(ask: Ask, done: Receipt, ids: list[str], select: Select) -> Mapping[str, Any]:
    """Things and links as of the commit that wrote them, by id, with one statement."""
    if not ids:
        return {}
    known = done.sequence if done.entry else None
    moment = Moment(ask.now, known, now=known is None)
    return await plain.by_id(ask, ids, moment, select)
