"""The only door to the graph database: read one answer, put changes, prepare, close."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, LiteralString, TypeVar, cast

import neo4j.time
from neo4j import READ_ACCESS, AsyncDriver, AsyncGraphDatabase, AsyncManagedTransaction, Query
from neo4j.exceptions import (
    AuthError,
    ClientError,
    ConfigurationError,
    DriverError,
    Neo4jError,
    ServiceUnavailable,
    TransientError,
)

from graph import migrations
from graph.audit import GENESIS, Actor, entry, leaf
from graph.changes import Change
from graph.errors import BadRequest, Conflict, GoldenthreadError, TimedOut, Unavailable
from graph.ontology import ONTOLOGY, Ontology
from graph.ontology.vocabulary import Link
from graph.times import FAR, INSTANT, OPEN, utc
from graph.writing import Transaction, Written, claim, labels, write
from queries import LEDGER

CHUNK = 5_000
"""Changes in one transaction; more are staged and published together."""
ABANDONED = 60.0
"""Seconds without a sign of life after which an open load is taken back."""
PATIENCE = 30.0
"""Seconds that a writer waits for a load to be published."""

T = TypeVar("T")
Progress = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a write did. `sequence` is the commit that readers now see, as before if nothing changed."""

    sequence: int
    created: int = 0
    changed: int = 0
    ended: int = 0
    unchanged: int = 0


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
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._driver = driver
        self._database = database
        self.ontology = ontology
        self.clock = clock
        self.reads = 0
        """Statements read so far: what a question costs."""

    @classmethod
    @asynccontextmanager
    async def at(cls, address: Address, ontology: Ontology = ONTOLOGY) -> AsyncIterator[Store]:
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
            yield cls(driver, address.database, ontology)

    async def read(
        self, statement: str, parameters: Mapping[str, Any], timeout: float = 10.0
    ) -> dict[str, Any] | None:
        """The single row of a statement as a mapping, or None; repeated once on a passing fault.

        Raises Unavailable, TimedOut.
        """
        self.reads += 1
        with _translated():
            try:
                return await self._read(statement, parameters, timeout)
            except (TransientError, ServiceUnavailable) as fault:
                if isinstance(fault, ServiceUnavailable) and "Couldn't connect" in str(fault):
                    raise
                return await self._read(statement, parameters, timeout)

    async def put(
        self,
        changes: Iterable[Change],
        by: Actor,
        reason: str,
        progress: Progress = lambda done: None,
    ) -> Receipt:
        """Write changes, their two times and their audit entry; seen by readers all at once.

        Up to `CHUNK` changes are one transaction. More are written unseen, then published by one
        node. Raises Refused, NotFound (a link without its end), Conflict, Unavailable.
        """
        if not reason.strip():
            raise BadRequest("a change needs a reason")
        batches = list(_batches(self.ontology, changes))
        async with self._writing():
            if len(batches) <= 1:
                return await self._transact(self._at_once, batches[0] if batches else [], by, reason)
            return await self._staged(batches, by, reason, progress)

    async def migrate(self) -> int:
        """Prepare the database; repeatable. Answers how many constraints and indexes it has of ours."""
        texts = migrations.statements(self.ontology)
        with _translated():
            async with self._driver.session(database=self._database) as session:
                await self._drop_old_search(session)
                for text in texts:
                    await (await session.run(cast(LiteralString, text))).consume()
                await (await session.run("CALL db.awaitIndexes(120)")).consume()
                made = await session.run(
                    cast(LiteralString, LEDGER["make_ledger"]),
                    genesis=GENESIS,
                    version=migrations.VERSION,
                    declared=migrations.declared(self.ontology),
                )
                await made.consume()
        return len(texts)

    async def ready(self, timeout: float = 1.0) -> None:
        """Raise Unavailable with a remedy where the database is away or not prepared."""
        try:
            row = await asyncio.wait_for(self.read(LEDGER["ledger"], {}, timeout), timeout)
        except TimeoutError:
            raise Unavailable("the database does not answer in time") from None
        if row is None or row["answer"].get("declared") != migrations.declared(self.ontology):
            raise Unavailable("the database is not prepared; run: goldenthread migrate")

    async def missing(self, ids: Iterable[str]) -> set[str]:
        """Those of the ids that nothing has."""
        row = await self.read(LEDGER["missing_ends"], {"ids": list(ids)})
        return set(row["answer"]) if row else set()

    async def linked(
        self, link: type[Link], ids: Iterable[str], forward: bool
    ) -> list[tuple[str, str, str]]:
        """Open links of one type at things: link id, source id, target id."""
        turned = link.reversed()
        before, after = ("", ">") if forward != turned else ("<", "")
        text = LEDGER["linked"].replace("{type}", link.type)
        text = text.replace("{before}", before).replace("{after}", after)
        row = await self.read(text, {"ids": list(ids), "open": OPEN, "far": FAR}, timeout=60.0)
        found = row["answer"] if row else []
        return [(id_, end, start) if turned else (id_, start, end) for id_, start, end in found]

    async def _read(
        self, statement: str, parameters: Mapping[str, Any], timeout: float
    ) -> dict[str, Any] | None:
        async with self._driver.session(
            database=self._database, default_access_mode=READ_ACCESS, fetch_size=-1
        ) as session:
            query = Query(cast(LiteralString, statement), timeout=timeout)
            result = await session.run(query, dict(parameters))
            record = await result.single()
            return dict(record) if record else None

    async def _transact(self, work: Callable[..., Awaitable[T]], *given: Any) -> T:
        async def inside(tx: AsyncManagedTransaction) -> T:
            async def run(statement: str, **parameters: Any) -> Any:
                result = await tx.run(cast(LiteralString, statement), parameters)
                record = await result.single()
                return _native(record["answer"]) if record else None

            return await work(run, *given)

        with _translated():
            async with self._driver.session(database=self._database) as session:
                return await session.execute_write(inside)

    async def _at_once(
        self, run: Transaction, batch: Sequence[Change], by: Actor, reason: str
    ) -> Receipt:
        done = await claim(run, self.ontology, batch, by.subject)
        ledger = await self._begin(run, by)
        if not done.revisions:
            await run(LEDGER["close_load"])
            return _receipt(ledger["published"], done)
        plan = _Plan.after(ledger, {r.change.recorded for r in done.revisions}, self.clock())
        await write(run, self.ontology, done.revisions, plan.sequence, plan.now)
        leaves = [leaf(r, plan.sequence[r.change.recorded]) for r in done.revisions]
        await _publish(run, ledger, plan, by, reason, leaves)
        await self._sweep(run, done, plan.last)
        return _receipt(plan.last, done)

    async def _staged(
        self, batches: Sequence[Sequence[Change]], by: Actor, reason: str, progress: Progress
    ) -> Receipt:
        recorded = {change.recorded for batch in batches for change in batch}

        async def reserve(run: Transaction) -> tuple[dict[str, Any], _Plan]:
            ledger = await self._begin(run, by)
            plan = _Plan.after(ledger, recorded, self.clock())
            first, at = plan.first, self.clock()
            await run(LEDGER["open_load"], first=first, last=plan.last, by=by.subject, at=at)
            return ledger, plan

        async def stage(run: Transaction, batch: Sequence[Change], plan: _Plan) -> Written:
            if not await run(LEDGER["beat"], first=plan.first, at=self.clock()):
                raise Conflict("this load was taken for abandoned; load again")
            done = await claim(run, self.ontology, batch, by.subject)
            await write(run, self.ontology, done.revisions, plan.sequence, plan.now)
            return done

        ledger, plan = await self._transact(reserve)
        total, leaves = Written(), list[bytes]()
        try:
            for batch in batches:
                done = await self._transact(stage, batch, plan)
                leaves += [leaf(r, plan.sequence[r.change.recorded]) for r in done.revisions]
                total.revisions += done.revisions
                total.unchanged += done.unchanged
                progress(len(batch))
        except GoldenthreadError:
            await self._undo(plan.first)
            raise
        if not leaves:
            await self._transact(lambda run: run(LEDGER["close_load"]))
            return _receipt(ledger["published"], total)
        await self._transact(_publish, ledger, plan, by, reason, leaves)
        await self._transact(self._sweep, total, plan.last)
        return _receipt(plan.last, total)

    async def _begin(self, run: Transaction, by: Actor) -> dict[str, Any]:
        ledger: dict[str, Any] | None = await run(LEDGER["begin"], by=by.subject)
        if ledger is None or "version" not in ledger:
            raise Unavailable("the database is not prepared; run: goldenthread migrate")
        if ledger.get("openFirst"):
            raise Conflict(f"a load by {ledger['openBy']} is at work; ask again when it is done")
        return ledger

    @asynccontextmanager
    async def _writing(self) -> AsyncIterator[None]:
        """Wait for a load at work to end; take back one that was abandoned."""
        waited = 0.0
        while (ledger := await self._ledger()).get("openFirst"):
            silent = (self.clock() - ledger["openSince"]).total_seconds()
            if silent > ABANDONED:
                await self._undo(ledger["openFirst"])
                break
            if waited > PATIENCE:
                raise Conflict(f"a load by {ledger['openBy']} is at work; ask again when it is done")
            await asyncio.sleep(0.25)
            waited += 0.25
        yield

    async def _ledger(self) -> dict[str, Any]:
        row = await self.read(LEDGER["ledger"], {})
        return cast("dict[str, Any]", _native(row["answer"])) if row else {}

    async def _undo(self, first: int) -> None:
        """Take back everything that an unpublished load wrote."""
        with _translated():
            async with self._driver.session(database=self._database) as session:
                for link in self.ontology.links.values():
                    text = LEDGER["undo_links"].replace("{type}", link.type)
                    await (await session.run(cast(LiteralString, text), first=first, open=OPEN)).consume()
                for kind in self.ontology.kinds.values():
                    text = LEDGER["undo_things"].replace("{kind}", kind.label)
                    await (await session.run(cast(LiteralString, text), first=first, open=OPEN)).consume()
                for name in ("undo_identities", "close_load"):
                    await (await session.run(cast(LiteralString, LEDGER[name]))).consume()

    async def _sweep(self, run: Transaction, done: Written, last: int) -> None:
        ended = {labels(self.ontology, r.change) for r in done.revisions if r.superseded}
        for linked, label in sorted(ended):
            if not linked:
                await run(LEDGER["sweep"].replace("{kind}", label), last=last)

    async def _drop_old_search(self, session: Any) -> None:
        current = migrations.search_name(self.ontology)
        found = await session.run("SHOW FULLTEXT INDEXES YIELD name RETURN collect(name) AS names")
        for name in (await found.single())["names"]:
            if name.startswith("search_") and name != current:
                await (await session.run(f"DROP INDEX {name} IF EXISTS")).consume()


@dataclass(frozen=True, slots=True)
class _Plan:
    """Commit numbers for the record times of one put, in order of time."""

    first: int
    sequence: dict[datetime | None, int]
    instants: tuple[datetime, ...]
    now: datetime

    @classmethod
    def after(cls, ledger: Mapping[str, Any], recorded: set[datetime | None], now: datetime) -> _Plan:
        latest: datetime | None = ledger.get("latest")
        now = max(now, latest + INSTANT) if latest else now
        past = sorted(when for when in recorded if when is not None)
        if past and past[-1] > now:
            raise BadRequest(f"recorded_on {past[-1].date()} lies in the future")
        order: list[datetime | None] = [*past, *([None] if None in recorded else [])]
        first = ledger["last"] + 1
        return cls(
            first,
            {when: first + i for i, when in enumerate(order)},
            tuple(when or now for when in order),
            now,
        )

    @property
    def last(self) -> int:
        return self.first + len(self.instants) - 1


async def _publish(
    run: Transaction,
    ledger: Mapping[str, Any],
    plan: _Plan,
    by: Actor,
    reason: str,
    leaves: Sequence[bytes],
) -> None:
    """Make the commits of a plan seen; a run is a stretch of commits in order of record time."""
    latest, runs = ledger.get("latest"), list(ledger["runs"])
    if latest is None or plan.instants[0] < latest:
        runs.append(plan.first)
    commits = [
        {"sequence": plan.first + i, "at": at, "run": runs[-1]} for i, at in enumerate(plan.instants)
    ]
    told = entry(
        ledger["entries"] + 1, plan.now, by, reason, (plan.first, plan.last), leaves, ledger["head"]
    )
    await run(
        LEDGER["publish"],
        last=plan.last,
        runs=runs,
        latest=plan.instants[-1],
        entry=told,
        commits=commits,
    )


def _receipt(sequence: int, done: Written) -> Receipt:
    actions = [revision.action for revision in done.revisions]
    counts = {name.lower(): actions.count(name) for name in ("CREATED", "CHANGED", "ENDED")}
    return Receipt(sequence, **counts, unchanged=done.unchanged)


def _batches(ontology: Ontology, changes: Iterable[Change]) -> Iterator[list[Change]]:
    """Things before links, older record times first, no id twice in one batch."""

    def order(change: Change) -> tuple[bool, bool, float]:
        when = change.recorded
        return labels(ontology, change)[0], when is None, when.timestamp() if when else 0.0

    batch: list[Change] = []
    seen: set[str] = set()
    for change in sorted(changes, key=order):
        if change.id in seen or len(batch) == CHUNK:
            yield batch
            batch, seen = [], set()
        batch.append(change)
        seen.add(change.id)
    if batch:
        yield batch


class _translated:
    """Turns what the driver raises into our own errors; its words stay in the log."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if error is None or isinstance(error, GoldenthreadError):
            return
        if isinstance(error, AuthError):
            raise Unavailable(
                "the database refuses the sign-in; check NEO4J_USERNAME and NEO4J_PASSWORD"
            ) from error
        if isinstance(error, ClientError) and "Timed" in str(error.code):
            raise TimedOut("the answer took longer than allowed; ask for less") from error
        if isinstance(error, ServiceUnavailable | TransientError | OSError):
            raise Unavailable("the database does not answer; try again in a moment") from error
        if isinstance(error, DriverError) and not isinstance(error, Neo4jError):
            raise Unavailable("the database does not answer; try again in a moment") from error


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
