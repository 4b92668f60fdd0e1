"""Whether the service is ready: one look at the database serves all who ask within a second."""

from __future__ import annotations

from asyncio import Lock
from time import monotonic

from graph.store import Store

FRESH = 1.0
"""Seconds for which a good answer holds, unless a question fails meanwhile."""


class Readiness:
    """Readiness of one store."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._looking = Lock()
        self._until = 0.0

    async def check(self) -> None:
        """Raise Unavailable with a remedy where the database is away or not prepared."""
        async with self._looking:
            if monotonic() < self._until and self._store.breaker.calm:
                return
            await self._store.ready()
            self._until = monotonic() + FRESH
