"""What a writer asks for, and the arithmetic that turns it into states: no database here.

A life on the valid-time axis is a list of half-open pieces. A change says what a stretch of one
life is from now on; revising keeps what the change does not speak of. One rule serves new
versions, corrections of the past and retirements.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import pairwise
from typing import TypeAlias

from graph.errors import Refused
from graph.times import FAR, OPEN

Property: TypeAlias = str | int | float | bool | date | datetime | list[str]
State: TypeAlias = Mapping[str, Property]


@dataclass(frozen=True, slots=True)
class Piece:
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
        if not self.superseded:
            return "CREATED"
        return "CHANGED" if self.change.pieces else "ENDED"


def revise(stored: Sequence[Stored], change: Change) -> Revision | None:
    """Supersede what overlaps, keep the remainders, add the new; None where nothing changes."""
    met: list[Stored] = []
    kept: list[Stored] = []
    for one in stored:
        meets = one.piece.since < change.until and change.since < one.piece.until
        (met if meets else kept).append(one)
    if says(met, change):
        return None
    rest = [part for s in met for part in _remainders(s.piece, change.since, change.until)]
    made = sorted((*rest, *change.pieces), key=lambda piece: piece.since)
    return Revision(change, tuple(met), tuple(kept), tuple(made))


def says(stored: Iterable[Stored], change: Change) -> bool:
    """Whether what is stored already says what the change says, of its stretch."""
    within = [
        Piece(max(s.piece.since, change.since), min(s.piece.until, change.until), s.piece.state)
        for s in stored
        if s.piece.since < change.until and change.since < s.piece.until
    ]
    return _joined(within) == _joined(change.pieces)


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


def _joined(pieces: Iterable[Piece]) -> list[Piece]:
    """Neighbours that say the same become one, so that a split is no difference."""
    joined: list[Piece] = []
    for piece in sorted(pieces, key=lambda p: p.since):
        last = joined[-1] if joined else None
        if last and last.until == piece.since and last.state == piece.state:
            joined[-1] = Piece(last.since, piece.until, piece.state)
        else:
            joined.append(piece)
    return joined
