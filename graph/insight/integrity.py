"""What is wrong with a graph: the checks, why each matters, what to do, and what rows amount to."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from graph.insight.answers import NodeId
from graph.insight.rules import (
    Claim,
    Share,
    Step,
    circles,
    overlaps,
    reached,
    stretch,
    unbalanced,
)
from graph.ontology.terms import Term
from graph.ontology.vocabulary import Value

ASKED = (datetime.min, datetime.max)
"""Stands for the asked instant, where all facts are in force at it."""
MOST = 1_000
"""Findings of one check that are told."""


class IntegrityCheck(Term):
    """Something that a scorecard should not have."""

    OBJECTIVE_WITHOUT_KPI = "An objective in use that no KPI measures."
    KPI_WITHOUT_OWNER = "A KPI in use that no role answers for; a sponsor does not answer for it."
    KPI_WITHOUT_LINEAGE = (
        "A KPI in use of which no version is derived from anything and that has no components."
    )
    LAGGING_WITHOUT_LEADING = "A lagging KPI in use that no leading KPI affects."
    ONLY_AVERAGE = (
        "A KPI in use that is measured over all customers only, though there are groups in use."
    )
    TARGET_WITHOUT_DECISION = "A target that no decision stands behind."
    OWNER_WITHOUT_INFLUENCE = "A role that answers for a KPI in use and can only report it."
    GROUP_WITHOUT_OBJECTIVE = (
        "A persona in use that no objective is for; a segment, if it holds for its personas too."
    )
    LINK_OLDER_THAN_EVIDENCE = (
        "A causal link recorded before its newest evidence, or tested or supported without any."
    )
    DATASET_OVER_LIMIT = (
        "A dataset in use with more errors or delay than it or a service level allows."
    )
    IDLE_PROCESS = "A process in use that drives no KPI."
    CUSTOMER_WITHOUT_CAUSE = (
        "A customer objective in use that no process and nothing in the internal or learning"
        " perspective reaches over `affects`, `drives`, `component_of` and `measured_by`."
    )
    MISSING_VALUE = "Something without a value that its kind requires."
    WEIGHTS_NOT_ONE = "Weights or shares of a whole that do not make 1."
    CYCLE = "Things that lead back to themselves where none may."
    OVERLAP = "Things that are in force together of which only one may be at a time."


class IntegrityFinding(Value):
    """Something that a check found."""

    check: IntegrityCheck
    """What was checked."""
    of: NodeId
    """What is wrong: a thing, or a link."""
    message: str
    """What is wrong with it, in its own figures."""
    why: str
    """Why it matters."""
    remedy: str
    """What to do."""
    others: tuple[NodeId, ...] = ()
    """Other things concerned, as the message says."""
    complete: bool = True
    """Whether all findings of this check are told; false where there are more than 1,000."""


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
    rule = RULES[check]
    found = sorted(rule.judge(facts["rows"], facts), key=lambda one: (one.of, one.message))
    return [
        IntegrityFinding(
            check=check,
            of=one.of,
            message=one.message,
            why=rule.why,
            remedy=rule.remedy,
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
        below = reached([row["of"]], beside)
        yield Found(row["of"], passed, tuple(sorted(below.intersection(row["others"]))))


def _passed(metric: str, measured: float, limit: float, level: str | None) -> str:
    unit, what = (" h", "delay") if metric == "DELAY" else ("", "error rate")
    of = f" of {level}" if level else ""
    return f"{what} {measured:g}{unit} is over the limit of {limit:g}{unit}{of}"


def _uncaused(rows: Iterable[Row], facts: Facts) -> Iterator[Found]:
    """Objectives that no cause reaches."""
    beside, causes = _beside(facts["edges"]), set(facts["causes"])
    for row in rows:
        if causes.isdisjoint(reached([row["of"]], beside) - {row["of"]}):
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


@dataclass(frozen=True, slots=True)
class Rule:
    """How rows of a check are judged, why it matters, and what to do."""

    judge: Judge
    why: str
    remedy: str


RULES: Mapping[IntegrityCheck, Rule] = {
    IntegrityCheck.OBJECTIVE_WITHOUT_KPI: Rule(
        _each("no KPI measures it"),
        "Nobody can say whether the objective is met.",
        "Name a KPI that measures it in `measured_by`, or retire the objective.",
    ),
    IntegrityCheck.KPI_WITHOUT_OWNER: Rule(
        _each("no role answers for it"),
        "Where nobody answers for a figure, nobody acts on it.",
        "Name a role that can act on it in `owns`.",
    ),
    IntegrityCheck.KPI_WITHOUT_LINEAGE: Rule(
        _each("no version in force is derived from anything"),
        "A figure that cannot be traced cannot be trusted or mended.",
        "Say in `derived_from` of which fields its version is made.",
    ),
    IntegrityCheck.LAGGING_WITHOUT_LEADING: Rule(
        _each("no leading KPI affects it"),
        "A lagging KPI tells the result when it is too late to change it.",
        "Find what moves before it does, and say so in `affects`.",
    ),
    IntegrityCheck.ONLY_AVERAGE: Rule(
        _each("all its series are over all customers"),
        "An average hides the group for which things get worse.",
        "Measure it for segments or personas too: give it `series` with a `group`.",
    ),
    IntegrityCheck.TARGET_WITHOUT_DECISION: Rule(
        _each("no decision stands behind it"),
        "Nobody can say why this is the figure to reach, or who may change it.",
        "Name the decision in the column `decision` of `targets`.",
    ),
    IntegrityCheck.OWNER_WITHOUT_INFLUENCE: Rule(
        _reporting,
        "Who can only report a figure cannot be held to it.",
        "Give these KPIs to a role of direct influence, or give this role that influence.",
    ),
    IntegrityCheck.GROUP_WITHOUT_OBJECTIVE: Rule(
        _each("no objective is for it"),
        "A group that no objective is for costs attention and gets none.",
        "Name it in `for_group` of an objective, or take it off the scorecard by a decision.",
    ),
    IntegrityCheck.LINK_OLDER_THAN_EVIDENCE: Rule(
        _evidence,
        "Plans are made with a weight that newer findings may contradict.",
        "Weigh the evidence and record the link anew, or add the evidence that it claims.",
    ),
    IntegrityCheck.DATASET_OVER_LIMIT: Rule(
        _over_limit,
        "Every KPI downstream is as wrong or as late as this data.",
        "Mend the source, or agree on another limit; until then read these KPIs with care.",
    ),
    IntegrityCheck.IDLE_PROCESS: Rule(
        _each("it drives no KPI"),
        "Work that moves no figure of the scorecard cannot be seen to be worth its cost.",
        "Say in `drives` which KPI it moves, or ask whether it is needed.",
    ),
    IntegrityCheck.CUSTOMER_WITHOUT_CAUSE: Rule(
        _uncaused,
        "What customers shall get is hoped for, and nobody works on it.",
        "Say in `affects` or `drives` what the organization does or learns that moves it.",
    ),
    IntegrityCheck.MISSING_VALUE: Rule(
        _missing,
        "Answers about it are incomplete, and arithmetic on it may fail.",
        "Load its row again with these values.",
    ),
    IntegrityCheck.WEIGHTS_NOT_ONE: Rule(
        _not_one,
        "What is made with these weights is too large or too small.",
        "Load the weights again so that those in force at any time sum to 1.",
    ),
    IntegrityCheck.CYCLE: Rule(
        _circles,
        "What is made of itself has no value, and what is above itself no place.",
        "End the link of the circle that is wrong.",
    ),
    IntegrityCheck.OVERLAP: Rule(
        _together,
        "Nobody can say which of the two counts.",
        "Give the earlier one a `valid_to`, or end the wrong one.",
    ),
}
