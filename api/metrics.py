"""Figures for Prometheus: requests by status, questions by kind and code, turns, the breaker.

Labels come from closed lists: no text of a question, no path that a caller made up, no name.
"""

from __future__ import annotations

import ipaddress
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from prometheus_client import (
    CONTENT_TYPE_LATEST as CONTENT_TYPE_LATEST,
)
from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    generate_latest,
)
from prometheus_client.multiprocess import MultiProcessCollector

from api.errors import log

SHARED = "PROMETHEUS_MULTIPROC_DIR"
"""Where prometheus-client finds the folder that workers share; it looks when it is imported."""
ADDRESSES = ("/graphql", "/graphql/", "/schema.graphql", "/health", "/ready", "/metrics")
"""Addresses that are told apart; all others are one."""
METHODS = ("GET", "HEAD", "OPTIONS", "POST")
SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 5.0)
COSTS = (1, 10, 50, 100, 500, 1_000, 2_000, 5_000, 10_000)
LEFT = 499
"""Status under which those are counted who did not wait for an answer."""


class Metrics:
    """The figures of one process."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._requests = Counter(
            "goldenthread_requests",
            "HTTP requests.",
            ("address", "method", "status"),
            registry=self.registry,
        )
        self._seconds = Histogram(
            "goldenthread_request_seconds",
            "Seconds from request to answer.",
            ("address",),
            buckets=SECONDS,
            registry=self.registry,
        )
        self._operations = Counter(
            "goldenthread_operations",
            "GraphQL operations by kind and worst code; OK without error.",
            ("kind", "code"),
            registry=self.registry,
        )
        self._cost = Histogram(
            "goldenthread_operation_cost",
            "Cost of operations that were run.",
            buckets=COSTS,
            registry=self.registry,
        )
        self._working = self._gauge("goldenthread_working", "Requests that are worked on.")
        self._waiting = self._gauge("goldenthread_waiting", "Requests that wait for a turn.")
        self._away = self._gauge("goldenthread_database_away", "Processes whose breaker is open.")

    def _gauge(self, name: str, told: str) -> Gauge:
        return Gauge(name, told, registry=self.registry, multiprocess_mode="livesum")

    def request(self, path: str, method: str, status: int, seconds: float) -> None:
        """Count an answer."""
        address = path if path in ADDRESSES else "other"
        known = method if method in METHODS else "other"
        self._requests.labels(address, known, str(status)).inc()
        self._seconds.labels(address).observe(seconds)

    def operation(self, kind: str, codes: Iterable[str], cost: int | None) -> None:
        """Count an operation: its kind, its errors, its cost if it was weighed."""
        self._operations.labels(kind, next(iter(codes), "OK")).inc()
        if cost is not None:
            self._cost.observe(cost)

    def turns(self, working: int, waiting: int, away: bool) -> None:
        """Note how much there is to do, and whether the database counts as away."""
        self._working.set(working)
        self._waiting.set(waiting)
        self._away.set(away)

    def text(self) -> bytes:
        """All of it, as Prometheus reads it: of all workers where they share a folder."""
        shared = os.environ.get(SHARED)
        if shared is None:
            return generate_latest(self.registry)
        for file in Path(shared).glob("gauge_live*_*.db"):
            if not _lives(int(file.stem.rpartition("_")[2])):
                file.unlink(missing_ok=True)
        together = CollectorRegistry()
        MultiProcessCollector(together, shared)  # type: ignore[no-untyped-call]
        return generate_latest(together)


@contextmanager
def shared(workers: int) -> Iterator[None]:
    """A folder in memory in which several workers count together, as long as the block runs.

    Where no folder can be written, each worker tells of itself alone.
    """
    if workers == 1:
        yield
        return
    try:
        memory = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
        folder = TemporaryDirectory(prefix="goldenthread-", dir=memory)
    except OSError as error:
        log.warning("each worker counts alone", why=error.strerror)
        yield
        return
    with folder as name:
        os.environ[SHARED] = name
        try:
            yield
        finally:
            del os.environ[SHARED]


def _lives(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def may_read(client: str | None, readers: Iterable[str]) -> bool:
    """Whether an address is this machine's own or one of those that are set."""
    try:
        address = ipaddress.ip_address(client or "")
    except ValueError:
        return False
    return address.is_loopback or any(address in ipaddress.ip_network(one) for one in readers)
