"""Which commit was the last that may have changed what is hidden from anybody.

Most that is written day by day, values and decisions, hides nothing and uncovers nothing. The
audit's leaves say of which kinds and links each entry speaks.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from graph.ledger import Transaction
from queries import LEDGER

PARTS = 4
"""Parts of the audit, of up to 1,000 leaves each, that are looked at; more is a load."""
WORD = re.compile(r',"id":"([a-z_]+):')


@dataclass(slots=True)
class Decisive:
    """What was published so far, and the last of it that may have changed what is hidden."""

    answer: Transaction
    deciding: frozenset[str]
    """Words of the kinds and links on which it depends."""
    _published: int = -1
    _entries: int = -1
    _head: str = ""
    _last: int = -1

    async def look(self) -> tuple[int, int]:
        """The newest published commit, and the last decisive one; the first look decides."""
        ledger = await self.answer(LEDGER["ledger"])
        if ledger is None:
            return 0, 0
        published, entries = ledger["published"], ledger["entries"]
        if published != self._published and await self._decides(entries):
            self._last = published
        self._published, self._entries, self._head = published, entries, ledger["head"]
        return published, self._last

    async def _decides(self, entries: int) -> bool:
        """Whether what came since the last look may matter, or cannot be known not to."""
        first = self._entries + 1
        if not 0 < first <= entries or not await self._goes_on():
            return True
        given = {"entry": first, "last": entries, "place": 0, "count": PARTS + 1}
        parts = await self.answer(LEDGER["audit_leaves"], **given) or []
        told = {entry for entry, _, _ in parts}
        if len(parts) > PARTS or told != set(range(first, entries + 1)):
            return True
        return any(speaks(leaves, self.deciding) for _, _, leaves in parts)

    async def _goes_on(self) -> bool:
        """Whether the newest entry known is there still: a database may have been restored."""
        given = {"after": self._entries - 1, "last": self._entries, "count": 1}
        found = await self.answer(LEDGER["audit_entries"], **given) or []
        return [one["hash"] for one, _ in found] == [self._head]


def speaks(leaves: Iterable[str], words: frozenset[str]) -> bool:
    """Whether a leaf speaks of one of these words, or cannot be read."""
    found = [WORD.search(leaf) for leaf in leaves]
    return any(one is None or one[1] in words for one in found)
