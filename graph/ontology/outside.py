"""What comes from outside: influencers, what they shift, and what peers reach (OMG BMM)."""

from __future__ import annotations

from datetime import date
from typing import Annotated, ClassVar

from pydantic import Field

from graph.ontology.measures import Kpi
from graph.ontology.steering import Target
from graph.ontology.terms import Access, Term
from graph.ontology.vocabulary import Belongs, Entity, Link, Period, Record, Scoped, Unit, UnitText
from graph.ontology.work import Sign, Strength


class InfluencerKind(Term):
    """Where an influence comes from."""

    COMPETITOR = "A rival."
    REGULATION = "A law or authority."
    MARKET = "The market."


class Influencer(Entity):
    """Something outside that shifts what is expected (OMG BMM Influencer)."""

    access = Access.INTERNAL
    begins = "observed_on"
    searched = ("name", "key", "text")

    influencer_kind: Annotated[InfluencerKind | None, Field(alias="kind")] = None
    """Where it comes from."""
    text: str | None = None
    """Wording."""
    observed_on: date | None = None
    """Day on which it was seen."""
    strength: Strength | None = None
    """Size in words."""
    source: str | None = None
    """Where it was seen."""


class Benchmark(Scoped, Record):
    """What a peer reaches."""

    access = Access.INTERNAL

    peer: str
    """The peer."""
    value: Annotated[float, Unit("see unit")]
    """Its figure."""
    unit: UnitText
    """Unit of the figure."""
    year: Period | None = None
    """When."""
    source: str | None = None
    """Where it is from."""


class Signals(Link):
    """An influencer shifts what is expected of a KPI."""

    access = Access.INTERNAL
    source = (Influencer,)
    target = (Kpi,)
    forward = "signals"
    backward = "influencers"

    sign: Sign
    """Direction of the shift."""
    reason: str | None = None
    """Why."""


class Adjusts(Link):
    """An influencer moved a target."""

    access = Access.INTERNAL
    source = (Influencer,)
    target = (Target,)
    forward = "adjusts"
    backward = "influencers"

    reason: str | None = None
    """Why it moved the target."""


class BenchmarkOf(Link):
    """A figure of a peer is about a KPI."""

    access = Access.INTERNAL
    belongs: ClassVar = {Benchmark: Belongs.ANY}
    source = (Benchmark,)
    target = (Kpi,)
    forward = "kpi"
    backward = "benchmarks"
    single = frozenset({"kpi"})
    columns: ClassVar = {Benchmark: "kpi"}
