"""What one side promises the other: service levels."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import Field

from graph.ontology.sources import Dataset
from graph.ontology.strategy import Segment
from graph.ontology.terms import Access, Term
from graph.ontology.vocabulary import (
    Belongs,
    Entity,
    Link,
    Unit,
    UnitText,
)
from graph.ontology.work import OrgUnit, Process


class ServiceMetric(Term):
    """What a service level measures."""

    RESOLUTION = "Time to a solution."
    RESPONSE = "Time to an answer."
    ERROR_RATE = "Share of wrong rows."
    DELAY = "Time until data is there."


class ServiceKind(Term):
    """Between whom a service level is agreed."""

    CUSTOMER = "With customers."
    INTERDEPARTMENT = "Between units."
    DATA = "About data."


class ServiceLevel(Entity):
    """A limit that one side promises the other."""

    access = Access.INTERNAL

    metric: ServiceMetric
    """What is measured."""
    limit: Annotated[float, Unit("see unit")]
    """The limit; an error rate is a share."""
    unit: UnitText | None = None
    """Unit of the limit."""
    service_kind: Annotated[ServiceKind | None, Field(alias="kind")] = None
    """Between whom."""


class GovernedBy(Link):
    """A process is held to a service level."""

    access = Access.INTERNAL
    source = (ServiceLevel,)
    target = (Process,)
    forward = "process"
    backward = "service_levels"
    single = frozenset({"process"})
    columns: ClassVar = {ServiceLevel: "process"}


class LevelOfData(Link):
    """A dataset is held to a service level."""

    access = Access.INTERNAL
    source = (ServiceLevel,)
    target = (Dataset,)
    forward = "dataset"
    backward = "service_levels"
    single = frozenset({"dataset"})
    columns: ClassVar = {ServiceLevel: "dataset"}


class ProvidedBy(Link):
    """A unit promises a service level."""

    access = Access.INTERNAL
    source = (ServiceLevel,)
    target = (OrgUnit,)
    forward = "provider"
    backward = "provides"
    single = frozenset({"provider"})
    columns: ClassVar = {ServiceLevel: "provider"}


class ConsumedBy(Link):
    """A service level is promised to a unit."""

    access = Access.INTERNAL
    source = (ServiceLevel,)
    target = (OrgUnit,)
    forward = "consumer"
    backward = "consumes"
    single = frozenset({"consumer"})
    columns: ClassVar = {ServiceLevel: "consumer"}


class TierOf(Link):
    """A service level is for a segment."""

    access = Access.INTERNAL
    belongs: ClassVar = {ServiceLevel: Belongs.ANY}
    source = (ServiceLevel,)
    target = (Segment,)
    forward = "tier"
    backward = "service_levels"
    single = frozenset({"tier"})
    columns: ClassVar = {ServiceLevel: "tier"}
