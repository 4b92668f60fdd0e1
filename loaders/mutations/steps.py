"""What can be said in a mutation, and how times and ids in it are read."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

from pydantic import AfterValidator, Field, StringConstraints

from graph.changes import Piece
from graph.ontology.vocabulary import GlobalId, Input, Kind, Link
from graph.times import FAR, utc, written
from loaders.mutations.outcomes import absent, invalid, over
from loaders.mutations.working import Working, inside

When = Annotated[datetime, AfterValidator(lambda when: min(utc(when), FAR))]
Text = Annotated[str, StringConstraints(min_length=1, max_length=2_000)]
Many = Field(min_length=1, max_length=100)


class Step(Input):
    """Something that is to be otherwise."""

    async def edit(self, work: Working) -> None:
        """Say it of the lives. Raises Wrong."""
        raise NotImplementedError


class Seen(Step):
    """What is said of one thing or link that somebody has read before."""

    of: GlobalId
    """Global id of the thing or link."""
    revision: int | None = None
    """The revision that you have seen, from its field `revision`; if it was changed since, nothing
    is written."""

    def see(self, work: Working) -> None:
        """Note the revision on whose terms it is written."""
        if self.revision is not None:
            work.seen[self.of] = self.revision


class Mutation(Input):
    """What every mutation says beside what it does."""

    reason: Text
    """Why, for the audit; never empty."""
    dry_run: bool = False
    """Only tell what would be changed and what would follow; write nothing."""
    key: Annotated[str, StringConstraints(min_length=1, max_length=200)] | None = None
    """A text of your own, 1 to 200 signs: the same again writes nothing and gives the first
    receipt."""


def span(
    since: datetime, until: datetime | None, of: str | None = None
) -> tuple[datetime, datetime]:
    """A stretch of valid time. Raises Wrong where it ends before it starts."""
    end = until or FAR
    if end <= since:
        rule = f"must be later than the beginning of validity, {written(since)}"
        invalid(of, "validTo", written(end), rule)
    return since, end


def today(now: datetime) -> datetime:
    """The beginning of the day: a plain date that is today's is no past."""
    return now.replace(hour=0, minute=0, second=0, microsecond=0)


def declared(work: Working, id_: str, field: str) -> type[Kind] | type[Link]:
    """The kind or link of an id. Raises Wrong."""
    found = work.ontology.kind_of(id_) or work.ontology.link_of(id_)
    if found is None:
        invalid(None, field, id_, "is no id; write kind:key, e.g. kpi:churn")
    return found


async def alive(
    work: Working, id_: str, field: str, since: datetime, until: datetime = FAR
) -> list[Piece]:
    """The pieces of a life within a stretch. Raises Wrong where there are none."""
    life = await work.life(id_)
    if not life:
        absent(id_, field)
    if not (found := list(inside(life, since, until))):
        over(id_, field, _not_in_force(life, since))
    return found


def _not_in_force(life: Sequence[Piece], since: datetime) -> str:
    begin, end = life[0].since, life[-1].until
    if since < begin:
        return f"is not in force before {written(begin)}; give a later time"
    return f"is not in force since {written(end)}; restore it first"
