"""One transaction's worth of writing: claim, revise, number, write. Called by the store alone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from typing import Any, Protocol

from graph.changes import Change, Piece, Revision, State, Stored, in_force, revise
from graph.errors import NotFound, Refused
from graph.ontology import Ontology
from graph.ontology.vocabulary import Kind, Link
from graph.times import OPEN, written
from queries import LEDGER

META = frozenset({"id", "key", "validFrom", "validTo", "recorded", "superseded", "lock"})
"""Properties of a state that are not the state: its identity and its times."""


class Transaction(Protocol):
    """What writing needs of a transaction: one statement in, its single `answer` out."""

    async def __call__(self, statement: str, **parameters: Any) -> Any: ...


@dataclass(slots=True)
class Written:
    """What a batch did, for receipt and audit."""

    revisions: list[Revision] = field(default_factory=list)
    unchanged: int = 0


def labels(ontology: Ontology, change: Change) -> tuple[bool, str]:
    """Whether a change speaks of a link, and its relationship type or label."""
    if kind := ontology.kind_of(change.id):
        return False, kind.label
    if link := ontology.link_of(change.id):
        return True, link.type
    raise Refused(f"{change.id!r} names no declared kind or link")


async def claim(run: Transaction, ontology: Ontology, changes: Sequence[Change], by: str) -> Written:
    """Lock what the changes speak of and work out what each does to it."""
    done = Written()
    for (linked, label), group in _grouped(ontology, changes):
        ids = sorted(change.id for change in group)
        if linked:
            sources = sorted({change.source for change in group if change.source})
            text = LEDGER["claim_links"].replace("{type}", label)
            rows = await run(text, sources=sources, ids=ids, by=by, open=OPEN)
        else:
            text = LEDGER["claim_things"].replace("{kind}", label)
            rows = await run(text, ids=ids, by=by, open=OPEN)
        stored = {id_: [_stored(*row) for row in pieces] for id_, pieces in rows or ()}
        for change in group:
            revision = revise(stored.get(change.id, ()), change)
            if revision is None:
                done.unchanged += 1
            else:
                done.revisions.append(revision)
    await _check_history(run, done.revisions)
    return done


async def write(
    run: Transaction,
    ontology: Ontology,
    revisions: Sequence[Revision],
    sequence: Mapping[datetime | None, int],
    now: datetime,
) -> None:
    """Write the pieces of revisions under their commit numbers."""
    by_change = {revision.change.id: revision for revision in revisions}
    for (linked, label), group in _grouped(ontology, [r.change for r in revisions]):
        ours = [by_change[change.id] for change in group]
        ended = [
            {"ref": stored.ref, "at": sequence[revision.change.recorded]}
            for revision in ours
            for stored in revision.superseded
        ]
        verb = "links" if linked else "things"
        name = "{type}" if linked else "{kind}"
        if ended:
            await run(LEDGER[f"supersede_{verb}"].replace(name, label), rows=ended)
        text = LEDGER[f"write_{verb}"].replace(name, label)
        if linked:
            await _write_links(run, ontology, text, ours, sequence)
        else:
            await run(text, rows=[_thing(r, sequence[r.change.recorded], now) for r in ours])


async def _write_links(
    run: Transaction, ontology: Ontology, text: str, revisions: Iterable[Revision], sequence: Mapping[datetime | None, int]
) -> None:
    rows = [
        {
            **_stored_ends(ontology, revision.change),
            "state": _properties(revision.change.id, piece, sequence[revision.change.recorded]),
        }
        for revision in revisions
        for piece in revision.made
    ]
    if rows and await run(text, rows=rows) != len(rows):
        ends = sorted({str(row[end]) for row in rows for end in ("source", "target")})
        missing = await run(LEDGER["missing_ends"], ids=ends)
        raise NotFound(f"a link needs both its ends; there is no {', '.join(missing[:5])}")


async def _check_history(run: Transaction, revisions: Iterable[Revision]) -> None:
    """A past record time may not lie before what is already recorded of the same thing."""
    newest = {
        revision: max(stored.recorded for stored in (*revision.superseded, *revision.kept))
        for revision in revisions
        if revision.change.recorded and (revision.superseded or revision.kept)
    }
    if not newest:
        return
    at = dict(await run(LEDGER["commit_instants"], sequences=sorted(set(newest.values()))))
    for revision, sequence in newest.items():
        recorded, last = revision.change.recorded, at.get(sequence)
        if recorded and last and recorded < last:
            raise Refused(
                f"{revision.change.id} cannot be recorded on {written(recorded)}: something later"
                f" ({written(last)}) is already known of it; give a later recorded_on"
            )


def _stored_ends(ontology: Ontology, change: Change) -> dict[str, str | None]:
    """Where the stored relationship begins and ends."""
    link = ontology.link_of(change.id)
    turned = link is not None and link.reversed()
    ends = (change.target, change.source) if turned else (change.source, change.target)
    return {"source": ends[0], "target": ends[1]}


def _grouped(
    ontology: Ontology, changes: Sequence[Change]
) -> Iterable[tuple[tuple[bool, str], list[Change]]]:
    """Changes by what they speak of: things before links, each in order of id."""
    keyed = sorted(((labels(ontology, c), c) for c in changes), key=lambda pair: (pair[0], pair[1].id))
    for label, group in groupby(keyed, key=lambda pair: pair[0]):
        yield label, [change for _, change in group]


def _thing(revision: Revision, sequence: int, now: datetime) -> dict[str, object]:
    made = [(_properties(revision.change.id, piece, sequence), piece) for piece in revision.made]
    kept = [(_properties(revision.change.id, s.piece, s.recorded), s.piece) for s in revision.kept]
    current = in_force((piece for _, piece in (*made, *kept)), now)
    bare: dict[str, object] = {"id": revision.change.id}
    return {
        "id": revision.change.id,
        "live": [state for state, piece in made if piece.until > now],
        "past": [state for state, piece in made if piece.until <= now],
        "copy": next((state for state, piece in (*made, *kept) if piece is current), bare),
    }


def _properties(id_: str, piece: Piece, sequence: int) -> dict[str, object]:
    times = {"validFrom": piece.since, "validTo": piece.until, "recorded": sequence, "superseded": OPEN}
    return {**piece.state, "id": id_, "key": id_.partition(":")[2], **times}


def _stored(ref: str, properties: dict[str, Any]) -> Stored:
    state: State = {name: value for name, value in properties.items() if name not in META}
    piece = Piece(properties["validFrom"], properties["validTo"], state)
    return Stored(ref, piece, properties["recorded"])
