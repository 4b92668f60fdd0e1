"""What a database needs to hold a graph: constraints and indexes, read off the ontology."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from functools import cache
from typing import Any

from graph.audit import GENESIS
from graph.boundaries import MOST, NO_BOUNDARIES, SLACK, Boundaries, micros
from graph.errors import Unavailable
from graph.ledger import Transaction
from graph.ontology import Ontology
from graph.ontology.vocabulary import Link, camel, snake
from graph.times import FAR
from queries import LEDGER

VERSION = 1
"""Raised when the layout changes in a way that stored graphs must follow."""


def _unique(name: str, label: str, field: str) -> str:
    return f"CREATE CONSTRAINT {name} IF NOT EXISTS FOR (n:{label}) REQUIRE n.{field} IS UNIQUE"


_ALWAYS = (
    _unique("identity_id", "Identity", "id"),
    _unique("ledger_key", "Ledger", "key"),
    _unique("commit_sequence", "Commit", "sequence"),
    _unique("audit_sequence", "AuditEvent", "sequence"),
    _unique("pseudonym_id", "Pseudonym", "id"),
    _unique("pseudonym_alias", "Pseudonym", "alias"),
    _unique("audit_key", "AuditEvent", "key"),
    "CREATE INDEX audit_at IF NOT EXISTS FOR (n:AuditEvent) ON (n.at)",
    "CREATE INDEX audit_commits IF NOT EXISTS FOR (n:AuditEvent) ON (n.last)",
    "CREATE INDEX access_at IF NOT EXISTS FOR (n:Access) ON (n.at)",
    "CREATE INDEX access_subject IF NOT EXISTS FOR (n:Access) ON (n.subject)",
    "CREATE INDEX audit_part IF NOT EXISTS FOR (n:AuditPart) ON (n.entry, n.place)",
    "CREATE INDEX commit_run IF NOT EXISTS FOR (n:Commit) ON (n.run, n.at)",
)
THERE = """
SHOW INDEXES YIELD name, state WHERE state <> 'FAILED' RETURN collect(name) AS answer
"""
AWAIT = "CALL db.awaitIndexes(300)"

_OLD_SEARCH = re.compile(r"search_[0-9a-f]{12}")


def check(ledger: Mapping[str, Any] | None) -> None:
    """Raise Unavailable where a newer Goldenthread laid the graph out in a way not known here."""
    stored = ledger["version"] if ledger else VERSION
    if stored > VERSION:
        raise Unavailable(
            f"a newer Goldenthread prepared this database (layout {stored}, here {VERSION}); use"
            " that one, or restore the backup made before the upgrade"
        )


async def migrate(run: Transaction, ontology: Ontology, there: Iterable[str]) -> None:
    """Make what is not there yet; the full-text index of former declarations goes."""
    names = set(there)
    for name in sorted(names - {search_name(ontology)}):
        if _OLD_SEARCH.fullmatch(name):
            await run(f"DROP INDEX {name} IF EXISTS")
    for text in statements(ontology):
        if name_of(text) not in names:
            await run(text)


async def make_ledger(run: Transaction, ontology: Ontology) -> None:
    """Make the ledger, if there is none, and say which declarations the database is ready for."""
    await run(
        LEDGER["make_ledger"],
        genesis=GENESIS,
        version=VERSION,
        declared=declared(ontology),
        **NO_BOUNDARIES.kept(),
    )


async def unbound(run: Transaction, now: datetime) -> tuple[str, Boundaries] | None:
    """The edges of validity to come and the head they were counted at; None where the ledger knows
    them."""
    ledger = await run(LEDGER["ledger"])
    if Boundaries.of_ledger(ledger).until > micros(now):
        return None
    given = {"now": now - SLACK, "far": FAR, "most": MOST + 1}
    return ledger["head"], Boundaries.among(await run(LEDGER["bounded"], **given), now)


async def bound(run: Transaction, head: str, found: Boundaries) -> None:
    """Tell the ledger which edges there are, if nothing was published since they were counted."""
    await run(LEDGER["bound"], head=head, **found.kept())


def name_of(statement: str) -> str:
    """Name of what a statement makes."""
    return statement.partition(" IF NOT EXISTS")[0].rpartition(" ")[2]


@cache
def statements(ontology: Ontology) -> tuple[str, ...]:
    """Everything to be made, each statement repeatable."""
    searched = [search_index(ontology)] if all(_searched(ontology)) else []
    return (*_plain(ontology), *searched)


@cache
def declared(ontology: Ontology) -> str:
    """A name for this set of statements; another set, another name."""
    text = "\n".join((str(VERSION), *_plain(ontology), str(_searched(ontology))))
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def search_name(ontology: Ontology) -> str:
    """Name of the full-text index; it changes with what is searched."""
    return f"search_{declared(ontology)}"


def search_index(ontology: Ontology) -> str:
    """Full-text index over every searched field of every kind, for all times."""
    labels, fields = _searched(ontology)
    each = ", ".join(f"n.`{field}`" for field in fields)
    name = search_name(ontology)
    return f"CREATE FULLTEXT INDEX {name} IF NOT EXISTS FOR (n:{'|'.join(labels)}) ON EACH [{each}]"


def _plain(ontology: Ontology) -> list[str]:
    links = map(_of_link, ontology.links.values())
    return [*_ALWAYS, *links, *_references(ontology), *_alone(ontology), *_ends(ontology)]


def _ends(ontology: Ontology) -> Iterator[str]:
    """Indexes by which the archive finds what has ended, the last first."""
    for kind in ontology.entities:
        name = f"{snake(kind.label)}_ended"
        yield f"CREATE INDEX {name} IF NOT EXISTS FOR (n:{kind.label}State) ON (n.validTo)"


def _alone(ontology: Ontology) -> Iterator[str]:
    """Indexes to find what agrees in a value that only one in force may have."""
    for kind in ontology.kinds.values():
        if kind.alone and not ontology.ends(kind).keys() & set(kind.alone):
            name = f"{snake(kind.label)}_alone"
            field = camel(kind.alone[0])
            yield f"CREATE INDEX {name} IF NOT EXISTS FOR (n:{kind.label}State) ON (n.`{field}`)"


def _references(ontology: Ontology) -> Iterator[str]:
    """Indexes to find what refers to a link."""
    for link in ontology.links.values():
        for kind, field, _ in ontology.referring(link):
            name = f"{snake(kind.label)}_{field.lower()}"
            yield f"CREATE INDEX {name} IF NOT EXISTS FOR (n:{kind.label}State) ON (n.`{field}`)"


def _searched(ontology: Ontology) -> tuple[list[str], list[str]]:
    kinds = [kind for kind in ontology.kinds.values() if kind.searched]
    fields = sorted({field for kind in kinds for field in kind.searched})
    return [f"{kind.label}State" for kind in kinds], fields


def _of_link(link: type[Link]) -> str:
    return f"CREATE INDEX {link.word}_id IF NOT EXISTS FOR ()-[r:{link.type}]-() ON (r.id)"
