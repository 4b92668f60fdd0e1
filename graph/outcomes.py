"""One put: the commit numbers that it has, and what it did so far."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import orjson

from graph.audit import Leaves, leaf, parts
from graph.boundaries import NO_BOUNDARIES, Boundaries
from graph.changes import Change, Revision
from graph.errors import BadRequest
from graph.times import INSTANT, written
from graph.veil import NO_VEIL, Veil


@dataclass(frozen=True, slots=True)
class Plan:
    """Commit numbers for the record times of one put, in order of time; now comes last."""

    ledger: Mapping[str, Any]
    now: datetime
    sequence: Mapping[datetime | None, int]

    @classmethod
    def after(
        cls, ledger: Mapping[str, Any], recorded: Iterable[datetime | None], clock: datetime
    ) -> Plan:
        """The plan that follows on a ledger. Raises BadRequest for a record time in the future."""
        newest = ledger.get("newest")
        now = max(clock, newest + INSTANT) if newest else clock
        past = sorted({when for when in recorded if when is not None})
        if past and past[-1] > now:
            raise BadRequest(f"recorded_on {written(past[-1])} lies in the future")
        return cls.at(ledger, now, past)

    @classmethod
    def at(cls, ledger: Mapping[str, Any], now: datetime, past: Sequence[datetime]) -> Plan:
        """The plan for record times in their order."""
        first = ledger["last"] + 1
        return cls(ledger, now, {when: first + i for i, when in enumerate((*past, None))})

    @property
    def entry(self) -> int:
        """Number of the audit entry that the put will have."""
        return int(self.ledger["entries"]) + 1

    @property
    def first(self) -> int:
        """The first of its commit numbers."""
        return next(iter(self.sequence.values()))

    @property
    def instants(self) -> dict[int, datetime]:
        """The record time of each commit."""
        return {sequence: when or self.now for when, sequence in self.sequence.items()}


@dataclass(slots=True)
class Outcome:
    """What a put did so far, for its receipt, its audit entry and the commits it needs."""

    actions: Counter[str] = field(default_factory=Counter)
    unchanged: int = 0
    commits: set[int] = field(default_factory=set)
    leaves: Leaves = field(default_factory=Leaves)
    texts: list[bytes] = field(default_factory=list)
    """Leaves that are not kept yet."""
    ended: set[str] = field(default_factory=set)
    """Ids of kinds and links, without their keys, of which something was superseded."""
    words: Counter[str] = field(default_factory=Counter)
    """How many changes did what, by `kpi created` and the like."""
    boundaries: Boundaries = NO_BOUNDARIES
    """When what is in force changes because of it, after it is published."""

    @property
    def counts(self) -> dict[str, int]:
        """What was done, by what it is called, and how much was as before."""
        done = {name: self.actions[name.upper()] for name in ("created", "changed", "ended")}
        return {**done, "unchanged": self.unchanged}

    def take(self, text: bytes) -> None:
        """Take in one leaf."""
        self.texts.append(text)
        self.leaves.add(text)

    def unkept(self, entry: int) -> list[dict[str, Any]]:
        """Leaves that came since the last call, as they are kept with an entry."""
        texts, self.texts = self.texts, []
        return parts(entry, self.leaves.count - len(texts), texts)

    @classmethod
    def restored(cls, text: str) -> Outcome:
        """An outcome as `saved` told it."""
        told = orjson.loads(text)
        return cls(
            Counter(told["actions"]),
            told["unchanged"],
            set(told["commits"]),
            Leaves.restored(told["leaves"]),
            ended=set(told["ended"]),
            words=Counter(told["words"]),
            boundaries=Boundaries.of(told),
        )

    def saved(self) -> str:
        """All that is needed to go on with it later."""
        told = {
            "actions": dict(self.actions),
            "unchanged": self.unchanged,
            "commits": sorted(self.commits),
            "leaves": self.leaves.saved(),
            "ended": sorted(self.ended),
            "words": dict(self.words),
            **self.boundaries.kept(),
        }
        return orjson.dumps(told).decode()

    def add(self, revisions: Iterable[Revision], plan: Plan, veil: Veil = NO_VEIL) -> None:
        """Take in what one transaction does."""
        edges = list[datetime]()
        for revision in revisions:
            for piece in revision.made:
                edges += piece.since, piece.until
            sequence, word = plan.sequence[revision.change.recorded], _word(revision.change)
            self.actions[revision.action] += 1
            self.words[f"{word} {revision.action.lower()}"] += 1
            self.commits.add(sequence)
            self.take(leaf(revision, sequence, veil))
            if revision.superseded:
                self.ended.add(word)
        self.boundaries = self.boundaries.joined(Boundaries.among(edges, plan.now), plan.now)

    def same(self, unchanged: Collection[Change]) -> None:
        """Take in what is stored already."""
        self.unchanged += len(unchanged)
        self.words.update(f"{_word(change)} unchanged" for change in unchanged)

    def by_word(self) -> dict[str, dict[str, int]]:
        """How many changes did what, by the word of their kind or link."""
        found: dict[str, dict[str, int]] = {}
        for told, count in sorted(self.words.items()):
            word, _, action = told.partition(" ")
            found.setdefault(word, {})[action] = count
        return found


def _word(change: Change) -> str:
    word, _, _ = change.id.partition(":")
    return word
