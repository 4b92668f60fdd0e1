"""The only door to the graph database: read one answer, put changes, prepare, close."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from functools import partial
from random import random
from time import monotonic
from typing import Any, TypeVar

from graph import migrations
from graph.audit import Actor
from graph.breaker import Breaker
from graph.changes import Change
from graph.copies import refresh
from graph.door import Progress
from graph.driver import GONE, connected, native, overflow, translated
from graph.driver import Address as Address
from graph.erasing import Erasure
from graph.errors import BadRequest, TimedOut, TooComplex
from graph.heads import Heads
from graph.hiding import Hiding
from graph.ledger import Cause
from graph.looks import Looks
from graph.ontology import ONTOLOGY, Ontology
from graph.prepared import Listed, Prepared
from graph.putting import Pace as Pace
from graph.putting import Put
from graph.sessions import Readers, Watch
from graph.terms import NO_TERMS, Terms
from graph.terms import Receipt as Receipt
from graph.unseen import unseen
from graph.weighing import Weight, weigh
from queries import LEDGER

with unseen("numpy", "pandas", "pyarrow"):
    from neo4j import (
        READ_ACCESS,
        AsyncDriver,
        AsyncGraphDatabase,
        AsyncSession,
        AsyncTransaction,
        Query,
    )
    from neo4j.exceptions import (
        DriverError,
        Neo4jError,
        ServiceUnavailable,
        TransientError,
    )

T = TypeVar("T")
CALM = Pace()
PATIENCE = 10.0
"""Seconds in which a write is begun again."""
HELD = 120.0
"""Seconds that one write transaction may hold its locks; whoever froze in it loses them then."""
TURNS = 4
"""Small writes at a time: all lock the ledger at their end, and waiting there costs processor."""
Clock = Callable[[], datetime]


def utc_now() -> datetime:
    """The clock of this machine."""
    return datetime.now(UTC)


class Store:
    """The only door to the graph database."""

    def __init__(
        self,
        driver: AsyncDriver,
        database: str,
        ontology: Ontology = ONTOLOGY,
        clock: Clock = utc_now,
        pace: Pace = CALM,
    ) -> None:
        self._driver = driver
        self.database = database
        self.ontology = ontology
        self.clock = clock
        self.pace = pace
        self.breaker = Breaker()
        self.turns = asyncio.Semaphore(TURNS)
        reading = partial(self._session, default_access_mode=READ_ACCESS, fetch_size=-1)
        self._readers, self._watch = Readers(reading), Watch(reading)
        self._looks = Looks(self._prepared, self.breaker)
        self._bookmarks = AsyncGraphDatabase.bookmark_manager()
        self.hiding = Hiding(self.answer, ontology)
        self.heads = Heads(self._look, clock, self._looks.doubt)
        self.reads = 0
        """Statements read so far: what a question costs."""

    @classmethod
    @asynccontextmanager
    async def at(
        cls,
        address: Address,
        ontology: Ontology = ONTOLOGY,
        clock: Clock = utc_now,
        pace: Pace = CALM,
    ) -> AsyncIterator[Store]:
        """A store for as long as the block runs. Nothing is contacted before the first question."""
        async with connected(address) as driver:
            store = cls(driver, address.database, ontology, clock, pace)
            try:
                yield store
            finally:
                await store.heads.end()  # who waits for it gives up, and has `_looks` look
                store._looks.end()
                await store._watch.close()
                await store._readers.close()

    async def read(
        self, statement: str, parameters: Mapping[str, Any], timeout: float = 10.0
    ) -> dict[str, Any] | None:
        """The single row of a statement as a mapping, or None; repeated once on a passing fault.

        Raises Unavailable (Away at once, while the database is known to be), TimedOut, TooComplex.
        """
        self.reads += 1
        try:
            with translated(), self.breaker.passing(GONE):
                return await self._again(statement, parameters, timeout)
        except asyncio.CancelledError:
            self._looks.doubt()
            raise

    async def _look(
        self, statement: str, parameters: Mapping[str, Any]
    ) -> Mapping[str, Any] | None:
        """As `read`, by the watch where it pays."""
        if not self._watch.soon():
            return await self.read(statement, parameters)
        self.reads += 1
        with translated(), self.breaker.passing(GONE):
            return await self._watch.read(statement, parameters)

    async def _again(
        self, statement: str, parameters: Mapping[str, Any], timeout: float
    ) -> dict[str, Any] | None:
        try:
            return await self._read(statement, parameters, timeout)
        except (TransientError, ServiceUnavailable) as fault:
            refused = isinstance(fault, ServiceUnavailable) and "Couldn't connect" in str(fault)
            if refused or not fault.is_retryable() or overflow(fault):
                raise
            return await self._read(statement, parameters, timeout)

    async def put(
        self,
        changes: Iterable[Change] | Prepared,
        by: Actor,
        reason: str,
        progress: Progress = lambda done: None,
        batch: str = "",
        terms: Terms = NO_TERMS,
    ) -> Receipt:
        """Write changes, their two times and their audit entry: all of them or none.

        What is stored already is not written again; nothing is, not even an audit entry, where
        nothing changes. Up to `pace.small` changes are one transaction. More are written unseen,
        then published by one node. A `batch` names prepared changes: where a put of the same name
        was killed, this one goes on with it. Raises Refused, NotFound (a link without its end),
        Conflict (Stale, Moved, KeyTaken where the terms are not met), Unavailable.
        """
        if not reason.strip():
            raise BadRequest("a change needs a reason")
        if not isinstance(changes, Prepared):
            changes = Listed.of(self.ontology, changes)
        cause = Cause(by, reason, batch, len(changes), terms)
        return await Put(self, self.ontology, self.clock, self.pace, cause, progress).run(changes)

    async def weigh(self, changes: Iterable[Change]) -> Mapping[str, Weight]:
        """What a put of changes would do, by the word of their kind or link. Raises Refused.

        Nothing is locked and nothing written. The changes of one id stand together, older record
        times first.
        """
        ledger = await self.answer(LEDGER["ledger"])
        return await weigh(self.answer, self.ontology, changes, ledger["published"])

    async def published(self, batch: str) -> tuple[datetime, Receipt] | None:
        """When a batch was published, and what it would do now; None unless it was the last.

        Copies that the one who published it left stale are put right.
        """
        ledger = await self.answer(LEDGER["ledger"])
        if not ledger or ledger.get("batch") != batch or ledger.get("openToken"):
            return None
        await refresh(self, self.ontology)
        return ledger["batchAt"], Receipt(ledger["published"], unchanged=ledger["batchSize"])

    async def erase(self, person: str, by: Actor, reason: str, terms: Terms = NO_TERMS) -> Receipt:
        """Erase everything that ever spoke of a person; tombstones and the audit stay whole.

        Raises NotFound, Conflict, Unavailable.
        """
        if not reason.strip():
            raise BadRequest("a change needs a reason")
        erasure = Erasure(self.ontology, self.clock, Cause(by, reason, terms=terms), person)
        return await self.transact(erasure)

    async def migrate(self) -> int:
        """Prepare the database; repeatable. Answers how many constraints and indexes are ours.

        Raises Unavailable where a newer Goldenthread did.
        """
        migrations.check(await self.answer(LEDGER["ledger"]))
        there = await self.answer(migrations.THERE)
        await self.transact(migrations.migrate, self.ontology, there)
        await self.alone(migrations.AWAIT)
        await self.transact(migrations.make_ledger, self.ontology)
        with suppress(TimedOut, TooComplex):
            if found := await migrations.unbound(self.answer, self.clock()):
                await self.transact(migrations.bound, *found)
        return len(migrations.statements(self.ontology))

    async def ready(self, timeout: float = 1.0) -> None:
        """Raise Unavailable with a remedy where the database is away or not prepared.

        What it finds opens or closes the breaker for everybody.
        """
        await self._looks.ready(timeout)

    async def _prepared(self, timeout: float) -> bool:
        with translated():
            row = await self._read(LEDGER["ledger"], {}, timeout)
        declared = migrations.declared(self.ontology)
        return row is not None and row["answer"].get("declared") == declared

    async def transact(self, work: Callable[..., Awaitable[T]], *given: Any) -> T:
        """Do work in one write transaction, again where the fault passes."""

        async def inside(tx: AsyncTransaction) -> T:
            async def run(statement: str, **parameters: Any) -> Any:
                result = await tx.run(statement, parameters)
                record = await result.single()
                return native(record["answer"]) if record else None

            return await work(run, *given)

        try:
            with translated(), self.breaker.passing(GONE):
                done = await self._repeated(inside)
        except asyncio.CancelledError:
            self._looks.doubt()
            raise
        self._watch.renew()
        return done

    async def _repeated(self, inside: Callable[[AsyncTransaction], Awaitable[T]]) -> T:
        """Do it again while others hold the locks or the leader changes, with longer pauses.

        Not where it asked for too much memory: it would again.
        """
        until, pause = monotonic() + PATIENCE, 0.05
        while True:
            try:
                return await self._once(inside)
            except (DriverError, Neo4jError) as fault:
                pause *= 1 + random()
                passes = fault.is_retryable() and not overflow(fault)
                if not passes or monotonic() + pause > until:
                    raise
            await asyncio.sleep(pause)

    async def _once(self, inside: Callable[[AsyncTransaction], Awaitable[T]]) -> T:
        async with (
            self._session() as session,
            await session.begin_transaction(timeout=HELD) as tx,
        ):
            return await inside(tx)

    async def answer(self, statement: str, **parameters: Any) -> Any:
        """The single `answer` of a statement that only reads, with Python's times."""
        with translated():
            row = await self._read(statement, parameters, timeout=60.0)
        return native(row["answer"]) if row else None

    async def alone(self, statement: str, **parameters: Any) -> None:
        """Run a statement that makes its own transactions, for as long as it takes."""
        with translated():
            async with self._session() as session:
                query = Query(statement, timeout=0)
                await (await session.run(query, parameters)).consume()

    def _session(self, **options: Any) -> AsyncSession:
        """A session that sees what this store read or wrote before, on any server of a cluster.

        What another store wrote, a cluster shows as soon as its readers have it: on a single
        server at once. Writers are always sent to the leader.
        """
        return self._driver.session(
            database=self.database, bookmark_manager=self._bookmarks, **options
        )

    async def _read(
        self, statement: str, parameters: Mapping[str, Any], timeout: float
    ) -> dict[str, Any] | None:
        async with self._readers.one() as session:
            query = Query(statement, timeout=timeout)
            result = await session.run(query, dict(parameters))
            record = await result.single()
            return dict(record) if record else None
