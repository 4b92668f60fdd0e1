"""Values as they were reported and as they were restated, with what was in force in each period."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated

from graph.insight.answers import Completeness, GroupId, NodeId
from graph.insight.readings import Figure, Goal, KpiId, attainment
from graph.insight.reproduced import ObservationId, SeriesId, TargetId, VersionId, WeightSetId
from graph.ontology.measures import KpiDirection, ObservationCause, ObservationStatus
from graph.ontology.steering import WeightSetKind
from graph.ontology.vocabulary import GlobalId, Period, Refers, Share, Unit, Value


class ValueReport(Value):
    """One report of a period's value: the first, or one that took its place."""

    observation: ObservationId
    """The report."""
    value: Figure | None = None
    """The value; null where it is missing, with the cause."""
    n: Annotated[int, Unit("count")] | None = None
    """Answers, customers or staff behind it."""
    status: ObservationStatus
    """How settled it is."""
    cause: ObservationCause | None = None
    """Why it is missing or was restated."""
    note: str | None = None
    """The cause in words."""
    recorded_at: datetime
    """Since when it is known."""
    replaced_at: datetime | None = None
    """Since when the next report is known: who looked before saw this one. Null for the latest."""
    difference: Figure | None = None
    """This value minus that of the report before; null for the first."""
    restates: ObservationId | None = None
    """The report that it names as replaced."""
    version: VersionId | None = None
    """Version of the formula that it names."""


class WeightThen(Value):
    """A weight that a value had in a composite."""

    of: KpiId
    """The composite."""
    weight: Share
    """The weight."""
    weight_set: WeightSetId
    """The set it stands in."""
    kind: WeightSetKind
    """COMPONENT: of the KPI in the composite. PERSONA: of the persona in the whole."""


class TargetThen(Value):
    """A target that was in force."""

    target: TargetId
    """The target."""
    value: Figure
    """Value to reach."""
    floor: Figure | None = None
    """Where attainment is 0, for HIGHER."""
    ceiling: Figure | None = None
    """Where attainment is 0, for LOWER."""
    tolerance: Figure | None = None
    """Distance from the target where attainment is 0, for BAND."""


class ThresholdThen(Value):
    """A threshold that was in force."""

    threshold: Annotated[GlobalId, Refers("threshold")]
    """The threshold."""
    lower: Figure | None = None
    """A value strictly below is a breach."""
    upper: Figure | None = None
    """A value strictly above is a breach."""


class PeriodValue(Value):
    """A period of a series: every report of its value, and what was in force at its end.

    Of a series that ended within the period, what was in force at its last instant.
    """

    series: SeriesId
    """The series."""
    kpi: KpiId
    """Its KPI."""
    group: GroupId | None = None
    """Whom it is measured for; null = all."""
    period: Period
    """The period."""
    unit: str | None = None
    """Unit of the figures."""
    value_as_reported: Figure | None = None
    """The first report; null where a value was missing."""
    value_as_restated: Figure | None = None
    """The latest report; the same as the first where nothing was restated."""
    restated: bool
    """Whether there is more than one report."""
    reports: tuple[ValueReport, ...]
    """Every report, earliest first."""
    target: TargetThen | None = None
    """The committed target."""
    stretch: TargetThen | None = None
    """The hoped-for target."""
    threshold: ThresholdThen | None = None
    """The limits."""
    attainment: Annotated[float, Unit("share")] | None = None
    """Way made by the latest report to the committed target, not cut."""
    weights: tuple[WeightThen, ...] = ()
    """The weights of the value in composites."""
    version: VersionId | None = None
    """Version of the formula in force."""


class Values(Value):
    """The whole record of some series, period by period."""

    of: NodeId
    """The KPI, series or group that was asked for."""
    periods: tuple[PeriodValue, ...]
    """By KPI, group, series and period."""
    completeness: Completeness
    """Whether these are all."""


@dataclass(frozen=True, slots=True)
class Cell:
    """A series in a period, and the instant as of which its facts are told."""

    series: str
    kpi: str
    group: str | None
    period: str
    moment: datetime


@dataclass(frozen=True, slots=True)
class Told:
    """A report as it was recorded at one time."""

    id: str
    value: float | None
    n: int | None
    status: ObservationStatus
    cause: ObservationCause | None
    note: str | None
    at: datetime
    restates: str | None
    version: str | None

    def says(self) -> tuple[object, ...]:
        """What it tells, whenever it was recorded."""
        return self.id, self.value, self.n, self.status, self.cause, self.note


@dataclass(frozen=True, slots=True)
class VersionThen:
    """A version of a formula that was in force."""

    id: str
    number: int
    unit: str
    direction: KpiDirection


@dataclass(frozen=True, slots=True)
class Facts:
    """What was in force: by series and period, versions by KPI and instant."""

    told: Mapping[tuple[str, str], Sequence[Told]]
    targets: Mapping[tuple[str, str], TargetThen] = field(default_factory=dict)
    stretches: Mapping[tuple[str, str], TargetThen] = field(default_factory=dict)
    thresholds: Mapping[tuple[str, str], ThresholdThen] = field(default_factory=dict)
    weights: Mapping[tuple[str, str], Sequence[WeightThen]] = field(default_factory=dict)
    versions: Mapping[tuple[str, datetime], VersionThen] = field(default_factory=dict)


def period_value(cell: Cell, facts: Facts) -> PeriodValue:
    """Everything that is told of one period of a series."""
    at = cell.series, cell.period
    reports = vintages(facts.told.get(at, ()))
    version = facts.versions.get((cell.kpi, cell.moment))
    target = facts.targets.get(at)
    latest = reports[-1].value
    return PeriodValue(
        series=cell.series,
        kpi=cell.kpi,
        group=cell.group,
        period=cell.period,
        unit=version.unit if version else None,
        value_as_reported=reports[0].value,
        value_as_restated=latest,
        restated=len(reports) > 1,
        reports=reports,
        target=target,
        stretch=facts.stretches.get(at),
        threshold=facts.thresholds.get(at),
        attainment=_way(latest, target, version),
        weights=tuple(facts.weights.get(at, ())),
        version=version.id if version else None,
    )


def vintages(told: Iterable[Told]) -> tuple[ValueReport, ...]:
    """The reports of one period in the order in which they were recorded.

    Those of one instant: what names another as replaced comes after it. What says the same again
    is no other report.
    """
    reports = list(_changes(sorted(told, key=_order)))
    lasting = [*(one.at for one in reports[1:]), None]
    before = [None, *(one.value for one in reports[:-1])]
    return tuple(
        _report(one, until, earlier)
        for one, until, earlier in zip(reports, lasting, before, strict=True)
    )


def _order(one: Told) -> tuple[datetime, bool, str]:
    return one.at, one.restates is not None, one.id


def _changes(told: Iterable[Told]) -> Iterable[Told]:
    said: defaultdict[str, tuple[object, ...]] = defaultdict(tuple)
    for one in told:
        if said[one.id] != one.says():
            said[one.id] = one.says()
            yield one


def _report(one: Told, until: datetime | None, earlier: float | None) -> ValueReport:
    both = one.value is not None and earlier is not None
    return ValueReport(
        observation=one.id,
        value=one.value,
        n=one.n,
        status=one.status,
        cause=one.cause,
        note=one.note,
        recorded_at=one.at,
        replaced_at=until,
        difference=round((one.value or 0) - (earlier or 0), 9) if both else None,
        restates=one.restates,
        version=one.version,
    )


def _way(
    value: float | None, target: TargetThen | None, version: VersionThen | None
) -> float | None:
    if value is None or target is None or version is None:
        return None
    goal = Goal(target.value, target.floor, target.ceiling, target.tolerance)
    return attainment(value, goal, version.direction)
