"""Options compared by what each brings each group on one thing, not on average alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated

from graph.insight.answers import Completeness, GroupId, NodeId
from graph.insight.causal import CauseEdge
from graph.insight.causes import Causes
from graph.insight.conflicts import Options
from graph.insight.effects import effects_of
from graph.insight.influences import Influence, Pushed, Stability, downstream, numbered, upstream
from graph.insight.moved import Reading, acting, known_by_sign
from graph.insight.propagation import worst
from graph.ontology.vocabulary import Unit, Value


class Gain(Value):
    """What an option brings one group: more is better, whichever way the thing is read."""

    group: GroupId
    """The segment or persona."""
    gain: Annotated[float, Unit("see unit")] | None = None
    """The whole lasting change for the better; null where only directions are known, or loops
    have no end."""
    low: Annotated[float, Unit("see unit")] | None = None
    """Lower bound of the interval of 95 percent."""
    high: Annotated[float, Unit("see unit")] | None = None
    """Upper bound of it."""


class Outcome(Value):
    """What one option brings; without a gain for each group it takes no part in the rankings."""

    number: int
    """Its place among the options asked, from 0."""
    of: NodeId
    """What is changed."""
    gains: tuple[Gain, ...]
    """By group, in the order asked."""
    pareto: bool | None = None
    """Whether no other option is better for one group without being worse for another."""
    worst_off: Gain | None = None
    """The group that gains least (Rawls 1971)."""
    mean: Annotated[float, Unit("see unit")] | None = None
    """Weighted mean of the gains; all groups weigh the same where no weights are given."""
    regret: Annotated[float, Unit("see unit")] | None = None
    """The most that a group misses against its best option (Savage 1951)."""


class Comparison(Value):
    """Options side by side. Rankings hold numbers of options; rules may choose differently."""

    on: NodeId
    """What they are compared on."""
    unit: str | None = None
    """Unit of all gains."""
    more_is_better: bool
    """Whether a gain is a rise; else it is a fall."""
    options: tuple[Outcome, ...]
    """In the order asked."""
    pareto: tuple[int, ...]
    """Options that no other beats for one group without being worse for another."""
    by_worst_off: tuple[int, ...]
    """Best for its worst-off group first."""
    by_mean: tuple[int, ...]
    """Largest weighted mean first."""
    by_regret: tuple[int, ...]
    """Least regret first."""
    sign_only: tuple[CauseEdge, ...]
    """Links on the way of which only the direction is known: no number counts them."""
    stability: Stability
    """Whether the loops on the way fade, and what was assumed."""
    completeness: Completeness
    """Whether everything was looked at."""


@dataclass(frozen=True, slots=True)
class Brought:
    """What one option brings one group on a thing: total and interval, or why there is none."""

    total: float | None
    low: float | None
    high: float | None
    links: Sequence[Influence] = ()
    stability: Stability | None = None

    @classmethod
    def of(cls, causes: Causes, pushed: Pushed, on: str, group: str) -> Brought:
        """The change itself counts where it is made of that thing."""
        if pushed.group not in (None, group):
            return cls(0.0, 0.0, 0.0)
        start, change = pushed.shock.node, pushed.shock.change
        own = change if start == on else 0.0
        links = _between(acting(causes, group), start, on)
        if not links:
            return cls(own, own, own)
        found = effects_of(links, {start: change}, [on])
        estimate = found.estimates.get(on) if _between(numbered(links)[0], start, on) else None
        if estimate is None:
            return cls(None, None, None, links, found.stability)
        low, high = (None if one is None else one + own for one in (estimate.low, estimate.high))
        return cls(estimate.total + own, low, high, links, found.stability)

    def gain(self, group: str, better: int) -> Gain:
        """Signed so that more is better."""
        low, high = (None if one is None else better * one + 0.0 for one in (self.low, self.high))
        gain = None if self.total is None else better * self.total + 0.0
        low, high = (low, high) if better > 0 else (high, low)
        return Gain(group=group, gain=gain, low=low, high=high)


def compared(
    causes: Causes,
    options: Sequence[Pushed],
    on: str,
    groups: Sequence[str],
    weights: Mapping[str, float],
    reading: Reading,
) -> Comparison:
    """Options by four rules. Raises ValueError where no weight is above 0, or no way is good."""
    if not reading.better:
        raise ValueError(f"nobody said whether more or less of {on} is better")
    brought = [[Brought.of(causes, one, on, group) for group in groups] for one in options]
    gains = [
        tuple(one.gain(group, reading.better) for group, one in zip(groups, row, strict=True))
        for row in brought
    ]
    ranking = Ranking.of(gains, weights)
    every = [one for row in brought for one in row]
    signs = known_by_sign((link for one in every for link in one.links), causes)
    return Comparison(
        on=on,
        unit=reading.unit,
        more_is_better=reading.better > 0,
        options=tuple(ranking.outcome(*one) for one in enumerate(zip(options, gains, strict=True))),
        pareto=ranking.pareto,
        by_worst_off=tuple(ranking.worst_off),
        by_mean=tuple(ranking.mean),
        by_regret=tuple(ranking.regret),
        sign_only=tuple(signs[id_] for id_ in sorted(signs)),
        stability=worst([one.stability for one in every if one.stability]),
        completeness=causes.completeness(len(causes.out), causes.cut),
    )


@dataclass(frozen=True, slots=True)
class Ranking:
    """Numbers of options by each rule, best first, with their scores."""

    pareto: tuple[int, ...]
    worst_off: Mapping[int, float]
    mean: Mapping[int, float]
    regret: Mapping[int, float]

    @classmethod
    def of(cls, gains: Sequence[Sequence[Gain]], weights: Mapping[str, float]) -> Ranking:
        """Of those that have a gain for each group."""
        sized = {str(at): known for at, row in enumerate(gains) if (known := _known(row))}
        options = Options(sized)
        return cls(
            tuple(map(int, options.pareto())),
            _numbers(options.worst_off()),
            _numbers(options.weighted(weights)),
            _numbers(options.regret()),
        )

    def outcome(self, number: int, option: tuple[Pushed, tuple[Gain, ...]]) -> Outcome:
        """One option with its scores, if it takes part."""
        pushed, gains = option
        part = number in self.mean
        return Outcome(
            number=number,
            of=str(pushed.shock.node),
            gains=gains,
            pareto=number in self.pareto if part else None,
            worst_off=min(gains, key=lambda one: one.gain or 0.0) if part else None,
            mean=self.mean.get(number),
            regret=self.regret.get(number),
        )


def _between(links: Sequence[Influence], start: object, end: object) -> list[Influence]:
    return upstream(downstream(links, [start]), [end])


def _known(gains: Sequence[Gain]) -> dict[str, float] | None:
    known = {one.group: one.gain for one in gains if one.gain is not None}
    return known if len(known) == len(gains) else None


def _numbers(scores: Mapping[str, float]) -> dict[int, float]:
    return {int(name): score for name, score in scores.items()}
