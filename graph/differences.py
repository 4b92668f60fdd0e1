"""What a commit changed in one life: two beliefs become an action, a stretch and changed fields.

Arithmetic on pieces whose states are told as texts: no database, no clock.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any

from graph.changes import Piece, State
from graph.insight.past import ChangeAction, FieldChange
from graph.times import FAR, written

OPEN_END = "open"
"""How an open end is told beside other ends."""
NOTHING: State = {}
Texts = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Carried:
    """A link that stands in a column of a thing: the field, the other end, and for how long."""

    field: str
    other: str
    since: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class Difference:
    """What one commit did to one life."""

    action: ChangeAction
    since: datetime
    until: datetime
    fields: tuple[FieldChange, ...]


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch throughout which both beliefs say one thing each; None = not in force."""

    since: datetime
    until: datetime
    was: State | None
    now: State | None


def difference(
    before: Sequence[Piece], after: Sequence[Piece], known: bool, at: datetime
) -> Difference:
    """What lies between two beliefs about a life.

    `known` = something was believed of it at some time before; `at` = when it came to be known.
    Of a stretch that comes into force, the state before is that of the nearest earlier one, else
    later one. A stretch that ends changes no field but its validity, unless nothing is left.
    """
    before, after = _in_order(before), _in_order(after)
    found = list(segments(before, after))
    told = found or [Segment(p.since, p.until, None, None) for p in (*before, *after)]
    since, until = min(s.since for s in told), max(s.until for s in told)
    fields = [*_validity(before, after, since, until), *_fields(found, before, after)]
    fields.sort(key=lambda field: (field.name, str(field.valid_from)))
    return Difference(action(before, after, known, at), since, until, tuple(fields))


def action(
    before: Sequence[Piece], after: Sequence[Piece], known: bool, at: datetime
) -> ChangeAction:
    """What a reader calls it. What had ended when its end moved on is restored."""
    if not after:
        return ChangeAction.RETRACTED
    if not before:
        return ChangeAction.RESTORED if known else ChangeAction.CREATED
    was, now = (max(piece.until for piece in life) for life in (before, after))
    if now < was:
        return ChangeAction.ENDED
    return ChangeAction.RESTORED if was < now and was <= at else ChangeAction.CHANGED


def segments(before: Sequence[Piece], after: Sequence[Piece]) -> Iterator[Segment]:
    """Where two beliefs differ, in order; what both say in one piece is not looked at."""
    both = {(p.since, p.until, tuple(sorted(p.state.items()))) for p in before}
    both &= {(p.since, p.until, tuple(sorted(p.state.items()))) for p in after}
    old, new = (
        [p for p in life if (p.since, p.until, tuple(sorted(p.state.items()))) not in both]
        for life in (before, after)
    )
    edges = sorted({edge for p in (*old, *new) for edge in (p.since, p.until)})
    for since, until in pairwise(edges):
        was, now = _state(old, since), _state(new, since)
        if was != now:
            yield Segment(since, until, was, now)


def compared(was: Piece, now: Piece) -> tuple[FieldChange, ...]:
    """Fields in which two states of one thing differ, and in when they hold."""
    told = [{**p.state, "validFrom": written(p.since), **_until(p)} for p in (was, now)]
    names = sorted(told[0].keys() | told[1].keys())
    return tuple(
        _change(name, told[0].get(name), told[1].get(name), now.since, now.until)
        for name in names
        if told[0].get(name) != told[1].get(name)
    )


def _until(piece: Piece) -> dict[str, str]:
    return {} if piece.until == FAR else {"validTo": written(piece.until)}


def with_carried(life: Iterable[Piece], carried: Sequence[Carried]) -> list[Piece]:
    """A life whose states also tell what its columns carry: ids in order, joined by `; `."""
    edges = sorted({edge for one in carried for edge in (one.since, one.until)})
    return [part for piece in life for part in _parts(piece, edges, carried)]


def _parts(piece: Piece, edges: Sequence[datetime], carried: Sequence[Carried]) -> Iterator[Piece]:
    within = [edge for edge in edges if piece.since < edge < piece.until]
    for since, until in pairwise([piece.since, *within, piece.until]):
        named: dict[str, list[str]] = {}
        for one in carried:
            if one.since <= since < one.until:
                named.setdefault(one.field, []).append(one.other)
        told = {field: "; ".join(sorted(set(ids))) for field, ids in named.items()}
        yield Piece(since, until, {**piece.state, **told})


def _fields(
    found: Iterable[Segment], before: Sequence[Piece], after: Sequence[Piece]
) -> Iterator[FieldChange]:
    """Changed fields; one that changed alike in neighbouring segments is told once."""
    open_: dict[str, FieldChange] = {}
    for segment in found:
        was = segment.was if segment.was is not None else _nearest(before, segment.since)
        now = segment.now if segment.now is not None else (was if after else NOTHING)
        for name in was.keys() | now.keys():
            if was.get(name) == now.get(name):
                continue
            told = _change(name, was.get(name), now.get(name), segment.since, segment.until)
            last = open_.get(name)
            if (
                last
                and (last.before, last.after) == (told.before, told.after)
                and (last.valid_to == segment.since)
            ):
                told = told.model_copy(update={"valid_from": last.valid_from})
            elif last:
                yield last
            open_[name] = told
    yield from open_.values()


def _validity(
    before: Sequence[Piece], after: Sequence[Piece], since: datetime, until: datetime
) -> Iterator[FieldChange]:
    """When it is in force at all, as fields."""
    was, now = _runs(before), _runs(after)
    for name, place in (("validFrom", 0), ("validTo", 1)):
        old, new = (_ends([run[place] for run in runs]) for runs in (was, now))
        if old != new:
            yield _change(name, old, new, since, until)


def _change(name: str, old: Any, new: Any, since: datetime, until: datetime) -> FieldChange:
    return FieldChange.model_construct(
        name=name, before=old, after=new, valid_from=since, valid_to=until
    )


def _runs(life: Sequence[Piece]) -> list[tuple[datetime, datetime]]:
    """Stretches in which a life is in force throughout, whatever it says."""
    runs: list[tuple[datetime, datetime]] = []
    for piece in life:
        if runs and runs[-1][1] == piece.since:
            runs[-1] = (runs[-1][0], piece.until)
        else:
            runs.append((piece.since, piece.until))
    return runs


def _ends(instants: Sequence[datetime]) -> str | None:
    """Instants as a text; None for none, and for an open end alone."""
    if instants in ([], [FAR]):
        return None
    return "; ".join(OPEN_END if one == FAR else written(one) for one in instants)


def _in_order(life: Iterable[Piece]) -> list[Piece]:
    return sorted(life, key=lambda piece: piece.since)


def _state(life: Sequence[Piece], when: datetime) -> State | None:
    """What a life in order says at an instant."""
    place = bisect_right(life, when, key=lambda piece: piece.since) - 1
    return life[place].state if place >= 0 and when < life[place].until else None


def _nearest(life: Sequence[Piece], when: datetime) -> State:
    """What a life said last before an instant at which it is not in force, else first after it."""
    place = bisect_right(life, when, key=lambda piece: piece.since) - 1
    return life[max(place, 0)].state if life else NOTHING
