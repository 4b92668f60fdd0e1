"""What-if edits of causal links, in memory: nothing is written.

EditRefused
  x MissingLink     an edit of a link that is not there
  x MissingThing    a retirement of what no link touches
  x ExistingLink    a new link where there is one
  x Contradiction   two edits that cannot both hold
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from math import isfinite

from graph.insight.causal import CauseEdge


@dataclass(frozen=True, slots=True)
class Reweigh:
    """A link gets another weight; without `se` it is taken for certain."""

    link: str
    weight: float
    se: float | None = None


@dataclass(frozen=True, slots=True)
class Remove:
    """A link is no longer there."""

    link: str


@dataclass(frozen=True, slots=True)
class Add:
    """A new link."""

    edge: CauseEdge


@dataclass(frozen=True, slots=True)
class Retire:
    """A thing is no longer there, nor any link from or to it."""

    node: str


Edit = Reweigh | Remove | Add | Retire


class EditRefused(ValueError):
    """An edit cannot be made; `of` is the id of the link or thing."""

    def __init__(self, of: str, said: str) -> None:
        super().__init__(said)
        self.of = of


class MissingLink(EditRefused):
    """An edit of a link that is not there."""


class MissingThing(EditRefused):
    """A retirement of what no link touches."""


class ExistingLink(EditRefused):
    """A new link where there is one."""


class Contradiction(EditRefused):
    """Two edits that cannot both hold."""


def edited(edges: Sequence[CauseEdge], edits: Iterable[Edit]) -> tuple[CauseEdge, ...]:
    """The links after all edits together, in their order, new ones last.

    The order of the edits does not matter. Raises EditRefused for the first that cannot be made.
    """
    wanted = list(edits)
    by_id = {edge.id: edge for edge in edges}
    changed = _changes(wanted, by_id)
    retired = _retirements(wanted, edges)
    added = _additions(wanted, edges)
    _refuse_touching(retired, [by_id[link] for link in changed] + added)
    kept = [_as_wanted(edge, changed.get(edge.id)) for edge in edges]
    return tuple(edge for edge in [*kept, *added] if edge and not {edge.from_, edge.to} & retired)


def _changes(edits: Sequence[Edit], by_id: Mapping[str, CauseEdge]) -> dict[str, Reweigh | Remove]:
    made: dict[str, Reweigh | Remove] = {}
    for one in edits:
        if isinstance(one, Reweigh | Remove):
            if one.link not in by_id:
                raise MissingLink(one.link, f"there is no link {one.link}{_near(one.link, by_id)}")
            if one.link in made:
                said = f"{one.link} is changed or removed twice; keep one of these edits"
                raise Contradiction(one.link, said)
            made[one.link] = one
    return made


def _near(link: str, known: Iterable[str]) -> str:
    near = get_close_matches(link, list(known), n=1)
    return f"; did you mean {near[0]}?" if near else ""


def _retirements(edits: Sequence[Edit], edges: Sequence[CauseEdge]) -> set[str]:
    touched = {end for edge in edges for end in (edge.from_, edge.to)}
    made: set[str] = set()
    for one in edits:
        if isinstance(one, Retire):
            if one.node not in touched:
                raise MissingThing(one.node, f"no causal link begins or ends at {one.node}")
            if one.node in made:
                raise Contradiction(one.node, f"{one.node} is retired twice; keep one of these")
            made.add(one.node)
    return made


def _additions(edits: Sequence[Edit], edges: Sequence[CauseEdge]) -> list[CauseEdge]:
    here = {same: edge.id for edge in edges for same in _sameness(edge)}
    made: list[CauseEdge] = []
    for one in edits:
        if isinstance(one, Add):
            there = next((here[same] for same in _sameness(one.edge) if same in here), None)
            if there is not None:
                said = f"{one.edge.id} is there already as {there}; change its weight instead"
                raise ExistingLink(one.edge.id, said)
            here |= dict.fromkeys(_sameness(one.edge), one.edge.id)
            made.append(one.edge)
    return made


def _sameness(edge: CauseEdge) -> Iterator[tuple[object, ...]]:
    """Two links are the same if their ids are, or their ends, group and lag."""
    yield (edge.id,)
    yield (edge.from_, edge.to, edge.group, edge.lag)


def _refuse_touching(retired: set[str], edges: Iterable[CauseEdge]) -> None:
    for edge in edges:
        for node in {edge.from_, edge.to} & retired:
            said = f"{edge.id} is edited although {node} is retired; keep one of these edits"
            raise Contradiction(edge.id, said)


def _as_wanted(edge: CauseEdge, change: Reweigh | Remove | None) -> CauseEdge | None:
    if change is None:
        return edge
    if isinstance(change, Remove):
        return None
    if not isfinite(change.weight):
        raise EditRefused(edge.id, f"the weight of {edge.id} is {change.weight}; write a number")
    sign = (change.weight > 0) - (change.weight < 0)
    return edge.model_copy(update={"weight": change.weight, "se": change.se, "sign": sign})
