"""The past beside the present: the same questions as of then and as of now, writing and verifying.

In a graph of 96,000 nodes every entity gets ten versions, one after another in both times: more
than 50,000 states. Asked is by the clock on the wall, the median of many rounds, then and now in
turn: what held after the fifth version, as it was known after the fifth. Then 32 writers change ten
KPIs each, in turn, until the audit has 10,000 entries, and it is verified.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
from statistics import median
from time import perf_counter
from typing import Any

from bench.reading import LINEAGE_OF, NESTED_LIST
from bench.results import Result
from bench.shape import kpi
from graph.audit import Actor
from graph.changes import Change, Piece
from graph.histories import Histories
from graph.ontology import ONTOLOGY
from graph.ontology.vocabulary import Entity
from graph.proving import Proof
from graph.questions import Ask, AsOf, plain
from graph.questions.lineage import LineageQuestion
from graph.selection import Select, wants
from graph.store import Address, Store
from graph.times import FAR

VERSIONS, THEN = 10, 5
BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
ROUNDS, WARMING = 60, 15
WRITERS, EACH, ENTRIES = 32, 10, 10_000
BY = Actor("bench")
PAGE = Select(
    "kpis",
    "kpis",
    {"first": 50},
    (Select("totalCount", "totalCount"), Select("nodes", "nodes", {}, wants("id", "name"))),
)
ENTITY = Select("kpi", "kpi", {}, wants("id", "key", "name", "purpose", "status", "validFrom"))

Asked = Callable[[Ask, AsOf | None], Awaitable[Any]]


def _questions() -> dict[str, tuple[Asked, int]]:
    """What is asked, and how many times as long as now the past may take."""
    kinds, of = ONTOLOGY.kinds, f"kpi:{kpi(0)}"
    return {
        "an entity": (lambda ask, at: plain.thing(ask, kinds["kpi"], kpi(0), at, ENTITY), 2),
        "lineage of 6 hops": (
            lambda ask, at: LineageQuestion(of=of, as_of=at).answer(ask, LINEAGE_OF),
            2,
        ),
        "list in 3 levels, 240 leaves": (
            lambda ask, at: plain.page(ask, kinds["objective"], "objectives", at, NESTED_LIST),
            3,
        ),
        "page of 50 with its total": (
            lambda ask, at: plain.page(ask, kinds["kpi"], "kpis", at, PAGE),
            4,
        ),
    }


async def compared(address: Address) -> list[Result]:
    """Versions are written, then every question is asked of then and of now."""
    async with Store.at(address) as store:
        states, known = await _aged(store)
        at = AsOf(valid_at=BEGIN + timedelta(days=THEN, hours=12), known_at=known)
        asked = [
            await _compared(store, f"{name}, as of then beside now", question, aim, at)
            for name, (question, aim) in _questions().items()
        ]
        states_ = Result("states of entities", f"{states:,}", aim="50,000")
        return [states_, *asked, *await _written(store)]


async def _aged(store: Store) -> tuple[int, datetime]:
    """Write the versions; answers how many that makes, and when the one of then was known."""
    lives = [life async for life in _lives(store)]
    known = datetime.now(UTC)
    for version in range(1, VERSIONS):
        since = BEGIN + timedelta(days=version)
        receipt = await store.put(
            (
                Change(id_, since, (Piece(since, FAR, {**state, "name": f"version {version}"}),))
                for id_, state in lives
            ),
            BY,
            f"version {version}",
        )
        if version == THEN and receipt.at:
            known = receipt.at
    return len(lives) * VERSIONS, known


async def _lives(store: Store) -> AsyncIterator[tuple[str, dict[str, Any]]]:
    """Entities with what they say now."""
    histories = await Histories.published(store.answer, store.ontology, current=True)
    for kind in store.ontology.kinds.values():
        if issubclass(kind, Entity):
            async for ids in histories.ids(kind):
                for life in await histories.things(ids):
                    yield life.id, dict(life.known[None][-1].state)


async def _compared(store: Store, name: str, asked: Asked, aim: int, at: AsOf) -> Result:
    times: dict[bool, list[float]] = {True: [], False: []}
    for round_ in range(WARMING + ROUNDS):
        for past in (True, False):
            begun = perf_counter()
            if await asked(Ask.of(store), at if past else None) is None:
                raise ValueError(f"{name}: nothing was answered")
            if round_ >= WARMING:
                times[past].append(perf_counter() - begun)
    then, now = (median(times[past]) for past in (True, False))
    past_, now_ = (f"{seconds * 1000:.1f} ms" for seconds in (then, now))
    return Result(name, past_, now_, then / now, f"at most {aim}")


async def _written(store: Store) -> list[Result]:
    """Single changes by many writers, then the audit of them all."""
    left = iter(range(ENTRIES - VERSIONS))

    async def writer(number: int) -> None:
        since = BEGIN + timedelta(days=VERSIONS)
        for turn in left:
            id_ = f"kpi:{kpi(number + WRITERS * (turn % EACH))}"
            state = {"name": f"turn {turn}", "status": "ACTIVE", "kind": "BASE"}
            await store.put([Change(id_, since, (Piece(since, FAR, state),))], BY, "a turn")

    begun = perf_counter()
    await asyncio.gather(*map(writer, range(WRITERS)))
    rate = (ENTRIES - VERSIONS) / (perf_counter() - begun)
    return [
        Result(f"changes a second, {WRITERS} writers", f"{rate:.0f}", aim="at least 100"),
        await _verified(store, False, f"verifying the chain of {ENTRIES:,} entries", "5 s"),
        await _verified(store, True, "the same, and the whole graph against it", ""),
    ]


async def _verified(store: Store, thorough: bool, name: str, aim: str) -> Result:
    begun = perf_counter()
    verdict = await Proof(store.answer, store.ontology, thorough).verdict()
    if not verdict.intact or verdict.entries != ENTRIES:
        raise ValueError(f"{verdict.entries} entries: {verdict.explanation}")
    return Result(name, f"{perf_counter() - begun:.1f} s", aim=aim)
