"""What changes would do to what is stored: lock it, read it, weigh the changes against it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from graph.changes import Change, Piece, Revision, State, Stored, believed, revise, says
from graph.errors import NotFound, Refused
from graph.ledger import Transaction
from graph.ontology import Ontology
from graph.ontology.vocabulary import Kind, Link
from graph.times import OPEN, stored, written
from queries import LEDGER

META = frozenset({"id", "key", "validFrom", "validTo", "recorded", "superseded"})
"""Properties of a state that are not the state: its identity and its times."""
NONE: Mapping[int, datetime] = {}


@dataclass(slots=True)
class Written:
    """What a batch does to what is stored."""

    revisions: list[Revision] = field(default_factory=list)
    unchanged: list[Change] = field(default_factory=list)


def declared(ontology: Ontology, change: Change) -> type[Kind] | type[Link]:
    """The kind or link that a change speaks of."""
    found = ontology.kind_of(change.id) or ontology.link_of(change.id)
    if found is None:
        raise Refused(f"{change.id!r} names no declared kind or link")
    if issubclass(found, Link) != bool(change.ends):
        raise Refused(f"{change.id}: a link has a source and a target, a thing has neither")
    return found


async def claim(run: Transaction, ontology: Ontology, changes: Sequence[Change]) -> Written:
    """Lock what the changes speak of and work out what each does to it.

    Raises NotFound, Refused.
    """
    fresh, found = await _lock(run, ontology, changes)
    links = [change for change in changes if change.ends and not _is_new(ontology, change, fresh)]
    found |= await stored_of(run, ontology, links, OPEN - 1)
    return weighed(changes, found, await instants(run, changes, found, NONE))


async def peek(
    run: Transaction,
    ontology: Ontology,
    asked: Sequence[Change],
    changes: Sequence[Change],
    seen: int,
    own: Mapping[int, datetime] = NONE,
) -> Written:
    """Work out what changes would do to what was written up to a commit, without a lock.

    Of those that are not `asked` nothing is stored. `own` tells the instants of commits that are
    not published yet. Raises Refused.
    """
    found = await stored_of(run, ontology, asked, seen, past=bool(own))
    return weighed(changes, found, await instants(run, changes, found, own))


def turned(ontology: Ontology, id_: str, ends: tuple[str, str]) -> tuple[str, str]:
    """Where a stored relationship begins and ends, from source and target; and the other way."""
    link = ontology.link_of(id_)
    return ends[::-1] if link is not None and link.reversed() else ends


async def _lock(
    run: Transaction, ontology: Ontology, changes: Sequence[Change]
) -> tuple[set[str], dict[str, list[Stored]]]:
    """Lock the things that changes speak of, and the ends of links.

    Answers those of which nothing is stored, and what is stored of the things.
    """
    ends = {end for change in changes for end in change.ends or ()}
    rows = {id_: {"id": id_, "make": [], "told": False} for id_ in ends}
    for change in changes:
        kind = declared(ontology, change)
        if issubclass(kind, Kind):
            make = [kind.label] if change.pieces else []
            rows[change.id] = {"id": change.id, "make": make, "told": True}
    past = any(change.recorded for change in changes)
    given = [rows[id_] for id_ in sorted(rows)]
    locked = await run(LEDGER["lock"], rows=given, past=past, open=OPEN)
    if len(locked) < len(rows):
        await need(run, ends)
    old = {id_ for id_, had, _ in locked if had}
    found = {
        id_: [piece_of(ref, said, None, OPEN - 1) for ref, said in states]
        for id_, _, states in locked
    }
    return rows.keys() - old, found


async def need(run: Transaction, ends: Iterable[str]) -> None:
    """Raise NotFound unless all ends of links are there."""
    if missing := await run(LEDGER["missing_ends"], ids=sorted(ends), seen=OPEN - 1):
        raise NotFound(f"a link needs both its ends; there is no {', '.join(missing[:5])}")


def _is_new(ontology: Ontology, change: Change, fresh: Collection[str]) -> bool:
    """Whether nothing can be stored of a change, as it or an end of it is new.

    A link with a key of its own may be stored between other ends.
    """
    link = ontology.link_of(change.id)
    if link is not None and link.keyed():
        return False
    return any(id_ in fresh for id_ in change.ends or (change.id,))


async def stored_of(
    run: Transaction, ontology: Ontology, changes: Sequence[Change], seen: int, past: bool = False
) -> Mapping[str, list[Stored]]:
    """What is believed of each id as of a commit; for history, or where `past`, also what was."""
    given = {"seen": seen, "past": past or any(change.recorded for change in changes)}
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


async def instants(
    run: Transaction,
    changes: Iterable[Change],
    found: Mapping[str, Sequence[Stored]],
    own: Mapping[int, datetime],
) -> Mapping[int, datetime]:
    """When the commits that speak of what history tells again were recorded."""
    told = (found.get(change.id, ()) for change in changes if change.recorded)
    commits = {n for pieces in told for p in pieces for n in (p.recorded, p.superseded)}
    asked = sorted(commits - {OPEN} - own.keys())
    return {**own, **dict(await run(LEDGER["commit_instants"], sequences=asked) if asked else ())}


def weighed(
    changes: Iterable[Change],
    found: Mapping[str, Sequence[Stored]],
    at: Mapping[int, datetime],
) -> Written:
    """What changes do to what is stored. Raises Refused."""
    done = Written()
    for change in changes:
        revision = revision_of(change, found.get(change.id, ()), at)
        if revision is None:
            done.unchanged.append(change)
        else:
            done.revisions.append(revision)
    return done


def revision_of(
    change: Change, mine: Sequence[Stored], at: Mapping[int, datetime]
) -> Revision | None:
    """What a change does to what is stored of it; None where that says as much.

    Raises Refused where it would change what was known before something later.
    """
    if not mine:
        return revise((), change)
    if mine[0].ends != change.ends:
        joined = " and ".join(mine[0].ends or ())
        raise Refused(f"{change.id} joins {joined}; a link keeps its ends")
    revision = revise([one for one in mine if one.superseded == OPEN], change)
    if revision is None or change.recorded is None:
        return revision
    if says(believed(mine, change.recorded, at), change):
        return None
    if change.recorded < (last := max(at[piece.latest] for piece in mine)):
        raise Refused(
            f"{change.id} cannot be recorded on {written(change.recorded)}: something later"
            f" ({written(last)}) is already known of it; give a later recorded_on"
        )
    return revision


def piece_of(
    ref: str, properties: Mapping[str, Any], ends: tuple[str, str] | None, seen: int
) -> Stored:
    """A piece as the statements that find it write it down, as of a commit."""
    state: State = {name: value for name, value in properties.items() if name not in META}
    piece = Piece(stored(properties["validFrom"]), stored(properties["validTo"]), state)
    superseded = properties["superseded"] if properties["superseded"] <= seen else OPEN
    return Stored(ref, piece, properties["recorded"], superseded, ends)
