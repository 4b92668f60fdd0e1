"""One mutation from beginning to end: read, edited, judged, put; again where others were faster."""

from __future__ import annotations

import asyncio
import hashlib
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from graph import terms
from graph.at_once import repeated
from graph.audit import Actor, canonical
from graph.concealed import Concealed
from graph.entries import hash_of
from graph.errors import Conflict, NotFound, Refused
from graph.insight.past import Change
from graph.neighbours import Neighbours
from graph.sight import EVERYTHING
from graph.store import Store
from graph.terms import KeyTaken, Moved, Stale, Terms
from graph.viewers import EVERYONE, Viewer
from loaders.mutations.judging import judge
from loaders.mutations.outcomes import (
    ErrorCode,
    KeyConflict,
    NotThere,
    Problem,
    Receipt,
    RevisionConflict,
    RuleBroken,
    SideEffect,
    UserError,
    Wrong,
    wrong,
)
from loaders.mutations.telling import Entry, changes
from loaders.mutations.verbs import Verb
from loaders.mutations.working import Working

EFFECTS = 200
"""Effects that are told at most."""
TRIES = 12
"""Times that a mutation is worked out anew before it gives up."""
PAUSE = 0.02
"""Seconds to wait at most after the first try; twice as long after each."""


@dataclass(frozen=True, slots=True)
class Writer:
    """Who writes, where, and what is now."""

    store: Store
    by: Actor
    now: datetime
    telling: bool = True
    """Whether to tell what is otherwise."""
    hashed: bool = True
    """Whether to tell it with the hash of the audit entry."""
    viewer: Viewer = EVERYONE
    """Who writes: of what he may not see he is told that it does not exist."""

    async def write(self, verb: Verb) -> Receipt | UserError:
        """Do a mutation. Raises Conflict where others are always faster, Unavailable, TimedOut."""
        given = Terms(verb.key, digest(verb) if verb.key else None, dry=verb.dry_run)
        try:
            if first := await repeated(self.store.answer, given):
                return receipt_of(verb, first)
            return await self._tried(verb, given)
        except KeyTaken as taken:
            rule = "was used for another change; take a new one"
            problem = Problem(field="key", value=verb.key, rule=rule)
            return _error(KeyConflict, ErrorCode.KEY_TAKEN, str(taken), problem)
        except Wrong as broken:
            return broken.error

    async def _tried(self, verb: Verb, given: Terms) -> Receipt:
        """Work it out until nobody was faster."""
        pause = PAUSE
        for _ in range(TRIES):
            try:
                return await self._once(verb, given)
            except (Moved, Stale) as faster:
                last = faster
            except Wrong:
                if first := await repeated(self.store.answer, given):
                    return receipt_of(verb, first)
                raise
            await asyncio.sleep(random.uniform(0, pause))
            pause *= 2
        raise Conflict("others change the same things all the time; try again") from last

    async def _once(self, verb: Verb, given: Terms) -> Receipt:
        near = await Neighbours.of(self.store)
        work = Working(near, self.now)
        if self.viewer.sight is not EVERYTHING or self.viewer.kinds is not None:
            work.concealed = await Concealed.of(near, self.viewer)
            work.named = frozenset(named(verb.model_dump()))
        await verb.edit(work)
        said = work.changes()
        await judge(work, said)
        read = dict.fromkeys(work.spoken, near.published) | work.seen
        judged = near.published if work.judged else None
        on = Terms(given.key, given.digest, read, judged, given.dry)
        try:
            receipt = await verb.put(self.store, said, self.by, on)
        except Stale as stale:
            if stale.id in work.seen:
                _stale(stale)
            raise
        except NotFound as gone:
            wrong(NotThere, ErrorCode.NOT_THERE, Problem(rule=str(gone)))
        except Refused as refused:
            wrong(RuleBroken, ErrorCode.RULE_BROKEN, Problem(rule=str(refused)))
        return await self._receipt(verb, work, receipt)

    async def _receipt(self, verb: Verb, work: Working, found: terms.Receipt) -> Receipt:
        """The receipt of what was just done, with what is otherwise and what follows."""
        told = receipt_of(verb, found)
        if found.repeated or not self.telling:
            return told.model_copy(update={"effects": await self._effects(work)})
        entry = Entry(
            sequence=found.sequence if found.entry else 0,
            number=found.entry or 0,
            at=found.at or self.now,
            actor=self.by.subject,
            reason=verb.reason,
            hash=await hash_of(self.store, found.entry) if self.hashed else "",
        )
        seen = await self._seen(work, changes(work, entry))
        also = {"changes": seen, "effects": await self._effects(work)}
        return told.model_copy(update=also)

    async def _seen(self, work: Working, found: Sequence[Change]) -> tuple[Change, ...]:
        """Changes of what the writer may see, without fields that he may not be told."""
        if work.concealed is None:
            return tuple(found)
        unseen, concealed = await work.conceals(one.of for one in found), work.concealed
        return tuple(
            one.model_copy(update={"fields": concealed.told(one)})
            for one in found
            if one.of not in unseen
        )

    async def _effects(self, work: Working) -> tuple[SideEffect, ...]:
        """What follows, without what may not be seen."""
        found: list[SideEffect] = []
        for effect in work.effects:
            if len(found) == EFFECTS:
                break
            ids = named([effect.of, *effect.told.split()])
            if work.concealed is None or not await work.conceals(ids):
                found.append(effect)
        return tuple(found)


def named(said: object) -> Iterator[str]:
    """Texts in an input that look like ids."""
    if isinstance(said, dict):
        said = list(said.values())
    if isinstance(said, list | tuple):
        for one in said:
            yield from named(one)
    elif isinstance(said, str) and ":" in said:
        yield said.rstrip(":;,")


def digest(verb: Verb) -> str:
    """Hash of what a mutation says, hexadecimal; the same for a dry run and in earnest."""
    said = verb.model_dump(mode="json", exclude=set(verb.unsaid))
    return hashlib.sha256(verb.name.encode() + b"\n" + canonical(said)).hexdigest()


def receipt_of(verb: Verb, found: terms.Receipt) -> Receipt:
    """What a writer is told of a put."""
    return Receipt(
        sequence=found.sequence,
        at=found.at,
        entry=found.entry,
        dry_run=verb.dry_run and not found.repeated,
        repeated=found.repeated,
        created=found.created,
        changed=found.changed,
        ended=found.ended,
        unchanged=found.unchanged,
    )


def _stale(stale: Stale) -> None:
    rule = f"was changed meanwhile: you have seen {stale.seen}, it is at {stale.revision}"
    problem = Problem(of=stale.id, field="revision", value=str(stale.seen), rule=rule)
    raise Wrong(
        RevisionConflict(
            code=ErrorCode.STALE,
            message=str(stale),
            problems=(problem,),
            seen=stale.seen,
            revision=stale.revision,
            **problem.model_dump(),
        )
    ) from stale


def _error(sort: type[UserError], code: ErrorCode, message: str, problem: Problem) -> UserError:
    return sort(code=code, message=message, problems=(problem,), **problem.model_dump())
