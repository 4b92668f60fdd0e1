"""Loading beside a bare `UNWIND` that writes the same nodes and links, each in its own process.

Ours is everything that `goldenthread load` does with files: read, check, write states, times and
audit, publish. The bare one has its rows ready and checks nothing; only the time in its statements
counts. It is run twice: with a state behind each thing and two times on all, which are the nodes,
links and properties that ours leaves; and with neither.
"""

from __future__ import annotations

import asyncio
import resource
import sys
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from time import perf_counter, process_time

from bench import bare
from bench.databases import driver
from bench.results import Result
from graph.audit import Actor
from graph.store import Address, Store
from loaders.load import load

MIB = 1024 if sys.platform != "darwin" else 1024 * 1024
"""What the system counts memory in, for one MiB."""
AIM, AIM_MEMORY = "at least 0.5", 600


@dataclass(frozen=True, slots=True)
class Loaded:
    """What came in and what it took: seconds, seconds of our own processor time, peak MiB."""

    created: int
    rows: int
    seconds: float
    busy: float
    memory: float


def ours(folder: Path, address: Address) -> Loaded:
    """Load the tables of a folder as the command line does, in a process of its own."""
    return _apart(_ours, folder, address)


def barely(folder: Path, address: Address, states: bool) -> Loaded:
    """Write them bare, with states and times or without, in a process of its own."""
    return _apart(partial(_bare, states), folder, address)


def compared(ours: Loaded, same: Loaded, least: Loaded) -> list[Result]:
    """Rates side by side, the second bare as ours, the third the least.

    Raises ValueError where one wrote less.
    """
    if not ours.created == same.created == least.created:
        raise ValueError(f"made {ours.created}, {same.created}, {least.created} things and links")
    made = f"things and links a second, of {ours.created:,}"
    rates = [one.created / one.seconds for one in (ours, same, least)]
    mine, beside, below = (f"{rate:,.0f}" for rate in rates)
    share = f"{ours.busy / ours.seconds:.0%} of the time"
    memory = Result("peak memory of the load", f"{ours.memory:.0f} MiB", aim=f"{AIM_MEMORY} MiB")
    return [
        Result(f"{made}; the same nodes bare", mine, beside, rates[0] / rates[1], AIM),
        Result(f"{made}; bare without states and times", mine, below, rates[0] / rates[2]),
        Result("table rows a second", f"{ours.rows / ours.seconds:,.0f}"),
        Result("own processor time of the load", share),
        memory,
    ]


def _apart(work: Callable[[Path, Address], Loaded], folder: Path, address: Address) -> Loaded:
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(work, folder, address).result()


def _ours(folder: Path, address: Address) -> Loaded:
    return asyncio.run(_loaded(folder, address))


async def _loaded(folder: Path, address: Address) -> Loaded:
    async with Store.at(address) as store:
        await store.migrate()
        begun, busy = perf_counter(), process_time()
        report = await load(store, folder, Actor("bench"))
        seconds, busy = perf_counter() - begun, process_time() - busy
    rows = sum(report.rows.values())
    return Loaded(report.receipt.created, rows, seconds, busy, _peak())


def _bare(states: bool, folder: Path, address: Address) -> Loaded:
    with driver(address) as door, door.session(database=address.database) as session:
        session.run(bare.UNIQUE).consume()
        session.run(bare.AWAIT).consume()
        created, seconds, busy = 0, 0.0, process_time()
        for statement, rows in bare.batches(folder, states):
            begun = perf_counter()
            session.run(statement, rows=rows, times=bare.TIMES).consume()
            seconds += perf_counter() - begun
            created += len(rows)
    return Loaded(created, 0, seconds, process_time() - busy, _peak())


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / MIB
