"""Questions on what a scorecard covers: lead and lag by group, pains by theme."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Annotated, Any, ClassVar

from pydantic import Field

from graph.insight.coverage import (
    LeadLagBalance,
    Measured,
    Pain,
    ThemeCoverage,
    balance,
    coverage,
)
from graph.ontology.measures import IndicatorKind
from graph.ontology.vocabulary import GlobalId
from graph.questions import Ask, Question
from graph.questions.fetching import Fetched, fetch, groups_alone
from graph.selection import Select


class LeadLagQuestion(Question):
    """Whether each group has KPIs that lead and KPIs that lag, and lagging ones that none leads."""

    name: ClassVar[str] = "lead_lag_balance"
    answers: ClassVar[Any] = LeadLagBalance

    groups: Annotated[tuple[GlobalId, ...], Field(max_length=200)] | None = None
    """Segments and personas; all that something is measured for if left out."""

    async def answer(self, ask: Ask, select: Select) -> Any:
        """The balance of all together, then of the groups; those that do not exist are left out."""
        asked = self.groups or ()
        groups_alone(ask.store.ontology, asked)
        found = await fetch(ask, self, "lead_lag", select, mentioned=list(asked))
        value = balance(_measured(found.row), self._told(found))
        return found.tell(value)

    def _told(self, found: Fetched) -> Sequence[str | None]:
        every = sorted({group for _, group in found.row["scopes"] if group})
        chosen = every if self.groups is None else self.groups
        return [None, *(group for group in dict.fromkeys(chosen) if group in found.things)]


class ThemeCoverageQuestion(Question):
    """Which pains of customers the themes of the plan answer, and which none does."""

    name: ClassVar[str] = "theme_coverage"
    answers: ClassVar[Any] = ThemeCoverage

    async def answer(self, ask: Ask, select: Select) -> Any:
        """The coverage; empty where nothing is known of pains and themes."""
        found = await fetch(ask, self, "theme_coverage", select)
        return found.tell(coverage(_pains(found.row), _objectives(found.row)))


def _measured(row: Any) -> Measured:
    return Measured(
        {kpi: IndicatorKind[kind] for kpi, kind in row["kinds"]},
        [(kpi, group) for kpi, group in row["scopes"]],
        [(cause, effect, group) for cause, effect, group in row["causes"]],
    )


def _pains(row: Any) -> list[Pain]:
    """A persona without a weight feels the pain wholly."""
    heads: dict[str, tuple[float | None, str | None]] = {}
    weights: defaultdict[str, dict[str, float]] = defaultdict(dict)
    for pain, severity, theme, persona, weight in row["pains"]:
        heads[pain] = severity, theme
        if persona:
            weights[pain][persona] = 1.0 if weight is None else weight
    return [Pain(pain, *head, weights[pain]) for pain, head in heads.items()]


def _objectives(row: Any) -> dict[str, list[str]]:
    found: defaultdict[str, list[str]] = defaultdict(list)
    for theme, objective in row["themes"]:
        found[theme] += [objective] if objective else []
    return found
