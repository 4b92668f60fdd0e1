"""What was tried and judged beforehand: pilots, assessments of impact, adoption."""

from __future__ import annotations

from datetime import date
from typing import Annotated, ClassVar

from pydantic import Field

from graph.ontology.measures import Kpi
from graph.ontology.strategy import Initiative, Persona
from graph.ontology.terms import Access, Term
from graph.ontology.vocabulary import (
    Belongs,
    Entity,
    Link,
    Period,
    Record,
    Unit,
    UnitText,
)
from graph.ontology.work import OrgUnit, Role


class PilotVerdict(Term):
    """What a pilot led to."""

    EXTEND = "Do it for all."
    STOP = "Do not go on."
    REPEAT = "Try again."


class Pilot(Entity):
    """A change tried on one persona, with another as control."""

    access = Access.INTERNAL

    start: date
    """First day."""
    end: date | None = None
    """First day after the end."""
    success_rule: str | None = None
    """Rule set before."""
    result: str | None = None
    """What came out."""
    verdict: PilotVerdict | None = None
    """What it led to."""


class Expected(Term):
    """What an initiative means for a persona."""

    WORSE = "A loss."
    NEUTRAL = "Neither."
    BETTER = "A gain."


class Verdict(Term):
    """What an assessment recommends."""

    GO = "Do it."
    MITIGATE = "Do it and soften the loss."
    STOP = "Do not do it."


class ImpactAssessment(Record):
    """What an initiative was expected to do to a persona."""

    access = Access.INTERNAL
    begins = "assessed_on"

    effect: Annotated[float, Unit("see unit")]
    """Expected effect on the KPI."""
    low: Annotated[float, Unit("see unit")] | None = None
    """Lower end."""
    high: Annotated[float, Unit("see unit")] | None = None
    """Upper end."""
    unit: UnitText
    """Unit of the effect."""
    expected: Expected | None = None
    """Direction for the persona."""
    verdict: Verdict | None = None
    """What is recommended."""
    assessed_on: date | None = None
    """Day."""


class AdoptionSource(Term):
    """Where a count of use is from."""

    USAGE_LOG = "Log of the product."
    AUDIT_TRAIL = "Audit trail of another system."


class Adoption(Record):
    """How a unit uses the scorecard in a period."""

    access = Access.INTERNAL
    table = "adoption"
    begins = "period"

    period: Period
    """When."""
    scorecard_views: Annotated[int, Field(ge=0), Unit("count")] | None = None
    """Views."""
    reviews_with_persona_kpi: Annotated[int, Field(ge=0), Unit("count")] | None = None
    """Reviews that used a persona's KPI."""
    reviews_total: Annotated[int, Field(ge=0), Unit("count")] | None = None
    """Reviews held."""
    source: AdoptionSource | None = None
    """Where the count is from."""


class Pilots(Link):
    """A pilot tries an initiative."""

    access = Access.INTERNAL
    belongs: ClassVar = {Pilot: Belongs.ANY}
    table = "pilots_initiative"
    source = (Pilot,)
    target = (Initiative,)
    forward = "initiative"
    backward = "pilots"
    single = frozenset({"initiative"})
    columns: ClassVar = {Pilot: "initiative"}


class TriedOn(Link):
    """A pilot is tried on a persona."""

    access = Access.INTERNAL
    belongs: ClassVar = {Pilot: Belongs.ANY}
    source = (Pilot,)
    target = (Persona,)
    forward = "persona"
    backward = "pilots"
    single = frozenset({"persona"})
    columns: ClassVar = {Pilot: "persona"}


class ControlledBy(Link):
    """A pilot is compared with a persona without the change."""

    access = Access.INTERNAL
    belongs: ClassVar = {Pilot: Belongs.ANY}
    source = (Pilot,)
    target = (Persona,)
    forward = "control"
    backward = "controls"
    single = frozenset({"control"})
    columns: ClassVar = {Pilot: "control"}


class Assesses(Link):
    """An assessment is about an initiative."""

    access = Access.INTERNAL
    belongs: ClassVar = {ImpactAssessment: Belongs.ANY}
    source = (ImpactAssessment,)
    target = (Initiative,)
    forward = "initiative"
    backward = "assessments"
    single = frozenset({"initiative"})
    columns: ClassVar = {ImpactAssessment: "initiative"}


class AssessedFor(Link):
    """An assessment is for a persona."""

    access = Access.INTERNAL
    belongs: ClassVar = {ImpactAssessment: Belongs.ANY}
    source = (ImpactAssessment,)
    target = (Persona,)
    forward = "persona"
    backward = "assessments"
    single = frozenset({"persona"})
    columns: ClassVar = {ImpactAssessment: "persona"}


class AssessedOn(Link):
    """An assessment speaks of a KPI."""

    access = Access.INTERNAL
    belongs: ClassVar = {ImpactAssessment: Belongs.ANY}
    source = (ImpactAssessment,)
    target = (Kpi,)
    forward = "kpi"
    backward = "assessments"
    single = frozenset({"kpi"})
    columns: ClassVar = {ImpactAssessment: "kpi"}


class AssessedBy(Link):
    """A role made an assessment."""

    access = Access.INTERNAL
    source = (ImpactAssessment,)
    target = (Role,)
    forward = "assessed_by"
    backward = "assessments"
    single = frozenset({"assessed_by"})
    columns: ClassVar = {ImpactAssessment: "assessed_by"}


class AdoptedBy(Link):
    """A unit used the scorecard."""

    access = Access.INTERNAL
    belongs: ClassVar = {Adoption: Belongs.ANY}
    source = (Adoption,)
    target = (OrgUnit,)
    forward = "unit"
    backward = "adoption"
    single = frozenset({"unit"})
    columns: ClassVar = {Adoption: "unit"}
