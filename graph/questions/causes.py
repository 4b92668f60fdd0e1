"""Questions of cause and effect: chains, effects, causes, impact, loops."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar

from pydantic import Field

from graph.insight.causes import chains, impact
from graph.insight.influences import Pushed, Shock, ShockShape
from graph.insight.lineage import Direction
from graph.insight.moved import Wish
from graph.insight.propagation import (
    Loops,
    causes_upstream,
    effects,
    loops_of,
    with_numbers,
    with_totals,
)
from graph.insight.telling import Chains, Effects, Impact
from graph.ontology.vocabulary import GlobalId, Input
from graph.questions import Ask, Question
from graph.questions.subgraphs import Place, around, planned
from graph.selection import Select
from graph.shaping import DRAWING

Few = Annotated[int, Field(ge=1, le=100)]
Horizon = Annotated[int, Field(ge=1, le=120)]
Damping = Annotated[float, Field(gt=0, le=1)]
Groups = Annotated[tuple[GlobalId, ...], Field(max_length=200)]
CHAINS = 3
"""Chains of one effect where nobody says how many."""


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
        place = Place([self.from_], [self.to], _named(self.group))
        walk = await around(ask, self, select, place)
        if walk is None:
            return None

        def work() -> Chains:
            value = chains(walk.causes, self.from_, self.to, self.group, self.first)
            return with_totals(value, walk.causes, self.from_, self.to, self.group)

        return walk.told(work)


class ShockInput(Input):
    """A change that somebody makes."""

    on: GlobalId
    """What is changed: an initiative that is carried out, a process, a KPI or an objective."""
    change: Annotated[float, Field(ge=-1e12, le=1e12, allow_inf_nan=False)] = 1.0
    """By how much, in its unit; of an initiative, how much of it is carried out: 1 = all."""
    shape: ShockShape = ShockShape.STEP
    """How the change goes on."""
    from_: Annotated[int, Field(ge=0, le=120)] = 0
    """Month in which it begins, from 0."""
    group: GlobalId | None = None
    """Segment or persona for which alone it is made; for all if left out."""

    def pushed(self) -> Pushed:
        """The change as arithmetic takes it."""
        return Pushed(Shock(self.on, self.change, self.shape, self.from_), self.group)


class ImpactQuestion(Question):
    """What changes reach: which KPIs, for which personas, how much, how surely and how soon."""

    name: ClassVar[str] = "impact"
    answers: ClassVar[Any] = Impact

    of: Annotated[tuple[ShockInput, ...], Field(min_length=1, max_length=20)]
    """The changes, 1 to 20."""
    groups: Groups | None = None
    """Segments and personas to tell of; all that something is measured for if left out."""
    horizon: Horizon | None = None
    """Months for which the response is told, 1 to 120; no response if left out."""
    damping: Damping = 1.0
    """What each link counts of its weight, above 0 to 1; said in `stability` where it is not 1."""

    async def answer(self, ask: Ask, select: Select) -> Any:
        """The impact. Raises NotFound where one of the changed things is not in force."""
        starts = [shock.on for shock in self.of]
        asked = [*(self.groups or ()), *(shock.group for shock in self.of if shock.group)]
        walk = await planned(ask, self, select, Place(starts, groups=asked))
        most = _chains(select)

        def work() -> Impact:
            groups, pushed = walk.groups(self.groups), [shock.pushed() for shock in self.of]
            value = impact(walk.causes, pushed, groups, most=most)
            wish = Wish(self.horizon, damping=self.damping)
            return with_numbers(value, walk.causes, pushed, groups, walk.readings, wish)

        return walk.told(work, most)


class EffectsQuestion(Question):
    """What a thing moves: for a lasting +1 of it; of an initiative, for carrying it out."""

    name: ClassVar[str] = "effects"
    answers: ClassVar[Any] = Effects

    of: GlobalId
    """Id of the thing."""
    group: GlobalId | None = None
    """Segment or persona; all that something is measured for if left out."""
    horizon: Horizon | None = None
    """Months for which the response is told, 1 to 120; no response if left out."""
    damping: Damping = 1.0
    """What each link counts of its weight, above 0 to 1; said in `stability` where it is not 1."""

    async def answer(self, ask: Ask, select: Select) -> Any:
        """The effects, or None where there is no such thing."""
        asked = _named(self.group)
        walk = await around(ask, self, select, Place([self.of], groups=asked))
        if walk is None:
            return None
        wish = Wish(self.horizon, _chains(select), self.damping)

        def work() -> Effects:
            groups = walk.groups(asked or None)
            return effects(walk.causes, self.of, groups, walk.readings, wish)

        return walk.told(work, wish.chains)


class CausesQuestion(Question):
    """What moves a thing: for each cause, what a lasting +1 of it does to the thing."""

    name: ClassVar[str] = "causes"
    answers: ClassVar[Any] = Effects

    of: GlobalId
    """Id of the thing."""
    group: GlobalId | None = None
    """Segment or persona; all that something is measured for if left out."""
    damping: Damping = 1.0
    """What each link counts of its weight, above 0 to 1; said in `stability` where it is not 1."""

    async def answer(self, ask: Ask, select: Select) -> Any:
        """The causes, or None where there is no such thing."""
        asked = _named(self.group)
        place = Place([self.of], groups=asked, direction=Direction.UPSTREAM)
        walk = await around(ask, self, select, place)
        if walk is None:
            return None
        wish = Wish(chains=_chains(select), damping=self.damping)

        def work() -> Effects:
            groups = walk.groups(asked or None)
            return causes_upstream(walk.causes, self.of, groups, walk.readings, wish)

        return walk.told(work, wish.chains)


class LoopsQuestion(Question):
    """The loops that lead from a thing back to itself, with gain and delay."""

    name: ClassVar[str] = "loops"
    answers: ClassVar[Any] = Loops

    of: GlobalId
    """Id of the thing."""
    group: GlobalId | None = None
    """Segment or persona in which they run; the links for all if left out."""
    first: Few = 10
    """Loops at most, from 1 to 100."""

    async def answer(self, ask: Ask, select: Select) -> Any:
        """The loops, or None where there is no such thing."""
        walk = await around(ask, self, select, Place([self.of], groups=_named(self.group)))
        if walk is None:
            return None
        return walk.told(lambda: loops_of(walk.causes, self.of, self.group, self.first))


def _named(group: str | None) -> list[str]:
    return [group] if group else []


def _chains(select: Select) -> int:
    """How many chains of each effect are asked for at most; a drawing needs some."""
    drawn = CHAINS if any(one.name == DRAWING for one in select.fields) else 0
    parts = [part for one in select.asked("effects") for part in one.asked("chains")]
    return max((part.arguments.get("first") or CHAINS for part in parts), default=drawn)
