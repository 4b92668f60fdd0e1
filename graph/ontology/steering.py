"""What is aimed at, and what follows when it is missed: thresholds, breaches, escalations."""

from __future__ import annotations

from datetime import date
from typing import Annotated, ClassVar

from pydantic import Field

from graph.ontology.decisions import Review
from graph.ontology.measures import Kpi, MissingPolicy, Observation, Series
from graph.ontology.strategy import Persona
from graph.ontology.terms import Access, Term
from graph.ontology.vocabulary import (
    Backed,
    Belongs,
    Link,
    Period,
    Record,
    Scoped,
    Share,
    Unit,
    Whole,
)
from graph.ontology.work import Role

Number = Annotated[float, Unit("unit of the KPI version")]


class TargetKind(Term):
    """How binding a target is; a series has at most one of a kind a day."""

    COMMITTED = "Promised."
    STRETCH = "Hoped for."


class TargetReason(Term):
    """What a target or threshold rests on."""

    HISTORY = "The own past."
    MATURITY = "How long the group has been served."
    COMPETITOR = "What a rival offers."
    STRATEGY = "Where the organization wants to go."


class Target(Backed, Record):
    """A value to reach (StratML TargetResult)."""

    access = Access.INTERNAL
    alone = ("series", "target_kind")

    target_kind: Annotated[TargetKind, Field(alias="kind")] = TargetKind.COMMITTED
    """Promised or hoped for."""
    value: Number
    """The value to reach."""
    floor: Number | None = None
    """Attainment 0 where more is better."""
    ceiling: Number | None = None
    """Attainment 0 where less is better."""
    tolerance: Number | None = None
    """Distance from the target at which attainment is 0 where nearness is better."""
    reason: TargetReason | None = None
    """What it rests on."""


class Threshold(Record):
    """A limit beyond which a value calls for an answer."""

    access = Access.INTERNAL
    alone = ("series",)

    lower: Number | None = None
    """A value strictly below is a breach."""
    upper: Number | None = None
    """A value strictly above is a breach."""
    consecutive: Annotated[int, Field(ge=1)] = 3
    """Breaches in a row that escalate."""
    missing_policy: MissingPolicy = MissingPolicy.HOLD
    """What a missing period does to a run."""
    answer_days: Annotated[int, Field(ge=0), Unit("d")] | None = None
    """Days to answer an escalation."""
    required_docs: tuple[str, ...] = ()
    """Documents asked for."""
    reason: TargetReason | None = None
    """What it rests on."""


class Side(Term):
    """Which limit was passed."""

    LOWER = "The lower."
    UPPER = "The upper."


class Breach(Record):
    """A value passed a limit."""

    access = Access.INTERNAL
    begins = "period"

    period: Period
    """When."""
    value: Number
    """The value, latest known."""
    limit: Number
    """The limit in force."""
    side: Side
    """Which limit."""
    run_length: Annotated[int, Field(ge=1)]
    """Breaches in a row, this one included."""


class Escalation(Record):
    """A run of breaches that somebody must answer."""

    access = Access.INTERNAL
    begins = "opened_on"

    stage: Annotated[int, Field(ge=1)] = 1
    """Stage, from 1."""
    opened_on: date
    """Opened."""
    due_on: date | None = None
    """Answer due."""
    answered_on: date | None = None
    """Answered."""
    closed_on: date | None = None
    """Closed."""
    action_plan: str | None = None
    """The answer."""
    outcome: str | None = None
    """What came of it."""


class WeightSetKind(Term):
    """What is weighted."""

    COMPONENT = "The components of a composite in a persona."
    PERSONA = "The personas in the whole."


class WeightMethod(Term):
    """How weights were found."""

    SET = "By decision."
    AHP = "Analytic hierarchy process (Saaty 1980)."
    ENTROPY = "Entropy of the data (Shannon 1948)."
    MIN_CHANGE = "Least change from the weights before."


class WeightSet(Scoped, Backed, Record):
    """Weights that belong together and sum to 1."""

    access = Access.INTERNAL
    alone = ("kpi", "groups", "set_kind")

    version: Annotated[int, Field(ge=1)]
    """Version, from 1."""
    set_kind: Annotated[WeightSetKind, Field(alias="kind")]
    """What is weighted."""
    method: WeightMethod = WeightMethod.SET
    """How the weights were found."""
    reason: str | None = None
    """Why."""


class Weight(Record):
    """One weight of a set."""

    access = Access.INTERNAL

    weight: Annotated[Share, Whole("weight_set")]
    """The weight, 0..1; over the set they make 1."""


class HasTarget(Link):
    """A series has a target."""

    access = Access.INTERNAL
    belongs: ClassVar = {Target: Belongs.ANY}
    source = (Series,)
    target = (Target,)
    forward = "targets"
    backward = "series"
    single = frozenset({"series"})
    columns: ClassVar = {Target: "series"}


class HasThreshold(Link):
    """A series has a threshold."""

    access = Access.INTERNAL
    belongs: ClassVar = {Threshold: Belongs.ANY}
    source = (Series,)
    target = (Threshold,)
    forward = "thresholds"
    backward = "series"
    single = frozenset({"series"})
    columns: ClassVar = {Threshold: "series"}


class EscalatesTo(Link):
    """Breaches of a threshold go to a role."""

    access = Access.INTERNAL
    source = (Threshold,)
    target = (Role,)
    forward = "escalate_to"
    backward = "thresholds"
    single = frozenset({"escalate_to"})
    columns: ClassVar = {Threshold: "escalate_to"}


class Breaches(Link):
    """A breach passed a threshold."""

    access = Access.INTERNAL
    belongs: ClassVar = {Breach: Belongs.ANY}
    table = "breaches_threshold"
    source = (Breach,)
    target = (Threshold,)
    forward = "threshold"
    backward = "breaches"
    single = frozenset({"threshold"})
    columns: ClassVar = {Breach: "threshold"}


class BreachedBy(Link):
    """An observation is the value of a breach, as first reported."""

    access = Access.INTERNAL
    source = (Breach,)
    target = (Observation,)
    forward = "observation"
    backward = "breaches"
    single = frozenset({"observation"})
    columns: ClassVar = {Breach: "observation"}


class LedTo(Link):
    """A breach led to an escalation."""

    access = Access.INTERNAL
    belongs: ClassVar = {Escalation: Belongs.ANY}
    source = (Breach,)
    target = (Escalation,)
    forward = "escalation"
    backward = "breach"
    single = frozenset({"escalation", "breach"})
    columns: ClassVar = {Escalation: "breach"}


class LookedAt(Link):
    """A review looked at a breach."""

    access = Access.INTERNAL
    source = (Review,)
    target = (Breach,)
    forward = "breaches"
    backward = "reviews"
    columns: ClassVar = {Review: "breaches"}


class EscalatedTo(Link):
    """A role must answer an escalation."""

    access = Access.INTERNAL
    source = (Escalation,)
    target = (Role,)
    forward = "escalated_to"
    backward = "escalations"
    single = frozenset({"escalated_to"})
    columns: ClassVar = {Escalation: "escalated_to"}


class ClosedIn(Link):
    """A review closed an escalation."""

    access = Access.INTERNAL
    source = (Escalation,)
    target = (Review,)
    forward = "review"
    backward = "escalations"
    single = frozenset({"review"})
    columns: ClassVar = {Escalation: "review"}


class WeighsFor(Link):
    """A set of weights makes a composite."""

    access = Access.INTERNAL
    belongs: ClassVar = {WeightSet: Belongs.ANY}
    source = (WeightSet,)
    target = (Kpi,)
    forward = "kpi"
    backward = "weight_sets"
    single = frozenset({"kpi"})
    columns: ClassVar = {WeightSet: "kpi"}


class HasWeight(Link):
    """A set has a weight."""

    access = Access.INTERNAL
    belongs: ClassVar = {Weight: Belongs.ANY}
    source = (WeightSet,)
    target = (Weight,)
    forward = "weights"
    backward = "weight_set"
    single = frozenset({"weight_set"})
    columns: ClassVar = {Weight: "weight_set"}


class Weighs(Link):
    """A weight is that of a KPI or persona."""

    access = Access.INTERNAL
    belongs: ClassVar = {Weight: Belongs.ANY}
    source = (Weight,)
    target = (Kpi, Persona)
    forward = "component"
    backward = "weights"
    single = frozenset({"component"})
    columns: ClassVar = {Weight: "component"}
