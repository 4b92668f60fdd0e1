"""Numbers on a fetched sub-graph: what moves what, by how much, when, and for whom."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

from graph.insight.answers import Completeness
from graph.insight.causal import CauseEdge
from graph.insight.causes import Causes
from graph.insight.conflicts import Conflict, GroupEffect, Sided, conflict
from graph.insight.effects import effects_of, stability_of
from graph.insight.influences import Pushed, Shock, Stability, downstream, upstream
from graph.insight.loops import Loop, loops_through
from graph.insight.loops import loops as every_loop
from graph.insight.moved import (
    PLAIN,
    Reached,
    Reaching,
    Readings,
    Wish,
    acting,
    known_by_sign,
    led_to,
    told_chains,
)
from graph.insight.paths import Paths, loop_remainder
from graph.insight.telling import Chains, Effect, Effects, Impact
from graph.ontology.vocabulary import Value

LOOPS = 5
"""Loops told with chains."""


def with_totals(found: Chains, causes: Causes, start: str, end: str, group: str | None) -> Chains:
    """Chains with what all ways come to, what goes round in loops, and these loops."""
    if group is None:
        return found
    links = acting(causes, group)
    effect = effects_of(links, {start: 1.0}, [end])
    weighed = led_to(links, effect.estimates, [start])
    total = weighed[end].total if end in weighed else None
    way = upstream(downstream(links, [start]), [end])
    rest = None if total is None else loop_remainder(way, start, end, total)
    return found.model_copy(
        update={
            "total_effect": total,
            "loop_remainder": rest,
            "loops": _loops(causes, every_loop(way, LOOPS)),
            "stability": effect.stability,
        }
    )


def with_numbers(
    found: Impact,
    causes: Causes,
    pushed: Sequence[Pushed],
    groups: Sequence[str | None],
    readings: Readings,
    wish: Wish,
) -> Impact:
    """An impact with totals, responses, and who wins and loses."""
    parts = {group: Reached.of(causes, group, pushed, wish) for group in groups}
    effects = tuple(
        parts[effect.group].numbered(effect, readings.get(effect.on, PLAIN))
        for effect in found.effects
    )
    return found.model_copy(
        update={
            "effects": effects,
            "by_group": _by_group(effects),
            "conflicts": tuple(_conflicts(effects, readings)),
            "sign_only": _sign_only(causes, parts.values()),
            "stability": worst([part.stability for part in parts.values()]),
        }
    )


def effects(
    causes: Causes, start: str, groups: Sequence[str | None], readings: Readings, wish: Wish
) -> Effects:
    """What a lasting +1 of a thing does; of an initiative, what carrying it out does."""
    pushed = [Pushed(Shock(start, 1.0))]
    parts = [Reached.of(causes, group, pushed, wish) for group in groups]
    told = [one for part in parts for one in part.every(start, readings, causes, wish)]
    return _effects(causes, start, told, parts)


def causes_upstream(
    causes: Causes, end: str, groups: Sequence[str | None], readings: Readings, wish: Wish
) -> Effects:
    """What moves a thing: for each cause, what a lasting +1 of it does to the thing."""
    parts = [Reaching.of(causes, group, end, wish) for group in groups]
    reading = readings.get(end, PLAIN)
    told = [one for part in parts for one in part.every(end, reading, causes, wish)]
    return _effects(causes, end, told, parts)


class Loops(Value):
    """The loops through a thing."""

    loops: tuple[Loop, ...]
    """Largest gain first, then those known by sign only, shortest first."""
    stability: Stability
    """Whether they fade together."""
    completeness: Completeness
    """Whether every loop was looked at."""


def loops_of(causes: Causes, thing: str, group: str | None, first: int) -> Loops:
    """The loops through a thing in a group, and whether they fade."""
    links = acting(causes, group)
    found = loops_through(links, thing, first)
    return Loops(
        loops=_loops(causes, found),
        stability=stability_of(upstream(downstream(links, [thing]), [thing])),
        completeness=Completeness(
            complete=found.reason is None, reason=found.reason, explored=found.steps
        ),
    )


def worst(found: Sequence[Stability]) -> Stability:
    """The stability of several systems together: that of the least stable."""
    if not found:
        return Stability(converges=True, spectral_radius=0.0, explanation="Nothing is moved.")
    return max(found, key=lambda one: (not one.converges, one.spectral_radius or 0.0))


def _effects(
    causes: Causes, of: str, told: Sequence[Effect], parts: Sequence[Reached | Reaching]
) -> Effects:
    return Effects(
        of=of,
        effects=tuple(told),
        sign_only=_sign_only(causes, parts),
        stability=worst([part.stability for part in parts]),
        completeness=causes.completeness(len({effect.on for effect in told}), causes.cut),
    )


def _sign_only(causes: Causes, parts: Iterable[Reached | Reaching]) -> tuple[CauseEdge, ...]:
    found = known_by_sign((one for part in parts for one in part.links), causes)
    return tuple(found[id_] for id_ in sorted(found))


def _by_group(effects: Iterable[Effect]) -> tuple[GroupEffect, ...]:
    found = [one for effect in effects if (one := effect.for_group())]
    return tuple(sorted(found, key=lambda one: (one.on, -abs(one.total or 0.0), one.group)))


def _conflicts(effects: Iterable[Effect], readings: Readings) -> Iterator[Conflict]:
    """Where nobody said which way is good, nobody wins or loses."""
    sides: defaultdict[str, list[Sided]] = defaultdict(list)
    for effect in effects:
        better = readings.get(effect.on, PLAIN).better
        if better and (one := effect.for_group()):
            sides[effect.on].append(Sided(one, effect.se or 0.0, better))
    for on, found in sorted(sides.items()):
        if torn := conflict(on, found):
            yield torn


def _loops(causes: Causes, found: Paths) -> tuple[Loop, ...]:
    return tuple(Loop.of(one.edges) for one in told_chains(found.paths, causes))
