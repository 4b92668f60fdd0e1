"""Filters through links of every sort, short ways, and facets: against the rows of the files."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from graph.store import Store
from tests.asking import answer, codes
from tests.files import held

DAY = "2026-07-20"
KPIS = """
query ($filter: KpiFilter) {
  kpis(filter: $filter, asOf: {validAt: "2026-07-20"}, first: 200) { totalCount nodes { id } }
}
"""
FACETS = """
query ($filter: KpiFilter, $by: [KpiFacet!]!, $first: Int! = 50) {
  kpis(filter: $filter, asOf: {validAt: "2026-07-20"}) {
    totalCount facets(by: $by, first: $first) { of none values { value name count } }
  }
}
"""


def owned(*sorts: str) -> list[tuple[str, str]]:
    """KPIs with the roles that own them in one of these ways."""
    return [
        (row["target"], row["source"])
        for row in held("owns", DAY)
        if row["target"].startswith("kpi:") and row["accountability"] in sorts
    ]


def measured() -> set[tuple[str, str]]:
    """KPIs with the groups they are measured for."""
    return {(f"kpi:{row['kpi']}", row["group"]) for row in held("series", DAY) if row["group"]}


EVERY = {f"kpi:{row['key']}" for row in held("kpis", DAY)}


async def kpis(bank: Store, wish: Any) -> list[str]:
    """Ids of the KPIs that a filter finds."""
    told = (await answer(bank, KPIS, filter=wish))["kpis"]
    assert len(told["nodes"]) == told["totalCount"]
    return [node["id"] for node in told["nodes"]]


async def test_kpis_of_an_owner_and_a_group_are_found_by_their_ids(bank: Store) -> None:
    """
    The short ways `owner` and `group` take ids, several, or ask whether there is any.
    """
    role, group = "role:head_service", "persona:small_trader"
    of_role = {kpi for kpi, owner in owned("SOLE", "JOINT") if owner == role}
    of_group = {kpi for kpi, own in measured() if own == group}

    assert sorted(of_role & of_group) == await kpis(
        bank, {"owner": {"eq": role}, "group": {"eq": group}}
    )
    assert sorted(of_role | {"kpi:churn"}) == await kpis(
        bank, {"or": [{"owner": {"in": [role]}}, {"id": {"eq": "kpi:churn"}}]}
    )
    every = {kpi for kpi, _ in owned("SOLE", "JOINT")}
    assert sorted(EVERY - every) == await kpis(bank, {"owner": {"exists": False}})
    assert sorted(every) == await kpis(bank, {"owner": {"exists": True}})
    assert sorted(EVERY - every) == await kpis(bank, {"owner": {"eq": None}})
    assert sorted(EVERY - {kpi for kpi, _ in measured()}) == await kpis(
        bank, {"group": {"exists": False}}
    )


async def test_a_filter_asks_what_the_link_says(bank: Store) -> None:
    """
    Jointly owned KPIs with a share over one half; segments by their sponsor.
    """
    wish = {"ownersWith": {"link": {"accountability": {"eq": "JOINT"}, "share": {"gt": 0.5}}}}
    large = {
        row["target"]
        for row in held("owns", DAY)
        if row["accountability"] == "JOINT" and float(row["share"]) > 0.5
    }
    assert sorted(large) == await kpis(bank, wish)

    told = await answer(
        bank,
        """{
          at: segments(filter: {sponsor: {exists: true}}, asOf: {validAt: "2026-07-20"}) {
            nodes { id }
          }
          none: segments(filter: {sponsor: {exists: false}}, asOf: {validAt: "2026-07-20"}) {
            nodes { id }
          }
        }""",
    )
    sponsored = {row["target"] for row in held("owns", DAY) if row["accountability"] == "SPONSOR"}
    segments = {f"segment:{row['key']}" for row in held("segments", DAY)}
    assert sorted(sponsored & segments) == [node["id"] for node in told["at"]["nodes"]]
    assert sorted(segments - sponsored) == [node["id"] for node in told["none"]["nodes"]]


async def test_a_filter_reaches_through_links_that_lead_to_several_kinds(bank: Store) -> None:
    """
    Objectives for a persona, roles by what they own, and what moves a KPI upwards.
    """
    told = await answer(
        bank,
        """query ($asOf: AsOf!) {
          objectives(filter: {groups: {kind: {eq: PERSONA}}}, asOf: $asOf) { nodes { id } }
          roles(filter: {owns: {kind: {eq: SEGMENT}, name: {contains: "retail"}}}, asOf: $asOf) {
            nodes { id }
          }
          kpi(key: "nps", asOf: $asOf) {
            causes(filter: {kind: {in: [KPI]}}, link: {sign: {eq: -1}}) {
              edges { sign node { id } }
            }
          }
        }""",
        asOf={"validAt": DAY},
    )
    for_persona = {
        row["source"] for row in held("for_group", DAY) if row["source"].startswith("objective:")
    }
    named = {f"segment:{r['key']}" for r in held("segments", DAY) if "retail" in r["name"].lower()}
    roles = {row["source"] for row in held("owns", DAY) if row["target"] in named}
    down = [
        row["source"]
        for row in held("affects", DAY)
        if row["target"] == "kpi:nps" and row["sign"] == "-1"
    ]

    assert sorted(for_persona) == [node["id"] for node in told["objectives"]["nodes"]]
    assert sorted(roles) == [node["id"] for node in told["roles"]["nodes"]]
    assert sorted(down) == [edge["node"]["id"] for edge in told["kpi"]["causes"]["edges"]]
    assert {-1} == {edge["sign"] for edge in told["kpi"]["causes"]["edges"]}


async def test_facets_count_words_and_what_is_linked(bank: Store) -> None:
    """
    By status, owner, group and perspective, with names, and how many have none.
    """
    told = await answer(bank, FACETS, by=["STATUS", "OWNER", "GROUP", "PERSPECTIVE"])
    status, owner, group, perspective = told["kpis"]["facets"]
    rows = held("kpis", DAY)

    assert Counter(row["status"] for row in rows) == counts(status)
    assert Counter(role for _, role in set(owned("SOLE", "JOINT"))) == counts(owner)
    assert len(EVERY) - len({kpi for kpi, _ in owned("SOLE", "JOINT")}) == owner["none"]
    assert Counter(one for _, one in measured()) == counts(group)
    assert Counter(f"perspective:{row['perspective']}" for row in rows) == counts(perspective)
    assert len(EVERY) == told["kpis"]["totalCount"]
    assert {"Small trader"} == {
        one["name"] for one in group["values"] if one["value"] == "persona:small_trader"
    }
    assert 1 == bank.reads


def counts(facet: Any) -> dict[str, int]:
    """Values with their counts, which stand most frequent first."""
    found = [one["count"] for one in facet["values"]]
    assert sorted(found, reverse=True) == found
    return {one["value"]: one["count"] for one in facet["values"]}


async def test_facets_count_what_the_filter_finds_whatever_the_page_shows(bank: Store) -> None:
    """
    Counts are of all rows; `first` cuts the values, most frequent first.
    """
    wish = {"group": {"eq": "persona:small_trader"}}
    told = (await answer(bank, FACETS, filter=wish, by=["PERSPECTIVE", "SUCCESSOR"], first=2))[
        "kpis"
    ]
    mine = {kpi for kpi, own in measured() if own == "persona:small_trader"}
    rows = [row for row in held("kpis", DAY) if f"kpi:{row['key']}" in mine]
    expected = Counter(f"perspective:{row['perspective']}" for row in rows).most_common(2)

    assert sorted(n for _, n in expected) == sorted(counts(told["facets"][0]).values())
    assert (len(mine), []) == (told["facets"][1]["none"], told["facets"][1]["values"])


async def test_the_archive_and_a_search_are_counted_by_kind(bank: Store) -> None:
    """
    What has ended by the day, by kind.
    """
    told = await answer(
        bank,
        """{ archive(asOf: {validAt: "2026-07-20"}) {
          totalCount facets(by: [KIND]) { values { value count } }
        } search(text: "churn", asOf: {validAt: "2026-07-20"}) {
          totalCount facets(by: [KIND]) { values { value count } }
        } }""",
    )
    ended = {
        row["key"]
        for row in held("kpis", "2024-01-01")
        if row["key"] not in {now["key"] for now in held("kpis", DAY)}
    }
    by_kind = counts(told["archive"]["facets"][0])

    assert len(ended) == by_kind["KPI"]
    for one in ("archive", "search"):
        assert told[one]["totalCount"] == sum(counts(told[one]["facets"][0]).values())


@pytest.mark.parametrize("first", [0, 201, -1])
async def test_a_facet_of_too_many_values_is_refused(bank: Store, first: int) -> None:
    """
    1 to 200.
    """
    assert ["BAD_REQUEST"] == await codes(bank, FACETS, by=["STATUS"], first=first)


@pytest.mark.parametrize(
    "wish",
    [
        {"owner": {"eq": "kpi:churn"}},
        {"owner": {"in": ["role:head_service", "garbage"]}},
        {"group": {"eq": "role:head_service"}},
    ],
)
async def test_a_short_way_to_what_cannot_be_there_is_refused(bank: Store, wish: Any) -> None:
    """
    An id of another kind finds nothing for ever; most likely it was mistyped.
    """
    assert ["BAD_REQUEST"] == await codes(bank, KPIS, filter=wish)
