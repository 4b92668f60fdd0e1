"""The rules across several facts: shares of a whole, circles, what may not be in force together.

All stretches of time are half-open.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain, pairwise
from math import fsum

from graph.insight.ranks import components

TOLERANCE = 1e-9
"""How far shares may be from 1 for arithmetic's sake."""


@dataclass(frozen=True, slots=True)
class Share:
    """A part of a whole, for a time."""

    id: str
    share: float
    since: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class Unbalanced:
    """A stretch in which shares do not make 1, and those that are in force."""

    since: datetime
    until: datetime
    total: float
    parts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Claim:
    """Something that may be in force alone only, for a time."""

    id: str
    since: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class Overlap:
    """Two that are in force together, the earlier first, and when."""

    first: str
    second: str
    since: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class Step:
    """A link of a kind that may not lead back to where it started, for a time."""

    source: str
    target: str
    since: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class Circle:
    """Things that lead round to the first of them, and from when on they do."""

    members: tuple[str, ...]
    since: datetime


def unbalanced(shares: Iterable[Share]) -> Iterator[Unbalanced]:
    """Every stretch in which there are shares of a whole and they do not make 1."""
    shares = sorted(shares, key=lambda one: one.id)
    edges = sorted({edge for one in shares for edge in (one.since, one.until)})
    for since, until in pairwise(edges):
        held = [one for one in shares if one.since <= since < one.until]
        total = fsum(one.share for one in held)
        if held and abs(total - 1) > TOLERANCE:
            yield Unbalanced(since, until, total, tuple(one.id for one in held))


def overlaps(claims: Iterable[Claim]) -> Iterator[Overlap]:
    """Each that begins while another is in force, with the one that lasts longest of these."""
    longest: Claim | None = None
    for claim in sorted(claims, key=lambda one: (one.since, one.until, one.id)):
        if longest and claim.since < longest.until and claim.id != longest.id:
            until = min(claim.until, longest.until)
            yield Overlap(longest.id, claim.id, claim.since, until)
        if longest is None or longest.until < claim.until:
            longest = claim


def circles(steps: Iterable[Step]) -> list[Circle]:
    """The circles that steps close at any time: one through each knot of things, each told once.

    A circle begins when the last of its steps does, so only beginnings are looked at.
    """
    steps = _knotted(steps)
    found: dict[tuple[str, ...], Circle] = {}
    for when in sorted({step.since for step in steps}):
        held = _beside(step for step in steps if step.since <= when < step.until)
        for knot in knots(held):
            members = round_trip(min(knot), held, knot)
            found.setdefault(members, Circle(members, when))
    return list(found.values())


def _knotted(steps: Iterable[Step]) -> list[Step]:
    """Steps within one knot, times aside: no other can be part of a circle."""
    steps = list(steps)
    where = {id_: i for i, knot in enumerate(knots(_beside(steps))) for id_ in knot}
    return [s for s in steps if s.source in where and where[s.source] == where.get(s.target)]


def _beside(steps: Iterable[Step]) -> Mapping[str, list[str]]:
    beside: defaultdict[str, list[str]] = defaultdict(list)
    for step in steps:
        beside[step.source].append(step.target)
    return {source: sorted(set(targets)) for source, targets in beside.items()}


def knots(beside: Mapping[str, Sequence[str]]) -> list[frozenset[str]]:
    """Sets of things that all lead to each other (strongly connected), with a circle.

    `beside` tells where each thing leads. A thing that leads to itself is a knot of its own.
    """
    pairs = [(near, far) for near, ahead in beside.items() for far in ahead]
    members: defaultdict[int, list[str]] = defaultdict(list)
    for id_, number in components(dict.fromkeys(chain.from_iterable(pairs)), pairs).items():
        members[number].append(id_)
    return [
        frozenset(ids)
        for ids in members.values()
        if len(ids) > 1 or ids[0] in beside.get(ids[0], ())
    ]


def round_trip(
    start: str, beside: Mapping[str, Sequence[str]], within: frozenset[str]
) -> tuple[str, ...]:
    """A shortest way from a thing of a knot back to itself (breadth first), without the return."""
    came: dict[str, str] = {}
    level = [start]
    while level:
        ahead: list[str] = []
        for near in level:
            for far in beside.get(near, ()):
                if far == start:
                    return _way(start, near, came)
                if far in within and far not in came:
                    came[far] = near
                    ahead.append(far)
        level = ahead
    raise ValueError(f"{start} is part of no circle")


def _way(start: str, end: str, came: Mapping[str, str]) -> tuple[str, ...]:
    way = [end]
    while way[-1] != start:
        way.append(came[way[-1]])
    return tuple(reversed(way))


def stretch(since: datetime, until: datetime) -> str:
    """`from 2024-01-01 to 2025-01-01`; an end that nobody wrote down is left out."""
    begun = "from the beginning" if since.year == datetime.min.year else f"from {_day(since)}"
    return f"{begun} on" if until.year == datetime.max.year else f"{begun} to {_day(until)}"


def _day(when: datetime) -> str:
    return when.isoformat().removesuffix("+00:00").removesuffix("T00:00:00")
