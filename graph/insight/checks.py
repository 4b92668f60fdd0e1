"""The checks of a scorecard: what each looks for, why it matters, and what to do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from graph.insight.answers import NodeId
from graph.ontology.terms import Term
from graph.ontology.vocabulary import Value


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
class Advice:
    """Why a finding matters, and what to do."""

    why: str
    remedy: str


ADVICE: Mapping[IntegrityCheck, Advice] = {
    IntegrityCheck.OBJECTIVE_WITHOUT_KPI: Advice(
        "Nobody can say whether the objective is met.",
        "Name a KPI that measures it in `measured_by`, or retire the objective.",
    ),
    IntegrityCheck.KPI_WITHOUT_OWNER: Advice(
        "Where nobody answers for a figure, nobody acts on it.",
        "Name a role that can act on it in `owns`.",
    ),
    IntegrityCheck.KPI_WITHOUT_LINEAGE: Advice(
        "A figure that cannot be traced cannot be trusted or mended.",
        "Say in `derived_from` of which fields its version is made.",
    ),
    IntegrityCheck.LAGGING_WITHOUT_LEADING: Advice(
        "A lagging KPI tells the result when it is too late to change it.",
        "Find what moves before it does, and say so in `affects`.",
    ),
    IntegrityCheck.ONLY_AVERAGE: Advice(
        "An average hides the group for which things get worse.",
        "Measure it for segments or personas too: give it `series` with a `group`.",
    ),
    IntegrityCheck.TARGET_WITHOUT_DECISION: Advice(
        "Nobody can say why this is the figure to reach, or who may change it.",
        "Name the decision in the column `decision` of `targets`.",
    ),
    IntegrityCheck.OWNER_WITHOUT_INFLUENCE: Advice(
        "Who can only report a figure cannot be held to it.",
        "Give these KPIs to a role of direct influence, or give this role that influence.",
    ),
    IntegrityCheck.GROUP_WITHOUT_OBJECTIVE: Advice(
        "A group that no objective is for costs attention and gets none.",
        "Name it in `for_group` of an objective, or take it off the scorecard by a decision.",
    ),
    IntegrityCheck.LINK_OLDER_THAN_EVIDENCE: Advice(
        "Plans are made with a weight that newer findings may contradict.",
        "Weigh the evidence and record the link anew, or add the evidence that it claims.",
    ),
    IntegrityCheck.DATASET_OVER_LIMIT: Advice(
        "Every KPI downstream is as wrong or as late as this data.",
        "Mend the source, or agree on another limit; until then read these KPIs with care.",
    ),
    IntegrityCheck.IDLE_PROCESS: Advice(
        "Work that moves no figure of the scorecard cannot be seen to be worth its cost.",
        "Say in `drives` which KPI it moves, or ask whether it is needed.",
    ),
    IntegrityCheck.CUSTOMER_WITHOUT_CAUSE: Advice(
        "What customers shall get is hoped for, and nobody works on it.",
        "Say in `affects` or `drives` what the organization does or learns that moves it.",
    ),
    IntegrityCheck.MISSING_VALUE: Advice(
        "Answers about it are incomplete, and arithmetic on it may fail.",
        "Load its row again with these values.",
    ),
    IntegrityCheck.WEIGHTS_NOT_ONE: Advice(
        "What is made with these weights is too large or too small.",
        "Load the weights again so that those in force at any time sum to 1.",
    ),
    IntegrityCheck.CYCLE: Advice(
        "What is made of itself has no value, and what is above itself no place.",
        "End the link of the circle that is wrong.",
    ),
    IntegrityCheck.OVERLAP: Advice(
        "Nobody can say which of the two counts.",
        "Give the earlier one a `valid_to`, or end the wrong one.",
    ),
}
