"""Where the ledger stands: one look at a time, for all who ask at the moment."""

from __future__ import annotations

import asyncio
from asyncio import Future
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from graph.boundaries import micros
from graph.errors import Unavailable
from graph.looks import SILENT
from queries import LEDGER

SETTLED = timedelta(seconds=1)
"""How long ago a head was seen first, of which all is seen: the database shows the parts of one
transaction one after another, within a moment."""
LOOK = 1.0
"""Seconds that a look may take; who waits for it asks the question itself then."""
SOON = 1.0
"""Seconds between two looks for which nobody waits."""

Read = Callable[[str, Mapping[str, Any]], Awaitable[Mapping[str, Any] | None]]
Clock = Callable[[], datetime]


@dataclass(frozen=True, slots=True)
class Head:
    """The newest entry of the ledger, and what follows from it for what is in force."""

    hash: str
    """Another past has another one, even of as many commits."""
    published: int
    until: int
    """In microseconds since 1970: nothing begins or ends to be in force before."""
    since: datetime
    """When it was seen first."""

    def settled(self, now: datetime) -> bool:
        """Whether a read that begins now finds all of it, and what is in force is known."""
        return self.since + SETTLED <= now and micros(now) < self.until


class Heads:
    """Looks at the ledger. A look tells those who came before it began, and nobody else."""

    def __init__(self, read: Read, clock: Clock, doubt: Callable[[], None]) -> None:
        """`doubt` is told of each who gave up waiting: the database may be away."""
        self._read = read
        self._clock = clock
        self._doubt = doubt
        self._waiting: list[Future[Head]] = []
        self._looking = False
        self._ahead: asyncio.Task[None] | None = None
        """Looks for those who wait, or for nobody yet."""
        self._looked = 0.0
        self.seen: Head | None = None
        """What was found last."""

    async def look(self) -> Head:
        """Where it stands, read after this was asked. Raises GoldenthreadError."""
        try:
            if self._looking:
                waiter: Future[Head] = asyncio.get_running_loop().create_future()
                self._waiting.append(waiter)
                return await waiter
            self._looking = True
            try:
                return await self._found()
            finally:
                self._looking = False
                if self._waiting:
                    self._look_ahead()
        except asyncio.CancelledError:
            self._doubt()
            raise

    def soon(self) -> None:
        """Look for whoever asks later, unless somebody looks or has just looked."""
        if not self._looking and self._looked + SOON <= asyncio.get_running_loop().time():
            self._look_ahead()

    async def end(self) -> None:
        """Look no more."""
        if self._ahead:
            self._ahead.cancel()
            await asyncio.wait({self._ahead})

    def _look_ahead(self) -> None:
        self._looking = True
        self._ahead = asyncio.create_task(self._look())

    async def _look(self) -> None:
        try:
            while True:
                waiting, self._waiting = self._waiting, []
                await self._tell(waiting)
                if not self._waiting:
                    break
        finally:
            self._looking = False

    async def _tell(self, waiting: list[Future[Head]]) -> None:
        try:
            found = await self._found()
        except Exception as error:
            for one in waiting:
                if not one.done():
                    one.set_exception(error)
        except asyncio.CancelledError:
            for one in (*waiting, *self._waiting):
                one.cancel()
            raise
        else:
            for one in waiting:
                if not one.done():
                    one.set_result(found)

    async def _found(self) -> Head:
        self._looked = asyncio.get_running_loop().time()
        now = self._clock()
        try:
            async with asyncio.timeout(LOOK):
                row = await self._read(LEDGER["head"], {"now": micros(now)})
        except TimeoutError:
            raise Unavailable(SILENT) from None
        told = (row or {}).get("answer") or {"head": "", "published": 0, "until": 0}
        old = self.seen
        since = old.since if old and old.hash == told["head"] else now
        self.seen = Head(told["head"], told["published"], told["until"], since)
        return self.seen
