"""What took the place of what, what is kept off the scorecard, and the archive's filters."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import product
from typing import Any

import networkx as nx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.changes import Change, Piece
from graph.insight.succession import circle, walked
from graph.store import Store
from graph.times import FAR
from tests.asking import answer, codes, link, put, thing
from tests.composites import YEAR, day, version
from tests.files import Row, flows, held, table

ASKED = """
query ($of: ID!, $asOf: AsOf) {
  succession(of: $of, asOf: $asOf) {
    of { id } current { id } circle { id } completeness { complete }
    predecessors { ...step } successors { ...step }
  }
}
fragment step on SuccessionStep {
  from { id } to { id } at how reason evidence decision { id } distance
}
"""
NOW = "2026-07-20"


async def chain(store: Store, of: str, **as_of: str) -> Any:
    """The succession of a thing."""
    return (await answer(store, ASKED, of=of, asOf=as_of or None))["succession"]


def ways(steps: Any) -> list[tuple[str, str, int]]:
    """Steps as pairs with their distance."""
    return [(one["from"]["id"], one["to"]["id"], one["distance"]) for one in steps]


async def test_the_memory_of_a_merged_persona_survives(bank: Store) -> None:
    """
    Whom it became, when, why and by which decision; the other end tells the same.
    """
    (row,) = [row for row in table("personas") if row["key"] == "branch_loyalist"]
    old = await chain(bank, "persona:branch_loyalist", validAt=NOW)
    new = await chain(bank, "persona:senior_saver", validAt=NOW)
    (step,) = old["successors"]

    assert new["predecessors"] == old["successors"]
    assert {"id": "persona:senior_saver"} == old["current"] == new["current"]
    assert (f"{row['valid_to']}T00:00:00Z", "MERGED", row["rationale"]) == (
        step["at"],
        step["how"],
        step["reason"],
    )
    assert row["evidence"].split("; ") == step["evidence"]
    assert f"decision:{row['decision']}" == step["decision"]["id"]


async def test_before_the_merge_nothing_had_taken_its_place(bank: Store) -> None:
    """
    The row tells of the successor, but the day had not come.
    """
    told = await chain(bank, "persona:branch_loyalist", validAt="2025-03-31")

    assert ([], {"id": "persona:branch_loyalist"}) == (told["successors"], told["current"])


async def test_a_merged_persona_keeps_its_chains_and_lineage_of_its_life(bank: Store) -> None:
    """
    As of a day of its life, effects for it are told; its lineage is told without naming a day.
    """
    told = await answer(
        bank,
        """{
          effects(of: "kpi:time_to_resolve", group: "persona:branch_loyalist",
                  asOf: {validAt: "2025-03-31"}) { effects { on { id } total } }
          lineage(of: "persona:branch_loyalist", asOf: {}) { endedAt nodes { node { id } } }
          living: lineage(of: "persona:senior_saver") { endedAt }
          named: lineage(of: "persona:branch_loyalist", asOf: {validAt: "2026-07-20"}) { endedAt }
        }""",
    )

    assert "kpi:nps" in {one["on"]["id"] for one in told["effects"]["effects"]}
    assert "2025-04-01T00:00:00Z" == told["lineage"]["endedAt"]
    assert ({"endedAt": None}, None) == (told["living"], told["named"])


@pytest.mark.parametrize("of", ["kpi:app_downloads", "segment:postal_savers"])
async def test_lineage_of_an_archived_thing_is_that_of_its_last_day(bank: Store, of: str) -> None:
    """
    Without a day it is the lineage of the day before it ended, as networkx finds it in the files.
    """
    word, _, key = of.partition(":")
    (row,) = [row for row in table(f"{word}s") if row["key"] == key]
    last = datetime.fromisoformat(row["valid_to"]) - timedelta(days=1)
    graph = flows(str(last.date()))
    text = "query ($of: ID!) { lineage(of: $of) { endedAt nodes { node { id } } } }"
    told = (await answer(bank, text, of=of))["lineage"]

    assert f"{row['valid_to']}T00:00:00Z" == told["endedAt"]
    assert nx.ancestors(graph, of) | {of} == {one["node"]["id"] for one in told["nodes"]}


async def test_a_replaced_formula_is_followed_by_the_next(bank: Store) -> None:
    """
    Version 2 took the place of version 1 in July 2025, by the decision behind version 2.
    """
    rows = {row["version"]: row for row in table("kpi_versions") if row["kpi"] == "persona_health"}
    told = await chain(bank, "kpi_version:persona_health/v1", validAt=NOW)
    (step,) = told["successors"]

    assert {"id": "kpi_version:persona_health/v2"} == told["current"] == step["to"]
    assert f"{rows['2']['valid_from']}T00:00:00Z" == step["at"]
    assert f"decision:{rows['2']['decision']}" == step["decision"]["id"]


async def test_three_in_a_row_and_two_into_one(store: Store) -> None:
    """
    a and b went into c, c into d, which lives: steps in order of distance either way.
    """
    ends = {"a": day(2, 1), "b": day(3, 1), "c": day(4, 1), "d": FAR}
    things = [thing(f"persona:{key}", YEAR, until) for key, until in ends.items()]
    joins = [("a", "c"), ("b", "c"), ("c", "d")]
    links = [link("succeeded_by", f"persona:{x}", f"persona:{y}", YEAR, ends[x]) for x, y in joins]
    await put(store, *things, *links)
    first, last = await chain(store, "persona:a"), await chain(store, "persona:d")

    assert [("persona:a", "persona:c", 1), ("persona:c", "persona:d", 2)] == ways(
        first["successors"]
    )
    assert [
        ("persona:c", "persona:d", 1),
        ("persona:a", "persona:c", 2),
        ("persona:b", "persona:c", 2),
    ] == ways(last["predecessors"])
    assert {"id": "persona:d"} == first["current"]
    assert [] == first["circle"]
    then = await chain(store, "persona:a", validAt="2025-03-15")
    assert ([("persona:a", "persona:c", 1)], {"id": "persona:c"}) == (
        ways(then["successors"]),
        then["current"],
    )


async def test_a_circle_of_successors_is_told_and_ends(store: Store) -> None:
    """
    a into b into a: both are named, and nothing stands in their place.
    """
    until = day(2, 1)
    await put(
        store,
        *(thing(f"persona:{key}", YEAR, until) for key in "ab"),
        link("succeeded_by", "persona:a", "persona:b", YEAR, until),
        link("succeeded_by", "persona:b", "persona:a", YEAR, until),
    )
    told = await chain(store, "persona:a")

    assert [{"id": "persona:a"}, {"id": "persona:b"}] == told["circle"]
    assert told["current"] is None


async def test_what_ended_without_a_successor_has_none(store: Store) -> None:
    """
    Nothing stands in its place.
    """
    await put(store, thing("persona:a", YEAR, day(2, 1)))
    told = await chain(store, "persona:a")

    assert ([], [], None) == (told["successors"], told["predecessors"], told["current"])


async def test_what_can_have_no_successor_is_refused(bank: Store) -> None:
    """
    A series is a mistake; a persona that never was is nothing.
    """
    assert ["BAD_REQUEST"] == await codes(bank, ASKED, of="series:churn/all")
    assert await chain(bank, "persona:never") is None


STEPS = st.sets(st.tuples(st.sampled_from("abcdef"), st.sampled_from("abcdef")))


@given(STEPS)
def test_walks_are_those_of_networkx(steps: set[tuple[str, str]]) -> None:
    """
    The steps ahead begin within reach, each at the distance of its beginning plus one.
    """
    graph: nx.DiGraph[str] = nx.DiGraph(list(steps))
    graph.add_node("a")
    far = nx.single_source_shortest_path_length(graph, "a")
    back = nx.single_source_shortest_path_length(graph.reverse(), "a")
    ahead, behind = walked("a", steps), walked("a", steps, back=True)

    assert {step: far[step[0]] + 1 for step in steps if step[0] in far} == ahead
    assert {step: back[step[1]] + 1 for step in steps if step[1] in back} == behind
    loops = {x for part in nx.strongly_connected_components(graph) if "a" in part for x in part}
    expected = loops if len(loops) > 1 or ("a", "a") in steps else set()
    assert expected == set(circle("a", ahead, behind))


EXCLUSIONS = """
query ($asOf: AsOf) {
  exclusions(asOf: $asOf) {
    of { id } since reason evidence decision { id } reviewAt due
  }
}
"""


async def test_what_is_kept_off_the_scorecard_is_listed_with_its_reasons(bank: Store) -> None:
    """
    Every row of the files with the status EXCLUDED, and no other.
    """
    told = (await answer(bank, EXCLUSIONS, asOf={"validAt": NOW}))["exclusions"]
    rows = {
        f"{table_[:-1]}:{row['key']}": row
        for table_ in ("kpis", "personas", "segments")
        for row in held(table_, NOW)
        if row["status"] == "EXCLUDED"
    }

    assert rows.keys() == {one["of"]["id"] for one in told}
    for one in told:
        row = rows[one["of"]["id"]]
        assert (row["rationale"], f"decision:{row['decision']}", False) == (
            one["reason"],
            one["decision"]["id"],
            one["due"],
        )


async def test_an_exclusion_is_due_from_the_day_of_its_review(store: Store) -> None:
    """
    Excluded for March 2025, to be looked at on 1 June 2025.
    """
    state = {
        "name": "p",
        "status": "EXCLUDED",
        "rationale": "too few",
        "reviewAt": day(6, 1).date(),
    }
    await put(store, Change("persona:p", YEAR, (Piece(YEAR, FAR, state),)), thing("persona:q"))
    seen = {}
    for at in ("2024-12-31", "2025-05-31", "2025-06-01"):
        told = (await answer(store, EXCLUSIONS, asOf={"validAt": at}))["exclusions"]
        seen[at] = [(one["of"]["id"], one["reviewAt"], one["due"]) for one in told]

    assert {
        "2024-12-31": [],
        "2025-05-31": [("persona:p", "2025-06-01", False)],
        "2025-06-01": [("persona:p", "2025-06-01", True)],
    } == seen


ARCHIVE = """
query ($filter: ArchiveFilter, $kinds: [Kind!], $asOf: AsOf) {
  archive(filter: $filter, kinds: $kinds, asOf: $asOf) { totalCount nodes { id } }
}
"""
ENDED = {"kpis": "kpi", "personas": "persona", "segments": "segment"}


def ended() -> dict[str, Row]:
    """The KPIs, personas and segments that have ended, by id."""
    return {
        f"{word}:{row['key']}": row
        for name, word in ENDED.items()
        for row in table(name)
        if row["valid_to"] and row["valid_to"] <= NOW
    }


def groups_of(id_: str, row: Row) -> set[str]:
    """Groups that it was measured for when it ended."""
    last = str((datetime.fromisoformat(row["valid_to"]) - timedelta(days=1)).date())
    kpi = id_.removeprefix("kpi:")
    return {one["group"] for one in held("series", last) if one["kpi"] == kpi}


def owners_of(id_: str, row: Row) -> set[str]:
    """Roles that answered for it when it ended."""
    last = str((datetime.fromisoformat(row["valid_to"]) - timedelta(days=1)).date())
    return {
        one["source"]
        for one in held("owns", last)
        if one["target"] == id_ and one["accountability"] in ("SOLE", "JOINT")
    }


FILTERS: dict[str, Any] = {
    "endedSince": ("2024-10-01", lambda id_, row: row["valid_to"] >= "2024-10-01"),
    "endedUntil": ("2025-04-01", lambda id_, row: row["valid_to"] < "2025-04-01"),
    "livedSince": ("2024-08-01", lambda id_, row: row["valid_to"] > "2024-08-01"),
    "livedUntil": ("2024-02-01", lambda id_, row: row["valid_from"] < "2024-02-01"),
    "reason": ("NEEDS", lambda id_, row: "needs" in row["rationale"].lower()),
    "decision": (
        "decision:retire_app_downloads",
        lambda id_, row: row["decision"] == "retire_app_downloads",
    ),
    "owner": ("role:head_app", lambda id_, row: "role:head_app" in owners_of(id_, row)),
    "successor": ("segment:mass_retail", lambda id_, row: row["successor"] == "mass_retail"),
    "hasSuccessor": (True, lambda id_, row: bool(row["successor"])),
    "group": (
        "persona:branch_loyalist",
        lambda id_, row: "persona:branch_loyalist" in groups_of(id_, row),
    ),
}


@pytest.mark.parametrize("name", FILTERS)
async def test_each_filter_of_the_archive_finds_what_the_files_say(bank: Store, name: str) -> None:
    """
    Alone, and together with each of the others; totals count what is found.
    """
    kinds = [word.upper() for word in ENDED.values()]
    for other in (name, "hasSuccessor", "livedSince"):
        both = {one: FILTERS[one] for one in (name, other)}
        wanted = {one: value for one, (value, _) in both.items()}
        as_of = {"validAt": NOW}
        told = await answer(bank, ARCHIVE, filter=wanted, kinds=kinds, asOf=as_of)
        expected = {
            id_ for id_, row in ended().items() if all(fits(id_, row) for _, fits in both.values())
        }

        assert expected == {node["id"] for node in told["archive"]["nodes"]}
        assert len(expected) == told["archive"]["totalCount"]


async def test_the_archive_without_successors(store: Store) -> None:
    """
    Two ended, one was followed; one of them was refused by nobody.
    """
    until = day(2, 1)
    await put(
        store,
        thing("persona:a", YEAR, until),
        thing("persona:b", YEAR, until),
        thing("persona:c", YEAR),
        link("succeeded_by", "persona:a", "persona:c", YEAR, until),
    )
    found = {
        has: [
            node["id"]
            for node in (await answer(store, ARCHIVE, filter={"hasSuccessor": has}))["archive"][
                "nodes"
            ]
        ]
        for has in (True, False)
    }

    assert {True: ["persona:a"], False: ["persona:b"]} == found


@pytest.mark.parametrize(
    ("name", "id_"),
    [("owner", "kpi:x"), ("decision", "role:x"), ("successor", "series:x"), ("group", "kpi:x")],
)
async def test_an_id_that_cannot_be_there_is_refused(bank: Store, name: str, id_: str) -> None:
    """
    A mistake is named; nothing found would look like an answer.
    """
    assert ["BAD_REQUEST"] == await codes(bank, ARCHIVE, filter={name: id_})


async def test_the_dead_and_the_living_are_listed_apart(bank: Store) -> None:
    """
    On every day of some, no id is in a list of the living and in the archive.
    """
    for (name, word), at in product(ENDED.items(), ("2024-06-30", "2025-04-01", NOW)):
        text = f"""query ($asOf: AsOf) {{
          {name}(first: 200, asOf: $asOf) {{ nodes {{ id }} }}
          archive(kinds: [{word.upper()}], first: 200, asOf: $asOf) {{ nodes {{ id }} }}
        }}"""
        told = await answer(bank, text, asOf={"validAt": at})
        living, dead = ({node["id"] for node in told[one]["nodes"]} for one in (name, "archive"))

        assert living.isdisjoint(dead)
        assert {f"{word}:{row['key']}" for row in held(name, at)} == living


async def test_a_version_that_is_still_to_come_has_not_taken_over(store: Store) -> None:
    """
    Recorded ahead: the first version stands until the second begins.
    """
    soon = datetime.now(UTC) + timedelta(days=30)
    fields = {"formula": "x"}
    await put(
        store,
        thing("kpi:a", YEAR, kpiKind="BASE"),
        *version("a", 1, YEAR, **fields),
        *version("a", 2, soon, **fields),
    )
    told = await chain(store, "kpi_version:a/v1")

    assert ([], {"id": "kpi_version:a/v1"}) == (told["successors"], told["current"])
