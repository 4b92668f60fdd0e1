"""What one transaction writes: batches of changes, revisions as rows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from graph.changes import Change, Piece, Revision, in_force
from graph.claiming import Memory, declared, turned
from graph.ledger import Plan, Transaction
from graph.ontology import Ontology
from graph.ontology.vocabulary import Link
from graph.times import OPEN
from queries import LEDGER


async def write(
    run: Transaction,
    ontology: Ontology,
    revisions: Sequence[Revision],
    plan: Plan,
    memory: Memory | None = None,
) -> None:
    """Write the pieces of revisions under their commit numbers.

    `memory` is that of a load, which is published later: nothing that readers read is touched.
    """
    rows, seen = _Rows(ontology, plan, memory), memory is None
    things = [r for r in revisions if not r.change.ends]
    links = [r for r in revisions if r.change.ends]
    for verb, group in (("things", things), ("links", links)):
        if ended := [row for revision in group for row in rows.of_ended(revision)]:
            await run(LEDGER[f"supersede_{verb}"], rows=ended, seen=seen)
    if told := [rows.of_thing(revision) for revision in things]:
        await run(LEDGER["write_things"], rows=told, times=list(rows.times))
    if told := [row for revision in links for row in rows.of_link(revision)]:
        await run(LEDGER["write_links"], rows=told, times=list(rows.times))


def batches(ontology: Ontology, changes: Iterable[Change], size: int) -> Iterator[list[Change]]:
    """Things before links, older record times first, no id twice in one batch."""

    def order(change: Change) -> tuple[bool, bool, float]:
        when = change.recorded
        linked = issubclass(declared(ontology, change), Link)
        return linked, when is None, when.timestamp() if when else 0.0

    batch: list[Change] = []
    seen: set[str] = set()
    for change in sorted(changes, key=order):
        if change.id in seen or len(batch) == size:
            yield batch
            batch, seen = [], set()
        batch.append(change)
        seen.add(change.id)
    if batch:
        yield batch


class _Rows:
    """Rows for the statements that write. They name instants by their place in `times`."""

    def __init__(self, ontology: Ontology, plan: Plan, memory: Memory | None) -> None:
        self.ontology = ontology
        self.plan = plan
        self.memory = memory
        self.times: dict[datetime, int] = {}

    def of_ended(self, revision: Revision) -> Iterator[dict[str, object]]:
        """Pieces that are believed no longer."""
        change, kind = revision.change, self.ontology.kind_of(revision.change.id)
        row: dict[str, object] = {"at": self._sequence(change)}
        row |= {"live": [f"{kind.label}Live"]} if kind else self._between(change)
        for one in revision.superseded:
            yield {"ref": one.ref, **row}

    def of_thing(self, revision: Revision) -> dict[str, object]:
        """New states of a thing, and the one whose copy its identity shall carry."""
        change, now = revision.change, self.plan.now
        made = [(self._piece(change, p, self._sequence(change)), p) for p in revision.made]
        kept = [(self._piece(change, s.piece, s.recorded), s.piece) for s in revision.kept]
        current = in_force((piece for _, piece in (*made, *kept)), now)
        copy = next((row for row, p in (*made, *kept) if p is current), {"id": change.id})
        label = self.ontology.kinds[change.id.partition(":")[0]].label
        return {
            "id": change.id,
            "labels": [f"{label}State", f"{label}Live"],
            "past": [row for row, piece in made if piece.until <= now],
            "live": [row for row, piece in made if piece.until > now],
            "copy": [copy] if self.memory is None or change.id in self.memory.fresh else [],
        }

    def of_link(self, revision: Revision) -> Iterator[dict[str, object]]:
        """New pieces of a link."""
        change = revision.change
        type_ = self.ontology.links[change.id.partition(":")[0]].type
        for piece in revision.made:
            state = self._piece(change, piece, self._sequence(change))
            yield {**self._between(change), "type": type_, "state": state}

    def _between(self, change: Change) -> dict[str, object]:
        start, end = turned(self.ontology, change.id, change.ends or ("", ""))
        return {"from": start, "to": end}

    def _sequence(self, change: Change) -> int:
        return self.plan.sequence[change.recorded]

    def _piece(self, change: Change, piece: Piece, recorded: int) -> dict[str, object]:
        return {
            **piece.state,
            "id": change.id,
            "key": change.id.partition(":")[2],
            "validFrom": self.times.setdefault(piece.since, len(self.times)),
            "validTo": self.times.setdefault(piece.until, len(self.times)),
            "recorded": recorded,
            "superseded": OPEN,
        }
