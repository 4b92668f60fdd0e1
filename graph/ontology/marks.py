"""Marks on declared fields, and the kinds of text that tables hold: ids, keys, periods, units."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, TypeVar, get_args

from pydantic import Field, StringConstraints
from pydantic.fields import FieldInfo

from graph.ontology.terms import Access

M = TypeVar("M")


class Unit(str):
    """Unit of a number, written as the tables write it: `h`, `%`, `EUR/month`, `share` (0..1)."""

    __slots__ = ()


class Seen:
    """Marks a field with an access class of its own."""

    def __init__(self, access: Access) -> None:
        self.access = access


class Counted:
    """Marks a number of customers, or a share that tells one: of small groups it is not told."""


class Personal:
    """Marks a text that says which person something is about; it can be erased."""


class First:
    """Marks a list of which `first` many are told; the number when nobody says how many."""

    def __init__(self, count: int) -> None:
        self.count = count


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


class Whole:
    """Marks a share of a whole: over all with the same end `of`, the shares in force make 1."""

    def __init__(self, of: str) -> None:
        self.of = of


class Exists:
    """Marks a global id, told as it is: something or a link with a key of its own must have it."""


class Refers:
    """Marks a reference to something of these kinds or links: a key if there is one, else an id.

    `told` is the field of a link referred to that leads back; `belongs` says that what refers is
    hidden with what it refers to.
    """

    def __init__(self, *words: str, told: str | None = None, belongs: bool = False) -> None:
        self.words = words
        self.told = told
        self.belongs = belongs

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


def marks(info: FieldInfo) -> Iterator[object]:
    """Everything said about a field beside its type, also inside `X | None` and tuples."""
    yield from info.metadata
    yield from _inner(info.annotation)


def _inner(annotation: object) -> Iterator[object]:
    for part in get_args(annotation):
        yield from getattr(part, "__metadata__", ())
        yield from _inner(part)


def mark(info: FieldInfo, sort: type[M]) -> M | None:
    """The first mark of that sort on a field, if any."""
    return next((m for m in marks(info) if isinstance(m, sort)), None)
