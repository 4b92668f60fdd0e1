"""When what is in force changes with the clock alone: the nearest edges of valid time to come."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from heapq import nsmallest
from typing import Any

from graph.times import FAR, INSTANT, OPEN

MOST = 100
"""Instants that are kept; beyond the last of more it is not known what comes."""
SLACK = timedelta(days=1)
"""What has passed for so long is not kept: clocks differ, but not by more."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def micros(when: datetime) -> int:
    """Microseconds since 1970, as the ledger keeps instants that are compared often."""
    return (when - _EPOCH) // INSTANT


@dataclass(frozen=True, slots=True)
class Boundaries:
    """Instants at which the validity of something begins or ends, in microseconds and in order.

    All that lie before `until` are among them.
    """

    edges: tuple[int, ...] = ()
    until: int = OPEN

    @classmethod
    def of(cls, kept: Mapping[str, Any]) -> Boundaries:
        """Those that were kept; what was kept without them knows of none."""
        return cls(tuple(kept.get("boundaries", ())), kept.get("boundariesUntil", 0))

    @classmethod
    def of_ledger(cls, ledger: Mapping[str, Any]) -> Boundaries:
        """Those of a ledger, if whoever published last told it of his."""
        told = ledger["head"] == ledger.get("boundariesHead")
        return cls.of(ledger if told else {})

    @classmethod
    def among(cls, found: Iterable[datetime], now: datetime) -> Boundaries:
        """Those of some instants that have not passed."""
        least = now - SLACK
        ahead = {micros(when) for when in found if least < when < FAR}
        return cls(tuple(ahead)).joined(NO_BOUNDARIES, now)

    def joined(self, others: Boundaries, now: datetime) -> Boundaries:
        """Both together, without what has passed."""
        least = micros(now - SLACK)
        known = min(self.until, others.until)
        ahead = {edge for edge in (*self.edges, *others.edges) if edge > least}
        nearest = nsmallest(MOST + 1, ahead)
        if len(nearest) > MOST:
            known = min(known, nearest.pop())
        return Boundaries(tuple(nearest), known)

    def kept(self) -> dict[str, Any]:
        """As a ledger keeps them."""
        return {"boundaries": list(self.edges), "boundariesUntil": self.until}


NO_BOUNDARIES = Boundaries()
"""Nothing in force begins or ends."""
