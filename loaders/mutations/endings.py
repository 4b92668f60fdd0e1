"""Entities end on grounds, come back, and are kept off the scorecard."""

from __future__ import annotations

from datetime import date, datetime

from graph.changes import Piece, State, in_force
from graph.ontology.terms import Status, Term
from graph.ontology.vocabulary import Entity, GlobalId, Kind, Link
from graph.times import FAR, INSTANT, written
from loaders.columns import ENDING
from loaders.mutations.carried import name
from loaders.mutations.effects import ended
from loaders.mutations.outcomes import ErrorCode, Problem, RuleBroken, invalid, wrong
from loaders.mutations.reading import Words, ending
from loaders.mutations.steps import Seen, Text, When, alive, declared, span
from loaders.mutations.working import Working


class Ending(Term):
    """How an entity ends."""

    RETIRED = Status.RETIRED.value
    MERGED = Status.MERGED.value
    ABSORBED = Status.ABSORBED.value


class GroundedStep(Seen):
    """What is done to an entity on grounds: reason, evidence and a decision."""

    reason: Text
    """Why; kept with it as its rationale."""
    evidence: tuple[Text, ...] | None = None
    """What the reason rests on: words or global ids. Required by rule."""
    decision: GlobalId | None = None
    """Id of the decision behind it. Required by rule; within `recordDecision` it is that one."""

    def grounds(self, work: Working) -> State:
        """What is kept of them. Raises Wrong where one is missing."""
        self.see(work)
        self._entity(work)
        if not self.evidence:
            invalid(self.of, "evidence", None, "is required: say what the reason rests on")
        if bad := next((one for one in self.evidence if ";" in one), None):
            invalid(self.of, "evidence", bad, "holds a `;`; write it as two")
        return {"rationale": self.reason, "evidence": "; ".join(self.evidence)}

    def decided(self, work: Working) -> str:
        """Id of the decision. Raises Wrong where there is none."""
        found = self.decision or work.decision
        if found is None:
            rule = "is required: name the decision, or do it within `recordDecision`"
            invalid(self.of, "decision", None, rule)
        return found

    def _entity(self, work: Working) -> None:
        found = declared(work, self.of, "of")
        if not issubclass(found, Entity):
            way = "unlink" if issubclass(found, Link) else "end"
            invalid(self.of, "of", self.of, f"is no entity; it ends by `{way}`, with a reason")

    async def backed(
        self, work: Working, field: str, other: str, since: datetime, until: datetime
    ) -> None:
        """Say that a link of the entity leads to something within a stretch."""
        words = Words(work.ontology, work.ontology.kinds[self.of.partition(":")[0]], {})
        await name(work, words, words.parts[field], [other], self.of, since, until)


class ArchiveStep(GroundedStep):
    """An entity is in force no longer; its whole life stays in the archive."""

    at: When | None = None
    """First instant at which it is in force no longer; now if left out."""
    ending: Ending = Ending.RETIRED
    """How it ends."""
    successor: GlobalId | None = None
    """Id of what takes its place: of the same kind, in force, itself not archived."""
    without_successor: bool = False
    """Say true where nothing takes its place; one of the two is required."""

    async def edit(self, work: Working) -> None:
        """Say that it is over."""
        at, kept = self.at or work.now, self.grounds(work)
        decision = self.decided(work)
        last = await self._last(work, at)
        await self._succeeded(work, at)
        state = {**last.state, **kept, ENDING: self.ending.name}
        work.say(self.of, last.since, FAR, [Piece(last.since, at, state)])
        await self._behind(work, decision, last.since, at)
        if self.successor:
            await self.backed(work, "successor", self.successor, last.since, at)
        await ended(work, self.of, at)

    async def _last(self, work: Working, at: datetime) -> Piece:
        """The last piece of its life, if that ends now."""
        await alive(work, self.of, "of", at)
        if found := in_force(await work.life(self.of), at - INSTANT):
            return found
        rule = f"is not in force before {written(at)}; what never was is not archived"
        invalid(self.of, "at", written(at), rule)

    async def _behind(self, work: Working, decision: str, since: datetime, at: datetime) -> None:
        """The decision stands behind its last piece; beside another, behind the last instant."""
        held = await work.held(work.ontology.links["backed_by"], True, self.of, at - INSTANT)
        other = any(far != decision for _, far in held)
        await self.backed(work, "decision", decision, at - INSTANT if other else since, at)

    async def _succeeded(self, work: Working, at: datetime) -> None:
        """Refuse a successor that cannot be one."""
        if (self.successor is None) == (not self.without_successor):
            rule = "is required: name one, or say `withoutSuccessor: true`; not both"
            invalid(self.of, "successor", self.successor, rule)
        if self.successor is None:
            return
        if self.successor.partition(":")[0] != self.of.partition(":")[0]:
            self._refuse(f"is of another kind than {self.of}; a successor is of the same")
        if await leads_to(work, self.successor, self.of):
            self._refuse(f"leads back to {self.of}; successors go in no circle")
        await alive(work, self.successor, "successor", at)

    def _refuse(self, rule: str) -> None:
        problem = Problem(of=self.of, field="successor", value=self.successor, rule=rule)
        wrong(RuleBroken, ErrorCode.RULE_BROKEN, problem)


class RestoreStep(Seen):
    """An archived thing is in force again, as it was at its last instant; the gap stays."""

    at: When | None = None
    """First instant at which it is in force again; now if left out."""

    async def edit(self, work: Working) -> None:
        """Say that it is back."""
        self.see(work)
        if not issubclass(declared(work, self.of, "of"), Kind):
            invalid(self.of, "of", self.of, "is a link; `link` it again")
        since, until = span(self.at or work.now, None, self.of)
        life = await work.life(self.of)
        if not life:
            await alive(work, self.of, "of", since)
        if life[-1].until > since:
            rule = f"is in force until {_when(life[-1].until)}; there is nothing to restore"
            problem = Problem(of=self.of, field="of", value=self.of, rule=rule)
            wrong(RuleBroken, ErrorCode.ALREADY_THERE, problem)
        state = ending(life[-1].state) if ENDING in life[-1].state else life[-1].state
        work.say(self.of, since, until, [Piece(since, until, state)])


class ExcludeStep(GroundedStep):
    """An entity is known and kept off the scorecard, on grounds that are looked at again."""

    at: When | None = None
    """Since when; now if left out."""
    review_at: date | None = None
    """Day on which the grounds are looked at again."""

    async def edit(self, work: Working) -> None:
        """Say that it is excluded."""
        since, kept = self.at or work.now, dict(self.grounds(work))
        decision = self.decided(work)
        kept |= {"status": Status.EXCLUDED.name}
        kept |= {"reviewAt": self.review_at} if self.review_at else {}
        pieces = await alive(work, self.of, "of", since)
        made = [Piece(one.since, one.until, {**one.state, **kept}) for one in pieces]
        work.say(self.of, since, FAR, made)
        await self.backed(work, "decision", decision, since, FAR)


async def leads_to(work: Working, first: str, last: str) -> bool:
    """Whether what has ended leads from successor to successor to something."""
    here: str | None = first
    seen = set[str]()
    while here and here not in seen:
        if here == last:
            return True
        seen.add(here)
        here = await _successor(work, here)
    return False


async def _successor(work: Working, id_: str) -> str | None:
    life = await work.life(id_)
    if not life or life[-1].until == FAR:
        return None
    link = work.ontology.links["succeeded_by"]
    found = await work.held(link, True, id_, life[-1].until - INSTANT)
    return found[0][1] if found else None


def _when(until: datetime) -> str:
    return "further notice" if until == FAR else written(until)
