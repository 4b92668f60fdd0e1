"""The graph as it will be known after a load: what is stored, revised by what the rows say."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import datetime

from graph.changes import Change, Piece, Stored, revise
from graph.neighbours import Neighbours
from graph.ontology.vocabulary import Kind, Link
from graph.times import FAR
from loaders.facts import Ends
from loaders.spool import LAST

Place = tuple[type[Link], bool, str]
"""A type of link, whether a thing is its source, and the thing."""


class After:
    """Lives of things and links in latest knowledge, read as far as they are asked for."""

    def __init__(self, neighbours: Neighbours, changes: Iterable[Change]) -> None:
        self._neighbours = neighbours
        self._said: defaultdict[str, list[Change]] = defaultdict(list)
        self._of: defaultdict[str, list[str]] = defaultdict(list)
        self._lives: dict[str, Sequence[Piece]] = {}
        self._ends: dict[str, Ends] = {}
        self._at: defaultdict[Place, set[str]] = defaultdict(set)
        self._read: set[Place] = set()
        self._ontology = neighbours.store.ontology
        for change in changes:
            self._said[change.id].append(change)
        for id_, said in self._said.items():
            self._of[id_.partition(":")[0]].append(id_)
            if said[0].ends:
                self._link(id_, said[0].ends)

    def said(self, declared: type[Kind] | type[Link]) -> list[str]:
        """Ids of that kind or link that the load speaks of."""
        return self._of.get(declared.word, [])

    def over(self, id_: str) -> bool:
        """Whether the load says that something ends."""
        pieces = [piece for change in self._said.get(id_, ()) for piece in change.pieces]
        return not pieces or max(piece.until for piece in pieces) < FAR

    async def things(self, ids: Iterable[str]) -> None:
        """Read the lives of some things."""
        news = {id_ for id_ in ids if id_ not in self._lives}
        stored = await self._neighbours.lives(news)
        self._lives |= {id_: self._revised(id_, stored.get(id_, ())) for id_ in news}

    async def links(self, link: type[Link], forward: bool, ids: Iterable[str]) -> None:
        """Read the links of a type that start at some things, or end there."""
        news = {id_ for id_ in ids if (link, forward, id_) not in self._read}
        self._read |= {(link, forward, id_) for id_ in news}
        stored = await self._neighbours.links(link, forward, news)
        for id_, pieces in stored.items():
            if ends := pieces[0].ends:
                self._link(id_, ends)
        mine = {id_ for thing in news for id_ in self._at[link, forward, thing]}
        for id_ in mine - self._lives.keys():
            self._lives[id_] = self._revised(id_, stored.get(id_, ()))

    async def alike(self, kind: type[Kind], field: str, values: Collection[object]) -> set[str]:
        """Things of a kind that are stored with one of some values in a field."""
        return await self._neighbours.alike(kind, field, values)

    def held(
        self, link: type[Link], forward: bool, thing: str
    ) -> Iterator[tuple[str, str, Sequence[Piece]]]:
        """Links at a thing: id, what is at the other end, and the link's life."""
        for id_ in sorted(self._at[link, forward, thing]):
            yield id_, self._ends[id_][1 if forward else 0], self._lives[id_]

    def life(self, id_: str) -> Sequence[Piece]:
        """The life of something that was read."""
        return self._lives.get(id_, ())

    def ends(self, id_: str) -> Ends:
        """Source and target of a link that was read, or that the load speaks of."""
        return self._ends[id_]

    def _link(self, id_: str, ends: Ends) -> None:
        link = self._ontology.links[id_.partition(":")[0]]
        self._ends[id_] = ends
        self._at[link, True, ends[0]].add(id_)
        self._at[link, False, ends[1]].add(id_)

    def _revised(self, id_: str, stored: Sequence[Stored]) -> list[Piece]:
        for change in sorted(self._said.get(id_, ()), key=_recorded):
            if revision := revise(stored, change):
                stored = [*revision.kept, *(Stored("", piece, 0) for piece in revision.made)]
        return sorted((one.piece for one in stored), key=lambda piece: piece.since)


def _recorded(change: Change) -> datetime:
    return change.recorded or LAST


def within(pieces: Iterable[Piece], *lives: Sequence[Piece]) -> Iterator[Piece]:
    """Those parts of pieces in which all of some lives are in force."""
    for piece in pieces:
        parts = [(piece.since, piece.until)]
        for life in lives:
            parts = [
                (max(since, one.since), min(until, one.until))
                for since, until in parts
                for one in life
                if since < one.until and one.since < until
            ]
        yield from (Piece(since, until, piece.state) for since, until in parts)
