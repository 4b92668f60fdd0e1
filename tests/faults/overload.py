"""Ten times more callers than there are turns: how many answers come, how soon others are refused.

`python -m tests.faults.overload [--callers 160] [--seconds 5]` asks a server whose database takes
0.1 s for every statement, first with as many callers as work at once, then with ten times that.
It fails below 80 % of the peak, above 50 ms for refusals or 350 MiB.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import time
from collections import Counter
from typing import Any

from api.limits import DEFAULTS
from tests.faults.unbacked import unbacked
from tests.spoken import asked

QUESTION = asked('{ kpi(key: "nps") { id } }').replace(b"Connection: close\r\n", b"")
TAKES = 0.1
REFUSED = 50
"""Milliseconds in which 99 of 100 refusals have come."""
MEMORY = 350
"""MiB that the server takes at most."""


async def slowly(*_: Any) -> dict[str, Any]:
    """An answer that takes its time."""
    await asyncio.sleep(TAKES)
    return {"answer": None, "k": 1}


async def caller(port: int, until: float, found: dict[int, list[float]]) -> None:
    """Ask again and again; wait a little after a refusal."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    while time.monotonic() < until:
        began = time.perf_counter()
        writer.write(QUESTION)
        head = await reader.readuntil(b"\r\n\r\n")
        lines = dict(one.lower().split(b": ", 1) for one in head.split(b"\r\n")[1:-2])
        await reader.readexactly(int(lines[b"content-length"]))
        status = int(head.split()[1])
        found.setdefault(status, []).append(1000 * (time.perf_counter() - began))
        if status == 503:
            await asyncio.sleep(0.25)
    writer.close()


async def load(port: int, callers: int, seconds: float) -> dict[int, list[float]]:
    """Milliseconds of the answers, by status."""
    found: dict[int, list[float]] = {}
    until = time.monotonic() + seconds
    await asyncio.gather(*(caller(port, until, found) for _ in range(callers)))
    return found


def main() -> int:
    """Print both, and what part of the peak is left."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--callers", type=int, default=10 * DEFAULTS.at_work)
    parser.add_argument("--seconds", type=float, default=5)
    chosen = parser.parse_args()
    good = Counter[int]()
    with unbacked(slowly) as (port, process):
        for callers in (DEFAULTS.at_work, chosen.callers):
            found = asyncio.run(load(port, callers, chosen.seconds))
            good[callers] = len(found.get(200, []))
            for status, spent in sorted(found.items()):
                spent.sort()
                middle, most = spent[len(spent) // 2], spent[int(len(spent) * 0.99)]
                told = f"{len(spent):6} x {status}, median {middle:.0f} ms, p99 {most:.0f} ms"
                told += f", slowest {spent[-1]:.0f} ms"
                print(f"{callers:4} callers: {told}")
        memory = process.memory_info().rss / 2**20
    part = good[chosen.callers] / max(1, good[DEFAULTS.at_work])
    print(f"goodput under overload: {part:.0%} of the peak; memory {memory:.0f} MiB")
    return 0 if part >= 0.8 and most < REFUSED and memory <= MEMORY else 1


if __name__ == "__main__":
    sys.exit(main())
