"""Why it is as it is: reviews, decisions, and what they rest on."""

from __future__ import annotations

from datetime import date
from typing import Annotated, ClassVar

from pydantic import Field

from graph.ontology.measures import Kpi
from graph.ontology.sources import Dataset
from graph.ontology.strategy import CustomerGroup
from graph.ontology.terms import Access, Term
from graph.ontology.vocabulary import Backed, Entity, Exists, GlobalId, Link, Period
from graph.ontology.work import Role


class ReviewKind(Term):
    """How deep a review goes."""

    EXECUTIVE = "Monthly, the executive team."
    DEEP_DIVE = "Quarterly, in depth."


class Trend(Term):
    """Where the figures were heading at a review."""

    UP = "Rising."
    STEADY = "Within limits."
    DOWN = "Falling."


class Review(Entity):
    """A meeting that looks at the scorecard."""

    access = Access.INTERNAL
    begins = "held_on"

    review_kind: Annotated[ReviewKind | None, Field(alias="kind")] = None
    """Monthly or quarterly."""
    period: Period | None = None
    """The period it looked at."""
    held_on: date | None = None
    """Day."""
    trend: Trend | None = None
    """Where the figures were heading."""
    variance_note: str | None = None
    """Note on what differed from the targets."""


class DecisionKind(Term):
    """What a decision is about."""

    RETARGET = "New targets."
    REWEIGHT = "New weights."
    RETIRE = "Something ends."
    EXCLUDE = "Something stays off the scorecard."
    MERGE = "Two become one."
    SUNSET = "A group is given up."
    TURNAROUND = "A group is invested in."
    ADMIT_KPI = "A KPI is taken in."
    REFUSE_KPI = "A KPI is turned down."
    ACCEPT_TRADE_OFF = "A loss for some is accepted."
    MITIGATE = "A loss is to be softened."
    REALLOCATE = "Means are moved."
    LOWER_ACCESS = "More people may see something."
    CHANGE_FORMULA = "A KPI is computed otherwise."
    CHANGE_LINK = "A causal link is believed otherwise."


class Decision(Entity):
    """Something was decided, with its reason and what it changed."""

    access = Access.INTERNAL
    begins = "decided_on"
    searched = ("name", "key", "text", "reason")

    decision_kind: Annotated[DecisionKind | None, Field(alias="kind")] = None
    """What it is about."""
    decided_on: date | None = None
    """Day of the review that took it."""
    about: tuple[Annotated[GlobalId, Exists()], ...] = ()
    """What it was about."""
    changed: tuple[Annotated[GlobalId, Exists()], ...] = ()
    """What it changed."""
    text: str | None = None
    """Wording."""
    reason: str | None = None
    """Why."""
    evidence: str | None = None
    """What it rests on: words or global ids joined by `;`."""


class DecidedIn(Link):
    """A decision was taken in a review."""

    access = Access.INTERNAL
    source = (Decision,)
    target = (Review,)
    forward = "review"
    backward = "decisions"
    single = frozenset({"review"})
    columns: ClassVar = {Decision: "review"}


class TakenBy(Link):
    """A role took a decision."""

    access = Access.INTERNAL
    source = (Decision,)
    target = (Role,)
    forward = "decided_by"
    backward = "decisions"
    single = frozenset({"decided_by"})
    columns: ClassVar = {Decision: "decided_by"}


class ChairedBy(Link):
    """A role chaired a review."""

    access = Access.INTERNAL
    source = (Review,)
    target = (Role,)
    forward = "chair"
    backward = "chaired"
    single = frozenset({"chair"})
    columns: ClassVar = {Review: "chair"}


class Reviewed(Link):
    """A review looked at a group in particular."""

    access = Access.INTERNAL
    source = (Review,)
    target = (CustomerGroup,)
    forward = "focus_groups"
    backward = "reviews"
    columns: ClassVar = {Review: "focus_groups"}


class BackedBy(Link):
    """A decision stands behind something being as it is."""

    access = Access.INTERNAL
    source = (Backed,)
    target = (Decision,)
    forward = "decision"
    backward = "grounds"
    single = frozenset({"decision"})
    columns: ClassVar = {Backed: "decision"}


class LoweredBy(Link):
    """A decision lowered the access class of a dataset's aggregates."""

    access = Access.INTERNAL
    source = (Dataset,)
    target = (Decision,)
    forward = "lowered_by"
    backward = "lowered"
    single = frozenset({"lowered_by"})
    columns: ClassVar = {Dataset: "lowered_by"}


class RequestedBy(Link):
    """A role asked for a KPI."""

    access = Access.INTERNAL
    source = (Kpi,)
    target = (Role,)
    forward = "requested_by"
    backward = "requested"
    single = frozenset({"requested_by"})
    columns: ClassVar = {Kpi: "requested_by"}


class SucceededBy(Link):
    """Something took the place of something that ended."""

    access = Access.INTERNAL
    source = (Entity,)
    target = (Entity,)
    forward = "successor"
    backward = "predecessors"
    single = frozenset({"successor"})
    columns: ClassVar = {Entity: "successor"}
