"""What a writer asks for, and the arithmetic that turns it into states: no database here.

A life on the valid-time axis is a list of half-open pieces. A change says what a stretch of one
life is from now on; revising keeps what the change does not speak of. One rule serves new
versions, corrections of the past and retirements.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import pairwise
from operator import attrgetter
from typing import NamedTuple, TypeAlias

from graph.errors import Refused
from graph.times import FAR, OPEN

Property: TypeAlias = str | int | float | bool | date | datetime | list[str]
State: TypeAlias = Mapping[str, Property]


class Piece(NamedTuple):
    """A stretch [since, until) of a life, and what held during it."""

    since: datetime
    until: datetime
    state: State


@dataclass(frozen=True, slots=True)
class Change:
    """Within [since, until), the life of one thing or link is exactly these pieces.

    No piece means that it was not in force. Links name their two ends. `recorded` is the past
    record time of an organization that brings its history; else the store takes its clock's.
    """

    id: str
    since: datetime
    pieces: tuple[Piece, ...]
    until: datetime = FAR
    source: str | None = None
    target: str | None = None
    recorded: datetime | None = None

    @property
    def ends(self) -> tuple[str, str] | None:
        """The two ends of a link; None for a thing."""
        return (self.source, self.target) if self.source and self.target else None

    def check(self) -> None:
        """Raise Refused unless the pieces follow one another within [since, until)."""
        edges = [self.since]
        for piece in sorted(self.pieces, key=lambda piece: piece.since):
            edges += [piece.since, piece.until]
            if piece.since == piece.until:
                raise Refused(f"{self.id}: a piece without length at {piece.since.isoformat()}")
        edges.append(self.until)
        if self.since == self.until or edges != sorted(edges):
            raise Refused(f"{self.id}: its pieces do not follow one another within the change")


@dataclass(frozen=True, slots=True)
class Stored:
    """A piece as the database holds it: believed from one commit to another."""

    ref: str
    piece: Piece
    recorded: int
    superseded: int = OPEN
    ends: tuple[str, str] | None = None

    @property
    def latest(self) -> int:
        """The last commit that spoke of it."""
        return self.recorded if self.superseded == OPEN else self.superseded


@dataclass(frozen=True, slots=True, eq=False)
class Revision:
    """What one change does to what is stored."""

    change: Change
    superseded: tuple[Stored, ...]
    kept: tuple[Stored, ...]
    made: tuple[Piece, ...]

    @property
    def action(self) -> str:
        """CREATED, CHANGED or ENDED: what a reader of the audit calls it."""
        if not self.superseded and not self.kept:
            return "CREATED"
        return "CHANGED" if self.change.pieces else "ENDED"


def revise(stored: Sequence[Stored], change: Change) -> Revision | None:
    """Keep what is said again, supersede what is not, add the rest; None where nothing changes.

    What is stored afterwards follows from what was said at each commit alone, however the saying
    was cut into pieces. So a history that is told again in other pieces is stored the same.
    """
    if not stored:
        made = joined(change.pieces)
        return Revision(change, (), (), tuple(made)) if made else None
    if says(stored, change):
        return None
    rest = [part for s in stored for part in _remainders(s.piece, change.since, change.until)]
    life = joined((*rest, *change.pieces))
    kept: list[Stored] = []
    superseded: list[Stored] = []
    for one in stored:
        (kept if covered(one.piece, life) else superseded).append(one)
    return Revision(change, tuple(superseded), tuple(kept), tuple(_uncovered(life, kept)))


def says(stored: Iterable[Stored], change: Change) -> bool:
    """Whether what is stored already says what the change says, of its stretch."""
    within = [
        Piece(max(s.piece.since, change.since), min(s.piece.until, change.until), s.piece.state)
        for s in stored
        if s.piece.since < change.until and change.since < s.piece.until
    ]
    return joined(within) == joined(change.pieces)


def believed(
    stored: Iterable[Stored], when: datetime, at: Mapping[int, datetime]
) -> Iterator[Stored]:
    """What was believed at an instant; `at` tells the instants of commits."""
    for one in stored:
        over = one.superseded != OPEN and at[one.superseded] <= when
        if at[one.recorded] <= when and not over:
            yield one


def overlap(pieces: Iterable[Piece]) -> tuple[Piece, Piece] | None:
    """Two pieces of one life that claim the same instant, if any."""
    ordered = sorted(pieces, key=lambda piece: (piece.since, piece.until))
    return next(((a, b) for a, b in pairwise(ordered) if b.since < a.until), None)


def in_force(pieces: Iterable[Piece], when: datetime) -> Piece | None:
    """The piece that holds at an instant."""
    return next((p for p in pieces if p.since <= when < p.until), None)


def _remainders(piece: Piece, since: datetime, until: datetime) -> list[Piece]:
    parts = ((piece.since, min(since, piece.until)), (max(until, piece.since), piece.until))
    return [Piece(a, b, piece.state) for a, b in parts if a < b]


def joined(pieces: Iterable[Piece]) -> list[Piece]:
    """Neighbours that say the same become one, so that a split is no difference."""
    found: list[Piece] = []
    for piece in sorted(pieces, key=attrgetter("since")):
        last = found[-1] if found else None
        if last and last.until == piece.since and last.state == piece.state:
            found[-1] = Piece(last.since, piece.until, piece.state)
        else:
            found.append(piece)
    return found


def covered(piece: Piece, life: Sequence[Piece]) -> bool:
    """Whether a life, in order and joined, says throughout a piece what the piece says."""
    place = bisect_right(life, piece.since, key=lambda one: one.since) - 1
    within = life[place] if place >= 0 else None
    return within is not None and piece.until <= within.until and piece.state == within.state


def _uncovered(life: Iterable[Piece], kept: Iterable[Stored]) -> Iterator[Piece]:
    """What is left of a life beside what is stored of it."""
    spans = deque(sorted((one.piece.since, one.piece.until) for one in kept))
    for piece in life:
        since = piece.since
        while spans and spans[0][0] < piece.until:
            begin, end = spans.popleft()
            if since < begin:
                yield Piece(since, begin, piece.state)
            since = end
        if since < piece.until:
            yield Piece(since, piece.until, piece.state)
