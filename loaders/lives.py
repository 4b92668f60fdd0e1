"""Facts of many rows joined into changes: one for each life and record time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from itertools import groupby, islice
from operator import attrgetter, itemgetter
from typing import Any

import orjson

from graph.changes import Change, Piece, overlap
from graph.neighbours import Neighbours
from graph.ontology import Ontology
from loaders.facts import Ends, Fact, link_id
from loaders.report import Problem
from loaders.spool import FACT, Spool, moment, recorded_of

CHUNK = 5_000
"""Things whose cells are compared with what is stored at once."""


@dataclass(slots=True)
class Said:
    """All links that cells name for one thing at one record time, from `since` on."""

    since: datetime
    links: dict[str, Ends] = field(default_factory=dict)


@dataclass(slots=True)
class Thing:
    """What cells of one column say of the links of one thing, by record time."""

    word: str
    id: str
    at: dict[int, Said] = field(default_factory=dict)

    @classmethod
    def of(cls, rows: Iterable[Sequence[Any]]) -> Thing:
        """What rows of the table `told` say of one thing."""
        found = cls("", "")
        for _, found.id, found.word, since, recorded, links in rows:
            said = found.at.setdefault(recorded, Said(moment(since)))
            said.since = min(said.since, moment(since))
            said.links |= {id_: (ends[0], ends[1]) for id_, ends in orjson.loads(links).items()}
        return found

    def in_order(self) -> list[tuple[int, Said]]:
        """Oldest record time first, what is said now last."""
        return sorted(self.at.items())

    @property
    def since(self) -> datetime:
        """The beginning of all that is said."""
        return min(said.since for said in self.at.values())

    def dropped(self) -> Iterator[tuple[str, datetime, Ends, int]]:
        """Ends of links that rows of an older record time name, and later ones do not."""
        before: dict[str, Ends] = {}
        for recorded, said in self.in_order():
            for id_, ends in before.items():
                if id_ not in said.links:
                    yield id_, said.since, ends, recorded
            before |= said.links

    def without(self, id_: str, ends: Ends) -> Iterator[tuple[str, datetime, Ends, int]]:
        """The end of a stored link, where nothing that is said names it."""
        if not any(id_ in said.links for said in self.at.values()):
            yield id_, self.since, ends, self.in_order()[-1][0]


@dataclass(frozen=True)
class Lives:
    """What a load changes, in the order in which it is written; or id by id.

    Facts of one id and record time make one change, from the first of them on.
    """

    spool: Spool
    by_id: bool = False

    @cached_property
    def recorded(self) -> Sequence[datetime]:
        """The record times of the past that rows name."""
        rows = self.spool.ask("SELECT DISTINCT recorded FROM fact ORDER BY recorded")
        return [when for (number,) in rows if (when := recorded_of(number))]

    @cached_property
    def repeated(self) -> bool:
        """Whether some id has several record times."""
        ids = self.spool.number("SELECT count(*) FROM (SELECT DISTINCT id FROM fact)")
        return ids < len(self)

    @cached_property
    def _len(self) -> int:
        return self.spool.number("SELECT count(*) FROM (SELECT DISTINCT id, recorded FROM fact)")

    def __len__(self) -> int:
        return self._len

    def __iter__(self) -> Iterator[Change]:
        order = "id, recorded" if self.by_id else "linked, recorded, id"
        return _changes(self.spool, f"ORDER BY {order}, rowid")

    def of(self, words: Iterable[str]) -> Iterator[Change]:
        """Those of some kinds and links."""
        marks = ", ".join(f"'{word}'" for word in sorted(words))
        return _changes(self.spool, f"WHERE word IN ({marks}) ORDER BY id, recorded, rowid")


def clashes(spool: Spool) -> Iterator[Problem]:
    """Facts that claim the same time of one life."""
    several = "SELECT id, recorded FROM fact GROUP BY id, recorded HAVING count(*) > 1"
    where = f"WHERE (id, recorded) IN ({several}) ORDER BY id, recorded, rowid"
    for _, facts in groupby(_facts(spool, where), key=lambda fact: (fact.id, fact.recorded)):
        if clash := _clash(_distinct(list(facts))):
            yield clash


def torn(spool: Spool, ontology: Ontology) -> Iterator[Problem]:
    """Links with a key of their own that change their ends."""
    keyed = ", ".join(f"'{word}'" for word, link in ontology.links.items() if link.keyed())
    several = f"SELECT id FROM fact WHERE word IN ({keyed}) GROUP BY id HAVING count(*) > 1"
    facts = _facts(spool, f"WHERE id IN ({several}) ORDER BY id, rowid")
    for _, same in groupby(facts, key=attrgetter("id")):
        first, *others = same
        for fact in others:
            if fact.ends != first.ends:
                rule = f"has other ends than in {_where(first)}; a link keeps its ends"
                yield fact.place.breaks(rule)


def begin(spool: Spool) -> None:
    """Let links that cells name begin where the rows of their thing begin; forget `end`."""
    spool.ask("DELETE FROM fact WHERE at IS NULL")
    spool.ask("UPDATE fact SET begin = since WHERE begin <> since")
    several = (
        "SELECT word, forward AS f, id AS thing, recorded AS r, min(since) AS since FROM told"
        " GROUP BY forward, id, word, recorded HAVING count(*) > 1"
    )
    end = "CASE WHEN forward THEN source ELSE target END"
    early = f"early.f = forward AND early.thing = {end} AND early.word = fact.word AND r = recorded"
    spool.ask(
        f"UPDATE fact SET begin = min(begin, early.since) FROM ({several}) AS early WHERE {early}"
    )


async def end(spool: Spool, neighbours: Neighbours) -> None:
    """Add ends of links that a column named before, in the graph or in older rows, and no longer.

    Links of which a table of their own speaks are left to it.
    """
    cells = "SELECT forward, id, word, since, recorded, links FROM told"
    some = "" if neighbours.published else f"WHERE (forward, id, word) IN ({_SEVERAL})"
    rows = spool.ask(f"{cells} {some} ORDER BY forward, id, word")
    things = groupby(rows, key=itemgetter(0, 1, 2))
    made = ((bool(key[0]), Thing.of(rows)) for key, rows in things)
    while part := list(islice(made, CHUNK)):
        found = [end for _, thing in part for end in thing.dropped()]
        for forward in (True, False):
            ours = [thing for way, thing in part if way == forward]
            found += await _unnamed(neighbours, ours, forward)
        for id_, since, ends, recorded in found:
            own = "SELECT count(*) FROM fact WHERE id = ? AND forward IS NULL AND at IS NOT NULL"
            if not spool.number(own, id_):
                spool.end(id_, since, ends, recorded)


_SEVERAL = "SELECT forward, id, word FROM told GROUP BY 1, 2, 3 HAVING count(*) > 1"
"""What several rows speak of: nothing else can be dropped where nothing is stored."""


async def _unnamed(
    neighbours: Neighbours, things: Sequence[Thing], forward: bool
) -> list[tuple[str, datetime, Ends, int]]:
    """Ends of stored links that cells of these things could name, and do not."""
    ontology = neighbours.store.ontology
    cells = {(thing.word, thing.id): thing for thing in things}
    since: dict[str, datetime] = {}
    for thing in things:
        since[thing.id] = min(thing.since, since.get(thing.id, thing.since))
    links = [ontology.links[word] for word in sorted({thing.word for thing in things})]
    found: list[tuple[str, datetime, Ends, int]] = []
    for id_, source, target in await neighbours.linked(links, since, forward):
        word = id_.partition(":")[0]
        cell = cells.get((word, source if forward else target))
        if cell and id_ == link_id(ontology.links[word], (source, target), None):
            found += cell.without(id_, (source, target))
    return found


def _facts(spool: Spool, where: str) -> Iterator[Fact]:
    return map(spool.fact_of, spool.ask(f"SELECT {FACT} FROM fact {where}"))


def facts_of(spool: Spool, id_: str) -> list[Fact]:
    """What rows say of one id."""
    where = "WHERE id = ? AND at IS NOT NULL ORDER BY rowid"
    return [spool.fact_of(row) for row in spool.ask(f"SELECT {FACT} FROM fact {where}", id_)]


def _changes(spool: Spool, where: str) -> Iterator[Change]:
    rows = spool.ask(f"SELECT {FACT}, begin FROM fact {where}")
    for (id_, number), same in groupby(rows, key=itemgetter(3, 4)):
        begins, facts = zip(*((row[-1], spool.fact_of(row[:-1])) for row in same), strict=True)
        told = _distinct(facts) if len(facts) > 1 else facts
        pieces = sorted((f.piece for f in told if not f.retracted), key=lambda piece: piece.since)
        source, target = facts[0].ends or (None, None)
        since, recorded = moment(min(begins)), recorded_of(number)
        yield Change(id_, since, tuple(pieces), source=source, target=target, recorded=recorded)


def _distinct(facts: Sequence[Fact]) -> list[Fact]:
    """Without what a column repeats of a row of the link's own table, which says more."""
    found = [fact for fact in facts if not fact.carried]
    for fact in facts:
        if fact.carried and not any(_repeats(fact.piece, other) for other in found):
            found.append(fact)
    return found


def _repeats(piece: Piece, other: Fact) -> bool:
    """Whether a piece of the same time was said already."""
    told = other.piece
    return not other.retracted and (piece.since, piece.until) == (told.since, told.until)


def _clash(facts: Sequence[Fact]) -> Problem | None:
    """Two facts that claim the same time; where rows of a thing clash, their cells keep quiet."""
    if len(facts) == 1 or not (pair := overlap(fact.piece for fact in facts)):
        return None
    first, *_, last = sorted((f for f in facts if f.piece in pair), key=lambda f: f.place.row)
    if first.carried and last.carried and first.place.table == last.place.table:
        return None
    return last.place.breaks(f"stands twice for the same time, first in {_where(first)}")


def _where(fact: Fact) -> str:
    return f"{fact.place.table}, row {fact.place.row}"
