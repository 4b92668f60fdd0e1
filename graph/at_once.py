"""A small write: locked, weighed, written and published in one transaction."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from graph.changes import Change, Revision
from graph.claiming import claim, need, peek, turned
from graph.errors import Conflict, NotFound, Refused
from graph.ledger import Cause, Transaction, free, publish
from graph.ontology import Ontology
from graph.outcomes import Outcome, Plan
from graph.terms import KeyTaken, Moved, Receipt, Stale, Terms
from graph.times import OPEN, instant
from graph.veil import NO_VEIL
from graph.veils import hidden, veil
from graph.writing import run_all, statements
from queries import LEDGER


@dataclass(frozen=True, slots=True)
class AtOnce:
    """Who writes what for which cause."""

    ontology: Ontology
    clock: Callable[[], datetime]
    cause: Cause

    @property
    def terms(self) -> Terms:
        """What must hold for the write to be done."""
        return self.cause.terms

    async def __call__(
        self, run: Transaction, changes: Sequence[Change], before: Outcome
    ) -> Receipt:
        """Write the changes, or tell again what was done under the same key.

        `before` is what was found to be stored already.

        A writer that waited for its own twin, at a thing or at the ledger, finds the key only then.
        """
        if first := await repeated(run, self.terms):
            return first
        try:
            return await self._write(run, changes, deepcopy(before))
        except (Conflict, Refused, NotFound):
            if first := await repeated(run, self.terms):
                return first
            raise

    async def weighed(self, run: Transaction, changes: Sequence[Change]) -> Receipt:
        """What the changes would do to what is published; nothing is locked or written."""
        ledger = await free(run, lock=False)
        things = {change.id for change in changes}
        ends = {end for change in changes for end in change.ends or ()}
        await need(run, ends - things)
        done = await peek(run, self.ontology, changes, changes, ledger["published"])
        await self._fresh(run, changes, ledger["published"])
        plan = Plan.after(ledger, (r.change.recorded for r in done.revisions), self.clock())
        outcome = Outcome()
        outcome.add(done.revisions, plan)
        outcome.same(done.unchanged)
        return receipt(0, outcome, None, tuple(done.revisions))

    async def _write(
        self, run: Transaction, changes: Sequence[Change], outcome: Outcome
    ) -> Receipt:
        done = await claim(run, self.ontology, changes)
        await self._fresh(run, changes, OPEN - 1)
        ledger = await free(run, lock=bool(done.revisions))
        if first := await repeated(run, self.terms):
            return first
        if self.terms.judged not in (None, ledger["published"]):
            raise Moved
        plan = Plan.after(ledger, (r.change.recorded for r in done.revisions), self.clock())
        ids = hidden(self.ontology, (one.change for one in done.revisions))
        outcome.add(done.revisions, plan, await veil(run, ids) if ids else NO_VEIL)
        outcome.same(done.unchanged)
        if not done.revisions:
            return receipt(ledger["published"], outcome)
        await run_all(run, statements(self.ontology, done.revisions, plan, unseen=False))
        entry = await publish(run, plan, outcome, plan.now, self.cause)
        return receipt(0, outcome, entry, tuple(done.revisions))

    async def _fresh(self, run: Transaction, changes: Sequence[Change], seen: int) -> None:
        """Raise Stale where something was changed after the writer had read it."""
        wanted = self.terms.revisions
        ends = {change.id: change.ends for change in changes if change.id in wanted}
        rows = [
            [id_, *(turned(self.ontology, id_, between) if between else (None, None))]
            for id_, between in ends.items()
        ]
        if not rows:
            return
        found = dict(await run(LEDGER["revisions"], rows=rows, seen=seen))
        for id_, revision in sorted(found.items()):
            if revision > wanted[id_]:
                raise Stale(id_, wanted[id_], revision)


async def repeated(run: Transaction, terms: Terms) -> Receipt | None:
    """The receipt of the first write under the same key. Raises KeyTaken."""
    if terms.key is None or not (entry := await run(LEDGER["keyed"], key=terms.key)):
        return None
    if entry.get("digest") != terms.digest:
        raise KeyTaken(terms.key)
    return replace(_of_entry(entry), repeated=True)


def receipt(
    sequence: int,
    outcome: Outcome,
    entry: Mapping[str, Any] | None = None,
    revisions: tuple[Revision, ...] = (),
) -> Receipt:
    """What was done, as the writer is told; `entry` is that of the audit, if there is one."""
    told = _of_entry(entry) if entry else _counted(sequence, outcome.counts)
    return replace(told, revisions=revisions, by_word=outcome.by_word())


def _of_entry(entry: Mapping[str, Any]) -> Receipt:
    told = _counted(entry["last"], entry)
    return replace(told, entry=entry["sequence"], at=instant(entry["at"]))


def _counted(sequence: int, counts: Mapping[str, Any]) -> Receipt:
    created, changed, ended = counts["created"], counts["changed"], counts["ended"]
    return Receipt(sequence, created, changed, ended, counts["unchanged"])
