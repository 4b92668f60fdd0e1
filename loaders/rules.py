"""Rules across rows: shares make 1, no circles, what must stand alone does, at every instant.

What is judged is the graph as it will be known after the load. A whole, circle or rival that the
load does not touch is not.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from graph.changes import Change, Piece, in_force
from graph.declared_checks import Wholes, same, wholes
from graph.insight.rules import (
    Circle,
    Claim,
    Overlap,
    Share,
    Step,
    Unbalanced,
    circles,
    overlaps,
    stretch,
    unbalanced,
)
from graph.neighbours import Neighbours
from graph.ontology import Ontology
from graph.ontology.vocabulary import Kind, Link, camel
from graph.times import DAWN, FAR
from loaders.after import After, within
from loaders.blame import Blame, Rows, at
from loaders.lives import Lives
from loaders.report import Problem
from loaders.ruled import fields_of, only, ruled, spoken_of
from loaders.spool import Spool

Segment = tuple[datetime, datetime, tuple[object, ...]]
"""A stretch, and what a thing says in it of what only one may say."""


async def broken(neighbours: Neighbours, spool: Spool) -> list[Problem]:
    """Rows that break a rule together with others, or with what is stored.

    What rules speak of is held in memory, without properties that they do not.
    """
    asked = spoken_of(neighbours.store.ontology)
    return await judged(neighbours, Lives(spool).of(asked), Rows(spool))


async def judged(neighbours: Neighbours, changes: Iterable[Change], rows: Blame) -> list[Problem]:
    """What breaks a rule together with other changes, or with what is stored."""
    ontology = neighbours.store.ontology
    ruling, fields = ruled(ontology), fields_of(ontology)
    ours = [only(fields, change) for change in changes]
    if not any(change.id.partition(":")[0] in ruling or _ends(change) for change in ours):
        return []
    rules = _Rules(ontology, After(neighbours, ours), rows)
    return [problem async for problem in rules.broken()]


def _ends(change: Change) -> bool:
    """Whether a change ends something, and with it the links that it has."""
    return not change.pieces or change.pieces[-1].until < FAR


@dataclass(frozen=True, slots=True)
class _Rules:
    """The three rules over one load."""

    ontology: Ontology
    after: After
    rows: Blame

    async def broken(self) -> AsyncIterator[Problem]:
        """Every problem, rule by rule."""
        for one in wholes(self.ontology):
            for problem in await self.not_one(one):
                yield problem
        for link in self.ontology.links.values():
            if link.acyclic:
                for problem in await self.circles(link):
                    yield problem
        for kind in self.ontology.kinds.values():
            if kind.alone:
                for problem in await self.rivals(kind):
                    yield problem

    async def not_one(self, one: Wholes) -> list[Problem]:
        """Wholes of which shares do not make 1: the first stretch of each."""
        after, parts = self.after, self.after.said(one.part) if one.part else []
        await after.links(one.link, not one.forward, parts)
        touched = {self._whole(one, id_) for id_ in after.said(one.link)}
        over = [] if one.part else self._over(one)
        await after.links(one.link, not one.forward, over)
        for part in (*parts, *over):
            touched |= {whole for _, whole, _ in after.held(one.link, not one.forward, part)}
        await after.links(one.link, one.forward, touched)
        others = {far for w in touched for _, far, _ in after.held(one.link, one.forward, w)}
        await after.things(touched | others)
        firsts = ((w, next(unbalanced(self._shares(one, w)), None)) for w in sorted(touched))
        return [self._not_one(one, whole, wrong) for whole, wrong in firsts if wrong]

    def _over(self, one: Wholes) -> list[str]:
        """Things that the load ends, and whose shares end with them."""
        kinds = self.ontology.targets(one.link) if one.forward else self.ontology.sources(one.link)
        return [id_ for kind in kinds for id_ in self.after.said(kind) if self.after.over(id_)]

    def _whole(self, one: Wholes, id_: str) -> str:
        source, target = self.after.ends(id_)
        return source if one.forward else target

    def _shares(self, one: Wholes, whole: str) -> Iterator[Share]:
        """Shares of a whole, while it, its part and the link between them are in force."""
        life, name = self.after.life(whole), camel(one.field)
        for id_, far, pieces in self.after.held(one.link, one.forward, whole):
            part = self.after.life(far)
            held, by = (part, pieces) if one.part else (pieces, part)
            for piece in within(held, life, by):
                if isinstance(share := piece.state.get(name), int | float):
                    yield Share(far if one.part else id_, share, piece.since, piece.until)

    def _not_one(self, one: Wholes, whole: str, wrong: Unbalanced) -> Problem:
        """The last row of a part in force, else the last that ends one."""
        fact = self.rows.last(wrong.parts)
        others = [id_ for id_ in wrong.parts if fact and id_ != fact.id]
        does, of = "makes", f" of {whole}"
        if fact and others:
            of = f" with the others of {whole}{self.rows.beside(fact, others)}"
        if fact is None:
            held = list(self.after.held(one.link, one.forward, whole))
            near = [id_ for link, far, _ in held for id_ in (link, far)]
            over = [id_ for id_ in near if not in_force(self.after.life(id_), wrong.since)]
            fact = self.rows.last(over) or self.rows.last(near) or self.rows.last([whole])
            does = "leaves"
        assert fact, "a whole is judged because a row speaks of it"
        rule = (
            f"{does} {wrong.total:.9g}{of} {stretch(wrong.since, wrong.until)}; they must sum to 1"
        )
        return at(fact, one.part or one.link, one.field, rule)

    async def circles(self, link: type[Link]) -> list[Problem]:
        """Circles that a link of the load closes."""
        after, said = self.after, self.after.said(link)
        ahead = {end for id_ in said for end in after.ends(id_)}
        seen = set[str]()
        while ahead:
            await after.links(link, True, ahead)
            seen |= ahead
            far = {far for id_ in ahead for _, far, _ in after.held(link, True, id_)}
            ahead = far - seen
        steps = list(self._steps(link, seen))
        if not circles(steps):
            return []
        await after.things({end for step in steps for end in (step.source, step.target)})
        alive = circles(self._steps(link, seen, alive=True))
        return [found for circle in alive if (found := self._circle(link, circle))]

    def _steps(self, link: type[Link], of: Iterable[str], alive: bool = False) -> Iterator[Step]:
        for source in sorted(of):
            for _, target, pieces in self.after.held(link, True, source):
                lives = [self.after.life(source), self.after.life(target)] if alive else []
                for piece in within(pieces, *lives):
                    yield Step(source, target, piece.since, piece.until)

    def _circle(self, link: type[Link], circle: Circle) -> Problem | None:
        """The last row that closes a circle; None where the load says nothing of it."""
        first, *rest = circle.members
        pairs = set(pairwise((first, *rest, first)))
        ids = [
            id_
            for source, target in pairs
            for id_, far, _ in self.after.held(link, True, source)
            if far == target
        ]
        fact = self.rows.last(ids)
        if fact is None or fact.ends is None:
            return None
        begin = circle.members.index(fact.ends[0])
        turned = (*circle.members[begin:], *circle.members[:begin], fact.ends[0])
        when = "" if circle.since == DAWN else f" {stretch(circle.since, FAR)}"
        rule = f"closes a circle: {' > '.join(turned)}{when}; there may be none"
        return fact.place.breaks(rule)

    async def rivals(self, kind: type[Kind]) -> list[Problem]:
        """Things that agree in what only one in force may have, and overlap."""
        touched = await self._touched(kind)
        near = touched | await self._near(kind, touched)
        ends = self.ontology.ends(kind)
        follow = [ends[name] for name in kind.alone if name in ends]
        for end in follow:
            await self.after.links(end.link, end.forward, near)
        await self.after.things(near)
        await self.after.things(
            {far for e in follow for n in near for _, far, _ in self._held(n, e.link, e.forward)}
        )
        claims: defaultdict[tuple[object, ...], list[Claim]] = defaultdict(list)
        for id_ in sorted(near):
            for since, until, key in self._segments(kind, id_):
                claims[key].append(Claim(id_, since, until))
        pairs = [pair for same in claims.values() for pair in overlaps(same)]
        return [self._overlap(kind, pair) for pair in pairs if {pair.first, pair.second} & touched]

    def _held(
        self, id_: str, link: type[Link], forward: bool
    ) -> Iterator[tuple[str, str, Sequence[Piece]]]:
        return self.after.held(link, forward, id_)

    async def _touched(self, kind: type[Kind]) -> set[str]:
        """Things of a kind of which, or of whose links, the load speaks."""
        found = set(self.after.said(kind))
        for name in kind.alone:
            if end := self.ontology.ends(kind).get(name):
                said = (self.after.ends(id_) for id_ in self.after.said(end.link))
                mine = {ends[0] if end.forward else ends[1] for ends in said}
                found |= {id_ for id_ in mine if id_.startswith(f"{kind.word}:")}
        return found

    async def _near(self, kind: type[Kind], touched: set[str]) -> set[str]:
        """Things of a kind that may agree with some: at the same thing, or of the same value."""
        ends = self.ontology.ends(kind)
        anchor = next((ends[n] for n in kind.alone if n in ends and ends[n].single), None)
        if anchor is None:
            await self.after.things(touched)
            field = next(name for name in kind.alone if name not in ends)
            pieces = (piece for id_ in touched for piece in self.after.life(id_))
            values = {value for p in pieces if (value := p.state.get(camel(field)))}
            return await self.after.alike(kind, field, values)
        link, forward = anchor.link, anchor.forward
        await self.after.links(link, forward, touched)
        hubs = {far for id_ in touched for _, far, _ in self.after.held(link, forward, id_)}
        await self.after.links(link, not forward, hubs)
        return {far for hub in hubs for _, far, _ in self.after.held(link, not forward, hub)}

    def _segments(self, kind: type[Kind], id_: str) -> Iterator[Segment]:
        """The life of a thing in stretches within which what it must be alone in is the same."""
        ends = self.ontology.ends(kind)
        life = self.after.life(id_)
        held = {
            name: [
                (far, list(within(pieces, self.after.life(far))))
                for _, far, pieces in self._held(id_, ends[name].link, ends[name].forward)
            ]
            for name in kind.alone
            if name in ends
        }
        every = [life, *(pieces for links in held.values() for _, pieces in links)]
        several = {name for name in held if not ends[name].single}
        edges = sorted({edge for pieces in every for p in pieces for edge in (p.since, p.until)})
        for since, until in pairwise(edges):
            if piece := in_force(life, since):
                ids = {
                    name: tuple(sorted({far for far, held in links if in_force(held, since)}))
                    for name, links in held.items()
                }
                key = tuple(ids[n] if n in ids else piece.state.get(camel(n)) for n in kind.alone)
                if all(key[i] or n in several for i, n in enumerate(kind.alone)):
                    yield since, until, key

    def _overlap(self, kind: type[Kind], pair: Overlap) -> Problem:
        fact = self.rows.last((pair.first, pair.second)) or self.rows.last(self._links(kind, pair))
        assert fact, "rivals are judged because a row speaks of one"
        other = pair.first if fact.id != pair.first else pair.second
        rule = (
            f"overlaps {other}{self.rows.where(fact, other)} (same {same(kind)})"
            f" {stretch(pair.since, pair.until)}; at most one may be in force at a time"
        )
        since = f"{fact.piece.since:%Y-%m-%d}" if fact.piece.since > DAWN else ""
        return fact.place._replace(column="valid_from", value=since).breaks(rule)

    def _links(self, kind: type[Kind], pair: Overlap) -> Iterator[str]:
        """Links by which two things are rivals."""
        ends = self.ontology.ends(kind)
        for name in kind.alone:
            for id_ in (pair.first, pair.second):
                if end := ends.get(name):
                    yield from (link for link, *_ in self._held(id_, end.link, end.forward))
