"""Whether the database answers: one look at a time, for all who want to know."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress

from graph.breaker import Breaker
from graph.errors import GoldenthreadError, Unavailable

LOOK = 4.0
"""Seconds that a look may take: a database that has just started is slow at first."""
SILENT = "the database does not answer in time"

UNPREPARED = "the database is not prepared; run: goldenthread migrate"

Ask = Callable[[float], Awaitable[bool]]
"""Asks the database, within so many seconds, whether it is prepared. Raises GoldenthreadError."""


class Looks:
    """Looks at a database. What they find opens or closes the breaker for everybody.

    A look goes on where nobody waits for its end any more: whoever asked a database that wakes up
    anew each second, and gave up each time, would only keep it from its first answer.
    """

    def __init__(self, ask: Ask, breaker: Breaker) -> None:
        self._ask = ask
        self._breaker = breaker
        self._look: asyncio.Task[None] | None = None
        self._doubt: asyncio.Task[None] | None = None

    async def ready(self, seconds: float) -> None:
        """Raise Unavailable where it is away or not prepared, or silent for so many seconds."""
        if self._look is None or self._look.done():
            self._look = asyncio.create_task(self._looked())
            self._look.add_done_callback(_seen)
        done, _ = await asyncio.wait({self._look}, timeout=seconds)
        if not done:
            self._breaker.trip()
            raise Unavailable(SILENT)
        self._look.result()

    def doubt(self) -> None:
        """Someone went without an answer: see whether there is a database, unless someone does."""
        if self._doubt is None or self._doubt.done():
            self._doubt = asyncio.create_task(self._doubted())

    def end(self) -> None:
        """Look no more."""
        for task in (self._look, self._doubt):
            if task:
                task.cancel()

    async def _doubted(self) -> None:
        with suppress(GoldenthreadError):
            await self.ready(1.0)

    async def _looked(self) -> None:
        try:
            found = await asyncio.wait_for(self._ask(LOOK), LOOK)
        except TimeoutError:
            self._breaker.trip()
            raise Unavailable(SILENT) from None
        except Unavailable:
            self._breaker.failed()
            raise
        self._breaker.succeeded()
        if not found:
            raise Unavailable(UNPREPARED)


def _seen(look: asyncio.Task[None]) -> None:
    """What a look found is no surprise where nobody waited for it."""
    if not look.cancelled():
        look.exception()
