"""The six questions beside `@neo4j/graphql`, on Apollo Server and on Yoga with graphql-jit.

The peer gets the same graph as plain nodes and relationships, in a Neo4j of its own, and is asked
in its own dialect (`bench/peer`). Equal answers are checked first. It is installed into a folder
that goes again.
"""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from bench import loading, processes
from bench.databases import driver
from bench.driving import JSON, Driven, NoTool, Side, warmed
from bench.leaves import things
from bench.questions import AT_ONCE, Beside, Tables, compared, ours, sending
from bench.results import Result
from bench.six import PEERS, Question, six
from graph.store import Address

PACKAGES = {
    "@neo4j/graphql": "7.6.3",
    "graphql": "16.15.0",
    "neo4j-driver": "6.3.0",
    "@apollo/server": "5.5.1",
    "graphql-yoga": "5.24.1",
    "@envelop/core": "5.6.1",
    "@envelop/graphql-jit": "11.2.1",
}
QUIET = ("--no-package-lock", "--no-audit", "--no-fund", "--loglevel=error")
FACES = ("apollo", "yoga")
INDEXED = ("Objective", "Kpi", "Series", "Observation", "Field", "Initiative")
SHAPED = (
    "MATCH (n:Kpi) SET n.status = 'ACTIVE', n.kpi_kind = 'BASE'",
    "MATCH (n:Field) SET n.status = 'ACTIVE'",
    *(f"CREATE CONSTRAINT FOR (n:{label}) REQUIRE n.id IS UNIQUE" for label in INDEXED),
    *(f"CREATE CONSTRAINT FOR (n:{label}) REQUIRE n.key IS UNIQUE" for label in INDEXED),
    "CREATE INDEX FOR (n:Field) ON (n.status, n.key)",
    "CALL db.awaitIndexes(300)",
)
"""What tables leave to our defaults, and the indexes that serve the peer's questions."""


def check() -> None:
    """Raise NoTool where npm is not here."""
    for tool in ("npm", "node"):
        if shutil.which(tool) is None:
            raise NoTool(f"{tool} is not here, and the peer needs it: install Node.js 20 or newer")


@contextmanager
def installed() -> Iterator[Path]:
    """A folder with the peer in it. Raises NoTool where a package is not to be had."""
    with TemporaryDirectory(prefix="bench-peer-") as made:
        folder = Path(made)
        for path in PEERS.iterdir():
            shutil.copy(path, folder)
        named = [f"{name}@{version}" for name, version in PACKAGES.items()]
        command = ["npm", "install", *QUIET, "--prefix", made, *named]
        ran = subprocess.run(command, capture_output=True, text=True, cwd=folder)
        if ran.returncode:
            why = next(iter(ran.stderr.splitlines()), f"npm ended with {ran.returncode}")
            raise NoTool(f"the peer cannot be installed: {why}")
        yield folder


def versions() -> str:
    """What is installed, as the page says it."""
    return ", ".join(f"{name} {version}" for name, version in PACKAGES.items())


def write(folder: Path, address: Address) -> None:
    """The tables of a folder as the peer keeps them."""
    loading.barely(folder, address, states=False)
    with driver(address) as door:
        for statement in SHAPED:
            door.execute_query(statement, database_=address.database)


def measured(peer: Path, address: Address, plain: Address, nodes: int) -> Tables:
    """Every question beside the better of the two, in rate and in times.

    `peer` is where it is installed; `address` our database, `plain` the peer's. Raises ValueError
    where answers differ.
    """
    tables = Tables()
    asked = six(nodes)
    with TemporaryDirectory(prefix="bench-") as made, ExitStack() as stack:
        anew, again = (
            stack.enter_context(ours(Path(made), address, asked, one)) for one in (True, False)
        )
        others = [stack.enter_context(_peer(peer, face, plain, asked)) for face in FACES]
        for one in asked:
            for face, side in zip(FACES, others, strict=True):
                for mine in (anew, again):
                    same(f"{one.name} of {face}", mine.told(one.name), side.told(one.name))
        warmed([anew, again, *others], [one.name for one in asked])
        for one in asked:
            for count in AT_ONCE:
                beside = [side.driven(one.name, count) for side in others]
                for mine, table in ((anew, tables.anew), (again, tables.again)):
                    table += _results(one, count, mine.driven(one.name, count), beside)
    return tables


def same(name: str, answers: Sequence[object], theirs: Sequence[object]) -> None:
    """Raise ValueError where answers to the same questions differ in a leaf."""
    for mine, other in zip(answers, theirs, strict=True):
        here, there = (things({"data": one["data"]}) for one in (_whole(mine), _whole(other)))
        if here != there:
            told = [dict(one) for one in [*(here - there), *(there - here)][:2]]
            raise ValueError(f"{name}: answers differ: {told}")


def _whole(answer: object) -> Mapping[str, object]:
    if not isinstance(answer, Mapping) or "errors" in answer:
        raise ValueError(f"not answered: {str(answer)[:500]}")
    return answer


@contextmanager
def _peer(folder: Path, face: str, address: Address, asked: Sequence[Question]) -> Iterator[Side]:
    named = {
        "NODE_ENV": "production",
        "NEO4J_URI": address.uri,
        "NEO4J_USERNAME": address.username,
        "NEO4J_PASSWORD": address.password,
    }
    command = ["node", str(folder / "server.mjs"), face]
    documents = {one: one.peers for one in asked}
    with processes.running(command, folder / f"{face}.log", named) as service:
        requests = sending(service.url, documents, {"Content-Type": JSON})
        yield Side(service.pid, processes.listener(address.uri), requests)


def _results(one: Question, count: int, mine: Driven, others: Sequence[Driven]) -> list[Result]:
    """Beside the one that answers more, and for times beside the one that is faster."""
    most = max(others, key=lambda found: found.rate)
    soonest = min(others, key=lambda found: found.p99)
    faces = {id(found): face for found, face in zip(others, FACES, strict=True)}
    called = faces[id(most)], faces[id(soonest)]
    aims = f"at least {one.rate}", f"at most {one.p99}", ""
    return compared(f"{one.told}, c={count}", mine, Beside(most, soonest, called, aims))
