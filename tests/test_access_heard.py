"""Field by role as it is heard: what `watch` tells is what the policy says, and no more."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Any

from api.app import schema
from graph.ontology import ONTOLOGY
from graph.ontology.vocabulary import camel
from graph.publications import Publications
from graph.questions import Ask
from graph.store import Store
from graph.viewers import EVERYONE, Viewer
from tests import samples
from tests.access_model import ROLES, policy, role
from tests.access_told import TOLD, change
from tests.asking import put


async def listening(store: Store, viewer: Viewer, news: Publications) -> AsyncIterator[Any]:
    """Events of `watch`, as they come."""
    context: dict[str, Any] = {
        "ask": Ask.of(store, viewer),
        "publications": news,
        "request_id": "test",
    }
    context["begun"] = asyncio.Event()
    text = f"subscription {{ watch(first: 200) {{ totalCount nodes {{ {TOLD} }} }} }}"
    results = await schema().stream(text, context_value=context)
    async with aclosing(results) as found:  # type: ignore[type-var]
        async for one in found:
            assert not one.errors, one.errors
            yield one.data["watch"]


async def heard(events: AsyncIterator[Any]) -> dict[str, Any]:
    """The changes of the next event by id."""
    event = await asyncio.wait_for(anext(events), 180)
    assert event["totalCount"] == len(event["nodes"])
    return {one["of"]: one for one in event["nodes"]}


def fields_of(told: dict[str, Any]) -> dict[str, set[str]]:
    """Names of the changed fields by id."""
    return {id_: {one["name"] for one in told[id_]["fields"]} for id_ in told}


async def test_everybody_hears_of_each_field_that_he_may_be_told(
    store: Store, patient: None
) -> None:
    """
    Everything is created, then every field of it is changed: six roles and one who sees all.
    """
    await store.migrate()
    news = Publications(store, every=0.1)
    listeners = {name: policy().viewer("somebody", [name]) for name in ROLES}
    streams = {name: listening(store, who, news) for name, who in listeners.items()}
    streams["everyone"] = listening(store, EVERYONE, news)
    for place in (0, 1):
        waiting = {name: asyncio.create_task(heard(one)) for name, one in streams.items()}
        await asyncio.sleep(0.5)
        await put(store, *samples.every(place))
        told = {name: await task for name, task in waiting.items()}
        every = told.pop("everyone")
        assert {one.id for one in samples.every(place)} == every.keys()
        changes_every_field(fields_of(every))
        for name, found in told.items():
            expected = {id_: change(role(name), one) for id_, one in every.items()}
            assert {id_: one for id_, one in expected.items() if one} == found, name
    for stream in streams.values():
        await stream.aclose()  # type: ignore[attr-defined]
    await news.close()


def changes_every_field(names: dict[str, set[str]]) -> None:
    """Nothing that can be filled in is left out of what the test changes."""
    for kind in ONTOLOGY.kinds.values():
        filled = {
            camel(n) for n, info in kind.model_fields.items() if len(samples.fillings(info)) == 2
        }
        assert filled - {"key"} <= names[f"{kind.word}:a"], kind.word
