"""From what was known of a life to the rows that tell it: the way back from `rows` and `lives`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import TypeAlias

from graph.changes import Piece, State, covered, in_force, joined
from graph.histories import Known
from graph.times import FAR

Names: TypeAlias = tuple[tuple[str, tuple[str, ...]], ...]
"""Columns that carry links, each with the things that it names."""


@dataclass(frozen=True, slots=True)
class Carried:
    """A link that a column of a thing's table carries, and the thing that the cell names."""

    column: str
    other: str
    known: Known


@dataclass(frozen=True, slots=True)
class Line:
    """A row: what holds in a piece, since when that is known, and what its columns name."""

    piece: Piece
    recorded: datetime | None
    named: Names = ()
    retracted: bool = False


def lines(known: Known, carried: Sequence[Carried] = ()) -> Iterator[Line]:
    """Rows by record time, then by validity: at each time the whole life as it was known then."""
    before: Sequence[Piece] = ()
    for when, now, links in _told(known, carried):
        yield from _retracted(before, now, when)
        for piece, named in _cut(now, links):
            yield Line(piece, when, named)
        before = now


def fits(known: Known, link: Known) -> bool:
    """Whether at each record time a link is known to hold only while the thing is in force."""
    for _, now, links in _told(known, [Carried("", "", link)]):
        cover = joined(Piece(piece.since, piece.until, {}) for piece in now)
        for _, pieces in links:
            if not all(covered(Piece(p.since, p.until, {}), cover) for p in pieces):
                return False
    return True


_Links: TypeAlias = list[tuple[Carried, Sequence[Piece]]]


def _told(
    known: Known, carried: Sequence[Carried]
) -> Iterator[tuple[datetime | None, Sequence[Piece], _Links]]:
    """Each record time at which something changed, with the life and links as known from then."""
    times = {*known, *(when for one in carried for when in one.known)}
    now: Sequence[Piece] = ()
    links: dict[int, Sequence[Piece]] = {}
    for when in sorted(times, key=lambda when: (when is not None, when)):
        now = known.get(when, now)
        for place, one in enumerate(carried):
            links[place] = one.known.get(when, links.get(place, ()))
        yield when, now, [(carried[place], pieces) for place, pieces in links.items()]


def _retracted(
    before: Sequence[Piece], now: Sequence[Piece], when: datetime | None
) -> Iterator[Line]:
    """A row that takes back a beginning that is not believed any more.

    Rows say nothing of what lies before the first of them, so this has to be said.
    """
    begin = now[0].since if now else FAR
    if before and before[0].since < begin:
        yield Line(Piece(before[0].since, begin, before[0].state), when, retracted=True)


def _cut(pieces: Iterable[Piece], links: _Links) -> Iterator[tuple[Piece, Names]]:
    """Pieces of a thing, cut where its links change; neighbours that say the same are one."""
    edges = {edge for _, held in links for piece in held for edge in (piece.since, piece.until)}
    for piece in pieces:
        inner = {edge for edge in edges if piece.since < edge < piece.until}
        last: tuple[datetime, datetime, Names] | None = None
        for since, until in pairwise([piece.since, *sorted(inner), piece.until]):
            named = _named(links, since)
            if last and last[2] == named:
                last = (last[0], until, named)
                continue
            if last:
                yield _piece(last, piece.state)
            last = (since, until, named)
        if last:
            yield _piece(last, piece.state)


def _piece(found: tuple[datetime, datetime, Names], state: State) -> tuple[Piece, Names]:
    return Piece(found[0], found[1], state), found[2]


def _named(links: _Links, when: datetime) -> Names:
    named: dict[str, set[str]] = {}
    for one, pieces in links:
        if in_force(pieces, when):
            named.setdefault(one.column, set()).add(one.other)
    return tuple((column, tuple(sorted(others))) for column, others in sorted(named.items()))
