"""Documents that never repeat, 10,000 a minute: what the service keeps of them, and who waits.

`python -m tests.faults.distinct [--seconds 120] [--rate 167]` asks a server whose database answers
at once: first one known document alone, then the same beside a stream of others. It fails where
an answer is not 200, where memory still grows by more than 8 MiB after the first two fifths, or
where the known document waits longer than three of the others take.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import time
from collections.abc import Iterator
from itertools import count
from statistics import median
from typing import Any

import psutil

from tests.faults.unbacked import unbacked
from tests.spoken import asked

KNOWN = '{ kpi(key: "nps") { id name } }'
FIELDS = ("id", "name", "status", "purpose", "validFrom", "kpiKind", "owners { nodes { id } }")
PAUSE = 0.05
"""Seconds between two askings of the known document."""
GROWS = 8
"""MiB by which memory may grow once what is kept is full."""
LINES = 4
"""Connections that carry the stream."""


async def at_once(*_: Any) -> dict[str, Any]:
    """An answer without a database."""
    return {"answer": None, "k": 1}


def documents() -> Iterator[str]:
    """Documents of which each has names and literals of its own."""
    for number in count():
        fields = " ".join(f"f{number}_{n}: {field}" for n, field in enumerate(FIELDS))
        yield f'query Q{number} {{ a{number}: kpi(key: "k{number}") {{ {fields} }} }}'


class Line:
    """A connection that is kept."""

    def __init__(self, port: int) -> None:
        self._port = port
        self.statuses: set[int] = set()

    async def __aenter__(self) -> Line:
        self._reader, self._writer = await asyncio.open_connection("127.0.0.1", self._port)
        return self

    async def __aexit__(self, *_: object) -> None:
        self._writer.close()

    async def ask(self, document: str) -> float:
        """Milliseconds until it is answered."""
        began = time.perf_counter()
        self._writer.write(asked(document).replace(b"Connection: close\r\n", b""))
        head = (await self._reader.readuntil(b"\r\n\r\n")).lower()
        lines = dict(one.split(b": ", 1) for one in head.split(b"\r\n")[1:-2])
        await self._reader.readexactly(int(lines[b"content-length"]))
        self.statuses.add(int(head.split()[1]))
        return 1000 * (time.perf_counter() - began)


async def known(port: int, seconds: float) -> list[float]:
    """Times of the known document."""
    spent, until = [], time.monotonic() + seconds
    async with Line(port) as line:
        while time.monotonic() < until:
            spent.append(await line.ask(KNOWN))
            await asyncio.sleep(PAUSE)
    assert line.statuses == {200}, line.statuses
    return spent


async def stream(port: int, every: Iterator[str], rate: float, until: float) -> list[float]:
    """Times of others, each once, so many a second."""
    spent, due = [], time.monotonic()
    async with Line(port) as line:
        while (now := time.monotonic()) < until:
            await asyncio.sleep(max(0.0, due - now))
            due += 1 / rate
            spent.append(await line.ask(next(every)))
    assert line.statuses == {200}, line.statuses
    return spent


async def run(port: int, process: psutil.Process, seconds: float, rate: float) -> int:
    """Both; prints what was seen."""
    alone, every, sizes = median(await known(port, 3)), documents(), []
    beside, others = [], []
    for _ in range(5):
        until = time.monotonic() + seconds / 5
        streams = (stream(port, every, rate / LINES, until) for _ in range(LINES))
        mine, *theirs = await asyncio.gather(known(port, seconds / 5), *streams)
        beside += mine
        others += [one for spent in theirs for one in spent]
        sizes.append(process.memory_info().rss / 2**20)
    told = ", ".join(f"{size:.0f}" for size in sizes)
    print(f"{len(others)} documents, each once; memory after each fifth {told} MiB")
    print(f"one of them takes {median(others):.1f} ms")
    print(f"a known one takes {alone:.1f} ms alone, {median(beside):.1f} ms beside them")
    grown = sizes[-1] - sizes[1]
    return 0 if grown < GROWS and median(beside) < alone + 3 * median(others) else 1


def main() -> int:
    """Run, print, and tell by the exit code whether all is well."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=120)
    parser.add_argument("--rate", type=float, default=10_000 / 60)
    chosen = parser.parse_args()
    with unbacked(at_once) as (port, process):
        return asyncio.run(run(port, process, chosen.seconds, chosen.rate))


if __name__ == "__main__":
    sys.exit(main())
