"""Constraints and indexes, and the tables of a loader, all read off declarations."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, ClassVar

import pytest

from graph import migrations
from graph.errors import Unavailable
from graph.neighbours import Neighbours
from graph.ontology import ONTOLOGY, Ontology
from graph.ontology.terms import Access
from graph.ontology.vocabulary import Entity, Link
from graph.store import Address, Store
from graph.times import FAR, Moment
from loaders.load import load
from loaders.report import RowsRefused
from tests.asking import TESTER, put, thing
from tests.looking import links, name

INDEXES = """
SHOW INDEXES YIELD name, type, entityType, labelsOrTypes, properties, state
RETURN collect([name, type, entityType, labelsOrTypes, properties, state]) AS answer
"""


class Planet(Entity):
    """Something that goes round a star."""

    access = Access.PUBLIC
    searched = ("name", "discoverer")

    moons: int = 0
    """How many moons it has."""
    discoverer: str | None = None
    """Who saw it first."""


class Outshines(Link):
    """A planet is brighter than another."""

    access = Access.PUBLIC
    source = (Planet,)
    target = (Planet,)
    forward = "darker"
    backward = "brighter"
    columns: ClassVar = {Planet: "darker"}


TOY = Ontology([Planet], [Outshines])


@pytest.fixture
async def toy(store: Store, address: Address) -> AsyncIterator[Store]:
    """An empty store of planets; what it added to the database goes with it."""
    async with Store.at(address, ontology=TOY) as planets:
        await planets.migrate()
        yield planets
    for text in migrations.statements(TOY):
        name = migrations.name_of(text)
        if name not in map(migrations.name_of, migrations.statements(ONTOLOGY)):
            await store.alone(f"DROP INDEX {name} IF EXISTS")


async def indexes(store: Store) -> dict[str, list[Any]]:
    """All indexes by name: type, sort, labels, properties, state."""
    return {name: rest for name, *rest in await store.answer(INDEXES)}


async def test_a_new_kind_brings_its_indexes(toy: Store) -> None:
    """
    Full text over what is searched; when its states end, for the archive.
    """
    found = await indexes(toy)
    search = found[migrations.search_name(TOY)]
    assert ["RANGE", "NODE", ["PlanetState"], ["validTo"], "ONLINE"] == found["planet_ended"]
    assert ["FULLTEXT", "NODE", ["PlanetState"], ["discoverer", "name"], "ONLINE"] == search


async def test_a_new_link_is_found_by_its_id(toy: Store) -> None:
    """
    Its type has an index on the id.
    """
    found = (await indexes(toy))["outshines_id"]

    assert ["RANGE", "RELATIONSHIP", ["OUTSHINES"], ["id"], "ONLINE"] == found


async def test_a_new_kind_and_link_are_loaded_from_tables_of_their_names(
    toy: Store, tmp_path: Path
) -> None:
    """
    `planets.csv` with a column for the link, `outshines.csv` for the same; rows are checked.
    """
    planets = tmp_path / "planets.csv"
    planets.write_text("key,name,moons,darker\nvenus,Venus,0,mars\nmars,Mars,2,\n")
    tmp_path.joinpath("outshines.csv").write_text("source,target\nplanet:mars,planet:venus\n")
    report = await load(toy, tmp_path, TESTER)

    assert {"planets": 2, "outshines": 1} == report.rows
    assert "Mars" == await name(toy, "planet:mars", FAR.replace(year=2026))
    expected = [("planet:mars", "planet:venus"), ("planet:venus", "planet:mars")]
    assert expected == await links(toy, "OUTSHINES", Moment(FAR.replace(year=2026)))
    planets.write_text("key,name,moons\nvenus,Venus,few\n")
    with pytest.raises(RowsRefused, match="row 2, column moons: 'few' is no number; write 1234"):
        await load(toy, tmp_path, TESTER)


async def test_migrating_may_be_repeated(store: Store) -> None:
    """
    Nothing that is there is made again, and data stays.
    """
    await put(store, thing("theme:a"))
    before = await indexes(store)

    assert len(migrations.statements(ONTOLOGY)) == await store.migrate()
    assert before == await indexes(store)
    assert not await (await Neighbours.of(store)).missing(["theme:a"])


async def test_everything_declared_is_there_under_its_name(store: Store) -> None:
    """
    The name that is read off a statement is the one that the database shows.
    """
    names = set(map(migrations.name_of, migrations.statements(ONTOLOGY)))

    assert names <= (await indexes(store)).keys()
    assert len(names) == len(migrations.statements(ONTOLOGY))


async def test_the_search_index_of_former_declarations_goes(store: Store, toy: Store) -> None:
    """
    What is searched changed, so the old index is dropped and there is one again.
    """
    assert migrations.search_name(TOY) != migrations.search_name(ONTOLOGY)
    await store.migrate()
    search = [name for name in await indexes(store) if name.startswith("search_")]

    assert [migrations.search_name(ONTOLOGY)] == search


async def test_nothing_is_unique_twice(store: Store) -> None:
    """
    Two identities cannot share an id, whatever their kinds.
    """
    text = (
        "SHOW CONSTRAINTS YIELD type, labelsOrTypes AS of, properties AS by"
        " RETURN collect([type, of[0], by[0]]) AS answer"
    )
    found = {(label, field): sort for sort, label, field in await store.answer(text)}
    expected = [
        ("Identity", "id"),
        ("Ledger", "key"),
        ("Commit", "sequence"),
        ("AuditEvent", "sequence"),
        ("AuditEvent", "key"),
        ("Pseudonym", "id"),
        ("Pseudonym", "alias"),
    ]

    assert dict.fromkeys(expected, "UNIQUENESS") == found


async def test_a_database_prepared_for_other_declarations_is_not_ready(
    store: Store, toy: Store
) -> None:
    """
    It was prepared for planets last; who wants KPIs is told what to run.
    """
    await toy.ready(timeout=10)
    with pytest.raises(Unavailable, match="not prepared; run: goldenthread migrate"):
        await store.ready(timeout=10)


async def test_an_empty_database_is_not_ready_and_cannot_be_written(
    store: Store, tmp_path: Path
) -> None:
    """
    Reading and writing say what to run; afterwards both work.
    """
    await store.alone("MATCH (l:Ledger) DELETE l")
    with pytest.raises(Unavailable, match="run: goldenthread migrate"):
        await store.ready(timeout=10)
    with pytest.raises(Unavailable, match="run: goldenthread migrate"):
        await put(store, thing("theme:a"))
    tmp_path.joinpath("themes.csv").write_text("key,name\na,A\n")
    with pytest.raises(Unavailable, match="run: goldenthread migrate"):
        await load(store, tmp_path, TESTER)
    await store.migrate()
    await store.ready(timeout=10)

    assert 1 == (await put(store, thing("theme:a"))).created


async def test_a_layout_of_the_future_is_left_alone(store: Store) -> None:
    """
    What a newer Goldenthread prepared is neither prepared again nor called ready here.
    """
    newer = migrations.VERSION + 1
    await store.alone("MATCH (l:Ledger) SET l.version = $newer, l.declared = 'x'", newer=newer)
    with pytest.raises(
        Unavailable, match=rf"newer .* \(layout {newer}, here {migrations.VERSION}\)"
    ):
        await store.migrate()
    with pytest.raises(Unavailable):
        await store.ready(timeout=10)
    ledger = await store.answer("MATCH (l:Ledger) RETURN [l.version, l.declared] AS answer")
    await store.alone("MATCH (l:Ledger) DELETE l")
    await store.migrate()

    assert [newer, "x"] == ledger


async def test_services_that_start_together_all_prepare(store: Store, address: Address) -> None:
    """
    Three stores migrate at the same moment; what one was about to make, another has made.
    """
    await store.alone("DROP CONSTRAINT identity_id")
    await store.alone("DROP INDEX audit_at")

    async def start() -> int:
        async with Store.at(address) as other:
            return await other.migrate()

    found = await asyncio.gather(start(), start(), start())

    assert {len(migrations.statements(ONTOLOGY))} == set(found)
    assert {"identity_id", "audit_at"} <= (await indexes(store)).keys()
