"""Two questions beside the very same statement sent bare through the driver, without GraphQL.

Measured is the processor time of this process for one question: the median of many rounds, ours and
the bare one in turn. *To the row* is what stands between a selection and the row: the statement
compiled or found again, its parameters, the store. *To the answer* goes on to the mapping that
GraphQL is handed; in a lineage that holds its arithmetic. *Compiled anew* forgets each time what
was compiled, as for a selection that nobody asked before.
"""

from __future__ import annotations

import gc
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from statistics import median
from time import process_time
from typing import Any

from neo4j import READ_ACCESS, AsyncDriver, AsyncGraphDatabase

from bench.results import Result
from bench.shape import BLOCK, PERSONAS, kpi
from graph import preparing
from graph.ontology import ONTOLOGY
from graph.questions import Ask, plain
from graph.questions.lineage import LineageQuestion
from graph.selection import Select, wants
from graph.store import Address, Store

ROUNDS, WARMING = 200, 40
AIM = "at most 1.5"
LEAVES = 240

Way = Callable[[], Awaitable[object]]


@dataclass(frozen=True, slots=True)
class Question:
    """A question to be measured, and how large its answer is."""

    name: str
    answer: Callable[[Ask], Awaitable[Any]]
    size: Callable[[Any], int]
    least: int


@dataclass(slots=True)
class Sent:
    """What a question sent to the database, noted on the way."""

    text: str = ""
    parameters: Mapping[str, Any] | None = None


class RowRead(Exception):
    """Ends a question when its row has come."""


class Listening(Store):
    """A store that notes what is sent, or lets no row through."""

    sent = Sent()
    stops = False

    async def read(
        self, statement: str, parameters: Mapping[str, Any], timeout: float = 10.0
    ) -> dict[str, Any] | None:
        """The row; raises RowRead once it has come, where the store stops there."""
        self.sent = Sent(statement, parameters)
        row = await super().read(statement, parameters, timeout)
        if self.stops:
            raise RowRead
        return row


async def compared(address: Address) -> list[Result]:
    """Each question beside its own statement."""
    gc.collect()
    gc.freeze()
    signed_in = (address.username, address.password)
    bare = AsyncGraphDatabase.driver(address.uri, auth=signed_in, notifications_min_severity="OFF")
    async with Listening.at(address) as store, bare:
        assert isinstance(store, Listening)
        return [
            result
            for question in (NESTED, LINEAGE)
            for result in await _compared(store, bare, address.database, question)
        ]


async def _compared(
    store: Listening, driver: AsyncDriver, database: str, question: Question
) -> list[Result]:
    told = await question.answer(Ask.of(store))
    if (size := question.size(told)) < question.least:
        raise ValueError(f"{question.name}: {size} of {question.least}; the graph is too small")
    sent = store.sent

    async def bare() -> None:
        options: Any = {"default_access_mode": READ_ACCESS, "fetch_size": -1}
        async with driver.session(database=database, **options) as session:
            await (await session.run(sent.text, dict(sent.parameters or {}))).single()

    async def answer() -> None:
        await question.answer(Ask.of(store))

    async def row() -> None:
        store.stops = True
        try:
            await question.answer(Ask.of(store))
        except RowRead:
            store.stops = False

    async def anew() -> None:
        preparing.STATEMENTS.clear()
        await question.answer(Ask.of(store))

    spent = await _spent({"bare": bare, "row": row, "answer": answer, "anew": anew})
    beside = spent["bare"]
    name = question.name
    return [
        _result(f"{name}: to the row", spent["row"], beside, AIM),
        _result(f"{name}: to the answer", spent["answer"], beside, ""),
        _result(f"{name}: to the answer, compiled anew", spent["anew"], beside, ""),
    ]


async def _spent(ways: Mapping[str, Way]) -> dict[str, float]:
    """Median seconds of processor time of each way, taken in turn."""
    times: dict[str, list[float]] = {name: [] for name in ways}
    for round_ in range(WARMING + ROUNDS):
        for name, way in ways.items():
            begun = process_time()
            await way()
            if round_ >= WARMING:
                times[name].append(process_time() - begun)
    return {name: median(taken) for name, taken in times.items()}


def _result(measure: str, ours: float, beside: float, aim: str) -> Result:
    mine, bare = (f"{seconds * 1000:.2f} ms" for seconds in (ours, beside))
    return Result(measure, mine, bare, ours / beside, aim)


def _list(name: str, first: int, *fields: Select) -> Select:
    return Select(name, name, {"first": first}, (Select("nodes", "nodes", {}, fields),))


def _nested() -> Select:
    series = _list("series", PERSONAS, *wants("id", "key", "scopeKind", "frequency"))
    kpis = _list("kpis", BLOCK, *wants("id", "name", "purpose"), series)
    return _list("objectives", LEAVES // BLOCK // PERSONAS, *wants("id", "name"), kpis)


def _leaves(answer: Any) -> int:
    return sum(
        len(one["series"]["nodes"]) for top in answer["nodes"] for one in top["kpis"]["nodes"]
    )


def _lineage() -> Select:
    entities = frozenset(kind.label for kind in ONTOLOGY.entities if kind.layer)
    node = Select("node", "node", {}, (*wants("id"), Select("name", "name", on=entities)))
    nodes = Select("nodes", "nodes", {}, (*wants("depth", "layer"), node))
    edges = wants("edges.from", "edges.to", "edges.link", "edges.transformation")
    return Select("", "lineage", {}, (nodes, *edges, *wants("root.id", "completeness.complete")))


def _hops(answer: Any) -> int:
    return max(int(node["depth"]) for node in answer["nodes"])


NESTED_LIST, LINEAGE_OF = _nested(), _lineage()
NESTED = Question(
    "list in 3 levels, 240 leaves",
    lambda ask: plain.page(ask, ONTOLOGY.kinds["objective"], "objectives", None, NESTED_LIST),
    _leaves,
    LEAVES,
)
LINEAGE = Question(
    "lineage of 6 hops",
    lambda ask: LineageQuestion(of=f"kpi:{kpi(0)}").answer(ask, LINEAGE_OF),
    _hops,
    6,
)
