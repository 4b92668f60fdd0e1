"""One mutation from beginning to end: read, edited, judged, put; again where others were faster."""

from __future__ import annotations

import asyncio
import hashlib
import random
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import ValidationError

from graph import terms
from graph.audit import Actor, canonical
from graph.changes import Revision
from graph.errors import Conflict, NotFound, Refused
from graph.neighbours import Neighbours
from graph.store import Store
from graph.terms import KeyTaken, Moved, Stale, Terms
from loaders.mutations.judging import judge
from loaders.mutations.outcomes import (
    ErrorCode,
    InvalidInput,
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
from loaders.mutations.verbs import Verb
from loaders.mutations.working import Working

TRIES = 12
"""Times that a mutation is worked out anew before it gives up."""
PAUSE = 0.02
"""Seconds to wait at most after the first try; twice as long after each."""


@dataclass(frozen=True, slots=True)
class Done:
    """What a mutation did, and the revisions behind it."""

    receipt: Receipt
    revisions: tuple[Revision, ...] = ()


@dataclass(frozen=True, slots=True)
class Writer:
    """Who writes, where, and what is now."""

    store: Store
    by: Actor
    now: datetime

    async def write(self, verb: Verb) -> Done | UserError:
        """Do a mutation. Raises Conflict where others are always faster, Unavailable, TimedOut."""
        given = Terms(verb.key, digest(verb) if verb.key else None, dry=verb.dry_run)
        try:
            if first := await self.store.repeated(given):
                return _done(verb, first)
            return await self._tried(verb, given)
        except KeyTaken as taken:
            rule = "was used for another change; take a new one"
            problem = Problem(field="key", value=verb.key, rule=rule)
            return _error(KeyConflict, ErrorCode.KEY_TAKEN, str(taken), problem)
        except Wrong as broken:
            return broken.error

    async def _tried(self, verb: Verb, given: Terms) -> Done:
        """Work it out until nobody was faster."""
        pause = PAUSE
        for _ in range(TRIES):
            try:
                return await self._once(verb, given)
            except (Moved, Stale) as faster:
                last = faster
            except Wrong:
                if first := await self.store.repeated(given):
                    return _done(verb, first)
                raise
            await asyncio.sleep(random.uniform(0, pause))
            pause *= 2
        raise Conflict("others change the same things all the time; try again") from last

    async def _once(self, verb: Verb, given: Terms) -> Done:
        near = await Neighbours.of(self.store)
        work = Working(near, self.now)
        await verb.edit(work)
        changes = work.changes()
        await judge(work, changes)
        read = dict.fromkeys(work.spoken, near.published) | work.seen
        judged = near.published if work.judged else None
        on = Terms(given.key, given.digest, read, judged, given.dry)
        try:
            receipt = await self.store.put(changes, self.by, verb.reason, terms=on)
        except Stale as stale:
            if stale.id in work.seen:
                _stale(stale)
            raise
        except NotFound as gone:
            wrong(NotThere, ErrorCode.NOT_THERE, Problem(rule=str(gone)))
        except Refused as refused:
            wrong(RuleBroken, ErrorCode.RULE_BROKEN, Problem(rule=str(refused)))
        return _done(verb, receipt, tuple(work.effects))


def refused(error: ValidationError) -> UserError:
    """Input that is not what its declaration says, as the error that is told."""
    problems = tuple(_problem(one) for one in error.errors(include_url=False))
    try:
        wrong(InvalidInput, ErrorCode.INVALID, *problems)
    except Wrong as broken:
        return broken.error


def _problem(error: Mapping[str, Any]) -> Problem:
    """What pydantic found, in the words of an input."""
    field = ".".join(str(part) for part in error["loc"])
    given = error.get("input")
    value = str(given) if isinstance(given, str | int | float | datetime) else None
    match error["type"]:
        case "string_too_short" if not given or not str(given).strip():
            return Problem(field=field, value=value, rule="is required, and must not be blank")
        case "string_pattern_mismatch" if ":" in error["ctx"].get("pattern", ""):
            return Problem(field=field, value=value, rule="is no id; write kind:key, e.g. kpi:nps")
    rule = re.sub(r"^(Input|String|Value|Tuple) should", "must", error["msg"])
    return Problem(field=field, value=value, rule=rule.removeprefix("Value error, "))


def digest(verb: Verb) -> str:
    """Hash of what a mutation says, hexadecimal; the same for a dry run and in earnest."""
    said = verb.model_dump(mode="json", exclude={"key", "dry_run"})
    return hashlib.sha256(verb.name.encode() + b"\n" + canonical(said)).hexdigest()


def _done(verb: Verb, receipt: terms.Receipt, effects: tuple[SideEffect, ...] = ()) -> Done:
    told = Receipt(
        sequence=receipt.sequence,
        at=receipt.at,
        entry=receipt.entry,
        dry_run=verb.dry_run and not receipt.repeated,
        repeated=receipt.repeated,
        created=receipt.created,
        changed=receipt.changed,
        ended=receipt.ended,
        unchanged=receipt.unchanged,
        effects=effects,
    )
    return Done(told, receipt.revisions)


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
