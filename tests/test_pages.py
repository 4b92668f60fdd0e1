"""Pages, orders and filters, against the rows of the files and against plain Python."""

from __future__ import annotations

import operator
import random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from graph.changes import Change
from graph.store import Store
from tests.asking import answer, codes, link, put, thing
from tests.files import held, number, table

Thing = dict[str, Any]

INITIATIVES: list[Thing] = [
    {
        "key": row["key"],
        "name": row["name"],
        "cost": number(row["cost"]),
        "start": row["start"] or None,
        "end": row["end"] or None,
        "status": row["status"],
        "expectedReach": number(row["expected_reach"]),
    }
    for row in held("initiatives")
]
TERMS = {
    "COST": "cost",
    "NAME": "name",
    "STATUS": "status",
    "START": "start",
    "END": "end",
    "EXPECTED_REACH": "expectedReach",
}
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
CALM = settings(
    max_examples=20,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)

LIST = """
query ($filter: InitiativeFilter, $orderBy: [InitiativeOrder!], $first: Int, $after: String) {
  initiatives(
    filter: $filter, orderBy: $orderBy, first: $first, after: $after, asOf: {validAt: "2026-07-20"}
  ) {
    totalCount
    nodes { key }
    edges { cursor node { key } }
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
  }
}
"""


def ordered(rows: list[Thing], terms: list[tuple[str, bool]]) -> list[str]:
    """Keys in an order of several fields: null is the largest value, the key decides ties."""
    rows = sorted(rows, key=lambda row: row["key"])
    for name, down in reversed(terms):
        rows.sort(key=lambda row: (row[name] is None, row[name] or 0), reverse=down)
    return [row["key"] for row in rows]


def fits(row: Thing, wish: Thing) -> bool:
    """Whether a row is wished for: every part holds, and a test of nothing does not."""
    parts = {
        "and": lambda given: all(fits(row, one) for one in given),
        "or": lambda given: any(fits(row, one) for one in given),
        "not": lambda given: not fits(row, given),
    }
    return all(
        parts[name](given) if name in parts else all(holds(row[name], *test) for test in given.items())
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
    every: dict[str, st.SearchStrategy[Any]] = {name: values for name in names}
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


async def test_every_row_has_a_cursor_that_goes_on_from_it(bank: Store) -> None:
    """
    Not only the last: the cursor of each row leads to the row after it.
    """
    every = (await answer(bank, LIST))["initiatives"]["edges"]
    for edge, following in zip(every, every[1:], strict=False):
        page = (await answer(bank, LIST, first=1, after=edge["cursor"]))["initiatives"]

        assert [following["node"]] == page["nodes"]


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
    for name, given in wrong.items():
        for after in given:
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

    for given, day in ((None, "2024-06-01"), ({}, "2024-06-01"), (then, "2024-06-01")):
        told = await answer(bank, text, after=after, asOf=given)
        assert held_after("personas", last, day) == [n["key"] for n in told["personas"]["nodes"]]
    told = await answer(bank, text, after=after, asOf={"validAt": "2026-07-20"})
    assert held_after("personas", last, "2026-07-20") == [
        n["key"] for n in told["personas"]["nodes"]
    ]


def held_after(name: str, key: str, day: str) -> list[str]:
    """The next three keys of a table on a day."""
    return sorted(row["key"] for row in held(name, day) if row["key"] > key)[:3]


WALKS = {
    "in order of key": "themes(first: 3, after: $after)",
    "by name downwards": "themes(first: 3, after: $after, orderBy: [{field: NAME, direction: DESC}])",
    "what was searched": 'found: search(text: "calm", first: 3, after: $after)',
}


@pytest.mark.parametrize("listing", WALKS.values(), ids=WALKS.keys())
async def test_a_walk_sees_each_row_once_while_rows_come_and_go(store: Store, listing: str) -> None:
    """
    Between its pages themes are added, renamed and ended; the walk is of the moment it began.
    """
    text = f"""
    query ($after: String) {{
      page: {listing.removeprefix("found: ")} {{
        nodes {{ ... on Theme {{ key name }} }} pageInfo {{ hasNextPage endCursor }}
      }}
    }}
    """
    chance = random.Random(7)
    living = {f"t{i:02}": f"Calm {chance.randrange(9)}" for i in range(0, 40, 2)}
    await put(store, *(thing(f"theme:{key}", name=name) for key, name in living.items()))
    before = dict(living)
    seen: list[tuple[str, str]] = []
    after = None
    for _ in range(len(before)):
        page = (await answer(store, text, after=after))["page"]
        seen += [(node["key"], node["name"]) for node in page["nodes"]]
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break
        await put(store, *meddled(store, chance, living))

    assert sorted(before.items()) == sorted(seen)


def meddled(store: Store, chance: random.Random, living: dict[str, str]) -> list[Change]:
    """Something new, something renamed, something ended, wherever chance has it."""
    new = f"t{chance.randrange(1, 40, 2):02}"
    renamed, ended = chance.sample(sorted(living), 2)
    now = store.clock()
    name = f"Calm {chance.randrange(9)} and calm"
    living[new] = living[renamed] = name
    del living[ended]
    return [
        thing(f"theme:{new}", now, name=name),
        thing(f"theme:{renamed}", now, name=name),
        Change(f"theme:{ended}", now, ()),
    ]


async def test_a_walk_of_a_nested_list_sees_what_stays_exactly_once(store: Store) -> None:
    """
    A nested list has no moment of its own: what comes and goes may be seen, what stays is seen once.
    """
    text = """
    query ($after: String) {
      objective(key: "o") {
        kpis(first: 2, after: $after) { nodes { key } pageInfo { hasNextPage endCursor } }
      }
    }
    """
    chance = random.Random(3)
    kpis = [f"kpi:{letter}" for letter in "bdfhjlnp"]
    await put(store, thing("objective:o"), *(thing(id_, kpiKind="BASE") for id_ in kpis))
    await put(store, *(link("measured_by", "objective:o", id_) for id_ in kpis))
    gone = set(chance.sample(kpis, 3))
    seen: list[str] = []
    after = None
    for step in range(20):
        page = (await answer(store, text, after=after))["objective"]["kpis"]
        seen += [f"kpi:{node['key']}" for node in page["nodes"]]
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break
        new = f"kpi:{'acegikmo'[step]}"
        await put(store, thing(new, kpiKind="BASE"), link("measured_by", "objective:o", new))
        for id_ in sorted(gone)[step : step + 1]:
            ending = link("measured_by", "objective:o", id_)
            await put(store, Change(ending.id, store.clock(), (), source="objective:o", target=id_))

    assert len(set(seen)) == len(seen)
    assert set(kpis) - gone <= set(seen)


async def test_the_archive_is_walked_newest_first_without_gap(bank: Store) -> None:
    """
    The archive of the bank one by one is the archive of the bank at once.
    """
    text = """
    query ($first: Int, $after: String) {
      archive(first: $first, after: $after, kinds: [KPI, PERSONA, SEGMENT]) {
        totalCount nodes { id validTo } pageInfo { hasNextPage endCursor }
      }
    }
    """
    every = (await answer(bank, text))["archive"]
    found: list[Any] = []
    after = None
    while len(found) < every["totalCount"]:
        page = (await answer(bank, text, first=1, after=after))["archive"]
        found += page["nodes"]
        after = page["pageInfo"]["endCursor"]

    ended = [
        (row["valid_to"], f"{kind}:{row['key']}")
        for kind, name in (("kpi", "kpis"), ("persona", "personas"), ("segment", "segments"))
        for row in table(name)
        if row["valid_to"] and row["valid_to"] <= "2026-07-20"
    ]
    assert every["nodes"] == found
    assert [id_ for _, id_ in sorted(ended, reverse=True)] == [node["id"] for node in found]


@pytest.mark.parametrize("kinds", ["[SERIES]", "[]"])
async def test_what_cannot_be_listed_is_said(bank: Store, kinds: str) -> None:
    """
    Records have no list of their own, and no kinds at all are no question.
    """
    for name in ("archive(", 'search(text: "churn", '):
        assert ["BAD_REQUEST"] == await codes(bank, f"{{ {name}kinds: {kinds}) {{ totalCount }} }}")


@pytest.mark.parametrize("text", ["", " ", "!!!", "\u00a0"])
async def test_a_search_for_nothing_is_refused(bank: Store, text: str) -> None:
    """
    A search needs a letter or a digit.
    """
    asked = "query ($text: String!) { search(text: $text) { totalCount } }"

    assert ["BAD_REQUEST"] == await codes(bank, asked, text=text)


@pytest.mark.parametrize("text", ["AND", "OR NOT", 'a"b', "name:x", "te*st~2", "\\", "(", "ü", "x" * 999])
async def test_a_search_takes_words_as_they_come(bank: Store, text: str) -> None:
    """
    Signs and words that mean something to the index mean nothing here.
    """
    asked = "query ($text: String!) { search(text: $text) { totalCount } }"

    assert set() == set(await codes(bank, asked, text=text)) - {"BAD_REQUEST"}


async def test_the_closest_names_are_found_first(bank: Store) -> None:
    """
    A name that is the text, then names that begin with it, then the rest.
    """
    text = '{ search(text: "advice", kinds: [PROCESS, KPI, OBJECTIVE]) { nodes { name } } }'
    names = [node["name"] for node in (await answer(bank, text))["search"]["nodes"]]

    assert ["Advice within a week", "Give advice", "Wait for advice"] == sorted(names)
    assert "Advice within a week" == names[0]
