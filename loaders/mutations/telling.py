"""What a mutation changed, told as history tells it: of a dry run as of one in earnest."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from graph.changes import Piece, joined
from graph.changing import Columns
from graph.differences import Carried, difference, with_carried
from graph.insight.past import Change
from graph.ontology.vocabulary import camel
from loaders.mutations.working import Working

Lives = Callable[[str], Sequence[Piece]]
"""Lives by id, as they are stored or as they will be."""


@dataclass(frozen=True, slots=True)
class Entry:
    """What the changes of one write have in common; zeros and nothing for a dry run."""

    sequence: int
    number: int
    at: datetime
    actor: str
    reason: str
    hash: str


def changes(work: Working, entry: Entry) -> tuple[Change, ...]:
    """A change for each thing and link of which something is otherwise, in order of saying."""
    return tuple(_changes(work, entry))


def _changes(work: Working, entry: Entry) -> Iterator[Change]:
    for id_ in work.spoken:
        declared = work.ontology.kind_of(id_) or work.ontology.link_of(id_)
        if declared is None:
            continue
        columns = Columns(work.ontology, declared)
        before = _told(work, columns, id_, work.before)
        after = _told(work, columns, id_, work.after)
        if before != after:
            yield _change(id_, before, after, entry)


def _change(id_: str, before: Sequence[Piece], after: Sequence[Piece], entry: Entry) -> Change:
    done = difference(before, after, bool(before), entry.at)
    decisions = [field.after for field in done.fields if field.name == "decision" and field.after]
    return Change.model_construct(
        sequence=entry.sequence,
        entry=entry.number,
        at=entry.at,
        recorded_at=entry.at,
        actor=entry.actor,
        reason=entry.reason,
        action=done.action,
        of=id_,
        node=id_,
        valid_from=done.since,
        valid_to=done.until,
        fields=done.fields,
        decision=decisions[-1] if decisions else None,
        hash=entry.hash,
    )


def _told(work: Working, columns: Columns, id_: str, life: Lives) -> list[Piece]:
    """A life in words, with the links that the thing's fields name."""
    pieces = [Piece(one.since, one.until, columns.said(one.state)) for one in life(id_)]
    return with_carried(joined(pieces), list(_carried(work, columns, id_, life)))


def _carried(work: Working, columns: Columns, id_: str, life: Lives) -> Iterator[Carried]:
    for end in columns.ends.values():
        for link_id, far in work.near_links(end.link, end.forward, id_):
            for piece in life(link_id):
                yield Carried(camel(end.name), far, piece.since, piece.until)
