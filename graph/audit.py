"""The record of who changed what and why: a chain of entries, each with the hash of the last.

Leaves and nodes of a Merkle tree are hashed apart (RFC 6962, section 2.1), entries under a name and
version of their own, so that no hash of one sort can pass for another.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import reduce
from typing import Any

import orjson

from graph.changes import Piece, Revision
from graph.times import written

GENESIS = "0" * 64
"""Hash before the first entry."""
SHOWN = 200
"""Most revisions whose values stand in an entry; a larger write is told by its root alone."""


@dataclass(frozen=True, slots=True)
class Actor:
    """Who writes."""

    subject: str


def canonical(value: object) -> bytes:
    """JSON with sorted keys and times in UTC: one text for one value."""
    return orjson.dumps(
        value, default=_plain, option=orjson.OPT_SORT_KEYS | orjson.OPT_PASSTHROUGH_DATETIME
    )


def leaf(revision: Revision, sequence: int) -> bytes:
    """Canonical text of one revision."""
    told = {
        "id": revision.change.id,
        "action": revision.action,
        "commit": sequence,
        "before": [_told(stored.piece) for stored in revision.superseded],
        "after": [_told(piece) for piece in revision.made],
    }
    if ends := revision.change.ends:
        told |= {"source": ends[0], "target": ends[1]}
    return canonical(told)


class Leaves:
    """Revisions of one write as they come: their number, their Merkle root, the texts of a few.

    Only the roots of full trees are kept, at most one a size, so memory does not grow with a load.
    """

    def __init__(self) -> None:
        self.count = 0
        self.texts: list[bytes] = []
        self._full: list[tuple[int, bytes]] = []

    @classmethod
    def restored(cls, told: Mapping[str, Any]) -> Leaves:
        """Leaves as `saved` told them."""
        found = cls()
        found.count = told["count"]
        found.texts = [text.encode() for text in told["texts"]]
        found._full = [(size, bytes.fromhex(node)) for size, node in told["full"]]
        return found

    def saved(self) -> dict[str, object]:
        """All that is needed to go on later, as plain values."""
        return {
            "count": self.count,
            "texts": [text.decode() for text in self.texts],
            "full": [(size, node.hex()) for size, node in self._full],
        }

    def add(self, text: bytes) -> None:
        """Take in the next leaf."""
        self.count += 1
        if self.count <= SHOWN:
            self.texts.append(text)
        else:
            self.texts.clear()
        size, node = 1, hashlib.sha256(b"\x00" + text).digest()
        while self._full and self._full[-1][0] == size:
            node = _node(self._full.pop()[1], node)
            size *= 2
        self._full.append((size, node))

    def root(self) -> str:
        """Root of the Merkle tree of these leaves, hexadecimal (RFC 6962, 2.1)."""
        nodes = [node for _, node in reversed(self._full)]
        if not nodes:
            return hashlib.sha256(b"").hexdigest()
        return reduce(lambda right, left: _node(left, right), nodes).hex()


def merkle_root(texts: Iterable[bytes]) -> str:
    """Root of the Merkle tree of these leaves, hexadecimal (RFC 6962, 2.1)."""
    leaves = Leaves()
    for text in texts:
        leaves.add(text)
    return leaves.root()


def entry(
    sequence: int,
    at: datetime,
    actor: Actor,
    reason: str,
    commits: tuple[int, int],
    leaves: Leaves,
    previous: str,
    batch: str = "",
) -> dict[str, object]:
    """An entry of the chain with its hash; `changes` holds the revisions where they are few.

    `batch` names the files of a load.
    """
    told: dict[str, object] = {
        "sequence": sequence,
        "at": written(at),
        "actor": actor.subject,
        "reason": reason,
        "first": commits[0],
        "last": commits[1],
        "count": leaves.count,
        "root": leaves.root(),
        "previous": previous,
    }
    if batch:
        told["batch"] = batch
    if leaves.count <= SHOWN:
        told["changes"] = "[" + ",".join(text.decode() for text in leaves.texts) + "]"
    return {**told, "hash": chained(told)}


def chained(told: Mapping[str, object]) -> str:
    """Hash of an entry from everything else it says."""
    content = {name: value for name, value in told.items() if name != "hash"}
    return hashlib.sha256(b"goldenthread audit entry v1\n" + canonical(content)).hexdigest()


def _node(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


def _told(piece: Piece) -> dict[str, object]:
    return {
        "validFrom": written(piece.since),
        "validTo": written(piece.until),
        "state": dict(piece.state),
    }


def _plain(value: object) -> str:
    if isinstance(value, datetime):
        return written(value)
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"no canonical form of {type(value).__name__}")
