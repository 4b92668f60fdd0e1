"""What changes would do to what is stored: lock it, read it, weigh the changes against it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from graph.changes import Change, Piece, Revision, State, Stored, believed, revise, says
from graph.errors import NotFound, Refused
from graph.ledger import Transaction
from graph.ontology import Ontology
from graph.ontology.vocabulary import Kind, Link
from graph.times import FAR, OPEN, stored, written
from queries import LEDGER

META = frozenset({"id", "key", "validFrom", "validTo", "recorded", "superseded"})
"""Properties of a state that are not the state: its identity and its times."""


@dataclass(slots=True)
class Written:
    """What a batch does to what is stored."""

    revisions: list[Revision] = field(default_factory=list)
    unchanged: list[Change] = field(default_factory=list)


@dataclass(slots=True)
class Memory:
    """What one load knows without asking: things that it made, and ids that it speaks of again."""

    fresh: set[str] = field(default_factory=set)
    repeated: frozenset[str] = frozenset()

    def is_new(self, ontology: Ontology, change: Change) -> bool:
        """Whether nothing can be stored of a change, as it or an end of it came with this load.

        A link with a key of its own may be stored between other ends.
        """
        link = ontology.link_of(change.id)
        if change.id in self.repeated or (link is not None and link.keyed()):
            return False
        return any(id_ in self.fresh for id_ in change.ends or (change.id,))


def declared(ontology: Ontology, change: Change) -> type[Kind] | type[Link]:
    """The kind or link that a change speaks of."""
    found = ontology.kind_of(change.id) or ontology.link_of(change.id)
    if found is None:
        raise Refused(f"{change.id!r} names no declared kind or link")
    if issubclass(found, Link) != bool(change.ends):
        raise Refused(f"{change.id}: a link has a source and a target, a thing has neither")
    return found


async def claim(
    run: Transaction,
    ontology: Ontology,
    changes: Sequence[Change],
    memory: Memory,
    own: Mapping[int, datetime],
) -> Written:
    """Lock what the changes speak of and work out what each does to it.

    `own` tells the instants of commits that are not published yet. Raises NotFound, Refused.
    """
    await _lock(run, ontology, changes, memory)
    asked = [change for change in changes if not memory.is_new(ontology, change)]
    found = await _stored(run, ontology, asked, OPEN - 1)
    return await _weighed(run, changes, found, own)


async def peek(
    run: Transaction, ontology: Ontology, changes: Sequence[Change], published: int
) -> Written:
    """Work out what changes would do to what is published, without a lock."""
    found = await _stored(run, ontology, changes, published)
    return await _weighed(run, changes, found, {})


def turned(ontology: Ontology, id_: str, ends: tuple[str, str]) -> tuple[str, str]:
    """Where a stored relationship begins and ends, from source and target; and the other way."""
    link = ontology.link_of(id_)
    return ends[::-1] if link is not None and link.reversed() else ends


async def _lock(
    run: Transaction, ontology: Ontology, changes: Sequence[Change], memory: Memory
) -> None:
    ends = {end for change in changes for end in change.ends or ()}
    made: dict[str, list[str]] = {id_: [] for id_ in ends}
    for change in changes:
        kind = declared(ontology, change)
        if issubclass(kind, Kind):
            made[change.id] = [kind.label] if change.pieces else []
    rows = [{"id": id_, "make": made[id_]} for id_ in sorted(made)]
    count, old = await run(LEDGER["lock"], rows=rows)
    if count < len(rows) and (missing := await run(LEDGER["missing_ends"], ids=sorted(ends))):
        raise NotFound(f"a link needs both its ends; there is no {', '.join(missing[:5])}")
    memory.fresh |= made.keys() - set(old)


async def _stored(
    run: Transaction, ontology: Ontology, changes: Sequence[Change], seen: int
) -> Mapping[str, list[Stored]]:
    """What is believed of each id as of a commit, and for history also what was."""
    given = {"seen": seen, "past": any(change.recorded for change in changes)}
    ends = {change.id: change.ends for change in changes}
    pieces: defaultdict[str, list[Stored]] = defaultdict(list)
    for text, rows in _asked(ontology, changes):
        for id_, ref, properties, *other in await run(text, **rows, **given):
            between = turned(ontology, id_, (other[0][0], other[0][1])) if other else ends[id_]
            pieces[id_].append(piece_of(ref, properties, between, seen))
    return pieces


def _asked(
    ontology: Ontology, changes: Iterable[Change]
) -> Iterator[tuple[str, dict[str, list[object]]]]:
    """Statements that find what is stored: things, links by their ends, links by their keys."""
    things: list[object] = []
    links: list[object] = []
    keyed: defaultdict[str, list[object]] = defaultdict(list)
    for change in {change.id: change for change in changes}.values():
        found = declared(ontology, change)
        if not issubclass(found, Link):
            things.append(change.id)
        elif found.keyed():
            keyed[found.type].append(change.id)
        elif change.ends:
            links.append([change.id, *turned(ontology, change.id, change.ends)])
    if things:
        yield LEDGER["stored_things"], {"ids": things}
    if links:
        yield LEDGER["stored_links"], {"rows": links}
    for type_, ids in sorted(keyed.items()):
        yield LEDGER["keyed_links"].replace("{type}", type_), {"ids": ids}


async def _weighed(
    run: Transaction,
    changes: Iterable[Change],
    found: Mapping[str, Sequence[Stored]],
    own: Mapping[int, datetime],
) -> Written:
    done = Written()
    for change in changes:
        mine = found.get(change.id, ())
        if mine and mine[0].ends != change.ends:
            joined = " and ".join(mine[0].ends or ())
            raise Refused(f"{change.id} joins {joined}; a link keeps its ends")
        revision = revise([one for one in mine if one.superseded == OPEN], change)
        if revision is None:
            done.unchanged.append(change)
        else:
            done.revisions.append(revision)
    if told := [r for r in done.revisions if r.change.recorded and found.get(r.change.id)]:
        known = await _known(run, told, found, own)
        done.unchanged += [revision.change for revision in known]
        done.revisions = [revision for revision in done.revisions if revision not in known]
    return done


async def _known(
    run: Transaction,
    revisions: Sequence[Revision],
    found: Mapping[str, Sequence[Stored]],
    own: Mapping[int, datetime],
) -> set[Revision]:
    """Those that tell again what was known at their record time.

    Raises Refused for one that would change what was known before something later.
    """
    pieces = [piece for r in revisions for piece in found[r.change.id]]
    commits = {n for p in pieces for n in (p.recorded, p.superseded)} - {OPEN} - own.keys()
    at = {**own, **dict(await run(LEDGER["commit_instants"], sequences=sorted(commits)))}
    known = set()
    for revision in revisions:
        change, mine = revision.change, found[revision.change.id]
        recorded, last = change.recorded or FAR, max(at[piece.latest] for piece in mine)
        if says(believed(mine, recorded, at), change):
            known.add(revision)
        elif recorded < last:
            raise Refused(
                f"{change.id} cannot be recorded on {written(recorded)}: something later"
                f" ({written(last)}) is already known of it; give a later recorded_on"
            )
    return known


def piece_of(
    ref: str, properties: Mapping[str, Any], ends: tuple[str, str] | None, seen: int
) -> Stored:
    """A piece as the statements that find it write it down, as of a commit."""
    state: State = {name: value for name, value in properties.items() if name not in META}
    piece = Piece(stored(properties["validFrom"]), stored(properties["validTo"]), state)
    superseded = properties["superseded"] if properties["superseded"] <= seen else OPEN
    return Stored(ref, piece, properties["recorded"], superseded, ends)
