"""What a writer asks for, and the arithmetic that turns it into states: no database here.

A life on the valid-time axis is a list of half-open pieces. A change says what a stretch of one life
is from now on; revising keeps what the change does not speak of. One rule serves new versions,
corrections of the past and retirements.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TypeAlias

from graph.times import FAR

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


@dataclass(frozen=True, slots=True)
class Stored:
    """A piece as the database holds it."""

    ref: str
    piece: Piece
    recorded: int


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
    met = [s for s in stored if s.piece.since < change.until and change.since < s.piece.until]
    kept = tuple(s for s in stored if s not in met)
    before = [_cut(s.piece, change.since, change.until) for s in met]
    if _joined(before) == _joined(change.pieces):
        return None
    rest = [part for s in met for part in _remainders(s.piece, change.since, change.until)]
    made = sorted((*rest, *change.pieces), key=lambda piece: piece.since)
    return Revision(change, tuple(met), kept, tuple(made))


def overlap(pieces: Iterable[Piece]) -> tuple[Piece, Piece] | None:
    """Two pieces of one life that claim the same instant, if any."""
    ordered = sorted(pieces, key=lambda piece: (piece.since, piece.until))
    return next(((a, b) for a, b in zip(ordered, ordered[1:], strict=False) if b.since < a.until), None)


def in_force(pieces: Iterable[Piece], when: datetime) -> Piece | None:
    """The piece that holds at an instant."""
    return next((p for p in pieces if p.since <= when < p.until), None)


def _cut(piece: Piece, since: datetime, until: datetime) -> Piece:
    return Piece(max(piece.since, since), min(piece.until, until), piece.state)


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
