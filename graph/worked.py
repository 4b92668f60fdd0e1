"""What was worked out of a row, kept while the same row comes back.

The database is asked every time, so that time, sight and audit are never answered from before;
only the arithmetic, which knows nothing but the row, is not done twice.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping
from typing import Any, TypeVar

import orjson

from graph.ontology.vocabulary import Declared

MOST = 200_000
"""Parts of all values that are kept together: some tens of MiB."""
T = TypeVar("T", bound=Declared)


class Worked:
    """Values by what they were worked out of; the one not asked for the longest time goes first."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._kept: OrderedDict[Hashable, tuple[Any, int]] = OrderedDict()
        self.held = 0
        """Parts of the values that are kept."""

    def of(self, row: Mapping[str, Any], given: Hashable, work: Callable[[], T]) -> T:
        """The value of a row and of what else it depends on."""
        key = (given, orjson.dumps(row, default=str))
        if key in self._kept:
            self._kept.move_to_end(key)
            found: T = self._kept[key][0]
            return found
        value = work()
        self._keep(key, value, len(key[1]) + parts(value))
        return value

    def _keep(self, key: Hashable, value: Any, size: int) -> None:
        if size > self._most // 4:
            return
        self._kept[key] = value, size
        self.held += size
        while self.held > self._most:
            self.held -= self._kept.popitem(last=False)[1][1]


def parts(value: Any) -> int:
    """How many values stand in a value, itself included."""
    if isinstance(value, Declared):
        return 1 + sum(parts(getattr(value, name)) for name in type(value).model_fields)
    return 1 + sum(map(parts, value)) if isinstance(value, tuple) else 1


WORKED = Worked()
"""Of this process."""
