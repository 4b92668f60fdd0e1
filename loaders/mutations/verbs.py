"""The mutations: what each is called, what it says, and what it changes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from graph.audit import Actor
from graph.changes import Change
from graph.store import Receipt, Store
from graph.terms import Terms
from loaders.mutations.deciding import DecisionStep
from loaders.mutations.endings import ArchiveStep, ExcludeStep, RestoreStep
from loaders.mutations.linking import EndStep, LinkStep, UnlinkStep
from loaders.mutations.observing import RecordStep, RestateStep
from loaders.mutations.steps import Mutation, Step, Text
from loaders.mutations.things import ChangeStep, CorrectStep, CreateStep
from loaders.mutations.working import Working


class Verb(Mutation, Step):
    """A mutation with what it says."""

    name: ClassVar[str]
    """Its root field."""
    unsaid: ClassVar[frozenset[str]] = frozenset({"key", "dry_run"})
    """Fields that are no part of what a client's key stands for."""

    async def put(self, store: Store, changes: Sequence[Change], by: Actor, on: Terms) -> Receipt:
        """Write what it says."""
        return await store.put(changes, by, self.reason, terms=on)


class CreateInput(Verb, CreateStep):
    """Make something new."""

    name = "create"


class ChangeInput(Verb, ChangeStep):
    """Say what is otherwise of something from now on, or from a later time."""

    name = "change"


class CorrectInput(Verb, CorrectStep):
    """Correct a fact of the past; what was known before stays on record."""

    name = "correct"


class LinkInput(Verb, LinkStep):
    """Link things, or say anew what their links say."""

    name = "link"


class UnlinkInput(Verb, UnlinkStep):
    """End links."""

    name = "unlink"


class EndInput(Verb, EndStep):
    """End records, such as targets and series."""

    name = "end"


class ArchiveInput(Verb, ArchiveStep):
    """Retire, merge or absorb an entity, with reason, evidence, decision and successor."""

    name = "archive"


class RestoreInput(Verb, RestoreStep):
    """Bring an archived thing back, as it was at its last instant."""

    name = "restore"


class ExcludeInput(Verb, ExcludeStep):
    """Keep an entity off the scorecard, with reason, evidence and decision."""

    name = "exclude_from_scorecard"


class RecordDecisionInput(Verb, DecisionStep):
    """Record a decision together with the changes that it caused, in one commit."""

    name = "record_decision"


class RecordObservationInput(Verb, RecordStep):
    """Report a value of a KPI in a period."""

    name = "record_observation"


class RestateObservationInput(Verb, RestateStep):
    """Report a value anew, beside the earlier report."""

    name = "restate_observation"


class ErasePersonInput(Verb):
    """Erase everything that ever spoke of a person; tombstones and the audit stay whole."""

    name = "erase_person"
    unsaid = frozenset({"key", "dry_run", "person"})

    person: Text
    """What the fields that name a person say, e.g. `customerRef` of memberships."""

    async def edit(self, work: Working) -> None:
        """Nothing of the lives: they go as they are."""

    async def put(self, store: Store, changes: Sequence[Change], by: Actor, on: Terms) -> Receipt:
        """Erase."""
        return await store.erase(self.person, by, self.reason, on)


VERBS: tuple[type[Verb], ...] = (
    CreateInput,
    ChangeInput,
    CorrectInput,
    LinkInput,
    UnlinkInput,
    EndInput,
    ArchiveInput,
    RestoreInput,
    ExcludeInput,
    RecordDecisionInput,
    RecordObservationInput,
    RestateObservationInput,
    ErasePersonInput,
)
