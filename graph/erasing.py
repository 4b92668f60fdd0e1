"""Erases a person: what spoke of them goes, in every time; tombstones and the audit stay whole.

Of each state its times and its hash are left, of each thing the pseudonym under which the audit
knows it. The key with which values and names were hidden is gone, so nothing leads back.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from graph.at_once import receipt, repeated
from graph.audit import digest, spoken
from graph.changes import Change, Stored
from graph.claiming import piece_of, turned
from graph.errors import NotFound
from graph.ledger import Cause, Transaction, free, publish
from graph.ontology import Ontology
from graph.ontology.vocabulary import camel
from graph.outcomes import Outcome, Plan
from graph.terms import Moved, Receipt
from graph.times import DAWN, OPEN
from graph.veil import Veil
from graph.veils import hidden, veil
from queries import LEDGER


@dataclass(slots=True)
class _Found:
    """All that is stored of a person."""

    states: dict[str, list[Stored]] = field(default_factory=dict)
    links: dict[str, list[Stored]] = field(default_factory=dict)

    @property
    def changes(self) -> Iterator[Change]:
        """What the veil is asked for."""
        yield from (Change(id_, DAWN, ()) for id_ in self.states)
        for id_, pieces in self.links.items():
            source, target = pieces[0].ends or ("", "")
            yield Change(id_, DAWN, (), source=source, target=target)


@dataclass(frozen=True, slots=True)
class Erasure:
    """Who erases whom, and why."""

    ontology: Ontology
    clock: Callable[[], datetime]
    cause: Cause
    person: str

    async def __call__(self, run: Transaction) -> Receipt:
        """Erase in one transaction. Raises NotFound, Conflict."""
        if first := await repeated(run, self.cause.terms):
            return first
        ledger = await free(run, lock=not self.cause.terms.dry)
        if self.cause.terms.judged not in (None, ledger["published"]):
            raise Moved
        found = await self._found(run)
        if not found.states:
            raise NotFound(f"nothing speaks of {self.person!r}")
        plan = Plan.after(ledger, (), self.clock())
        outcome = Outcome(commits={plan.first})
        outcome.actions["ENDED"] = len(found.states)
        if self.cause.terms.dry:
            return receipt(0, outcome)
        over = await veil(run, hidden(self.ontology, found.changes))
        for text in self._leaves(found, over, plan.first):
            outcome.take(text)
        await self._write(run, found, over, plan.first)
        return receipt(0, outcome, await publish(run, plan, outcome, plan.now, self.cause))

    async def _found(self, run: Transaction) -> _Found:
        ids: list[str] = []
        for kind, name in self.ontology.personal.items():
            text = LEDGER["of_person"].replace("{kind}", kind.label)
            ids += await run(text.replace("{field}", camel(name)), person=self.person)
        if not ids:
            return _Found()
        rows = [{"id": id_, "make": [], "told": False} for id_ in sorted(ids)]
        await run(LEDGER["lock"], rows=rows, past=False, open=OPEN)
        found = _Found()
        for id_, states, links in await run(LEDGER["around_person"], ids=sorted(ids)):
            found.states[id_] = [piece_of(ref, said, None, OPEN - 1) for ref, said in states]
            for ref, said, (start, end) in links:
                ends = turned(self.ontology, said["id"], (start, end))
                piece = piece_of(ref, said, ends, OPEN - 1)
                found.links.setdefault(said["id"], []).append(piece)
        return found

    def _leaves(self, found: _Found, over: Veil, commit: int) -> Iterator[bytes]:
        for id_, pieces in (*found.states.items(), *found.links.items()):
            believed = [one.piece for one in pieces if one.superseded == OPEN]
            ends = pieces[0].ends
            if believed or not ends:
                yield spoken("ERASED", id_, commit, believed, (), ends, over)

    async def _write(self, run: Transaction, found: _Found, over: Veil, commit: int) -> None:
        links = [
            {"at": at, "ref": one.ref, "id": name, "key": name.partition(":")[2] if keyed else None}
            for id_, pieces in found.links.items()
            for name in (over.name(id_, pieces[0].ends or ()),)
            for keyed in (self.ontology.links[id_.partition(":")[0]].keyed(),)
            for one in pieces
            for at in (one.ends or ())[:1]
        ]
        if links:
            await run(LEDGER["erase_links"], links=links, commit=commit)
        things = [self._thing(id_, pieces, over) for id_, pieces in found.states.items()]
        await run(LEDGER["erase"], things=things, commit=commit)

    def _thing(self, id_: str, pieces: Sequence[Stored], over: Veil) -> Mapping[str, Any]:
        label = self.ontology.kinds[id_.partition(":")[0]].label
        salt = over.salts[id_]
        states = [{"ref": one.ref, "digest": digest(one.piece, salt)} for one in pieces]
        return {
            "id": id_,
            "alias": over.aliases[id_],
            "label": label,
            "states": states,
        }
