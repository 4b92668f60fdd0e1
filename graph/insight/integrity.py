"""What the rows of checks amount to: findings, each in its own figures."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from graph.insight.checks import ADVICE, IntegrityCheck, IntegrityFinding
from graph.insight.reach import closure
from graph.insight.rules import (
    Claim,
    Share,
    Step,
    circles,
    overlaps,
    stretch,
    unbalanced,
)

ASKED = (datetime.min, datetime.max)
"""Stands for the asked instant, where all facts are in force at it."""
MOST = 1_000
"""Findings of one check that are told."""


@dataclass(frozen=True, slots=True)
class Found:
    """What one check found: the thing, in words, and others concerned."""

    of: str
    message: str
    others: tuple[str, ...] = ()


Row = Mapping[str, Any]
"""`of` (an id), `others` (ids) and `said` (figures)."""
Facts = Mapping[str, Any]
"""What a statement answers for a check: `rows`, and where it walks also `edges` and `causes`."""


def findings(check: IntegrityCheck, facts: Facts) -> list[IntegrityFinding]:
    """What the facts amount to, in order of id."""
    advice = ADVICE[check]
    found = sorted(JUDGES[check](facts["rows"], facts), key=lambda one: (one.of, one.message))
    return [
        IntegrityFinding(
            check=check,
            of=one.of,
            message=one.message,
            why=advice.why,
            remedy=advice.remedy,
            others=one.others,
            complete=len(found) <= MOST,
        )
        for one in found[:MOST]
    ]


def _each(message: str) -> Judge:
    """Every row is a finding, in the same words."""

    def judge(rows: Iterable[Row], facts: Facts) -> Iterator[Found]:
        return (Found(row["of"], message, tuple(row["others"])) for row in rows)

    return judge


def _reporting(rows: Iterable[Row], facts: Facts) -> Iterator[Found]:
    for row in rows:
        many = len(row["others"])
        told = f"it can only report on {many} KPI{'s' * (many > 1)} that it answers for"
        yield Found(row["of"], told, tuple(row["others"]))


def _evidence(rows: Iterable[Row], facts: Facts) -> Iterator[Found]:
    for row in rows:
        said = row["said"]
        if "status" in said:
            yield Found(row["of"], f"its status is {said['status']} and it has no evidence")
            continue
        since, newest = said["since"][:10], said["newest"][:10]
        told = f"it was recorded on {since}, its newest evidence on {newest}"
        yield Found(row["of"], told)


def _over_limit(rows: Iterable[Row], facts: Facts) -> Iterator[Found]:
    """Datasets over a limit, with the KPIs that lie downstream of each."""
    beside = _beside(facts["edges"])
    for row in rows:
        passed = "; ".join(_passed(*one) for one in row["said"]["passed"])
        below = closure([row["of"]], beside)
        yield Found(row["of"], passed, tuple(sorted(below.intersection(row["others"]))))


def _passed(metric: str, measured: float, limit: float, level: str | None) -> str:
    unit, what = (" h", "delay") if metric == "DELAY" else ("", "error rate")
    of = f" of {level}" if level else ""
    return f"{what} {measured:g}{unit} is over the limit of {limit:g}{unit}{of}"


def _uncaused(rows: Iterable[Row], facts: Facts) -> Iterator[Found]:
    """Objectives that no cause reaches."""
    beside, causes = _beside(facts["edges"]), set(facts["causes"])
    for row in rows:
        if causes.isdisjoint(closure([row["of"]], beside) - {row["of"]}):
            yield Found(row["of"], "nothing that the organization does or learns reaches it")


def _missing(rows: Iterable[Row], facts: Facts) -> Iterator[Found]:
    for row in rows:
        yield Found(row["of"], f"it has no {', '.join(sorted(row['said']['missing']))}")


def _not_one(rows: Iterable[Row], facts: Facts) -> Iterator[Found]:
    """Wholes whose shares, all in force at one instant, do not make 1."""
    for row in rows:
        shares = [Share(id_, share, *ASKED) for id_, share in row["said"]["shares"]]
        for wrong in unbalanced(shares):
            told = f"its {row['said']['name']} make {wrong.total:.9g}, not 1"
            yield Found(row["of"], told, tuple(sorted(set(row["others"]))))


def _circles(rows: Iterable[Row], facts: Facts) -> Iterator[Found]:
    """A circle through each knot of links of one type."""
    for word in sorted({row["said"]["link"] for row in rows}):
        ours = (row for row in rows if row["said"]["link"] == word)
        for circle in circles(Step(row["of"], row["others"][0], *ASKED) for row in ours):
            first, *rest = circle.members
            told = f"{word} leads in a circle: {' > '.join((first, *rest, first))}"
            yield Found(first, told, tuple(rest))


def _together(rows: Iterable[Row], facts: Facts) -> Iterator[Found]:
    """Of things that agree, those that are in force with another."""
    for row in rows:
        claims = (
            Claim(id_, datetime.fromisoformat(since), datetime.fromisoformat(until))
            for id_, since, until in row["said"]["claims"]
        )
        for pair in overlaps(claims):
            told = (
                f"it is in force together with {pair.first} (same {row['said']['same']})"
                f" {stretch(pair.since, pair.until)}"
            )
            yield Found(pair.second, told, (pair.first,))


def _beside(edges: Iterable[tuple[str, str]]) -> Mapping[str, list[str]]:
    beside: dict[str, list[str]] = {}
    for near, far in edges:
        beside.setdefault(near, []).append(far)
    return beside


Judge = Callable[[Any, Facts], Iterator[Found]]


JUDGES: Mapping[IntegrityCheck, Judge] = {
    IntegrityCheck.OBJECTIVE_WITHOUT_KPI: _each("no KPI measures it"),
    IntegrityCheck.KPI_WITHOUT_OWNER: _each("no role answers for it"),
    IntegrityCheck.KPI_WITHOUT_LINEAGE: _each("no version in force is derived from anything"),
    IntegrityCheck.LAGGING_WITHOUT_LEADING: _each("no leading KPI affects it"),
    IntegrityCheck.ONLY_AVERAGE: _each("all its series are over all customers"),
    IntegrityCheck.TARGET_WITHOUT_DECISION: _each("no decision stands behind it"),
    IntegrityCheck.OWNER_WITHOUT_INFLUENCE: _reporting,
    IntegrityCheck.GROUP_WITHOUT_OBJECTIVE: _each("no objective is for it"),
    IntegrityCheck.LINK_OLDER_THAN_EVIDENCE: _evidence,
    IntegrityCheck.DATASET_OVER_LIMIT: _over_limit,
    IntegrityCheck.IDLE_PROCESS: _each("it drives no KPI"),
    IntegrityCheck.CUSTOMER_WITHOUT_CAUSE: _uncaused,
    IntegrityCheck.MISSING_VALUE: _missing,
    IntegrityCheck.WEIGHTS_NOT_ONE: _not_one,
    IntegrityCheck.CYCLE: _circles,
    IntegrityCheck.OVERLAP: _together,
}
