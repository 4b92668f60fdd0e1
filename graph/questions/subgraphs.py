"""The causal links around some things: one statement fetches them, arithmetic is done on them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any, TypeVar

from graph.errors import NotFound
from graph.insight.causal import CauseEdge
from graph.insight.causes import Causes
from graph.insight.lineage import Direction
from graph.insight.moved import Reading
from graph.insight.paths import LONGEST
from graph.ontology import Ontology
from graph.ontology.measures import KpiDirection
from graph.ontology.vocabulary import Declared
from graph.ontology.work import LinkStatus, Strength
from graph.questions import Ask, Question
from graph.questions.fetching import Fetched, fetch, groups_alone
from graph.selection import Select
from graph.shaping import Things
from graph.times import begin_of, months_between

T = TypeVar("T", bound=Declared)
ROWS = 2_000
"""Things that one walk may find."""
GONE = frozenset({LinkStatus.REFUTED.name, LinkStatus.RETIRED.name})
"""What is known not to hold moves nothing, though its link may be in force."""


@dataclass(frozen=True)
class SubGraph:
    """Causal links around some things, how their KPIs are read, and what was fetched with them."""

    ontology: Ontology
    found: Fetched
    direction: Direction

    @cached_property
    def causes(self) -> Causes:
        """The links."""
        return _causes(self.found.row, self.found.things, self.direction)

    @cached_property
    def readings(self) -> Mapping[str, Reading]:
        """How KPIs are read."""
        return _readings(self.found.row)

    def told(self, work: Callable[[], T], *given: Hashable) -> Any:
        """What is worked out of it, as a mapping by alias; of equal sub-graphs only once."""
        return self.found.tell(self.found.worked(self.ontology, work, *given))

    def within(self, perspective: str) -> set[str]:
        """The KPIs and objectives of a perspective among these."""
        return {one for one, place in self.found.row["placing"] if place == perspective}

    def groups(self, asked: Sequence[str] | None) -> list[str | None]:
        """The asked groups, else every one that is measured, else all customers together."""
        every = self.causes.groups() if asked is None else asked
        groups: list[str | None] = [one for one in dict.fromkeys(every) if one in self.found.things]
        return groups if groups or asked is not None else [None]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a walk begins, what else must be there, whom it is for, and which way it goes."""

    of: Sequence[str]
    ends: Sequence[str] = ()
    groups: Sequence[str] = ()
    direction: Direction = Direction.DOWNSTREAM
    placed: bool = False
    """Whether the perspective of each is asked."""


async def around(ask: Ask, question: Question, select: Select, place: Place) -> SubGraph | None:
    """The links around some things; None where one of them, or of the ends, is not in force."""
    walk, gone = await _walk(ask, question, select, place)
    return None if gone else walk


async def planned(ask: Ask, question: Question, select: Select, place: Place) -> SubGraph:
    """The same for a plan, which is told what it lacks. Raises NotFound."""
    walk, gone = await _walk(ask, question, select, place)
    if gone:
        named = ", ".join(gone[:5])
        raise NotFound(f"{named}: not in force at the asked time; leave it out, or ask `asOf` then")
    return walk


async def _walk(
    ask: Ask, question: Question, select: Select, place: Place
) -> tuple[SubGraph, list[str]]:
    """What was fetched, and what must be there and is not."""
    ontology = ask.store.ontology
    groups_alone(ontology, place.groups)
    causal = "|".join(link.type for link in ontology.causal)
    into, out = ("", ">") if place.direction is Direction.DOWNSTREAM else ("<", "")
    words = {"causal": causal, "depth": str(LONGEST), "into": into, "out": out}
    mentioned = [*place.of, *place.ends, *place.groups]
    asked = {"of": list(place.of), "rows": ROWS, "mentioned": mentioned, "placed": place.placed}
    found = await fetch(ask, question, "causes", select, words, **asked)
    gone = [id_ for id_ in dict.fromkeys((*place.of, *place.ends)) if id_ not in found.things]
    return SubGraph(ontology, found, place.direction), gone


def _causes(row: Any, things: Things, direction: Direction) -> Causes:
    """Links and scopes as fetched, without links for a group that is over or may not be seen."""
    edges = [_edge(direction, *edge) for edge in row["edges"] if edge[4].get("status") not in GONE]
    scopes: defaultdict[str, set[str | None]] = defaultdict(set)
    for measured, scope in row["scopes"]:
        for kpi in measured:
            scopes[kpi].add(scope)
    return Causes.of(
        (edge for edge in edges if edge.group is None or edge.group in things),
        {kpi: frozenset(known) for kpi, known in scopes.items()},
        row["cut"],
        row["full"],
    )


def _readings(row: Any) -> dict[str, Reading]:
    return {kpi: Reading(unit, KpiDirection[way]) for kpi, unit, way in sorted(row["formulas"])}


def _edge(
    direction: Direction,
    id_: str,
    link: str,
    near: str,
    far: str,
    said: Mapping[str, Any],
    near_start: Any,
    far_start: Any,
) -> CauseEdge:
    """A link as it was found from its near end."""
    if direction is Direction.DOWNSTREAM:
        return cause(id_, link, near, far, said, near_start)
    return cause(id_, link, far, near, said, far_start)


def cause(
    id_: str, link: str, source: str, target: str, said: Mapping[str, Any], start: Any
) -> CauseEdge:
    """A causal link as an edge.

    A change is its own weight; less of a process metric is better work.
    """
    weight, sign = said.get("weight"), said.get("sign", 0)
    lag = said.get("lag") or 0
    if link == "CHANGES":
        change = said.get("change")
        weight = change if "metric" not in said else None
        sign = sign if change is None else (change > 0) - (change < 0)
        sign = -sign if "metric" in said else sign
        lag = _months(start, said.get("fromPeriod"))
    return CauseEdge(
        id=id_,
        from_=source,
        to=target,
        group=said.get("group"),
        sign=sign,
        strength=Strength[said["strength"]] if "strength" in said else None,
        weight=weight,
        se=said.get("se") if weight is not None else None,
        lag=lag,
        confidence=said.get("confidence"),
    )


def _months(start: Any, period: str | None) -> int:
    if start is None or period is None:
        return 0
    return max(0, months_between(date(start.year, start.month, start.day), begin_of(period).date()))
