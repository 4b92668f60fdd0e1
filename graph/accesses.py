"""Who read what that is restricted, or the record itself: kept beside the chain of changes.

A read waits for nobody: what it read is noted, and written soon after by one writer a process. What
cannot be written is handed to `lost`, which keeps it elsewhere.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import uuid4

from graph.errors import GoldenthreadError
from graph.store import Store
from graph.viewers import Viewer
from queries import LEDGER

EVERY = 0.5
"""Seconds after which what was noted is written."""
AT_ONCE = 500
"""Accesses written in one transaction."""
MOST = 10_000
"""Accesses that may wait to be written."""
TRIES = 3
"""Times that a write is tried; once where the service ends."""
PATIENCE = 3.0
"""Seconds of one try."""
IDS = 200
"""Ids that one access names; how many there were is told beside them."""


@dataclass(frozen=True, slots=True)
class Access:
    """What one root field of a request told to somebody."""

    at: datetime
    viewer: Viewer
    request: str
    root: str
    """The root field."""
    of: Sequence[str] = ()
    """Ids of restricted things that it told."""
    audit: bool = False
    """Whether it told the record of changes or of accesses."""
    certain: bool = True
    """False where it could not be found out which restricted things there are."""
    key: str = field(default_factory=lambda: uuid4().hex)

    def told(self) -> dict[str, Any]:
        """As it is kept."""
        return {
            "key": self.key,
            "at": self.at,
            "subject": self.viewer.subject,
            "roles": list(self.viewer.roles),
            "token": self.viewer.token,
            "request": self.request,
            "field": self.root,
            "of": list(self.of[:IDS]),
            "count": len(self.of),
            "audit": self.audit,
            "certain": self.certain,
        }


Lost = Callable[[Access], None]


class Accesses:
    """Notes accesses, and writes them soon."""

    def __init__(self, store: Store, lost: Lost, every: float = EVERY) -> None:
        self._store = store
        self._lost = lost
        self._every = every
        self._noted: deque[Access] = deque()
        self._closed = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def note(self, access: Access) -> None:
        """Remember an access; where too many wait already, it is lost."""
        if len(self._noted) >= MOST:
            self._lost(access)
            return
        self._noted.append(access)
        if self._task is None and not self._closed.is_set():
            self._task = asyncio.create_task(self._write_on())

    async def close(self) -> None:
        """Write what waits."""
        self._closed.set()
        if self._task is not None:
            await self._task

    async def _write_on(self) -> None:
        """Write until nothing waits."""
        while self._noted:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._closed.wait(), self._every)
            some = [self._noted.popleft() for _ in range(min(AT_ONCE, len(self._noted)))]
            if not await self._written(some):
                for access in some:
                    self._lost(access)
        self._task = None

    async def _written(self, some: Sequence[Access]) -> bool:
        told = [access.told() for access in some]

        async def work(run: Callable[..., Any]) -> None:
            await run(LEDGER["write_accesses"], accesses=told)

        for _ in range(TRIES):
            try:
                async with asyncio.timeout(PATIENCE):
                    await self._store.transact(work)
            except (GoldenthreadError, TimeoutError):
                if self._closed.is_set():
                    break
                continue
            return True
        return False
