"""A decision is recorded together with the changes that it caused: one commit."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, ClassVar, Self

from pydantic import Field, model_validator

from graph.ontology.vocabulary import Input, Kind
from loaders.mutations.carried import name
from loaders.mutations.endings import ArchiveStep, ExcludeStep, RestoreStep
from loaders.mutations.fields import Picks
from loaders.mutations.linking import EndStep, LinkStep, UnlinkStep
from loaders.mutations.reading import Words, one
from loaders.mutations.steps import Step
from loaders.mutations.things import ChangeStep, CorrectStep, CreateStep, EditStep
from loaders.mutations.working import Working


class DecidedChange(Input):
    """One change that a decision causes: exactly one of these."""

    one_of: ClassVar[bool] = True

    create: CreateStep | None = None
    """Something new."""
    change: ChangeStep | None = None
    """Something is otherwise from now on."""
    correct: CorrectStep | None = None
    """Something was otherwise in the past."""
    link: LinkStep | None = None
    """Links hold."""
    unlink: UnlinkStep | None = None
    """Links hold no longer."""
    end: EndStep | None = None
    """Records are in force no longer."""
    archive: ArchiveStep | None = None
    """Something is retired, merged or absorbed."""
    restore: RestoreStep | None = None
    """Something archived is in force again."""
    exclude: ExcludeStep | None = None
    """Something is kept off the scorecard."""

    @property
    def steps(self) -> list[Step]:
        """Those that are said."""
        found = (getattr(self, name) for name in type(self).model_fields)
        return [step for step in found if isinstance(step, Step)]

    @model_validator(mode="after")
    def _one(self) -> Self:
        if len(self.steps) != 1:
            raise ValueError("must say exactly one change")
        return self


class DecisionStep(Step):
    """A decision, and what it changes."""

    decision: Annotated[dict[str, Any], Picks("decision")]
    """The decision: key, name, kind, review, who decided it, wording, why. What it changed is
    filled in."""
    changes: Annotated[tuple[DecidedChange, ...], Field(max_length=100)] | None = None
    """What it changes, one after another, in one commit."""

    async def edit(self, work: Working) -> None:
        """Say the changes, each with the decision behind it, then the decision."""
        words = one(work.ontology, {"decision": self.decision}, "decision")
        value = words.value()
        assert isinstance(value, Kind)
        work.decision = value.id_of(value.key)
        for said in self.changes or ():
            for step in said.steps:
                before = set(work.spoken)
                await step.edit(work)
                await _backed(work, step, before)
        told = [one_ for one_ in self.decision.get("changed") or () if one_]
        changed = list(dict.fromkeys((*told, *_changed(work))))
        await CreateStep(thing={"decision": {**self.decision, "changed": changed}}).edit(work)


async def _backed(work: Working, step: Step, before: set[str]) -> None:
    """The decision stands behind what was created or edited, unless another was named."""
    if not isinstance(step, CreateStep | EditStep) or work.decision is None:
        return
    said = step.thing if isinstance(step, CreateStep) else step.set
    if any("decision" in given for given in said.values()):
        return
    ids = [step.of] if isinstance(step, EditStep) else set(work.spoken) - before
    for id_ in ids:
        if kind := work.ontology.kind_of(id_):
            words = Words(work.ontology, kind, {})
            part = words.parts.get("decision")
            if part is not None and part.link is not None:
                await name(work, words, part, [work.decision], id_, *work.spoken[id_])


def _changed(work: Working) -> Iterator[str]:
    """What was changed, by ids that a decision may name: of plain links what they start at."""
    for id_ in work.spoken:
        link, ends = work.ontology.link_of(id_), work.ends(id_)
        if link is None or link.keyed():
            yield id_
        elif ends and not set(ends) & work.spoken.keys():
            yield ends[0]
