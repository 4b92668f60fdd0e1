"""Sixty users of five roles ask and write for a while: how long answers take, and what fails.

`python -m tests.faults.load [--users 60] [--seconds 600] [--pause 1] [--writes 0.1] [--seed 1]`
starts a private Neo4j with the sample bank and a service with the bank's policy. Each user signs in
with a token of his own, keeps one connection, and waits a pause (half to one and a half of it)
between an answer and the next question. First each role asks each of its questions until it is
answered, since a Neo4j that has just started takes seconds to plan; then it counts. It fails above
400 ms for the slowest hundredth, or with any error. What a request took of the processor is told
too: it says what a machine can bear that does nothing else.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import signal
import sys
import time
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import psutil

from api.admission import development
from api.demo import BANK, POLICY
from graph.audit import Actor
from graph.store import Address, Store
from loaders.load import load
from tests.faults.asked import Asked, asker, of_role
from tests.faults.killing import Database, Service

ROLES = ("analyst", "planner", "frontline", "auditor", "analyst", "planner", "frontline", "board")
"""Roles of the users, over and over."""
MOST = 400
"""Milliseconds in which 99 of 100 answers come."""
MIB = 2**20
HEAD = (
    "POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
    "Authorization: Bearer {token}\r\nContent-Length: {length}\r\n\r\n"
)


@dataclass
class Found:
    """Milliseconds of answers by what was asked, what went wrong, and the most memory in MiB."""

    spent: defaultdict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    wrong: list[str] = field(default_factory=list)
    memory: float = 0.0
    worked: dict[str, float] = field(default_factory=dict)
    """Seconds of a processor that service and database took."""

    def table(self) -> str:
        """A line for each sort of question, and one for all."""
        every = [one for spent in self.spent.values() for one in spent]
        rows = [_row(what, spent) for what, spent in sorted(self.spent.items())]
        worked = (f"{who} {1000 * spent / len(every):.1f} ms" for who, spent in self.worked.items())
        return "\n".join([*rows, _row("all", every), f"processor a request: {', '.join(worked)}"])

    @property
    def p99(self) -> float:
        """Milliseconds of the slowest hundredth of all."""
        return _part(sorted(one for spent in self.spent.values() for one in spent), 0.99)


class User:
    """One user on one connection."""

    def __init__(self, port: int, token: str) -> None:
        self._port = port
        self._token = token
        self._line: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def ask(self, asked: Asked) -> tuple[int, dict[str, Any]]:
        """Status and answer."""
        if self._line is None or self._line[1].is_closing() or self._line[0].at_eof():
            self._line = await asyncio.open_connection("127.0.0.1", self._port)
        reader, writer = self._line
        body = json.dumps(asked.body).encode()
        writer.write(HEAD.format(token=self._token, length=len(body)).encode() + body)
        head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
        lines = dict(one.split(": ", 1) for one in head.split("\r\n")[1:-2])
        told: dict[str, Any] = json.loads(await reader.readexactly(int(lines["content-length"])))
        return int(head.split()[1]), told

    def leave(self) -> None:
        """Hang up."""
        if self._line:
            self._line[1].close()


def trouble(status: int, told: Mapping[str, Any]) -> str | None:
    """What is wrong with an answer, if anything is."""
    refused = [one["code"] for one in (told.get("data") or {}).values() if one and "code" in one]
    codes = [one["extensions"]["code"] for one in told.get("errors", [])] + refused
    return f"{status} {codes}" if status != 200 or codes else None


async def warmed(port: int, tokens: Mapping[str, str], seconds: float = 240) -> int:
    """Ask everything once, again where it came too late; how often it did."""
    again, until = 0, time.monotonic() + seconds
    for role, token in tokens.items():
        user = User(port, token)
        for asked in of_role(role):
            while wrong := trouble(*await user.ask(asked)):
                again += 1
                assert time.monotonic() < until, f"{role} asks {asked.what}: {wrong}"
        user.leave()
    return again


async def using(user: User, role: str, name: str, chosen: argparse.Namespace, found: Found) -> None:
    """One user until the time is over."""
    chance, ask = random.Random(name), asker(role, name, chosen.seed, chosen.writes)
    until = time.monotonic() + chosen.seconds
    await asyncio.sleep(chance.random() * chosen.pause)
    while time.monotonic() < until:
        asked, began = ask(), time.perf_counter()
        try:
            wrong = trouble(*await user.ask(asked))
        except (OSError, asyncio.IncompleteReadError, ValueError) as error:
            wrong = type(error).__name__
            user.leave()
        found.spent[asked.what].append(1000 * (time.perf_counter() - began))
        if wrong:
            found.wrong.append(f"{role} asks {asked.what}: {wrong}")
        await asyncio.sleep(chosen.pause * (0.5 + chance.random()))
    user.leave()


async def watched(process: psutil.Process, found: Found) -> None:
    """The most memory that the service takes, once a second."""
    while True:
        found.memory = max(found.memory, process.memory_info().rss / MIB)
        await asyncio.sleep(1)


def processor(of: psutil.Process) -> float:
    """Seconds of a processor that a process has taken."""
    spent = of.cpu_times()
    return spent.user + spent.system


async def asked_by_all(
    service: Service, neo4j: int, folder: Path, chosen: argparse.Namespace
) -> Found:
    """Everybody at once."""
    key, found = development(folder), Found()
    life = timedelta(seconds=chosen.seconds + 600)
    users = [(ROLES[n % len(ROLES)], f"user{n}") for n in range(chosen.users)]
    tokens = {role: key.token((role,), "warm", life) for role, _ in users}
    began = time.monotonic()
    again = await warmed(service.port, tokens)
    print(f"warm after {time.monotonic() - began:.0f} s, {again} answers that came too late")
    assert service.process
    both = {"service": psutil.Process(service.process.pid), "Neo4j": psutil.Process(neo4j)}
    before = {who: processor(of) for who, of in both.items()}
    watching = asyncio.create_task(watched(both["service"], found))
    await asyncio.gather(
        *(
            using(User(service.port, key.token((role,), name, life)), role, name, chosen, found)
            for role, name in users
        )
    )
    watching.cancel()
    found.worked = {who: processor(of) - before[who] for who, of in both.items()}
    return found


async def filled(address: Address) -> None:
    """The sample bank."""
    async with Store.at(address) as store:
        await store.migrate()
        await load(store, BANK, Actor("load"))


def main() -> int:
    """Run, print, and tell by the exit code whether all is well."""
    parser = argparse.ArgumentParser(description=__doc__)
    for name, usual in (("users", 60), ("seed", 1)):
        parser.add_argument(f"--{name}", type=int, default=usual)
    for name, seconds in (("seconds", 600.0), ("pause", 1.0), ("writes", 0.1)):
        parser.add_argument(f"--{name}", type=float, default=seconds)
    chosen = parser.parse_args()
    with TemporaryDirectory() as folder:
        database, keys = Database(Path(folder) / "neo4j"), Path(folder) / "keys"
        settings = {"GOLDENTHREAD_POLICY": str(POLICY), "GOLDENTHREAD_DEVELOPMENT": "true"}
        settings |= {"GOLDENTHREAD_DATA": str(keys)}
        service = Service(database.start(), settings=settings)
        try:
            asyncio.run(filled(service.address))
            development(keys)
            service.start()
            service.wait_until_ready()
            assert database.running
            found = asyncio.run(asked_by_all(service, database.running.pid, keys, chosen))
        finally:
            if service.process:
                service.send(signal.SIGKILL)
            database.stop()
    print(found.table())
    print(f"{chosen.users} users, {chosen.seconds:g} s: {len(found.wrong)} errors;", end=" ")
    print(f"memory of the service at most {found.memory:.0f} MiB")
    for one in found.wrong[:20]:
        print("WRONG", one)
    return 1 if found.wrong or found.p99 > MOST else 0


def _row(what: str, spent: list[float]) -> str:
    spent = sorted(spent)
    told = f"median {_part(spent, 0.5):4.0f} ms, p99 {_part(spent, 0.99):5.0f} ms"
    return f"{len(spent):6} x {what:20} {told}, slowest {_part(spent, 1):5.0f} ms"


def _part(spent: list[float], part: float) -> float:
    """The time in which a part of them came."""
    return spent[min(len(spent) - 1, int(len(spent) * part))] if spent else 0.0


if __name__ == "__main__":
    sys.exit(main())
