"""The ledger: commits numbered one writer after another, loads that are open, what is published.

The ledger is always the last thing that a transaction locks.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Protocol
from uuid import uuid4

from graph.audit import Actor, entry, sealed
from graph.boundaries import Boundaries
from graph.errors import Conflict, Unavailable
from graph.outcomes import Outcome, Plan
from graph.terms import NO_TERMS, Terms
from queries import LEDGER


class Transaction(Protocol):
    """What writing needs of a transaction: one statement in, its single `answer` out."""

    async def __call__(self, statement: str, **parameters: Any) -> Any: ...


class Busy(Conflict):
    """Another writer's load is open; it is worth waiting for."""

    def __init__(self, by: str) -> None:
        super().__init__(f"a load by {by} is at work; ask again when it is done")


async def free(run: Transaction, lock: bool = True) -> dict[str, Any]:
    """The ledger as it stands, locked or not. Raises Busy while a load is open, Unavailable."""
    ledger: dict[str, Any] | None = await run(LEDGER["begin" if lock else "ledger"])
    if ledger is None or "version" not in ledger:
        raise Unavailable("the database is not prepared; run: goldenthread migrate")
    if ledger.get("openToken"):
        raise Busy(ledger["openBy"])
    return ledger


@dataclass(frozen=True, slots=True)
class Cause:
    """Who writes, why and on what terms; for a load, also the name of its files and their size."""

    by: Actor
    reason: str
    batch: str = ""
    size: int = 0
    """How many changes the files say."""
    terms: Terms = NO_TERMS


async def publish(
    run: Transaction,
    plan: Plan,
    outcome: Outcome,
    clock: datetime,
    cause: Cause,
    stale: Collection[str] = (),
) -> Mapping[str, Any]:
    """Make the commits of a plan seen; answers their audit entry.

    A run is a stretch of commits in order of record time. What is recorded now gets the time of
    its publication, so that nobody could have asked after that time and not seen it. `stale` are
    kinds of which some identities carry a copy that is believed no longer.
    """
    ledger = plan.ledger
    instants = replace(plan, now=max(plan.now, clock)).instants
    used = sorted(outcome.commits)
    latest, runs = ledger.get("latest"), list(ledger["runs"])
    if latest is None or instants[used[0]] < latest:
        runs.append(used[0])
    last = instants[used[-1]]
    boundaries = Boundaries.of_ledger(ledger).joined(outcome.boundaries, max(plan.now, clock))
    commits = [{"sequence": s, "at": instants[s], "run": runs[-1]} for s in used]
    told = entry(
        plan.entry,
        max(plan.now, clock),
        cause.by,
        cause.reason,
        (used[0], used[-1]),
        outcome.leaves,
        ledger["head"],
        instants=sealed(commit.values() for commit in commits),
        batch=cause.batch or None,
        key=cause.terms.key,
        digest=cause.terms.digest,
        **outcome.counts,
    )
    await run(
        LEDGER["publish"],
        last=used[-1],
        runs=runs,
        latest=last,
        newest=max(last, ledger.get("newest") or last),
        entry=told,
        parts=outcome.unkept(plan.entry),
        batch=cause.batch or None,
        at=max(plan.now, clock) if cause.batch else None,
        size=cause.size if cause.batch else None,
        stale=sorted({*stale, *ledger.get("stale", ())}) or None,
        commits=commits,
        **boundaries.kept(),
    )
    return told


@dataclass(frozen=True, slots=True)
class Load:
    """A write in several transactions, which others wait for; only its holder knows the token."""

    plan: Plan
    token: str
    outcome: Outcome = field(default_factory=Outcome)
    done: int = 0
    """Changes that committed transactions wrote before this holder took it."""


async def open_load(
    run: Transaction, recorded: Iterable[datetime | None], clock: datetime, cause: Cause
) -> Load:
    """Open a load with a commit number for each record time. Raises Busy."""
    plan = Plan.after(await free(run), recorded, clock)
    load = Load(plan, uuid4().hex)
    await run(
        LEDGER["open_load"],
        first=plan.first,
        by=cause.by.subject,
        token=load.token,
        batch=cause.batch,
        now=plan.now,
        recorded=[when for when in plan.sequence if when],
    )
    return load


async def beat(run: Transaction, token: str, **noted: object) -> None:
    """Say that a load is alive, and note how far it is.

    Raises Conflict where it was taken back meanwhile.
    """
    if not await run(LEDGER["beat"], token=token, noted=noted):
        raise Conflict("this load was taken for abandoned by another writer; load again")


async def close_load(run: Transaction, token: str) -> None:
    """End a load of which nothing is left to publish."""
    await beat(run, token)
    await run(LEDGER["close_load"])


async def take_over(run: Transaction, token: str, silent: float, undo: bool = False) -> Load | None:
    """Take a load that was silent for so many seconds, as far as it has come.

    None where it is alive, or no longer open. From then on its former holder can write no more.
    """
    given = {"token": token, "mine": uuid4().hex, "silent": int(silent * 1000), "undo": undo}
    ledger = await run(LEDGER["take_over"], **given)
    if ledger is None:
        return None
    now = ledger.get("openNow", ledger["openSince"])
    plan = Plan.at(ledger, now, ledger.get("openRecorded", ()))
    outcome = Outcome.restored(ledger["openOutcome"]) if "openOutcome" in ledger else Outcome()
    return Load(plan, ledger["openToken"], outcome, ledger.get("openDone", 0))
