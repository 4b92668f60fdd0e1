"""Why something changed, in words: the change, the decision behind it, and what that rests on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from graph.insight.past import Change, ChangeAction, FieldChange

DID = {
    ChangeAction.CREATED: "was first recorded",
    ChangeAction.CHANGED: "was changed",
    ChangeAction.ENDED: "was ended",
    ChangeAction.RESTORED: "was restored",
    ChangeAction.RETRACTED: "was taken back",
}
SHOWN = 3
"""Fields and grounds that a sentence names."""


@dataclass(frozen=True, slots=True)
class Ground:
    """Something that a decision rests on or is about, with the observations behind it."""

    id: str
    period: str | None = None
    value: float | None = None
    points: tuple[Ground, ...] = ()


@dataclass(frozen=True, slots=True)
class Taken:
    """A decision: when, why and on what it was taken, and in which review (id and name)."""

    id: str
    name: str
    on: str | None = None
    text: str | None = None
    reason: str | None = None
    evidence: str | None = None
    review: tuple[str, str] | None = None
    names: tuple[str, ...] = ()
    """What it rests on or is about."""


def explanation(
    of: str,
    field: str | None,
    change: Change | None,
    taken: Taken | None,
    whole: str | None,
    grounds: Sequence[Ground],
) -> str:
    """Sentences: what changed and when, by whom; the decision; what is on record behind it.

    `whole` = the id of what the decision is behind, where that is not the thing itself.
    """
    if change is None:
        return f"`{field}` of {of} never changed." if field else f"Nothing is known of {of}."
    parts = [_what(of, field, change), _by(change)]
    parts += _decided(taken, whole) if taken else ["No decision is recorded behind it."]
    if on_record := [told for ground in grounds for told in _ground(ground)]:
        more = len(on_record) - SHOWN
        rest = f" and {more} more" if more > 0 else ""
        parts.append(f"On record behind it: {'; '.join(on_record[:SHOWN])}{rest}.")
    return " ".join(parts)


def _what(of: str, field: str | None, change: Change) -> str:
    fields = [one for one in change.fields if field in (None, one.name)]
    named = [one for one in fields if field or _moved(one, change)]
    told = "; ".join(_field(one) for one in named[:SHOWN])
    when = f"{change.valid_from:%Y-%m-%d}" if change.valid_from.year > 1 else "always"
    return f"{of} {DID[change.action]}, for the time from {when}{': ' + told if told else ''}."


def _moved(field: FieldChange, change: Change) -> bool:
    """Whether a field is worth a word: of what is new, when it ends."""
    new = change.action is ChangeAction.CREATED
    return field.name in ("validTo", "status", "rationale") if new else True


def _field(field: FieldChange) -> str:
    return f"`{field.name}` {_value(field.before)} -> {_value(field.after)}"


def _value(text: str | None) -> str:
    return "nothing" if text is None else text.replace("T00:00:00Z", "")


def _by(change: Change) -> str:
    late = change.recorded_at.date() != change.at.date()
    written = f", entered on {change.at:%Y-%m-%d}" if late else ""
    return f"Recorded on {change.recorded_at:%Y-%m-%d}{written} by {change.actor}: {change.reason}."


def _decided(taken: Taken, whole: str | None) -> Iterator[str]:
    when = f" of {taken.on}" if taken.on else ""
    where = f", taken in {taken.review[1]}" if taken.review else ""
    behind = f" behind the whole, {whole}," if whole else ""
    why = f": {taken.reason}" if taken.reason else ""
    yield f'The decision{behind} is "{taken.name}"{when}{where}{why}.'
    if taken.evidence:
        yield f"It rests on {'; '.join(part.strip() for part in taken.evidence.split(';'))}."


def _ground(ground: Ground) -> Iterator[str]:
    if ground.value is not None:
        when = f" in {ground.period}" if ground.period else ""
        yield f"{ground.id} with {ground.value:g}{when}"
    for point in ground.points:
        yield from _ground(point)
