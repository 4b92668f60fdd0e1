"""Who wins and who loses by a change, and options compared group by group, not on average alone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import fsum

from graph.insight.answers import GroupId, NodeId
from graph.ontology.vocabulary import Value


class GroupEffect(Value):
    """What a change comes to for one group."""

    group: GroupId
    """The segment or persona."""
    on: NodeId
    """What is moved."""
    total: float | None = None
    """The whole effect, in the unit of what is moved; null where the loops have no end."""
    low: float | None = None
    """Lower bound of the interval of 95 percent."""
    high: float | None = None
    """Upper bound of the interval of 95 percent."""


class Conflict(Value):
    """Something that a change makes better for some groups and worse for others."""

    on: NodeId
    """What is moved."""
    winners: tuple[GroupEffect, ...]
    """Groups for which it gets better, largest first."""
    losers: tuple[GroupEffect, ...]
    """Groups for which it gets worse, largest first."""


@dataclass(frozen=True, slots=True)
class Sided:
    """An effect on one group with its standard error, and 1 or -1 for whether more is better."""

    effect: GroupEffect
    se: float = 0.0
    better: int = 1

    def side(self, resolution: float) -> int:
        """1 winner, -1 loser, 0 too small to tell: within the resolution or two standard errors."""
        gain = self.better * (self.effect.total or 0.0)
        least = max(resolution, 2 * self.se)
        return (gain > least) - (gain < -least)


def conflict(on: str, effects: Iterable[Sided], resolution: float = 0.0) -> Conflict | None:
    """Winners and losers of one thing, if there are both; `resolution` is the least that counts."""
    sides: dict[int, list[GroupEffect]] = {1: [], 0: [], -1: []}
    for one in effects:
        sides[one.side(resolution)].append(one.effect)
    if not sides[1] or not sides[-1]:
        return None
    return Conflict(on=on, winners=_ranked(sides[1]), losers=_ranked(sides[-1]))


def _ranked(effects: Iterable[GroupEffect]) -> tuple[GroupEffect, ...]:
    return tuple(sorted(effects, key=lambda one: (-abs(one.total or 0.0), one.group)))


@dataclass(frozen=True, slots=True)
class Options:
    """Alternatives by what each brings each group, more being better: gains[name][group]."""

    gains: Mapping[str, Mapping[str, float]]

    def __post_init__(self) -> None:
        groups = {frozenset(of) for of in self.gains.values()}
        if len(groups) > 1:
            raise ValueError("options differ in their groups; give every option a gain for each")

    def pareto(self) -> tuple[str, ...]:
        """Those that no other beats for one group without being worse for another."""
        return tuple(
            name
            for name, mine in self.gains.items()
            if not any(_dominates(other, mine) for other in self.gains.values())
        )

    def worst_off(self) -> dict[str, float]:
        """The gain of the worst-off group by option, best option first (Rawls 1971)."""
        return _best_first({name: min(of.values()) for name, of in self.gains.items()})

    def weighted(self, weights: Mapping[str, float]) -> dict[str, float]:
        """The weighted mean by option, best first. Raises ValueError where no weight is above 0."""
        whole = fsum(weights.values())
        if whole <= 0 or min(weights.values()) < 0:
            raise ValueError("weights must be 0 or more, and one of them above 0")
        return _best_first(
            {
                name: fsum(weights.get(group, 0.0) * gain for group, gain in of.items()) / whole
                for name, of in self.gains.items()
            }
        )

    def regret(self) -> dict[str, float]:
        """The most that a group misses against its best, by option, least first (Savage 1951)."""
        every = list(self.gains.values())
        best = {group: max(of[group] for of in every) for group in every[0]} if every else {}
        most = {
            name: max(best[group] - gain for group, gain in of.items())
            for name, of in self.gains.items()
        }
        return dict(sorted(most.items(), key=lambda pair: (pair[1], pair[0])))


def _dominates(one: Mapping[str, float], other: Mapping[str, float]) -> bool:
    pairs: Sequence[tuple[float, float]] = [(one[group], other[group]) for group in other]
    return all(a >= b for a, b in pairs) and any(a > b for a, b in pairs)


def _best_first(scores: Mapping[str, float]) -> dict[str, float]:
    return dict(sorted(scores.items(), key=lambda pair: (-pair[1], pair[0])))
