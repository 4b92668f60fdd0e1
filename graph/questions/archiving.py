"""Questions on what is not on the scorecard: what took its place, and what is kept off."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from itertools import pairwise
from typing import Any, ClassVar

from graph.errors import BadRequest
from graph.hidden import Hidden
from graph.insight.answers import ClipReason, Completeness
from graph.insight.exclusions import Exclusion, parts
from graph.insight.succession import Step, Succession, SuccessionStep, succession
from graph.ontology import Ontology
from graph.ontology.measures import KpiVersion
from graph.ontology.terms import Status
from graph.ontology.vocabulary import Entity, GlobalId
from graph.questions import Ask, Question
from graph.questions.fetching import fetch, fetch_lives
from graph.selection import Select
from graph.times import utc

ROWS = 500
"""Things in one succession, and exclusions in one answer, at most."""


class SuccessionQuestion(Question):
    """Whose place something took and what took its place, with decision and date of each step."""

    name: ClassVar[str] = "succession"
    answers: ClassVar[Any] = Succession

    of: GlobalId
    """Id of a thing that may have a successor, or of a version of a formula."""

    async def answer(self, ask: Ask, select: Select) -> Any:
        """The succession, or None where there was never such a thing."""
        _followed(ask.store.ontology, self.of)
        found = await fetch_lives(ask, self, "succession", select, of=self.of, rows=ROWS)
        if self.of not in found.things:
            return None
        row = found.row
        hidden = found.context.hidden
        told = dict(_steps(row["steps"], hidden)) | dict(_versions(row["versions"]))
        reason = ClipReason.ROWS if row["full"] else None
        whole = Completeness(complete=not row["full"], reason=reason, explored=len(told))
        return found.tell(succession(self.of, told, row["living"], whole))


class ExclusionsQuestion(Question):
    """What is kept off the scorecard: why, on what evidence, by which decision, until when."""

    name: ClassVar[str] = "exclusions"
    answers: ClassVar[Any] = tuple[Exclusion, ...]

    async def answer(self, ask: Ask, select: Select) -> Any:
        """Everything with the status EXCLUDED, in order of id."""
        labels = "|".join(kind.label for kind in ask.store.ontology.entities)
        if not labels:
            return []
        found = await fetch(ask, self, "exclusions", select, {"kinds": labels}, rows=ROWS)
        if found.row["full"]:
            raise BadRequest(f"more than {ROWS} things are excluded; ask for each kind by `status`")
        today = utc(found.row["at"].to_native()).date()
        hidden = found.context.hidden
        return [found.tell(_exclusion(today, hidden, *row)) for row in found.row["found"]]


def _followed(ontology: Ontology, id_: str) -> None:
    kind = ontology.kind_of(id_)
    if kind is None or not issubclass(kind, (Entity, KpiVersion)):
        words = ", ".join([*(kind.word for kind in ontology.entities), KpiVersion.word])
        raise BadRequest(f"`of: {id_}` can have no successor; name one of {words}")


def _steps(rows: Any, hidden: Hidden) -> Iterator[tuple[Step, SuccessionStep]]:
    for start, end, at, ending, reason, evidence, decision in rows:
        yield (
            (start, end),
            SuccessionStep(
                from_=start,
                to=end,
                at=utc(at.to_native()),
                how=Status[ending or Status.RETIRED.name],
                reason=hidden.told(reason),
                evidence=parts(hidden.told(evidence)),
                decision=decision,
                distance=0,
            ),
        )


def _versions(rows: Any) -> Iterator[tuple[Step, SuccessionStep]]:
    """Each version of a formula takes the place of the one before."""
    ordered = sorted(rows, key=lambda row: (row[1], row[0]))
    for (before, *_), (after, _, since, _, _, decision) in pairwise(ordered):
        yield (
            (before, after),
            SuccessionStep(
                from_=before,
                to=after,
                at=utc(since.to_native()),
                how=Status.RETIRED,
                decision=decision,
                distance=0,
            ),
        )


def _exclusion(
    today: date,
    hidden: Hidden,
    id_: str,
    since: Any,
    reason: str | None,
    evidence: str | None,
    review_at: str | None,
    decision: str | None,
) -> Exclusion:
    day = date.fromisoformat(review_at) if review_at else None
    return Exclusion(
        of=id_,
        since=utc(since.to_native()),
        reason=hidden.told(reason),
        evidence=parts(hidden.told(evidence)),
        decision=decision,
        review_at=day,
        due=day is not None and day <= today,
    )
