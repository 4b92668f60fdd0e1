"""Things and links come to be, change from now on, and are corrected in the past."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

from graph.changes import Piece, State
from graph.ontology.terms import ENDINGS
from graph.ontology.vocabulary import Declared, Entity, Kind, Link
from graph.times import FAR, written
from loaders.facts import derived, link_id, state_of
from loaders.mutations.carried import refer, tell
from loaders.mutations.fields import ENDS, Picks, Said
from loaders.mutations.outcomes import ErrorCode, Problem, RuleBroken, invalid, wrong
from loaders.mutations.reading import Words, one
from loaders.mutations.steps import Seen, Step, When, alive, declared, span, today
from loaders.mutations.working import Working, inside


class CreateStep(Step):
    """Something new."""

    thing: Annotated[Said, Picks("things")]
    """What it is."""
    valid_from: When | None = None
    """Since when it holds; if left out, what its own dates say, else now."""
    valid_to: When | None = None
    """Until when; if left out, what its own dates say, else without end."""

    async def edit(self, work: Working) -> None:
        """Say that it is there."""
        words = one(work.ontology, self.thing, "thing")
        value = words.value()
        assert isinstance(value, Kind)
        id_ = value.id_of(value.key)
        _no_ending(id_, value)
        since, until = _stretch(work, id_, value, self.valid_from, self.valid_to)
        if life := await work.life(id_):
            _there(id_, life, since, until)
        if id_ in work.blind:
            rule = "is taken; write another key"
            wrong(RuleBroken, ErrorCode.ALREADY_THERE, Problem(of=id_, field="thing", rule=rule))
        work.say(id_, since, until, [Piece(since, until, state_of(value))])
        refer(work, words, value)
        await tell(work, words, id_, since, until)


class EditStep(Seen):
    """What is otherwise of something that is there."""

    set: Annotated[Said, Picks("both")]
    """What is otherwise, under the word of its kind; null clears, what is left out stays."""

    async def edited(self, work: Working, since: datetime, until: datetime) -> None:
        """Say what is otherwise within a stretch."""
        words = one(work.ontology, self.set, "set").grounded(work.decision)
        if declared(work, self.of, "of") is not words.declared:
            rule = f"is no {words.declared.word}; write under `set` the word of its own kind"
            invalid(self.of, "set", None, rule)
        self.see(work)
        pieces = await alive(work, self.of, "of", since, until)
        made = [self._made(work, words, piece) for piece in pieces]
        work.say(self.of, since, until, made, work.ends(self.of))
        await tell(work, words, self.of, since, until)

    def _made(self, work: Working, words: Words, piece: Piece) -> Piece:
        value = words.value(self.of, piece.state)
        self._same(work, words, value)
        if words.values.get("status") is not None:
            _no_ending(self.of, value)
        refer(work, words, value)
        state: State = words.state(self.of, piece.state)
        return Piece(piece.since, piece.until, state)

    def _same(self, work: Working, words: Words, value: Declared) -> None:
        """Refuse to make another thing or link of it."""
        ends = work.ends(self.of)
        if isinstance(value, Kind) and value.id_of(value.key) != self.of:
            invalid(self.of, "key", value.key, "is another key; a thing keeps its own")
        if not isinstance(value, Link) or ends is None:
            return
        said = tuple(words.given.get(name) or end for name, end in zip(ENDS, ends, strict=True))
        if said != ends or link_id(type(value), ends, value) != self.of:
            told = ", ".join(type(value).identity)
            invalid(self.of, "set", None, f"would be another link ({told}); unlink it, link anew")


class ChangeStep(EditStep):
    """Something is otherwise from now on, or from a later time; what was before stays."""

    valid_from: When | None = None
    """Since when; now if left out. What lies in the past is corrected."""
    valid_to: When | None = None
    """Until when; if left out, through all that is known of its future."""

    async def edit(self, work: Working) -> None:
        """Say what is otherwise."""
        since, until = span(self.valid_from or work.now, self.valid_to, self.of)
        if since < today(work.now):
            rule = "lies in the past; what was otherwise in the past is said by `correct`"
            invalid(self.of, "validFrom", written(since), rule)
        await self.edited(work, since, until)


class CorrectStep(EditStep):
    """A fact of the past was otherwise than was known; what was known before stays on record."""

    valid_from: When
    """Since when it was otherwise."""
    valid_to: When
    """Until when; 9999-12-31 for what still is."""

    async def edit(self, work: Working) -> None:
        """Say what was otherwise."""
        since, until = span(self.valid_from, self.valid_to, self.of)
        if since > work.now:
            rule = "lies in the future; what is to be otherwise is said by `change`"
            invalid(self.of, "validFrom", written(since), rule)
        await self.edited(work, since, until)


def _stretch(
    work: Working, id_: str, value: Kind, since: datetime | None, until: datetime | None
) -> tuple[datetime, datetime]:
    begin = since or derived(value, getattr(value, "begins", None)) or work.now
    return span(begin, until or derived(value, getattr(value, "ends", None)), id_)


def _there(id_: str, life: Sequence[Piece], since: datetime, until: datetime) -> None:
    first, last = life[0].since, life[-1].until
    again = any(inside(life, since, until))
    when = f"from {written(first)}" + (f" to {written(last)}" if last < FAR else "")
    told = "overlaps its own life" if again else "had a life already"
    rule = f"{told} {when}; change, correct or restore it"
    wrong(RuleBroken, ErrorCode.ALREADY_THERE, Problem(of=id_, field="key", value=id_, rule=rule))


def _no_ending(id_: str, value: Declared) -> None:
    if isinstance(value, Entity) and value.status in ENDINGS:
        rule = "is how something ends, with reason, evidence, decision and successor: `archive` it"
        invalid(id_, "status", value.status.name, rule)
