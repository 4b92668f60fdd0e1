"""How it is measured: KPIs, versions of their formulas, series and observations."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import Field

from graph.ontology.strategy import Objective, Perspective
from graph.ontology.terms import Access, Layer, Term
from graph.ontology.vocabulary import (
    Backed,
    Belongs,
    Entity,
    Link,
    Owned,
    Path,
    Period,
    Record,
    Scoped,
    Share,
    Unit,
    UnitText,
    Whole,
)


class KpiKind(Term):
    """What a KPI is made of."""

    BASE = "Measured."
    COMPOSITE = "Computed from other KPIs."
    ADOPTION = "Measures the use of something new."


class Kpi(Owned, Entity):
    """A number that says how well an objective is met (ISO 22400 KPIDefinition)."""

    access = Access.INTERNAL
    layer = Layer.KPI
    searched = ("name", "key", "purpose", "rationale")
    paths: ClassVar = {"group": Path(("series", "groups"), "A group it is measured for.")}

    purpose: str | None = None
    """What it is for."""
    kpi_kind: Annotated[KpiKind, Field(alias="kind")] = KpiKind.BASE
    """Measured, computed or about adoption."""
    confidentiality: Access | None = None
    """Who may see its values."""


class KpiDirection(Term):
    """Which way is good (ISO 22400 Trend)."""

    HIGHER = "More is better."
    LOWER = "Less is better."
    BAND = "Near the target is better."


class IndicatorKind(Term):
    """Whether a KPI speaks of what will be or of what has been (Kaplan & Norton)."""

    LEADING = "Moves before the result does."
    LAGGING = "Tells the result."


class MeasureKind(Term):
    """Nature of a measure."""

    QUANTITATIVE = "Counted or measured."
    QUALITATIVE = "Judged."


class Frequency(Term):
    """How often something is measured or run."""

    HOURLY = "Every hour."
    DAILY = "Every day."
    WEEKLY = "Every ISO week."
    MONTHLY = "Every calendar month."
    QUARTERLY = "Every quarter."
    YEARLY = "Every year."


class MissingPolicy(Term):
    """What a missing period does to a run of breaches."""

    HOLD = "It neither counts nor ends the run."
    RESET = "It ends the run."


class KpiVersion(Backed, Record):
    """A formula of a KPI and how it is read, for as long as it was in use (ISO 22400, 11179)."""

    access = Access.INTERNAL
    layer = Layer.KPI
    alone = ("kpi",)

    version: Annotated[int, Field(ge=1)]
    """Version, from 1."""
    formula: str
    """How the number is made, in words."""
    unit: UnitText
    """Unit of the KPI's values."""
    direction: KpiDirection
    """Which way is good."""
    indicator_kind: IndicatorKind
    """Leading or lagging."""
    measure_kind: MeasureKind = MeasureKind.QUANTITATIVE
    """Counted or judged."""
    frequency: Frequency
    """How often it is measured."""
    range_lower: Annotated[float, Unit("see unit")] | None = None
    """Least possible value."""
    range_upper: Annotated[float, Unit("see unit")] | None = None
    """Largest possible value."""
    decimals: Annotated[int, Field(ge=0, le=12)] | None = None
    """Decimals shown."""
    missing_policy: MissingPolicy = MissingPolicy.HOLD
    """What a missing period does to a run of breaches."""
    min_coverage: Share | None = None
    """Least share of the weights that must be present."""
    delay_hours: Annotated[float, Field(ge=0), Unit("h")] | None = None
    """Hours from the event to the value, largest over the origins."""
    error_rate: Share | None = None
    """Share of wrong rows behind it."""
    access_class: Access | None = None
    """Who may see its values."""


class ScopeKind(Term):
    """What a series is measured over."""

    ALL = "All customers."
    SEGMENT = "One segment."
    PERSONA = "One persona."
    UNIT = "One organizational unit."


class Series(Scoped, Record):
    """The values of one KPI over one scope (ISO 22400 KPIInstance)."""

    access = Access.INTERNAL
    alone = ("kpi", "groups", "frequency")

    scope_kind: ScopeKind
    """All customers, a segment, a persona or a unit."""
    frequency: Frequency
    """Length of its periods; all observations of a series have the same."""


class ObservationStatus(Term):
    """How settled a value is."""

    PROVISIONAL = "May still change."
    FINAL = "Closed."
    RESTATED = "Replaces an earlier report."


class ObservationCause(Term):
    """Why a value is missing or was restated."""

    NO_SURVEY = "No survey was held."
    SOURCE_DOWN = "The source system was down."
    COVERAGE = "Too few components had a value."
    LATE_DATA = "Data came after the close."
    RECLASSIFIED_MEMBERS = "Members were assigned to another group."
    CHANGED_FORMULA = "The formula changed."


class Observation(Record):
    """The value of a series in a period, as reported (ISO 22400 KPIValue)."""

    access = Access.INTERNAL
    many = True
    begins = "period"
    largest_page = 1000

    period: Period
    """What the value speaks of."""
    value: Annotated[float, Unit("unit of the KPI version")] | None = None
    """The value; empty where it is missing, with the cause."""
    n: Annotated[int, Field(ge=0), Unit("count")] | None = None
    """Answers, customers or staff behind the value."""
    status: ObservationStatus = ObservationStatus.FINAL
    """How settled it is."""
    cause: ObservationCause | None = None
    """Why it is missing or was restated."""
    note: str | None = None
    """The cause in words."""


class KpiInPerspective(Link):
    """A KPI belongs to a perspective."""

    access = Access.INTERNAL
    source = (Kpi,)
    target = (Perspective,)
    forward = "perspective"
    backward = "kpis"
    single = frozenset({"perspective"})
    columns: ClassVar = {Kpi: "perspective"}


class ObjectiveInPerspective(Link):
    """An objective belongs to exactly one perspective."""

    access = Access.INTERNAL
    source = (Objective,)
    target = (Perspective,)
    forward = "perspective"
    backward = "objectives"
    single = frozenset({"perspective"})
    columns: ClassVar = {Objective: "perspective"}


class MeasureRole(Term):
    """What a KPI is to an objective."""

    PRIMARY = "The one looked at first."
    SUPPORTING = "Helps to read the first."


class MeasuredBy(Link):
    """A KPI measures an objective."""

    access = Access.INTERNAL
    type = "MEASURES"
    source = (Objective,)
    target = (Kpi,)
    forward = "kpis"
    backward = "objectives"
    flow = "backward"

    weight: Annotated[Share, Whole("source")] | None = None
    """Weight of the KPI in the objective; over its KPIs they make 1."""
    kind: MeasureRole | None = None
    """Primary or supporting."""


class VersionOf(Link):
    """A formula version belongs to a KPI."""

    access = Access.INTERNAL
    belongs: ClassVar = {KpiVersion: Belongs.ANY}
    source = (KpiVersion,)
    target = (Kpi,)
    forward = "kpi"
    backward = "versions"
    single = frozenset({"kpi"})
    columns: ClassVar = {KpiVersion: "kpi"}
    flow = "forward"


class HasSeries(Link):
    """A KPI is measured over a scope."""

    access = Access.INTERNAL
    belongs: ClassVar = {Series: Belongs.ANY}
    source = (Kpi,)
    target = (Series,)
    forward = "series"
    backward = "kpi"
    single = frozenset({"kpi"})
    columns: ClassVar = {Series: "kpi"}


class HasPoint(Link):
    """A series has a value."""

    access = Access.INTERNAL
    belongs: ClassVar = {Observation: Belongs.ANY}
    source = (Series,)
    target = (Observation,)
    forward = "observations"
    backward = "series"
    single = frozenset({"series"})
    columns: ClassVar = {Observation: "series"}


class Restates(Link):
    """An observation replaces an earlier report."""

    access = Access.INTERNAL
    source = (Observation,)
    target = (Observation,)
    forward = "restates"
    backward = "restated_by"
    single = frozenset({"restates"})
    columns: ClassVar = {Observation: "restates"}


class UsesVersion(Link):
    """An observation was computed by a formula version."""

    access = Access.INTERNAL
    source = (Observation,)
    target = (KpiVersion,)
    forward = "kpi_version"
    backward = "observations"
    single = frozenset({"kpi_version"})
    columns: ClassVar = {Observation: "kpi_version"}


class ComponentOf(Link):
    """A KPI is a component of a composite."""

    access = Access.INTERNAL
    source = (Kpi,)
    target = (Kpi,)
    forward = "composites"
    backward = "components"
    flow = "forward"
    acyclic = True

    normalisation: KpiDirection
    """Attainment: HIGHER (v - floor)/(target - floor), LOWER (ceiling - v)/(ceiling - target)."""
