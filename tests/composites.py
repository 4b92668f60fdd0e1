"""A small composite of two KPIs, every part with its own record time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from graph.changes import Change
from graph.times import FAR
from tests.asking import link, thing

YEAR = datetime(2025, 1, 1, tzinfo=UTC)
FORMULA = "100 * sum(w_i * clip(a_i, 0, 1.2)) / sum(w_i)"


def day(month: int, number: int) -> datetime:
    """A day of 2025."""
    return datetime(2025, month, number, tzinfo=UTC)


@dataclass(frozen=True)
class Small:
    """`kpi:c` of `kpi:a` (HIGHER) and `kpi:b` (LOWER), for all, of January 2025.

    Everything but values was recorded in December 2024, values of components on 5 February, the
    composite on 8 February.
    """

    formula: str = FORMULA
    decimals: int | None = 1
    least: float | None = 0.6
    reported: float | None = 65.0
    values: Mapping[str, float | None] = field(default_factory=lambda: {"a": 60.0, "b": 20.0})
    targets: Mapping[str, Mapping[str, float]] = field(
        default_factory=lambda: {
            "a": {"value": 80.0, "floor": 40.0},
            "b": {"value": 10.0, "ceiling": 50.0},
        }
    )
    weights: Mapping[str, float] = field(default_factory=lambda: {"a": 0.4, "b": 0.6})
    structure: datetime | None = datetime(2024, 12, 1, tzinfo=UTC)

    def changes(self) -> list[Change]:
        """All of it."""
        early = [replace(one, recorded=self.structure) for one in self._structure()]
        values = [
            one
            for kpi, value in self.values.items()
            for one in point(kpi, value, recorded=day(2, 5))
        ]
        return [*early, *values, *point("c", self.reported, recorded=day(2, 8))]

    def _structure(self) -> Iterator[Change]:
        for kpi in "abc":
            yield thing(f"kpi:{kpi}", YEAR, kpiKind="COMPOSITE" if kpi == "c" else "BASE")
            yield from version(kpi, formula=self.formula, **self._rules())
            yield thing(f"series:{kpi}/all", YEAR, scopeKind="ALL", frequency="MONTHLY")
            yield link("has_series", f"kpi:{kpi}", f"series:{kpi}/all", YEAR)
        for kpi, way in (("a", "HIGHER"), ("b", "LOWER")):
            yield link("component_of", f"kpi:{kpi}", "kpi:c", YEAR, normalisation=way)
        for kpi, figures in self.targets.items():
            yield from target(kpi, **figures)
        yield from weight_set(1, self.weights)

    def _rules(self) -> dict[str, Any]:
        told = {"decimals": self.decimals, "minCoverage": self.least}
        return {name: value for name, value in told.items() if value is not None}


def version(kpi: str, number: int = 1, since: datetime = YEAR, **state: Any) -> Iterator[Change]:
    """A version of a formula."""
    fixed = {"unit": "points", "direction": "HIGHER", "indicatorKind": "LAGGING"}
    fixed |= {"measureKind": "QUANTITATIVE", "frequency": "MONTHLY", "missingPolicy": "HOLD"}
    id_ = f"kpi_version:{kpi}/v{number}"
    yield thing(id_, since, version=number, **fixed, **state)
    yield link("version_of", id_, f"kpi:{kpi}", since)


def target(kpi: str, name: str = "1", since: datetime = YEAR, **figures: float) -> Iterator[Change]:
    """A committed target of the series for all."""
    yield thing(f"target:{kpi}/{name}", since, targetKind="COMMITTED", **figures)
    yield link("has_target", f"series:{kpi}/all", f"target:{kpi}/{name}", since)


def weight_set(
    number: int,
    weights: Mapping[str, float],
    since: datetime = YEAR,
    until: datetime = FAR,
) -> Iterator[Change]:
    """A set of component weights for all."""
    id_ = f"weight_set:c/{number}"
    yield thing(id_, since, until, version=number, setKind="COMPONENT", method="SET")
    yield link("weighs_for", id_, "kpi:c", since, until)
    for kpi, weight in weights.items():
        one = f"weight:c/{number}/{kpi}"
        yield thing(one, since, until, weight=weight)
        yield link("has_weight", id_, one, since, until)
        yield link("weighs", one, f"kpi:{kpi}", since, until)


def point(
    kpi: str,
    value: float | None,
    name: str = "2025-01",
    recorded: datetime | None = None,
    restates: str | None = None,
    **state: Any,
) -> Iterator[Change]:
    """A report of January 2025."""
    id_ = f"observation:{kpi}/all/{name}"
    said = {"period": "2025-01", "status": "FINAL"} | state
    said |= {} if value is None else {"value": value}
    changes = [
        thing(id_, YEAR, **said),
        link("has_point", f"series:{kpi}/all", id_, YEAR),
    ]
    if restates:
        changes.append(link("restates", id_, f"observation:{kpi}/all/{restates}", YEAR))
    return (replace(one, recorded=recorded) for one in changes)
