"""How a published value that was worked out again is told."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from graph.insight.answers import GroupId, NodeId
from graph.insight.readings import Figure, KpiId
from graph.ontology.measures import KpiDirection
from graph.ontology.vocabulary import GlobalId, Period, Refers, Share, Unit, Value

ObservationId = Annotated[GlobalId, Refers("observation")]
SeriesId = Annotated[GlobalId, Refers("series")]
VersionId = Annotated[GlobalId, Refers("kpi_version")]
TargetId = Annotated[GlobalId, Refers("target")]
WeightSetId = Annotated[GlobalId, Refers("weight_set")]
Attained = Annotated[float, Unit("share")]


class ReproducedComponent(Value):
    """What went into a composite: a KPI, or the composite itself for one persona."""

    of: NodeId
    """The KPI or persona that is weighted."""
    series: SeriesId | None = None
    """The series whose value counts."""
    observation: ObservationId | None = None
    """The value's report, the latest known at publication."""
    value: Figure | None = None
    """The value; null where there was none."""
    unit: str | None = None
    """Unit of value, target, floor, ceiling and tolerance."""
    target: TargetId | None = None
    """The committed target in force at the end of the period."""
    target_value: Figure | None = None
    """Value to reach."""
    floor: Figure | None = None
    """Where attainment is 0, for HIGHER."""
    ceiling: Figure | None = None
    """Where attainment is 0, for LOWER."""
    tolerance: Figure | None = None
    """Distance from the target where attainment is 0, for BAND."""
    direction: KpiDirection | None = None
    """How it was normalised: HIGHER, LOWER or BAND; null for a persona, whose value is taken."""
    attainment: Attained | None = None
    """Way made to the target, not cut."""
    score: Figure | None = None
    """What is weighted: the attainment cut as the formula says, or a persona's value."""
    weight: Share
    """Its weight in the set."""
    contribution: Figure | None = None
    """What it adds to the composite, in the composite's unit; null in a geometric one."""
    missing: str | None = None
    """Why it does not count, where it does not."""


class Reproduction(Value):
    """A published value beside the one that is worked out from what was known at publication."""

    observation: ObservationId
    """The published value."""
    series: SeriesId
    """Its series."""
    kpi: KpiId
    """Its KPI."""
    group: GroupId | None = None
    """Whom it is measured for; null = all."""
    period: Period
    """Its period."""
    published_at: datetime
    """When it was recorded: what counts was known by then, or came with it."""
    measured: bool
    """True for a KPI that is no composite: there is nothing to work out."""
    sources: tuple[NodeId, ...] = ()
    """Source systems behind a measured value."""
    reported: Figure | None = None
    """The published value."""
    recomputed: Figure | None = None
    """The value worked out again, rounded; null where that is not possible or too little known."""
    exact: Figure | None = None
    """The same before rounding."""
    difference: Figure | None = None
    """Recomputed minus reported."""
    equal: bool | None = None
    """Whether both are the same; null where it cannot be worked out."""
    unit: str | None = None
    """Unit of the figures."""
    decimals: int | None = None
    """Decimals to which the version rounds."""
    coverage: Share | None = None
    """Share of the weights whose components had a value."""
    min_coverage: Share | None = None
    """Share below which the version gives no value."""
    cap: Attained | None = None
    """Largest attainment that counts; null = not cut."""
    version: VersionId | None = None
    """Version of the formula: the one that the report names, else the one in force."""
    formula: str | None = None
    """Its words."""
    weight_set: WeightSetId | None = None
    """Set of the weights."""
    components: tuple[ReproducedComponent, ...] = ()
    """What went in, heaviest first."""
    recorded_later: tuple[GlobalId, ...] = ()
    """Ids of which nothing was recorded yet at publication: taken as known at the asked time."""
    explanation: str
    """The result in words."""
