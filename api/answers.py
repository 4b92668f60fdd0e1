"""Answers that are given again while nothing that they were made of is another.

An answer follows from what is published, from what of it is in force, and from who asks. So it is
kept with the head of the ledger and the instant at which something begins or ends to be in force.
Whoever asks the same again, seeing the same, waits for one look at the ledger that begins after he
asked; if its head is still the same, the answer is, too.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from typing import Any

from api.reads import Reads
from api.requests import GraphQLRequest
from graph.boundaries import micros
from graph.errors import GoldenthreadError
from graph.fragments import Viewer
from graph.kept import Kept
from graph.questions import Ask
from graph.store import Store

PART = 8
"""One answer may take this part of all that is kept."""


@dataclass(frozen=True, slots=True)
class Answer:
    """The JSON of an answer without errors, and what it was made of."""

    body: bytes
    cost: Any
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

    def __len__(self) -> int:
        return len(self._kept)

    def holds(self, asked: GraphQLRequest, viewer: Viewer) -> bool:
        """Whether an answer to a question is kept, be it the same still or not."""
        return _key(asked, viewer) in self._kept

    async def find(self, asked: GraphQLRequest, viewer: Viewer, store: Store) -> Answer | None:
        """The answer to a question, if it is the same still."""
        key, now = _key(asked, viewer), micros(store.clock())
        found = self._kept.find(key)
        if found is None:
            return None
        try:
            head = await store.heads.look()
        except GoldenthreadError:
            return None
        if head.hash != found.head:
            self._kept.clear()
            return None
        if not found.since <= now < found.until:
            self._kept.drop(key)
            return None
        return found

    def keep(self, asked: GraphQLRequest, ask: Ask, body: bytes, cost: Any, reads: Reads) -> None:
        """Keep an answer without errors, if it is known what it was made of.

        It is not where a read is recorded, or something is told of the one who asks.
        """
        if ask.own or len(ask.commits) != 1 or reads.concern(ask):
            return
        head = ask.store.heads.seen
        if head is None or {head.published} != ask.commits or not head.settled(ask.now):
            ask.store.heads.soon()
            return
        made = Answer(body, cost, head.hash, micros(ask.now), head.until)
        self._kept.keep(_key(asked, ask.viewer), made, len(body))


def _key(asked: GraphQLRequest, viewer: Viewer) -> Hashable:
    return asked.said, viewer.kinds, viewer.sight, viewer.cost
