"""An empty database to measure on: a private one in a folder that goes, or the one of NEO4J_URI."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from neo4j import Driver, GraphDatabase

from api.settings import settings
from graph import local
from graph.errors import BadRequest
from graph.store import Address

EMPTY = "MATCH (n) CALL (n) { DETACH DELETE n } IN TRANSACTIONS OF 10000 ROWS"
ROUNDS = 20
PAGES = "2g"
"""Page cache of the private Neo4j: the largest graph has room in it."""
WARMING = """
UNWIND range(1, 1000) AS i
CREATE (a:Warming {id: i, name: 'thing ' + i})-[r:NEXT {weight: i}]->(:Warming {id: -i})
"""


@contextmanager
def empty() -> Iterator[Address]:
    """An empty database for as long as the block runs; what the block wrote goes after it.

    Raises BadRequest where NEO4J_URI names a database that holds anything.
    """
    if given := settings().address:
        with driver(given) as door:
            if door.execute_query("MATCH (n) RETURN n LIMIT 1", database_=given.database).records:
                raise BadRequest("NEO4J_URI names a database that holds something; name an empty")
            yield given
            _emptied(door, given)
        return
    with private() as address:
        yield address


@contextmanager
def private() -> Iterator[Address]:
    """A Neo4j of our own for as long as the block runs."""
    with (
        TemporaryDirectory(prefix="bench-") as folder,
        local.running(Path(folder), page_cache=PAGES) as it,
    ):
        yield Address(it.uri, it.username, it.password)


def warmed(address: Address) -> None:
    """Make a database that has just started do some work, and take it back: the first is slow."""
    with driver(address) as door:
        for _ in range(ROUNDS):
            door.execute_query(WARMING, database_=address.database)
        _emptied(door, address)


def emptied(address: Address) -> None:
    """Take away everything that was written."""
    with driver(address) as door:
        _emptied(door, address)


def _emptied(door: Driver, address: Address) -> None:
    with door.session(database=address.database) as session:
        session.run(EMPTY).consume()


def driver(address: Address) -> Driver:
    """The bare driver."""
    signed_in = (address.username, address.password)
    return GraphDatabase.driver(address.uri, auth=signed_in, notifications_min_severity="OFF")


def version(address: Address) -> str:
    """Version of a Neo4j."""
    asked = "CALL dbms.components() YIELD versions RETURN versions[0] AS version"
    with driver(address) as door:
        return str(door.execute_query(asked, database_=address.database).records[0]["version"])
