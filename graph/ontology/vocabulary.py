"""The words in which kinds, links, answers and questions are declared.

From these declarations alone come the database's constraints, the loader's tables and row checks,
the GraphQL types, the data dictionary and the access classes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, ClassVar, Literal, TypeVar, get_args

from pydantic import BaseModel, ConfigDict, Field, StringConstraints
from pydantic.alias_generators import to_camel
from pydantic.fields import FieldInfo

from graph.ontology.terms import Access, Layer, Status

M = TypeVar("M")


class Unit(str):
    """Unit of a number, written as the tables write it: `h`, `%`, `EUR/month`, `share` (0..1)."""

    __slots__ = ()


class Seen:
    """Marks a field with an access class of its own."""

    def __init__(self, access: Access) -> None:
        self.access = access


class First:
    """Marks a list of which `first` many are told; the number when nobody says how many."""

    def __init__(self, count: int) -> None:
        self.count = count


class Declared(BaseModel):
    """Immutable, closed, documented: what every declaration has in common."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        use_attribute_docstrings=True,
        allow_inf_nan=False,
        str_strip_whitespace=True,
    )


class IdMark:
    """Marks a string as a global id."""


GlobalId = Annotated[
    str,
    StringConstraints(pattern=r"^[a-z][a-z0-9_]*:[^\s\x00-\x1f][^\x00-\x1f]*$", max_length=500),
    IdMark(),
]
"""`kind:key`, e.g. `kpi:churn`."""

Key = Annotated[
    str,
    StringConstraints(pattern=r"^[^\s\x00-\x1f;:][^\x00-\x1f;]*$", max_length=300),
]
"""A business key: stable, unique in its kind, no control characters and no semicolon."""

Share = Annotated[float, Field(ge=0, le=1), Unit("share")]

PERIOD = r"^\d{4}(-(Q[1-4]|W(0[1-9]|[1-4]\d|5[0-3])|(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?))?$"


class PeriodMark:
    """Marks a string as a period."""


class UnitMark:
    """Marks a string as a unit."""


class Refers:
    """Marks a reference to something of these kinds: a key if there is one, else a global id."""

    def __init__(self, *words: str) -> None:
        self.words = words

    def id_of(self, text: str) -> str:
        """Global id of what the text refers to."""
        return f"{self.words[0]}:{text}" if len(self.words) == 1 else text


Period = Annotated[str, StringConstraints(pattern=PERIOD), PeriodMark()]
"""`2025`, `2025-Q3`, `2025-07`, `2025-W27` or `2025-07-14` (ISO 8601)."""

UnitText = Annotated[
    str,
    StringConstraints(pattern=r"^(%|count|points|h|d|[A-Z]{3})(/(month|year|customer))?$"),
    UnitMark(),
]
"""`%`, `count`, `points`, `h`, `d` or an ISO 4217 currency, also a month, year or customer."""


def snake(name: str) -> str:
    """`KpiVersion` -> `kpi_version`."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()


def plural(word: str) -> str:
    """`kpi` -> `kpis`, `process` -> `processes`, `policy` -> `policies`, `series` -> `series`."""
    if word.endswith("series"):
        return word
    if re.search("[^aeiou]y$", word):
        return word[:-1] + "ies"
    return word + ("es" if word.endswith("s") else "s")


class Kind(Declared):
    """Something with an identity of its own; its properties change over two times."""

    label: ClassVar[str]
    word: ClassVar[str]
    """First part of its global ids."""
    table: ClassVar[str]
    layer: ClassVar[Layer | None] = None
    access: ClassVar[Access] = Access.INTERNAL
    begins: ClassVar[str | None] = None
    """The field whose date or period begins validity where a table has no `valid_from`."""
    searched: ClassVar[tuple[str, ...]] = ()
    """Fields that full-text search reads."""
    largest_page: ClassVar[int] = 200

    key: Key
    """Business key: unique in its kind and stable."""

    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: Any) -> None:
        cls.label = cls.__dict__.get("label", cls.__name__)
        cls.word = cls.__dict__.get("word", snake(cls.__name__))
        cls.table = cls.__dict__.get("table", plural(cls.word))

    @classmethod
    def id_of(cls, key: str) -> str:
        """Global id of the thing with that key."""
        return f"{cls.word}:{key}"


class Entity(Kind):
    """A thing with a name, in force for a time, with a root field of its own."""

    searched: ClassVar[tuple[str, ...]] = ("name", "key")

    name: Annotated[str, StringConstraints(min_length=1, max_length=500)]
    """Name for people."""
    status: Status = Status.ACTIVE
    """Where it stands in its life."""


class Reasoned(Entity):
    """An entity that is archived, merged, excluded or refused with words on why."""

    searched: ClassVar[tuple[str, ...]] = ("name", "key", "rationale")

    rationale: str | None = None
    """Why it was retired, merged, excluded or refused."""
    evidence: str | None = None
    """What the rationale rests on: words or global ids joined by `;`."""


class Record(Kind):
    """A fact about an entity, reached through it."""


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
    backward: ClassVar[str | Mapping[AnyKind, str]]
    """Field of the target that leads to its sources; one name a kind where sources differ."""
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
    access: ClassVar[Access] = Access.INTERNAL

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


def camel(name: str) -> str:
    """`delay_hours` -> `delayHours`; a word that Python keeps for itself loses its `_`."""
    return to_camel(name.rstrip("_"))


class Value(Declared):
    """An answer that was computed; GraphQL shows its fields."""

    model_config = ConfigDict(alias_generator=camel, populate_by_name=True)


class Input(Declared):
    """A part of a question."""

    model_config = ConfigDict(alias_generator=camel, populate_by_name=True)


def marks(info: FieldInfo) -> Iterator[object]:
    """Everything said about a field beside its type, also inside `X | None` and tuples."""
    yield from info.metadata
    yield from _inner(info.annotation)


def _inner(annotation: object) -> Iterator[object]:
    for part in get_args(annotation):
        yield from getattr(part, "__metadata__", ())
        yield from _inner(part)


def declared_in(annotation: object) -> type[Declared] | None:
    """The declaration that an annotation holds, inside of lists and options."""
    if isinstance(annotation, type) and issubclass(annotation, Declared):
        return annotation
    return next((found for part in get_args(annotation) if (found := declared_in(part))), None)


def mark(info: FieldInfo, sort: type[M]) -> M | None:
    """The first mark of that sort on a field, if any."""
    return next((m for m in marks(info) if isinstance(m, sort)), None)
