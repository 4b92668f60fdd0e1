"""What is kept to be used again, within a bound of weight."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable
from typing import Generic, TypeVar

V = TypeVar("V")


class Kept(Generic[V]):
    """Values by key, each with its weight; what was not asked for the longest time goes first."""

    def __init__(self, most: int) -> None:
        self._most = most
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

    def keep(self, key: Hashable, value: V, weight: int) -> None:
        """Keep a value, unless it weighs more than a quarter of all."""
        if weight > self._most // 4:
            return
        self._values[key] = value, weight
        self.held += weight
        while self.held > self._most:
            self.held -= self._values.popitem(last=False)[1][1]

    def clear(self) -> None:
        """Let go of everything."""
        self._values.clear()
        self.held = 0
