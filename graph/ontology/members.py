"""Which customers belong to which group, by pseudonym, and how other systems name groups."""

from __future__ import annotations

from datetime import date
from typing import Annotated, ClassVar

from pydantic import Field

from graph.ontology.sources import SourceSystem
from graph.ontology.strategy import CustomerGroup, Persona
from graph.ontology.terms import Access, Term
from graph.ontology.vocabulary import Belongs, Counted, Link, Personal, Record, Share, Unit
from graph.ontology.work import Role


class IdentifierMapping(Record):
    """The code of a group in a source system."""

    access = Access.CONFIDENTIAL

    code: str
    """Code of the group in that system."""


class MembershipSnapshot(Record):
    """How many members a group had on a day."""

    access = Access.INTERNAL
    begins = "taken_on"

    taken_on: date
    """Day."""
    scheme: str | None = None
    """Scheme of the groups."""
    tagged_members: Annotated[int, Field(ge=0), Unit("count"), Counted()] | None = None
    """Members as the tags stood that day."""
    true_members: Annotated[int, Field(ge=0), Unit("count"), Counted()] | None = None
    """Members as known later."""


class TagMethod(Term):
    """How a tag was set."""

    RULE = "By the rule."
    OVERRIDE = "By a person, against the rule."


class Membership(Record):
    """A customer belongs to a persona for a time."""

    access = Access.RESTRICTED
    many = True
    alone = ("customer_ref",)

    customer_ref: Annotated[str, Personal()]
    """Pseudonym of the customer."""
    method: TagMethod = TagMethod.RULE
    """How the tag was set."""
    score: Share | None = None
    """Certainty of the rule."""
    override_reason: str | None = None
    """Why a person overruled the rule."""


class MappedIn(Link):
    """A code is used in a source system."""

    access = Access.CONFIDENTIAL
    source = (IdentifierMapping,)
    target = (SourceSystem,)
    forward = "source_system"
    backward = "identifier_mappings"
    single = frozenset({"source_system"})
    columns: ClassVar = {IdentifierMapping: "source_system"}


class CodedAs(Link):
    """A code stands for a group."""

    access = Access.CONFIDENTIAL
    belongs: ClassVar = {IdentifierMapping: Belongs.ANY}
    source = (IdentifierMapping,)
    target = (CustomerGroup,)
    forward = "group"
    backward = "identifier_mappings"
    single = frozenset({"group"})
    columns: ClassVar = {IdentifierMapping: "group"}


class SnapshotOf(Link):
    """A snapshot counts a group."""

    access = Access.INTERNAL
    belongs: ClassVar = {MembershipSnapshot: Belongs.ANY}
    source = (MembershipSnapshot,)
    target = (CustomerGroup,)
    forward = "group"
    backward = "snapshots"
    single = frozenset({"group"})
    columns: ClassVar = {MembershipSnapshot: "group"}


class MemberOf(Link):
    """A membership is in a persona."""

    access = Access.RESTRICTED
    belongs: ClassVar = {Membership: Belongs.ANY}
    source = (Membership,)
    target = (Persona,)
    forward = "persona"
    backward = "memberships"
    single = frozenset({"persona"})
    columns: ClassVar = {Membership: "persona"}


class OverriddenBy(Link):
    """A role overruled the rule."""

    access = Access.CONFIDENTIAL
    source = (Membership,)
    target = (Role,)
    forward = "overridden_by"
    backward = "overrides"
    single = frozenset({"overridden_by"})
    columns: ClassVar = {Membership: "overridden_by"}
