"""Who does it and what moves what: roles, units, processes, ownership and causal links."""

from __future__ import annotations

from datetime import date
from typing import Annotated, ClassVar, Self

from pydantic import BeforeValidator, Field, model_validator

from graph.ontology.measures import Kpi
from graph.ontology.sources import Job, SourceSystem
from graph.ontology.strategy import Initiative, Objective
from graph.ontology.terms import Access, Layer, Term
from graph.ontology.vocabulary import (
    Belongs,
    Entity,
    GlobalId,
    Key,
    Link,
    Owned,
    Period,
    Refers,
    Seen,
    Share,
    Unit,
    UnitText,
    Whole,
)


class UnitKind(Term):
    """Size of an organizational unit."""

    COMPANY = "The whole."
    DIVISION = "A large part with results of its own."
    DEPARTMENT = "A part of a division."


class OrgUnit(Entity):
    """A part of the organization."""

    access = Access.INTERNAL

    unit_kind: Annotated[UnitKind | None, Field(alias="kind")] = None
    """Company, division or department."""


class Influence(Term):
    """What a role can do about what it owns."""

    DIRECT = "Can act on results."
    REPORTING = "Can only report them."


class Role(Entity):
    """A position that answers for things; who holds it stays outside."""

    access = Access.INTERNAL
    layer = Layer.OWNER

    influence: Influence | None = None
    """Can act on results, or only report them."""
    accepted_on: date | None = None
    """Day the role was accepted."""


class Process(Owned, Entity):
    """A business process."""

    access = Access.INTERNAL
    layer = Layer.PROCESS
    searched = ("name", "key", "description")

    apqc_code: str | None = None
    """Place in the APQC process classification framework."""
    description: str | None = None
    """One sentence on what it does."""


class PartOf(Link):
    """A unit or role belongs to a unit."""

    access = Access.INTERNAL
    belongs: ClassVar = {Role: Belongs.ANY}
    source = (OrgUnit, Role)
    target = (OrgUnit,)
    forward = "unit"
    backward: ClassVar = {OrgUnit: "units", Role: "roles"}
    single = frozenset({"unit"})
    columns: ClassVar = {OrgUnit: "parent", Role: "unit"}
    acyclic = True


class DeputisedBy(Link):
    """A role has a deputy."""

    access = Access.INTERNAL
    source = (Role,)
    target = (Role,)
    forward = "deputy"
    backward = "deputy_of"
    single = frozenset({"deputy"})
    columns: ClassVar = {Role: "deputy"}


class Accountability(Term):
    """Kind of ownership."""

    SOLE = "Answers alone."
    JOINT = "Answers for a share."
    SPONSOR = "Speaks for it in the executive team."


class Owns(Link):
    """A role answers for something."""

    access = Access.INTERNAL
    type = "OWNED_BY"
    source = (Role,)
    target = (Owned,)
    forward = "owns"
    backward = "owners"
    identity = ("source", "target", "accountability")
    columns: ClassVar = {SourceSystem: "owner", Job: "owner"}
    flow = "backward"

    accountability: Accountability = Accountability.SOLE
    """Kind of ownership."""
    share: Annotated[Share, Whole("target")] | None = None
    """Share of the accountability, over all owners 1; empty for sponsors."""
    accepted_on: date | None = None
    """Day the role accepted it."""


class PerformedBy(Link):
    """A unit performs a process."""

    access = Access.INTERNAL
    belongs: ClassVar = {Process: Belongs.ALL}
    source = (Process,)
    target = (OrgUnit,)
    forward = "units"
    backward = "processes"

    share: Annotated[Share, Whole("source")] | None = None
    """Share of the work, over all units 1."""


SIGNS = {"+": 1, "-": -1}


class Strength(Term):
    """Size of an effect in words."""

    WEAK = "Hardly felt."
    MODERATE = "Clearly felt."
    STRONG = "Decisive."


Sign = Annotated[int, Field(ge=-1, le=1), BeforeValidator(lambda x: SIGNS.get(x, x))]
"""1 the same way, -1 the other way, 0 unknown; tables may also say + and -."""


class Drives(Link):
    """More or better work in a process moves a KPI."""

    access = Access.INTERNAL
    source = (Process,)
    target = (Kpi,)
    forward = "drives"
    backward = "processes"
    flow = "forward"
    causal = True

    sign: Sign
    """Direction of the KPI for more or better work: 1 up, -1 down, 0 unknown."""
    strength: Strength | None = None
    """Size in words."""
    reason: str | None = None
    """Why."""


class ProcessMetric(Term):
    """A metric of a process that an initiative changes; less of each is better work."""

    CYCLE_TIME = "Time from start to end of one case."
    FRAUD_CASES = "Cases of fraud."


class ChangeBasis(Term):
    """Where the figure of a change is from."""

    PLAN = "The plan of the initiative."
    EXPERT = "Judgement."
    PILOT = "A pilot."
    MEASURED = "Measured afterwards."


class Changes(Link):
    """An initiative changes a KPI or a process."""

    access = Access.INTERNAL
    source = (Initiative,)
    target = (Kpi, Process)
    forward = "changes"
    backward = "initiatives"
    identity = ("source", "target", "group", "metric", "from_period")
    flow = "forward"
    causal = True
    ends = "to_period"

    group: Annotated[GlobalId, Refers("segment", "persona")] | None = None
    """Segment or persona; empty = all. A group's row adds to the general one."""
    metric: ProcessMetric | None = None
    """Metric of the process; empty for a KPI."""
    change: Annotated[float, Unit("see unit")] | None = None
    """Lasting change against before; empty = only the sign is known."""
    unit: UnitText | None = None
    """Unit of the change."""
    sign: Sign | None = None
    """Direction of the change, where its size is not known."""
    se: Annotated[float, Field(ge=0), Unit("see unit")] | None = None
    """Standard error of the change."""
    from_period: Period | None = None
    """First period of the change; empty = from the start of the initiative."""
    to_period: Period | None = None
    """First period without the change; empty = lasting."""
    basis: ChangeBasis | None = None
    """Where the figure is from."""

    @model_validator(mode="after")
    def _sized_or_signed(self) -> Self:
        if (self.change is None) == (self.sign is None):
            raise ValueError("must have a change or, where its size is not known, a sign")
        if (self.change is None) != (self.unit is None):
            raise ValueError("must have a unit where it has a change, and only there")
        return self


class LinkStatus(Term):
    """State of knowledge about a causal link."""

    HYPOTHESIS = "Believed."
    TESTED = "Tested once."
    SUPPORTED = "Held up in tests."
    REFUTED = "Found not to hold."
    RETIRED = "No longer used."


class EvidenceMethod(Term):
    """How a causal link was found."""

    EXPERT = "Judgement."
    REGRESSION = "Regression on own history."
    GRANGER = "Test of lagged prediction (Granger 1969)."
    EXPERIMENT = "Experiment with a control."
    DEMATEL = "Judgement of many, by DEMATEL (Fontela & Gabus 1976)."
    LITERATURE = "Published elsewhere."


class LagUnit(Term):
    """Unit of a lag."""

    MONTH = "Calendar months."


class Affects(Link):
    """A change of one thing moves another: the causal link of the strategy map."""

    access = Access.INTERNAL
    source = (Kpi, Objective)
    target = (Kpi, Objective)
    forward = "effects"
    backward = "causes"
    causal = True

    key: Key
    """source/target/group/version."""
    version: Annotated[int, Field(ge=1)] = 1
    """Version, from 1."""
    group: Annotated[GlobalId, Refers("segment", "persona")] | None = None
    """Segment or persona; empty = all. A link for a group adds to the general one."""
    weight: Annotated[float, Unit("target unit per source unit")] | None = None
    """Change of the target for +1 of the source; empty = only the sign is known."""
    se: Annotated[float, Field(ge=0), Unit("target unit per source unit")] | None = None
    """Standard error of the weight."""
    lag: Annotated[int, Field(ge=0), Unit("see lag_unit")] | None = None
    """Delay of the effect."""
    lag_unit: LagUnit | None = None
    """Unit of the lag."""
    sign: Sign
    """Direction of the effect."""
    strength: Strength | None = None
    """Size in words."""
    confidence: Share | None = None
    """How sure the organization is, 0..1."""
    status: LinkStatus | None = None
    """State of knowledge."""
    method: EvidenceMethod | None = None
    """How it was found."""
    trade_off_accepted: Annotated[bool, Seen(Access.INTERNAL)] | None = None
    """Whether a loss for this group was accepted by decision."""
    decision: Annotated[Key, Refers("decision")] | None = None
    """Key of the decision behind it."""
