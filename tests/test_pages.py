"""Pages, orders and filters, against the rows of the files and against plain Python."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.store import Store
from tests.asking import answer, codes, link, put, thing
from tests.files import held
from tests.initiatives import CALM, INITIATIVES, LIST, Thing

TERMS = {
    "COST": "cost",
    "NAME": "name",
    "STATUS": "status",
    "START": "start",
    "END": "end",
    "EXPECTED_REACH": "expectedReach",
}


def ordered(rows: list[Thing], terms: list[tuple[str, bool]]) -> list[str]:
    """Keys in an order of several fields: null is the largest value, the key decides ties."""
    rows = sorted(rows, key=lambda row: row["key"])
    for name, down in reversed(terms):
        rows.sort(key=lambda row: (row[name] is None, row[name] or 0), reverse=down)
    return [row["key"] for row in rows]


@CALM
@given(
    terms=st.lists(st.tuples(st.sampled_from(sorted(TERMS)), st.booleans()), max_size=3),
    first=st.integers(1, 4),
)
async def test_pages_put_together_are_the_ordered_list(
    bank: Store, terms: list[tuple[str, bool]], first: int
) -> None:
    """
    Up to three fields, up and down, with nulls in them: walking page by page misses nothing.
    """
    order = [{"field": name, "direction": "DESC" if down else "ASC"} for name, down in terms]
    found: list[str] = []
    after = None
    while True:
        page = (await answer(bank, LIST, orderBy=order, first=first, after=after))["initiatives"]
        info = page["pageInfo"]
        assert info["hasPreviousPage"] == (after is not None)
        assert len(INITIATIVES) == page["totalCount"]
        assert page["nodes"] == [edge["node"] for edge in page["edges"]]
        assert [info["startCursor"], info["endCursor"]] == [
            page["edges"][i]["cursor"] for i in (0, -1)
        ]
        found += [node["key"] for node in page["nodes"]]
        after = info["endCursor"]
        if not info["hasNextPage"]:
            break

    expected = ordered(INITIATIVES, [(TERMS[name], down) for name, down in terms])
    assert expected == found


PARTS = [
    "totalCount",
    "nodes { key }",
    "edges { node { key } }",
    "edges { cursor }",
    "pageInfo { hasNextPage }",
    "pageInfo { startCursor }",
    "pageInfo { endCursor }",
]


@pytest.mark.parametrize("first", [1, 3, 200])
async def test_a_part_asked_alone_is_that_of_the_whole(bank: Store, first: int) -> None:
    """
    What is not asked is not read: neither the row after the page nor what cursors are made of.
    """
    page = f'initiatives(first: {first}, asOf: {{validAt: "2026-07-20"}})'
    whole = (await answer(bank, LIST, first=first))["initiatives"]
    for part in PARTS:
        alone = (await answer(bank, f"{{ {page} {{ {part} }} }}"))["initiatives"]

        assert alone == within(whole, alone)


def within(whole: Any, part: Any) -> Any:
    """Of the whole what a part of it has."""
    if isinstance(part, dict):
        return {name: within(whole[name], inner) for name, inner in part.items()}
    if isinstance(part, list):
        return [within(one, inner) for one, inner in zip(whole, part, strict=True)]
    return whole


async def test_things_of_one_key_and_several_kinds_are_walked_one_by_one(store: Store) -> None:
    """
    Along a link that leads to both segments and personas.
    """
    text = """
    query ($after: String) {
      objective(key: "o") {
        groups(first: 1, after: $after) { nodes { id } pageInfo { hasNextPage endCursor } }
      }
    }
    """
    groups = [f"{kind}:{key}" for key in "abc" for kind in ("persona", "segment")]
    await put(store, thing("objective:o"), *map(thing, groups))
    await put(store, *(link("for_group", "objective:o", group) for group in groups))
    found: list[str] = []
    after, more = None, True
    while more:
        page = (await answer(store, text, after=after))["objective"]["groups"]
        found += [node["id"] for node in page["nodes"]]
        after, more = page["pageInfo"]["endCursor"], page["pageInfo"]["hasNextPage"]

    assert groups == found


async def test_every_row_has_a_cursor_that_goes_on_from_it(bank: Store) -> None:
    """
    Not only the last: the cursor of each row leads to the row after it.
    """
    every = (await answer(bank, LIST))["initiatives"]["edges"]
    for edge, following in pairwise(every):
        page = (await answer(bank, LIST, first=1, after=edge["cursor"]))["initiatives"]

        assert [following["node"]] == page["nodes"]


async def test_nested_lists_are_filtered_ordered_paged_and_counted(bank: Store) -> None:
    """
    The series of churn over personas that begin with s or b, from the last key to the first.
    """
    text = """
    query ($after: String) {
      kpi(key: "churn", asOf: {validAt: "2026-07-20"}) {
        series(
          filter: {scopeKind: {eq: PERSONA}, or: [
            {key: {startsWith: "churn/s"}}, {key: {startsWith: "churn/b"}}]}
          orderBy: [{field: KEY, direction: DESC}], first: 2, after: $after
        ) {
          totalCount nodes { key observations(first: 1) { totalCount nodes { period } } }
          pageInfo { hasNextPage endCursor }
        }
      }
    }
    """
    expected = sorted(
        (
            row["key"]
            for row in held("series")
            if row["kpi"] == "churn" and row["scope_kind"] == "PERSONA" and row["key"][6] in "sb"
        ),
        reverse=True,
    )
    first = (await answer(bank, text))["kpi"]["series"]
    second = (await answer(bank, text, after=first["pageInfo"]["endCursor"]))["kpi"]["series"]

    assert expected == [node["key"] for page in (first, second) for node in page["nodes"]]
    assert (3, True, False) == (
        first["totalCount"],
        first["pageInfo"]["hasNextPage"],
        second["pageInfo"]["hasNextPage"],
    )
    for node in (*first["nodes"], *second["nodes"]):
        points = [row for row in held("observations") if row["series"] == node["key"]]
        assert len(points) == node["observations"]["totalCount"]
        assert [{"period": "2024-01"}] == node["observations"]["nodes"]


async def test_a_total_is_counted_only_when_it_is_asked_for(
    bank: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """
    Without totalCount the statement counts nothing; with it, it is still one statement.
    """
    texts: list[str] = []
    read = bank.read

    async def listening(statement: str, *given: Any, **named: Any) -> Any:
        texts.append(statement)
        return await read(statement, *given, **named)

    monkeypatch.setattr(bank, "read", listening)
    page = "initiatives(first: 2) { nodes { key owners { nodes { key } } } }"
    await answer(bank, f"{{ {page} }}")
    await answer(bank, f"{{ {page.replace('nodes { key o', 'totalCount nodes { key o')} }}")

    assert [False, True] == ["COUNT {" in text for text in texts]


@pytest.mark.parametrize("first", [0, -1, 201])
async def test_a_page_has_one_to_two_hundred_rows(bank: Store, first: int) -> None:
    """
    Anything else is refused, at the root and below.
    """
    for text in (
        f"{{ kpis(first: {first}) {{ nodes {{ key }} }} }}",
        f'{{ kpi(key: "churn") {{ series(first: {first}) {{ nodes {{ key }} }} }} }}',
        f'{{ search(text: "a", first: {first}) {{ nodes {{ id }} }} }}',
        f"{{ archive(first: {first}) {{ nodes {{ id }} }} }}",
    ):
        assert ["BAD_REQUEST"] == await codes(bank, text)


async def test_observations_come_by_up_to_a_thousand(bank: Store) -> None:
    """
    A list of observations may be longer than others; fifty come when nobody says how many.
    """
    text = '{{ kpi(key: "churn") {{ series {{ nodes {{ observations{} {{ totalCount }} }} }} }} }}'

    assert [] == await codes(bank, text.format("(first: 1000)"))
    assert ["BAD_REQUEST"] == await codes(bank, text.format("(first: 1001)"))


async def test_fifty_rows_come_when_nobody_says_how_many(bank: Store) -> None:
    """
    The bank has more fields than fit into one page.
    """
    told = await answer(bank, "{ fields { nodes { key } totalCount pageInfo { hasNextPage } } }")

    assert (50, len(held("fields")), True) == (
        len(told["fields"]["nodes"]),
        told["fields"]["totalCount"],
        told["fields"]["pageInfo"]["hasNextPage"],
    )


async def cursor(bank: Store, text: str) -> str:
    """End cursor of the one list in a document."""
    (page,) = (await answer(bank, text)).values()
    return str(page["pageInfo"]["endCursor"])


async def test_a_cursor_serves_only_the_list_that_gave_it_out(bank: Store) -> None:
    """
    Another kind, another order, another question, or a text that is no cursor: BAD_REQUEST.
    """
    end = "{ pageInfo { endCursor } }"
    kpis = await cursor(bank, f"{{ kpis(first: 2) {end} }}")
    by_name = await cursor(bank, f"{{ kpis(first: 2, orderBy: [{{field: NAME}}]) {end} }}")
    archived = await cursor(bank, f"{{ archive(first: 1) {end} }}")
    found = await cursor(bank, f'{{ search(text: "s", first: 1) {end} }}')
    wrong = {
        "objectives": [kpis],
        "kpis": [by_name, archived, found, kpis[:-4], kpis[4:], kpis + "AAAA", "zzz", "", "ü"],
        "archive": [kpis, found],
    }
    for name, cursors in wrong.items():
        for after in cursors:
            text = f"query ($after: String) {{ {name}(after: $after) {{ nodes {{ id }} }} }}"
            assert ["BAD_REQUEST"] == await codes(bank, text, after=after), (name, after)
    nested = 'query ($a: String) { kpi(key: "churn") { series(after: $a) { nodes { key } } } }'
    assert ["BAD_REQUEST"] == await codes(bank, nested, a=kpis)


async def test_a_page_goes_on_at_the_moment_of_the_page_before(bank: Store) -> None:
    """
    The second page of a list of 2024 is of 2024 too; with another asOf it is of that moment.
    """
    text = """
    query ($after: String, $asOf: AsOf) {
      personas(first: 3, after: $after, asOf: $asOf) { nodes { key } pageInfo { endCursor } }
    }
    """
    then = {"validAt": "2024-06-01"}
    page = (await answer(bank, text, asOf=then))["personas"]
    after = page["pageInfo"]["endCursor"]
    last = page["nodes"][-1]["key"]

    now = {"validAt": "2026-07-20"}
    for as_of, day in ((None, "2024-06-01"), ({}, "2024-06-01"), (now, "2026-07-20")):
        told = await answer(bank, text, after=after, asOf=as_of)
        assert held_after("personas", last, day) == [n["key"] for n in told["personas"]["nodes"]]


def held_after(name: str, key: str, day: str) -> list[str]:
    """The next three keys of a table on a day."""
    return sorted(row["key"] for row in held(name, day) if row["key"] > key)[:3]


@pytest.mark.parametrize("kinds", ["[SERIES]", "[]"])
async def test_what_cannot_be_listed_is_said(bank: Store, kinds: str) -> None:
    """
    Records have no list of their own, and no kinds at all are no question.
    """
    for name in ("archive(", 'search(text: "churn", '):
        assert ["BAD_REQUEST"] == await codes(bank, f"{{ {name}kinds: {kinds}) {{ totalCount }} }}")
