"""What a scorecard covers: leading beside lagging KPIs, themes beside the pains of customers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import fsum
from typing import Annotated

from graph.insight.answers import GroupId
from graph.ontology.measures import IndicatorKind
from graph.ontology.vocabulary import GlobalId, Refers, Share, Unit, Value

KpiId = Annotated[GlobalId, Refers("kpi")]
PainId = Annotated[GlobalId, Refers("pain_point")]
PersonaId = Annotated[GlobalId, Refers("persona")]
ObjectiveId = Annotated[GlobalId, Refers("objective")]
ThemeId = Annotated[GlobalId, Refers("theme")]


class GroupBalance(Value):
    """The KPIs of one group that lead and those that lag (Kaplan & Norton 1996)."""

    group: GroupId | None = None
    """The segment or persona; null = what is measured over all."""
    leading: tuple[KpiId, ...]
    """KPIs that move before the result does."""
    lagging: tuple[KpiId, ...]
    """KPIs that tell the result."""
    leading_share: Share | None = None
    """Share of the leading among both; null where there is no KPI."""
    missing: IndicatorKind | None = None
    """The kind of which the group has none; null where it has both, or no KPI at all."""
    unled: tuple[KpiId, ...]
    """Lagging KPIs that no leading KPI of the group moves by a causal link."""
    explanation: str
    """The same in a sentence, with what to do."""


class LeadLagBalance(Value):
    """Whether each group is steered by what leads and judged by what lags."""

    groups: tuple[GroupBalance, ...]
    """All together first, then the groups in order of id."""


@dataclass(frozen=True, slots=True)
class Measured:
    """What the database found: the kind of each active KPI, whom it is measured for, its causes.

    `scopes` are pairs of a KPI and a group, None for all; `causes` are cause, effect and group.
    """

    kinds: Mapping[str, IndicatorKind]
    scopes: Sequence[tuple[str, str | None]]
    causes: Sequence[tuple[str, str, str | None]]


def balance(measured: Measured, groups: Iterable[str | None]) -> LeadLagBalance:
    """The balance of each of these groups."""
    of: defaultdict[str | None, set[str]] = defaultdict(set)
    for kpi, group in measured.scopes:
        if kpi in measured.kinds:
            of[group].add(kpi)
    return LeadLagBalance(groups=tuple(_balance(measured, one, of[one]) for one in groups))


def _balance(measured: Measured, group: str | None, kpis: set[str]) -> GroupBalance:
    leading = [one for one in sorted(kpis) if measured.kinds[one] is IndicatorKind.LEADING]
    lagging = [one for one in sorted(kpis) if measured.kinds[one] is IndicatorKind.LAGGING]
    led = {
        effect
        for cause, effect, own in measured.causes
        if cause in leading and own in (None, group)
    }
    unled = [one for one in lagging if one not in led]
    missing = _missing(leading, lagging)
    return GroupBalance(
        group=group,
        leading=tuple(leading),
        lagging=tuple(lagging),
        leading_share=len(leading) / len(kpis) if kpis else None,
        missing=missing,
        unled=tuple(unled),
        explanation=_explained(len(leading), len(lagging), missing, len(unled)),
    )


def _missing(leading: Sequence[str], lagging: Sequence[str]) -> IndicatorKind | None:
    if bool(leading) == bool(lagging):
        return None
    return IndicatorKind.LAGGING if leading else IndicatorKind.LEADING


def _explained(leading: int, lagging: int, missing: IndicatorKind | None, unled: int) -> str:
    counts = f"{leading} leading and {lagging} lagging KPIs"
    if missing is IndicatorKind.LEADING:
        return f"{counts}: results are seen only when it is too late; add what moves before them"
    if missing is IndicatorKind.LAGGING:
        return f"{counts}: nobody sees whether it pays off; add the result that they should move"
    if not leading:
        return "no KPI is measured here; add a series, or leave the group off the scorecard"
    if unled:
        return f"{counts}; {unled} of the lagging have no leading cause: link what moves them"
    return f"{counts}; every lagging one has a leading cause"


class PainCover(Value):
    """A pain, and who feels it."""

    pain: PainId
    """The pain point."""
    severity: Share | None = None
    """How much it hurts, 0..1."""
    personas: tuple[PersonaId, ...]
    """Personas that feel it, those it hurts most first."""
    burden: Annotated[float, Unit("points")] | None = None
    """Severity times the sum of the personas' weights; null where the severity is unknown."""


class ThemeCover(Value):
    """A theme, the pains it answers, and the objectives that it is pursued by."""

    theme: ThemeId
    """The theme."""
    pains: tuple[PainCover, ...]
    """Pains it answers, the largest burden first."""
    objectives: tuple[ObjectiveId, ...]
    """Objectives in the theme."""
    burden: Annotated[float, Unit("points")]
    """Sum of the burdens that are known."""


class ThemeCoverage(Value):
    """What customers suffer from beside what the plan answers."""

    themes: tuple[ThemeCover, ...]
    """Every theme, the largest burden first."""
    unanswered: tuple[PainCover, ...]
    """Pains that no theme answers, or only a theme without an objective."""
    covered: Share | None = None
    """Share of the whole burden that themes with objectives answer; null where there is none."""


@dataclass(frozen=True, slots=True)
class Pain:
    """A pain as found: its severity, its theme, and the weight for each persona that feels it."""

    id: str
    severity: float | None
    theme: str | None
    weights: Mapping[str, float]


def coverage(pains: Sequence[Pain], objectives: Mapping[str, Sequence[str]]) -> ThemeCoverage:
    """Pains by theme; `objectives` are those of each theme, also of themes that have none."""
    answered = [pain for pain in pains if pain.theme and objectives.get(pain.theme)]
    rest = [pain for pain in pains if pain not in answered]
    themes = [_theme(one, pains, objectives[one]) for one in sorted(objectives)]
    whole = _burdens(pains)
    return ThemeCoverage(
        themes=tuple(sorted(themes, key=lambda one: -one.burden)),
        unanswered=_covers(rest),
        covered=_burdens(answered) / whole if whole else None,
    )


def _theme(theme: str, pains: Sequence[Pain], objectives: Sequence[str]) -> ThemeCover:
    own = [pain for pain in pains if pain.theme == theme]
    return ThemeCover(
        theme=theme,
        pains=_covers(own),
        objectives=tuple(sorted(objectives)),
        burden=_burdens(own),
    )


def _covers(pains: Iterable[Pain]) -> tuple[PainCover, ...]:
    ranked = sorted(pains, key=lambda pain: (-(_burden(pain) or 0.0), pain.id))
    return tuple(_cover(pain) for pain in ranked)


def _cover(pain: Pain) -> PainCover:
    felt = sorted(pain.weights, key=lambda persona: (-pain.weights[persona], persona))
    return PainCover(
        pain=pain.id, severity=pain.severity, personas=tuple(felt), burden=_burden(pain)
    )


def _burden(pain: Pain) -> float | None:
    return None if pain.severity is None else pain.severity * fsum(pain.weights.values())


def _burdens(pains: Iterable[Pain]) -> float:
    return fsum(_burden(pain) or 0.0 for pain in pains)
