"""The record of who changed what and why: a chain of entries, each holding the hash of the one before.

Leaves and nodes of a Merkle tree are hashed apart (RFC 6962, section 2.1), entries under a name and
version of their own, so that no hash of one sort can pass for another.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

import orjson

from graph.changes import Piece, Revision
from graph.times import written

GENESIS = "0" * 64
"""Hash before the first entry."""
SHOWN = 200
"""Largest number of revisions whose values stand in the entry itself; larger ones by their root."""


@dataclass(frozen=True, slots=True)
class Actor:
    """Who writes."""

    subject: str


def canonical(value: object) -> bytes:
    """JSON with sorted keys and times in UTC: one text for one value."""
    return orjson.dumps(value, default=_plain, option=orjson.OPT_SORT_KEYS | orjson.OPT_PASSTHROUGH_DATETIME)


def leaf(revision: Revision, sequence: int) -> bytes:
    """Canonical text of one revision."""
    return canonical(
        {
            "id": revision.change.id,
            "action": revision.action,
            "commit": sequence,
            "before": [_told(stored.piece) for stored in revision.superseded],
            "after": [_told(piece) for piece in revision.made],
        }
    )


def merkle_root(leaves: Iterable[bytes]) -> str:
    """Root of the Merkle tree of these leaves, hexadecimal (RFC 6962, 2.1)."""
    level = [hashlib.sha256(b"\x00" + one).digest() for one in leaves]
    return _root(level).hex()


def entry(
    sequence: int,
    at: datetime,
    actor: Actor,
    reason: str,
    commits: tuple[int, int],
    leaves: Sequence[bytes],
    previous: str,
) -> dict[str, object]:
    """An entry of the chain with its hash; `changes` holds the revisions where they are few."""
    told: dict[str, object] = {
        "sequence": sequence,
        "at": written(at),
        "actor": actor.subject,
        "reason": reason,
        "first": commits[0],
        "last": commits[1],
        "count": len(leaves),
        "root": merkle_root(leaves),
        "previous": previous,
    }
    if len(leaves) <= SHOWN:
        told["changes"] = "[" + ",".join(one.decode() for one in leaves) + "]"
    return {**told, "hash": chained(told)}


def chained(told: Mapping[str, object]) -> str:
    """Hash of an entry from everything else it says."""
    content = {name: value for name, value in told.items() if name != "hash"}
    return hashlib.sha256(b"goldenthread audit entry v1\n" + canonical(content)).hexdigest()


def _root(level: Sequence[bytes]) -> bytes:
    if not level:
        return hashlib.sha256(b"").digest()
    if len(level) == 1:
        return level[0]
    half = 1 << (len(level) - 1).bit_length() - 1
    return hashlib.sha256(b"\x01" + _root(level[:half]) + _root(level[half:])).digest()


def _told(piece: Piece) -> dict[str, object]:
    return {"validFrom": piece.since, "validTo": piece.until, "state": dict(piece.state)}


def _plain(value: object) -> str:
    if isinstance(value, datetime):
        return written(value)
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"no canonical form of {type(value).__name__}")
