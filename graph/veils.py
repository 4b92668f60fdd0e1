"""The veils of what is written or read: pseudonyms as the database keeps them."""

from __future__ import annotations

from collections.abc import Iterable
from secrets import token_hex

from graph.changes import Change
from graph.ledger import Transaction
from graph.ontology import Ontology
from graph.veil import NO_VEIL, Veil
from queries import LEDGER


async def veil(run: Transaction, ontology: Ontology, changes: Iterable[Change]) -> Veil:
    """The veil of all that changes speak of; things that are new to it get a pseudonym."""
    words = {kind.word for kind in ontology.personal}
    ids = {id_ for change in changes for id_ in (change.id, *(change.ends or ()))}
    ours = sorted(id_ for id_ in ids if id_.partition(":")[0] in words)
    if not ours:
        return NO_VEIL
    rows = [[id_, f"{id_.partition(':')[0]}:~{token_hex(16)}", token_hex(16)] for id_ in ours]
    found = await run(LEDGER["veil"], rows=rows)
    return Veil({row[0]: row[1] for row in found}, {row[0]: row[2] for row in found})


async def unveiled(run: Transaction, names: Iterable[str]) -> Veil:
    """The way back: from what the audit calls things to their names; salts by their names."""
    hidden = sorted({name for name in names if ":~" in name})
    rows = await run(LEDGER["unveiled"], aliases=hidden) if hidden else ()
    return Veil({row[1]: row[0] for row in rows}, {row[0]: row[2] for row in rows})
