"""What changes would do, counted; nothing is locked and nothing written."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import count, islice

from graph.changes import Change, Stored
from graph.claiming import instants, revision_of, stored_of
from graph.ledger import Transaction
from graph.ontology import Ontology
from graph.times import FAR

CHUNK = 5_000
"""Changes that are weighed at once."""


@dataclass(slots=True)
class Weight:
    """Changes by what they would do, and how many pieces would be believed no longer."""

    created: int = 0
    changed: int = 0
    ended: int = 0
    superseded: int = 0
    unchanged: int = 0


async def weigh(
    run: Transaction, ontology: Ontology, changes: Iterable[Change], published: int
) -> Mapping[str, Weight]:
    """What changes would do to what is published, by the word of their kind or link.

    The changes of one id stand together, older record times first. Raises Refused.
    """
    left, scales = iter(changes), _Scales()
    while part := list(islice(left, CHUNK)):
        asked = part if published else ()
        scales.found |= await stored_of(run, ontology, asked, published, past=True)
        scales.at = {**await instants(run, part, scales.found, scales.at)}
        for change in part:
            scales.add(change)
        scales.forget(part[-1].id)
    return scales.weights


@dataclass(slots=True)
class _Scales:
    """What is stored, and how it would be after the changes so far. Those have numbers below 0."""

    weights: defaultdict[str, Weight] = field(default_factory=lambda: defaultdict(Weight))
    found: dict[str, Sequence[Stored]] = field(default_factory=dict)
    at: dict[int, datetime] = field(default_factory=dict)
    numbers: Iterator[int] = field(default_factory=lambda: count(-1, -1))

    def add(self, change: Change) -> None:
        """Count one change, and let the next ones of its id follow on it."""
        mine, weight = self.found.get(change.id, ()), self.weights[change.id.partition(":")[0]]
        revision = revision_of(change, mine, self.at)
        if revision is None:
            weight.unchanged += 1
            return
        action = revision.action.lower()
        setattr(weight, action, getattr(weight, action) + 1)
        weight.superseded += len(revision.superseded)
        commit = next(self.numbers)
        self.at[commit] = change.recorded or FAR
        gone = set(map(id, revision.superseded))
        kept = [replace(one, superseded=commit) if id(one) in gone else one for one in mine]
        made = [Stored("", piece, commit, ends=change.ends) for piece in revision.made]
        self.found[change.id] = [*kept, *made]

    def forget(self, but: str) -> None:
        """Keep nothing but what is known of one id, of which more may come."""
        self.found = {but: self.found.get(but, ())}
        commits = {n for one in self.found[but] for n in (one.recorded, one.superseded)}
        self.at = {number: when for number, when in self.at.items() if number in commits}
