"""Query plans of the pinned questions and of those of the bench: by index, and within bounds."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from neo4j import Driver

from api.answering import answered
from api.app import schema
from api.requests import GraphQLRequest
from bench.databases import driver
from graph.questions import Ask
from graph.store import Address, Store
from graph.viewers import EVERYONE, Viewer
from tests.access_model import ROLES, policy
from tests.asking import link, put, thing

ROOT = Path(__file__).parents[1]
DOCUMENTS = sorted([*ROOT.glob("tests/questions/*.graphql"), *ROOT.glob("bench/asked/*.graphql")])
VARIABLES = {"key": "nps", "of": "kpi:nps", "one": "a", "other": "b"}
"""Of the questions of the bench; the pinned ones have none."""
ALLOWED = {"ledger:Ledger": "there is one ledger, and it stays one"}
"""What may be scanned, and why."""


ROW = 5
"""Units of Neo4j for a link that is met, and for the id at its other end."""
COUNTED = "CALL db.prepareForReplanning(60)"
"""Without it the database may plan by what it held before the bank was loaded."""


@pytest.fixture
def bare(address: Address) -> Iterator[Driver]:
    """The bare driver."""
    with driver(address) as door:
        yield door


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.stem)
async def test_a_question_scans_nothing_that_grows_and_walks_no_further_than_it_says(
    bank: Store, bare: Driver, path: Path
) -> None:
    """
    As planned by the database, for whoever sees everything and for each role of the bank.
    """
    bare.execute_query(COUNTED)
    question = path.read_text(encoding="utf-8")
    asked = await sent(bank, question, EVERYONE)
    assert asked
    for role in ROLES:
        asked += await sent(bank, question, policy().viewer("somebody", [role]))
    for text, given in asked:
        assert [] == [why for why in dear(bare, text, given) if why not in ALLOWED]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("MATCH (n:Kpi) RETURN n", ["n:Kpi"]),
        ("MATCH (n) RETURN n", ["n"]),
        ("MATCH (n:Kpi {name: $key}) RETURN n", ["n:Kpi"]),
        ("MATCH ()-[r:FEEDS]->() RETURN r", ["(anon_0)-[r:FEEDS]->(anon_1)"]),
        ("MATCH (n:Identity {id: $of})-[:FEEDS*]->(m) RETURN m", ["(n)-[anon_0:FEEDS*]->(m)"]),
        ("MATCH (n:Identity {id: $of})-[:FEEDS*..9]->(m) RETURN m", []),
        ("MATCH (n:Identity) WHERE n.id STARTS WITH $of RETURN n", []),
    ],
)
async def test_scans_and_endless_walks_are_seen(
    bank: Store, bare: Driver, text: str, expected: list[str]
) -> None:
    """
    The look at plans that the questions are held to.
    """
    bare.execute_query(COUNTED)
    assert expected == dear(bare, text, VARIABLES)


async def test_a_page_of_a_long_list_looks_at_its_own_rows(store: Store, bare: Driver) -> None:
    """
    A hundred more behind a page of five: of each no more than its link and its id is read.
    """
    question = '{ theme(key: "t") { objectives(first: 5) { nodes { name } } } }'
    hits = []
    await put(store, thing("theme:t"))
    for numbers in (range(20), range(20, 120)):
        for i in numbers:
            objective = f"objective:o{i:03}"
            await put(store, thing(objective), link("in_theme", objective, "theme:t"))
        [(text, given)] = await sent(store, question, EVERYONE)
        hits.append(_hits(bare.execute_query(f"PROFILE {text}", given).summary.profile))
    assert hits[0] < hits[1] <= hits[0] + 100 * ROW


async def sent(bank: Store, question: str, viewer: Viewer) -> list[tuple[str, Any]]:
    """The statements of a question with their parameters."""
    found: list[tuple[str, Any]] = []
    read = bank.read

    async def listening(statement: str, given: Any, *others: Any) -> Any:
        found.append((statement, dict(given)))
        return await read(statement, given, *others)

    request = GraphQLRequest(question, variables=VARIABLES)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(bank, "read", listening)
        await answered(schema(), request, Ask.of(bank, viewer))
    return found


def dear(bare: Driver, text: str, given: Any) -> list[str]:
    """What a plan scans, and the walks in it that have no end."""
    plan: Any = bare.execute_query(f"EXPLAIN {text}", given).summary.plan
    return [said.split(" WHERE ")[0] for said in _dear(plan)]


def _hits(plan: Any) -> int:
    """What a plan that was run has read of the store, in Neo4j's units."""
    return int(plan["dbHits"]) + sum(map(_hits, plan.get("children", ())))


def _dear(plan: Any) -> Iterator[str]:
    operator, details = plan["operatorType"], plan["args"].get("Details", "")
    endless = not re.search(r"\*\d*\.\.\d", details)
    if "Scan" in operator or (endless and re.search("VarLength|Shortest|Trail|Repeat", operator)):
        yield details
    for child in plan.get("children", ()):
        yield from _dear(child)
