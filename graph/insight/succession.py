"""What took the place of what: chains of successors, and of versions of a formula."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Annotated

from graph.insight.answers import Completeness, NodeId
from graph.ontology.terms import Status
from graph.ontology.vocabulary import Refers, Value

DecisionId = Annotated[str, Refers("decision")]


class SuccessionStep(Value):
    """One thing ended, and another took its place."""

    from_: NodeId
    """What ended, told as of its last instant."""
    to: NodeId
    """What took its place."""
    at: datetime
    """The first instant at which the one was no longer in force; of a version of a formula, the
    first at which the next was."""
    how: Status
    """How it ended: RETIRED, MERGED or ABSORBED."""
    reason: str | None = None
    """Why."""
    evidence: tuple[str, ...] = ()
    """What the reason rests on."""
    decision: DecisionId | None = None
    """The decision behind it: of a version of a formula, that behind the next."""
    distance: int
    """Steps away from what was asked for, from 1."""


class Succession(Value):
    """Whose place something took, and what took its place, as far as is known."""

    of: NodeId
    """What was asked for."""
    predecessors: tuple[SuccessionStep, ...]
    """The steps that lead to it, nearest first: a merge has several."""
    successors: tuple[SuccessionStep, ...]
    """The steps that lead on from it, nearest first."""
    current: NodeId | None = None
    """What stands in its place at the asked time: itself while in force, else the last successor.
    Null where that has ended too, or where a circle leaves none."""
    circle: tuple[NodeId, ...] = ()
    """Things that follow each other in a circle. A load refuses them; empty unless they came in by
    another way."""
    completeness: Completeness
    """Whether this is all of it."""


Step = tuple[str, str]


def walked(of: str, steps: Iterable[Step], *, back: bool = False) -> dict[Step, int]:
    """The steps that lead on from a thing, or back from it, with how far each is (1 = next)."""
    beside: defaultdict[str, list[Step]] = defaultdict(list)
    for step in sorted(steps):
        beside[step[1] if back else step[0]].append(step)
    far: dict[Step, int] = {}
    seen, level, distance = {of}, [of], 1
    while level:
        found = [step for near in level for step in beside[near]]
        far |= {step: distance for step in found if step not in far}
        ends = dict.fromkeys(step[0] if back else step[1] for step in found)
        level = [end for end in ends if end not in seen]
        seen.update(level)
        distance += 1
    return far


def circle(of: str, ahead: Iterable[Step], behind: Iterable[Step]) -> tuple[str, ...]:
    """What is both before and after a thing, or comes back among what is ahead of it."""
    after = {end for _, end in ahead}
    before = {start for start, _ in behind}
    return tuple(sorted((after & before) | ({of} & after)))


def succession(
    of: str,
    told: Mapping[Step, SuccessionStep],
    living: Collection[str],
    completeness: Completeness,
) -> Succession:
    """The chain through a thing, from steps that are told with a distance of 0."""
    ahead, behind = walked(of, told), walked(of, told, back=True)
    round_ = circle(of, ahead, behind)
    last = _last(of, ahead)
    return Succession(
        of=of,
        predecessors=_placed(behind, told),
        successors=_placed(ahead, told),
        current=last if last in living and not round_ else None,
        circle=round_,
        completeness=completeness,
    )


def _placed(
    far: Mapping[Step, int], told: Mapping[Step, SuccessionStep]
) -> tuple[SuccessionStep, ...]:
    order: Sequence[Step] = sorted(far, key=lambda step: (far[step], step))
    return tuple(told[step].model_copy(update={"distance": far[step]}) for step in order)


def _last(of: str, ahead: Mapping[Step, int]) -> str:
    """The end of a chain in which each thing has one successor."""
    return max(ahead.items(), key=lambda item: (item[1], item[0]))[0][1] if ahead else of
