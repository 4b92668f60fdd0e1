"""The command line killed at random moments: a rerun ends exact, and no reader saw a part."""

from __future__ import annotations

import asyncio
import os
import random
import subprocess
import sys
import time
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from graph.store import CALM, Address, Store
from graph.times import Moment
from loaders.load import load
from tests.asking import TESTER
from tests.looking import links, numbers, things

NOW = datetime(2026, 11, 1, tzinfo=UTC)
ROOT = Path(__file__).parent.parent
KILLS, KPIS = 8, 400
PACE = {"chunk": 100, "beat": 0.05, "silent": 0.3, "poll": 0.02}
COMMAND = f"""
import sys
from graph.store import CALM
from api.cli import main
import loaders.load, neo4j, orjson
for name, value in {PACE!r}.items():
    object.__setattr__(CALM, name, value)
print("begins", flush=True)
main()
"""


def written(folder: Path, version: int) -> list[str]:
    """Tables of KPIs that are all named after a version, some more each time; answers their ids."""
    keys = [f"k{number}" for number in range(KPIS + 10 * version)]
    rows = "".join(f"{key},v{version},p\n" for key in keys)
    folder.joinpath("kpis.csv").write_text(f"key,name,perspective\n{rows}", encoding="utf-8")
    perspectives = "key,name,kind,order\np,P,CUSTOMER,1\n"
    folder.joinpath("perspectives.csv").write_text(perspectives, encoding="utf-8")
    return [f"kpi:{key}" for key in keys]


def begun(address: Address, folder: Path) -> subprocess.Popen[str]:
    """The command line about to load a folder."""
    given = {
        "NEO4J_URI": address.uri,
        "NEO4J_USERNAME": address.username,
        "NEO4J_PASSWORD": address.password,
        "NEO4J_DATABASE": address.database,
    }
    process = subprocess.Popen(
        [sys.executable, "-c", COMMAND, "load", str(folder)],
        cwd=ROOT,
        env=os.environ | given,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert process.stdout
    assert "begins" == process.stdout.readline().strip()
    return process


def finished(address: Address, folder: Path, delay: float | None = None) -> float | None:
    """Seconds that a load took; None where it was killed after a delay, before it was done."""
    with begun(address, folder) as process:
        start = time.monotonic()
        try:
            process.communicate(timeout=delay)
        except subprocess.TimeoutExpired:
            process.kill()
            return None
    assert 0 == process.returncode
    return time.monotonic() - start


async def test_kills_and_reruns_leave_exactly_the_rows_once(
    store: Store, address: Address, tmp_path: Path
) -> None:
    """
    Every version of the tables is there once, whole, after its rerun; readers meanwhile find all
    KPIs of one version, or all of the one before.
    """
    moments = random.Random(20)
    ids = written(tmp_path, 0)
    usual = finished(address, tmp_path) or 0.0
    kills, version, seen = 0, 0, list[frozenset[tuple[str, int]]]()

    async def reader() -> None:
        while True:
            found = list((await things(store, Moment(NOW), ids)).values())
            seen.append(frozenset((name, found.count(name)) for name in found))
            await asyncio.sleep(0)

    async with Store.at(address, pace=replace(CALM, **PACE)) as quick:
        while kills < KILLS:
            version += 1
            ids = written(tmp_path, version)
            reading = asyncio.create_task(reader())
            delay = moments.uniform(0, usual)
            took = await asyncio.to_thread(finished, address, tmp_path, delay)
            kills, usual = kills + (took is None), took or usual
            await load(quick, tmp_path, TESTER)
            reading.cancel()

            expected = dict.fromkeys(ids, f"v{version}")
            assert expected == await things(store, Moment(NOW), ids)
            assert {"published": version + 1, "entries": version + 1, "commits": version + 1} == (
                await numbers(store)
            )
    whole = {frozenset({(f"v{n}", KPIS + 10 * n)}) for n in range(version + 1)}

    assert len(ids) == len(await links(store, "KPI_IN_PERSPECTIVE", Moment(NOW)))
    assert set(seen) <= whole
    assert len(seen) > KILLS
    count = "MATCH (x:KpiState {superseded: $open}) RETURN count(x) AS answer"
    assert len(ids) == await store.answer(count, open=2**62)
