"""The transactions of one load, two at a time: while one commits, the next runs its statements.

They commit in order, as each notes on the ledger how far the load has come.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field

from graph.door import Door, Progress
from graph.ledger import Transaction, beat
from graph.writing import Statement, run_all

LOOK = 0.05
"""Seconds between two looks at whether the transaction before begins again."""


@dataclass(frozen=True, slots=True)
class Portion:
    """What one transaction writes, and what is done once it has."""

    size: int
    statements: Sequence[Statement]
    things: bool
    """Whether it may make things."""
    links: bool
    """Whether it may make links, whose ends must be there."""
    done: int
    outcome: str

    def waits_for(self, before: Portion) -> bool:
        """Whether it needs what the portion before makes."""
        return self.links and before.things


class Overtaken(Exception):
    """The transaction before begins again, and may need what this one has locked."""


@dataclass(slots=True, eq=False)
class Turn:
    """One portion on its way into the database, after the one before."""

    door: Door
    token: str
    progress: Progress
    portion: Portion
    before: Turn | None
    ran: asyncio.Event = field(default_factory=asyncio.Event)
    """Set while nothing is left to do but to commit, and when all is over."""
    task: asyncio.Task[None] = field(init=False)

    async def begin(self) -> None:
        """Begin to write, as soon as the one before allows it. Raises what stopped that one."""
        if self.before:
            if self.portion.waits_for(self.before.portion):
                await self.before.over()
            await self.before.ran.wait()
        self.task = asyncio.create_task(self._write())
        self.task.add_done_callback(lambda _: self.ran.set())

    async def over(self) -> None:
        """Wait until it is written. Raises what stopped it."""
        await asyncio.wait([self.task])
        self.task.result()

    async def stop(self) -> None:
        """Write no more, and leave nothing under way."""
        for turn in (self, self.before):
            if turn:
                turn.task.cancel()
                await asyncio.wait([turn.task])

    async def _write(self) -> None:
        while not await self._wrote():
            continue
        self.before = None
        self.progress(self.portion.size)

    async def _wrote(self) -> bool:
        """Write it; answers whether it did not have to make way."""
        try:
            await self.door.transact(self._written)
        except Overtaken:
            return False
        return True

    async def _written(self, run: Transaction) -> None:
        self.ran.clear()
        if self.before:
            await self.before.ran.wait()
        await run_all(run, self.portion.statements)
        if self.before:
            await self.before.committed()
        noted = {"openDone": self.portion.done, "openOutcome": self.portion.outcome}
        await beat(run, self.token, **noted)
        self.ran.set()

    async def committed(self) -> None:
        """Wait for its commit. Raises Overtaken where it begins again, and what stopped it."""
        while not self.task.done():
            if not self.ran.is_set():
                raise Overtaken
            await asyncio.wait([self.task], timeout=LOOK)
        self.task.result()
