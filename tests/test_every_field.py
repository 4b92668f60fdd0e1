"""Every field of every type can be asked for: nothing that is declared fails to be told."""

from __future__ import annotations

import pytest
from graphql import (
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLLeafType,
    GraphQLObjectType,
    get_named_type,
)

from api.app import schema
from graph.ontology import ONTOLOGY
from graph.store import Store
from tests.asking import answer

TYPES = schema()._schema.type_map


def selection(name: str, depth: int) -> str:
    """All fields of a type, things and pages below it `depth` levels deep."""
    type_ = TYPES[name]
    assert isinstance(type_, GraphQLObjectType | GraphQLInterfaceType)
    parts = (part(field, f, depth) for field, f in type_.fields.items())
    return f"{{ __typename {' '.join(filter(None, parts))} }}"


def part(name: str, field: GraphQLField, depth: int) -> str:
    """One field with everything below it."""
    inner = get_named_type(field.type)
    if isinstance(inner, GraphQLLeafType):
        return name
    if inner.name.endswith(("Connection", "Edge")) or inner.name in ("PageInfo", "Retirement"):
        shown = "(first: 2)" if "first" in field.args else ""
        return f"{name}{shown} {selection(inner.name, depth)}" if depth else ""
    return f"{name} {selection(inner.name, depth - 1)}" if depth else f"{name} {{ id }}"


@pytest.mark.parametrize("kind", ONTOLOGY.kinds.values(), ids=lambda kind: kind.label)
async def test_every_field_of_a_kind_is_told(bank: Store, kind: type) -> None:
    """
    Scalars, links both ways with what they say, pages, totals: of two things of the kind.
    """
    label = kind.label
    found = await bank.answer(
        f"MATCH (e:{label}) WHERE e.key IS NOT NULL WITH e ORDER BY e.id LIMIT 2"
        " RETURN collect(e.id) AS answer"
    )
    text = f"query ($ids: [ID!]!) {{ nodes(ids: $ids) {{ ... on {label} {selection(label, 1)} }} }}"
    told = await answer(bank, text, ids=found)

    assert found == [node["id"] for node in told["nodes"]]


@pytest.mark.parametrize("link", ONTOLOGY.links.values(), ids=lambda link: link.__name__)
async def test_every_field_of_a_link_is_told(bank: Store, link: type) -> None:
    """
    Its ends and properties, asked by its own id.
    """
    found = await bank.answer(
        f"MATCH ()-[r:{link.type}]->() WHERE r.validTo > datetime() AND r.validFrom <= datetime()"
        " WITH r ORDER BY r.id LIMIT 2 RETURN collect(r.id) AS answer"
    )
    name = link.__name__
    text = f"query ($ids: [ID!]!) {{ nodes(ids: $ids) {{ ... on {name} {selection(name, 0)} }} }}"
    told = await answer(bank, text, ids=found)

    assert found == [node["id"] for node in told["nodes"]]
