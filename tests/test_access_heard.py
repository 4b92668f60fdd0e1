"""Field by role as it is heard: what `watch` tells is what the policy says, and no more."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import aclosing
from datetime import UTC, datetime
from typing import Any

import pytest

from api.app import schema
from graph.fragments import EVERYONE, Viewer
from graph.ontology import ONTOLOGY
from graph.ontology.vocabulary import Kind, camel
from graph.publications import Publications
from graph.questions import Ask
from graph.store import Store
from tests import samples
from tests.access_model import ROLES, Role, policy, role
from tests.asking import put

ID = re.compile(r"^[a-z_]+:")
TOLD = "of action fields { name before after }"


def hidden(who: Role, id_: str) -> bool:
    """Whether a role may not see a thing: for its kind, its class, or its place."""
    word, _, key = id_.partition(":")
    kind = ONTOLOGY.kinds[word]
    said = who.said.get({"segment": "segments", "org_unit": "units"}.get(word, ""), "*")
    without = who.said.get("except_segments", ()) if word == "segment" else ()
    classed = key == "secret" and "RESTRICTED" in who.above
    return not who.sees(kind) or classed or key in without or (said != "*" and key not in said)


def shown(who: Role, kind: type[Kind], name: str, value: Any) -> Any:
    """What a role is told in a field of a thing that it sees."""
    names = {camel(field): field for field in kind.model_fields}
    if name in names and not who.told(kind, names[name]):
        return [] if isinstance(value, list) else None
    if isinstance(value, str) and name != "id" and ID.match(value):
        kind_ = ONTOLOGY.kinds.get(value.partition(":")[0])
        return None if kind_ and (kind_.many or hidden(who, value)) else value
    return value


def change(who: Role, told: dict[str, Any]) -> dict[str, Any] | None:
    """A change as a role is told it; None where it is not told of it at all."""
    kind = ONTOLOGY.kinds[told["of"].partition(":")[0]]
    if hidden(who, told["of"]):
        return None
    fields = [
        {
            side: one[side] if side == "name" else shown(who, kind, one["name"], one[side])
            for side in ("name", "before", "after")
        }
        for one in told["fields"]
    ]
    return told | {"fields": [one for one in fields if one["before"] != one["after"]]}


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


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Statements that are asked for the first time may take a minute to plan."""

    def of(cls: type[Ask], store: Store, viewer: Viewer = EVERYONE) -> Ask:
        return cls(store, datetime.now(UTC), viewer, patience=60, allowed=60)

    monkeypatch.setattr(Ask, "of", classmethod(of))


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
