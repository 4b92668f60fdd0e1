"""One put from beginning to end: at once or staged, waiting for others, undone where it fails."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from itertools import chain, islice
from typing import Any, Protocol, TypeVar

from graph.at_once import AtOnce, receipt
from graph.audit import Actor
from graph.changes import Change
from graph.claiming import Memory, Written, claim, peek
from graph.errors import GoldenthreadError
from graph.ledger import (
    Busy,
    Load,
    Outcome,
    Transaction,
    Why,
    beat,
    close_load,
    free,
    open_load,
    publish,
    take_over,
)
from graph.ontology import Ontology
from graph.terms import NO_TERMS, Receipt, Terms
from graph.times import OPEN
from graph.writing import batches, write
from queries import LEDGER

T = TypeVar("T")
Progress = Callable[[int], None]
"""Called with the number of changes that were written since the last call."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How writers take turns: sizes in changes, times in seconds."""

    small: int = 100
    """Changes that are written and published in one transaction. Its parts become visible as the
    database applies them, within a moment; more are staged, to be seen in one step."""
    chunk: int = 5_000
    """Changes in one transaction of those that are staged."""
    abandoned: float = 60.0
    """Time without a sign of life after which an open load is taken back."""
    patience: float = 30.0
    """Time that a writer waits for the load of another."""
    poll: float = 0.1
    """Time between two looks at an open load."""


class Door(Protocol):
    """What a put needs of the store: ways to run statements."""

    async def transact(self, work: Callable[..., Awaitable[T]], *given: Any) -> T:
        """Do work in one transaction, again where the fault passes."""
        ...

    async def answer(self, statement: str, **parameters: Any) -> Any:
        """The `answer` of a statement that only reads."""
        ...

    async def alone(self, statement: str, **parameters: Any) -> None:
        """Run a statement that makes its own transactions."""
        ...


@dataclass(frozen=True, slots=True)
class Put:
    """Who writes, why, and how."""

    door: Door
    ontology: Ontology
    clock: Callable[[], datetime]
    pace: Pace
    by: Actor
    reason: str
    progress: Progress
    terms: Terms = NO_TERMS

    async def run(self, changes: Sequence[Change]) -> Receipt:
        """Write the changes, after whoever is writing many of his own."""
        until = asyncio.get_running_loop().time() + self.pace.patience
        while True:
            try:
                return await self._run(changes)
            except Busy as busy:
                await self._wait(until, busy)

    async def _run(self, changes: Sequence[Change]) -> Receipt:
        outcome = Outcome()
        once = AtOnce(self.ontology, self.clock, self.by, self.reason, self.terms)
        if self.terms.dry:
            return await once.weighed(self.door.answer, changes)
        if len(changes) > self.pace.small or _repeated(changes):
            changes = await self._news(changes, outcome)
        waves = list(batches(self.ontology, changes, self.pace.chunk))
        if len(waves) > 1 or len(changes) > self.pace.small:
            return await self._staged(waves, outcome)
        if waves:
            return await self.door.transact(once, waves[0], outcome.unchanged)
        ledger = await free(self.door.answer, lock=False)
        return receipt(ledger["published"], outcome)

    async def _news(self, changes: Sequence[Change], outcome: Outcome) -> list[Change]:
        """Those that differ from what is published; the others are counted as unchanged."""
        ledger = await free(self.door.answer, lock=False)
        if not ledger["published"]:
            return list(changes)
        left, differ = iter(changes), set[str]()
        while part := list(islice(left, self.pace.chunk)):
            done = await peek(self.door.answer, self.ontology, part, ledger["published"])
            differ |= {revision.change.id for revision in done.revisions}
        news = [change for change in changes if change.id in differ]
        outcome.unchanged = len(changes) - len(news)
        return news

    async def _staged(self, waves: Sequence[Sequence[Change]], outcome: Outcome) -> Receipt:
        recorded = {change.recorded for wave in waves for change in wave}
        memory = Memory(repeated=_repeated(chain.from_iterable(waves)))
        load = await self.door.transact(open_load, recorded, self.clock(), self.by)
        self.progress(outcome.unchanged)
        try:
            for wave in waves:
                wrote = await self.door.transact(self._stage, wave, load, memory)
                outcome.add(wrote.revisions, len(wrote.unchanged), load.plan)
                self.progress(len(wave))
            done = await self.door.transact(self._publish, load, outcome)
        except BaseException:
            with suppress(GoldenthreadError):
                await self._undo(load.token)
            raise
        with suppress(GoldenthreadError):
            await self._sweep(outcome, done.sequence)
        return done

    async def _stage(
        self, run: Transaction, wave: Sequence[Change], load: Load, memory: Memory
    ) -> Written:
        done = await claim(run, self.ontology, wave, memory, load.plan.instants)
        await write(run, self.ontology, done.revisions, load.plan, memory)
        await beat(run, load.token)
        return done

    async def _publish(self, run: Transaction, load: Load, outcome: Outcome) -> Receipt:
        await beat(run, load.token)
        if outcome.commits:
            why = Why(self.by, self.reason, self.terms.told())
            entry = await publish(run, load.plan, outcome, self.clock(), why)
            return receipt(0, outcome, entry)
        await close_load(run, load.token)
        return receipt(load.plan.ledger["published"], outcome)

    async def _sweep(self, outcome: Outcome, last: int) -> None:
        """Put live labels and copies right; until then they cost readers time, and nothing else."""
        for word in sorted(outcome.ended & self.ontology.kinds.keys()):
            label = self.ontology.kinds[word].label
            for name in ("sweep", "refresh"):
                await self.door.alone(LEDGER[name].replace("{kind}", label), last=last)

    async def _wait(self, until: float, busy: Busy) -> None:
        """Return when no load is open; one that was abandoned is taken back."""
        while (ledger := await self.door.answer(LEDGER["ledger"])).get("openToken"):
            if ledger["silent"] >= self.pace.abandoned * 1000:
                return await self._undo(ledger["openToken"], self.pace.abandoned)
            if asyncio.get_running_loop().time() > until:
                raise busy
            await asyncio.sleep(self.pace.poll)

    async def _undo(self, token: str, silent: float = 0.0) -> None:
        """Take back everything that an unpublished load wrote."""
        taken = await self.door.transact(take_over, token, silent)
        if taken is None:
            return
        mine, first = taken
        for name in ("undo_links", "undo_things", "undo_identities"):
            await self.door.alone(LEDGER[name], first=first, open=OPEN)
            await self.door.transact(beat, mine)
        await self.door.transact(close_load, mine)


def _repeated(changes: Iterable[Change]) -> frozenset[str]:
    counts = Counter(change.id for change in changes)
    return frozenset(id_ for id_, count in counts.items() if count > 1)
