"""One thing moved by another in one group: first arrival, direction, numbers, chains.

In each group act the links for all and those for that group (parallel links add), between things
that are measured for it, or for all alone, or not at all. No link leads from one group to another,
so each group is a system of its own. Links known by their sign only count in no number.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from heapq import heappop, heappush

from graph.insight.causal import CauseEdge, Chain, chain
from graph.insight.causes import Causes
from graph.insight.effects import Estimate, causes_of, effects_of, respond_to
from graph.insight.influences import (
    Influence,
    Node,
    Pushed,
    ShockShape,
    Stability,
    downstream,
    numbered,
    upstream,
)
from graph.insight.paths import Path, by_sign_only, strongest
from graph.insight.readings import BETTER
from graph.insight.telling import Effect
from graph.ontology.measures import KpiDirection


@dataclass(frozen=True, slots=True)
class Reading:
    """How the figures of a KPI are read: their unit, and which way is good."""

    unit: str | None = None
    direction: KpiDirection | None = None

    @property
    def better(self) -> int:
        """1 more is better, -1 less is, 0 neither, or nobody said."""
        return BETTER.get(self.direction, 0) if self.direction else 0


FIGURES = ("direct", "total", "se", "low", "high")
"""What an effect takes over from an estimate."""
Readings = Mapping[str, Reading]
PLAIN = Reading()


@dataclass(frozen=True, slots=True)
class Wish:
    """How effects are to be told: months of a response, chains of each, and what a link counts."""

    horizon: int | None = None
    chains: int = 0
    damping: float = 1.0


def acting(causes: Causes, group: str | None) -> list[Influence]:
    """The links that act in a group."""
    return [
        influence(edge)
        for edge in causes.by_id.values()
        if edge.group in (None, group)
        and causes.holds(edge.from_, group)
        and causes.holds(edge.to, group)
    ]


def influence(edge: CauseEdge) -> Influence:
    """A causal link without what only people read."""
    se = edge.se if edge.weight is not None else None
    return Influence(edge.id, edge.from_, edge.to, edge.weight, edge.lag, se, edge.sign)


def arrivals(links: Iterable[Influence], starts: Mapping[str, int]) -> dict[str, int]:
    """Periods until the first change arrives at each thing (Dijkstra 1959)."""
    out = _by_source(links)
    found: dict[str, int] = {}
    queue = [(since, start) for start, since in sorted(starts.items())]
    while queue:
        when, node = heappop(queue)
        if node not in found:
            found[node] = when
            for one in out.get(node, ()):
                heappush(queue, (when + one.lag, str(one.target)))
    return found


def directions(links: Iterable[Influence], start: str, sign: int = 1) -> dict[str, set[int]]:
    """The signs in which a change may arrive at each thing; 0 where one on the way is unknown."""
    out = _by_source(links)
    seen: set[tuple[str, int]] = set()
    todo = [(start, sign)]
    while todo:
        node, way = todo.pop()
        for one in out.get(node, ()):
            step = (str(one.target), way * one.direction)
            if step not in seen:
                seen.add(step)
                todo.append(step)
    found: dict[str, set[int]] = {}
    for node, way in seen:
        found.setdefault(node, set()).add(way)
    return found


@dataclass(frozen=True, slots=True)
class Reached:
    """What changes do in one group."""

    group: str | None
    links: list[Influence]
    estimates: Mapping[Node, Estimate]
    """Only of things to which links with a weight lead."""
    stability: Stability
    response: Mapping[Node, tuple[float, ...]]
    guessed: frozenset[Node]
    """Things to which also links lead of which only the direction is known."""

    @classmethod
    def of(cls, causes: Causes, group: str | None, pushed: Sequence[Pushed], wish: Wish) -> Reached:
        """Lasting changes have totals; others are told by their response alone."""
        mine = [one.shock for one in pushed if one.group in (None, group)]
        links = downstream(acting(causes, group), [shock.node for shock in mine])
        lasting = all(shock.shape is ShockShape.STEP for shock in mine)
        changes: defaultdict[Node, float] = defaultdict(float)
        for shock in mine:
            changes[shock.node] += shock.change
        found = effects_of(links, changes, damping=wish.damping)
        told = led_to(links, found.estimates, changes) if lasting else {}
        response = (
            respond_to(links, mine, wish.horizon, wish.damping).periods if wish.horizon else {}
        )
        return cls(group, links, told, found.stability, response, _guessed(links))

    def numbered(self, effect: Effect, reading: Reading) -> Effect:
        """An effect with its numbers, if a weighed link leads to it."""
        estimate, guessed = self.estimates.get(effect.on), effect.on in self.guessed
        told = _sized(effect, estimate, guessed, reading)
        return told.model_copy(update={"response": self.response.get(effect.on)})

    def every(self, start: str, readings: Readings, causes: Causes, wish: Wish) -> list[Effect]:
        """Everything that a start moves, soonest first."""
        first = arrivals(self.links, {start: 0})
        signs = directions(self.links, start)
        told = [
            self.numbered(_plain(on, self.group, first[on], ways), readings.get(on, PLAIN))
            for on, ways in signs.items()
        ]
        links = self.links
        shown = [_with_chains(one, links, (start, one.on), causes, wish) for one in told]
        return sorted(shown, key=_soonest)


@dataclass(frozen=True, slots=True)
class Reaching:
    """What moves one thing in one group."""

    group: str | None
    links: Sequence[Influence]
    estimates: Mapping[Node, Estimate]
    stability: Stability

    @classmethod
    def of(cls, causes: Causes, group: str | None, end: str, wish: Wish) -> Reaching:
        """Numbers are what a lasting +1 of each cause does to the end."""
        links = upstream(acting(causes, group), [end])
        found = causes_of(links, end, wish.damping)
        turned = [one.reversed() for one in links]
        return cls(group, links, led_to(turned, found.estimates, {end: 1.0}), found.stability)

    def every(self, end: str, reading: Reading, causes: Causes, wish: Wish) -> list[Effect]:
        """Every cause, soonest first; numbers are in the unit of what is moved."""
        turned = [one.reversed() for one in self.links]
        first, told, guessed = arrivals(turned, {end: 0}), [], _guessed(turned)
        for cause, ways in directions(turned, end).items():
            plain = _plain(cause, self.group, first[cause], ways)
            effect = _sized(plain, self.estimates.get(cause), cause in guessed, reading)
            told.append(_with_chains(effect, self.links, (cause, end), causes, wish))
        return sorted(told, key=_soonest)


def told_chains(paths: Iterable[Path], causes: Causes) -> list[Chain]:
    """Paths as chains of the links they were made of."""
    return [chain([causes.by_id[one.id] for one in path.links]) for path in paths]


def known_by_sign(links: Iterable[Influence], causes: Causes) -> dict[str, CauseEdge]:
    """Those of some links of which only the direction is known, by id."""
    return {one.id: causes.by_id[one.id] for one in numbered(links)[1]}


def led_to(
    links: Iterable[Influence], estimates: Mapping[Node, Estimate], starts: Iterable[Node]
) -> dict[Node, Estimate]:
    """Estimates of what links with a weight lead to; the others are no zero, but unknown."""
    known = numbered(links)[0]
    led = {one.target for one in downstream(known, starts)}
    return {node: estimate for node, estimate in estimates.items() if node in led}


def _by_source(links: Iterable[Influence]) -> Mapping[Node, list[Influence]]:
    out: defaultdict[Node, list[Influence]] = defaultdict(list)
    for one in links:
        out[one.source].append(one)
    return out


def _sized(effect: Effect, estimate: Estimate | None, guessed: bool, reading: Reading) -> Effect:
    """An effect with its unit, and its numbers where there are any."""
    update: dict[str, object] = {"unit": reading.unit}
    if estimate:
        update |= {name: getattr(estimate, name) for name in FIGURES}
        update["sign"] = _net(effect.sign, estimate, guessed)
    return effect.model_copy(update=update)


def _net(sign: int, estimate: Estimate, guessed: bool) -> int:
    """The sign of the total, unless a way that has no number says otherwise."""
    net = (estimate.total > 0) - (estimate.total < 0)
    return sign if guessed and sign != net else net


def _guessed(links: Sequence[Influence]) -> frozenset[Node]:
    """What links of which only the direction is known lead to, at once or further on."""
    signed = {one.target for one in numbered(links)[1]}
    return frozenset(signed | {one.target for one in downstream(links, signed)})


def _plain(on: str, group: str | None, lag: int, ways: set[int]) -> Effect:
    sign = next(iter(ways)) if len(ways) == 1 else 0
    return Effect(on=on, group=group, sign=sign, lag=lag, chains=())


def _with_chains(
    effect: Effect, links: Sequence[Influence], ends: tuple[str, str], causes: Causes, wish: Wish
) -> Effect:
    if not wish.chains:
        return effect
    found = list(strongest(links, *ends, wish.chains).paths)
    if len(found) < wish.chains:
        found += by_sign_only(links, *ends, wish.chains - len(found)).paths
    return effect.model_copy(update={"chains": tuple(told_chains(found, causes))})


def _soonest(effect: Effect) -> tuple[int, str]:
    return effect.lag, effect.on
