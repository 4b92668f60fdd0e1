"""A plain model of lives in days: what changed between two beliefs, looked at day by day."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import groupby

from graph.changes import Piece
from graph.insight.past import ChangeAction
from graph.times import FAR, written

DAYS = 10
BEGIN = datetime(2020, 1, 1, tzinfo=UTC)
Days = list[dict[str, str] | None]


def day(number: int) -> datetime:
    """The beginning of a day; the last stands for always."""
    return FAR if number == DAYS else BEGIN + timedelta(days=number)


def pieces(days: Days, cuts: set[int]) -> list[Piece]:
    """Days as pieces: one wherever something changes, and where it is cut besides."""
    found: list[Piece] = []
    for number, state in enumerate(days):
        last = found[-1] if found else None
        joins = last and last.until == day(number) and last.state == state and number not in cuts
        if last and joins:
            found[-1] = Piece(last.since, day(number + 1), last.state)
        elif state is not None:
            found.append(Piece(day(number), day(number + 1), state))
    return found


def runs(days: Days) -> list[tuple[datetime, datetime]]:
    """Stretches of days in force."""
    found = []
    for alive, group in groupby(range(DAYS), key=lambda number: days[number] is not None):
        numbers = list(group)
        if alive:
            found.append((day(numbers[0]), day(numbers[-1] + 1)))
    return found


def state_before(days: Days, number: int) -> dict[str, str]:
    """What was said on a day, else last before it, else first after it."""
    earlier = [state for state in days[: number + 1] if state is not None]
    later = [state for state in days[number:] if state is not None]
    return earlier[-1] if earlier else later[0] if later else {}


def expected(before: Days, after: Days) -> dict[tuple[str, int], tuple[str | None, str | None]]:
    """Of each field and day on which it changed, the value before and after."""
    found = {}
    for number, (was, now) in enumerate(zip(before, after, strict=True)):
        if was == now:
            continue
        old = state_before(before, number)
        new = now if now is not None else old if any(after) else {}
        for name in ("a", "b"):
            if old.get(name) != new.get(name):
                found[name, number] = old.get(name), new.get(name)
    return found


def ends(instants: list[datetime]) -> str | None:
    """Ends of stretches as they are told."""
    if instants in ([], [FAR]):
        return None
    return "; ".join("open" if one == FAR else written(one) for one in instants)


def called(before: Days, after: Days, known: bool, at: datetime) -> ChangeAction:
    """The action, from days alone."""
    was, now = ([n for n in range(DAYS) if days[n] is not None] for days in (before, after))
    if not now:
        return ChangeAction.RETRACTED
    if not was:
        return ChangeAction.RESTORED if known else ChangeAction.CREATED
    if now[-1] < was[-1]:
        return ChangeAction.ENDED
    over = was[-1] < now[-1] and day(was[-1] + 1) <= at
    return ChangeAction.RESTORED if over else ChangeAction.CHANGED
