"""`python -m bench`: measure loading, reading, questions over HTTP and more; print ratios and end.

It runs on a private Neo4j in a folder that goes, or on the empty one that NEO4J_URI names.
"""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import Callable, Collection, Iterable
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from bench import (
    driving,
    effects,
    graphs,
    guarding,
    loading,
    page,
    past,
    peers,
    questions,
    reading,
    starting,
)
from bench.databases import emptied, empty, private, version, warmed
from bench.results import Result, table
from bench.shape import SIZES
from graph.errors import GoldenthreadError
from graph.local import LocalDatabaseError
from graph.store import Address

Load = Callable[[Path, Address], loading.Loaded]
MEASURES = ("starting", "guarding", "effects", "reading", "questions", "loading", "past")
PEER = "peer"
"""A measure that is made only where it is named: it installs the peer."""
ON_GRAPH = {"loading", "reading", "questions"}


def main() -> None:
    """Run what is asked."""
    asked = _asked()
    measures = chosen(asked.measures)
    if "starting" in measures:
        _tell("starting", starting.measured(), asked.write)
    if "guarding" in measures:
        _tell("guarding", guarding.measured(), asked.write)
    if "effects" in measures:
        effects.main()
    if "past" in measures:
        _past(asked.write)
    if PEER in measures:
        _peer(asked.size, asked.write)
    sizes = asked.size if ON_GRAPH & set(measures) else []
    found = {size: _on_graph(size, measures, asked.write) for size in sizes}
    small = found.pop("small", None)
    for size, larger in found.items():
        if small and larger:
            _tell(f"growth {size}", questions.growth(small, larger), asked.write)


def _on_graph(size: str, measures: Collection[str], write: bool) -> questions.Measured:
    """What needs a graph: loading it is measured on the way to asking it.

    Answers what the questions cost, to be held against other sizes.
    """
    asked: questions.Measured = {}
    with TemporaryDirectory(prefix="bench-") as made:
        folder = Path(made)
        graphs.write(folder, SIZES[size])
        with empty() as address:
            server = version(address)
            loaded = _warm(loading.ours)(folder, address)
            if "reading" in measures:
                told = asyncio.run(reading.compared(address))
                _tell(f"reading {size}", told, write, server)
            if "questions" in measures:
                found = questions.measured(address, SIZES[size])
                _tell(f"questions {size}", found.anew, write, server)
                _tell(f"again {size}", found.again, write, server)
                asked = found.cost
        if "loading" in measures:
            same, least = (_barely(folder, states) for states in (True, False))
            _tell(f"loading {size}", loading.compared(loaded, same, least), write, server)
    return asked


def _past(write: bool) -> None:
    """Everything in ten versions."""
    with TemporaryDirectory(prefix="bench-") as made, empty() as address:
        graphs.write(Path(made), SIZES["middle"])
        _warm(loading.ours)(Path(made), address)
        _tell("past", asyncio.run(past.compared(address)), write, version(address))


def _peer(sizes: Iterable[str], write: bool) -> None:
    """The six questions beside the peer, which has a database of its own."""
    peers.check()
    with peers.installed() as peer:
        for size in sizes:
            with (
                TemporaryDirectory(prefix="bench-") as made,
                empty() as address,
                private() as plain,
            ):
                graphs.write(Path(made), SIZES[size])
                loading.ours(Path(made), address)
                peers.write(Path(made), plain)
                told = peers.measured(peer, address, plain, SIZES[size])
                versions = f"{version(address)}, {peers.versions()}"
                _tell(f"peer {size}", told.anew, write, versions)
                _tell(f"peer again {size}", told.again, write, versions)


def _barely(folder: Path, states: bool) -> loading.Loaded:
    with empty() as address:
        return _warm(partial(loading.barely, states=states))(folder, address)


def _warm(load: Load) -> Load:
    """A way to load that has loaded a small graph before, into the same database."""

    def loaded(folder: Path, address: Address) -> loading.Loaded:
        warmed(address)
        with TemporaryDirectory(prefix="bench-") as made:
            graphs.write(Path(made), SIZES["small"])
            load(Path(made), address)
        emptied(address)
        return load(folder, address)

    return loaded


def _tell(section: str, results: Iterable[Result], write: bool, server: str = "") -> None:
    results = list(results)
    print(f"\n{section}\n\n{table(results)}", flush=True)
    if write:
        page.write(section, results, server)


def chosen(named: Collection[str]) -> Collection[str]:
    """The measures that are named; if none is, all that can be made here."""
    try:
        driving.check()
    except driving.NoTool as missing:
        if {"questions", PEER} & set(named):
            raise
        if not named:
            print(f"questions over HTTP are left out: {missing}")
        return named or [one for one in MEASURES if one != "questions"]
    return named or MEASURES


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser("python -m bench", description=__doc__)
    known = (*MEASURES, PEER)
    parser.add_argument("measures", nargs="*", metavar="measure", help=", ".join(known))
    parser.add_argument("--size", nargs="+", choices=SIZES, default=["small", "middle"])
    parser.add_argument("--write", action="store_true", help="into docs/benchmarks.md")
    asked = parser.parse_args()
    if unknown := set(asked.measures) - set(known):
        parser.error(f"no measure {', '.join(sorted(unknown))}; there are {', '.join(known)}")
    return asked


if __name__ == "__main__":
    try:
        main()
    except (GoldenthreadError, LocalDatabaseError, driving.NoTool) as error:
        raise SystemExit(f"bench: {error}") from error
