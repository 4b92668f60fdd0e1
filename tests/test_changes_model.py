"""Histories of random writes in both times, asked over GraphQL, against a plain model of days."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import count
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from graph.changes import Change, Piece
from graph.store import Address, Pace, Store
from graph.times import FAR, written
from tests.asking import TESTER, answer
from tests.days import Days, called, expected
from tests.test_history import DAYS, Clock, Told, day, hour, one_put, told

serial = count()
TEXT = """
query ($of: ID!, $first: Int!, $after: String) {
  history(of: $of, first: $first, after: $after) {
    totalCount
    pageInfo { hasNextPage endCursor }
    nodes {
      sequence entry at recordedAt actor reason action validFrom validTo hash
      fields { name before after validFrom validTo }
      node { ... on Theme { name } }
    }
  }
}
"""


class Model:
    """Of each thing, its name on each day and what each write that changed it did."""

    def __init__(self) -> None:
        self.days: dict[str, list[str | None]] = {}
        self.last: dict[str, datetime] = {}
        self.done: dict[str, list[dict[str, Any]]] = {}

    def takes(self, one: Told, now: datetime) -> bool:
        """Take in a change, unless something later is known, or it is known already."""
        at = hour(one.recorded) if one.recorded is not None else now
        before = self.days.get(one.thing, [None] * DAYS)
        after = [one.name if one.since <= n < one.until else before[n] for n in range(DAYS)]
        if self.last.get(one.thing, at) > at:
            return False
        if before == after:
            return True
        self.days[one.thing], self.last[one.thing] = after, at
        told_ = {"at": now, "recorded": at, "before": before, "after": after}
        self.done.setdefault(one.thing, []).append(told_)
        return True


def named(days: list[str | None]) -> Days:
    """Names as states, in days of the model of differences."""
    return [{"a": name} if name else None for name in days]


@settings(
    max_examples=25,
    deadline=None,
    derandomize=True,
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    puts=st.lists(st.booleans().flatmap(one_put), min_size=2, max_size=7),
    chunk=st.sampled_from([1, 5_000]),
    first=st.integers(1, 3),
)
async def test_a_history_is_what_a_plain_model_says(
    store: Store, address: Address, puts: list[list[Told]], chunk: int, first: int
) -> None:
    """
    New versions, corrections, gaps, retirements, retractions and returns, live and with record
    times of the past, in one transaction or staged: each change with both times, action, stretch
    and names day by day; walked page by page.
    """
    prefix, model, clock = f"m{next(serial)}/", Model(), Clock()
    async with Store.at(address, clock=clock, pace=Pace(chunk, chunk)) as writer:
        clock.now = max(
            clock.now,
            await writer.answer("MATCH (l:Ledger) RETURN l.newest AS answer") or clock.now,
        )
        for number, changes in enumerate(puts):
            clock.now += timedelta(hours=1)
            ordered = sorted(changes, key=lambda one: 999 if one.recorded is None else one.recorded)
            taken = [one for one in ordered if model.takes(one, clock.now)]
            if taken:
                await writer.put([one.change(prefix) for one in taken], TESTER, f"put {number}")
    for thing, done in model.done.items():
        found = await walked(store, f"theme:{prefix}{thing}", first)

        assert [told_of(one, known > 0) for known, one in enumerate(done)] == [
            asked_of(one) for one in reversed(found)
        ]
        assert sorted((one["sequence"] for one in found), reverse=True) == [
            one["sequence"] for one in found
        ]


async def walked(store: Store, of: str, first: int) -> list[dict[str, Any]]:
    """All changes of a thing, page by page."""
    found: list[dict[str, Any]] = []
    after = None
    while True:
        page = (await answer(store, TEXT, of=of, first=first, after=after))["history"]
        found += page["nodes"]
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            assert page["totalCount"] == len(found)
            return found


def told_of(done: dict[str, Any], known: bool) -> dict[str, Any]:
    """A change as the model says it."""
    before, after = named(done["before"]), named(done["after"])
    changed = [n for n in range(DAYS) if before[n] != after[n]]
    return {
        "at": written(done["at"]),
        "recordedAt": written(done["recorded"]),
        "validFrom": written(day(changed[0])),
        "validTo": None if changed[-1] == DAYS - 1 else written(day(changed[-1] + 1)),
        "action": action_of(before, after, known, done["recorded"]),
        "names": names_of(before, after),
        "node": node_of(done["after"], changed, done["recorded"]),
    }


def action_of(before: Days, after: Days, known: bool, at: datetime) -> str:
    """What a reader calls it."""
    return called(before, after, known, at).name


def names_of(before: Days, after: Days) -> dict[int, tuple[str | None, str | None]]:
    """Names before and after on each day on which they changed."""
    return {number: pair for (_, number), pair in expected(before, after).items()}


def node_of(after: list[str | None], changed: list[int], at: datetime) -> str | None:
    """The name as known then: at the moment of record if that day changed, else on the first."""
    now = next((n for n in changed if day(n) <= at < day(n + 1)), None)
    number = DAYS - 1 if DAYS - 1 in changed and at >= day(DAYS - 1) else now
    return after[changed[0] if number is None else number]


def asked_of(told_: dict[str, Any]) -> dict[str, Any]:
    """A change as the API tells it."""
    names = {
        number: (one["before"], one["after"])
        for one in told_["fields"]
        if one["name"] == "name"
        for number in range(DAYS)
        if one["validFrom"] <= written(day(number)) < (one["validTo"] or "9999")
    }
    same = ("at", "recordedAt", "validFrom", "validTo", "action")
    node = told_["node"] and told_["node"]["name"]
    return {**{name: told_[name] for name in same}, "names": names, "node": node}
