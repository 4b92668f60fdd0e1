"""A closed loop of requests by wrk, and what they cost the processes that answer them."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from math import ceil
from pathlib import Path
from tempfile import TemporaryDirectory
from time import sleep
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import psutil

SCRIPT = Path(__file__).with_name("load.lua")
NO_WRK = "wrk is not here, and asks the questions: apt-get install wrk, or brew install wrk"
WARMING, LASTING, LONGEST = 2, 5, 20
"""Seconds of which nothing is measured, and of a round: longer where few requests are answered."""
ENOUGH = 300
"""Requests of a round."""
SEVERAL, HEATING = 8, 5
"""Connections and seconds for each question while everything warms up."""
PAUSE = 0.5
"""Seconds in which a service ends what nobody waits for any more."""
JSON = "application/json"


class NoTool(Exception):
    """Something that a measure needs is missing; one line says what."""


@dataclass(frozen=True, slots=True)
class Sending:
    """Requests to one service that are sent in turn: path and body, without a body by GET."""

    url: str
    requests: Sequence[tuple[str, str | None]]
    headers: Mapping[str, str] = field(default_factory=dict)

    def told(self) -> list[Any]:
        """The JSON of each answer, asked once. Raises ValueError for one that is refused."""
        return [json.loads(self._answer(*one)) for one in self.requests]

    def _answer(self, path: str, body: str | None) -> bytes:
        request = Request(self.url + path, body.encode() if body else None, dict(self.headers))
        try:
            with urlopen(request, timeout=60) as response:
                return bytes(response.read())
        except HTTPError as error:
            raise ValueError(f"{path}: {error.code} {error.read()[:300]!r}") from error

    def least(self) -> float:
        """Bytes of a body, on average."""
        return sum(len(self._answer(*one)) for one in self.requests) / len(self.requests)

    def script(self) -> str:
        """The script of wrk."""
        made = ", ".join(_request(*one) for one in self.requests)
        headers = ", ".join(f"[ {_quoted(k)} ] = {_quoted(v)}" for k, v in self.headers.items())
        told = f"REQUESTS, HEADERS = {{ {made} }}, {{ {headers} }}\n"
        return told + SCRIPT.read_text(encoding="utf-8")


@dataclass(frozen=True, slots=True)
class Driven:
    """What a round found: requests a second, seconds, and seconds of processor a request."""

    rate: float
    p50: float
    p99: float
    service: float
    database: float | None
    """None where the database does not run on this machine."""


def driven(sending: Sending, at_once: int, service: int, database: int | None) -> Driven:
    """Ask with so many connections, each again as soon as it is answered.

    `service` and `database` are the processes that work for it. Raises ValueError where a request
    failed or answers were shorter than they are when asked alone.
    """
    least = sending.least()
    rate = _wrk(sending, at_once, WARMING)["requests"] / WARMING
    sleep(PAUSE)
    before = busy(service), busy(database)
    found = _wrk(sending, at_once, _lasting(rate))
    spent = [now - then for now, then in zip((busy(service), busy(database)), before, strict=True)]
    count = found["requests"]
    if not count or found["failed"] or found["bytes"] < count * least:
        raise ValueError(f"{sending.requests[0][0]}, {at_once} at once: not all answered: {found}")
    mine, databases = (seconds / count for seconds in spent)
    told = count / found["seconds"], found["p50"], found["p99"]
    return Driven(*told, mine, databases if database else None)


@dataclass(frozen=True, slots=True)
class Side:
    """A service, its database, and how each question is sent to it, by name."""

    service: int
    database: int | None
    sending: Mapping[str, Sending]

    def driven(self, name: str, at_once: int) -> Driven:
        """A round of one question."""
        return driven(self.sending[name], at_once, self.service, self.database)

    def told(self, name: str) -> list[Any]:
        """The answers to one question."""
        return self.sending[name].told()


def warmed(sides: Iterable[Side], names: Sequence[str]) -> None:
    """Ask every side everything, so that no side is measured cold: Neo4j compiles as it runs."""
    for side in sides:
        for name in names:
            _wrk(side.sending[name], SEVERAL, HEATING)


def check() -> None:
    """Raise NoTool where wrk is not here."""
    if shutil.which("wrk") is None:
        raise NoTool(NO_WRK)


def busy(pid: int | None) -> float:
    """Processor seconds of a process so far."""
    if pid is None:
        return 0.0
    times = psutil.Process(pid).cpu_times()
    return float(times.user + times.system)


def _lasting(rate: float) -> int:
    """Seconds of a round, for so many requests a second."""
    return LONGEST if rate * LONGEST < ENOUGH else max(LASTING, ceil(ENOUGH / rate))


def _wrk(sending: Sending, at_once: int, seconds: int) -> dict[str, Any]:
    with TemporaryDirectory(prefix="bench-") as made:
        script = Path(made) / "load.lua"
        script.touch(mode=0o600)
        script.write_text(sending.script(), encoding="utf-8")
        shape = ["-t1", f"-c{at_once}", f"-d{seconds}s", "--timeout", "30s"]
        command = ["wrk", *shape, "-s", str(script), sending.url]
        ran = subprocess.run(command, capture_output=True, text=True, check=True)
    found: dict[str, Any] = json.loads(ran.stdout.splitlines()[-1])
    return found


def _request(path: str, body: str | None) -> str:
    if body is None:
        return f'{{ method = "GET", path = {_quoted(path)} }}'
    return f'{{ method = "POST", path = {_quoted(path)}, body = {_quoted(body)} }}'


def _quoted(text: str) -> str:
    return f"[==[{text}]==]"
