"""Filters against plain Python on the rows of the files."""

from __future__ import annotations

import operator
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from graph.store import Store
from tests.asking import answer
from tests.files import held
from tests.initiatives import CALM, INITIATIVES, LIST, Thing

OPERATORS = {
    "eq": operator.eq,
    "lt": operator.lt,
    "lte": operator.le,
    "gt": operator.gt,
    "gte": operator.ge,
    "in": lambda mine, given: mine in given,
    "contains": lambda mine, given: given.lower() in mine.lower(),
    "startsWith": str.startswith,
}


def fits(row: Thing, wish: Thing) -> bool:
    """Whether a row is wished for: every part holds, and a test of nothing does not."""
    parts = {
        "and": lambda given: all(fits(row, one) for one in given),
        "or": lambda given: any(fits(row, one) for one in given),
        "not": lambda given: not fits(row, given),
    }
    return all(
        parts[name](given)
        if name in parts
        else all(holds(row[name], *test) for test in given.items())
        for name, given in wish.items()
    )


def holds(mine: Any, name: str, given: Any) -> bool:
    """One test on one value."""
    if name == "exists":
        return bool((mine is not None) == given)
    if name == "eq" and given is None:
        return mine is None
    return mine is not None and bool(OPERATORS[name](mine, given))


NUMBERS = st.sampled_from([250000.0, 90000.0, -320000.0, 100000.0])


DAYS = st.sampled_from(["2025-03-01", "2024-09-01", "2025-06-01"])


WORDS = st.sampled_from(["S", "Onboarding redesign", "app", "App", "factor", "'", "\\", "%"])


def one_or_two(values: st.SearchStrategy[Any], *names: str) -> st.SearchStrategy[Thing]:
    """Tests on one value: one or two of these operators."""
    every: dict[str, st.SearchStrategy[Any]] = dict.fromkeys(names, values)
    every |= {"in": st.lists(values, max_size=3), "eq": st.one_of(st.none(), values)}
    every["exists"] = st.booleans()
    one = st.sampled_from(sorted(every)).flatmap(lambda n: st.fixed_dictionaries({n: every[n]}))
    return st.builds(lambda a, b: a | b, one, one)


COMPARED = ("lt", "lte", "gt", "gte")


LEAVES = st.fixed_dictionaries(
    {},
    optional={
        "cost": one_or_two(NUMBERS, *COMPARED),
        "end": one_or_two(DAYS, *COMPARED),
        "name": one_or_two(WORDS, "contains", "startsWith"),
        "status": one_or_two(st.sampled_from(["RUNNING", "DONE", "STOPPED"])),
    },
)


WISHES = st.recursive(
    LEAVES,
    lambda inner: st.fixed_dictionaries(
        {},
        optional={
            "and": st.lists(inner, max_size=2),
            "or": st.lists(inner, max_size=2),
            "not": inner,
            "expectedReach": one_or_two(st.integers(0, 500000), *COMPARED),
        },
    ),
    max_leaves=4,
)


@CALM
@given(wish=WISHES)
async def test_any_filter_finds_what_plain_python_finds(bank: Store, wish: Thing) -> None:
    """
    Random filters over text, numbers, days and words, nested in and, or, not.
    """
    told = (await answer(bank, LIST, filter=wish))["initiatives"]
    expected = sorted(row["key"] for row in INITIATIVES if fits(row, wish))

    assert expected == [node["key"] for node in told["nodes"]]
    assert len(expected) == told["totalCount"]


async def test_a_filter_reaches_through_links_and_their_links(bank: Store) -> None:
    """
    KPIs that a reporting role owns; KPIs owned from the data office; neither is a list by hand.
    """
    text = """
    query ($filter: KpiFilter) {
      kpis(filter: $filter, asOf: {validAt: "2026-07-20"}) { totalCount nodes { key } }
    }
    """
    roles = {f"role:{row['key']}": row for row in held("roles")}
    owned = [row for row in held("owns") if row["target"].startswith("kpi:")]

    async def keys(wish: Thing) -> list[str]:
        told = (await answer(bank, text, filter=wish))["kpis"]
        assert len(told["nodes"]) == told["totalCount"]
        return [f"kpi:{node['key']}" for node in told["nodes"]]

    reporting = {row["target"] for row in owned if roles[row["source"]]["influence"] == "REPORTING"}
    assert sorted(reporting) == await keys({"owners": {"influence": {"eq": "REPORTING"}}})

    office = {row["target"] for row in owned if roles[row["source"]]["unit"] == "data_office"}
    assert sorted(office) == await keys({"owners": {"unit": {"key": {"eq": "data_office"}}}})

    every = {f"kpi:{row['key']}" for row in held("kpis")}
    unowned = every - {row["target"] for row in owned}
    assert sorted(unowned) == await keys({"not": {"owners": {}}})

    whole = {row["target"] for row in held("component_of") if row["source"] == "kpi:churn"}
    assert sorted(whole) == await keys({"components": {"key": {"eq": "churn"}}})


LINKED = """
query ($kpis: KpiFilter, $fields: FieldFilter, $objectives: ObjectiveFilter, $after: String) {
  kpis(filter: $kpis, asOf: {validAt: "2026-07-20"}) { totalCount nodes { key } }
  fields(filter: $fields, first: 200, asOf: {validAt: "2026-07-20"}) { totalCount nodes { key } }
  objectives(filter: $objectives, first: 1, after: $after, asOf: {validAt: "2026-07-20"}) {
    totalCount nodes { key } pageInfo { endCursor }
  }
}
"""


async def test_what_is_found_from_the_other_end_of_a_link_is_what_the_tables_link(
    bank: Store,
) -> None:
    """
    Along the stored arrow and against it, by key, by id and by how keys begin, with other tests.
    """
    perspective = {"perspective": {"key": {"eq": "customer"}}}
    named = {"and": [{"name": {"contains": "e"}}, perspective]}
    sets = {
        "dataset": {"or": [{"key": {"startsWith": "kpi_"}}, {"key": {"startsWith": "nothing"}}]}
    }
    measures = {"kpis": {"id": {"in": ["kpi:churn", "kpi:nps", "kpi:nope"]}}}
    told = await answer(bank, LINKED, kpis=named, fields=sets, objectives=measures)
    kpis = {
        row["key"]
        for row in held("kpis")
        if row["perspective"] == "customer" and "e" in row["name"].lower()
    }
    fields = {row["key"] for row in held("fields") if row["dataset"].startswith("kpi_")}
    links = (row for row in held("measured_by") if row["target"] in ("kpi:churn", "kpi:nps"))
    objectives = sorted({row["source"].partition(":")[2] for row in links})

    assert all((kpis, fields, objectives))
    assert sorted(kpis) == [node["key"] for node in told["kpis"]["nodes"]]
    assert sorted(fields) == [node["key"] for node in told["fields"]["nodes"]]
    assert len(objectives) == told["objectives"]["totalCount"]
    found, after = [], None
    for _ in objectives:
        page = await answer(bank, LINKED, objectives=measures, after=after)
        found += [node["key"] for node in page["objectives"]["nodes"]]
        after = page["objectives"]["pageInfo"]["endCursor"]
    assert objectives == found


KEYS = st.sampled_from(
    ["onboarding", "app", "a", "o", "", "initiative", "'", "\\"]
) | st.sampled_from([row["key"] for row in INITIATIVES])
IDS = st.sampled_from([f"initiative:{row['key']}" for row in INITIATIVES] + ["kpi:nps", "x"])
NAMED = st.fixed_dictionaries(
    {},
    optional={
        "key": one_or_two(KEYS, "contains", "startsWith"),
        "id": one_or_two(IDS),
        "status": one_or_two(st.sampled_from(["RUNNING", "DONE"])),
    },
)


@CALM
@given(
    wish=st.recursive(
        NAMED,
        lambda inner: st.fixed_dictionaries(
            {},
            optional={
                "and": st.lists(inner, max_size=2),
                "or": st.lists(inner, max_size=2),
                "not": inner,
                "key": one_or_two(KEYS, "startsWith"),
            },
        ),
        max_leaves=4,
    ),
    first=st.integers(1, 4),
)
async def test_what_is_found_by_id_or_key_is_what_plain_python_finds(
    bank: Store, wish: Thing, first: int
) -> None:
    """
    Random tests on ids and keys, of other kinds too, nested in and, or, not, walked page by page.
    """
    rows = [row | {"id": f"initiative:{row['key']}"} for row in INITIATIVES]
    expected = sorted(row["key"] for row in rows if fits(row, wish))
    found: list[str] = []
    after = None
    while True:
        given = {"filter": wish, "first": first, "after": after}
        page = (await answer(bank, LIST, **given))["initiatives"]
        assert len(expected) == page["totalCount"]
        found += [node["key"] for node in page["nodes"]]
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break

    assert expected == found
