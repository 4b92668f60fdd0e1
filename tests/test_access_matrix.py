"""Field by role by time: a role is told exactly what the policy and the tables of the bank say."""

from __future__ import annotations

from typing import Any

import pytest
from graphql import GraphQLLeafType, GraphQLObjectType, get_named_type

from api.app import schema
from graph.hideable import classes
from graph.ontology import ONTOLOGY
from graph.ontology.vocabulary import Kind, Link, camel
from graph.store import Store
from tests.access_model import ROLES, Role, policy, role, rows
from tests.asking import answer

TYPES = schema()._schema.type_map
TIMES = {
    "now": "",
    "valid then": ', asOf: {validAt: "2024-03-01"}',
    "known then": ', asOf: {validAt: "2025-02-01", knownAt: "2025-02-10"}',
}
MANY = 40
"""Rows of one kind that are asked for; of most kinds there are fewer."""
UNTOLD = ("history", "revision", "retirement", "supersededAt", "recordedAt", "link")
"""Fields of the past and of the archive are asked elsewhere; evidence may outlast its `link`."""
_every: dict[tuple[str, str], list[Any]] = {}


def asked(kind: type[Kind]) -> list[str]:
    """Ids of the bank's things of a kind, evenly among all."""
    ids = [id_ for id_ in sorted(rows()) if id_.startswith(f"{kind.word}:")]
    return ids[:: len(ids) // MANY + 1]


def selection(kind: type[Kind]) -> str:
    """Every declared field of a kind, and what is at the ends of its links."""
    type_ = TYPES[kind.label]
    assert isinstance(type_, GraphQLObjectType)
    parts = []
    for name, field in type_.fields.items():
        inner = get_named_type(field.type)
        if isinstance(inner, GraphQLLeafType):
            parts.append(name)
        elif inner.name.endswith("Connection"):
            parts.append(f"{name}(first: 200) {{ {_edges(inner)} }}")
        else:
            parts.append(f"{name} {{ id }}")
    told = (part for part in parts if part.split("(")[0].split()[0] not in UNTOLD)
    return f"id ... on {kind.label} {{ {' '.join(told)} }}"


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
    return {name: expected_field(who, kind, name, value) for name, value in node.items()}


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


CASES = [(name, time) for name in ROLES for time in ("now", "valid then")]
CASES += [("analyst", "known then")]


@pytest.mark.parametrize(("name", "time"), CASES)
async def test_a_role_is_told_every_field_of_what_it_may_see_and_no_more(
    bank: Store, name: str, time: str
) -> None:
    """
    Every kind, every field, every end of every link: as policy and tables say.
    """
    who, viewer = role(name), policy().viewer("somebody", [name])
    for kind in ONTOLOGY.kinds.values():
        ids = asked(kind)
        text = f"query ($ids: [ID!]!) {{ nodes(ids: $ids{TIMES[time]}) {{ {selection(kind)} }} }}"
        if (kind.word, time) not in _every:
            _every[kind.word, time] = (await answer(bank, text, ids=ids))["nodes"]
        told = (await answer(bank, text, viewer, ids=ids))["nodes"]
        for id_, one, seen in zip(ids, _every[kind.word, time], told, strict=True):
            assert (id_, expected(who, one)) == (id_, seen)
