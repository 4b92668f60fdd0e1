"""Questions about access: what the asker may see and do, and who read what."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar

from graph import cursors
from graph.changing import told
from graph.errors import Forbidden
from graph.hidden import NOTHING_HIDDEN, Hidden
from graph.ontology import Ontology
from graph.ontology.vocabulary import GlobalId, Value
from graph.pages import page_size
from graph.questions import Ask, Question, When
from graph.selection import Select
from graph.sight import Scope, limits
from queries import LEDGER

LOG = "accessLog"
LARGEST = 200
"""Entries of one page."""


class MyAccess(Value):
    """What the asker may see and do; not a word on what is hidden."""

    subject: str
    """Who asks, by the token."""
    roles: tuple[str, ...]
    """His roles, of those that the policy knows."""
    clearance: str
    """Highest access class that he sees; of several roles, the lowest of theirs."""
    kinds: tuple[str, ...]
    """Words of the kinds that he sees."""
    verbs: tuple[str, ...] | None = None
    """Mutations that he may ask for; null for all."""
    all_rows: bool
    """Whether he sees every row of what he sees."""
    least_group_size: int
    """Figures of fewer customers are suppressed."""


class MyAccessQuestion(Question):
    """What the asker may see and do."""

    name: ClassVar[str] = "my_access"
    answers: ClassVar[Any] = MyAccess
    timed: ClassVar[bool] = False

    async def answer(self, ask: Ask, select: Select) -> Any:
        """From the policy alone; nothing is read."""
        value = my_access(ask, ask.store.ontology)
        return {one.alias: told(value, one) for one in select.fields}


def my_access(ask: Ask, ontology: Ontology) -> MyAccess:
    """What the policy gives to who asks."""
    viewer, sight = ask.viewer, ask.viewer.sight
    kinds = [
        kind.word
        for kind in ontology.kinds.values()
        if viewer.kinds is None or kind.label in viewer.kinds
    ]
    scopes = sight.scopes or (Scope(),)
    return MyAccess(
        subject=viewer.subject,
        roles=viewer.roles,
        clearance=max(scopes, key=lambda scope: len(scope.above)).clearance,
        kinds=tuple(sorted(kinds)),
        verbs=None if sight.verbs is None else tuple(sorted(sight.verbs)),
        all_rows=not limits(sight),
        least_group_size=sight.least,
    )


class AccessEntry(Value):
    """What one root field of a request told to somebody."""

    at: datetime
    """When."""
    subject: str
    """Who asked."""
    roles: tuple[str, ...]
    """In which roles."""
    token: str | None = None
    """Id of the token."""
    request: str
    """Id of the request."""
    field: str
    """The root field."""
    of: tuple[str, ...]
    """Ids of the restricted things that were told, at most 200, of which the asker may know."""
    count: int
    """How many there were."""
    audit: bool
    """Whether the record of changes, or this one, was told."""
    certain: bool
    """False where it could not be found out which things are restricted."""


class AccessLog(Value):
    """A page of who read what, newest first."""

    entries: tuple[AccessEntry, ...]
    """The page."""
    next: str | None = None
    """Cursor for `after` of the page that follows; null on the last one."""


class AccessLogQuestion(Question):
    """Who read restricted things, or the record of changes or of accesses. For those whom the
    policy lets ask (`accessLog` among the verbs)."""

    name: ClassVar[str] = "access_log"
    answers: ClassVar[Any] = AccessLog
    timed: ClassVar[bool] = False

    since: When | None = None
    """Read at this instant or later."""
    until: When | None = None
    """Read before this instant."""
    subject: str | None = None
    """Who read it."""
    of: GlobalId | None = None
    """Id of what was read."""
    first: int | None = None
    """Entries of a page, 1 to 200; 50 if left out."""
    after: str | None = None
    """Cursor of the page before."""

    async def answer(self, ask: Ask, select: Select) -> Any:
        """A page. Raises Forbidden."""
        if not ask.viewer.may(LOG):
            raise Forbidden(f"none of your roles may {LOG}")
        first = page_size(self.first, LARGEST)
        at, key = cursors.decode(LOG, self.after, 2).values if self.after else (None, None)
        found = await ask.store.answer(
            LEDGER["accesses"],
            since=self.since,
            until=self.until,
            subject=self.subject,
            of=self.of,
            at=datetime.fromisoformat(at) if at else None,
            key=key,
            rows=first + 1,
        )
        value = await _page(ask, list(found or ()), first)
        return {one.alias: told(value, one) for one in select.fields}


async def _page(ask: Ask, rows: list[dict[str, Any]], first: int) -> AccessLog:
    sight = ask.viewer.sight
    known = ask.store.hiding
    hidden = await known.of(sight, await known.of(sight)) if limits(sight) else NOTHING_HIDDEN
    shown, more = rows[:first], len(rows) > first
    entries = [_entry(row, hidden) for row in shown]
    last = shown[-1] if shown and more else None
    mark = cursors.encode(LOG, [last["at"].isoformat(), last["key"]], None) if last else None
    return AccessLog(entries=tuple(entries), next=mark)


def _entry(row: Mapping[str, Any], hidden: Hidden) -> AccessEntry:
    kept = {name: row[name] for name in AccessEntry.model_fields if name in row}
    return AccessEntry(**{**kept, "of": [one for one in row["of"] if not hidden.names(one)]})
