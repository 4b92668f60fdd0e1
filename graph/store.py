"""The only door to the graph database: read one answer, put changes, prepare, close."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from random import random
from time import monotonic
from typing import Any, TypeVar

from graph import migrations
from graph.audit import GENESIS, Actor
from graph.breaker import Breaker
from graph.changes import Change
from graph.copies import refresh
from graph.door import Progress
from graph.erasing import Erasure
from graph.errors import (
    BadRequest,
    GoldenthreadError,
    SignInRefused,
    TimedOut,
    TooComplex,
    Unavailable,
)
from graph.hiding import Hiding
from graph.ledger import Cause, Transaction
from graph.looks import Looks
from graph.ontology import ONTOLOGY, Ontology
from graph.prepared import Listed, Prepared
from graph.putting import Pace as Pace
from graph.putting import Put
from graph.terms import NO_TERMS, Terms
from graph.terms import Receipt as Receipt
from graph.times import utc
from graph.unseen import unseen
from graph.weighing import Weight, weigh
from queries import LEDGER

with unseen("numpy", "pandas", "pyarrow"):
    import neo4j.time
    from neo4j import (
        READ_ACCESS,
        AsyncDriver,
        AsyncGraphDatabase,
        AsyncSession,
        AsyncTransaction,
        Query,
    )
    from neo4j.exceptions import (
        AuthError,
        ClientError,
        ConfigurationError,
        DriverError,
        Neo4jError,
        ServiceUnavailable,
        SessionExpired,
        TransientError,
    )

T = TypeVar("T")
CALM = Pace()
GONE = (ServiceUnavailable, SessionExpired, OSError)
"""Faults that say that the database is away."""
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


@dataclass(frozen=True, slots=True)
class Address:
    """Where the database is and how to sign in."""

    uri: str
    username: str
    password: str
    database: str = "neo4j"


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
        self._looks = Looks(self._prepared, self.breaker)
        self._bookmarks = AsyncGraphDatabase.bookmark_manager()
        self.hiding = Hiding(self.answer, ontology)
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
        try:
            driver = AsyncGraphDatabase.driver(
                address.uri,
                auth=(address.username, address.password),
                connection_timeout=3.0,
                connection_acquisition_timeout=5.0,
                max_transaction_retry_time=10.0,
                notifications_min_severity="OFF",
                user_agent="goldenthread",
            )
        except (ConfigurationError, DriverError, ValueError) as error:
            raise BadRequest(
                f"NEO4J_URI {address.uri!r} is no database address; write neo4j://localhost or"
                " bolt://localhost:7687"
            ) from error
        async with driver:
            store = cls(driver, address.database, ontology, clock, pace)
            try:
                yield store
            finally:
                store._looks.end()

    async def read(
        self, statement: str, parameters: Mapping[str, Any], timeout: float = 10.0
    ) -> dict[str, Any] | None:
        """The single row of a statement as a mapping, or None; repeated once on a passing fault.

        Raises Unavailable (Away at once, while the database is known to be), TimedOut, TooComplex.
        """
        self.reads += 1
        try:
            with _translated(), self.breaker.passing(GONE):
                return await self._again(statement, parameters, timeout)
        except asyncio.CancelledError:
            self._looks.doubt()
            raise

    async def _again(
        self, statement: str, parameters: Mapping[str, Any], timeout: float
    ) -> dict[str, Any] | None:
        try:
            return await self._read(statement, parameters, timeout)
        except (TransientError, ServiceUnavailable) as fault:
            refused = isinstance(fault, ServiceUnavailable) and "Couldn't connect" in str(fault)
            if refused or not fault.is_retryable() or _overflow(fault):
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
        await self.transact(self._make_ledger)
        return len(migrations.statements(self.ontology))

    async def ready(self, timeout: float = 1.0) -> None:
        """Raise Unavailable with a remedy where the database is away or not prepared.

        What it finds opens or closes the breaker for everybody.
        """
        await self._looks.ready(timeout)

    async def _prepared(self, timeout: float) -> bool:
        with _translated():
            row = await self._read(LEDGER["ledger"], {}, timeout)
        declared = migrations.declared(self.ontology)
        return row is not None and row["answer"].get("declared") == declared

    async def transact(self, work: Callable[..., Awaitable[T]], *given: Any) -> T:
        """Do work in one write transaction, again where the fault passes."""

        async def inside(tx: AsyncTransaction) -> T:
            async def run(statement: str, **parameters: Any) -> Any:
                result = await tx.run(statement, parameters)
                record = await result.single()
                return _native(record["answer"]) if record else None

            return await work(run, *given)

        try:
            with _translated(), self.breaker.passing(GONE):
                return await self._repeated(inside)
        except asyncio.CancelledError:
            self._looks.doubt()
            raise

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
                passes = fault.is_retryable() and not _overflow(fault)
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
        with _translated():
            row = await self._read(statement, parameters, timeout=60.0)
        return _native(row["answer"]) if row else None

    async def alone(self, statement: str, **parameters: Any) -> None:
        """Run a statement that makes its own transactions, for as long as it takes."""
        with _translated():
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
        async with self._session(default_access_mode=READ_ACCESS, fetch_size=-1) as session:
            query = Query(statement, timeout=timeout)
            result = await session.run(query, dict(parameters))
            record = await result.single()
            return dict(record) if record else None

    async def _make_ledger(self, run: Transaction) -> None:
        declared = migrations.declared(self.ontology)
        await run(
            LEDGER["make_ledger"],
            genesis=GENESIS,
            version=migrations.VERSION,
            declared=declared,
        )


class _translated:
    """Turns what the driver raises into our own errors; its words stay in the log."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if error is None or isinstance(error, GoldenthreadError):
            return
        if isinstance(error, AuthError):
            raise SignInRefused(
                "the database refuses the sign-in; check NEO4J_USERNAME and NEO4J_PASSWORD"
            ) from error
        if isinstance(error, ClientError) and ".Security." in str(error.code):
            raise SignInRefused.by(str(error.code)) from error
        if isinstance(error, ClientError) and "DatabaseNotFound" in str(error.code):
            raise Unavailable("there is no database of that name; check NEO4J_DATABASE") from error
        if isinstance(error, ClientError) and "Timed" in str(error.code):
            raise TimedOut("the answer took longer than allowed; ask for less") from error
        if _overflow(error):
            told = "the answer needs more memory than the database gives; ask for smaller pages"
            raise TooComplex(told) from error
        if isinstance(error, ServiceUnavailable | TransientError | OSError):
            raise Unavailable("the database does not answer; try again in a moment") from error
        if isinstance(error, DriverError) and not isinstance(error, Neo4jError):
            raise Unavailable("the database does not answer; try again in a moment") from error


def _overflow(error: BaseException) -> bool:
    """Whether a statement asked for more memory than the database gives to one."""
    code = str(getattr(error, "code", ""))
    return code.endswith(("MemoryPoolOutOfMemoryError", "TransactionOutOfMemoryError"))


def _native(value: Any) -> Any:
    """The driver's times as Python's, in UTC."""
    if isinstance(value, neo4j.time.DateTime):
        return utc(value.to_native())
    if isinstance(value, neo4j.time.Date):
        return date(value.year, value.month, value.day)
    if isinstance(value, list):
        return [_native(one) for one in value]
    if isinstance(value, dict):
        return {name: _native(one) for name, one in value.items()}
    return value
