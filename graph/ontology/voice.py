"""What customers say and where it hurts: pain points and the voice of the customer."""

from __future__ import annotations

from datetime import date
from typing import Annotated, ClassVar

from pydantic import Field

from graph.ontology.strategy import Persona, Theme
from graph.ontology.terms import Access, Term
from graph.ontology.vocabulary import Belongs, Entity, Link, Record, Share


class PainPoint(Entity):
    """Something that hurts customers."""

    access = Access.INTERNAL

    severity: Share | None = None
    """How much it hurts, 0..1."""


class Channel(Term):
    """Where something was said."""

    DESK = "To the service desk."
    APP_STORE = "In a review of the app."
    SURVEY = "In a survey."
    BRANCH = "In a branch."


class VoiceItem(Record):
    """Something a customer said."""

    access = Access.CONFIDENTIAL
    many = True
    begins = "observed_on"
    searched = ("text",)

    text: str
    """Wording."""
    channel: Channel | None = None
    """Where it was said."""
    sentiment: Annotated[float, Field(ge=-1, le=1)] | None = None
    """From -1, against us, to 1, for us."""
    observed_on: date
    """Day on which it was said."""


class HasPain(Link):
    """A persona feels a pain."""

    access = Access.INTERNAL
    source = (Persona,)
    target = (PainPoint,)
    forward = "pains"
    backward = "personas"

    weight: Share | None = None
    """How much it hurts this persona, 0..1."""


class PainInTheme(Link):
    """A theme of the plan answers a pain."""

    access = Access.INTERNAL
    source = (PainPoint,)
    target = (Theme,)
    forward = "theme"
    backward = "pains"
    single = frozenset({"theme"})
    columns: ClassVar = {PainPoint: "theme"}


class SaidBy(Link):
    """A customer of a persona said something."""

    access = Access.CONFIDENTIAL
    belongs: ClassVar = {VoiceItem: Belongs.ANY}
    source = (VoiceItem,)
    target = (Persona,)
    forward = "persona"
    backward = "voices"
    single = frozenset({"persona"})
    columns: ClassVar = {VoiceItem: "persona"}


class SpeaksOf(Link):
    """What was said speaks of a pain."""

    access = Access.CONFIDENTIAL
    source = (VoiceItem,)
    target = (PainPoint,)
    forward = "pain_point"
    backward = "voices"
    single = frozenset({"pain_point"})
    columns: ClassVar = {VoiceItem: "pain_point"}
