"""What one transaction writes: revisions as rows of statements, made before it begins."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

from graph.changes import Change, Piece, Revision, in_force
from graph.claiming import need, turned
from graph.ledger import Transaction
from graph.ontology import Ontology
from graph.outcomes import Plan
from graph.times import OPEN
from queries import LEDGER

Row = dict[str, object]


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement with its parameters. `joins` = it answers how many links found their ends."""

    text: str
    given: dict[str, Any]
    joins: bool = False


async def run_all(run: Transaction, statements: Iterable[Statement]) -> None:
    """Write. Raises NotFound where a link lacks an end."""
    for one in statements:
        count = await run(one.text, **one.given)
        if one.joins and count < len(one.given["rows"]):
            await need(run, {end for row in one.given["rows"] for end in row[:2]})


def statements(
    ontology: Ontology, revisions: Sequence[Revision], plan: Plan, unseen: bool, first: bool = False
) -> Iterator[Statement]:
    """Statements that write the pieces of revisions under their commit numbers.

    `unseen` = they are published later: nothing that readers read is touched. Identities of new
    things are made here then; else they are there already, and locked. `first` = nothing was ever
    stored of any of them.
    """
    rows = _Rows(ontology, plan, unseen)
    things = [r for r in revisions if not r.change.ends]
    links = [r for r in revisions if r.change.ends]
    for verb, group in (("things", things if unseen else []), ("links", links)):
        if ended := [row for revision in group for row in rows.of_ended(revision)]:
            yield Statement(LEDGER[f"supersede_{verb}"], {"rows": ended})
    new = [r for r in things if unseen and _is_new(r)]
    yield from rows.new_things(new, first)
    if told := [rows.of_thing(r) for r in things if not unseen or not _is_new(r)]:
        yield Statement(LEDGER["write_things"], rows.timed(told))
    yield from rows.new_links(links)


def _is_new(revision: Revision) -> bool:
    return not revision.superseded and not revision.kept


class _Rows:
    """Rows for the statements that write. They name instants by their place in `times`."""

    def __init__(self, ontology: Ontology, plan: Plan, unseen: bool) -> None:
        self.ontology = ontology
        self.plan = plan
        self.unseen = unseen
        self.times: dict[datetime, int] = {}

    def timed(self, rows: Sequence[object]) -> dict[str, Any]:
        """Rows with the instants that they name so far."""
        return {"rows": rows, "times": list(self.times), "open": OPEN}

    def of_ended(self, revision: Revision) -> Iterator[Row]:
        """Pieces that are believed no longer."""
        change = revision.change
        row: Row = {"at": self._sequence(change)}
        if change.ends:
            row["from"], row["to"] = self._between(change)
        for one in revision.superseded:
            yield {"ref": one.ref, **row}

    def new_things(self, revisions: Iterable[Revision], first: bool) -> Iterator[Statement]:
        """Things of which nothing is believed, kind by kind: first those of one state, in force."""
        for word, group in groupby(revisions, key=lambda r: _word(r.change)):
            label, others, living = self.ontology.kinds[word].label, list[Row](), list[object]()
            for revision in group:
                change, made = revision.change, revision.made
                if len(made) == 1 and in_force(made, self.plan.now):
                    living.append([*self._said(change, made[0]), made[0].state])
                else:
                    others.append(self.of_thing(revision))
            rows: Sequence[object]
            for name, rows in (
                ("first_things" if first else "new_living", living),
                ("new_things", others),
            ):
                if rows:
                    yield Statement(LEDGER[name].replace("{kind}", label), self.timed(rows))

    def of_thing(self, revision: Revision) -> Row:
        """New states of a thing, and the one whose copy its identity shall carry."""
        change, now = revision.change, self.plan.now
        made = [(self._piece(change, p, self._sequence(change)), p) for p in revision.made]
        kept = [(self._piece(change, s.piece, s.recorded), s.piece) for s in revision.kept]
        current = in_force((piece for _, piece in (*made, *kept)), now)
        copy = next((row for row, p in (*made, *kept) if p is current), {"id": change.id})
        label = self.ontology.kinds[_word(change)].label
        return {
            "id": change.id,
            "label": f"{label}State",
            "over": [] if self.unseen else list(self.of_ended(revision)),
            "states": [row for row, _ in made],
            "copy": [copy] if not self.unseen or self._ours(revision) else [],
        }

    def new_links(self, revisions: Iterable[Revision]) -> Iterator[Statement]:
        """New pieces of links, type by type."""
        found: defaultdict[str, list[object]] = defaultdict(list)
        for revision in revisions:
            change, ends = revision.change, self._between(revision.change)
            rows = found[self.ontology.links[_word(change)].type]
            for piece in revision.made:
                id_, key, *said = self._said(change, piece)
                more = {"key": key, **piece.state} if key else piece.state
                rows.append([*ends, id_, *said, more])
        for type_, rows in found.items():
            if rows:
                text = LEDGER["new_links"].replace("{type}", type_)
                yield Statement(text, self.timed(rows), joins=True)

    def _ours(self, revision: Revision) -> bool:
        """Whether all that is stored of a thing came with this load, so that nobody reads it."""
        return all(s.recorded >= self.plan.first for s in (*revision.superseded, *revision.kept))

    def _between(self, change: Change) -> tuple[str, str]:
        return turned(self.ontology, change.id, change.ends or ("", ""))

    def _sequence(self, change: Change) -> int:
        return self.plan.sequence[change.recorded]

    def _said(self, change: Change, piece: Piece) -> tuple[str, str | None, int, int, int]:
        """What stands beside the state of a piece: id, key, its two instants, its commit.

        Links have a key only where it is their own.
        """
        word, _, key = change.id.partition(":")
        named = not change.ends or self.ontology.links[word].keyed()
        since = self.times.setdefault(piece.since, len(self.times))
        until = self.times.setdefault(piece.until, len(self.times))
        return change.id, key if named else None, since, until, self._sequence(change)

    def _piece(self, change: Change, piece: Piece, recorded: int) -> Row:
        id_, key, since, until, _ = self._said(change, piece)
        said = {"id": id_, "key": key, "validFrom": since, "validTo": until}
        return {**piece.state, **said, "recorded": recorded, "superseded": OPEN}


def _word(change: Change) -> str:
    return change.id.partition(":")[0]
