"""Questions that walk: lineage, chains, impact. One statement fetches, arithmetic answers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any, ClassVar

from pydantic import Field

from graph.errors import BadRequest
from graph.insight.causes import LONGEST, CauseEdge, Causes, Chains, Impact, chains, impact
from graph.insight.lineage import Direction, Lineage, LineageEdge, Walked, lineage
from graph.ontology import Ontology
from graph.ontology.terms import Layer
from graph.ontology.vocabulary import GlobalId, Input
from graph.ontology.work import Strength
from graph.questions import Ask, Question
from graph.questions.fetching import Fetched, fetch, groups_alone
from graph.selection import Select
from graph.shaping import Things
from graph.times import begin_of, months_between

ROWS = 2_000
"""Things that one walk may find."""

Depth = Annotated[int, Field(ge=1, le=50)]
Few = Annotated[int, Field(ge=1, le=100)]


class LineageQuestion(Question):
    """Where something comes from, or who uses it, as the graph stood and was known."""

    name: ClassVar[str] = "lineage"
    answers: ClassVar[Any] = Lineage

    of: GlobalId
    """Id of the thing to begin with."""
    direction: Direction = Direction.UPSTREAM
    """To the origins, or to the users."""
    layers: tuple[Layer, ...] | None = None
    """Layers to tell; all if left out. The walk passes through the others all the same."""
    max_depth: Depth = 20
    """Hops at most, from 1 to 50."""

    async def answer(self, ask: Ask, select: Select) -> Any:
        """The lineage, or None where there is no such thing."""
        ontology = ask.store.ontology
        _layered(ontology, self.of)
        words = _flow(ontology, self.direction, self.max_depth)
        found = await fetch(ask, self, "lineage", select, words, of=self.of, rows=ROWS)
        if not found.row["seen"]:
            return None
        walked = _walked(ontology, self, found.row)
        return found.tell(lineage(walked, self.layers, self.direction), select)


class ChainsQuestion(Question):
    """The chains of cause and effect from one thing to another."""

    name: ClassVar[str] = "chains"
    answers: ClassVar[Any] = Chains

    from_: GlobalId
    """Id of the cause: an initiative, process, KPI or objective."""
    to: GlobalId
    """Id of the effect."""
    group: GlobalId | None = None
    """Segment or persona; if left out, chains of every group, each with its links' own."""
    first: Few = 5
    """Chains at most, from 1 to 100."""

    async def answer(self, ask: Ask, select: Select) -> Any:
        """The chains, or None where one of the two ends does not exist."""
        groups = [self.group] if self.group else []
        walk = await _causes(ask, self, select, [self.from_], [self.to], groups)
        if walk is None:
            return None
        value = chains(walk.causes, self.from_, self.to, self.group, self.first)
        return walk.found.tell(value, select)


class ShockInput(Input):
    """A change that somebody makes."""

    on: GlobalId
    """What is changed: an initiative that is carried out, a process, a KPI or an objective."""


class ImpactQuestion(Question):
    """What changes reach: which KPIs, for which personas, in which direction and how soon."""

    name: ClassVar[str] = "impact"
    answers: ClassVar[Any] = Impact

    of: Annotated[tuple[ShockInput, ...], Field(min_length=1, max_length=20)]
    """The changes, 1 to 20."""
    groups: Annotated[tuple[GlobalId, ...], Field(max_length=200)] | None = None
    """Segments and personas to tell of; all that something is measured for if left out."""

    async def answer(self, ask: Ask, select: Select) -> Any:
        """The impact, or None where one of the changed things does not exist."""
        starts = [shock.on for shock in self.of]
        walk = await _causes(ask, self, select, starts, [], self.groups or ())
        if walk is None:
            return None
        return walk.found.tell(impact(walk.causes, starts, self._groups(walk)), select)

    def _groups(self, walk: _Walk) -> Sequence[str | None]:
        """The asked groups, else every one that is measured, else all customers together."""
        asked = walk.causes.groups() if self.groups is None else self.groups
        groups = [group for group in dict.fromkeys(asked) if group in walk.found.things]
        return groups if groups or self.groups is not None else [None]


@dataclass(frozen=True, slots=True)
class _Walk:
    """A sub-graph, and what was fetched with it."""

    causes: Causes
    found: Fetched


async def _causes(
    ask: Ask,
    question: Question,
    select: Select,
    starts: Sequence[str],
    others: Sequence[str],
    groups: Sequence[str],
) -> _Walk | None:
    """The sub-graph below some starts, or None where one of them or of the others is not there."""
    ontology = ask.store.ontology
    groups_alone(ontology, groups)
    causal = "|".join(link.type for link in ontology.causal)
    words = {"causal": causal, "depth": str(LONGEST)}
    asked = {"of": list(starts), "rows": ROWS, "mentioned": [*starts, *others, *groups]}
    found = await fetch(ask, question, "causes", select, words, **asked)
    if not {*starts, *others} <= found.things.keys():
        return None
    return _Walk(_sub_graph(found.row, found.things), found)


def _sub_graph(row: Any, things: Things) -> Causes:
    """Links and scopes as fetched, without links for a group that is over or may not be seen."""
    edges = [cause(*edge) for edge in row["edges"]]
    scopes: defaultdict[str, set[str | None]] = defaultdict(set)
    for kpi, scope in row["scopes"]:
        scopes[kpi].add(scope)
    return Causes.of(
        (edge for edge in edges if edge.group is None or edge.group in things),
        {kpi: frozenset(known) for kpi, known in scopes.items()},
        row["cut"],
        row["full"],
    )


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


def _walked(ontology: Ontology, question: LineageQuestion, row: Any) -> Walked:
    owners: defaultdict[str, list[str]] = defaultdict(list)
    for thing, role in row["owning"]:
        owners[thing].append(role)
    return Walked(
        question.of,
        row["seen"],
        [_edge(ontology, question.direction, *edge) for edge in row["edges"]],
        row["cut"],
        {thing: tuple(sorted(roles)) for thing, roles in owners.items()},
        {id_: kind.layer for id_ in row["seen"] if (kind := ontology.kind_of(id_)) and kind.layer},
        question.max_depth,
        row["full"],
    )


def _edge(
    ontology: Ontology,
    direction: Direction,
    id_: str,
    far: str,
    near: str,
    transformation: str | None,
    delay: float | None,
    job: str | None,
) -> LineageEdge:
    link = ontology.link_of(id_)
    ends = (far, near) if direction is Direction.UPSTREAM else (near, far)
    return LineageEdge(
        id=id_,
        from_=ends[0],
        to=ends[1],
        link=link.word.upper() if link else "",
        transformation=transformation,
        delay_hours=delay,
        job=f"job:{job}" if job else None,
    )


def _layered(ontology: Ontology, id_: str) -> None:
    kind = ontology.kind_of(id_)
    if kind and kind.layer is None:
        words = ", ".join(word for word, kind in ontology.kinds.items() if kind.layer)
        raise BadRequest(f"`of: {id_}` is no part of lineage, which runs among {words}")


def _flow(ontology: Ontology, direction: Direction, depth: int) -> dict[str, str]:
    """Stored flows all point with the data: against them upstream, along them downstream."""
    upstream = direction is Direction.UPSTREAM
    return {
        "flowing": "|".join(link.type for link in ontology.flowing),
        "layered": "|".join(kind.label for kind in ontology.kinds.values() if kind.layer),
        "into": "<" if upstream else "",
        "out": "" if upstream else ">",
        "depth": str(depth),
    }
