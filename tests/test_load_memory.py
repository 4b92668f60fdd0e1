"""Memory does not grow with the rows of a load: a process of its own measures its peak."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import astuple
from pathlib import Path

from graph.store import Address, Store

ROOT = Path(__file__).parent.parent
FEW, MANY = 25_000, 75_000
MOST = 400
"""Bytes a row; as objects, a row takes ten times as much."""
MEASURED = """
import asyncio, resource, sys
from pathlib import Path
from graph.audit import Actor
from graph.store import Address, Store
from loaders.load import load
async def main():
    async with Store.at(Address(*sys.argv[2:])) as store:
        report = await load(store, Path(sys.argv[1]), Actor("tester"), dry_run=True)
    print(report.receipt.created, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
asyncio.run(main())
"""


def measured(folder: Path, address: Address, count: int) -> tuple[int, int]:
    """What a load of so many rows would make, and its peak of memory in bytes."""
    rows = "".join(
        f"theme {number},Theme number {number},about {number}\n" for number in range(count)
    )
    folder.joinpath("themes.csv").write_text(f"key,name,description\n{rows}", encoding="utf-8")
    given = [sys.executable, "-c", MEASURED, str(folder), *astuple(address)]
    told = subprocess.run(given, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    created, peak = map(int, told.split())
    return created, peak * (1 if sys.platform == "darwin" else 1024)


async def test_fifty_thousand_more_rows_take_hardly_more_memory(
    store: Store, address: Address, tmp_path: Path
) -> None:
    """
    Read, checked and weighed, a row leaves nothing behind but what a cache may hold.
    """
    few, low = measured(tmp_path, address, FEW)
    many, high = measured(tmp_path, address, MANY)

    assert (FEW, MANY) == (few, many)
    assert high - low < MOST * (MANY - FEW)
