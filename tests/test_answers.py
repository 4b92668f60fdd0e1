"""Answers that are given again: the same that would be found anew, to whom may have them."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from api.admission import VERBS
from api.answers import Answers, Told
from api.app import create_app
from api.development import DevelopmentKey
from api.limits import Limits
from api.requests import GraphQLRequest
from api.sign_in import SignIn
from graph import heads
from graph.breaker import Away
from graph.heads import Heads
from graph.ontology import ONTOLOGY
from graph.policy import Policy
from graph.questions import Ask as Question
from graph.store import Address, Store, utc_now
from queries import LEDGER
from tests.asking import link, put, thing
from tests.serving import PATIENT, code

POLICY = {
    "roles": {
        "clerk": {"clearance": "INTERNAL", "kinds": "*", "verbs": []},
        "reader": {"clearance": "CONFIDENTIAL", "kinds": "*", "verbs": []},
        "board": {"clearance": "RESTRICTED", "kinds": "*", "verbs": "*"},
    }
}
NAMES = "{ themes { nodes { id name objectives { nodes { name } } } } }"
ONE = "query($key: String!) { theme(key: $key) { name objectives { totalCount } } }"
OLD = '{ theme(key: "a", asOf: { validAt: "2020-01-01" }) { name } }'
SELF = "{ myAccess { subject } themes { nodes { id } } }"
Ask = Callable[..., Any]


class Service:
    """A running service, and how somebody in a role asks it."""

    def __init__(self, client: TestClient, key: DevelopmentKey, store: Store) -> None:
        self.client = client
        self.key = key
        self.store = store
        self.texts: list[str] = []
        """Statements that were read."""
        store._read = self._noted(store._read)  # type: ignore[method-assign]
        store._watch.read = self._noted(store._watch.read)  # type: ignore[method-assign]

    def _noted(self, read: Callable[..., Any]) -> Callable[..., Any]:
        async def noted(text: str, *given: Any, **named: Any) -> Any:
            self.texts.append(text)
            return await read(text, *given, **named)

        return noted

    def ask(self, query: str, role: str = "reader", subject: str = "she", **given: Any) -> Any:
        """The whole response."""
        token = self.key.token((role,), subject, timedelta(minutes=5))
        return self.client.post(
            "/graphql",
            json={"query": query, "variables": given},
            headers={"Authorization": f"Bearer {token}"},
        )

    def data(self, query: str, role: str = "reader", **given: Any) -> Any:
        """The data of an answer without errors."""
        told = self.ask(query, role, **given).json()
        assert "errors" not in told, told
        return told["data"]

    def looks(self, query: str, role: str = "reader", **given: Any) -> bool:
        """Whether an answer took one look at the ledger and nothing else."""
        self.texts.clear()
        self.data(query, role, **given)
        return self.texts == [LEDGER["head"]]


@contextmanager
def served(address: Address, folder: Path, limits: Limits = PATIENT) -> Iterator[Service]:
    """A service on the database of the tests."""
    key = DevelopmentKey(folder)
    policy = Policy.of(POLICY, ONTOLOGY, verbs=VERBS)
    app = create_app(address, limits=limits, sign_in=SignIn(policy, key.tokens()))
    with TestClient(app) as client:
        yield Service(client, key, app.state.store)


@pytest.fixture
def service(
    store: Store, address: Address, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Service]:
    """A service that trusts a head as soon as it has seen it."""
    monkeypatch.setattr(heads, "SETTLED", timedelta(0))
    with served(address, tmp_path) as made:
        yield made


def warm(service: Service, query: str = NAMES, **given: Any) -> Any:
    """Ask until the answer is kept; the data."""
    for _ in range(3):
        service.data(query, **given)
        service.client.portal.call(service.store.heads.look)  # type: ignore[union-attr]
    return service.data(query, **given)


async def test_who_asks_again_gets_the_same_bytes_for_one_look(
    store: Store, service: Service
) -> None:
    """
    The same question by POST, with the variables in another order, and by GET.
    """
    await put(store, thing("theme:a"), thing("theme:b"))
    warm(service, ONE, key="a")
    first, again = service.ask(ONE, key="a"), service.ask(ONE, key="a")
    assert (first.content, first.headers["content-type"]) == (
        again.content,
        again.headers["content-type"],
    )
    assert service.looks(ONE, key="a")
    assert again.json()["extensions"]["cost"]["requested"]
    assert service.data(ONE, key="b")["theme"]["name"] == "b"
    token = service.key.token(("reader",), "another", timedelta(minutes=5))
    given = {"query": ONE, "variables": '{"key":"a"}'}
    headers = {"Authorization": f"Bearer {token}"}
    told = service.client.get("/graphql", params=given, headers=headers)
    assert told.json() == again.json()


async def test_no_answer_is_older_than_the_last_write(
    store: Store, address: Address, service: Service, tmp_path: Path
) -> None:
    """
    40 random writes of another process, each followed by questions: as a service answers that
    keeps nothing.
    """
    chance = random.Random(7)
    themes, objectives = [f"theme:{x}" for x in "abc"], [f"objective:{x}" for x in "pqr"]
    await put(store, *map(thing, [*themes, *objectives]))
    never = Limits(deadline=30, answers_kept=0)
    kept = 0
    with served(address, tmp_path / "other", never) as other:
        for step in range(40):
            if chance.random() < 0.6:
                ends = chance.choice(objectives), chance.choice(themes)
                await put(store, link("in_theme", *ends))
            else:
                await put(store, thing(chance.choice(themes), name=f"name {step}"))
            for _ in range(3):
                assert service.data(NAMES) == other.data(NAMES)
            for key in "ab":
                assert service.data(ONE, key=key) == other.data(ONE, key=key)
            kept += service.looks(NAMES)
    assert kept > 20


async def test_what_begins_with_the_clock_is_told_in_time(store: Store, service: Service) -> None:
    """
    A theme of which the name changes in two seconds, and nothing is written: asked all the time,
    now and as of the past.
    """
    turn = store.clock() + timedelta(seconds=2)
    await put(store, thing("theme:a", until=turn, name="old"), thing("theme:b"))
    await put(store, thing("theme:a", turn, name="new"))
    seen, looked = list[str](), list[bool]()
    while utc_now() < turn + timedelta(seconds=1):
        looked.append(service.looks(ONE, key="a"))
        before = utc_now()
        name = service.data(ONE, key="a")["theme"]["name"]
        assert service.data(OLD)["theme"]["name"] == "old"
        after = utc_now()
        assert name == "old" or after >= turn
        assert name == "new" or before <= turn
        seen.append(name)
    assert {*seen} == {"old", "new"}
    assert any(looked)


async def test_others_get_what_they_may_see(store: Store, service: Service) -> None:
    """
    One question by three roles, in turn, after each of them was answered: one KPI is confidential.
    """
    query = "{ kpis { nodes { id } } }"
    await put(store, thing("kpi:open", kind="BASE"), thing("theme:a"))
    await put(store, thing("kpi:secret", kind="BASE", confidentiality="CONFIDENTIAL"))
    for _ in range(4):
        for role, ids in (
            ("clerk", ["kpi:open"]),
            ("reader", ["kpi:open", "kpi:secret"]),
            ("board", ["kpi:open", "kpi:secret"]),
        ):
            told = service.data(query, role)
            assert [one["id"] for one in told["kpis"]["nodes"]] == ids
            service.client.portal.call(service.store.heads.look)  # type: ignore[union-attr]
    assert service.looks(query, "reader")
    assert service.looks(query, "clerk")


async def test_who_may_see_restricted_things_is_never_answered_from_before(
    store: Store, service: Service
) -> None:
    """
    His reads are recorded, each of them.
    """
    await put(store, thing("segment:rich", accessClass="RESTRICTED"))
    query = "{ segments { nodes { id } } }"
    for _ in range(3):
        assert service.data(query, "board")["segments"]["nodes"]
        service.client.portal.call(service.store.heads.look)  # type: ignore[union-attr]
    log = "{ accessLog { entries { field } } }"
    for _ in range(100):
        told = service.data(log, "board")["accessLog"]["entries"]
        if sum(one["field"] == "segments" for one in told) == 3:
            return
        await asyncio.sleep(0.05)
    raise AssertionError(told)


async def test_nobody_is_told_what_another_is(store: Store, service: Service) -> None:
    """
    A question on oneself beside one on the graph.
    """
    await put(store, thing("theme:a"))
    warm(service, SELF)
    for subject in ("she", "he"):
        told = service.ask(SELF, subject=subject).json()["data"]
        assert told["myAccess"]["subject"] == subject


async def test_another_past_of_as_many_commits_is_another(store: Store, service: Service) -> None:
    """
    As a database is that was restored under a running service.
    """
    await put(store, thing("theme:a"))
    assert warm(service) == service.data(NAMES)
    assert service.looks(NAMES)

    async def other(run: Any) -> None:
        await run("MATCH (l:Ledger) SET l.head = 'another' RETURN 1 AS answer")
        await run("MATCH (s:ThemeState) SET s.name = 'another' RETURN count(s) AS answer")
        await run("MATCH (s:Theme) SET s.name = 'another' RETURN count(s) AS answer")

    await store.transact(other)
    assert service.data(NAMES)["themes"]["nodes"][0]["name"] == "another"


async def test_a_head_just_seen_is_not_trusted(
    store: Store, address: Address, tmp_path: Path
) -> None:
    """
    For a second, in which the database may still show the parts of the last write one by one.
    """
    await put(store, thing("theme:a"))
    with served(address, tmp_path) as service:
        until = utc_now() + heads.SETTLED
        service.client.portal.call(service.store.heads.look)  # type: ignore[union-attr]
        while utc_now() < until - timedelta(seconds=0.2):
            assert not service.looks(NAMES)
        await asyncio.sleep(1.3)
        service.data(NAMES)
        assert service.looks(NAMES)


async def test_without_the_database_it_is_as_without_answers(
    store: Store, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    """
    The database is away after an answer was kept.
    """
    await put(store, thing("theme:a"))
    warm(service)

    async def away(*_: Any) -> Any:
        raise Away

    monkeypatch.setattr(service.store, "read", away)
    monkeypatch.setattr(service.store.heads, "_read", away)
    assert code(service.ask(NAMES).json()) == "UNAVAILABLE"


async def test_no_more_is_kept_than_may_be(store: Store, address: Address, tmp_path: Path) -> None:
    """
    Room for some answers: a hundred questions, each twice, then with no room.
    """
    await put(store, thing("theme:a"))
    for most in (40_000, 0):
        limits = Limits(deadline=30, answers_kept=most)
        with served(address, tmp_path / str(most), limits) as service:
            warm(service)
            await asyncio.sleep(heads.SETTLED.total_seconds())
            answers = service.client.app.routes[0].endpoint.app.answers  # type: ignore[attr-defined]
            for number in range(100):
                service.data(f"{{ themes {{ nodes {{ id n{number}: name }} }} }}")
                assert answers._kept.held <= most
            assert bool(len(answers)) == bool(most)


async def test_an_edge_that_passes_while_a_question_is_answered_is_not_lost(
    store: Store, service: Service
) -> None:
    """
    A look after the edge, and then an answer is to be kept that was asked for before it.
    """
    turn = store.clock() + timedelta(seconds=1)
    await put(store, thing("theme:a", until=turn, name="old"), thing("theme:b"))
    heads_ = store.heads
    before = await heads_.look()
    asked = GraphQLRequest(NAMES)
    policy = Policy.of(POLICY, ONTOLOGY, verbs=VERBS)
    question = Question.of(store, policy.viewer("she", ("reader",)))
    question.commits.add(before.published)
    await asyncio.sleep(1.1)
    assert (await heads_.look()).until > before.until
    kept = Answers(10_000)
    kept.keep(asked, question, before, Told(b"{}", 1))
    assert len(kept) == 1
    assert kept.find(asked, question.viewer, store.clock()) is None


async def test_what_is_due_is_never_answered_from_before(store: Store, service: Service) -> None:
    """
    Whether something is to be looked at again depends on the day.
    """
    await put(store, thing("theme:a", status="EXCLUDED"))
    query = "{ exclusions { of { id } due } themes { nodes { id } } }"
    warm(service, query)
    assert not service.looks(query)


class Ledger:
    """A ledger that answers when it is let."""

    def __init__(self) -> None:
        self.gates: list[asyncio.Future[int]] = []
        self.doubts = 0

    def doubt(self) -> None:
        """Somebody gave up."""
        self.doubts += 1

    async def read(self, text: str, given: Mapping[str, Any]) -> Mapping[str, Any]:
        """Its head, when the gate of this look is opened."""
        gate = asyncio.get_running_loop().create_future()
        self.gates.append(gate)
        return {"answer": {"head": "x", "published": await gate, "until": 0}}


async def test_a_look_tells_none_that_came_after_it_began() -> None:
    """
    Three ask while a look is under way: the next tells them, all three, and one had left.
    """
    ledger = Ledger()
    found = Heads(ledger.read, utc_now, ledger.doubt)
    first = asyncio.ensure_future(found.look())
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    others = [asyncio.ensure_future(found.look()) for _ in range(3)]
    await asyncio.sleep(0)
    others[1].cancel()
    ledger.gates[0].set_result(1)
    assert (await first).published == 1
    assert len(ledger.gates) == 2
    ledger.gates[1].set_result(2)
    assert [(await one).published for one in (others[0], others[2])] == [2, 2]
    assert (2, 1) == (len(ledger.gates), ledger.doubts)


async def test_a_look_that_fails_fails_for_all_and_the_next_begins_anew() -> None:
    """
    The database is away for two looks: of one who comes first, and of two who came meanwhile.
    """
    ledger = Ledger()
    found = Heads(ledger.read, utc_now, ledger.doubt)
    three = [asyncio.ensure_future(found.look()) for _ in range(3)]
    for look in range(2):
        await asyncio.sleep(0.01)
        assert len(ledger.gates) == look + 1
        ledger.gates[look].set_exception(Away())
    told = await asyncio.gather(*three, return_exceptions=True)
    assert [type(one) for one in told] == [Away] * 3
    last = asyncio.ensure_future(found.look())
    await asyncio.sleep(0.01)
    ledger.gates[2].set_result(3)
    assert (await last).published == 3


async def test_who_looks_first_and_leaves_keeps_nobody_waiting() -> None:
    """
    Of three who ask one after another the first gives up: the others are told by the next look.
    """
    ledger = Ledger()
    found = Heads(ledger.read, utc_now, ledger.doubt)
    first, *others = [asyncio.ensure_future(found.look()) for _ in range(3)]
    await asyncio.sleep(0.01)
    first.cancel()
    await asyncio.sleep(0.01)
    assert first.cancelled()
    assert (2, 1) == (len(ledger.gates), ledger.doubts)
    ledger.gates[1].set_result(2)
    assert [(await one).published for one in others] == [2, 2]
