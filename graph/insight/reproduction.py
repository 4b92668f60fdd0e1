"""A published value worked out again from what was known when it was published."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from graph.insight.formulas import MEAN, NOTATION, Rule, read
from graph.insight.readings import Goal, attainment
from graph.insight.reproduced import ReproducedComponent, Reproduction
from graph.insight.rollup import Part, Total, composite, contribution, equal, rounded
from graph.ontology.measures import KpiDirection


@dataclass(frozen=True, slots=True)
class Published:
    """A value as it was published."""

    id: str
    series: str
    kpi: str
    group: str | None
    period: str
    at: datetime
    value: float | None


@dataclass(frozen=True, slots=True)
class Version:
    """A version of a formula."""

    id: str
    number: int
    formula: str
    unit: str
    decimals: int | None = None
    least: float | None = None


@dataclass(frozen=True, slots=True)
class Ingredient:
    """What is known of one weighted thing; `direction` is None where the value itself counts."""

    of: str
    weight: float
    direction: KpiDirection | None = None
    series: str | None = None
    observation: str | None = None
    value: float | None = None
    unit: str | None = None
    target: str | None = None
    goal: Goal | None = None
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class Recipe:
    """What a composite is made of. `personas`: of its own values for each persona."""

    version: Version | None
    weight_set: str | None
    ingredients: Sequence[Ingredient]
    personas: bool = False
    later: tuple[str, ...] = ()


def measured(published: Published, version: Version | None, sources: Sequence[str]) -> Reproduction:
    """What is to say of a value that nothing was computed for."""
    named = ", ".join(sources) or "no source system that is recorded"
    return Reproduction(
        **_told(published, version),
        measured=True,
        sources=tuple(sources),
        explanation=f"It is measured, not computed from other KPIs. It comes from {named}.",
    )


def reproduction(published: Published, recipe: Recipe) -> Reproduction:
    """The value worked out again; null with the reason where something is missing."""
    version = recipe.version
    rule = MEAN if recipe.personas else read(version.formula) if version else None
    if version is None or rule is None or not recipe.ingredients:
        return _refused(published, recipe)
    told = [component(one, rule) for one in recipe.ingredients]
    parts = [Part(one.weight, one.score) for one in told]
    total = composite(parts, rule, version.least)
    shares = (contribution(part, rule, total) for part in parts)
    listed = [
        one.model_copy(update={"contribution": share})
        for one, share in zip(told, shares, strict=True)
    ]
    return Reproduction(
        **_told(published, version),
        **_result(published, version, total),
        measured=False,
        coverage=min(total.coverage, 1.0),
        cap=rule.cap,
        weight_set=recipe.weight_set,
        components=tuple(sorted(listed, key=lambda one: (-one.weight, one.of))),
        recorded_later=recipe.later,
        explanation=" ".join(_sentences(published, recipe, total)),
    )


def component(one: Ingredient, rule: Rule) -> ReproducedComponent:
    """An ingredient with its attainment and score, or why it has none."""
    way, problem = _scored(one)
    goal = one.goal
    return ReproducedComponent(
        of=one.of,
        series=one.series,
        observation=one.observation,
        value=one.value,
        unit=one.unit,
        target=one.target,
        target_value=goal.target if goal else None,
        floor=goal.floor if goal else None,
        ceiling=goal.ceiling if goal else None,
        tolerance=goal.tolerance if goal else None,
        direction=one.direction,
        attainment=way if one.direction else None,
        score=None if way is None else rule.cut(way),
        weight=one.weight,
        missing=problem,
    )


def _scored(one: Ingredient) -> tuple[float | None, str | None]:
    """The score before it is cut, and the reason where there is none."""
    if one.problem or one.value is None:
        return None, one.problem or "the period had no value that was known"
    if one.direction is None:
        return one.value, None
    if one.goal is None:
        return None, "no committed target was in force"
    way = attainment(one.value, one.goal, one.direction)
    return way, None if way is not None else _UNSCALED[one.direction]


_UNSCALED = {
    KpiDirection.HIGHER: "its target has no floor, or one equal to the target",
    KpiDirection.LOWER: "its target has no ceiling, or one equal to the target",
    KpiDirection.BAND: "its target has no tolerance, or one of 0",
}


def _told(published: Published, version: Version | None) -> dict[str, Any]:
    """What is said of a published value in any case."""
    said: dict[str, Any] = {
        "observation": published.id,
        "series": published.series,
        "kpi": published.kpi,
        "group": published.group,
        "period": published.period,
        "published_at": published.at,
        "reported": published.value,
    }
    if version:
        said |= {"unit": version.unit, "decimals": version.decimals, "version": version.id}
        said |= {"formula": version.formula, "min_coverage": version.least}
    return said


def _result(published: Published, version: Version, total: Total) -> dict[str, Any]:
    value = rounded(total.value, version.decimals)
    both = value is not None and published.value is not None
    return {
        "exact": total.value,
        "recomputed": value,
        "difference": rounded((value or 0) - (published.value or 0), 9) if both else None,
        "equal": equal(total.value, published.value, version.decimals),
    }


def _refused(published: Published, recipe: Recipe) -> Reproduction:
    if recipe.version is None:
        why = "no version of its formula was in force at the end of the period"
    elif not recipe.ingredients:
        why = "no set of weights was in force for it at the end of the period"
    else:
        why = f"its formula cannot be computed as it is written; write {' or '.join(NOTATION)}"
    return Reproduction(
        **_told(published, recipe.version),
        measured=False,
        weight_set=recipe.weight_set,
        recorded_later=recipe.later,
        explanation=f"It cannot be worked out again: {why}.",
    )


def _sentences(published: Published, recipe: Recipe, total: Total) -> list[str]:
    version = recipe.version
    decimals = version.decimals if version else None
    value, told = rounded(total.value, decimals), published.value
    there = sum(_scored(one)[0] is not None for one in recipe.ingredients)
    made = "weighted personas" if recipe.personas else "components"
    found = f"{there} of {len(recipe.ingredients)} {made}, as known at publication, give"
    said = [f"{found} {_figure(value)}: {_verdict(total.value, told, decimals)}."]
    said += [f"{one.of}: {why}." for one in recipe.ingredients if (why := _scored(one)[1])]
    if recipe.later:
        said.append(
            f"Nothing was recorded by then of {len(recipe.later)} things behind it;"
            " they are taken as known at the asked time."
        )
    return said


def _verdict(exact: float | None, told: float | None, decimals: int | None) -> str:
    if equal(exact, told, decimals):
        return "equal to what was published"
    return f"not equal to what was published, {_figure(told)}"


def _figure(value: float | None) -> str:
    return "no value" if value is None else f"{value:.12g}"
