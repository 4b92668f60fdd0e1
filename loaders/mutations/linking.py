"""Links come to hold and hold no longer; records end."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from graph.changes import Piece
from graph.ontology.vocabulary import Entity, GlobalId, Kinds, Link
from loaders.facts import Ends, link_id, state_of
from loaders.mutations.carried import refer
from loaders.mutations.effects import ended
from loaders.mutations.fields import ENDS, Picks, Said
from loaders.mutations.outcomes import invalid
from loaders.mutations.reading import Words, one
from loaders.mutations.steps import Many, Step, When, alive, declared, span
from loaders.mutations.working import Working


class LinkStep(Step):
    """Links that hold, each with all that it says; those that hold already say it anew."""

    links: Annotated[tuple[Annotated[Said, Picks("links")], ...], Many]
    """The links: several at once, so that shares can go on making 1."""
    valid_from: When | None = None
    """Since when they hold; now if left out."""
    valid_to: When | None = None
    """Until when; without end if left out."""

    async def edit(self, work: Working) -> None:
        """Say that they hold."""
        since, until = span(self.valid_from or work.now, self.valid_to)
        for said in self.links:
            words = one(work.ontology, said, "links").grounded(work.decision)
            await _link(work, words, since, until)


class UnlinkStep(Step):
    """Links that hold no longer."""

    of: Annotated[tuple[GlobalId, ...], Many]
    """Global ids of the links."""
    at: When | None = None
    """First instant at which they hold no longer; now if left out."""

    async def edit(self, work: Working) -> None:
        """Say that they are over."""
        for id_ in self.of:
            if not issubclass(declared(work, id_, "of"), Link):
                invalid(
                    id_, "of", id_, "is no link; a record ends by `end`, an entity by `archive`"
                )
            await _end(work, id_, self.at or work.now)


class EndStep(Step):
    """Records (targets, series, weights ...) that are in force no longer."""

    of: Annotated[tuple[GlobalId, ...], Many]
    """Global ids of the records."""
    at: When | None = None
    """First instant at which they are in force no longer; now if left out."""

    async def edit(self, work: Working) -> None:
        """Say that they are over."""
        for id_ in self.of:
            found = declared(work, id_, "of")
            if issubclass(found, Entity):
                invalid(id_, "of", id_, "is an entity; it ends by `archive`, with a decision")
            if issubclass(found, Link):
                invalid(id_, "of", id_, "is a link; it ends by `unlink`")
            await _end(work, id_, self.at or work.now)
            await ended(work, id_, self.at or work.now)


async def _end(work: Working, id_: str, at: datetime) -> None:
    await alive(work, id_, "of", at)
    since, until = span(at, None, id_)
    work.say(id_, since, until, (), work.ends(id_))


async def _link(work: Working, words: Words, since: datetime, until: datetime) -> None:
    link = words.declared
    assert issubclass(link, Link)
    ends = await _ends(work, words, link, since, until)
    value = words.value()
    assert isinstance(value, Link)
    id_ = link_id(link, ends, value)
    await work.life(id_)
    if (work.ends(id_) or ends) != ends:
        rule = f"joins {' and '.join(work.ends(id_) or ())}; a link keeps its ends"
        invalid(id_, "key", id_, rule)
    work.say(id_, since, until, [Piece(since, until, state_of(value))], ends)
    refer(work, words, value)


async def _ends(
    work: Working, words: Words, link: type[Link], since: datetime, until: datetime
) -> Ends:
    source = _reachable(work, words, ENDS[0], work.ontology.sources(link))
    target = _reachable(work, words, ENDS[1], work.ontology.targets(link))
    for field, id_ in zip(ENDS, (source, target), strict=True):
        await alive(work, id_, field, since, until)
    return source, target


def _reachable(work: Working, words: Words, field: str, kinds: Kinds) -> str:
    """The end of a link, if it is of a kind that it may have."""
    id_ = str(words.given.get(field) or "").strip()
    if work.ontology.kind_of(id_) not in kinds or not id_.partition(":")[2]:
        allowed = " or ".join(f"{kind.word}:..." for kind in kinds)
        invalid(None, f"{words.declared.word}.{field}", id_ or None, f"must be {allowed}")
    return id_
