"""Hearing of changes as they happen, over real sockets: who hears what, and when it ends."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any, TypeVar

import httpx2
import pytest
import uvicorn
from websockets.exceptions import InvalidStatus

from api.sign_in import SignIn
from api.socket_limits import SocketLimits
from api.socket_wire import SocketProtocol
from api.trusted import Trusted
from graph.store import Address, Store
from graph.viewers import EVERYONE, Viewer
from tests.asking import put, thing
from tests.issuers import Issuer, claims, publishing, rsa_key, signed
from tests.serving import NOWHERE, code, create_app, listening, refused
from tests.sockets import WATCH, Socket, events, socket

T = TypeVar("T")
ONE = rsa_key("one")
TIGHT = SocketLimits(begin_seconds=0.4, sockets=2, subscriptions=3, messages=20)


@pytest.fixture
def port(store: Store, address: Address) -> Iterator[int]:
    """A service over an empty database, in which everybody sees all."""
    with listening(create_app(address)) as it:
        yield it


@pytest.fixture(scope="module")
def nowhere() -> Iterator[int]:
    """A service without a database, with tight limits."""
    with listening(create_app(NOWHERE, sockets=TIGHT)) as it:
        yield it


async def aside(work: Callable[..., T], *given: Any) -> T:
    """What blocks, beside the loop of the tests."""
    return await asyncio.to_thread(work, *given)


def heard(told: Any) -> list[str]:
    """Ids of the changes in an event."""
    assert "errors" not in told, told
    return sorted(one["of"] for one in told["data"]["watch"]["nodes"])


async def test_a_change_is_heard_over_a_socket(store: Store, port: int) -> None:
    """
    What is published after the subscription began, once; after `complete` no more.
    """
    await put(store, thing("theme:before"))
    with socket(port) as one:
        one.begin()
        one.subscribe()
        await asyncio.sleep(1.0)
        await put(store, thing("theme:a"), thing("theme:b"))
        first = await aside(one.hear)
        await put(store, thing("theme:c"))
        second = await aside(one.hear)
        one.say("complete", id="1")
        await asyncio.sleep(0.2)
        await put(store, thing("theme:d"))

        assert ("next", "1") == (first["type"], first["id"])
        assert ["theme:a", "theme:b"] == heard(first["payload"])
        assert ["theme:c"] == heard(second["payload"])
        assert await aside(one.silent, 1.5)


async def test_a_change_is_heard_as_an_event(store: Store, port: int) -> None:
    """
    Over one answer that does not end, in the words of graphql-sse.
    """
    with events(port) as told:
        await asyncio.sleep(1.0)
        await put(store, thing("theme:a"))
        name, data = await aside(next, told)

    assert ("next", ["theme:a"]) == (name, heard(data))


async def test_only_what_is_watched_is_heard(store: Store, port: int) -> None:
    """
    By id, by kind, or both together.
    """
    text = "subscription W($ids: [ID!], $kinds: [Kind!]) {"
    text += " watch(ids: $ids, kinds: $kinds) { nodes { of } } }"
    wishes = {
        "id": {"ids": ["theme:a"]},
        "kind": {"kinds": ["PERSPECTIVE"]},
        "none": {"ids": ["theme:z"], "kinds": ["THEME"]},
    }
    with socket(port) as one:
        one.begin()
        for name, wish in wishes.items():
            one.subscribe(text, name, **wish)
        await asyncio.sleep(1.0)
        await put(store, thing("theme:a"), thing("theme:b"), thing("perspective:p", order=1))
        told = [await aside(one.hear) for _ in range(2)]

        assert {"id": ["theme:a"], "kind": ["perspective:p"]} == {
            one["id"]: heard(one["payload"]) for one in told
        }
        assert await aside(one.silent, 1.0)


async def test_an_event_is_a_page(store: Store, port: int) -> None:
    """
    What does not fit is told to be there.
    """
    text = "subscription { all: watch(first: 2) { nodes { of } pageInfo { hasNextPage } } }"
    with socket(port) as one:
        one.begin()
        one.subscribe(text)
        await asyncio.sleep(1.0)
        await put(store, *(thing(f"theme:{n}") for n in range(3)))
        told = (await aside(one.hear))["payload"]["data"]["all"]

    assert (2, True) == (len(told["nodes"]), told["pageInfo"]["hasNextPage"])


class Sights:
    """A policy by which each role sees one kind."""

    def viewer(self, subject: str, roles: Sequence[str], token: str | None = None) -> Viewer:
        """Somebody who sees the kinds that his roles name."""
        return replace(EVERYONE, subject=subject, kinds=frozenset(roles))


@pytest.fixture(scope="module")
def issuer() -> Iterator[Issuer]:
    """An issuer on a socket."""
    with publishing() as it:
        yield it


async def test_everybody_hears_only_what_he_may_see(
    store: Store, address: Address, issuer: Issuer
) -> None:
    """
    Two watch all and hear different changes; of a write that one may not see he hears nothing.
    """
    one_sees, other_sees = (signed(claims(roles=[kind]), ONE) for kind in ("Theme", "Perspective"))
    app = create_app(address, sign_in=SignIn(Sights(), issuer.tokens()))
    with listening(app) as port, socket(port) as one, events(port, token=other_sees) as other:
        one.begin(one_sees)
        one.subscribe()
        await asyncio.sleep(1.0)
        await put(store, thing("theme:a"))
        assert ["theme:a"] == heard((await aside(one.hear))["payload"])
        await put(store, thing("perspective:p", order=1))
        assert ["perspective:p"] == heard((await aside(next, other))[1])
        await put(store, thing("theme:b"), thing("perspective:q", order=2))
        assert ["theme:b"] == heard((await aside(one.hear))["payload"])
        assert ["perspective:q"] == heard((await aside(next, other))[1])


async def test_one_look_serves_all_who_watch(store: Store, address: Address) -> None:
    """
    Thirty subscriptions look at the ledger as often as one; nobody looks while nobody watches.
    """
    app = create_app(address, sockets=SocketLimits(subscriptions=30))
    with listening(app) as port:
        publications = app.state.publications
        assert 0 == publications.looks
        with socket(port) as one:
            one.begin()
            for n in range(18):
                one.subscribe(id_=str(n))
            await asyncio.sleep(2.0)
            assert publications.looks <= 5
        await asyncio.sleep(0.3)
        before = publications.looks
        await asyncio.sleep(1.2)
        assert before == publications.looks


async def test_a_token_that_ends_ends_what_it_opened(
    store: Store, address: Address, issuer: Issuer
) -> None:
    """
    Sockets by 4403, events by a last error; nothing written afterwards is heard.
    """
    now = int(time.time())
    brief = signed(claims(roles=["Theme"], exp=now - 27), ONE)
    app = create_app(address, sign_in=SignIn(Sights(), issuer.tokens()))
    with listening(app) as port, socket(port) as one, events(port, token=brief) as other:
        one.begin(brief)
        one.subscribe()
        assert (4403, "the token has expired; sign in again") == await aside(one.closed)
        name, told = await aside(next, other)
        assert ("next", "UNAUTHENTICATED") == (name, code(told))
        assert ("complete", None) == await aside(next, other)
        assert 3 >= time.time() - now - 3 >= -1


def test_a_socket_is_refused_without_a_good_token(issuer: Issuer) -> None:
    """
    4403 for no token, a wrong one, one whose roles see nothing.
    """
    app = create_app(NOWHERE, sign_in=SignIn(Sights(), issuer.tokens()))
    with listening(app) as port:
        for payload in (
            None,
            {},
            {"Authorization": "Bearer nonsense"},
            {"authorization": f"Bearer {signed(claims(), rsa_key('two'))}"},
            {"authorization": f"Bearer {signed(claims(roles=[]), ONE)}"},
            {"authorization": f"Bearer {signed(claims(exp=1), ONE)}"},
        ):
            with socket(port) as one:
                one.say("connection_init", payload=payload)
                assert 4403 == one.closed()[0]
        good = {"Authorization": f"Bearer {signed(claims(roles=['Theme']), ONE)}"}
        with socket(port, additional_headers=good) as one:
            one.begin()


def said(*messages: str | bytes) -> Callable[[Socket], None]:
    """A client that signs in and then says something."""

    def speak(one: Socket) -> None:
        one.begin()
        for message in messages:
            one.wire.send(message)

    return speak


INIT = '{"type": "connection_init"}'
SUB = json.dumps({"type": "subscribe", "id": "1", "payload": {"query": WATCH}})
ENDS: dict[str, tuple[int, Callable[[Socket], None]]] = {
    "no JSON": (4400, said("{")),
    "a list": (4400, said("[]")),
    "a number": (4400, said("7")),
    "null": (4400, said("null")),
    "no type": (4400, said('{"id": "1"}')),
    "a type that is none": (4400, said('{"type": "start"}')),
    "the type of another protocol": (4400, said('{"type": "connection_terminate"}')),
    "a type that is no text": (4400, said('{"type": 1}')),
    "bytes": (4400, said(INIT.encode())),
    "very deep": (4400, said("[" * 1000 + "]" * 1000)),
    "no id": (4400, said('{"type": "subscribe", "payload": {"query": "{ a }"}}')),
    "an empty id": (4400, said('{"type": "subscribe", "id": "", "payload": {"query": "{ a }"}}')),
    "a long id": (4400, said('{"type": "subscribe", "id": "%s", "payload": {}}' % ("x" * 200))),
    "no payload": (4400, said('{"type": "subscribe", "id": "1"}')),
    "no question": (4400, said('{"type": "subscribe", "id": "1", "payload": {}}')),
    "a question that is a number": (
        4400,
        said('{"type": "subscribe", "id": "1", "payload": {"query": 7}}'),
    ),
    "who it is, twice": (4429, said(INIT)),
    "an id twice": (4409, said(SUB, SUB)),
    "too many messages": (4429, said(*['{"type": "ping"}'] * 20)),
    "too long a message": (1009, said('{"type": "ping", "payload": "%s"}' % ("x" * 300_000))),
    "a question before who it is": (4401, lambda one: one.wire.send(SUB)),
    "nothing": (4408, lambda one: None),
    "only pings": (4408, lambda one: one.say("ping")),
    "a payload that is none": (4400, lambda one: one.say("connection_init", payload=7)),
    "a token that is none": (
        4400,
        lambda one: one.say("connection_init", payload={"authorization": 7}),
    ),
}


@pytest.mark.parametrize(("expected", "speak"), ENDS.values(), ids=ENDS.keys())
def test_a_socket_that_breaks_the_protocol_is_closed(
    nowhere: int, expected: int, speak: Callable[[Socket], None]
) -> None:
    """
    With the code of the protocol, or of its limit.
    """
    with socket(nowhere) as one:
        speak(one)

        assert expected == one.closed()[0]


@pytest.mark.parametrize("protocol", ["graphql-ws", None])
def test_another_protocol_is_not_spoken(nowhere: int, protocol: str | None) -> None:
    """
    The one before it is off, and none at all is none.
    """
    with socket(nowhere, protocol=protocol) as one:
        assert 4406 == one.closed()[0]


@pytest.mark.parametrize("origin", ["https://evil.example.org", "null", "http://localhost:1"])
def test_a_page_of_a_foreign_origin_gets_no_socket(nowhere: int, origin: str) -> None:
    """
    403 before anything is said; a page of this origin gets one.
    """
    with pytest.raises(InvalidStatus) as answer, socket(nowhere, origin=origin):
        pass
    assert 403 == answer.value.response.status_code

    with socket(nowhere, origin=f"http://127.0.0.1:{nowhere}") as own:
        own.begin()


def test_a_ping_is_answered(nowhere: int) -> None:
    """
    Before and after signing in.
    """
    with socket(nowhere) as one:
        one.say("ping")
        assert {"type": "pong"} == one.hear()
        one.begin()
        one.say("ping", payload={"a": 1})
        assert {"type": "pong"} == one.hear()
        one.say("pong")
        one.say("complete", id="unknown")
        assert one.silent(0.2)


def test_a_caller_holds_only_so_many_sockets(nowhere: int) -> None:
    """
    The third of two is closed; when one is gone there is room.
    """
    with socket(nowhere) as one, socket(nowhere) as two:
        one.begin()
        two.begin()
        with socket(nowhere) as three:
            three.say("connection_init")
            assert (4429, "you have 2 sockets open; close one first") == three.closed()
    time.sleep(0.2)
    with socket(nowhere) as one:
        one.begin()


def test_a_caller_holds_only_so_many_subscriptions(nowhere: int) -> None:
    """
    The fourth of three is told so, and the socket stays; as an event stream it is refused too.
    """
    with socket(nowhere) as one:
        one.begin()
        for n in range(4):
            one.subscribe(id_=str(n))
        told = one.hear()
        assert ("error", "3") == (told["type"], told["id"])
        assert "BAD_REQUEST" == code({"errors": told["payload"]})
        assert (429, "BAD_REQUEST") == refused(streamed(nowhere, WATCH))
        one.say("complete", id="0")
        time.sleep(0.2)
        one.subscribe(id_="3")
        assert one.silent(0.5)


def test_where_only_registered_operations_run_nothing_else_is_heard() -> None:
    """
    Neither over a socket nor as events; a registered one is heard by its id.
    """
    trusted = Trusted({"w": WATCH}, alone=True)
    with listening(create_app(NOWHERE, trusted=trusted)) as port, socket(port) as one:
        one.begin()
        one.subscribe(id_="other")
        assert "FORBIDDEN" == code({"errors": one.hear()["payload"]})
        assert (403, "FORBIDDEN") == refused(streamed(port, WATCH))
        one.say("subscribe", id="mine", payload={"documentId": "w"})
        assert one.silent(0.5)


def streamed(port: int, query: str) -> httpx2.Response:
    """The answer to what should be refused as a stream of events."""
    headers = {"Accept": "text/event-stream"}
    url = f"http://127.0.0.1:{port}/graphql"
    return httpx2.post(url, json={"query": query}, headers=headers, trust_env=False)


REFUSED = {
    "a question": ("{ __typename }", "BAD_REQUEST"),
    "a mutation": (
        'mutation { archive(input: {id: "x", reason: "y"}) { __typename } }',
        "BAD_REQUEST",
    ),
    "no GraphQL": ("subscription {", "GRAPHQL_PARSE_FAILED"),
    "an unknown field": ("subscription { nope }", "GRAPHQL_VALIDATION_FAILED"),
    "two fields": (
        "subscription { watch { totalCount } b: watch { totalCount } }",
        "GRAPHQL_VALIDATION_FAILED",
    ),
    "an id that is none": ('subscription { watch(ids: ["x"]) { totalCount } }', "BAD_REQUEST"),
    "no page": ("subscription { watch(first: 0) { totalCount } }", "BAD_REQUEST"),
    "an unknown operation": ("query A { __typename }", "BAD_REQUEST"),
}


@pytest.mark.parametrize(("query", "expected"), REFUSED.values(), ids=REFUSED.keys())
def test_what_is_no_subscription_is_refused(nowhere: int, query: str, expected: str | None) -> None:
    """
    Over a socket by `error`, which stays open; as events by a status and JSON.
    """
    with socket(nowhere) as one:
        one.begin()
        one.subscribe(query)
        told = one.hear()
        assert ("error", "1") == (told["type"], told["id"])
        found = {error["extensions"]["code"] for error in told["payload"]}
        one.say("ping")
        assert {"type": "pong"} == one.hear()
    response = streamed(nowhere, query)

    assert 400 == response.status_code
    assert {expected} == found
    assert found == {error["extensions"]["code"] for error in response.json()["errors"]}


async def test_a_service_that_ends_says_so(store: Store, address: Address) -> None:
    """
    1001 with a reason, and events are completed.
    """
    app = create_app(address)
    config = uvicorn.Config(app, port=0, log_config=None, lifespan="on", ws=SocketProtocol)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        await asyncio.sleep(0.02)
    port = server.servers[0].sockets[0].getsockname()[1]
    with socket(port) as one:
        one.begin()
        one.subscribe(WATCH)
        await asyncio.sleep(0.3)
        server.should_exit = True
        assert (1001, "the service is ending") == await aside(one.closed)
    thread.join(10)
    assert not thread.is_alive()
