"""The veils of what is written or read: pseudonyms as the database keeps them."""

from __future__ import annotations

from collections.abc import Iterable
from secrets import token_hex

from graph.changes import Change
from graph.ledger import Transaction
from graph.ontology import Ontology
from graph.veil import Veil
from queries import LEDGER


def hidden(ontology: Ontology, changes: Iterable[Change]) -> list[str]:
    """Ids of the things that changes speak of and that the audit calls by a pseudonym."""
    words = {kind.word for kind in ontology.personal}
    ids = {id_ for change in changes for id_ in (change.id, *(change.ends or ()))}
    return sorted(id_ for id_ in ids if id_.partition(":")[0] in words)


async def veil(run: Transaction, ours: Iterable[str]) -> Veil:
    """The veil of some things; those that are new to it get a pseudonym."""
    rows = [[id_, f"{id_.partition(':')[0]}:~{token_hex(16)}", token_hex(16)] for id_ in ours]
    found = await run(LEDGER["veil"], rows=rows)
    return Veil({row[0]: row[1] for row in found}, {row[0]: row[2] for row in found})


async def unveiled(run: Transaction, names: Iterable[str]) -> Veil:
    """The way back: from what the audit calls things to their names; salts by their names."""
    hidden = sorted({name for name in names if ":~" in name})
    rows = await run(LEDGER["unveiled"], aliases=hidden) if hidden else ()
    return Veil({row[1]: row[0] for row in rows}, {row[0]: row[2] for row in rows})
