"""Statements compiled once: who asks the same again, of the same things, gets the same text.

Values that differ from question to question stand in the text as named parameters, so that a
thing is looked up by the same statement whatever its key.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Generic, TypeVar

from graph.compile import Compiler
from graph.fragments import Fragments
from graph.kept import Kept
from graph.ontology import Ontology
from graph.selection import Select

T = TypeVar("T")
MOST = 600_000
"""Characters of statements that are kept; each takes thirty bytes with its builder."""
BELOW = 300
"""Selections of which is kept what they say."""

Make = Callable[..., tuple[str, T]]
"""Compiles: takes the compiler, what it is given and the selection; answers text and builder."""


@dataclass(frozen=True, slots=True)
class Prepared(Generic[T]):
    """A statement, the values bound in it, and what makes its answer of the row."""

    text: str
    parameters: Mapping[str, Any]
    answer: T
    select: Select
    """The selection that it was compiled for: equal to the asked one."""


class _Asked:
    """A selection that equals every other that asks the same."""

    __slots__ = ("_told", "select")

    def __init__(self, select: Select) -> None:
        self.select = select
        self._told = *_head(select), _below(select.fields)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Asked) and self._told == other._told

    def __hash__(self) -> int:
        return hash(self._told)


def prepared(
    ontology: Ontology,
    fragments: Fragments,
    make: Make[T],
    given: tuple[Hashable, ...],
    select: Select,
) -> Prepared[T]:
    """What `make` compiles of a selection for one viewer and way of naming the time.

    `given` is a tuple of what `make` takes before the selection.
    """
    key = ontology, fragments, make, given, _Asked(select)
    found: Prepared[T] | None = STATEMENTS.find(key)
    if found is None:
        compiler = Compiler(ontology, fragments)
        text, answer = make(compiler, *given, select)
        found = Prepared(text, compiler.parameters, answer, select)
        STATEMENTS.keep(key, found, len(text))
    return found


STATEMENTS: Kept[Prepared[Any]] = Kept(MOST, MOST // 4)
"""Those of this process."""


def _told(select: Select) -> Hashable:
    return *_head(select), tuple(map(_told, select.fields))


def _head(select: Select) -> tuple[Hashable, ...]:
    said = repr(select.arguments) if select.arguments else ""
    return select.alias, select.name, said, select.on


@lru_cache(maxsize=BELOW)
def _below(selects: tuple[Select, ...]) -> Hashable:
    """What fields say, kept for plans, which ask with the very same ones again."""
    return tuple(map(_told, selects))
