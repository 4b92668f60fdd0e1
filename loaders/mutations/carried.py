"""Links that a field of a thing names, and what else must be there: as cells of a table say it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime

from graph.changes import Piece, State
from graph.ontology.vocabulary import Declared, Link
from loaders.facts import Ends, link_id, state_of
from loaders.mutations.fields import Part
from loaders.mutations.outcomes import invalid
from loaders.mutations.reading import Words
from loaders.mutations.working import Working, cover, inside, outside


def refer(work: Working, words: Words, value: Declared) -> None:
    """Note what a value refers to. Raises Wrong for what may not be named there."""
    for column, id_ in words.references(value):
        work.mentions[id_] = column.name


async def tell(work: Working, words: Words, id_: str, since: datetime, until: datetime) -> None:
    """Say the links that the fields of a thing name within a stretch: these, and no other."""
    for part, keys in words.named.items():
        if part.link is not None:
            await name(work, words, part, keys, id_, since, until)


async def name(
    work: Working,
    words: Words,
    part: Part,
    keys: Iterable[str],
    id_: str,
    since: datetime,
    until: datetime,
) -> None:
    """Say the links of one field within a stretch, while the thing itself is in force."""
    link, forward = words.columns.links[part.column]
    wanted = dict(_wanted(work, words, part, keys, id_))
    work.judged |= bool(work.before(id_))
    for other in await work.links(link, forward, id_):
        ends = work.ends(other)
        ours = ends is not None and other == link_id(link, ends, None)
        if ours and other not in wanted and any(inside(await work.life(other), since, until)):
            work.say(other, since, until)
    for other, ends in wanted.items():
        await _hold(work, link, other, ends, list(inside(await work.life(id_), since, until)))


async def _hold(
    work: Working, link: type[Link], id_: str, ends: Ends, spans: Iterable[Piece]
) -> None:
    """Say that a link holds within some spans; where it does already it says what it said."""
    said = state_of(link.model_validate({}))
    for span in cover(spans):
        life = await work.life(id_)
        held = list(inside(life, span.since, span.until))
        work.say(id_, span.since, span.until, [*held, *_gaps(span, held, said)], ends)


def _gaps(span: Piece, held: Iterable[Piece], said: State) -> Iterator[Piece]:
    left = [span]
    for piece in held:
        left = [part for one in left for part in outside(one, piece.since, piece.until)]
    for piece in left:
        yield Piece(piece.since, piece.until, said)


def _wanted(
    work: Working, words: Words, part: Part, keys: Iterable[str], id_: str
) -> Iterator[tuple[str, Ends]]:
    link, forward = words.columns.links[part.column]
    kinds = words.columns.others(link, forward)
    for key in keys:
        other = words.columns.end(kinds, key)
        if work.ontology.kind_of(other) not in kinds:
            allowed = " or ".join(f"{kind.word}:..." for kind in kinds)
            invalid(id_, part.name, key, f"must be {allowed}")
        work.mentions[other] = part.name
        ends = (id_, other) if forward else (other, id_)
        yield link_id(link, ends, None), ends
