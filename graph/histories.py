"""Everything that was ever recorded of things and links, in order of id, a chunk at a time.

All of it is read as of one published commit, so that a writer at work changes nothing of it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeAlias

from graph.changes import Piece, Stored, believed, joined
from graph.claiming import piece_of
from graph.errors import Unavailable
from graph.ledger import Transaction
from graph.ontology import Ontology
from graph.ontology.vocabulary import Kind, Link
from graph.times import OPEN
from queries import LEDGER

CHUNK = 1_000
"""Things that are read at once."""

Known: TypeAlias = Mapping[datetime | None, Sequence[Piece]]
"""What was known of one life from each record time on; the one record time None stands for now."""


@dataclass(frozen=True, slots=True)
class Life:
    """A thing or link and what was known of it. `ends` are the source and target of a link."""

    id: str
    known: Known
    ends: tuple[str, str] | None = None


@dataclass(slots=True)
class Histories:
    """Reads lives as of the commit `seen`; only what is known by then where `current` is set."""

    answer: Transaction
    ontology: Ontology
    seen: int
    current: bool = False
    _at: dict[int, datetime] = field(default_factory=dict)
    _words: frozenset[str] | None = None

    @classmethod
    async def published(
        cls, answer: Transaction, ontology: Ontology, current: bool = False
    ) -> Histories:
        """The histories as of what is published now. Raises Unavailable."""
        ledger = await answer(LEDGER["ledger"])
        if ledger is None or "version" not in ledger:
            raise Unavailable("the database is not prepared; run: goldenthread migrate")
        return cls(answer, ontology, ledger["published"], current)

    async def ids(self, kind: type[Kind]) -> AsyncIterator[list[str]]:
        """Ids of a kind in their order, a chunk at a time."""
        if kind.label not in await self._used():
            return
        after, end = f"{kind.word}:", f"{kind.word};"
        while found := await self.answer(
            LEDGER["identities_after"], after=after, end=end, count=CHUNK
        ):
            yield found
            after = found[-1]

    async def things(self, ids: Sequence[str]) -> list[Life]:
        """Lives of these things, in their order, without those of which nothing is known."""
        given = {"ids": ids, "seen": self.seen, "past": not self.current}
        rows = await self.answer(LEDGER["stored_things"], **given)
        pieces: defaultdict[str, list[Stored]] = defaultdict(list)
        for id_, ref, properties in rows:
            pieces[id_].append(piece_of(ref, properties, None, self.seen))
        return await self._lives((id_, None, pieces[id_]) for id_ in ids if id_ in pieces)

    async def links(
        self, links: Iterable[type[Link]], ids: Sequence[str], forward: bool
    ) -> list[Life]:
        """Lives of the links of some types at these things, in order of their ends and ids.

        `forward` = the things are their sources.
        """
        used = [link for link in links if link.type in await self._used()]
        pieces: defaultdict[tuple[str, str, str], list[Stored]] = defaultdict(list)
        for turned in (False, True):
            types = sorted({link.type for link in used if link.reversed() == turned})
            if not types:
                continue
            before, after = ("", ">") if forward != turned else ("<", "")
            text = LEDGER["links_at"].replace("{types}", "|".join(types))
            text = text.replace("{before}", before).replace("{after}", after)
            for id_, named, other, ref, found in await self.answer(text, ids=ids, seen=self.seen):
                ends = (id_, other) if forward else (other, id_)
                pieces[*ends, named].append(piece_of(ref, found, ends, self.seen))
        return await self._lives((key[2], key[:2], pieces[key]) for key in sorted(pieces))

    async def any(self, link: type[Link]) -> bool:
        """Whether there are, or were, links of this type."""
        return link.type in await self._used()

    async def _used(self) -> frozenset[str]:
        """Labels and types in use; a statement that is saved need not be planned."""
        if self._words is None:
            self._words = frozenset(await self.answer(LEDGER["words_in_use"]))
        return self._words

    async def _lives(
        self, found: Iterable[tuple[str, tuple[str, str] | None, list[Stored]]]
    ) -> list[Life]:
        rows = list(found)
        if not self.current:
            await self._look_up(stored for *_, pieces in rows for stored in pieces)
        lives = (Life(id_, self._known(pieces), ends) for id_, ends, pieces in rows)
        return [life for life in lives if life.known]

    def _known(self, pieces: Sequence[Stored]) -> Known:
        if self.current:
            now = joined(one.piece for one in pieces if one.superseded == OPEN)
            return {None: now} if now else {}
        commits = {n for one in pieces for n in (one.recorded, one.superseded)} - {OPEN}
        found: dict[datetime | None, Sequence[Piece]] = {}
        last: Sequence[Piece] = []
        for when in sorted({self._at[commit] for commit in commits}):
            now = joined(one.piece for one in believed(pieces, when, self._at))
            if now != last:
                found[when] = last = now
        return found

    async def _look_up(self, pieces: Iterable[Stored]) -> None:
        """Learn the instants of commits that were not asked for before."""
        commits = {n for one in pieces for n in (one.recorded, one.superseded)} - {OPEN}
        if asked := sorted(commits - self._at.keys()):
            self._at |= dict(await self.answer(LEDGER["commit_instants"], sequences=asked))
