"""Whether the database is asked at all: not while it has just failed again and again."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import monotonic

from graph.errors import Unavailable

FAILURES = 5
"""Failures within WINDOW after which nobody is let through."""
WINDOW = 2.0
"""Seconds."""
REST = 1.0
"""Seconds until one is let through, to see."""


class Away(Unavailable):
    """The database has just failed again and again, and is not asked for a moment."""

    def __init__(self) -> None:
        super().__init__("the database does not answer; try again in a moment")


class Breaker:
    """Open after failures in a row; then one at a time is let through until one succeeds."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._failed: deque[float] = deque(maxlen=FAILURES)
        self._until: float | None = None
        """When one is let through; None while closed."""

    @property
    def open(self) -> bool:
        """Whether the database counts as away."""
        return self._until is not None

    @property
    def calm(self) -> bool:
        """Whether nothing failed since something succeeded."""
        return not self._failed and not self.open

    @contextmanager
    def passing(self, failures: tuple[type[Exception], ...]) -> Iterator[None]:
        """One question: what is raised of `failures` counts. Raises Away while open."""
        self._pass()
        try:
            yield
        except failures:
            self.failed()
            raise
        except Exception:
            self.succeeded()
            raise
        self.succeeded()

    def failed(self) -> None:
        """Count a failure."""
        now = self._clock()
        self._failed.append(now)
        often = len(self._failed) == FAILURES and now - self._failed[0] <= WINDOW
        if self.open or often:
            self.trip()

    def trip(self) -> None:
        """Let nobody through for a while."""
        self._until = self._clock() + REST

    def succeeded(self) -> None:
        """Let everybody through."""
        self._failed.clear()
        self._until = None

    def _pass(self) -> None:
        if self._until is None:
            return
        if self._clock() < self._until:
            raise Away
        self.trip()
