"""Proves the audit: each entry follows on the last, and the graph is what the entries made of it.

The first entry that does not hold is named. What a writer adds meanwhile is not looked at.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson

from graph.audit import GENESIS, Leaves, chained, digest, sealed
from graph.audit_reading import entries, parts
from graph.changes import Stored
from graph.checkpoints import Checkpoint
from graph.claiming import piece_of, turned
from graph.errors import Unavailable
from graph.ledger import Transaction
from graph.ontology import Ontology
from graph.veil import Veil
from graph.veils import unveiled
from queries import LEDGER

Leaf = Mapping[str, Any]
_NAMES = frozenset({"id", "source", "target"})


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether the audit holds, and else where it first does not."""

    intact: bool
    entries: int
    """Entries looked at."""
    first_bad: int | None
    """Number of the first that does not hold."""
    explanation: str
    head: str = GENESIS
    """Hash of the last entry."""
    root: str = ""
    """Merkle root over the hashes of the entries."""


class _Flaw(Exception):
    """What does not hold, and in which entry."""

    def __init__(self, entry: int | None, says: str) -> None:
        super().__init__(says)
        self.entry = entry


@dataclass(slots=True)
class Proof:
    """One look at the audit, from the first entry to the last that is published."""

    answer: Transaction
    ontology: Ontology
    thorough: bool = True
    """Whether leaves are hashed again and compared with the graph, beside the chain itself."""
    checkpoint: Checkpoint | None = None
    _seen: int = 0
    _hashes: Leaves = field(default_factory=Leaves)
    _owners: dict[int, int] = field(default_factory=dict)
    """The entry of each commit."""
    _erased: set[str] = field(default_factory=set)
    """Things that were erased, as the audit says."""
    _bare: dict[str, int] = field(default_factory=dict)
    """Things of which only hashes are left, with an entry that speaks of them."""

    async def verdict(self) -> Verdict:
        """Whether everything holds. Raises Unavailable."""
        ledger = await self.answer(LEDGER["ledger"])
        if ledger is None or "version" not in ledger:
            raise Unavailable("the database is not prepared; run: goldenthread migrate")
        try:
            head = await self._chain(ledger)
            if self.thorough:
                await self._graph(ledger)
        except _Flaw as flaw:
            return Verdict(False, self._seen, flaw.entry, str(flaw))
        told = f"all {self._seen:,} entries hold"
        if self.thorough:
            told += ", and the graph is what they say"
        return Verdict(True, self._seen, None, told, head, self._hashes.root())

    async def _chain(self, ledger: Mapping[str, Any]) -> str:
        """Follow the chain to its head."""
        head, last = GENESIS, 0
        roots: dict[int, tuple[int, str]] = {}
        async for entry, commits in entries(self.answer, ledger["entries"]):
            self._seen += 1
            number = self._seen
            self._follows(entry, number, head, last)
            if entry.get("instants") != sealed(commits):
                raise _Flaw(number, "its commits were altered, or their times")
            self._owners |= {commit[0]: number for commit in commits}
            head, last = entry["hash"], entry["last"]
            roots[number] = entry["count"], entry["root"]
            self._hashes.add(head.encode())
            self._at_checkpoint(number, head)
        self._at_end(ledger, head, last)
        await self._strays()
        if self.thorough:
            await self._leaves(roots)
        return head

    def _follows(self, entry: Mapping[str, Any], number: int, head: str, last: int) -> None:
        if entry.get("sequence") != number:
            raise _Flaw(number, f"entry {number} is missing")
        if entry.get("previous") != head:
            raise _Flaw(number, "it does not follow on the entry before")
        if entry.get("hash") != chained(entry):
            raise _Flaw(number, "it was altered: its hash is another")
        if not last < entry["first"] <= entry["last"]:
            raise _Flaw(number, "its commits do not follow on those before")

    def _at_checkpoint(self, number: int, head: str) -> None:
        kept = self.checkpoint
        if (
            kept
            and kept.sequence == number
            and (kept.head, kept.root)
            != (
                head,
                self._hashes.root(),
            )
        ):
            raise _Flaw(None, f"the first {number} entries are not those of the checkpoint")

    def _at_end(self, ledger: Mapping[str, Any], head: str, last: int) -> None:
        if self._seen < ledger["entries"]:
            raise _Flaw(self._seen + 1, f"entry {self._seen + 1} is missing")
        if (head, last) != (ledger["head"], ledger["published"]):
            raise _Flaw(self._seen + 1, "the chain does not end where the ledger says")
        if self.checkpoint and self.checkpoint.sequence > self._seen:
            raise _Flaw(
                self._seen + 1,
                f"the checkpoint knows {self.checkpoint.sequence} entries; the last are missing",
            )

    async def _strays(self) -> None:
        found = await self.answer(LEDGER["audit_strays"])
        if found["entries"] or found["commits"]:
            raise _Flaw(self._seen + 1, "there are entries or commits beyond the end of the chain")

    async def _leaves(self, roots: Mapping[int, tuple[int, str]]) -> None:
        """Hash the leaves of every entry again."""
        trees: dict[int, Leaves] = {}
        async for entry, place, leaves in parts(self.answer, len(roots)):
            tree = trees.setdefault(entry, Leaves())
            if place != tree.count:
                raise _Flaw(entry, "some of its changes are missing, or stand twice")
            for text in leaves:
                tree.add(text.encode())
        for entry, (count, root) in roots.items():
            tree = trees.get(entry, Leaves())
            if (tree.count, tree.root()) != (count, root):
                raise _Flaw(entry, "its changes were altered: their root is another")

    async def _graph(self, ledger: Mapping[str, Any]) -> None:
        """Compare what the leaves say with what is stored."""
        recorded, superseded = Counter[int](), Counter[int]()
        async for entry, _, leaves in parts(self.answer, ledger["entries"]):
            told = [orjson.loads(text) for text in leaves]
            for leaf in told:
                recorded[leaf["commit"]] += len(leaf["after"])
                superseded[leaf["commit"]] += len(leaf["before"])
            await self._stored(entry, told, ledger["published"])
        for id_ in self._bare.keys() - self._erased:
            raise _Flaw(self._bare[id_], f"{id_} was emptied, and nobody erased it")
        for commit in await self._miscounted(recorded, superseded):
            says = "the graph holds other states or links than it recorded"
            raise _Flaw(self._owners.get(commit), says)

    async def _stored(self, entry: int, leaves: Sequence[Leaf], seen: int) -> None:
        hidden = await unveiled(
            self.answer, (leaf[name] for leaf in leaves for name in _NAMES & leaf.keys())
        )
        things, links = dict[str, Leaf](), dict[str, Leaf]()
        for leaf in leaves:
            id_ = hidden.name(leaf["id"], _ends(leaf))
            (links if "source" in leaf else things)[id_] = leaf
            if leaf["action"] == "ERASED":
                self._erased.add(leaf["id"])
        pieces = await self._things(entry, sorted(things), seen)
        pieces |= await self._links(links, hidden, seen)
        for leaf in leaves:
            id_ = hidden.name(leaf["id"], _ends(leaf))
            self._compare(entry, leaf, pieces.get(id_, ()), hidden.salts.get(id_))

    async def _things(self, entry: int, ids: Sequence[str], seen: int) -> dict[str, list[Stored]]:
        found: dict[str, list[Stored]] = {}
        for copy, rows in await self.answer(LEDGER["audited_things"], ids=ids, seen=seen):
            found[copy["id"]] = [piece_of(ref, state, None, seen) for _, ref, state in rows]
            if not _copied(copy, [state for *_, state in rows]):
                raise _Flaw(entry, f"what {copy['id']} carries is none of its states")
        return found

    async def _links(
        self, links: Mapping[str, Leaf], hidden: Veil, seen: int
    ) -> dict[str, list[Stored]]:
        found: defaultdict[str, list[Stored]] = defaultdict(list)
        rows = []
        for id_, leaf in links.items():
            source, target = (hidden.name(end) for end in _ends(leaf))
            rows.append([id_, *turned(self.ontology, id_, (source, target))])
        given = {"rows": rows, "seen": seen, "past": True}
        for id_, ref, state in await self.answer(LEDGER["stored_links"], **given) if rows else ():
            found[id_].append(piece_of(ref, state, None, seen))
        return found

    def _compare(self, entry: int, leaf: Leaf, pieces: Sequence[Stored], salt: str | None) -> None:
        """Raise _Flaw unless what a leaf took and made is stored so."""
        commit, id_ = leaf["commit"], leaf["id"]
        if any("erased" in one.piece.state for one in pieces):
            self._bare.setdefault(id_, entry)
        made = [_hash(one, salt) for one in pieces if one.recorded == commit]
        ended = [_hash(one, salt) for one in pieces if one.superseded == commit]
        if not _within(leaf["after"], made):
            raise _Flaw(entry, f"{id_} is not stored as it was recorded")
        if not _within(leaf["before"], ended):
            raise _Flaw(entry, f"what {id_} was before is not stored as it was")

    async def _miscounted(self, recorded: Counter[int], superseded: Counter[int]) -> list[int]:
        """Commits of which the graph holds more or fewer pieces than the leaves say."""
        for made, over, pieces in await self.answer(LEDGER["audit_counts"]):
            recorded[made] -= pieces
            superseded[over or 0] -= pieces if over else 0
        return sorted(commit for count in (recorded, superseded) for commit in +count | -count)


def _within(hashes: Iterable[str], others: Iterable[str]) -> bool:
    """Whether these are among the others, each as often."""
    return Counter(hashes) <= Counter(others)


def _ends(leaf: Leaf) -> tuple[str, ...]:
    return (leaf["source"], leaf["target"]) if "source" in leaf else ()


def _hash(one: Stored, salt: str | None) -> str:
    """Hash of what is stored; of what was erased, the one that was left."""
    erased = one.piece.state.get("erased")
    return erased if isinstance(erased, str) else digest(one.piece, salt)


def _copied(copy: Mapping[str, Any], states: Iterable[Mapping[str, Any]]) -> bool:
    """Whether the copy on an identity is that of one of its states; it may carry none."""
    if copy.get("recorded") is None:
        return all(value is None for name, value in copy.items() if name != "id")
    return any(dict(copy) == dict(state) for state in states)
