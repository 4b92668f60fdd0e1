"""What was worked out of a row, kept while the same row comes back.

The database is asked every time, so that time, sight and audit are never answered from before;
only the arithmetic, which knows nothing but the row, is not done twice.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from typing import Any, TypeVar

import orjson

from graph.kept import Kept
from graph.ontology.vocabulary import Declared

MOST = 200_000
"""Parts of all values that are kept, with the bytes of their rows: some tens of MiB."""
T = TypeVar("T", bound=Declared)


class Worked:
    """Values by what they were worked out of."""

    def __init__(self, most: int = MOST) -> None:
        self.kept: Kept[Any] = Kept(most, most // 4)

    def of(self, row: Mapping[str, Any], given: Hashable, work: Callable[[], T]) -> T:
        """The value of a row and of what else it depends on."""
        key = (given, orjson.dumps(row, default=str))
        found: T | None = self.kept.find(key)
        if found is None:
            found = work()
            self.kept.keep(key, found, len(key[1]) + parts(found))
        return found


def parts(value: Any) -> int:
    """How many values stand in a value, itself included."""
    if isinstance(value, Declared):
        return 1 + sum(parts(getattr(value, name)) for name in type(value).model_fields)
    return 1 + sum(map(parts, value)) if isinstance(value, tuple) else 1


WORKED = Worked()
"""Of this process."""
