"""Small graphs of causes for questions of planners, and what such questions are refused for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from graph.changes import Change
from graph.store import Store
from tests.asking import both, code_of, link, thing

P, Q = "persona:p", "persona:q"


def kpi(name: str, direction: str | None = None) -> Iterator[Change]:
    """A KPI, with a formula that says which way is good where one is given."""
    yield thing(f"kpi:{name}", kpiKind="BASE")
    if direction:
        version = f"kpi_version:{name}/v1"
        yield thing(version, unit="points", direction=direction)
        yield link("version_of", version, f"kpi:{name}")


def affects(source: str, target: str, group: str | None = None, **said: Any) -> Change:
    """A causal link between KPIs, for all or for one persona."""
    key = f"{source}/{target}/{group or 'all'}/1"
    weight = said.get("weight", 0.0)
    said = {"sign": (weight > 0) - (weight < 0), "lag": 0} | said
    if group:
        said["group"] = f"persona:{group}"
    return link("affects", f"kpi:{source}", f"kpi:{target}", key=key, **said)


def chain_of_three() -> list[Change]:
    """
    a moves b by 2; b moves c, of which less is better, by -3, for q by 1 in all; d moves e by 5.
    """
    return [
        thing(P),
        thing(Q),
        *kpi("a", "HIGHER"),
        *kpi("b"),
        *kpi("c", "LOWER"),
        *kpi("d"),
        *kpi("e"),
        affects("a", "b", weight=2.0, se=0.5),
        affects("b", "c", weight=-3.0, se=0.25),
        affects("b", "c", "q", weight=4.0, se=0.25),
        affects("d", "e", weight=5.0),
    ]


async def refusal(store: Store, text: str, **variables: Any) -> str:
    """The only error of a question, which must be a bad request."""
    _, (error,) = await both(store, text, **variables)
    assert "BAD_REQUEST" == code_of(error)
    return str(error)


async def lacking(store: Store, text: str, **variables: Any) -> str:
    """What a plan lacks: the first id that its only error names."""
    _, (error,) = await both(store, text, **variables)
    assert "NOT_FOUND" == code_of(error)
    return str(error).partition(": not in force")[0]


async def stored(store: Store) -> Any:
    """How many things and links there are of any time."""
    return await store.answer("MATCH (n) RETURN [count(n), COUNT { ()-->() }] AS answer")
