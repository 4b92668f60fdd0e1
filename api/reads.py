"""Reads that are recorded: of what is restricted, and of the record itself."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from api.errors import log
from graph.accesses import Access, Accesses
from graph.errors import GoldenthreadError
from graph.hidden import NOTHING_HIDDEN, Hidden
from graph.ontology import Ontology
from graph.ontology.terms import Access as Class
from graph.questions import Ask
from graph.sight import Scope, Sight

AUDIT = frozenset({"accessLog", "changes", "history", "verifyAudit", "watch", "whyChanged"})
"""Root fields that tell the record."""
UNRESTRICTED = Sight(scopes=(Scope(Class.CONFIDENTIAL.name),))
"""What may be seen without being recorded."""


class Reads:
    """Finds out what an answer told, and notes it."""

    def __init__(self, accesses: Accesses, ontology: Ontology) -> None:
        self._accesses = accesses
        declared = ontology.declared()
        self._words = frozenset(of.word for of in declared if of.access is Class.RESTRICTED)

    def concern(self, ask: Ask) -> bool:
        """Whether somebody sees anything restricted at all."""
        scopes = ask.viewer.sight.scopes
        return not scopes or any(not scope.above for scope in scopes)

    async def told(self, ask: Ask, request: str, root: str, answer: Any) -> None:
        """Note what an answer told, if it is to be noted. Never fails."""
        audit, certain, ids = root in AUDIT, True, list[str]()
        if answer is not None and self.concern(ask):
            hidden = NOTHING_HIDDEN
            try:
                hidden = await ask.store.hiding.at(UNRESTRICTED, ask.commits)
            except (GoldenthreadError, TimeoutError):
                certain = False
            ids = list(dict.fromkeys(self._restricted(answer, hidden)))
        if audit or ids or not certain:
            self._accesses.note(Access(ask.now, ask.viewer, request, root, ids, audit, certain))

    def _restricted(self, answer: Any, hidden: Hidden) -> Iterator[str]:
        """Ids of what is restricted, wherever they stand in an answer."""
        left = [answer]
        while left:
            one = left.pop()
            if isinstance(one, str):
                if ":" in one and self._named(one, hidden):
                    yield one
            elif isinstance(one, dict):
                left.extend(reversed(one.values()))
            elif isinstance(one, list | tuple):
                left.extend(reversed(one))

    def _named(self, text: str, hidden: Hidden) -> bool:
        return text.partition(":")[0] in self._words or text in hidden


def lost(access: Access) -> None:
    """An access that the database did not take stands in the log."""
    told = access.told()
    log.warning("access", **{**told, "at": access.at.isoformat()})
