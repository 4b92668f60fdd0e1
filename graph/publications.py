"""What is written, as it becomes known: one look at the ledger every half second, for all who wait.

Nobody looks while nobody waits.
"""

from __future__ import annotations

import asyncio
import re
from collections import deque
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from itertools import chain

from graph.store import Store
from queries import LEDGER

AT_ONCE = 4
"""Statements that all who watch have in the database at a time."""
EVERY = 0.5
"""Seconds between two looks."""
PATIENCE = 3.0
"""Seconds of one look, and between two while the database does not answer."""
PARTS = 20
"""Parts of the audit, of up to 1,000 leaves each, of which one look reads what they speak of."""
KEPT = 1_000
"""Looks that are remembered for who is late."""
WORD = re.compile(r',"id":"([a-z_]+):')


@dataclass(frozen=True, slots=True)
class News:
    """Entries of the audit that were published, and of which kinds and links they speak."""

    first: int
    last: int
    words: frozenset[str] | None
    """Words of kinds and links; None where there were too many leaves to look."""

    def may_speak_of(self, words: frozenset[str] | None) -> bool:
        """Whether something of these kinds and links, or of any, may be among it."""
        return words is None or self.words is None or not words.isdisjoint(self.words)


class Publications:
    """The audit's newest entry, looked at for everybody at once."""

    def __init__(self, store: Store, every: float = EVERY) -> None:
        self._store = store
        self._every = every
        self._newest: int | None = None
        self._looks: deque[News] = deque(maxlen=KEPT)
        self._waiting = 0
        self._task: asyncio.Task[None] | None = None
        self._moved = asyncio.Condition()
        self._alone = asyncio.Event()
        self.turns = asyncio.Semaphore(AT_ONCE)
        """Statements of all who watch take turns, so that questions have the rest."""
        self.looks = 0
        """How often the ledger was looked at."""

    @asynccontextmanager
    async def heard(self) -> AsyncIterator[int]:
        """The newest entry; as long as the block runs, `after` tells what follows."""
        self._waiting += 1
        self._alone.clear()
        if self._task is None:
            self._task = asyncio.create_task(self._look_on())
        try:
            async with self._moved:
                await self._moved.wait_for(lambda: self._newest is not None)
            yield self._newest or 0
        finally:
            self._waiting -= 1
            if not self._waiting:
                self._alone.set()

    async def close(self) -> None:
        """Look no more; a look that has begun is ended first."""
        self._alone.set()
        if self._task is not None:
            await self._task

    async def after(self, entry: int) -> News:
        """What follows on an entry, as soon as there is something."""
        async with self._moved:
            await self._moved.wait_for(lambda: (self._newest or 0) > entry)
        looks = [one for one in self._looks if one.last > entry]
        told = [one.words for one in looks if one.words is not None]
        whole = bool(looks) and looks[0].first <= entry + 1 and len(told) == len(looks)
        words = frozenset(chain.from_iterable(told)) if whole else None
        return News(entry + 1, self._newest or 0, words)

    async def _look_on(self) -> None:
        while not self._alone.is_set():
            try:
                await self._look()
                pause = self._every
            except Exception:
                pause = PATIENCE  # whatever it was, those who wait are told later, not never
            with suppress(TimeoutError):
                await asyncio.wait_for(self._alone.wait(), pause)
        self._task = self._newest = None
        self._looks.clear()

    async def _look(self) -> None:
        self.looks += 1
        async with asyncio.timeout(PATIENCE):
            ledger = await self._store.answer(LEDGER["ledger"])
            newest, before = int(ledger["entries"]) if ledger else 0, self._newest
            if before is not None and newest > before:
                self._looks.append(await self._news(before + 1, newest))
        if before is None or newest > before:
            self._newest = newest
            async with self._moved:
                self._moved.notify_all()

    async def _news(self, first: int, last: int) -> News:
        given = {"entry": first, "last": last, "place": 0, "count": PARTS + 1}
        parts = await self._store.answer(LEDGER["audit_leaves"], **given) or []
        if len(parts) > PARTS:
            return News(first, last, None)
        return News(first, last, words(leaf for part in parts for leaf in part[2]))


def words(leaves: Iterable[str]) -> frozenset[str]:
    """Of which kinds and links leaves speak."""
    return frozenset(found[1] for leaf in leaves if (found := WORD.search(leaf)))
