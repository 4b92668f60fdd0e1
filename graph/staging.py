"""A write of many transactions: the next portion is made ready while the database writes the last.

Nothing of it is seen before it is published. Each transaction also notes on the ledger what was
done up to it, so that another process can go on from there.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from itertools import islice
from typing import TypeVar

from graph.changes import Change
from graph.claiming import Written, peek
from graph.door import Door, Progress
from graph.errors import GoldenthreadError
from graph.ledger import Load, beat
from graph.ontology import Ontology
from graph.outcomes import Outcome
from graph.prepared import Prepared, portions
from graph.times import OPEN
from graph.turns import Portion, Turn
from graph.veil import NO_VEIL, Veil
from graph.veils import hidden, veil
from graph.writing import Statement, statements
from queries import LEDGER

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Staging:
    """The transactions of one load."""

    door: Door
    ontology: Ontology
    load: Load
    chunk: int
    progress: Progress

    async def write(self, changes: Prepared) -> Outcome:
        """Write what its former holders, if any, did not. Raises Refused, NotFound, Conflict."""
        done, last = self.load.done, None
        following = portions(islice(changes, done, None), self.chunk)
        self.progress(done)
        try:
            while part := await aside(following):
                done += len(part)
                if changes.repeated and last:
                    await last.over()
                portion = await self._portion(part, done, changes.repeated)
                turn = Turn(self.door, self.load.token, self.progress, portion, last)
                await turn.begin()
                last = turn
            if last:
                await last.over()
        finally:
            if last:
                await last.stop()
        return self.load.outcome

    async def _portion(self, part: Sequence[Change], done: int, repeated: bool) -> Portion:
        found = await self._weighed(part, repeated)
        ids = hidden(self.ontology, part)
        over = await self.door.transact(veil, ids) if ids else NO_VEIL
        first = not (repeated or self.load.plan.ledger["published"])
        return await aside(self._packed, found, len(part), done, over, first)

    async def _weighed(self, part: Sequence[Change], repeated: bool) -> Written:
        """What a portion does; where nothing was ever published, nothing need be read for it."""
        plan = self.load.plan
        asked = part if plan.ledger["published"] or repeated else ()
        own = plan.instants if repeated else {}
        return await peek(self.door.answer, self.ontology, asked, part, OPEN - 1, own)

    def _packed(self, found: Written, size: int, done: int, over: Veil, first: bool) -> Portion:
        plan, outcome = self.load.plan, self.load.outcome
        outcome.add(found.revisions, plan, over)
        outcome.same(found.unchanged)
        told = list(statements(self.ontology, found.revisions, plan, unseen=True, first=first))
        told.append(Statement(LEDGER["write_parts"], {"parts": outcome.unkept(plan.entry)}))
        links = [revision.change.ends is not None for revision in found.revisions]
        things, linked = not all(links), any(links)
        return Portion(size, told, things, linked, done, outcome.saved())


@asynccontextmanager
async def alive(door: Door, token: str, every: float) -> AsyncIterator[None]:
    """Say that a load is alive for as long as the block runs; the last sign is given to its end."""
    over = asyncio.Event()

    async def beating() -> None:
        while not over.is_set():
            with suppress(TimeoutError):
                await asyncio.wait_for(over.wait(), every)
                return
            with suppress(GoldenthreadError):
                await door.transact(beat, token)

    task = asyncio.create_task(beating())
    try:
        yield
    finally:
        over.set()
        await asyncio.wait([task])


async def aside(work: Callable[..., T], *given: object) -> T:
    """Do work in another thread, and let it end also where nobody waits for it any more."""
    task = asyncio.ensure_future(asyncio.to_thread(work, *given))
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait([task])
        raise
