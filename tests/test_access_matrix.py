"""Field by role by time: a role is told exactly what the policy and the tables of the bank say."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from graphql import GraphQLLeafType, GraphQLObjectType, get_named_type

from api.app import schema
from graph.hideable import classes
from graph.ontology import ONTOLOGY
from graph.ontology.vocabulary import Kind, Link, camel
from graph.store import Store
from graph.viewers import EVERYONE
from tests.access_model import ROLES, Role, policy, role, rows
from tests.asking import answer

TYPES = schema()._schema.type_map
KINDS = tuple(ONTOLOGY.kinds.values())
THEN = "2025-02-01"
VALID = ("", ', asOf: {validAt: "2024-03-01"}', f', asOf: {{validAt: "{THEN}"}}')
"""Now, and two days: asked of every role with one statement."""
KNOWN = f', asOf: {{validAt: "{THEN}", knownAt: "2025-02-10"}}'
"""As known when little was recorded yet; a statement of its own."""
SIGHTS = (ROLES[:1], ROLES[1:5], ROLES[5:])
"""Roles for which most statements are alike."""
MANY = 40
"""Rows of one kind that are asked for; of most kinds there are fewer."""
FEW = 5
"""Rows of one kind where all kinds are asked for at once."""
UNTOLD = ("history", "revision", "retirement", "supersededAt", "recordedAt", "link")
"""Fields of the past and of the archive are asked elsewhere; evidence may outlast its `link`."""
MIXED = ("successor", "predecessors", "grounds")
"""Ends that lead to things of many kinds: what is asked of them differs from role to role."""


def asked(kind: type[Kind], most: int = MANY) -> list[str]:
    """Ids of the bank's things of a kind, evenly among all."""
    ids = [id_ for id_ in sorted(rows()) if id_.startswith(f"{kind.word}:")]
    return ids[:: len(ids) // most + 1]


def told(kind: type[Kind]) -> dict[str, str]:
    """Every declared field of a kind, with what is asked of it."""
    type_ = TYPES[kind.label]
    assert isinstance(type_, GraphQLObjectType)
    fields = type_.fields.items()
    return {name: _asked(name, field.type) for name, field in fields if name not in UNTOLD}


def _asked(name: str, type_: Any) -> str:
    inner = get_named_type(type_)
    if isinstance(inner, GraphQLLeafType):
        return name
    connection = inner.name.endswith("Connection")
    return f"{name}(first: 200) {{ {_edges(inner)} }}" if connection else f"{name} {{ id }}"


def selections(kind: type[Kind]) -> list[str]:
    """All fields of a kind in two parts: the smaller one is planned anew for more roles."""
    fields = told(kind)
    parts = [[n for n in fields if n not in MIXED], [n for n in fields if n in MIXED]]
    texts = (" ".join(fields[name] for name in part) for part in parts if part)
    return [f"id ... on {kind.label} {{ {text} }}" for text in texts]


def plain(kind: type[Kind]) -> str:
    """The fields of a kind that lead nowhere, under names of its own."""
    words = (f"{kind.word}_{name}: {name}" for name, text in told(kind).items() if name == text)
    return f"... on {kind.label} {{ {' '.join(words)} }}"


def _edges(connection: Any) -> str:
    """What edges say of themselves: their ids, groups and classes."""
    edge = get_named_type(connection.fields["edges"].type)
    wanted = [name for name in ("id", "accessClass") if name in edge.fields]
    if "group" in edge.fields:
        wanted.append("group { id }")
    return f"edges {{ {' '.join(wanted)} node {{ id }} }}"


def expected(who: Role, node: dict[str, Any] | None) -> dict[str, Any] | None:
    """What a role should be told of a thing, from what everybody together knows of it."""
    if node is None or node["id"] in who.hidden:
        return None
    kind = ONTOLOGY.kinds[node["id"].partition(":")[0]]
    names = {alias: alias.removeprefix(f"{kind.word}_") for alias in node}
    return {x: expected_field(who, kind, names[x], value) for x, value in node.items()}


def expected_field(who: Role, kind: type[Kind], name: str, value: Any) -> Any:
    """One field of it."""
    names = {camel(field): field for field in kind.model_fields}
    if name in names and not who.told(kind, names[name]):
        return [] if isinstance(value, list) else None
    if end := ONTOLOGY.told_ends(kind).get(name):
        return expected_end(who, end.link, value)
    if isinstance(value, list):
        return [one for one in value if one not in who.hidden]
    if isinstance(value, dict):
        return None if value["id"] in who.hidden else value
    return expected_text(who, value) if name != "id" and isinstance(value, str) else value


def expected_text(who: Role, value: str) -> str | None:
    """A text without its parts that name something hidden."""
    if not who.names_hidden(value):
        return value
    return "; ".join(p.strip() for p in value.split(";") if not who.names_hidden(p)) or None


def expected_end(who: Role, link: type[Link], value: Any) -> Any:
    """What links of a type lead to."""
    if value is None or "edges" not in value:
        gone = value is not None and value["id"] in who.hidden
        return None if value is None or gone or not who.sees(link) else value
    edges = [edge for edge in value["edges"] if who.sees(link) and shown(who, link, edge)]
    return {"edges": edges}


def shown(who: Role, link: type[Link], edge: dict[str, Any]) -> bool:
    """Whether a link is shown: its end, the group it is for, its class."""
    group = (edge.get("group") or {}).get("id")
    classed = edge.get("accessClass") in who.above if classes(link) else False
    return edge["node"]["id"] not in who.hidden and group not in who.hidden and not classed


async def nodes(
    bank: Store, ids: list[str], as_of: str, selection: str, name: str = ""
) -> dict[str, Any]:
    """Things by id as a role, or everybody together, is told of them."""
    viewer = policy().viewer("somebody", [name]) if name else EVERYONE
    text = f"query ($ids: [ID!]!) {{ nodes(ids: $ids{as_of}) {{ {selection} }} }}"
    return dict(zip(ids, (await answer(bank, text, viewer, ids=ids))["nodes"], strict=True))


def model(name: str, every: dict[str, Any]) -> dict[str, Any]:
    """What a role should be told."""
    return {id_: expected(role(name), one) for id_, one in every.items()}


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.word)
async def test_each_role_is_told_every_field_of_what_it_may_see_and_no_more(
    bank: Store, patient: None, kind: type[Kind]
) -> None:
    """
    Every field and every end of every link, now and then; as known now, of some roles in turn.
    """
    ids, now = asked(kind), datetime.now(UTC).isoformat()
    for part in selections(kind):
        for as_of in VALID:
            every = await nodes(bank, ids, as_of, part)
            for name in ROLES:
                seen = await nodes(bank, ids, as_of, part if role(name).sees(kind) else "id", name)
                assert (as_of, name, model(name, every)) == (as_of, name, seen)
        for name in SIGHTS[KINDS.index(kind) % len(SIGHTS)]:
            as_of = f', asOf: {{validAt: "{THEN}", knownAt: "{now}"}}'
            assert (name, model(name, every)) == (name, await nodes(bank, ids, as_of, part, name))


async def test_each_role_is_told_every_plain_field_as_it_was_known(
    bank: Store, patient: None
) -> None:
    """
    Every kind and every field that leads nowhere, as known then and now.
    """
    ids, now = [id_ for kind in KINDS for id_ in asked(kind, FEW)], datetime.now(UTC).isoformat()
    selection = " ".join(("id", *map(plain, KINDS)))
    for as_of in (KNOWN, KNOWN.replace("2025-02-10", now)):
        every = await nodes(bank, ids, as_of, selection)
        assert any(every.values())
        for name in ROLES:
            seen = await nodes(bank, ids, as_of, selection, name)
            assert (as_of, name, model(name, every)) == (as_of, name, seen)
