"""What a database needs before it can hold a graph: constraints and indexes, read off the ontology."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from graph.ontology import Ontology
from graph.ontology.vocabulary import Kind, Link, snake

VERSION = 1
"""Raised when the layout changes in a way that stored graphs must follow."""

_ALWAYS = (
    "CREATE CONSTRAINT identity_id IF NOT EXISTS FOR (n:Identity) REQUIRE n.id IS UNIQUE",
    "CREATE CONSTRAINT ledger_key IF NOT EXISTS FOR (n:Ledger) REQUIRE n.key IS UNIQUE",
    "CREATE CONSTRAINT commit_sequence IF NOT EXISTS FOR (n:Commit) REQUIRE n.sequence IS UNIQUE",
    "CREATE CONSTRAINT audit_sequence IF NOT EXISTS FOR (n:AuditEvent) REQUIRE n.sequence IS UNIQUE",
    "CREATE INDEX commit_run IF NOT EXISTS FOR (n:Commit) ON (n.run, n.at)",
)


def statements(ontology: Ontology) -> list[str]:
    """Everything to be made, each statement repeatable."""
    kinds = [text for kind in ontology.kinds.values() for text in _of_kind(kind)]
    links = [_of_link(link) for link in ontology.links.values()]
    return [*_ALWAYS, *kinds, *links, search_index(ontology)]


def declared(ontology: Ontology) -> str:
    """A name for this set of statements; another set, another name."""
    text = "\n".join((str(VERSION), *_ALWAYS, *(t for k in ontology.kinds.values() for t in _of_kind(k))))
    text += "\n".join((*map(_of_link, ontology.links.values()), str(_searched(ontology))))
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


def _searched(ontology: Ontology) -> tuple[list[str], list[str]]:
    kinds = [kind for kind in ontology.kinds.values() if kind.searched]
    fields = sorted({field for kind in kinds for field in kind.searched})
    return [f"{kind.label}State" for kind in kinds], fields


def _of_kind(kind: type[Kind]) -> Iterator[str]:
    name, times = snake(kind.label), "n.validFrom, n.validTo, n.recorded, n.superseded"
    yield f"CREATE INDEX {name}_live IF NOT EXISTS FOR (n:{kind.label}Live) ON (n.key)"
    yield f"CREATE INDEX {name}_state IF NOT EXISTS FOR (n:{kind.label}State) ON (n.key, {times})"


def _of_link(link: type[Link]) -> str:
    return f"CREATE INDEX {link.word}_id IF NOT EXISTS FOR ()-[r:{link.type}]-() ON (r.id)"
