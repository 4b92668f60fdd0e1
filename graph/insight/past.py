"""Answers about the past: what changed, when, by whom, why, and between which two points."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from graph.insight.answers import Completeness, NodeId
from graph.ontology.terms import Term
from graph.ontology.vocabulary import GlobalId, Period, Refers, Value


class ChangeAction(Term):
    """What a change did."""

    CREATED = "Something was told of for the first time."
    CHANGED = "It is told otherwise, or otherwise for a time."
    ENDED = "It ends, or ends earlier."
    RESTORED = "It is in force again after its end, or told of again after it was taken back."
    RETRACTED = "It was never so: nothing of it is believed any more."


class FieldChange(Value):
    """What one field said before a change and says after it."""

    name: str
    """The field, as the API names it; `validFrom` and `validTo` tell when it is in force at all,
    several times joined by `; `, `open` for an open end among them."""
    before: str | None
    """The value before; null for none. Lists are joined by `; `."""
    after: str | None
    """The value after; null for none."""
    valid_from: datetime
    """First instant of the stretch in which it changed so."""
    valid_to: datetime | None
    """First instant after the stretch; null if it is open."""


class Change(Value):
    """What one commit did to one thing or link: what, when, who, why, before and after."""

    sequence: int
    """Number of the commit: the revision that it made."""
    entry: int
    """Number of the audit entry that holds it."""
    at: datetime
    """When it was written."""
    recorded_at: datetime
    """Since when it counts as known; earlier than `at` where a load brought history."""
    actor: str
    """Who wrote it."""
    reason: str
    """Why, as the writer said."""
    action: ChangeAction
    """What it did."""
    of: GlobalId
    """Id of what was changed."""
    node: NodeId | None = None
    """The thing or link as it was known then: as of `recordedAt` if that instant is among those
    that changed, else of the first of these; null where it is not in force there."""
    valid_from: datetime
    """First instant of the stretch of validity that changed."""
    valid_to: datetime | None = None
    """First instant after that stretch; null if it is open."""
    fields: tuple[FieldChange, ...]
    """Fields that changed, in order of name."""
    decision: Annotated[GlobalId, Refers("decision")] | None = None
    """The decision behind it: the one linked in the same commit; else one that says it changed
    this, recorded in the same commit or taken last before it; null if none is known."""
    hash: str
    """Hash of its audit entry, hexadecimal."""


class DiffLink(Value):
    """A link that is at one of two points only."""

    id: GlobalId
    """Id of the link."""
    link: str
    """Type of the link, e.g. OWNS."""
    source: GlobalId
    """Id of where it starts."""
    target: GlobalId
    """Id of where it ends."""


class Differing(Value):
    """A thing or link that is at both points and says something else."""

    of: GlobalId
    """Its id."""
    fields: tuple[FieldChange, ...]
    """What it says at the one point, and at the other."""


class Diff(Value):
    """What differs between two points of time."""

    only_from: tuple[NodeId, ...]
    """Things that are at the first point only, as they were there."""
    only_to: tuple[NodeId, ...]
    """Things that are at the second point only, as they are there."""
    links_from: tuple[DiffLink, ...]
    """Links that are at the first point only."""
    links_to: tuple[DiffLink, ...]
    """Links that are at the second point only."""
    changed: tuple[Differing, ...]
    """Things and links that are at both, and differ."""
    completeness: Completeness
    """Whether this is all of the asked depth; a level that is too wide is left out as a whole."""


class Because(Value):
    """Something on record behind a decision."""

    of: GlobalId
    """Its id."""
    node: NodeId
    """The thing itself."""
    period: Period | None = None
    """The period it speaks of."""
    value: float | None = None
    """Its value, in the unit of its KPI."""


class WhyChanged(Value):
    """Why something is as it is."""

    of: GlobalId
    """Id of what was asked about."""
    node: NodeId | None = None
    """The thing itself; null where it is not in force."""
    change: Change | None
    """The last change of the field, or of the thing; null where the field never changed."""
    decision: Annotated[GlobalId, Refers("decision")] | None = None
    """The decision behind it; of a part of a whole, that behind the whole."""
    review: Annotated[GlobalId, Refers("review")] | None = None
    """The review in which it was taken."""
    because: tuple[Because, ...] = ()
    """What the decision rests on and is about, with the observations behind that."""
    explanation: str
    """All of it in words."""
