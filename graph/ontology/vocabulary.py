"""The words in which kinds, links, answers and questions are declared.

From these declarations alone come the database's constraints, the loader's tables and row checks,
the GraphQL types, the data dictionary and the access classes.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import Enum
from typing import Annotated, Any, ClassVar, Literal, get_args, get_origin

from pydantic import BaseModel, ConfigDict, StringConstraints
from pydantic.alias_generators import to_camel
from pydantic.fields import FieldInfo

from graph.ontology.marks import Counted as Counted
from graph.ontology.marks import Exists as Exists
from graph.ontology.marks import First as First
from graph.ontology.marks import GlobalId as GlobalId
from graph.ontology.marks import IdMark as IdMark
from graph.ontology.marks import Key as Key
from graph.ontology.marks import Period as Period
from graph.ontology.marks import PeriodMark as PeriodMark
from graph.ontology.marks import Personal as Personal
from graph.ontology.marks import Refers as Refers
from graph.ontology.marks import Seen as Seen
from graph.ontology.marks import Share as Share
from graph.ontology.marks import Unit as Unit
from graph.ontology.marks import UnitMark as UnitMark
from graph.ontology.marks import UnitText as UnitText
from graph.ontology.marks import Whole as Whole
from graph.ontology.marks import mark as mark
from graph.ontology.marks import marks as marks
from graph.ontology.terms import Access, Layer, Status


class Declared(BaseModel):
    """Immutable, closed, documented: what every declaration has in common."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        use_attribute_docstrings=True,
        allow_inf_nan=False,
        str_strip_whitespace=True,
    )


def snake(name: str) -> str:
    """`KpiVersion` -> `kpi_version`."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()


def plural(word: str) -> str:
    """`kpi` -> `kpis`, `breach` -> `breaches`, `policy` -> `policies`, `series` -> `series`."""
    if word.endswith("series"):
        return word
    if re.search("[^aeiou]y$", word):
        return word[:-1] + "ies"
    return word + ("es" if word.endswith(("s", "x", "ch", "sh")) else "s")


@dataclass(frozen=True, slots=True)
class Path:
    """A short way from a thing to what it has to do with, for filters and facets: links in a row.

    `link` says what the last link must say, by field.
    """

    ends: tuple[str, ...]
    told: str
    link: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


class Belongs(Enum):
    """When something is hidden with what it belongs to."""

    ANY = "As soon as one thing to which it ever belonged by this link is hidden."
    ALL = "When everything to which it ever belonged by this link is hidden."


class Kind(Declared):
    """Something with an identity of its own; its properties change over two times."""

    label: ClassVar[str]
    word: ClassVar[str]
    """First part of its global ids."""
    table: ClassVar[str]
    layer: ClassVar[Layer | None] = None
    access: ClassVar[Access]
    """Access class of its fields that are not marked `Seen`; each kind states its own."""
    many: ClassVar[bool] = False
    """Whether there are so many of it that hidden ones are told by what they belong to."""
    begins: ClassVar[str | None] = None
    """The field whose date or period begins validity where a table has no `valid_from`."""
    searched: ClassVar[tuple[str, ...]] = ()
    """Fields that full-text search reads."""
    largest_page: ClassVar[int] = 200
    alone: ClassVar[tuple[str, ...]] = ()
    """Fields and ends: of things that agree in these, at most one is in force at a time."""
    paths: ClassVar[Mapping[str, Path]] = {}
    """Short ways, by name; those of the kinds above are had too."""
    abstract: ClassVar[bool] = True
    """Whether it only stands for the kinds below it, as an end of links."""

    key: Key
    """Business key: unique in its kind and stable."""

    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: Any) -> None:
        cls.label = cls.__dict__.get("label", cls.__name__)
        cls.word = cls.__dict__.get("word", snake(cls.__name__))
        cls.table = cls.__dict__.get("table", plural(cls.word))
        cls.abstract = cls.__dict__.get("abstract", False)

    @classmethod
    def id_of(cls, key: str) -> str:
        """Global id of the thing with that key."""
        return f"{cls.word}:{key}"


class Backed(Kind):
    """Something that a decision stands behind."""

    abstract = True


class Entity(Backed):
    """A thing with a name, in force for a time, with a root field of its own.

    It is archived, merged, excluded or refused with words on why.
    """

    abstract = True
    searched: ClassVar[tuple[str, ...]] = ("name", "key", "rationale")

    name: Annotated[str, StringConstraints(min_length=1, max_length=500)]
    """Name for people."""
    status: Status = Status.ACTIVE
    """Where it stands in its life."""
    rationale: str | None = None
    """Why it was retired, merged, excluded or refused."""
    evidence: str | None = None
    """What the rationale rests on: words or global ids joined by `;`."""
    review_at: date | None = None
    """Day on which what is excluded or refused is to be looked at again."""


class Grouped(Kind):
    """Something that is for certain segments or personas; for none in particular, for all."""

    abstract = True
    paths: ClassVar = {"group": Path(("groups",), "The segment or persona it is for.")}


class Scoped(Grouped):
    """The same, where the table says so in a column."""

    abstract = True


class Owned(Kind):
    """Something that a role may answer for."""

    abstract = True
    paths: ClassVar = {
        "owner": Path(
            ("owners",),
            "The role that answers for it, alone or with others.",
            {"accountability": ("SOLE", "JOINT")},
        ),
        "sponsor": Path(
            ("owners",), "The role that speaks for it.", {"accountability": ("SPONSOR",)}
        ),
    }


class Record(Kind):
    """A fact about an entity, reached through it."""

    abstract = True


AnyKind = type[Kind]
Kinds = tuple[AnyKind, ...]
Flow = Literal["forward", "backward"]


class Link(Declared):
    """A relation of two things that holds for a time; a Neo4j relationship.

    Where data flows from the target to the source, the relationship is stored the other way round,
    under a `type` that reads so: stored flows all point with the data, and lineage is one walk.
    """

    type: ClassVar[str]
    """Type of the stored relationship."""
    word: ClassVar[str]
    table: ClassVar[str]
    source: ClassVar[Kinds]
    target: ClassVar[Kinds]
    forward: ClassVar[str]
    """Field of the source that leads to its targets."""
    backward: ClassVar[str | Mapping[AnyKind, str]] = {}
    """Field of the target that leads to its sources, or one a kind, named after its table if not
    named here."""
    single: ClassVar[frozenset[str]] = frozenset()
    """Those of its fields that lead to at most one thing."""
    columns: ClassVar[Mapping[AnyKind, str]] = {}
    """Tables of kinds that carry this link as a column, with the column's name."""
    identity: ClassVar[tuple[str, ...]] = ("source", "target")
    """What tells two links of this type apart, where they have no key of their own."""
    flow: ClassVar[Flow | None] = None
    """Which way data flows: forward = the source feeds the target; None = not part of lineage."""
    causal: ClassVar[bool] = False
    """Whether a change of the source moves the target."""
    ends: ClassVar[str | None] = None
    """The field whose period ends validity where a table has no `valid_to`."""
    acyclic: ClassVar[bool] = False
    access: ClassVar[Access]
    """Access class of the link and of its fields that are not marked `Seen`."""
    belongs: ClassVar[Mapping[AnyKind, Belongs]] = {}
    """Kinds at one of its ends that are hidden with what is at the other."""

    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: Any) -> None:
        cls.word = snake(cls.__name__)
        cls.type = cls.__dict__.get("type", cls.word.upper())
        if cls.reversed() and cls.type == cls.word.upper():
            raise ValueError(
                f"{cls.__name__} flows backward; give `type` a name that reads that way"
            )
        cls.table = cls.__dict__.get("table", cls.word)

    @classmethod
    def reversed(cls) -> bool:
        """Whether the stored relationship points from target to source."""
        return cls.flow == "backward"

    @classmethod
    def keyed(cls) -> bool:
        """Whether the table of this link has a `key` column of its own."""
        return "key" in cls.model_fields

    @classmethod
    def repeats(cls) -> bool:
        """Whether several may hold between the same two things at one time."""
        return cls.keyed() or cls.identity != ("source", "target")


def nullable(info: FieldInfo) -> bool:
    """Whether a field may be without a value: null, or a list without items."""
    annotation = info.annotation
    return get_origin(annotation) is tuple or type(None) in get_args(annotation)


def is_text(info: FieldInfo) -> bool:
    """Whether a field holds words, in which ids may stand."""
    kinds = {info.annotation, *get_args(info.annotation)}
    return str in kinds and mark(info, Refers) is None


def camel(name: str) -> str:
    """`delay_hours` -> `delayHours`; a word that Python keeps for itself loses its `_`."""
    return to_camel(name.rstrip("_"))


class Value(Declared):
    """An answer that was computed; GraphQL shows its fields."""

    model_config = ConfigDict(alias_generator=camel, populate_by_name=True)


class Input(Declared):
    """A part of a question."""

    model_config = ConfigDict(alias_generator=camel, populate_by_name=True)


def declared_in(annotation: object) -> type[Declared] | None:
    """The declaration that an annotation holds, inside of lists and options."""
    if isinstance(annotation, type) and issubclass(annotation, Declared):
        return annotation
    return next((found for part in get_args(annotation) if (found := declared_in(part))), None)
