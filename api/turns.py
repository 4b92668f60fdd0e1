"""Who may work and who waits: so many at once, a bounded line, and a share for each caller."""

from __future__ import annotations

from asyncio import Future, get_running_loop
from collections import Counter, deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from api.limits import Limits
from graph.errors import Unavailable


class Busy(Unavailable):
    """The line is full, or the caller's part of it."""


class Turns:
    """Turns of one process. Whoever waits is taken in order, but passed over while others of
    the same caller hold its share."""

    def __init__(self, limits: Limits) -> None:
        self._at_work = limits.at_work
        self._waiting = limits.waiting
        self._of_work = max(1, int(limits.at_work * limits.share))
        self._of_line = max(1, int(limits.waiting * limits.share))
        self._working: Counter[str] = Counter()
        self._line: deque[tuple[str, Future[None]]] = deque()
        self._queued: Counter[str] = Counter()

    @property
    def working(self) -> int:
        """Requests that are worked on."""
        return self._working.total()

    @property
    def waiting(self) -> int:
        """Requests in line."""
        return len(self._line)

    @asynccontextmanager
    async def turn(self, caller: str) -> AsyncIterator[None]:
        """A turn for as long as the block runs. Raises Busy at once where there is no room."""
        await self._taken(caller)
        try:
            yield
        finally:
            self._working[caller] -= 1
            self._working += Counter()
            self._pass_on()

    async def _taken(self, caller: str) -> None:
        if self._free(caller):
            self._working[caller] += 1
            return
        if len(self._line) >= self._waiting:
            raise Busy("too many are asking at the moment; ask again in a second")
        if self._queued[caller] >= self._of_line:
            raise Busy("too many of your requests wait already; ask again in a second")
        await self._waited(caller)

    async def _waited(self, caller: str) -> None:
        mine = caller, get_running_loop().create_future()
        self._line.append(mine)
        self._queued[caller] += 1
        try:
            await mine[1]
        except BaseException:
            if mine in self._line:
                self._leave(mine)
            else:
                self._working[caller] -= 1
                self._pass_on()
            raise

    def _free(self, caller: str) -> bool:
        return self.working < self._at_work and self._working[caller] < self._of_work

    def _leave(self, one: tuple[str, Future[None]]) -> None:
        self._line.remove(one)
        self._queued[one[0]] -= 1
        self._queued += Counter()

    def _pass_on(self) -> None:
        """Let the first in line work whose caller has not its share."""
        for one in list(self._line):
            if self._free(one[0]) and not one[1].done():
                self._leave(one)
                self._working[one[0]] += 1
                one[1].set_result(None)
                return
