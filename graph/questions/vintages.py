"""The question what was reported over a whole life, and what was in force in each period."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, ClassVar

from graph.errors import BadRequest
from graph.insight.answers import ClipReason, Completeness
from graph.insight.vintages import (
    Cell,
    Facts,
    TargetThen,
    ThresholdThen,
    Told,
    Values,
    VersionThen,
    WeightThen,
    period_value,
)
from graph.ontology.measures import (
    Kpi,
    KpiDirection,
    ObservationCause,
    ObservationStatus,
    Series,
)
from graph.ontology.steering import TargetKind, WeightSetKind
from graph.ontology.strategy import CustomerGroup
from graph.ontology.vocabulary import GlobalId, Period
from graph.questions import Ask, Question
from graph.questions.fetching import fetch_lives, groups_alone
from graph.selection import Select
from graph.times import BadTime, begin_of, end_of, utc

ROWS = 2_000
"""Reports in one answer at most."""


class ValuesQuestion(Question):
    """All values of a KPI, series or group over its whole life, as reported and as restated."""

    name: ClassVar[str] = "values"
    answers: ClassVar[Any] = Values

    of: GlobalId
    """Id of a KPI, a series, a segment or a persona, in force or ended."""
    group: GlobalId | None = None
    """Only what is measured for this segment or persona."""
    from_: Period | None = None
    """First period; the first reported if left out."""
    to: Period | None = None
    """Last period, included; the last reported if left out."""

    async def answer(self, ask: Ask, select: Select) -> Any:
        """The values, or None where there was never such a thing."""
        _measurable(ask, self.of)
        groups_alone(ask.store.ontology, [self.group] if self.group else [])
        given: dict[str, Any] = {"of": self.of, "group": self.group, "rows": ROWS}
        given |= self._between()
        found = await fetch_lives(ask, self, "values", select, **given)
        if self.of not in found.things:
            return None
        return found.tell(_values(self.of, found.row))

    def _between(self) -> dict[str, datetime | None]:
        try:
            return {
                "since": begin_of(self.from_) if self.from_ else None,
                "until": end_of(self.to) if self.to else None,
            }
        except BadTime as error:
            raise BadRequest(str(error)) from None


def _measurable(ask: Ask, id_: str) -> None:
    kind = ask.store.ontology.kind_of(id_)
    if kind is None or not issubclass(kind, Kpi | Series | CustomerGroup):
        wrong = f"`of: {id_}` has no values; write kpi:..., series:..., segment:... or persona:..."
        raise BadRequest(wrong)


def _values(of: str, row: Any) -> Values:
    facts = _facts(row)
    cells = [
        Cell(series, kpi, group, period, utc(moment.to_native()))
        for series, kpi, group, period, moment in row["cells"]
    ]
    cells.sort(key=lambda cell: (cell.kpi, cell.group or "", cell.series, begin_of(cell.period)))
    reason = ClipReason.ROWS if row["full"] else None
    whole = Completeness(complete=not row["full"], reason=reason, explored=len(cells))
    periods = tuple(period_value(cell, facts) for cell in cells)
    return Values(of=of, periods=periods, completeness=whole)


def _facts(row: Any) -> Facts:
    told: defaultdict[tuple[str, str], list[Told]] = defaultdict(list)
    for point in row["points"]:
        told[point[0], point[1]].append(_told(point))
    weights: defaultdict[tuple[str, str], list[WeightThen]] = defaultdict(list)
    for (series, period), weight in _weights(row["weights"]):
        weights[series, period].append(weight)
    return Facts(
        told,
        dict(_targets(row, TargetKind.COMMITTED)),
        dict(_targets(row, TargetKind.STRETCH)),
        {
            (x[0], x[1]): ThresholdThen(threshold=x[2], lower=x[3], upper=x[4])
            for x in row["limits"]
        },
        weights,
        _versions(row["versions"]),
    )


def _told(point: Any) -> Told:
    _, _, id_, value, n, status, cause, note, at, restates, version = point
    return Told(
        id_,
        value,
        n,
        ObservationStatus[status],
        ObservationCause[cause] if cause else None,
        note,
        utc(at.to_native()),
        restates,
        version,
    )


def _targets(row: Any, kind: TargetKind) -> Iterator[tuple[tuple[str, str], TargetThen]]:
    for series, period, id_, said, value, floor, ceiling, tolerance in sorted(
        row["targets"], key=lambda target: str(target[2])
    ):
        if said == kind.name:
            figures = {"floor": floor, "ceiling": ceiling, "tolerance": tolerance}
            yield (series, period), TargetThen(target=id_, value=value, **figures)


def _weights(rows: Any) -> Iterator[tuple[tuple[str, str], WeightThen]]:
    """A set for the group itself comes before one for nobody in particular."""
    own = {(x[0], x[1], x[4]) for x in rows if x[6]}
    for series, period, set_, kind, composite, weight, named in sorted(rows, key=lambda x: x[4]):
        general = kind == WeightSetKind.COMPONENT.name and not named
        if not (general and (series, period, composite) in own):
            yield (
                (series, period),
                WeightThen(of=composite, weight=weight, weight_set=set_, kind=WeightSetKind[kind]),
            )


def _versions(rows: Any) -> Mapping[tuple[str, datetime], VersionThen]:
    found = {}
    for kpi, moment, id_, number, unit, direction in sorted(rows, key=lambda x: (x[3], x[2])):
        version = VersionThen(id_, number, unit, KpiDirection[direction])
        found[kpi, utc(moment.to_native())] = version
    return found
