"""Random histories asked at random points of both times, beside a model of a page of Python.

The model keeps what was said in a list and looks through all of it. The store is asked over
GraphQL: a thing, what it is linked to, a filtered and sorted page with its total.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, cast

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule, run_state_machine_as_test

from graph.changes import Change, Piece
from graph.store import Address, Store
from graph.times import INSTANT, written
from loaders.facts import link_id
from tests.asking import TESTER, answer
from tests.conftest import EMPTY

BEGIN, RECORDED = datetime(2020, 1, 1, tzinfo=UTC), datetime(2025, 1, 1, tzinfo=UTC)
DAYS, AT_ONCE = 6, 8
ROLES, PROCESSES, NAMES = ("r", "s"), ("p", "q", "o"), ("red", "blue")
IDS = [*(f"role:{key}" for key in ROLES), *(f"process:{key}" for key in PROCESSES)]
PAIRS = [(f"role:{a}", f"process:{b}") for a in ROLES for b in PROCESSES]
ASKED = """
a{n}: role(key: $r{n}, asOf: {{validAt: $v{n}, knownAt: $k{n}}}) {{
  name owns(first: 9) {{ totalCount edges {{ share node {{ id name }} }} }} }}
b{n}: processes(filter: {{name: {{eq: $n{n}}}}}, orderBy: [{{field: KEY, direction: DESC}}],
    asOf: {{validAt: $v{n}, knownAt: $k{n}}}) {{
  totalCount nodes {{ id owners(first: 9) {{ totalCount }} }} }}
"""
QUESTION = "query Q({}) {{ {} }}".format(
    ", ".join(
        f"$r{n}: String!, $n{n}: String!, $v{n}: DateTime!, $k{n}: DateTime!"
        for n in range(AT_ONCE)
    ),
    "".join(ASKED.format(n=n) for n in range(AT_ONCE)),
)


def day(number: int) -> datetime:
    """The beginning of a day of validity."""
    return BEGIN + timedelta(days=number)


@dataclass
class Model:
    """Everything that was said, in the order of record time."""

    said: list[tuple[datetime, str, datetime, datetime, Any]] = field(default_factory=list)

    def say(self, recorded: datetime, change: Change) -> None:
        """Keep that within its stretch a life is exactly the pieces of a change."""
        state = change.pieces[0].state if change.pieces else None
        self.said.append((recorded, change.id, change.since, change.until, state))
        self.said.sort(key=lambda one: one[0])

    def at(self, id_: str, valid: datetime, known: datetime) -> Any:
        """What was known to hold of one id; None where it was not in force."""
        found = None
        for recorded, named, since, until, state in self.said:
            if named == id_ and recorded <= known and since <= valid < until:
                found = state
        return found

    def linked(self, valid: datetime, known: datetime) -> Iterator[tuple[str, str, Any]]:
        """Links in force whose two ends are."""
        for source, target in PAIRS:
            held = [self.at(id_, valid, known) for id_ in (owns(source, target), source, target)]
            if None not in held:
                yield source, target, held[0]

    def role(self, key: str, valid: datetime, known: datetime) -> Any:
        """The answer about a role."""
        state = self.at(f"role:{key}", valid, known)
        if state is None:
            return None
        found = [
            {"share": s.get("share"), "node": {"id": t, "name": self.at(t, valid, known)["name"]}}
            for r, t, s in self.linked(valid, known)
            if r == f"role:{key}"
        ]
        edges = sorted(found, key=lambda edge: str(edge["node"]))
        return {"name": state["name"], "owns": {"totalCount": len(edges), "edges": edges}}

    def processes(self, name: str, valid: datetime, known: datetime) -> Any:
        """The answer about processes of a name, the last key first."""
        states = {key: self.at(f"process:{key}", valid, known) for key in PROCESSES}
        keys = sorted((k for k, s in states.items() if s and s["name"] == name), reverse=True)
        owners = [target for _, target, _ in self.linked(valid, known)]
        nodes = [
            {"id": f"process:{key}", "owners": {"totalCount": owners.count(f"process:{key}")}}
            for key in keys
        ]
        return {"totalCount": len(nodes), "nodes": nodes}


def owns(source: str, target: str) -> str:
    """Id of the link between a role and a process."""
    from graph.ontology.work import Owns

    return link_id(Owns, (source, target), Owns())


stretches = st.tuples(st.integers(0, DAYS - 1), st.integers(1, DAYS)).filter(lambda s: s[0] < s[1])


class Histories(RuleBasedStateMachine):
    """Says and takes back, now and as history, and asks after each."""

    asked = 0

    def __init__(self, address: Address) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.model, self.now, self.instants = Model(), RECORDED, [RECORDED]
        self.stack = AsyncExitStack()
        self.store = self.runner.run(self._store(address))
        self._put(*(self._said(id_, 0, DAYS, NAMES[0]) for id_ in IDS))

    async def _store(self, address: Address) -> Store:
        store = await self.stack.enter_async_context(Store.at(address, clock=lambda: self.now))
        await store.alone(EMPTY)
        await store.migrate()
        return store

    def teardown(self) -> None:
        """Close the store."""
        self.runner.run(self.stack.aclose())
        self.runner.close()

    def _said(
        self, id_: str, since: int, until: int, name: str, recorded: datetime | None = None
    ) -> Change:
        state = {"name": name, "status": "ACTIVE"}
        piece = Piece(day(since), day(until), state)
        return Change(id_, day(since), (piece,), until=day(until), recorded=recorded)

    def _put(self, *changes: Change) -> None:
        self.now += timedelta(hours=1)
        receipt = self.runner.run(self.store.put(list(changes), TESTER, "a test"))
        if receipt.at is not None:
            for change in changes:
                self.model.say(change.recorded or receipt.at, change)
                self.instants.append(change.recorded or receipt.at)

    @rule(id_=st.sampled_from(IDS), stretch=stretches, name=st.sampled_from(NAMES))
    def say(self, id_: str, stretch: tuple[int, int], name: str) -> None:
        """Something is so for some days, perhaps of the past, perhaps of the future."""
        self._put(self._said(id_, *stretch, name))

    @rule(id_=st.sampled_from(IDS), stretch=stretches)
    def take_back(self, id_: str, stretch: tuple[int, int]) -> None:
        """Something was not in force for some days: a gap, an end, or never."""
        since, until = map(day, stretch)
        self._put(Change(id_, since, (), until=until))

    @rule(pair=st.sampled_from(PAIRS), stretch=stretches, share=st.sampled_from([0.25, 0.5, None]))
    def link(self, pair: tuple[str, str], stretch: tuple[int, int], share: float | None) -> None:
        """A link holds for some days, or no longer."""
        since, until = map(day, stretch)
        state = {"accountability": "SOLE"} | ({"share": share} if share != 0.25 else {})
        state = {name: value for name, value in state.items() if value is not None}
        pieces = (Piece(since, until, state),) if share != 0.25 else ()
        id_, (source, target) = owns(*pair), pair
        self._put(Change(id_, since, pieces, until=until, source=source, target=target))

    @rule(id_=st.sampled_from(IDS), stretch=stretches, name=st.sampled_from(NAMES))
    def tell_history(self, id_: str, stretch: tuple[int, int], name: str) -> None:
        """It is told today what was known earlier, but after all that is known of it."""
        known = [recorded for recorded, named, *_ in self.model.said if named == id_]
        recorded = max(known) + timedelta(minutes=20)
        if recorded < self.now:
            self._put(self._said(id_, *stretch, name, recorded))

    @rule(data=st.data())
    def ask(self, data: st.DataObject) -> None:
        """Questions at boundaries, just before and after them, and between."""
        valid = st.builds(
            lambda number, step: day(number) + step,
            st.integers(0, DAYS),
            st.sampled_from([timedelta(0), -INSTANT, INSTANT, timedelta(hours=5)]),
        )
        known = st.builds(
            lambda instant, step: instant + step,
            st.sampled_from(self.instants),
            st.sampled_from([timedelta(0), -INSTANT, INSTANT, timedelta(minutes=5)]),
        )
        points = [(data.draw(valid), data.draw(known)) for _ in range(AT_ONCE)]
        keys = [data.draw(st.sampled_from(ROLES)) for _ in points]
        names = [data.draw(st.sampled_from(NAMES)) for _ in points]
        given: dict[str, Any] = {}
        for n, (v, k) in enumerate(points):
            given |= {f"r{n}": keys[n], f"n{n}": names[n], f"v{n}": written(v), f"k{n}": written(k)}
        told = self.runner.run(answer(self.store, QUESTION, **given))
        for n, point in enumerate(points):
            found = told[f"a{n}"]
            if found:
                found["owns"]["edges"].sort(key=lambda edge: str(edge["node"]))
            assert self.model.role(keys[n], *point) == found
            assert self.model.processes(names[n], *point) == told[f"b{n}"]
        type(self).asked += 2 * len(points)


@pytest.mark.usefixtures("store")
def test_random_histories_answer_like_a_plain_model(address: Address) -> None:
    """
    Two thousand questions and more over gaps, corrections, retractions, links and told history.
    """
    Histories.asked = 0
    run_state_machine_as_test(
        cast(Any, partial(Histories, address)),
        settings=settings(
            max_examples=20,
            stateful_step_count=30,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            derandomize=True,
        ),
    )
    assert Histories.asked >= 2_000
