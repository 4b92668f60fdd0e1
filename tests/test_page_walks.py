"""Walks over many pages while rows come and go."""

from __future__ import annotations

import asyncio
import random
from itertools import count
from time import monotonic
from typing import Any

import pytest

from graph.changes import Change
from graph.store import Address, Store
from tests.asking import answer, link, put, thing
from tests.files import table

WALKS = {
    "in order of key": "themes(first: 3, after: $after)",
    "by name down": "themes(first: 3, after: $after, orderBy: [{field: NAME, direction: DESC}])",
    "what was searched": 'search(text: "calm", first: 3, after: $after)',
}


@pytest.mark.parametrize("listing", WALKS.values(), ids=WALKS.keys())
async def test_a_walk_sees_each_row_once_while_rows_come_and_go(store: Store, listing: str) -> None:
    """
    Between its pages themes are added, renamed and ended; the walk is of the moment it began.
    """
    text = f"""
    query ($after: String) {{
      page: {listing} {{
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


async def test_a_page_is_whole_while_somebody_writes(store: Store, address: Address) -> None:
    """
    Forty themes are renamed over and over; every page that is read meanwhile holds forty.
    """
    ids = [f"theme:t{i:02}" for i in range(40)]
    await put(store, *(thing(id_) for id_ in ids))
    writing = True

    async def write() -> None:
        async with Store.at(address) as other:
            for name in map(str, count()):
                if not writing:
                    return
                now = other.clock()
                await put(other, *(thing(id_, now, name=name) for id_ in ids))

    async def read() -> set[tuple[int, int]]:
        text = "{ themes(first: 200) { totalCount nodes { key name } } }"
        seen = set()
        until = monotonic() + 3
        while monotonic() < until:
            page = (await answer(store, text))["themes"]
            seen.add((len(page["nodes"]), page["totalCount"]))
        return seen

    writer = asyncio.create_task(write())
    seen = await asyncio.gather(read(), read(), read())
    writing = False
    await writer

    assert {(40, 40)} == set().union(*seen)


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
    A nested list has no moment of its own: what comes may be seen, what stays is seen once.
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
