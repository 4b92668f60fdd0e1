"""A copy of the lives that a mutation speaks of: read as they are asked for, then spoken over."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from graph.changes import Change, Piece, in_force, joined
from graph.concealed import Concealed
from graph.neighbours import Neighbours
from graph.ontology import Ontology
from graph.ontology.vocabulary import Link
from loaders.facts import Ends
from loaders.mutations.outcomes import SideEffect


@dataclass(slots=True)
class Working:
    """Lives as they will be: those of one published commit, with what is said of them since."""

    near: Neighbours
    now: datetime
    decision: str | None = None
    """Id of the decision that stands behind everything that is said now."""
    seen: dict[str, int] = field(default_factory=dict)
    """Revisions that the client has seen."""
    mentions: dict[str, str] = field(default_factory=dict)
    """Ids that must be there, each with the field that names it."""
    effects: list[SideEffect] = field(default_factory=list)
    spoken: dict[str, tuple[datetime, datetime]] = field(default_factory=dict)
    """The stretch of each life of which something was said."""
    concealed: Concealed | None = None
    """What the writer may not see; None where he sees everything."""
    named: frozenset[str] = frozenset()
    """Ids in the input."""
    blind: set[str] = field(default_factory=set)
    """Ids that were asked for and may not be seen: for the writer there is nothing there."""
    judged: bool = False
    """Whether more was read than the lives that are spoken of."""
    _lives: dict[str, list[Piece]] = field(default_factory=dict)
    _first: dict[str, list[Piece]] = field(default_factory=dict)
    _ends: dict[str, Ends] = field(default_factory=dict)
    _at: defaultdict[tuple[str, bool, str], set[str]] = field(
        default_factory=lambda: defaultdict(set)
    )
    _read: set[tuple[str, bool, str]] = field(default_factory=set)

    @property
    def ontology(self) -> Ontology:
        """What is declared."""
        return self.near.store.ontology

    async def life(self, id_: str) -> Sequence[Piece]:
        """The life of a thing or link, in order; nothing where there is none."""
        if id_ not in self._lives:
            link = self.ontology.link_of(id_)
            if (link is None or id_ in self.named) and await self.conceals([id_]):
                self.blind.add(id_)
                self._know(id_, (), None)
                return ()
            found = await (self.near.named(link, [id_]) if link else self.near.lives([id_]))
            stored = found.get(id_, ())
            self._know(id_, [one.piece for one in stored], stored[0].ends if stored else None)
        return self._lives[id_]

    async def conceals(self, ids: Iterable[str]) -> set[str]:
        """Those of some ids that the writer may not see."""
        return await self.concealed.among(ids) if self.concealed else set()

    async def links(self, link: type[Link], forward: bool, thing: str) -> list[str]:
        """Ids of the links of a type that start at a thing, or end there, at whatever time."""
        place = (link.word, forward, thing)
        if place not in self._read:
            self._read.add(place)
            for id_, stored in (await self.near.links(link, forward, [thing])).items():
                if id_ not in self._lives:
                    self._know(id_, [one.piece for one in stored], stored[0].ends)
        return sorted(self._at[place])

    async def held(
        self, link: type[Link], forward: bool, thing: str, when: datetime
    ) -> list[tuple[str, str]]:
        """Links of a type at a thing that hold at an instant: id, and the thing at the far end."""
        ids = await self.links(link, forward, thing)
        alive = [id_ for id_ in ids if in_force(self._lives[id_], when)]
        return [(id_, self._ends[id_][1 if forward else 0]) for id_ in alive]

    def near_links(self, link: type[Link], forward: bool, thing: str) -> list[tuple[str, str]]:
        """Links of a type at a thing that were read or said: id, and the thing at the far end."""
        ids = sorted(self._at[link.word, forward, thing])
        return [(id_, self._ends[id_][1 if forward else 0]) for id_ in ids]

    def ends(self, id_: str) -> Ends | None:
        """Source and target of a link that was read or said."""
        return self._ends.get(id_)

    def say(
        self,
        id_: str,
        since: datetime,
        until: datetime,
        pieces: Iterable[Piece] = (),
        ends: Ends | None = None,
    ) -> None:
        """Within [since, until) a life that was read is exactly these pieces."""
        if ends:
            self._place(id_, ends)
        rest = (part for piece in self._lives[id_] for part in outside(piece, since, until))
        self._lives[id_] = joined((*rest, *pieces))
        first, last = self.spoken.get(id_, (since, until))
        self.spoken[id_] = min(first, since), max(last, until)

    def changes(self) -> list[Change]:
        """What was said, one change for each life."""
        return [self._change(id_, *stretch) for id_, stretch in self.spoken.items()]

    def before(self, id_: str) -> Sequence[Piece]:
        """A life that was read, as it is stored."""
        return self._first[id_]

    def after(self, id_: str) -> Sequence[Piece]:
        """A life that was read, as it will be."""
        return self._lives[id_]

    def known(self, id_: str) -> bool:
        """Whether something was read or said, and has a life."""
        return bool(self._lives.get(id_))

    def _change(self, id_: str, since: datetime, until: datetime) -> Change:
        source, target = self._ends.get(id_, (None, None))
        pieces = tuple(inside(self._lives[id_], since, until))
        return Change(id_, since, pieces, until, source, target)

    def _know(self, id_: str, pieces: Iterable[Piece], ends: Ends | None) -> None:
        self._lives[id_] = self._first[id_] = joined(pieces)
        if ends:
            self._place(id_, ends)

    def _place(self, id_: str, ends: Ends) -> None:
        word = id_.partition(":")[0]
        self._ends[id_] = ends
        self._at[word, True, ends[0]].add(id_)
        self._at[word, False, ends[1]].add(id_)


def inside(life: Iterable[Piece], since: datetime, until: datetime) -> Iterator[Piece]:
    """The parts of pieces within [since, until)."""
    for piece in life:
        begin, end = max(since, piece.since), min(until, piece.until)
        if begin < end:
            yield Piece(begin, end, piece.state)


def outside(piece: Piece, since: datetime, until: datetime) -> Iterator[Piece]:
    """The parts of a piece before and after [since, until)."""
    for begin, end in (
        (piece.since, min(since, piece.until)),
        (max(until, piece.since), piece.until),
    ):
        if begin < end:
            yield Piece(begin, end, piece.state)


def cover(life: Iterable[Piece]) -> list[Piece]:
    """When a life is in force, whatever it says."""
    return joined(Piece(piece.since, piece.until, {}) for piece in life)
