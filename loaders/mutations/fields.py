"""What an input says of a kind or link, read off the declaration as a table's columns are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, TypeAlias

from pydantic.fields import FieldInfo

from graph.ontology import Ontology
from graph.ontology.vocabulary import Kind, Link, camel
from loaders.columns import Columns

Said: TypeAlias = dict[str, dict[str, Any]]
"""One member: the word of a kind or link, and its fields by their names in camelCase."""
ENDS = ("source", "target")


class Picks:
    """Marks a field of an input: what one kind (`things`), one link (`links`), either of them
    (`both`) or the kind of that word says."""

    def __init__(self, what: str) -> None:
        self.what = what


@dataclass(frozen=True, slots=True)
class Part:
    """A field of such an input: one of the declaration, or a link that the kind's table carries."""

    name: str
    column: str
    info: FieldInfo | None = None
    link: type[Link] | None = None
    several: bool = False
    """Whether it names several things."""


@lru_cache(maxsize=512)
def parts(ontology: Ontology, declared: type[Kind] | type[Link]) -> Mapping[str, Part]:
    """Fields of the input for a kind or link, by name. Raises ValueError where two clash."""
    found: dict[str, Part] = {}
    for part in _parts(Columns(ontology, declared)):
        if part.name in found or (part.name in ENDS and issubclass(declared, Link)):
            raise ValueError(f"{declared.__name__}: two columns are called {part.name} in inputs")
        found[part.name] = part
    return found


def _parts(columns: Columns) -> Iterator[Part]:
    for name, column in columns.fields.items():
        info = columns.declared.model_fields[column.field]
        yield Part(camel(column.field), name, info, several=column.several)
    for name, (link, forward) in columns.links.items():
        yield Part(camel(name), name, link=link, several=not _single(columns, link, forward))


def _single(columns: Columns, link: type[Link], forward: bool) -> bool:
    if not issubclass(columns.declared, Kind):
        return False
    ends = columns.ontology.ends(columns.declared).values()
    return any(end.single for end in ends if end.link is link and end.forward == forward)


def bare(link: type[Link]) -> bool:
    """Whether a link says nothing but its ends."""
    return not link.model_fields
