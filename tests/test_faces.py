"""One declaration, many faces: a toy kind and a toy link are found in all of them."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Annotated, Any

import pytest
from graphql import GraphQLInputObjectType, GraphQLObjectType
from pydantic import Field

from api.app import schema as served
from api.dictionary import dictionary
from api.schema import build, sdl
from graph import migrations
from graph.ontology import ONTOLOGY, Ontology
from graph.ontology.measures import Kpi
from graph.ontology.terms import Access, Term
from graph.ontology.vocabulary import Entity, Link, Unit
from graph.store import Address, Store
from graph.viewers import Viewer
from loaders.load import load
from loaders.report import RowsRefused
from tests.asking import TESTER, answer
from tests.writing import did


class Mood(Term):
    """How a toy feels."""

    CALM = "Nothing is wrong."
    STORMY = "Better leave it alone."


class Toy(Entity):
    """A thing to play with."""

    access = Access.CONFIDENTIAL

    weight: Annotated[float, Field(gt=0), Unit("kg")] | None = None
    """How heavy it is."""
    mood: Mood | None = None
    """How it feels today."""


class Amuses(Link):
    """A toy amuses those who watch a KPI."""

    access = Access.INTERNAL

    source = (Toy,)
    target = (Kpi,)
    forward = "watchers_of"
    backward = "toys"

    joy: Annotated[float, Unit("points")] | None = None
    """How much."""


TOYS = Ontology([*ONTOLOGY.kinds.values(), Toy], [*ONTOLOGY.links.values(), Amuses])
SCHEMA = build(TOYS)


@pytest.fixture
async def toys(store: Store, address: Address) -> AsyncIterator[Store]:
    """An empty store prepared for toys; for what is declared in earnest again afterwards."""
    async with Store.at(address, TOYS) as prepared:
        await prepared.migrate()
        yield prepared
    await store.migrate()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Tables of two toys, a KPI and what they have to do with each other."""
    tables = {
        "toys": "key,name,weight,mood,valid_from\nbear,Bear,1.5,CALM,2024-01-01\nrobot,Robot,2,,\n",
        "kpis": "key,name\nfun,Fun\n",
        "amuses": "source,target,joy\ntoy:bear,kpi:fun,7\ntoy:robot,kpi:fun,\n",
    }
    for name, text in tables.items():
        (tmp_path / f"{name}.csv").write_text(text, encoding="utf-8")
    return tmp_path


def test_a_declaration_of_a_test_stays_in_the_test() -> None:
    """
    What is declared outside of graph/ontology is in no ontology but one's own.
    """
    assert "toy" in TOYS.kinds and "amuses" in TOYS.links
    assert "toy" not in ONTOLOGY.kinds and "amuses" not in ONTOLOGY.links
    assert "Toy" not in served()._schema.type_map


async def test_the_database_is_prepared_for_it(toys: Store) -> None:
    """
    Indexes for its links by id and its names for search; repeatable.
    """
    new = set(migrations.statements(TOYS)) - set(migrations.statements(ONTOLOGY))
    await toys.migrate()
    made = await toys.answer(
        "SHOW INDEXES YIELD labelsOrTypes, properties, type"
        " RETURN collect([type, labelsOrTypes, properties]) AS answer"
    )
    ours = {(kind, word) for kind, words, _ in made for word in words or ()}

    assert ("RANGE", "AMUSES") in ours
    assert ("FULLTEXT", "ToyState") in ours
    assert any("ToyState" in text for text in new)
    assert any("AMUSES" in text for text in new)
    await toys.ready()


async def test_its_tables_are_loaded_and_a_bad_row_is_named(toys: Store, folder: Path) -> None:
    """
    Good rows are in; then a word, a number and an end that are wrong, each with file, row, column.
    """
    report = await load(toys, folder, TESTER)
    assert {"toys": 2, "kpis": 1, "amuses": 2} == report.rows
    assert 5 == report.receipt.created

    (folder / "toys.csv").write_text("key,name,weight,mood\ncat,Cat,-1,ANGRY\n", encoding="utf-8")
    (folder / "amuses.csv").write_text("source,target\ntoy:dog,kpi:fun\n", encoding="utf-8")
    with pytest.raises(RowsRefused) as refused:
        await load(toys, folder, TESTER)

    assert {
        ("toys.csv", 2, "weight", "-1"),
        ("toys.csv", 2, "mood", "ANGRY"),
        ("amuses.csv", 2, "source", "toy:dog"),
    } == {(p.file, p.row, p.column, p.value) for p in refused.value.problems}
    assert any("CALM, STORMY" in problem.rule for problem in refused.value.problems)


async def test_it_is_asked_filtered_ordered_and_followed_both_ways(
    toys: Store, folder: Path
) -> None:
    """
    By key, in a page, from the KPI and back, with what the link says.
    """
    await load(toys, folder, TESTER)
    told = await answer(
        toys,
        """
        {
          toy(key: "bear") { id kind name status weight mood validFrom
            watchersOf { totalCount edges { joy node { id } } } }
          toys(filter: {weight: {gt: 1.6}}) { totalCount nodes { key } }
          down: toys(orderBy: [{field: WEIGHT, direction: DESC}], first: 1) { nodes { key } }
          calm: toys(filter: {mood: {eq: CALM}, watchersOf: {key: {eq: "fun"}}}) { nodes { key } }
          kpi(key: "fun") { toys(orderBy: [{field: NAME}]) { edges { joy node { key weight } } } }
          kpis(filter: {toys: {mood: {eq: CALM}}}) { totalCount }
          node(id: "amuses:toy:bear/kpi:fun") { ... on Amuses { joy source { id } target { id } } }
          search(text: "robot", kinds: [TOY]) { nodes { id } }
        }
        """,
        schema=SCHEMA,
    )
    fun = {"id": "kpi:fun"}

    assert {
        "toy": {
            "id": "toy:bear",
            "kind": "TOY",
            "name": "Bear",
            "status": "ACTIVE",
            "weight": 1.5,
            "mood": "CALM",
            "validFrom": "2024-01-01T00:00:00Z",
            "watchersOf": {"totalCount": 1, "edges": [{"joy": 7.0, "node": fun}]},
        },
        "toys": {"totalCount": 1, "nodes": [{"key": "robot"}]},
        "down": {"nodes": [{"key": "robot"}]},
        "calm": {"nodes": [{"key": "bear"}]},
        "kpi": {
            "toys": {
                "edges": [
                    {"joy": 7.0, "node": {"key": "bear", "weight": 1.5}},
                    {"joy": None, "node": {"key": "robot", "weight": 2.0}},
                ]
            }
        },
        "kpis": {"totalCount": 1},
        "node": {"joy": 7.0, "source": {"id": "toy:bear"}, "target": fun},
        "search": {"nodes": [{"id": "toy:robot"}]},
    } == told


async def test_who_may_not_see_it_does_not(toys: Store, folder: Path) -> None:
    """
    A viewer without toys finds neither them nor their links.
    """
    await load(toys, folder, TESTER)
    blind = Viewer("somebody", frozenset(k.label for k in ONTOLOGY.kinds.values()))
    text = """
    {
      toys { totalCount } kpi(key: "fun") { toys { totalCount } }
      node(id: "amuses:toy:bear/kpi:fun") { id }
    }
    """
    told = await answer(toys, text, blind, SCHEMA)

    assert {
        "toys": {"totalCount": 0},
        "kpi": {"toys": {"totalCount": 0}},
        "node": None,
    } == told


def test_the_schema_tells_it_with_words_and_units() -> None:
    """
    Types, filter, order, connections and root pair, each described; committed as text.
    """
    types = SCHEMA._schema.type_map
    toy, edge, filter_ = types["Toy"], types["AmusesToKpiEdge"], types["ToyFilter"]
    assert isinstance(toy, GraphQLObjectType)
    assert isinstance(edge, GraphQLObjectType)
    assert isinstance(filter_, GraphQLInputObjectType)
    roots = types["Query"].fields  # type: ignore[union-attr]

    assert "A thing to play with." == toy.description
    assert "How heavy it is. Unit: kg." == toy.fields["weight"].description
    assert "How much. Unit: points." == edge.fields["joy"].description
    assert {"weight", "mood", "watchersOf", "and", "or", "not"} <= filter_.fields.keys()
    assert {"WEIGHT", "MOOD", "NAME", "KEY"} <= types["ToyField"].values.keys()  # type: ignore[union-attr]
    assert "TOY" in types["Kind"].values  # type: ignore[union-attr]
    assert ("Toy", "ToyConnection") == (str(roots["toy"].type), str(roots["toys"].type))
    assert {"filter", "orderBy", "first", "after", "asOf"} == set(roots["toys"].args)
    text = sdl(SCHEMA)
    for line in (
        "type Toy implements Entity & Node {",
        "enum Mood {",
        '"""Better leave it alone."""',
    ):
        assert line in text


async def test_it_is_made_linked_and_archived_by_mutation(toys: Store) -> None:
    """
    Its kind and its link are members of the inputs, with words, units and what its rules say.
    """
    types = SCHEMA._schema.type_map
    fields = types["ToyFields"].fields  # type: ignore[union-attr]
    bear = {"key": "bear", "name": "Bear", "weight": 1.5, "mood": "CALM"}
    joy = {"amuses": {"source": "toy:bear", "target": "kpi:fun", "joy": 7}}
    heavy = {"toy": {"weight": -1}}
    told = [
        await did(toys, "create", SCHEMA, thing={"kpi": {"key": "fun", "name": "Fun"}}),
        await did(toys, "create", SCHEMA, thing={"toy": bear}),
        await did(toys, "link", SCHEMA, links=[joy]),
        await did(toys, "change", SCHEMA, of="toy:bear", set=heavy),
        await did(toys, "change", SCHEMA, of="toy:bear", set={"toy": {"mood": "STORMY"}}),
    ]
    text = '{ toy(key: "bear") { weight mood watchersOf { edges { joy } } } }'

    assert "How heavy it is. Unit: kg." == fields["weight"].description
    assert {"toy", "kpi"} <= types["ThingInput"].fields.keys()  # type: ignore[union-attr]
    assert {"amuses"} <= types["OneLinkInput"].fields.keys()  # type: ignore[union-attr]
    assert ["Receipt", "Receipt", "Receipt", "InvalidInput", "Receipt"] == [
        one["__typename"] for one in told
    ]
    assert ("toy:bear", "weight", "-1.0") == tuple(
        told[3][name] for name in ("of", "field", "value")
    )
    assert {
        "toy": {"weight": 1.5, "mood": "STORMY", "watchersOf": {"edges": [{"joy": 7.0}]}}
    } == await answer(toys, text, schema=SCHEMA)


def test_the_dictionary_tells_it() -> None:
    """
    A section for the kind and one for the link: columns, units, allowed words, access, meaning.
    """
    lines = dictionary(TOYS).splitlines()

    def row(first: str, after: str) -> list[str]:
        start = lines.index(after)
        line = next(x for x in lines[start:] if x.startswith(f"| `{first}` "))
        return [cell.strip() for cell in line.strip("|").split("|")]

    assert {"kg", "CONFIDENTIAL", "How heavy it is."} <= set(row("weight", "### Toy"))
    assert {"CALM STORMY", "How it feels today."} <= set(row("mood", "### Toy"))
    assert {"points", "INTERNAL", "How much."} <= set(row("joy", "### Amuses"))
    assert not any("Toy" in line for line in dictionary(ONTOLOGY).splitlines())


async def test_its_writes_are_audited(toys: Store, folder: Path) -> None:
    """
    The load leaves an entry that holds the new toys and links, who brought them, and why.
    """
    await load(toys, folder, TESTER, reason="toys for all")
    told: dict[str, Any] = await toys.answer(
        "MATCH (a:AuditEvent) WITH a ORDER BY a.sequence DESC LIMIT 1"
        " MATCH (p:AuditPart {entry: a.sequence}) RETURN a {.*, leaves: p.leaves} AS answer"
    )
    ids = {json.loads(leaf)["id"] for leaf in told["leaves"]}

    assert ("tester", "toys for all", 5) == (told["actor"], told["reason"], told["count"])
    assert {"toy:bear", "toy:robot", "amuses:toy:bear/kpi:fun"} <= ids
