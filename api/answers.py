"""Answers that are given again while nothing that they were made of is another.

An answer follows from what is published, from what of it is in force, and from who asks. So it is
kept with the head of the ledger and the instant at which something begins or ends to be in force.
Whoever asks the same again, seeing the same, waits for one look at the ledger that begins after he
asked; if its head is still the same, the answer is, too.
"""

from __future__ import annotations

from collections.abc import Hashable
from datetime import datetime
from typing import NamedTuple

from api.reads import Reads
from api.requests import GraphQLRequest
from graph.boundaries import micros
from graph.errors import GoldenthreadError
from graph.heads import Head
from graph.kept import Kept
from graph.questions import Ask
from graph.store import Store
from graph.viewers import Viewer

OVER = 1_000
"""Bytes that an answer takes beside its own and those of its question."""
PART = 8
"""One answer may take this part of all that is kept."""


class Told(NamedTuple):
    """The JSON of an answer without errors, and what it cost."""

    body: bytes
    cost: int | None


class Answer(NamedTuple):
    """The same with what it was made of."""

    body: bytes
    cost: int | None
    head: str
    """Hash of the newest entry of the ledger."""
    since: int
    """Its `now`, in microseconds since 1970."""
    until: int
    """When something begins or ends to be in force."""


class Answers:
    """Answers of one process by question and sight, within a bound of bytes."""

    def __init__(self, most: int) -> None:
        self._kept: Kept[Answer] = Kept(most, most // PART)
        self._head = ""
        """Hash of the head that all of them have."""

    def __len__(self) -> int:
        return len(self._kept)

    def find(self, asked: GraphQLRequest, viewer: Viewer, now: datetime) -> Answer | None:
        """The answer to a question, if nothing has begun or ended to be in force since."""
        found = self._kept.find(_key(asked, viewer))
        return found if found and found.since <= micros(now) < found.until else None

    async def same(self, found: Answer, store: Store) -> bool:
        """Whether nothing was published since; not where that cannot be known."""
        try:
            head = await store.heads.look()
        except GoldenthreadError:
            return False
        self._follow(head)
        return head.hash == found.head

    def keep(self, asked: GraphQLRequest, ask: Ask, before: Head | None, answer: Told) -> None:
        """Keep an answer without errors, if it is known what it was made of.

        `before` is the head that was seen when the question began: a later look passes over what
        began or ended to be in force meanwhile.
        """
        heads = ask.store.heads
        if before is None or {before.published} != ask.commits or not before.settled(ask.now):
            heads.soon()
            return
        if heads.seen and heads.seen.hash == before.hash:
            self._follow(before)
            made = Answer(*answer, before.hash, micros(ask.now), before.until)
            weight = len(answer.body) + len(asked.query) + len(asked.said[2]) + OVER
            self._kept.keep(_key(asked, ask.viewer), made, weight)

    def _follow(self, head: Head) -> None:
        """Let go of everything where something else is published."""
        if head.hash != self._head:
            self._kept.clear()
            self._head = head.hash


def fit(ask: Ask, reads: Reads) -> bool:
    """Whether an answer may be given again: it is of one commit, to nobody of whom reads are
    recorded, and tells of nothing else than the graph."""
    return len(ask.commits) == 1 and not ask.own and not reads.concern(ask)


def _key(asked: GraphQLRequest, viewer: Viewer) -> Hashable:
    return asked.said, viewer.kinds, viewer.sight, viewer.cost
