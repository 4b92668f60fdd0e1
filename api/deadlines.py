"""How long a request may take, and its end when the caller has left."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from dataclasses import dataclass
from math import isfinite
from time import monotonic
from typing import TypeVar

from starlette.requests import ClientDisconnect
from starlette.types import Receive

from api.errors import Declined

HEADER = "x-deadline"
"""Seconds that a caller wants to wait at most."""
ENDING = 0.05
"""Seconds that cancelled work may take to end before nobody waits for it."""
SOON = 0.1
"""Seconds after which it is looked whether the caller has left; most answers are told by then."""
LEAST = 0.02
"""Seconds below which nothing is begun any more."""

T = TypeVar("T")


def lowered(sent: str | None, most: float) -> float:
    """The deadline in seconds: what the caller wants, but no more than the limit."""
    if sent is None:
        return most
    try:
        wanted = float(sent[:20])
    except ValueError:
        wanted = -1.0
    if not isfinite(wanted) or wanted <= 0:
        raise Declined("`X-Deadline` must be seconds, as in 0.5")
    return min(wanted, most)


@dataclass(frozen=True, slots=True)
class Deadline:
    """So many seconds since an instant of the monotonic clock."""

    began: float
    seconds: float

    @property
    def left(self) -> float:
        """Seconds until then; below 0 afterwards."""
        return self.seconds - (monotonic() - self.began)


async def within(deadline: Deadline, work: Awaitable[T], receive: Receive) -> T:
    """What the work answers in time; it is cancelled at the deadline or when the caller leaves.

    Raises Declined with TIMEOUT, ClientDisconnect.
    """
    doing, leaving = asyncio.ensure_future(work), None
    try:
        await asyncio.wait({doing}, timeout=min(deadline.left, SOON))
        if not doing.done() and deadline.left > 0:
            leaving = asyncio.ensure_future(_left(receive))
            both = {doing, leaving}
            await asyncio.wait(both, timeout=deadline.left, return_when=asyncio.FIRST_COMPLETED)
        if doing.done():
            return doing.result()
        if leaving and leaving.done():
            raise ClientDisconnect
        raise too_late(deadline.seconds)
    finally:
        if leaving:
            leaving.cancel()
        if not doing.done():
            doing.cancel()
            await asyncio.wait({doing}, timeout=ENDING)


def too_late(seconds: float) -> Declined:
    """The refusal of a request that was not answered in time."""
    told = f"no answer within {seconds:g} seconds; ask for less, or for smaller pages"
    return Declined(told, 504, "TIMEOUT")


async def _left(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
