"""What is hidden from one sight: ids, and whether a text names one of them."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

_ID = re.compile(r"\b([a-z][a-z0-9_]*):")


@dataclass(frozen=True, slots=True)
class Hidden:
    """Ids of hidden rows, and first parts of ids that are hidden as such.

    `words` are of kinds that are hidden, or of which there is too much to list: a text that names
    one of these names something hidden.
    """

    ids: Sequence[str] = ()
    words: frozenset[str] = frozenset()
    small: tuple[str, ...] = ()
    """Ids of things and links of which counts are kept back, as they would tell a small group."""
    seen: int = 0
    """The newest commit that was published when they were found."""
    head: str = ""
    """Hash of the ledger's newest entry then."""
    turn: int = field(default=0, compare=False)
    """How often what is hidden may have changed by then."""
    _ids: frozenset[str] = field(default=frozenset(), compare=False)
    _lengths: dict[str, list[int]] = field(default_factory=dict, compare=False)

    @classmethod
    def of(cls, ids: Iterable[str], words: Iterable[str], small: Iterable[str] = ()) -> Hidden:
        """These ids and words, ready to be looked for in texts."""
        found = sorted(ids)
        lengths: defaultdict[str, set[int]] = defaultdict(set)
        for id_ in found:
            lengths[id_.partition(":")[0]].add(len(id_))
        told = {word: sorted(sizes) for word, sizes in lengths.items()}
        return cls(
            found,
            frozenset(words),
            tuple(sorted(small)),
            _ids=frozenset(found),
            _lengths=told,
        )

    def __contains__(self, id_: object) -> bool:
        return id_ in self._ids

    def names(self, text: str) -> bool:
        """Whether a text names something hidden."""
        if ":" not in text or not (self._ids or self.words):
            return False
        found = list(_ID.finditer(text))
        return any(one[1] in self.words or self._at(text, one) for one in found)

    def lists(self, text: str) -> bool:
        """Whether a text names something of which the id is known to be hidden."""
        return ":" in text and any(self._at(text, one) for one in _ID.finditer(text))

    def _at(self, text: str, match: re.Match[str]) -> bool:
        begin = match.start()
        sizes = self._lengths.get(match[1], ())
        return any(text[begin : begin + size] in self._ids for size in sizes)

    def told(self, text: str | None) -> str | None:
        """A text without the parts that name something hidden; None if nothing else is left."""
        if text is None or not self.names(text):
            return text
        parts = (part.strip() for part in text.split(";"))
        return "; ".join(part for part in parts if not self.names(part)) or None


NOTHING_HIDDEN = Hidden()
