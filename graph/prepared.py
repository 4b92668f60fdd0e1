"""Changes in the order in which they are written, to be gone through more than once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Protocol, runtime_checkable

from graph.changes import Change
from graph.claiming import declared
from graph.ontology import Ontology
from graph.ontology.vocabulary import Link


@runtime_checkable
class Prepared(Protocol):
    """Changes, things before links, older record times first: the same ones every time.

    They need not be in memory, and may be read in another thread.
    """

    @property
    def recorded(self) -> Sequence[datetime]:
        """The record times of the past that they name."""

    @property
    def repeated(self) -> bool:
        """Whether some id stands more than once."""

    def __len__(self) -> int: ...

    def __iter__(self) -> Iterator[Change]: ...


@dataclass(frozen=True, slots=True)
class Listed:
    """Changes that are in memory."""

    changes: Sequence[Change]

    @classmethod
    def of(cls, ontology: Ontology, changes: Iterable[Change]) -> Listed:
        """Changes put in order. Raises Refused for one that makes no sense."""
        found = list(changes)
        for change in found:
            change.check()

        def order(change: Change) -> tuple[bool, bool, float]:
            when = change.recorded
            linked = issubclass(declared(ontology, change), Link)
            return linked, when is None, when.timestamp() if when else 0.0

        return cls(sorted(found, key=order))

    @property
    def recorded(self) -> Sequence[datetime]:
        """The record times of the past that they name."""
        return sorted({change.recorded for change in self.changes if change.recorded})

    @property
    def repeated(self) -> bool:
        """Whether some id stands more than once."""
        return len({change.id for change in self.changes}) < len(self.changes)

    def __len__(self) -> int:
        return len(self.changes)

    def __iter__(self) -> Iterator[Change]:
        return iter(self.changes)


def portions(changes: Iterable[Change], size: int) -> Callable[[], list[Change]]:
    """What gives the next of them at each call: at most so many, no id twice; none at the end."""
    left, over = iter(changes), list[Change]()

    def following() -> list[Change]:
        part = {change.id: change for change in over}
        over.clear()
        for change in islice(left, size - len(part)):
            if change.id in part:
                over.append(change)
                break
            part[change.id] = change
        return list(part.values())

    return following
