"""Where numbers come from: source systems, datasets, fields, jobs (OpenLineage, W3C PROV)."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import Field

from graph.ontology.measures import Frequency, KpiVersion
from graph.ontology.terms import Access, Layer, Term
from graph.ontology.vocabulary import Belongs, Entity, Key, Link, Owned, Refers, Share, Unit

Hours = Annotated[float, Field(ge=0), Unit("h")]


class SystemKind(Term):
    """What a source system is for."""

    CRM = "Customer relations."
    BILLING = "Accounts and billing."
    SUPPORT = "Service desk."
    PRODUCT = "Use of the product."
    SURVEY = "Surveys."
    HR = "Staff."
    EXTERNAL = "Outside the organization."
    WAREHOUSE = "Data warehouse."


class SourceSystem(Owned, Entity):
    """A system that records what happened."""

    access = Access.INTERNAL
    layer = Layer.SOURCE

    system_kind: Annotated[SystemKind | None, Field(alias="kind")] = None
    """What it is for."""
    access_class: Access | None = None
    """Who may see its data."""
    max_error_rate: Share | None = None
    """Largest error rate allowed."""
    max_delay_hours: Hours | None = None
    """Largest delay allowed."""
    error_rate: Share | None = None
    """Share of wrong rows."""
    delay_hours: Hours | None = None
    """Hours from the event to here."""


class DatasetLayer(Term):
    """How far a dataset is from its sources."""

    RAW = "As delivered."
    STAGING = "Cleaned."
    MART = "Ready for reports."


class Dataset(Entity):
    """A table or file (OpenLineage Dataset)."""

    access = Access.INTERNAL
    layer = Layer.DATASET

    namespace: str
    """Namespace; unique together with the name."""
    dataset_layer: Annotated[DatasetLayer | None, Field(alias="layer")] = None
    """Raw, staging or mart."""
    access_class: Access | None = None
    """Who may see it."""
    max_error_rate: Share | None = None
    """Largest error rate allowed."""
    max_delay_hours: Hours | None = None
    """Largest delay allowed."""
    error_rate: Share | None = None
    """Share of wrong rows."""
    delay_hours: Hours | None = None
    """Hours from the event to here, largest over the origins."""


class DataType(Term):
    """Type of a field in its source."""

    STRING = "Text."
    INTEGER = "Whole number."
    DECIMAL = "Number with decimals."
    BOOLEAN = "True or false."
    DATE = "Day."
    DATETIME = "Instant."


class Field_(Entity):
    """A column of a dataset (ISO/IEC 11179 data element)."""

    access = Access.INTERNAL
    label = "Field"
    word = "field"

    layer = Layer.FIELD

    data_type: Annotated[DataType | None, Field(alias="type")] = None
    """Type in the source."""
    delay_hours: Hours | None = None
    """Hours from the event to here, largest over the origins."""
    error_rate: Share | None = None
    """Share of wrong rows."""
    access_class: Access | None = None
    """Who may see it."""


class Job(Owned, Entity):
    """A program that makes data from data (OpenLineage Job)."""

    access = Access.INTERNAL

    schedule: Frequency | None = None
    """How often it runs."""


class Holds(Link):
    """A source system holds a dataset."""

    access = Access.INTERNAL
    belongs: ClassVar = {Dataset: Belongs.ANY}
    source = (SourceSystem,)
    target = (Dataset,)
    forward = "datasets"
    backward = "source_system"
    single = frozenset({"source_system"})
    columns: ClassVar = {Dataset: "source_system"}
    flow = "forward"


class HasField(Link):
    """A dataset has a field."""

    access = Access.INTERNAL
    belongs: ClassVar = {Field_: Belongs.ANY}
    source = (Dataset,)
    target = (Field_,)
    forward = "fields"
    backward = "dataset"
    single = frozenset({"dataset"})
    columns: ClassVar = {Field_: "dataset"}
    flow = "forward"


class DerivedFrom(Link):
    """A field or KPI version is made from another; points to the origin (PROV wasDerivedFrom)."""

    access = Access.INTERNAL
    type = "FEEDS"
    source = (Field_, KpiVersion)
    target = (Field_, KpiVersion)
    forward = "derived_from"
    backward = "feeds"
    flow = "backward"
    acyclic = True

    transformation: str | None = None
    """How one becomes the other."""
    job: Annotated[Key, Refers("job")] | None = None
    """The job that does it."""
    delay_hours: Hours | None = None
    """Hours that the step adds."""
    error_rate: Share | None = None
    """Error rate that the step adds."""
    access_class: Access | None = None
    """Who may see the result."""
