"""What a KPI last said, and how far that is on the way to its target."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from typing import Annotated

from graph.insight.answers import GroupId
from graph.ontology.measures import IndicatorKind, KpiDirection, MeasureRole
from graph.ontology.vocabulary import GlobalId, Period, Refers, Share, Unit, Value

KpiId = Annotated[GlobalId, Refers("kpi")]
Figure = Annotated[float, Unit("see unit")]

BETTER = {KpiDirection.HIGHER: 1, KpiDirection.LOWER: -1}
"""Which way is better; in a band neither is."""


class MapMeasure(Value):
    """A KPI on the map with what it last said and its target, ready to be drawn."""

    kpi: KpiId
    """What is measured."""
    role: MeasureRole | None = None
    """What the KPI is to the objective."""
    weight: Share | None = None
    """Weight of the KPI in the objective."""
    indicator_kind: IndicatorKind | None = None
    """Leading or lagging."""
    group: GroupId | None = None
    """Whose series it is: the asked group's if it has one; null = that over all."""
    version: int | None = None
    """Version of the formula that is in use."""
    unit: str | None = None
    """Unit of the figures."""
    direction: KpiDirection | None = None
    """Which way is good."""
    period: Period | None = None
    """Last period that was reported; null where nothing was."""
    value: Figure | None = None
    """Value of that period, as last restated; null where it is missing."""
    previous: Figure | None = None
    """Value of the period before."""
    target: Figure | None = None
    """Committed target of the series."""
    floor: Figure | None = None
    """Where attainment is 0, for HIGHER."""
    ceiling: Figure | None = None
    """Where attainment is 0, for LOWER."""
    tolerance: Figure | None = None
    """Distance from the target where attainment is 0, for BAND."""
    attainment: Annotated[float, Unit("share")] | None = None
    """Way made to the target, not cut: HIGHER (v - floor)/(target - floor), LOWER (ceiling - v)/
    (ceiling - target), BAND 1 - |v - target|/tolerance; null where one of them is missing."""
    met: bool | None = None
    """Whether the target is reached; in a band, whether the value is within the tolerance."""


@dataclass(frozen=True, slots=True)
class Formula:
    """How a KPI is read: the version of its formula that is in use."""

    version: int
    unit: str
    direction: KpiDirection
    indicator_kind: IndicatorKind


@dataclass(frozen=True, slots=True)
class Goal:
    """A target of a series. Floor, ceiling and tolerance say where attainment is 0."""

    target: float
    floor: float | None = None
    ceiling: float | None = None
    tolerance: float | None = None


@dataclass(frozen=True, slots=True)
class Report:
    """A value as it was reported; `recorded` orders reports of one period."""

    id: str
    period: str
    value: float | None
    recorded: int


@dataclass(frozen=True, slots=True)
class Reading:
    """The last value of a series, None where it is missing, and that of the period before."""

    period: str
    value: float | None
    previous: float | None


@dataclass(frozen=True, slots=True)
class Scope:
    """How a KPI is read on a map: its formula, whose series it is, its last value and target."""

    formula: Formula | None = None
    group: str | None = None
    reading: Reading | None = None
    goal: Goal | None = None

    @property
    def better(self) -> int:
        """1 where more is better, -1 where less is, 0 where that cannot be said."""
        return BETTER.get(self.formula.direction, 0) if self.formula else 0

    def judged(self) -> tuple[float | None, bool | None]:
        """Attainment, and whether the target is met; None where that cannot be said."""
        value = self.reading.value if self.reading else None
        if value is None or self.goal is None or self.formula is None:
            return None, None
        direction = self.formula.direction
        return attainment(value, self.goal, direction), met(value, self.goal, direction)


@dataclass(frozen=True, slots=True)
class Measuring:
    """That a KPI measures an objective."""

    objective: str
    kpi: str
    role: MeasureRole | None
    weight: float | None


def measured(one: Measuring, scope: Scope) -> MapMeasure:
    """A measure with all that is known of it."""
    parts = (part for part in (scope.formula, scope.reading, scope.goal) if part)
    said = {name: value for part in parts for name, value in asdict(part).items()}
    way, reached = scope.judged()
    return MapMeasure(
        kpi=one.kpi,
        role=one.role,
        weight=one.weight,
        group=scope.group,
        attainment=way,
        met=reached,
        **said,
    )


def reading(reports: Iterable[Report], restated: Collection[str]) -> Reading | None:
    """The last period of the reports and the one before; what was restated does not count."""
    told = sorted(
        (report for report in reports if report.id not in restated),
        key=lambda report: (report.period, report.recorded, report.id),
    )
    values = {report.period: report.value for report in told}
    if not values:
        return None
    last = max(values)
    return Reading(last, values[last], values.get(before(last)))


def before(period: str) -> str:
    """The period before one of the same length: `2024-12` for `2025-01`."""
    year, _, rest = period.partition("-")
    if not rest:
        return f"{int(year) - 1:04}"
    if rest[0] == "Q":
        return f"{year}-Q{int(rest[1]) - 1}" if rest[1] > "1" else f"{int(year) - 1:04}-Q4"
    if rest[0] == "W":
        monday = date.fromisocalendar(int(year), int(rest[1:]), 1) - timedelta(days=7)
        return "{:04}-W{:02}".format(*monday.isocalendar())
    day = date.fromisoformat(f"{period}-01" if len(rest) == 2 else period) - timedelta(days=1)
    return day.isoformat()[: len(period)]


def attainment(value: float, goal: Goal, direction: KpiDirection) -> float | None:
    """Share of the way to the target, not cut: 1 = reached; None where it is not defined.

    HIGHER (v - floor)/(target - floor), LOWER (ceiling - v)/(ceiling - target), BAND
    1 - |v - target|/tolerance (OECD/JRC 2008).
    """
    if direction is KpiDirection.BAND:
        lost = _ratio(abs(value - goal.target), goal.tolerance)
        return None if lost is None else 1 - lost
    zero = goal.floor if direction is KpiDirection.HIGHER else goal.ceiling
    return None if zero is None else _ratio(value - zero, goal.target - zero)


def met(value: float, goal: Goal, direction: KpiDirection) -> bool | None:
    """Whether the target is reached: in a band, whether the value is within the tolerance."""
    if direction is KpiDirection.HIGHER:
        return value >= goal.target
    if direction is KpiDirection.LOWER:
        return value <= goal.target
    return None if goal.tolerance is None else abs(value - goal.target) <= goal.tolerance


def newest(formulas: Sequence[Formula]) -> Formula | None:
    """Of several versions in force the latest."""
    return max(formulas, key=lambda formula: formula.version, default=None)


def _ratio(part: float, whole: float | None) -> float | None:
    return part / whole if whole else None
