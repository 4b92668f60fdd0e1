"""Effects as a picture: the chains that make them, with totals below the things."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Protocol

from graph.insight.causal import Chain
from graph.insight.picture import Picture, flow


class Sized(Protocol):
    """An effect as far as it is drawn."""

    @property
    def on(self) -> str:
        """Id of what is moved."""

    @property
    def total(self) -> float | None:
        """By how much."""

    @property
    def unit(self) -> str | None:
        """Its unit."""

    @property
    def chains(self) -> tuple[Chain, ...]:
        """What moves it."""


def picture(effects: Iterable[Sized]) -> Picture:
    """The chains of some effects as one graph."""
    every = list(effects)
    arrows = (edge.arrow() for one in every for way in one.chains for edge in way.edges)
    return flow(arrows, _totals(every))


def _totals(effects: Iterable[Sized]) -> Mapping[str, str]:
    """The total by thing, or its range over groups: `-0.02 .. -0.003 %/month`."""
    found: defaultdict[tuple[str, str], list[float]] = defaultdict(list)
    for one in effects:
        if one.total is not None:
            found[one.on, one.unit or ""].append(one.total)
    return {on: f"{_range(totals)} {unit}".strip() for (on, unit), totals in found.items()}


def _range(totals: list[float]) -> str:
    told = dict.fromkeys(f"{bound:.4g}" for bound in (min(totals), max(totals)))
    return " .. ".join(told)
