"""What is stored around changes and believed now: lives of things, links at their ends."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from graph.changes import Stored
from graph.claiming import piece_of, turned
from graph.ontology.vocabulary import Kind, Link, camel
from graph.store import Store
from queries import LEDGER

CHUNK = 5_000
"""Ids in one statement."""


@dataclass(frozen=True, slots=True)
class Neighbours:
    """Reads what is published up to a commit."""

    store: Store
    published: int

    @classmethod
    async def of(cls, store: Store) -> Neighbours:
        """What is published now; nothing where the database is not prepared."""
        ledger = await store.answer(LEDGER["ledger"])
        return cls(store, ledger["published"] if ledger else 0)

    async def lives(self, ids: Collection[str]) -> Mapping[str, list[Stored]]:
        """Pieces of the lives of some things, by id."""
        found: defaultdict[str, list[Stored]] = defaultdict(list)
        for part in self._parts(ids):
            given = {"ids": part, "seen": self.published, "past": False}
            for id_, ref, properties in await self.store.answer(LEDGER["stored_things"], **given):
                found[id_].append(piece_of(ref, properties, None, self.published))
        return found

    async def links(
        self, link: type[Link], forward: bool, ids: Collection[str]
    ) -> Mapping[str, list[Stored]]:
        """Pieces of links of a type, by id; `forward` = the given things are their sources."""
        before, after = ("", ">") if forward != link.reversed() else ("<", "")
        text = LEDGER["links_believed_at"].replace("{type}", link.type)
        text = text.replace("{before}", before).replace("{after}", after)
        found: defaultdict[str, list[Stored]] = defaultdict(list)
        for part in self._parts(ids):
            rows = await self.store.answer(text, ids=part, seen=self.published)
            for id_, ref, properties, (start, end) in rows:
                ends = turned(self.store.ontology, id_, (start, end))
                found[id_].append(piece_of(ref, properties, ends, self.published))
        return found

    async def linked(
        self, links: Iterable[type[Link]], since: Mapping[str, datetime], forward: bool
    ) -> list[tuple[str, str, str]]:
        """Links at things that are in force later than given: link id, source id, target id.

        `forward` = the things are their sources.
        """
        places = {when: place for place, when in enumerate(dict.fromkeys(since.values()))}
        found: list[tuple[str, str, str]] = []
        for turned_ in (False, True):
            types = sorted(link.type for link in links if link.reversed() == turned_)
            before, after = ("", ">") if forward != turned_ else ("<", "")
            text = LEDGER["linked"].replace("{types}", "|".join(types))
            text = text.replace("{before}", before).replace("{after}", after)
            for part in self._parts(since if types else ()):
                rows = [[id_, places[since[str(id_)]]] for id_ in part]
                given = {"rows": rows, "times": list(places), "seen": self.published}
                for id_, start, end in await self.store.answer(text, **given):
                    found.append((id_, end, start) if turned_ else (id_, start, end))
        return found

    async def alike(self, kind: type[Kind], field: str, values: Collection[object]) -> set[str]:
        """Things of a kind with one of some values in a field."""
        text = LEDGER["alike"].replace("{kind}", kind.label).replace("{field}", camel(field))
        found: set[str] = set()
        for part in self._parts(values):
            found |= set(await self.store.answer(text, values=part, seen=self.published))
        return found

    def _parts(self, values: Iterable[object]) -> Iterator[Sequence[object]]:
        """The values in portions; none where nothing is published."""
        left = iter(values if self.published else ())
        while part := list(islice(left, CHUNK)):
            yield part
