"""Who may work and who waits: so many at once, a bounded line, and a share for each caller."""

from __future__ import annotations

from asyncio import Future, get_running_loop
from collections import Counter, deque
from dataclasses import dataclass

from api.limits import Limits
from graph.errors import Unavailable


class Busy(Unavailable):
    """The line is full, or the caller's part of it."""


class Turns:
    """Turns of one process. Whoever waits is taken in order, but passed over while others of
    the same caller hold its share."""

    def __init__(self, limits: Limits) -> None:
        self._at_work = limits.at_work
        self._waiting = limits.waiting
        self._of_work = max(1, int(limits.at_work * limits.share))
        self._of_line = max(1, int(limits.waiting * limits.share))
        self._working: Counter[str] = Counter()
        self._line: deque[Place] = deque()
        self._queued: Counter[str] = Counter()

    @property
    def working(self) -> int:
        """Requests that are worked on."""
        return self._working.total()

    @property
    def waiting(self) -> int:
        """Requests in line."""
        return len(self._line)

    def check(self, caller: str | None = None) -> None:
        """Raise Busy where there is no room for a caller; without one, for anybody."""
        if self.working < self._at_work and (caller is None or self._free(caller)):
            return
        if len(self._line) >= self._waiting:
            raise Busy("too many are asking at the moment; ask again in a second")
        if caller is not None and self._queued[caller] >= self._of_line:
            raise Busy("too many of your requests wait already; ask again in a second")

    def enter(self, caller: str) -> Place:
        """A place at work or in line, held until it is left. Raises Busy at once."""
        self.check(caller)
        place = Place(self, caller, get_running_loop().create_future())
        if self._free(caller):
            self._call(place)
        else:
            self._line.append(place)
            self._queued[caller] += 1
        return place

    def leave(self, place: Place) -> None:
        """Let the next one in."""
        counted = self._queued if place in self._line else self._working
        if counted is self._queued:
            self._line.remove(place)
        _less(counted, place.caller)
        self._pass_on()

    def _free(self, caller: str) -> bool:
        return self.working < self._at_work and self._working[caller] < self._of_work

    def _call(self, place: Place) -> None:
        self._working[place.caller] += 1
        place.called.set_result(None)

    def _pass_on(self) -> None:
        """Let the first in line work whose caller has not its share."""
        for one in list(self._line):
            if self._free(one.caller) and not one.called.done():
                self._line.remove(one)
                _less(self._queued, one.caller)
                self._call(one)
                return


@dataclass(frozen=True, slots=True, eq=False)
class Place:
    """A place of one request, which must be left, whatever became of it."""

    turns: Turns
    caller: str
    called: Future[None]
    """Done as soon as it is this one's turn."""

    def leave(self, _: object = None) -> None:
        """Let the next one in."""
        self.turns.leave(self)


def _less(counted: Counter[str], caller: str) -> None:
    """One less; who has none is not remembered."""
    counted[caller] -= 1
    if not counted[caller]:
        del counted[caller]
