"""Whether something published since the last look may have changed what is hidden from anybody.

Most that is written day by day, values and decisions, hides nothing and uncovers nothing. The
audit's leaves say of which kinds and links each entry speaks.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from graph.ledger import Transaction
from queries import LEDGER

PARTS = 4
"""Parts of the audit, of up to 1,000 leaves each, that are looked at; more is a load."""
WORD = re.compile(r',"id":"([a-z_]+):')


@dataclass(frozen=True, slots=True)
class Standing:
    """Where the ledger stands, and how often so far it may have changed what is hidden."""

    head: str = ""
    """Hash of the newest entry: another past has another one, even of as many commits."""
    published: int = 0
    entries: int = 0
    turn: int = 0


@dataclass(slots=True)
class Decisive:
    """Follows the ledger from look to look."""

    answer: Transaction
    deciding: frozenset[str]
    """Words of the kinds and links on which it depends."""
    _stood: Standing = field(default_factory=Standing)

    async def look(self) -> Standing:
        """Where it stands now; the first look decides."""
        ledger = await self.answer(LEDGER["ledger"]) or {"head": "", "published": 0, "entries": 0}
        head, entries, turn = ledger["head"], ledger["entries"], self._stood.turn
        if head != self._stood.head or not turn:
            turn += await self._decides(entries)
        self._stood = Standing(head, ledger["published"], entries, turn)
        return self._stood

    async def _decides(self, entries: int) -> bool:
        """Whether what came since the last look may matter, or cannot be known not to."""
        first = self._stood.entries + 1
        if not self._stood.turn or first > entries or not await self._goes_on():
            return True
        given = {"entry": first, "last": entries, "place": 0, "count": PARTS + 1}
        parts = await self.answer(LEDGER["audit_leaves"], **given) or []
        told = {entry for entry, _, _ in parts}
        if len(parts) > PARTS or told != set(range(first, entries + 1)):
            return True
        return any(speaks(leaves, self.deciding) for _, _, leaves in parts)

    async def _goes_on(self) -> bool:
        """Whether the newest entry known is there still: a database may have been restored."""
        last = self._stood.entries
        if not last:
            return True
        given = {"after": last - 1, "last": last, "count": 1}
        found = await self.answer(LEDGER["audit_entries"], **given) or []
        return [one["hash"] for one, _ in found] == [self._stood.head]


def speaks(leaves: Iterable[str], words: frozenset[str]) -> bool:
    """Whether a leaf speaks of one of these words, or cannot be read."""
    found = [WORD.search(leaf) for leaf in leaves]
    return any(one is None or one[1] in words for one in found)
