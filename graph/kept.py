"""What is kept to be used again, within a bound of weight."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable
from typing import Generic, TypeVar

V = TypeVar("V")


class Kept(Generic[V]):
    """Values by key, each with its weight; what was not asked for the longest time goes first."""

    def __init__(self, most: int, largest: int | None = None) -> None:
        """`most` bounds the weight of all together, `largest` that of one; as much, if left out."""
        self._most = most
        self._largest = most if largest is None else largest
        self._values: OrderedDict[Hashable, tuple[V, int]] = OrderedDict()
        self.held = 0
        """Weight of all that is kept."""

    def __len__(self) -> int:
        return len(self._values)

    def find(self, key: Hashable) -> V | None:
        """The value of a key, if it is kept."""
        found = self._values.get(key)
        if found is None:
            return None
        self._values.move_to_end(key)
        return found[0]

    def keep(self, key: Hashable, value: V, weight: int = 1) -> None:
        """Keep a value in place of an older one, unless it weighs too much."""
        self.drop(key)
        if weight > self._largest:
            return
        self._values[key] = value, weight
        self.held += weight
        while self.held > self._most:
            self.held -= self._values.popitem(last=False)[1][1]

    def drop(self, key: Hashable) -> None:
        """Let go of the value of a key, if it is kept."""
        self.held -= self._values.pop(key, (None, 0))[1]

    def clear(self) -> None:
        """Let go of everything."""
        self._values.clear()
        self.held = 0
