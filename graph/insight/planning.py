"""Plans on a fetched sub-graph: what if links were others, and what an initiative would do."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import isclose
from typing import Annotated

from graph.insight.answers import Completeness, GroupId, NodeId
from graph.insight.causal import CauseEdge, chain
from graph.insight.causes import Causes, impact
from graph.insight.conflicts import Conflict, GroupEffect
from graph.insight.edits import Edit, edited
from graph.insight.influences import Pushed, Shock, Stability
from graph.insight.moved import PLAIN, Readings, Wish
from graph.insight.propagation import with_numbers
from graph.insight.telling import Effect, Impact
from graph.ontology.vocabulary import GlobalId, Refers, Unit, Value

DESCRIBED = "initiative:described;"
"""Stands for an initiative that is only described; no stored key has a semicolon."""
SAME = 1e-9
"""Two totals are the same if they differ by less than this share of the larger one, or"""
NOTHING = 1e-12
"""by less than this: what rounding leaves where effects cancel."""


class EffectDifference(Value):
    """What edits do to one total effect."""

    on: NodeId
    """What is moved."""
    group: GroupId | None = None
    """For whom; null = all."""
    before: Annotated[float, Unit("see unit")] | None = None
    """The total as links are stored; 0 where nothing led there, null where it is not known."""
    after: Annotated[float, Unit("see unit")] | None = None
    """The total after the edits."""
    change: Annotated[float, Unit("see unit")] | None = None
    """After less before; null where one of them is not known."""
    unit: str | None = None
    """Unit of what is moved."""


class WhatIf(Value):
    """An impact as links are stored, and as it would be after some edits."""

    before: Impact
    """As links are stored."""
    after: Impact
    """After all edits together."""
    differences: tuple[EffectDifference, ...]
    """Totals that are not the same: by thing, largest change first."""


class Unsized(Value):
    """Something that an initiative moves by nobody knows how much."""

    on: NodeId
    """What is moved."""
    group: GroupId | None = None
    """For whom; null = all."""


class Assessment(Value):
    """What carrying out an initiative would do to each group. It is no verdict."""

    initiative: Annotated[GlobalId, Refers("initiative")] | None = None
    """The initiative; null if it is only described."""
    described: str | None = None
    """Name of the initiative that is only described; null if it exists."""
    effects: tuple[Effect, ...]
    """By group, then soonest first. Chains of a described one begin at the things it changes."""
    conflicts: tuple[Conflict, ...]
    """What gets better for some groups and worse for others, beyond two standard errors."""
    best_off: tuple[GroupEffect, ...]
    """For each thing, the group that gains most; only where all groups moved have a total."""
    worst_off: tuple[GroupEffect, ...]
    """For each thing, the group that gains least of those moved, or loses most."""
    unsized: tuple[Unsized, ...]
    """What is moved without a total: only directions are known, or loops have no end."""
    undirected: tuple[NodeId, ...]
    """Things moved of which nobody said which way is good: nobody wins or loses by them."""
    sign_only: tuple[CauseEdge, ...]
    """Links on the way of which only the direction is known: no number counts them."""
    stability: Stability
    """Whether the loops on the way fade, and what was assumed."""
    completeness: Completeness
    """Whether every chain was looked at."""


@dataclass(frozen=True, slots=True)
class Planned:
    """A lasting change that a described initiative would make, with its standard error."""

    on: str
    change: float
    se: float | None = None
    since: int = 0
    group: str | None = None

    def edge(self, number: int) -> CauseEdge:
        """The change as a link from the initiative."""
        return CauseEdge(
            id=f"changes:described;/{number}",
            from_=DESCRIBED,
            to=self.on,
            group=self.group,
            sign=(self.change > 0) - (self.change < 0),
            weight=self.change,
            se=self.se,
            lag=self.since,
        )


@dataclass(frozen=True, slots=True)
class Case:
    """Whom to tell of, how KPIs are read, and what is to be told beside totals."""

    groups: Sequence[str | None]
    readings: Readings
    wish: Wish

    def impact(self, causes: Causes, pushed: Sequence[Pushed]) -> Impact:
        """What changes reach, with numbers."""
        found = impact(causes, pushed, self.groups)
        return with_numbers(found, causes, pushed, self.groups, self.readings, self.wish)

    def what_if(self, causes: Causes, pushed: Sequence[Pushed], edits: Iterable[Edit]) -> WhatIf:
        """The impact before and after edits. Raises EditRefused."""
        before = self.impact(causes, pushed)
        after = self.impact(_edited(causes, edits), pushed)
        return WhatIf(before=before, after=after, differences=differences(before, after))

    def existing(self, causes: Causes, initiative: str) -> Assessment:
        """What carrying out an initiative does."""
        found = self.impact(causes, [Pushed(Shock(initiative, 1.0))])
        return self._assessed(found, initiative=initiative)

    def described(self, causes: Causes, name: str, planned: Sequence[Planned]) -> Assessment:
        """What carrying out an initiative would do that is only described."""
        links = [one.edge(number) for number, one in enumerate(planned)]
        found = self.impact(_with_edges(causes, [*_edges(causes), *links]), [PLAN])
        effects = tuple(_begun_later(effect) for effect in found.effects)
        return self._assessed(found.model_copy(update={"effects": effects}), described=name)

    def _assessed(self, found: Impact, **of: str) -> Assessment:
        ranked = list(_ranked(found.effects, self.readings))
        moved = {effect.on for effect in found.effects}
        return Assessment(
            initiative=of.get("initiative"),
            described=of.get("described"),
            effects=found.effects,
            conflicts=found.conflicts,
            best_off=tuple(groups[-1] for groups in ranked),
            worst_off=tuple(groups[0] for groups in ranked),
            unsized=tuple(
                Unsized(on=one.on, group=one.group) for one in found.effects if one.total is None
            ),
            undirected=tuple(sorted(on for on in moved if not self.readings.get(on, PLAIN).better)),
            sign_only=found.sign_only,
            stability=found.stability,
            completeness=found.completeness,
        )


PLAN = Pushed(Shock(DESCRIBED, 1.0))
"""A described initiative that is carried out."""


def differences(before: Impact, after: Impact) -> tuple[EffectDifference, ...]:
    """Totals that are not the same in two impacts, by thing, largest change first."""
    then, now = _by_place(before), _by_place(after)
    found = [
        _difference(place, then.get(place), now.get(place))
        for place in dict.fromkeys([*then, *now])
    ]
    differing = (one for one in found if not _same(one.before, one.after))
    return tuple(sorted(differing, key=_largest_first))


def _by_place(found: Impact) -> Mapping[tuple[str, str | None], Effect]:
    return {(effect.on, effect.group): effect for effect in found.effects}


def _difference(
    place: tuple[str, str | None], then: Effect | None, now: Effect | None
) -> EffectDifference:
    """What is not moved at all has the total 0."""
    before, after = (0.0 if one is None else one.total for one in (then, now))
    told = now or then
    return EffectDifference(
        on=place[0],
        group=place[1],
        before=before,
        after=after,
        change=None if before is None or after is None else after - before,
        unit=told.unit if told else None,
    )


def _same(before: float | None, after: float | None) -> bool:
    if before is None or after is None:
        return before is after
    return isclose(before, after, rel_tol=SAME, abs_tol=NOTHING)


def _largest_first(one: EffectDifference) -> tuple[str, bool, float, str]:
    return one.on, one.change is None, -abs(one.change or 0.0), one.group or ""


def _edges(causes: Causes) -> list[CauseEdge]:
    return list(causes.by_id.values())


def _edited(causes: Causes, edits: Iterable[Edit]) -> Causes:
    return _with_edges(causes, edited(_edges(causes), edits))


def _with_edges(causes: Causes, edges: Iterable[CauseEdge]) -> Causes:
    return Causes.of(edges, causes.scopes, causes.cut, causes.full)


def _begun_later(effect: Effect) -> Effect:
    """Without the first link of each chain, which is no stored one; each way once."""
    ways = {tuple(one.id for one in way.edges[1:]): way.edges[1:] for way in effect.chains}
    chains = tuple(chain(edges) for edges in ways.values() if edges)
    return effect.model_copy(update={"chains": chains})


def _ranked(effects: Iterable[Effect], readings: Readings) -> Iterator[list[GroupEffect]]:
    """For each thing that can be read: the groups moved, the one that gains least first."""
    by_thing: defaultdict[str, list[Effect]] = defaultdict(list)
    for effect in effects:
        by_thing[effect.on].append(effect)
    for on, found in sorted(by_thing.items()):
        better = readings.get(on, PLAIN).better
        groups = [one for effect in found if (one := effect.for_group())]
        if better and len(groups) == len(found):
            yield sorted(groups, key=lambda one: (better * (one.total or 0.0), one.group))
