"""One thing of every kind with every field filled in, made from the declarations alone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime
from enum import Enum
from typing import Annotated, Any, get_args

from pydantic import TypeAdapter, ValidationError
from pydantic.fields import FieldInfo

from graph.changes import Change, Piece
from graph.ontology import ONTOLOGY
from graph.ontology.terms import ENDINGS
from graph.ontology.vocabulary import Kind
from graph.times import DAWN, FAR
from loaders.facts import state_of

EVERY = tuple(ONTOLOGY.kinds.values())
SCOPED = {"segment": ("affluent", "retail"), "org_unit": ("affluent", "retail")}
"""Keys of things that a role may see by name; of all others there is one with the key `a`."""
CANDIDATES: tuple[Any, ...] = (
    "2025-01",
    "2025-02",
    "%",
    "h",
    "one",
    "two",
    200,
    300,
    2,
    3,
    0.25,
    0.5,
)
CANDIDATES += (date(2025, 1, 2), date(2025, 3, 4), True, False, ("theme:a",), ("theme:b",))


def fillings(info: FieldInfo) -> list[Any]:
    """Two values that a field may have; one of them, or none, where there are no more."""
    fits: TypeAdapter[Any] = TypeAdapter(Annotated[info.annotation, *info.metadata, "told"])
    found: list[Any] = []
    for one in (*_members(info), *CANDIDATES):
        try:
            value = fits.validate_python(one, strict=not isinstance(one, Enum))
        except ValidationError:
            continue
        if value not in found:
            found.append(value)
    return found[:2]


def _members(info: FieldInfo) -> Iterator[Enum]:
    for one in (info.annotation, *get_args(info.annotation)):
        if isinstance(one, type) and issubclass(one, Enum):
            yield from (member for member in one if member not in ENDINGS)


def filled(kind: type[Kind], key: str, place: int) -> dict[str, Any]:
    """A state of a kind with its first or second value in every field."""
    told: dict[str, Any] = {"key": key}
    for name, info in kind.model_fields.items():
        if name != "key" and (values := fillings(info)):
            told[info.alias or name] = values[min(place, len(values) - 1)]
    return dict(state_of(kind.model_construct(**told)))


def keys(kind: type[Kind]) -> list[str]:
    """Keys of the things that there are of a kind; `secret` is of the highest class."""
    return ["a", *SCOPED.get(kind.word, ()), *(["secret"] if _classed(kind) else [])]


def _classed(kind: type[Kind]) -> bool:
    return any(name in kind.model_fields for name in ("access_class", "confidentiality"))


def state(kind: type[Kind], key: str, place: int) -> dict[str, Any]:
    """What a thing of a kind says at first (place 0) or later (1)."""
    found = filled(kind, key, place)
    if key == "secret":
        for name in ("accessClass", "confidentiality"):
            found |= {name: "RESTRICTED"} if name in found else {}
    return found


def every(place: int, until: datetime = FAR, kinds: Iterable[type[Kind]] = EVERY) -> list[Change]:
    """All of them, or all of some kinds, in force from the beginning of time."""
    return [
        Change(kind.id_of(key), DAWN, (Piece(DAWN, until, state(kind, key, place)),))
        for kind in kinds
        for key in keys(kind)
    ]
