"""The record of who changed what and why: a chain of entries, each with the hash of the last.

Leaves and nodes of a Merkle tree are hashed apart (RFC 6962, section 2.1), entries under a name and
version of their own, so that no hash of one sort can pass for another.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import reduce
from typing import Any

import orjson

from graph.changes import Piece, Revision
from graph.times import written
from graph.veil import NO_VEIL, Veil

GENESIS = "0" * 64
"""Hash before the first entry."""
PART = 1_000
"""Leaves that are kept together at most."""


@dataclass(frozen=True, slots=True)
class Actor:
    """Who writes: a person or program, in which roles, by which token, in which request."""

    subject: str
    roles: tuple[str, ...] = ()
    token: str | None = None
    """Id of the token, never the token."""
    request: str | None = None


def canonical(value: object) -> bytes:
    """JSON with sorted keys and times in UTC: one text for one value."""
    return orjson.dumps(
        value, default=_plain, option=orjson.OPT_SORT_KEYS | orjson.OPT_PASSTHROUGH_DATETIME
    )


def digest(piece: Piece, salt: str | None = None) -> str:
    """Hash of what a piece says, hexadecimal: the audit names values by it and holds none.

    With a salt nobody can guess the values from the hash.
    """
    since, until = written(piece.since), written(piece.until)
    told = {"state": dict(piece.state), "validFrom": since, "validTo": until}
    if salt:
        told["salt"] = salt
    return hashlib.sha256(b"goldenthread piece v1\n" + canonical(told)).hexdigest()


def leaf(revision: Revision, sequence: int, veil: Veil = NO_VEIL) -> bytes:
    """Canonical text of one revision: what it took the place of, and what it made."""
    id_, ends = revision.change.id, revision.change.ends
    before = [stored.piece for stored in revision.superseded]
    return spoken(revision.action, id_, sequence, before, revision.made, ends, veil)


def spoken(
    action: str,
    id_: str,
    sequence: int,
    before: Iterable[Piece],
    after: Iterable[Piece],
    ends: tuple[str, str] | None,
    veil: Veil,
) -> bytes:
    """Canonical text of what a commit did to a thing, or to a link between two ends."""
    salt = veil.salts.get(id_)
    told: dict[str, object] = {
        "id": veil.name(id_, ends or ()),
        "action": action,
        "commit": sequence,
        "before": [digest(piece, salt) for piece in before],
        "after": [digest(piece, salt) for piece in after],
    }
    if ends:
        told |= {"source": veil.name(ends[0]), "target": veil.name(ends[1])}
    return canonical(told)


class Leaves:
    """Leaves of one write as they come: their number and their Merkle root.

    Only the roots of full trees stay, at most one a size, so memory does not grow with a load.
    """

    def __init__(self) -> None:
        self.count = 0
        self._full: list[tuple[int, bytes]] = []

    @classmethod
    def restored(cls, told: Mapping[str, Any]) -> Leaves:
        """Leaves as `saved` told them."""
        found = cls()
        found.count = told["count"]
        found._full = [(size, bytes.fromhex(node)) for size, node in told["full"]]
        return found

    def saved(self) -> dict[str, object]:
        """All that is needed to go on later, as plain values."""
        return {
            "count": self.count,
            "full": [(size, node.hex()) for size, node in self._full],
        }

    def add(self, text: bytes) -> None:
        """Take in the next leaf."""
        self.count += 1
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


def parts(entry: int, place: int, texts: Sequence[bytes]) -> list[dict[str, Any]]:
    """Leaves as they are kept with their entry; `place` is the number of the first, from 0."""
    told = [text.decode() for text in texts]
    return [
        {"entry": entry, "place": place + at, "leaves": told[at : at + PART]}
        for at in range(0, len(told), PART)
    ]


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
    **more: str | int | None,
) -> dict[str, object]:
    """An entry of the chain with its hash; `more` = counts, the client's key, the batch."""
    told: dict[str, object | None] = {
        "sequence": sequence,
        "at": written(at),
        "actor": actor.subject,
        "roles": list(actor.roles) or None,
        "token": actor.token,
        "request": actor.request,
        "reason": reason,
        "first": commits[0],
        "last": commits[1],
        "count": leaves.count,
        "root": leaves.root(),
        "previous": previous,
        **more,
    }
    said = {name: value for name, value in told.items() if value is not None}
    return {**said, "hash": chained(said)}


def chained(told: Mapping[str, object]) -> str:
    """Hash of an entry from everything else it says."""
    content = {name: value for name, value in told.items() if name != "hash"}
    return hashlib.sha256(b"goldenthread audit entry v2\n" + canonical(content)).hexdigest()


def sealed(commits: Iterable[Iterable[object]]) -> str:
    """Hash of commits: number, instant and run of each."""
    told = [list(commit) for commit in commits]
    return hashlib.sha256(b"goldenthread commits v1\n" + canonical(told)).hexdigest()


def _node(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


def _plain(value: object) -> str:
    if isinstance(value, datetime):
        return written(value)
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"no canonical form of {type(value).__name__}")
