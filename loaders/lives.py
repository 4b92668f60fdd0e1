"""Facts of many rows joined into changes: one for each life and record time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from graph.changes import Change, Piece, overlap
from graph.neighbours import Neighbours
from graph.ontology.vocabulary import Link
from graph.store import Store
from loaders.facts import Checked, Ends, Fact, Told, link_id
from loaders.report import Problem

Cell = tuple[type[Link], bool, str]
"""A type of link, whether a thing is its source, and the thing."""
LAST = datetime.max.replace(tzinfo=UTC)


@dataclass(slots=True)
class Said:
    """All links that cells name for one thing at one record time, from `since` on."""

    since: datetime
    links: dict[str, Ends] = field(default_factory=dict)


@dataclass(slots=True)
class Thing:
    """What cells say of the links of one thing, by record time."""

    at: dict[datetime | None, Said] = field(default_factory=dict)

    def add(self, told: Told) -> None:
        """Take in what one row says."""
        said = self.at.setdefault(told.recorded, Said(told.since))
        said.since = min(said.since, told.since)
        said.links |= told.links

    def in_order(self) -> list[tuple[datetime | None, Said]]:
        """Oldest record time first, what is said now last."""
        return sorted(self.at.items(), key=lambda pair: pair[0] or LAST)

    @property
    def since(self) -> datetime:
        """The beginning of all that is said."""
        return min(said.since for said in self.at.values())

    def without(self, id_: str, ends: Ends) -> list[Change]:
        """The end of a stored link, where nothing that is said names it."""
        if any(id_ in said.links for said in self.at.values()):
            return []
        return [_end(id_, self.since, ends, self.in_order()[-1][0])]


def changes(checked: Checked) -> list[Change]:
    """Facts of one id and record time make one change, from the first of them on.

    What clashes is added to the problems.
    """
    lives: defaultdict[tuple[str, datetime | None], list[Fact]] = defaultdict(list)
    for fact in checked.facts:
        lives[fact.id, fact.recorded].append(fact)
    checked.problems += _torn(checked.facts)
    since = _beginnings(checked.told)
    found = []
    for (id_, recorded), facts in lives.items():
        facts = _distinct(facts)
        if clash := _clash(facts):
            checked.problems.append(clash)
            continue
        told = sorted(facts, key=lambda fact: fact.piece.since)
        pieces = tuple(fact.piece for fact in told if not fact.retracted)
        first = told[0].piece.since
        begin = min(first, since.get((id_, recorded), first))
        source, target = facts[0].ends or (None, None)
        found.append(Change(id_, begin, pieces, source=source, target=target, recorded=recorded))
    return found


async def ended(store: Store, checked: Checked) -> list[Change]:
    """Links that a column named before, in the graph or in older rows, and names no longer."""
    tables = {fact.id for fact in checked.facts if fact.ends and not fact.carried}
    cells = _cells(checked.told)
    found = [change for thing in cells.values() for change in _dropped(thing)]
    for forward in (True, False):
        ours = {key: thing for key, thing in cells.items() if key[1] == forward}
        since: dict[str, datetime] = {}
        for (_, _, id_), thing in ours.items():
            since[id_] = min(thing.since, since.get(id_, thing.since))
        for id_, source, target in await (await Neighbours.of(store)).linked(
            {key[0] for key in ours}, since, forward
        ):
            link = store.ontology.links[id_.partition(":")[0]]
            thing_ = ours.get((link, forward, source if forward else target))
            if thing_ and id_ == link_id(link, (source, target), None):
                found += thing_.without(id_, (source, target))
    return [change for change in found if change.id not in tables]


def _cells(told: Iterable[Told]) -> dict[Cell, Thing]:
    cells: dict[Cell, Thing] = {}
    for one in told:
        cells.setdefault((one.link, one.forward, one.id), Thing()).add(one)
    return cells


def _beginnings(told: Iterable[Told]) -> dict[tuple[str, datetime | None], datetime]:
    """From when on cells speak of a link, by its id and the record time."""
    found: dict[tuple[str, datetime | None], datetime] = {}
    for thing in _cells(told).values():
        for recorded, said in thing.at.items():
            for id_ in said.links:
                found[id_, recorded] = min(said.since, found.get((id_, recorded), said.since))
    return found


def _dropped(thing: Thing) -> Iterator[Change]:
    """Links that rows of an older record time name, and later ones do not."""
    before: dict[str, Ends] = {}
    for recorded, said in thing.in_order():
        for id_, ends in before.items():
            if id_ not in said.links:
                yield _end(id_, said.since, ends, recorded)
        before |= said.links


def _end(id_: str, since: datetime, ends: Ends, recorded: datetime | None) -> Change:
    return Change(id_, since, (), source=ends[0], target=ends[1], recorded=recorded)


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


def _torn(facts: Iterable[Fact]) -> Iterator[Problem]:
    """Links with a key of their own that change their ends."""
    firsts: dict[str, Fact] = {}
    for fact in facts:
        first = firsts.setdefault(fact.id, fact)
        if first.ends != fact.ends:
            rule = f"has other ends than in {_where(first)}; a link keeps its ends"
            yield fact.place.breaks(rule)


def _where(fact: Fact) -> str:
    return f"{fact.place.table}, row {fact.place.row}"
