"""Small strategy maps in one line each, and how tests ask for them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from graph.changes import Change
from graph.store import Store
from graph.times import begin_of
from graph.viewers import Viewer
from tests.asking import answer, link, thing

MAP = """
query ($group: ID, $day: DateTime) {
  strategyMap(group: $group, asOf: {validAt: $day}) {
    perspectives {
      perspective { key perspectiveKind }
      nodes {
        rank
        objective { key }
        measures { kpi { key } group { id } period value previous target attainment met }
      }
    }
    arrows { from { key } to { key } sign edges { id } }
    edges { id group { id } }
    unplaced { key }
    completeness { complete reason explored }
  }
}
"""


async def mapped(store: Store, viewer: Viewer | None = None, **variables: Any) -> Any:
    """The map of what was put."""
    given = {"viewer": viewer} if viewer else {}
    return (await answer(store, MAP, **given, **variables))["strategyMap"]


def nodes(told: Any) -> dict[str, Any]:
    """Nodes by key of their objective."""
    return {node["objective"]["key"]: node for x in told["perspectives"] for node in x["nodes"]}


def signs(told: Any) -> dict[tuple[str, str], int]:
    """Signs of the arrows."""
    return {(a["from"]["key"], a["to"]["key"]): a["sign"] for a in told["arrows"]}


def objective(key: str, perspective: str = "all") -> list[Change]:
    """An objective in a perspective."""
    id_ = f"objective:{key}"
    return [
        thing(id_),
        link("objective_in_perspective", id_, f"perspective:{perspective}"),
    ]


def kpi(key: str, *objectives: str, direction: str = "HIGHER", **state: Any) -> list[Change]:
    """A KPI with a formula that measures objectives."""
    version = {"formula": "x", "unit": "%", "indicatorKind": "LEADING", "frequency": "MONTHLY"}
    return [
        thing(f"kpi:{key}", kpiKind="BASE"),
        thing(f"kpi_version:{key}/v1", version=1, direction=direction, **version | state),
        link("version_of", f"kpi_version:{key}/v1", f"kpi:{key}"),
        *(link("measured_by", f"objective:{name}", f"kpi:{key}") for name in objectives),
    ]


def affects(source: str, target: str, sign: int = 1, **state: Any) -> Change:
    """A causal link of which only the sign is known."""
    group = state.get("group") or "all"
    return link("affects", source, target, key=f"{source}/{target}/{group}/1", sign=sign, **state)


def series(of: str, group: str | None = None) -> Iterator[Change]:
    """A series over all, or of a persona."""
    id_ = f"series:{of}/{group.partition(':')[2] if group else 'all'}"
    yield thing(id_, scopeKind="PERSONA" if group else "ALL", frequency="MONTHLY")
    yield link("has_series", f"kpi:{of}", id_)
    if group:
        yield link("for_group", id_, group)


def report(of: str, period: str, value: float | None, number: int = 1) -> Iterator[Change]:
    """A report of a series; those after the first restate the one before."""
    name = f"observation:{of}/{period}"
    ids = [name, *(f"{name}/r{i}" for i in range(2, number + 1))]
    said = {} if value is None else {"value": value}
    yield thing(ids[-1], since=begin_of(period), period=period, status="FINAL", **said)
    yield link("has_point", f"series:{of}", ids[-1], since=begin_of(period))
    if number > 1:
        yield link("restates", ids[-1], ids[-2], since=begin_of(period))
