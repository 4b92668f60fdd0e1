"""What an organization wants: plan, perspectives, themes, objectives, and the groups it is for."""

from __future__ import annotations

from datetime import date
from typing import Annotated, ClassVar

from pydantic import Field

from graph.ontology.terms import Access, Layer, Term
from graph.ontology.vocabulary import (
    Belongs,
    Counted,
    Entity,
    Grouped,
    Link,
    Owned,
    Scoped,
    Seen,
    Share,
    Unit,
    UnitText,
)


class StrategicPlan(Entity):
    """A strategic plan, the root of the scorecard (ISO 17469 StrategicPlanCore)."""

    access = Access.INTERNAL
    word = "plan"

    organization: str
    """Whose plan it is."""
    vision: str | None = None
    """What the organization wants to become."""
    mission: str | None = None
    """What it is there for."""
    horizon_years: Annotated[int, Field(ge=1, le=50), Unit("year")] | None = None
    """How far it looks ahead, in years."""


class PerspectiveKind(Term):
    """The four perspectives of Kaplan & Norton (1992)."""

    FINANCIAL = "How owners or funders see the organization."
    CUSTOMER = "How customers see it."
    INTERNAL_PROCESS = "What it must do well."
    LEARNING_GROWTH = "What it must learn and become able to do."


class Perspective(Entity):
    """A point of view from which objectives are set (Kaplan & Norton 1992)."""

    access = Access.INTERNAL

    perspective_kind: Annotated[PerspectiveKind | None, Field(alias="kind")] = None
    """Which of the four it is; empty for one of the organization's own."""
    order: Annotated[int, Field(ge=0)] = 0
    """Place on the map, from the top."""


class Theme(Entity):
    """A line of thought that runs through several objectives."""

    access = Access.INTERNAL

    description: str | None = None
    """What it is about."""


class Objective(Owned, Grouped, Entity):
    """Something the organization wants to reach."""

    access = Access.INTERNAL
    layer = Layer.OBJECTIVE
    searched = ("name", "key", "description")

    description: str | None = None
    """One sentence on what is wanted."""
    criteria: str | None = None
    """When a persona gets an objective of its own."""


class SegmentBasis(Term):
    """What splits customers into segments."""

    BEHAVIOUR = "What they do."
    REVENUE_TIER = "What they bring in."
    INDUSTRY = "What trade they are in."
    GEOGRAPHY = "Where they are."


class Maturity(Term):
    """How long a segment has been served."""

    NEW = "Just entered."
    GROWING = "Known and growing."
    MATURE = "Long known, stable."


class InclusionReason(Term):
    """Why a segment is on the scorecard."""

    REVENUE = "For what it brings in now."
    GROWTH = "For what it will bring in."
    STRATEGIC_FIT = "Because it suits where the organization goes."


class CustomerGroup(Owned, Entity):
    """Customers for whom it is all done: a segment or a persona."""

    abstract = True
    layer = Layer.GROUP


class Segment(CustomerGroup):
    """A part of the customers by a rule; within one scheme, segments exclude each other."""

    access = Access.INTERNAL

    scheme: str | None = None
    """The scheme it belongs to; segments of one scheme are exclusive."""
    basis: SegmentBasis | None = None
    """What splits the customers."""
    customers: (
        Annotated[int, Field(ge=0), Unit("count"), Seen(Access.CONFIDENTIAL), Counted()] | None
    ) = None
    """Number of customers."""
    revenue: Annotated[float, Unit("EUR/year"), Seen(Access.CONFIDENTIAL)] | None = None
    """Revenue a year."""
    profit: Annotated[float, Unit("EUR/year"), Seen(Access.CONFIDENTIAL)] | None = None
    """Profit a year."""
    growth_rate: Annotated[float, Unit("share/year"), Seen(Access.CONFIDENTIAL)] | None = None
    """Growth a year; 0.05 is 5 %."""
    maturity: Maturity | None = None
    """How long it has been served."""
    inclusion_reason: InclusionReason | None = None
    """Why it is on the scorecard."""
    horizon_years: Annotated[int, Field(ge=1, le=50), Unit("year")] | None = None
    """The horizon it counts for, in years."""
    access_class: Access | None = None
    """Who may see it."""


class ClassificationMode(Term):
    """How membership of a persona is kept."""

    SNAPSHOT = "Frozen at a date."
    DYNAMIC = "Follows the customers' behaviour."


class DecisionCycle(Term):
    """How often customers of a persona decide."""

    MONTHLY = "Every month."
    QUARTERLY = "Every quarter."


class Persona(CustomerGroup):
    """An archetype of needs, pains and behaviour; may cut across segments."""

    access = Access.INTERNAL
    searched = ("name", "key", "description", "rationale")

    description: str | None = None
    """One sentence that brings the persona to mind."""
    classification_mode: ClassificationMode | None = None
    """Frozen or live membership."""
    review_every_months: Annotated[int, Field(ge=1), Unit("month")] | None = None
    """Months between checks of its validity."""
    decision_cycle: DecisionCycle | None = None
    """How often these customers decide."""
    influence: Share | None = None
    """Weight of its voice, 0..1."""
    access_class: Access | None = None
    """Who may see it."""


class Initiative(Owned, Grouped, Entity):
    """A project or programme meant to move KPIs."""

    access = Access.INTERNAL
    layer = Layer.INITIATIVE

    cost: Annotated[float, Unit("see unit"), Seen(Access.CONFIDENTIAL)] | None = None
    """Cost in `unit`; negative is a saving."""
    unit: UnitText | None = None
    """Currency of the cost."""
    start: date | None = None
    """First day."""
    end: date | None = None
    """First day after the end."""
    expected_reach: Annotated[int, Field(ge=0), Unit("count")] | None = None
    """People or customers it should reach."""


class HasPerspective(Link):
    """A plan looks at itself from a perspective."""

    access = Access.INTERNAL
    source = (StrategicPlan,)
    target = (Perspective,)
    forward = "perspectives"
    backward = "plan"
    single = frozenset({"plan"})
    columns: ClassVar = {Perspective: "plan"}


class HasTheme(Link):
    """A plan has a theme."""

    access = Access.INTERNAL
    source = (StrategicPlan,)
    target = (Theme,)
    forward = "themes"
    backward = "plan"
    single = frozenset({"plan"})
    columns: ClassVar = {Theme: "plan"}


class InTheme(Link):
    """An objective belongs to a theme."""

    access = Access.INTERNAL
    source = (Objective,)
    target = (Theme,)
    forward = "theme"
    backward = "objectives"
    single = frozenset({"theme"})
    columns: ClassVar = {Objective: "theme"}


class PersonaOf(Link):
    """A persona is found in a segment."""

    access = Access.INTERNAL
    belongs: ClassVar = {Persona: Belongs.ALL}
    source = (Persona,)
    target = (Segment,)
    forward = "segments"
    backward = "personas"

    share: Annotated[Share, Counted()] | None = None
    """Share of the segment's customers."""


class ForGroup(Link):
    """Something is for a segment or persona; without such a link, for all."""

    access = Access.INTERNAL
    belongs: ClassVar = {Grouped: Belongs.ALL, Scoped: Belongs.ANY}
    source = (Grouped,)
    target = (CustomerGroup,)
    forward = "groups"
    columns: ClassVar = {Scoped: "group"}
    flow = "forward"
