"""What writing needs of the store: ways to run statements."""

from __future__ import annotations

from asyncio import Semaphore
from collections.abc import Awaitable, Callable
from typing import Any, Protocol, TypeVar

T = TypeVar("T")
Progress = Callable[[int], None]
"""Called with the number of changes that were written since the last call."""


class Door(Protocol):
    """The store, as those see it who write."""

    database: str
    """The name of the database."""
    turns: Semaphore
    """What small writes of this process take turns by."""

    async def transact(self, work: Callable[..., Awaitable[T]], *given: Any) -> T:
        """Do work in one transaction, again where the fault passes."""
        ...

    async def answer(self, statement: str, **parameters: Any) -> Any:
        """The `answer` of a statement that only reads."""
        ...

    async def alone(self, statement: str, **parameters: Any) -> None:
        """Run a statement that makes its own transactions."""
        ...
