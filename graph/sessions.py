"""Sessions that read: used again, and where reads follow one another, in one transaction."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any

from graph.unseen import unseen

with unseen("numpy", "pandas", "pyarrow"):
    from neo4j import AsyncSession, AsyncTransaction
    from neo4j.exceptions import DriverError, Neo4jError

Make = Callable[[], AsyncSession]

MOST, LASTING = 20, 0.05
"""Reads and seconds of a transaction of a watch. The driver holds what was read until it ends."""
TIMEOUT = 10.0
"""Seconds after which the database ends one that we could not."""


class Readers:
    """Sessions that read, one question after another: making one takes a tenth of a read."""

    def __init__(self, make: Make) -> None:
        self._make = make
        self._idle: list[AsyncSession] = []
        self._closed = False

    @asynccontextmanager
    async def one(self) -> AsyncIterator[AsyncSession]:
        """One that nobody uses; it is not used again where the block raises."""
        session = self._idle.pop() if self._idle else self._make()
        try:
            yield session
        except BaseException as fault:
            await _left(session, fault)
            raise
        if self._closed:
            await session.close()
        else:
            self._idle.append(session)

    async def close(self) -> None:
        """Close those that nobody uses; from now on none is used again."""
        self._closed = True
        while self._idle:
            await self._idle.pop().close()


@dataclass(slots=True)
class Open:
    """A transaction, and how many reads it is still good for."""

    session: AsyncSession
    transaction: AsyncTransaction
    left: int = MOST


class Watch:
    """Reads by one transaction after another: to begin and end one takes a fifth of a small read.

    Neo4j shows to each statement of a transaction what is committed when the statement begins.
    What this process wrote itself, a cluster shows to transactions that begin after it.
    """

    def __init__(self, make: Make) -> None:
        self._make = make
        self._newest: Open | None = None
        self._free: Open | None = None
        """The newest, while nobody reads by it."""
        self._timer: asyncio.TimerHandle | None = None
        self._ending: set[asyncio.Task[None]] = set()
        self._asked = 0.0

    def soon(self) -> bool:
        """Whether the last call was a moment ago; where not, a transaction is not worth it."""
        before, self._asked = self._asked, asyncio.get_running_loop().time()
        return self._asked - before < LASTING

    async def read(self, statement: str, parameters: Mapping[str, Any]) -> dict[str, Any] | None:
        """The single row as a mapping, or None. Raises what the driver raises."""
        by, self._free = self._free, None
        if by is None:
            by = await self._begun()
        try:
            record = await (await by.transaction.run(statement, dict(parameters))).single()
        except BaseException as fault:
            await _left(by.session, fault)
            raise
        by.left -= 1
        if by is self._newest and by.left:
            self._free = by
        else:
            self._end(by)
        return dict(record) if record else None

    def renew(self) -> None:
        """Read by another transaction from now on."""
        self._newest = None
        if self._timer:
            self._timer.cancel()
        if self._free:
            self._end(self._free)
            self._free = None

    async def close(self) -> None:
        """End all that nobody reads by."""
        self.renew()
        if self._ending:
            await asyncio.wait(self._ending)

    async def _begun(self) -> Open:
        self.renew()
        session = self._make()
        try:
            transaction = await session.begin_transaction(timeout=TIMEOUT)
        except BaseException as fault:
            await _left(session, fault)
            raise
        self._newest = begun = Open(session, transaction)
        self._timer = asyncio.get_running_loop().call_later(LASTING, self.renew)
        return begun

    def _end(self, one: Open) -> None:
        task = asyncio.create_task(_closed(one.session))
        self._ending.add(task)
        task.add_done_callback(self._ending.discard)


async def _left(session: AsyncSession, fault: BaseException) -> None:
    """It is not used again; what was cancelled is not waited for."""
    if isinstance(fault, asyncio.CancelledError):
        session.cancel()
    await session.close()


async def _closed(session: AsyncSession) -> None:
    """What was read needs no commit."""
    with suppress(DriverError, Neo4jError, OSError):
        await session.close()
