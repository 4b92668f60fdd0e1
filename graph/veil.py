"""What speaks of persons stands in the audit under another name, with salted hashes.

The pseudonym and the salt of a thing are kept beside it. Where a person is erased they go too, and
nothing leads from the audit back to the person; its hashes stay as they are.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import quote


@dataclass(frozen=True, slots=True)
class Veil:
    """Pseudonyms and salts of things, by id; what is not among them is called by its name."""

    aliases: Mapping[str, str] = field(default_factory=dict)
    salts: Mapping[str, str] = field(default_factory=dict)

    def name(self, id_: str, ends: Sequence[str] = ()) -> str:
        """What the audit calls a thing, or a link between these ends."""
        hidden = {_inside(end): _inside(self.aliases[end]) for end in ends if end in self.aliases}
        if not hidden:
            return self.aliases.get(id_, id_)
        word, _, rest = id_.partition(":")
        return f"{word}:{'/'.join(hidden.get(part, part) for part in rest.split('/'))}"


NO_VEIL = Veil()


def _inside(id_: str) -> str:
    """An id as it stands in the id of a link."""
    return quote(id_, safe=":")
