"""What answers each root field: three lines from the arguments to the question."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from typing import Any

from graph.ontology.vocabulary import Kind
from graph.questions import Ask, Question, plain, watching
from graph.questions import changes as written
from graph.questions import history as past
from graph.questions.changes import Wanted
from graph.selection import Select

Given = dict[str, Any]


async def node(ask: Ask, given: Given, select: Select) -> Any:
    """A thing or link by its global id."""
    return (await plain.nodes(ask, [given["id"]], given["asOf"], select))[0]


async def nodes(ask: Ask, given: Given, select: Select) -> Any:
    """Things and links by global id."""
    return await plain.nodes(ask, given["ids"], given["asOf"], select)


async def thing(kind: type[Kind], ask: Ask, given: Given, select: Select) -> Any:
    """One of a kind by its key."""
    return await plain.thing(ask, kind, given["key"], given["asOf"], select)


async def page(kind: type[Kind], ask: Ask, given: Given, select: Select) -> Any:
    """A page of a kind."""
    return await plain.page(ask, kind, kind.table, given["asOf"], select)


async def search(ask: Ask, given: Given, select: Select) -> Any:
    """What speaks of some words."""
    return await plain.search(ask, given["text"], given.get("kinds"), given["asOf"], select)


async def archive(ask: Ask, given: Given, select: Select) -> Any:
    """What has ended."""
    return await plain.archive(ask, given.get("kinds"), given["asOf"], select)


async def history(ask: Ask, given: Given, select: Select) -> Any:
    """What changed of a thing or link."""
    return await past.history(ask, given["of"], given["asOf"], select)


async def changes(ask: Ask, given: Given, select: Select) -> Any:
    """What was written to the whole graph."""
    wish = Wanted.model_validate({name: given.get(name) for name in Wanted.model_fields})
    return await written.changes(ask, wish, given["asOf"], select)


async def asked(question: type[Question], ask: Ask, given: Given, select: Select) -> Any:
    """A question that walks and computes."""
    return await question.model_validate(given).answer(ask, select)


def watch(context: Mapping[str, Any], given: Given, select: Select) -> AsyncIterator[Any]:
    """What is being written. Raises ValidationError, BadRequest."""
    wish = Wanted.model_validate({name: given.get(name) for name in Wanted.model_fields})
    written.check(wish, select)
    asked: Ask = context["ask"]
    return watching.watch(
        context["publications"], lambda: Ask.of(asked.store, asked.viewer), wish, select
    )
