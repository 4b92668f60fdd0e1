"""What rows say: pieces of lives, what they mention, and which links a cell names in full.

These are named tuples, as a load makes millions: they take a third of the time of a dataclass.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from functools import cache, lru_cache
from typing import Any, NamedTuple, cast
from urllib.parse import quote

from pydantic.alias_generators import to_camel

from graph.changes import Piece, Property, State
from graph.ontology.terms import ENDINGS, Status, Term
from graph.ontology.vocabulary import Declared, Entity, Kind, Link
from graph.times import begin_of, utc
from loaders.report import Place

Ends = tuple[str, str]


class Fact(NamedTuple):
    """A piece of the life of a thing or link, as one row tells it."""

    id: str
    piece: Piece
    recorded: datetime | None
    place: Place
    ends: Ends | None = None
    forward: bool | None = None
    """Of a link that a column of a thing's table carries: whether the thing is its source."""
    retracted: bool = False
    """Whether the row takes it back: it was never so."""

    @property
    def carried(self) -> bool:
        """Whether it is a link that a column of a thing's table carries."""
        return self.forward is not None


class Mention(NamedTuple):
    """An id that something must have."""

    id: str
    place: Place


class Told(NamedTuple):
    """That a cell names all links of one type that a thing has from some time on."""

    link: type[Link]
    forward: bool
    id: str
    since: datetime
    recorded: datetime | None
    links: dict[str, Ends]
    place: Place


def link_id(link: type[Link], ends: Ends, said: Link | None) -> str:
    """Global id of a link: its own key, or what identifies it, each part percent-encoded."""
    if said is not None and link.keyed():
        return f"{link.word}:{_identifying(link, said, 'key')}"
    given = {"source": ends[0], "target": ends[1]}
    parts = (given.get(name) or _identifying(link, said, name) for name in link.identity)
    return f"{link.word}:{'/'.join(map(_quoted, parts))}"


def told_id(declared: type[Kind] | type[Link], cells: Mapping[str, str]) -> str:
    """Global id of what a row is about that is refused, as far as its cells tell it."""
    if issubclass(declared, Kind):
        return declared.id_of(cells.get("key", "").strip())
    if declared.keyed():
        return f"{declared.word}:{cells.get('key', '').strip()}"
    ends = cells.get("source", "").strip(), cells.get("target", "").strip()
    given = dict(zip(("source", "target"), ends, strict=True))
    others = [name for name in declared.identity if name not in given]
    given |= {n: cells.get(n, "").strip() or _identifying(declared, None, n) for n in others}
    return f"{declared.word}:{'/'.join(_quoted(given[name]) for name in declared.identity)}"


@lru_cache(maxsize=65_536)
def _quoted(part: str) -> str:
    return quote(part, safe=":")


@cache
def bare(link: type[Link]) -> State:
    """What a link says that a column carries: nothing but its defaults."""
    return state_of(link.model_validate({}))


def _identifying(link: type[Link], said: Link | None, name: str) -> str:
    value = getattr(said, name) if said is not None else link.model_fields[name].default
    return "" if value is None else value.name if isinstance(value, Term) else str(value)


def state_of(value: Declared, ended: bool = False) -> State:
    """Properties as the graph keeps them: camelCase, words by name, nothing empty.

    Whoever ended as retired or merged was active while in force; the ending is kept beside it.
    """
    state: dict[str, Property] = {}
    for name, told in names(type(value)):
        found = getattr(value, name)
        if found is not None and found != ():
            state[told] = _plain(found)
    if ended and isinstance(value, Entity) and value.status in ENDINGS:
        state |= {"status": Status.ACTIVE.name, "ending": value.status.name}
    return state


def derived(value: Declared, name: str | None) -> datetime | None:
    """The instant that a field says, where a table has no time of its own."""
    found = getattr(value, name) if name else None
    if isinstance(found, str):
        return begin_of(found)
    return utc(found) if isinstance(found, date) else None


@cache
def names(declared: type[Declared]) -> tuple[tuple[str, str], ...]:
    """Fields of a declaration, each with the name of the property that keeps it."""
    return tuple((name, to_camel(name)) for name in declared.model_fields if name != "key")


def _plain(value: Any) -> Property:
    if isinstance(value, Term):
        return value.name
    if isinstance(value, tuple):
        return [str(one) for one in value]
    return cast(Property, value)
