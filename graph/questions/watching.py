"""The question what is being written: changes of some things, told as they are published."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

from graph.errors import TimedOut, Unavailable
from graph.publications import Publications
from graph.questions import Ask
from graph.questions.changes import Wanted, heard
from graph.selection import Select

PAUSE = 1.0
"""Seconds until a database that did not answer is asked again."""


async def watch(
    publications: Publications, ask: Callable[[], Ask], wish: Wanted, select: Select
) -> AsyncIterator[Any]:
    """Pages of changes, each with what was published since the one before; none is empty.

    What a viewer may not see he does not hear, not even that something was written. A database
    that is away is waited for; then what was written meanwhile is told.
    """
    words = _words(wish)
    async with publications.heard() as entry:
        while True:
            news = await publications.after(entry)
            if news.may_speak_of(words):
                try:
                    async with publications.turns:
                        told = await heard(ask(), wish, (entry, news.last), select)
                except (Unavailable, TimedOut):
                    await asyncio.sleep(PAUSE)
                    continue
                if told is not None:
                    yield told
            entry = news.last


def _words(wish: Wanted) -> frozenset[str] | None:
    """Kinds and links of which something may be wanted; None for all."""
    if wish.ids is not None:
        return frozenset(id_.partition(":")[0] for id_ in wish.ids)
    return None if wish.kinds is None else frozenset(kind.lower() for kind in wish.kinds)
