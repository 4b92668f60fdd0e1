"""Kill, term and freeze the service and its Neo4j while writers write, and look what is there.

`python -m tests.faults.killing [--seed 1] [--kills 20] [--terms 5] [--freezes 5] [--neo4j 3]
[--neo4j-freezes 3] [--seconds 600]`
starts a private Neo4j of its own, and prints what was done, what answered, how long it took to be
ready again, and what is wrong. The faults come in an order that the seed decides; with `--seconds`
as many of them as can be begun in that time.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass, field
from math import inf
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.request import ProxyHandler, build_opener

from graph import local
from graph.errors import Unavailable
from graph.local import Running
from graph.store import Address, Store
from tests.faults.written import Ledger, Writer, wrong

ROOT = Path(__file__).resolve().parents[2]
OPENER = build_opener(ProxyHandler({}))
FROZEN = 4.0
"""Seconds that a freeze lasts: longer than a deadline."""


def free_port() -> int:
    """A port on which nobody listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port: int = taken.getsockname()[1]
    return port


@dataclass
class Service:
    """The service as a process that can be started again on its port."""

    address: Address
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None
    settings: Mapping[str, str] = field(
        default_factory=lambda: {
            "GOLDENTHREAD_LIMITS__SHARE": "1",
            "GOLDENTHREAD_POLICY": str(ROOT / "tests" / "everybody.toml"),
        }
    )

    def start(self) -> None:
        """Start it; it is ready later."""
        environment = os.environ | {
            "NEO4J_URI": self.address.uri,
            "NEO4J_USERNAME": self.address.username,
            "NEO4J_PASSWORD": self.address.password,
        }
        environment |= self.settings
        command = [sys.executable, str(ROOT / "goldenthread.py"), "serve"]
        self.process = subprocess.Popen(
            [*command, "--port", str(self.port)],
            env=environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def send(self, number: int) -> None:
        """Send it a signal."""
        assert self.process
        self.process.send_signal(number)

    def ended(self) -> int:
        """Its exit code."""
        assert self.process
        return self.process.wait(30)

    @property
    def ready(self) -> bool:
        """Whether it says so."""
        try:
            with OPENER.open(f"http://127.0.0.1:{self.port}/ready", timeout=3) as told:
                found: bool = told.status == 200
                return found
        except OSError:
            return False

    def wait_until_ready(self, seconds: float = 60) -> float:
        """Seconds until it is ready."""
        began = time.monotonic()
        while not self.ready:
            assert time.monotonic() - began < seconds, "the service does not become ready"
            time.sleep(0.05)
        return time.monotonic() - began


class Database:
    """A private Neo4j that can be killed and started again with what it had."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._port: int | None = None
        self._kept: AbstractContextManager[Running] | None = None
        self.running: Running | None = None

    def start(self) -> Address:
        """Start it on its port."""
        self._kept = local.running(self._folder, port=self._port)
        self.running = one = self._kept.__enter__()
        self._port = int(one.uri.rpartition(":")[2])
        return Address(one.uri, one.username, one.password)

    def send(self, number: int) -> None:
        """Send it a signal."""
        assert self.running
        os.kill(self.running.pid, number)

    def stop(self) -> None:
        """End what is left of it."""
        if self._kept:
            self._kept.__exit__(None, None, None)
            self._kept = None


@contextmanager
def writing(port: int, count: int = 4) -> Iterator[tuple[Ledger, threading.Event]]:
    """Writers at work as long as the block runs; then each finishes what it is at."""
    ledger, frozen = Ledger(), threading.Event()
    writers = [Writer(f"w{n}", port, ledger, frozen) for n in range(count)]
    for writer in writers:
        writer.start()
    try:
        yield ledger, frozen
    finally:
        for writer in writers:
            writer.stopping.set()
        for writer in writers:
            writer.join(30)
            writer.giving_up.set()


@dataclass
class Faults:
    """What is done to a service and its database, and how long each took to pass."""

    service: Service
    frozen: threading.Event
    ledger: Ledger
    database: Database | None = None
    ready: dict[str, list[float]] = field(default_factory=dict)
    answering: list[float] = field(default_factory=list)
    """Seconds from the start of a killed Neo4j to its first answer, which are its own."""
    codes: list[int] = field(default_factory=list)

    def kill(self) -> None:
        """The service dies at once."""
        self.service.send(signal.SIGKILL)
        self.service.ended()
        self.service.start()
        self._passed("kill")

    def term(self) -> None:
        """The service is told to end, and ends with code 0."""
        self.service.send(signal.SIGTERM)
        self.codes.append(self.service.ended())
        self.service.start()
        self._passed("term")

    def freeze(self) -> None:
        """The service does not move for a while."""
        self.frozen.set()
        self.service.send(signal.SIGSTOP)
        time.sleep(FROZEN)
        self.service.send(signal.SIGCONT)
        self._passed("freeze")
        time.sleep(1)
        self.frozen.clear()

    def kill_neo4j(self) -> None:
        """The database dies at once, and is started again."""
        assert self.database
        self.database.send(signal.SIGKILL)
        time.sleep(0.5)
        self.database.stop()
        began = time.monotonic()
        answered(self.database.start())
        self.answering.append(time.monotonic() - began)
        self._passed("kill of Neo4j")

    def freeze_neo4j(self) -> None:
        """The database does not move for a while."""
        assert self.database
        self.database.send(signal.SIGSTOP)
        time.sleep(FROZEN)
        self.database.send(signal.SIGCONT)
        self._passed("freeze of Neo4j")

    def _passed(self, what: str) -> None:
        spent = self.service.wait_until_ready()
        self.ready.setdefault(what, []).append(spent)
        print(f"{what}: ready after {spent:.1f} s", file=sys.stderr, flush=True)

    def run(self, plan: list[str], chance: random.Random, seconds: float = inf) -> None:
        """All of a plan that can be begun in so many seconds, with some writing between."""
        until = time.monotonic() + seconds
        does: dict[str, Callable[[], None]] = {
            "kill": self.kill,
            "term": self.term,
            "freeze": self.freeze,
            "kill of Neo4j": self.kill_neo4j,
            "freeze of Neo4j": self.freeze_neo4j,
        }
        for what in plan:
            if time.monotonic() > until:
                break
            self._written()
            time.sleep(chance.uniform(0, 1))
            does[what]()
        self._written()

    def _written(self, more: int = 8, seconds: float = 30) -> None:
        """Wait until some more writes are acknowledged: a database that is cold takes its time."""
        until, there = time.monotonic() + seconds, len(self.ledger.acknowledged)
        while len(self.ledger.acknowledged) < there + more and time.monotonic() < until:
            time.sleep(0.02)


def answered(address: Address) -> None:
    """Wait until a database answers whoever comes new to it."""

    async def ask() -> None:
        while True:
            async with Store.at(address) as store:
                with suppress(Unavailable):
                    await store.answer("RETURN 1 AS answer")
                    return
            await asyncio.sleep(0.05)

    asyncio.run(asyncio.wait_for(ask(), 60))


def looked(address: Address, ledger: Ledger) -> list[str]:
    """What is wrong in the database."""

    async def look() -> list[str]:
        async with Store.at(address) as store:
            return await wrong(store, ledger)

    return asyncio.run(look())


def prepared(address: Address) -> None:
    """Constraints, indexes and the ledger."""

    async def prepare() -> None:
        async with Store.at(address) as store:
            await store.migrate()

    asyncio.run(prepare())


def main() -> int:
    """Run a plan, print, and tell by the exit code whether all is well."""
    parser = argparse.ArgumentParser(description=__doc__)
    for name, usual in (("kills", 20), ("terms", 5), ("freezes", 5), ("neo4j", 3)):
        parser.add_argument(f"--{name}", type=int, default=usual)
    parser.add_argument("--neo4j-freezes", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=inf)
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args()
    chance = random.Random(chosen.seed)
    plan = ["kill"] * chosen.kills + ["term"] * chosen.terms + ["freeze"] * chosen.freezes
    plan += ["kill of Neo4j"] * chosen.neo4j + ["freeze of Neo4j"] * chosen.neo4j_freezes
    chance.shuffle(plan)
    with TemporaryDirectory() as folder:
        database = Database(Path(folder))
        service = Service(database.start())
        try:
            prepared(service.address)
            service.start()
            service.wait_until_ready()
            with writing(service.port) as (ledger, frozen):
                faults = Faults(service, frozen, ledger, database)
                faults.run(plan, chance, chosen.seconds)
            found = looked(service.address, ledger)
        finally:
            service.send(signal.SIGKILL)
            database.stop()
    for what, seconds in faults.ready.items():
        times = " ".join(f"{one:.1f}" for one in sorted(seconds)[-8:])
        print(f"{len(seconds):4} x {what}: ready after {max(seconds):.1f} s at most ({times})")
    if faults.answering:
        own = f"{min(faults.answering):.1f} to {max(faults.answering):.1f} s"
        print(f"     a killed Neo4j answers {own} after its start; ready is counted from there")
    print(f"answers: {ledger.answers}; slowest {ledger.slowest:.2f} s")
    print(f"{len(ledger.acknowledged)} writes acknowledged; exit codes {sorted({*faults.codes})}")
    found += ledger.refused + [f"late: {spent:.2f} s" for spent in ledger.late]
    found += [f"exit code {code}" for code in faults.codes if code]
    for one in found[:20]:
        print("WRONG", one)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
