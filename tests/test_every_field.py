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
from graph.ontology.vocabulary import Kind, Link
from graph.store import Store
from graph.times import OPEN
from tests.asking import answer

TYPES = schema()._schema.type_map
PARTS = ("Connection", "Edge", "PageInfo", "Retirement", "Change")


def selection(name: str) -> str:
    """All fields of a type; of the things below it, their ids."""
    type_ = TYPES[name]
    assert isinstance(type_, GraphQLObjectType | GraphQLInterfaceType)
    return f"{{ __typename {' '.join(part(word, field) for word, field in type_.fields.items())} }}"


def part(name: str, field: GraphQLField) -> str:
    """One field with what is below it."""
    inner = get_named_type(field.type)
    if isinstance(inner, GraphQLLeafType):
        return name
    first = "(first: 2)" if "first" in field.args else ""
    return f"{name}{first} {selection(inner.name) if inner.name.endswith(PARTS) else '{ id }'}"


@pytest.mark.parametrize("kind", ONTOLOGY.kinds.values(), ids=lambda kind: kind.label)
async def test_every_field_of_a_kind_is_told(bank: Store, kind: type[Kind]) -> None:
    """
    Scalars, links both ways with what they say, pages, totals: of two things of the kind.
    """
    found = await bank.answer(
        f"MATCH (e:{kind.label}) WHERE e.key IS NOT NULL WITH e ORDER BY e.id LIMIT 2"
        " RETURN collect(e.id) AS answer"
    )
    shown = f"... on {kind.label} {selection(kind.label)}"
    told = await answer(
        bank, f"query ($ids: [ID!]!) {{ nodes(ids: $ids) {{ {shown} }} }}", ids=found
    )

    assert found == [node["id"] for node in told["nodes"]]
    assert found


@pytest.mark.parametrize("link", ONTOLOGY.links.values(), ids=lambda link: link.__name__)
async def test_every_field_of_a_link_is_told(bank: Store, link: type[Link]) -> None:
    """
    Its ends and properties, asked by its own id.
    """
    found = await bank.answer(
        f"MATCH (a)-[r:{link.type}]->(b) WHERE r.validFrom <= datetime() < r.validTo"
        " AND r.superseded = $open AND a.key IS NOT NULL AND b.key IS NOT NULL"
        " WITH r ORDER BY r.id LIMIT 2 RETURN collect(r.id) AS answer",
        open=OPEN,
    )
    shown = f"... on {link.__name__} {selection(link.__name__)}"
    told = await answer(
        bank, f"query ($ids: [ID!]!) {{ nodes(ids: $ids) {{ {shown} }} }}", ids=found
    )

    assert found == [node and node["id"] for node in told["nodes"]]
