"""The strategy map: one statement fetches its parts, arithmetic puts them together."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Any, ClassVar

from graph.insight.maps import MapParts, StrategyMap, strategy_map
from graph.insight.readings import Formula, Goal, Measuring, Reading, Report, Scope, newest, reading
from graph.ontology.measures import IndicatorKind, KpiDirection, MeasureRole
from graph.ontology.vocabulary import GlobalId
from graph.questions import Ask, Question
from graph.questions.fetching import fetch, groups_alone
from graph.questions.subgraphs import cause
from graph.selection import Select
from graph.shaping import Things

ROWS = 1_000
"""Objectives on one map at most, and measures of these."""


class StrategyMapQuestion(Question):
    """The strategy map: objectives by perspective, what measures them, and what moves what."""

    name: ClassVar[str] = "strategy_map"
    answers: ClassVar[Any] = StrategyMap

    group: GlobalId | None = None
    """Segment or persona: objectives for it or for nobody in particular, with its figures where it
    has them; the whole map, with figures over all, if left out."""

    async def answer(self, ask: Ask, select: Select) -> Any:
        """The map, or None where there is no such group."""
        asked = [self.group] if self.group else []
        groups_alone(ask.store.ontology, asked)
        found = await fetch(
            ask, self, "strategy_map", select, group=self.group, rows=ROWS, mentioned=asked
        )
        if self.group and self.group not in found.things:
            return None

        def work() -> StrategyMap:
            return strategy_map(_parts(found.row, found.things))

        return found.tell(found.worked(ask.store.ontology, work))


def _parts(row: Any, things: Things) -> MapParts:
    """What was fetched, without links for a group that is over."""
    edges = [cause(*edge) for edge in row["edges"]]
    return MapParts(
        lanes=[id_ for id_, _ in sorted(row["lanes"], key=lambda lane: (lane[1], lane[0]))],
        objectives=row["aims"],
        placing=dict(sorted(row["placing"])),
        measuring=[
            Measuring(objective, kpi, MeasureRole[role] if role else None, weight)
            for objective, kpi, role, weight in row["measuring"]
        ],
        scopes=_scopes(row),
        edges=[edge for edge in edges if edge.group is None or edge.group in things],
        full=row["full"],
    )


def _scopes(row: Any) -> dict[str, Scope]:
    """How each KPI is read: by the series of the asked group, else by that over all."""
    formulas, readings, goals = _formulas(row), _readings(row), _goals(row)
    chosen = {kpi: (series, group) for kpi, series, group in sorted(row["series"], key=_wider)}
    found = {kpi: Scope(newest(known)) for kpi, known in formulas.items()}
    for kpi, (series, group) in chosen.items():
        formula = newest(formulas[kpi])
        found[kpi] = Scope(formula, group, readings[series], goals.get(series))
    return found


def _wider(series: list[Any]) -> tuple[bool, str]:
    """Series over all come before those of the asked group, so that these are chosen."""
    return series[2] is not None, series[1]


def _formulas(row: Any) -> Mapping[str, list[Formula]]:
    """Versions in force by KPI."""
    found: defaultdict[str, list[Formula]] = defaultdict(list)
    for kpi, version, unit, direction, kind in row["versions"]:
        formula = Formula(version, unit, KpiDirection[direction], IndicatorKind[kind])
        found[kpi].append(formula)
    return found


def _readings(row: Any) -> dict[str, Reading | None]:
    """What each series last said."""
    found = {}
    for series, periods in row["values"]:
        told = (
            Report(id_, period, value, recorded)
            for period, reports in periods
            for id_, value, recorded in reports
        )
        found[series] = reading(told, row["restated"])
    return found


def _goals(row: Any) -> dict[str, Goal]:
    """The committed target of each series; of several the last that was recorded."""
    told = sorted(row["targets"], key=lambda target: (target[0], target[1]))
    return {series: Goal(*figures) for series, _, *figures in told}
