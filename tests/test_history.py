"""Runs of commits: loads of history and live changes in any order, against a plain model."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from graph.changes import Change, Piece
from graph.errors import Refused
from graph.fragments import Fragments
from graph.store import Address, Pace, Store
from graph.times import FAR, INSTANT, Moment
from graph.viewers import EVERYONE
from tests.asking import TESTER

DAYS = 10
THINGS = ("a", "b", "c")
BEGIN = datetime(2020, 1, 1, tzinfo=UTC)

serial = count()


def day(number: int) -> datetime:
    """The beginning of a day of valid time."""
    return BEGIN + timedelta(days=number)


def hour(number: int) -> datetime:
    """An hour of record time."""
    return BEGIN + timedelta(hours=number)


@dataclass(frozen=True)
class Told:
    """One change: from one day to another a thing has a name, or is not in force."""

    thing: str
    since: int
    until: int
    name: str | None
    recorded: int | None = None

    def change(self, prefix: str) -> Change:
        """The change that the store is given."""
        until = FAR if self.until == DAYS else day(self.until)
        pieces = (Piece(day(self.since), until, {"name": self.name}),) if self.name else ()
        recorded = hour(self.recorded) if self.recorded is not None else None
        return Change(
            f"theme:{prefix}{self.thing}", day(self.since), pieces, until, recorded=recorded
        )


@dataclass
class Model:
    """What is known: of each thing, everything told of it with its record time, in order."""

    told: dict[str, list[tuple[datetime, Told]]] = field(default_factory=lambda: defaultdict(list))

    def takes(self, one: Told, now: datetime) -> bool:
        """Take in what is told, unless something later is known of the same thing."""
        at = hour(one.recorded) if one.recorded is not None else now
        before = self.told[one.thing]
        if before and before[-1][0] > at:
            return False
        before.append((at, one))
        return True

    def name(self, thing: str, number: int, known: datetime) -> str | None:
        """The name on a day, as far as was known at an instant."""
        name = None
        for at, one in self.told[thing]:
            if at <= known and one.since <= number < one.until:
                name = one.name
        return name


@st.composite
def told(draw: st.DrawFn, history: bool) -> Told:
    """A change of a random stretch."""
    since = draw(st.integers(0, DAYS - 1))
    return Told(
        draw(st.sampled_from(THINGS)),
        since,
        draw(st.integers(since + 1, DAYS)),
        draw(st.sampled_from(["red", "blue", None])),
        draw(st.integers(0, 20)) if history else None,
    )


def one_put(history: bool) -> st.SearchStrategy[list[Told]]:
    """Changes of one write; a thing is told of once for each record time."""
    return st.lists(
        told(history), min_size=1, max_size=4, unique_by=lambda one: (one.thing, one.recorded)
    )


PUTS = st.lists(st.booleans().flatmap(one_put), min_size=2, max_size=7)


class Clock:
    """A clock that goes on by an hour when it is asked to."""

    def __init__(self) -> None:
        self.now = hour(100)

    def __call__(self) -> datetime:
        return self.now


def questions(model: Model, clock: Clock) -> list[datetime]:
    """Record times to ask at: the beginning and end of some of the spans of knowledge, and now."""
    instants = sorted({at for changes in model.told.values() for at, _ in changes})
    return [*instants[:4], *(at - INSTANT for at in instants[-4:]), clock.now]


async def names(store: Store, prefix: str, known: datetime | None) -> dict[tuple[str, int], str]:
    """The names of all things on all days, as known at an instant."""
    moment = Moment(day(0), known)
    f = Fragments.at(moment, EVERYONE, store.ontology)
    text = (
        f"{f.moment()} UNWIND range(0, size($days) - 1) AS number"
        " WITH *, $days[number] AS d MATCH (e:Identity) WHERE e.id STARTS WITH $prefix"
        f" WITH e.id AS id, number, {f.state('e', 'd')} AS s WHERE s IS NOT NULL"
        " RETURN collect([id, number, s.name]) AS answer"
    )
    days = [day(number) for number in range(DAYS)]
    prefix = f"theme:{prefix}"
    found = await store.answer(text, **moment.parameters(), days=days, prefix=prefix)
    return {(id_.removeprefix(prefix), number): name for id_, number, name in found}


@settings(
    max_examples=30,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(puts=PUTS, chunk=st.sampled_from([1, 5_000]))
async def test_what_was_known_at_any_time_is_what_a_plain_model_says(
    store: Store, address: Address, puts: list[list[Told]], chunk: int
) -> None:
    """
    Random writes, live or with record times of the past, in one transaction or staged; then every
    thing on every day, as known around every record time.
    """
    assert 0 < await compared(address, puts, chunk)


async def compared(address: Address, puts: list[list[Told]], chunk: int) -> int:
    """Write, ask everything, and answer how many questions that were."""
    prefix, model, clock = f"{next(serial)}/", Model(), Clock()
    async with Store.at(address, clock=clock, pace=Pace(chunk, chunk)) as store:
        newest = (await store.answer("MATCH (l:Ledger) RETURN l.newest AS answer")) or hour(100)
        clock.now = max(clock.now, newest)
        for changes in puts:
            clock.now += timedelta(hours=1)
            ordered = sorted(changes, key=lambda one: 999 if one.recorded is None else one.recorded)
            taken = [one for one in ordered if model.takes(one, clock.now)]
            if taken:
                await store.put([one.change(prefix) for one in taken], TESTER, "history")
        asked = 0
        for known in questions(model, clock):
            found = await names(store, prefix, known)
            for thing in THINGS:
                for number in range(DAYS):
                    asked += 1
                    assert model.name(thing, number, known) == found.get((thing, number))
        now = await names(store, prefix, None)
        assert now == await names(store, prefix, clock.now)
        return asked


@pytest.mark.parametrize("chunk", [1, 5_000], ids=["staged", "at once"])
async def test_older_history_of_other_things_does_not_disturb_what_is_known(
    store: Store, address: Address, chunk: int
) -> None:
    """
    A load ends in hour 9; a change of today; then a load that ends in hour 7, of other things.
    """
    clock = Clock()
    async with Store.at(address, clock=clock, pace=Pace(chunk, chunk)) as other:
        for changes in (
            [Told("a", 0, 10, "red", 5), Told("a", 0, 10, "blue", 9)],
            [Told("a", 5, 10, "green")],
            [Told("b", 0, 10, "red", 3), Told("b", 0, 10, "blue", 7)],
            [Told("b", 5, 10, "green")],
        ):
            clock.now += timedelta(hours=1)
            await other.put([one.change("") for one in changes], TESTER, "history")

    known = [(4, None, "red"), (6, "red", "red"), (8, "red", "blue"), (99, "blue", "blue")]
    for number, a, b in known:
        found = await names(store, "", hour(number))
        assert (a, b) == (found.get(("a", 7)), found.get(("b", 7)))
    assert {"green"} == set((await names(store, "", hour(200))).values()) - {"blue"}
    runs = await store.answer("MATCH (l:Ledger) RETURN l.runs AS answer")
    assert [1, 4] == runs


async def test_history_before_what_is_known_is_refused_for_that_thing_alone(
    store: Store, address: Address
) -> None:
    """
    Of b nothing is known in hour 9, so hour 7 may be told; of a there is.
    """
    clock = Clock()
    async with Store.at(address, clock=clock) as other:
        await other.put([Told("a", 0, 10, "red", 9).change("")], TESTER, "history")
        await other.put([Told("b", 0, 10, "red", 7).change("")], TESTER, "history")
        with pytest.raises(Refused, match="theme:a cannot be recorded"):
            await other.put([Told("a", 0, 10, "blue", 7).change("")], TESTER, "history")
