"""Questions of planners: what if, what would it do, and which of these. Nothing is written."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Annotated, Any, ClassVar

from pydantic import Field

from graph.errors import BadRequest
from graph.insight.comparing import Comparison, compared
from graph.insight.edits import EditRefused
from graph.insight.influences import ShockShape
from graph.insight.moved import PLAIN, Wish
from graph.insight.planning import Assessment, Case, Planned, WhatIf
from graph.ontology import Ontology
from graph.ontology.strategy import Initiative
from graph.ontology.vocabulary import GlobalId, Input
from graph.questions import Ask, Question
from graph.questions.causes import Groups, Horizon, ShockInput
from graph.questions.edits import Doubt, EditInput, Months, Size, causal_ends, refused
from graph.questions.subgraphs import Place, SubGraph, planned
from graph.selection import Select


class WhatIfQuestion(Question):
    """What changes would reach if links were others, beside what they reach.

    NOT_FOUND where a changed thing, or an end or the group of an added link, is not in force.
    """

    name: ClassVar[str] = "what_if"
    answers: ClassVar[Any] = WhatIf

    of: Annotated[tuple[ShockInput, ...], Field(min_length=1, max_length=20)]
    """The changes, 1 to 20."""
    edits: Annotated[tuple[EditInput, ...], Field(max_length=50)]
    """What would be otherwise, all together, in any order; at most 50."""
    groups: Groups | None = None
    """Segments and personas to tell of; all that something is measured for if left out."""
    horizon: Horizon | None = None
    """Months for which the response is told, 1 to 120; no response if left out."""

    async def answer(self, ask: Ask, select: Select) -> Any:
        """Both impacts. Raises NotFound where something named is not in force."""
        added = [edit.add for edit in self.edits if edit.add]
        causal_ends(ask.store.ontology, [one.from_ for one in added], [one.to for one in added])
        starts = [*(shock.on for shock in self.of), *(one.to for one in added)]
        told = [shock.group for shock in self.of if shock.group]
        needed = [one.group for one in added if one.group]
        ends = [*(one.from_ for one in added), *needed]
        groups = [*(self.groups or ()), *told, *needed]
        walk = await planned(ask, self, select, Place(starts, ends, groups))
        return walk.found.tell(self._value(walk))

    def _value(self, walk: SubGraph) -> WhatIf:
        edits = [edit.edit(number) for number, edit in enumerate(self.edits)]
        case = Case(walk.groups(self.groups), walk.readings, Wish(self.horizon))
        try:
            return case.what_if(walk.causes, [shock.pushed() for shock in self.of], edits)
        except EditRefused as error:
            raise refused(error, edits) from None


class PlannedChangeInput(Input):
    """A lasting change that an initiative would make."""

    on: GlobalId
    """What it changes: a KPI, objective or process."""
    change: Size
    """By how much, in its unit."""
    se: Doubt | None = None
    """Standard error of the change; taken for certain if left out."""
    from_: Months = 0
    """Month in which it begins, from 0."""
    group: GlobalId | None = None
    """Segment or persona for which alone it is made; for all if left out."""

    def planned(self) -> Planned:
        """The change as arithmetic takes it."""
        return Planned(self.on, self.change, self.se, self.from_, self.group)


class InitiativeInput(Input):
    """An initiative that is only described; nothing of it is stored."""

    name: Annotated[str, Field(min_length=1, max_length=500)]
    """Name for people."""
    changes: Annotated[tuple[PlannedChangeInput, ...], Field(min_length=1, max_length=50)]
    """What it would change, 1 to 50; changes of one thing add."""


class AssessInitiativeQuestion(Question):
    """What an initiative does to each group, whether it exists or is only described.

    NOT_FOUND where the initiative, or a thing or group that it would change, is not in force.
    """

    name: ClassVar[str] = "assess_initiative"
    answers: ClassVar[Any] = Assessment

    initiative: GlobalId | None = None
    """Id of one that exists; this or `described`."""
    described: InitiativeInput | None = None
    """One that is only described; this or `initiative`."""
    groups: Groups | None = None
    """Segments and personas to tell of; all that something is measured for if left out."""
    horizon: Horizon | None = None
    """Months for which the response is told, 1 to 120; no response if left out."""

    async def answer(self, ask: Ask, select: Select) -> Any:
        """The assessment. Raises NotFound where something named is not in force."""
        changes = self._changes(ask.store.ontology)
        needed = [one.group for one in changes if one.group]
        starts = [one.on for one in changes] or [str(self.initiative)]
        groups = [*(self.groups or ()), *needed]
        walk = await planned(ask, self, select, Place(starts, needed, groups))
        case = Case(walk.groups(self.groups), walk.readings, Wish(self.horizon))
        if self.described:
            told = [one.planned() for one in changes]
            value = case.described(walk.causes, self.described.name, told)
        else:
            value = case.existing(walk.causes, starts[0])
        return walk.found.tell(value)

    def _changes(self, ontology: Ontology) -> Sequence[PlannedChangeInput]:
        """Those of a described initiative, none of one that exists. Raises BadRequest."""
        if (self.initiative is None) == (self.described is None):
            raise BadRequest("write exactly one of `initiative` and `described`")
        if self.described:
            causal_ends(ontology, (), [one.on for one in self.described.changes])
            return self.described.changes
        if ontology.kind_of(str(self.initiative)) is not Initiative:
            raise BadRequest(f"`{self.initiative}` is no initiative; write initiative:...")
        return ()


class GroupWeightInput(Input):
    """How much a group counts in a mean."""

    group: GlobalId
    """The segment or persona."""
    weight: Doubt
    """0 or more, for example its share of the customers."""


class CompareQuestion(Question):
    """Options by what each brings each group on one thing, not on average alone.

    NOT_FOUND where that thing, or what an option changes, is not in force.
    """

    name: ClassVar[str] = "compare"
    answers: ClassVar[Any] = Comparison

    options: Annotated[tuple[ShockInput, ...], Field(min_length=1, max_length=10)]
    """Lasting changes, 1 to 10, of which one is to be chosen."""
    on: GlobalId
    """The KPI on which they are compared; it must say which way is good."""
    groups: Groups | None = None
    """Segments and personas; all for which the KPI is measured if left out."""
    weights: Annotated[tuple[GroupWeightInput, ...], Field(max_length=200)] | None = None
    """For the mean: a group that is left out counts nothing; without weights all count the same."""

    async def answer(self, ask: Ask, select: Select) -> Any:
        """The comparison. Raises NotFound where something named is not in force."""
        if any(one.shape is not ShockShape.STEP for one in self.options):
            raise BadRequest("`options` are compared by what lasts; leave `shape` out")
        starts, told = [one.on for one in self.options], [one.group for one in self.options]
        needed = [one for one in told if one]
        asked = [*(self.groups or ()), *needed]
        walk = await planned(ask, self, select, Place(starts, [self.on, *needed], asked))
        return walk.found.tell(self._value(walk))

    def _value(self, walk: SubGraph) -> Comparison:
        reading = walk.readings.get(self.on, PLAIN)
        if not reading.better:
            said = "write a KPI with the direction HIGHER or LOWER"
            raise BadRequest(f"`on`: nobody said which way of `{self.on}` is good; {said}")
        groups = self._groups(walk)
        options = [one.pushed() for one in self.options]
        return compared(walk.causes, options, self.on, groups, self._weights(groups), reading)

    def _groups(self, walk: SubGraph) -> list[str]:
        """Those to compare. Raises BadRequest for one for which the KPI is not measured."""
        known = [group for group in walk.groups(self.groups) if group]
        wanted = known if self.groups is None else list(dict.fromkeys(self.groups))
        held = [group for group in known if walk.causes.holds(self.on, group)]
        missing = [group for group in wanted if group not in held]
        if self.groups is not None and missing:
            raise BadRequest(f"`groups`: `{self.on}` is not told for {', '.join(missing)}")
        if not held:
            raise BadRequest(f"`groups`: no group is known for `{self.on}`; name at least one")
        return held

    def _weights(self, groups: Iterable[str]) -> dict[str, float]:
        """How much each group counts. Raises BadRequest for weights that weigh nothing."""
        if self.weights is None:
            return dict.fromkeys(groups, 1.0)
        given = {one.group: one.weight for one in self.weights}
        if len(given) < len(self.weights):
            raise BadRequest("`weights` names a group twice; keep one of them")
        if lost := sorted(given.keys() - set(groups)):
            raise BadRequest(f"`weights`: {lost[0]} is not compared; leave it out")
        if not any(given.values()):
            raise BadRequest("`weights` are all 0; write one above 0")
        return given
