"""One put from beginning to end: at once or staged, waiting for others, undone where it fails."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from graph.at_once import AtOnce, receipt
from graph.changes import Change
from graph.claiming import peek
from graph.copies import refresh
from graph.door import Door, Progress
from graph.errors import GoldenthreadError
from graph.ledger import (
    Busy,
    Cause,
    Load,
    Transaction,
    beat,
    close_load,
    free,
    open_load,
    publish,
    take_over,
)
from graph.ontology import Ontology
from graph.outcomes import Outcome
from graph.prepared import Prepared, portions
from graph.staging import Staging, alive
from graph.terms import Receipt
from graph.times import OPEN
from queries import LEDGER


@dataclass(frozen=True, slots=True)
class Pace:
    """How writers take turns: sizes in changes, times in seconds."""

    small: int = 100
    """Changes that are written and published in one transaction. Its parts become visible as the
    database applies them, within a moment; more are staged, to be seen in one step."""
    chunk: int = 10_000
    """Changes in one transaction of those that are staged."""
    beat: float = 1.0
    """Time between two signs of life of an open load."""
    silent: float = 5.0
    """Time without a sign of life after which a load of the same files goes on in its place."""
    abandoned: float = 60.0
    """Time without a sign of life after which any other writer takes an open load back."""
    patience: float = 30.0
    """Time that a writer waits for the load of another."""
    poll: float = 0.1
    """Time between two looks at an open load."""


@dataclass(frozen=True, slots=True)
class Put:
    """Who writes, why, and how."""

    door: Door
    ontology: Ontology
    clock: Callable[[], datetime]
    pace: Pace
    cause: Cause
    progress: Progress

    async def run(self, changes: Prepared) -> Receipt:
        """Write the changes, after whoever is writing many of his own."""
        until = asyncio.get_running_loop().time() + self.pace.patience
        while True:
            try:
                return await self._run(changes)
            except Busy as busy:
                if load := await self._wait(until, busy):
                    return await self._staged(changes, load)

    async def _run(self, changes: Prepared) -> Receipt:
        once = AtOnce(self.ontology, self.clock, self.cause)
        if self.cause.terms.dry:
            return await once.weighed(self.door.answer, list(changes))
        outcome = Outcome()
        few: Sequence[Change] | None = None
        small = len(changes) <= self.pace.small or self.cause.terms.once
        if small and not changes.repeated:
            few = list(changes)
        else:
            few = await self._few(changes, outcome)
        if few is None:
            given = changes.recorded, self.clock(), self.cause
            return await self._staged(changes, await self.door.transact(open_load, *given))
        if few:
            async with self.door.turns:
                return await self.door.transact(once, few, outcome)
        ledger = await free(self.door.answer, lock=False)
        return receipt(ledger["published"], outcome)

    async def _few(self, changes: Prepared, outcome: Outcome) -> list[Change] | None:
        """Those that differ from what is published; None where that takes several transactions.

        The others are told to the outcome.
        """
        ledger = await free(self.door.answer, lock=False)
        if not ledger["published"]:
            return None
        following = portions(changes, self.pace.chunk)
        news: list[Change] = []
        while part := following():
            done = await peek(self.door.answer, self.ontology, part, part, ledger["published"])
            news += [revision.change for revision in done.revisions]
            outcome.same(done.unchanged)
            if len(news) > (0 if changes.repeated else self.pace.small):
                return None
        return news

    async def _staged(self, changes: Prepared, load: Load) -> Receipt:
        staging = Staging(self.door, self.ontology, load, self.pace.chunk, self.progress)
        try:
            async with alive(self.door, load.token, self.pace.beat):
                outcome = await staging.write(changes)
                done = await self.door.transact(self._publish, load, outcome)
        except BaseException:
            with suppress(GoldenthreadError):
                await self._undo(load.token)
            raise
        with suppress(GoldenthreadError):
            await refresh(self.door, self.ontology)
        return done

    async def _publish(self, run: Transaction, load: Load, outcome: Outcome) -> Receipt:
        await beat(run, load.token)
        if outcome.commits:
            stale = outcome.ended & self.ontology.kinds.keys()
            entry = await publish(run, load.plan, outcome, self.clock(), self.cause, stale)
            return receipt(0, outcome, entry)
        await close_load(run, load.token)
        return receipt(load.plan.ledger["published"], outcome)

    async def _wait(self, until: float, busy: Busy) -> Load | None:
        """Return when no load is open; one that was abandoned is taken back.

        One of the same files is answered, to be gone on with, as soon as its holder is silent.
        """
        while (ledger := await self.door.answer(LEDGER["ledger"])).get("openToken"):
            token, silent = ledger["openToken"], ledger["silent"] / 1000
            if self.cause.batch and ledger.get("openBatch") == self.cause.batch:
                if silent >= self.pace.silent:
                    return await self.door.transact(take_over, token, self.pace.silent)
            elif silent >= self.pace.abandoned:
                await self._undo(token, self.pace.abandoned)
                return None
            if asyncio.get_running_loop().time() > until:
                raise busy
            await asyncio.sleep(self.pace.poll)
        return None

    async def _undo(self, token: str, silent: float = 0.0) -> None:
        """Take back everything that an unpublished load wrote."""
        load = await self.door.transact(take_over, token, silent, True)
        if load is None:
            return
        async with alive(self.door, load.token, self.pace.beat):
            for name in ("undo_links", "undo_things", "undo_identities", "undo_parts"):
                given = {"first": load.plan.first, "entry": load.plan.entry, "open": OPEN}
                await self.door.alone(LEDGER[name], **given)
        await self.door.transact(close_load, load.token)
