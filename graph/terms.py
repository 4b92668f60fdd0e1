"""What a writer may demand of a write, what it gets back, and why it may be sent away."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from graph.changes import Revision
from graph.errors import Conflict


@dataclass(frozen=True, slots=True)
class Terms:
    """What must hold for a write to be done; else it is not."""

    key: str | None = None
    """The client's own key: a repeat writes nothing and gives the first receipt."""
    digest: str | None = None
    """Hash of what was asked under that key; the same key for something else is refused."""
    revisions: Mapping[str, int] = field(default_factory=dict)
    """The revision of things and links that the writer has seen, by id; 0 = nothing there."""
    judged: int | None = None
    """The published commit on which rules across things were judged."""
    dry: bool = False
    """Whether only to say what would be done."""

    @property
    def once(self) -> bool:
        """Whether they can only be kept by one transaction, however much it writes."""
        return bool(self.revisions) or self.judged is not None


NO_TERMS = Terms()


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a write did, or would do."""

    sequence: int
    """The commit that readers now see."""
    created: int = 0
    changed: int = 0
    ended: int = 0
    unchanged: int = 0
    by_word: Mapping[str, Mapping[str, int]] = field(default_factory=dict, compare=False)
    """The same by the word of a kind or link."""
    entry: int | None = field(default=None, compare=False)
    """Number of the audit entry; None where nothing was written."""
    at: datetime | None = field(default=None, compare=False)
    """When it was recorded."""
    repeated: bool = field(default=False, compare=False)
    """Whether it is the receipt of an earlier write under the same key."""
    revisions: tuple[Revision, ...] = field(default=(), compare=False)
    """What a small write did to each thing and link; a repeat does not tell."""


class Stale(Conflict):
    """Something was changed after the writer had read it."""

    def __init__(self, id_: str, seen: int, revision: int) -> None:
        super().__init__(
            f"{id_} was changed meanwhile: you have seen revision {seen}, it is at {revision};"
            " read it again"
        )
        self.id, self.seen, self.revision = id_, seen, revision


class Moved(Conflict):
    """The graph moved on since rules were judged; it is worth judging again."""

    def __init__(self) -> None:
        super().__init__("the graph was changed meanwhile; try again")


class KeyTaken(Conflict):
    """A client's key that stands for another write."""

    def __init__(self, key: str) -> None:
        super().__init__(f"the key {key!r} was used for another change; take a new one")
