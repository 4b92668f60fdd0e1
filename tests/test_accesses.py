"""Who read what: restricted things and the record itself, under whose name and which request."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient
from structlog.testing import capture_logs

from api.admission import VERBS
from api.app import create_app
from api.development import DevelopmentKey
from api.sign_in import SignIn
from graph.ontology import ONTOLOGY
from graph.policy import Policy
from graph.store import Address, Store
from tests.asking import put, thing
from tests.serving import PATIENT, ask, code

POLICY = {
    "roles": {
        "board": {"clearance": "RESTRICTED", "kinds": "*", "verbs": "*"},
        "clerk": {"clearance": "INTERNAL", "kinds": ["segment", "theme"], "verbs": []},
    }
}
LOG = "{ accessLog { entries { subject roles token request field of count audit certain } next } }"
Ask = Callable[..., Any]


@pytest.fixture
def key(tmp_path: Path) -> DevelopmentKey:
    """A key that signs tokens."""
    return DevelopmentKey(tmp_path)


@contextmanager
def served(address: Address, key: DevelopmentKey) -> Iterator[Ask]:
    """How somebody in a role asks a running service."""
    policy = Policy.of(POLICY, ONTOLOGY, verbs=VERBS)
    app = create_app(address, limits=PATIENT, sign_in=SignIn(policy, key.tokens()))
    with TestClient(app) as client:

        def asked(role: str, query: str, **variables: Any) -> Any:
            token = key.token((role, "unknown"), f"{role}@bank", timedelta(minutes=5))
            client.headers["Authorization"] = f"Bearer {token}"
            client.headers["X-Request-ID"] = f"{role}-1"
            return ask(client, query, **variables)

        yield asked


def entries(told: Any) -> list[dict[str, Any]]:
    """Entries of a log, oldest first."""
    assert "errors" not in told, told
    return list(reversed(told["data"]["accessLog"]["entries"]))


async def restricted(store: Store) -> None:
    """Two segments, one of them for named roles only."""
    await put(store, thing("segment:open"), thing("theme:a"))
    await put(store, thing("segment:rich", accessClass="RESTRICTED"))


async def test_who_reads_a_restricted_thing_is_recorded(
    store: Store, address: Address, key: DevelopmentKey
) -> None:
    """
    With name, roles, token, request and root field, also where no id was asked for; what is open
    is read without a record, and who sees nothing restricted leaves none.
    """
    await restricted(store)
    with served(address, key) as asked:
        assert {"open", "rich"} == names(asked("board", "{ segments { nodes { name } } }"))
        asked("board", '{ theme(key: "a") { name } }')
        assert {"open"} == names(asked("clerk", "{ segments { nodes { name } } }"))
    with served(address, key) as asked:
        (one,) = entries(asked("board", LOG))

    assert one.pop("token")
    assert {
        "subject": "board@bank",
        "roles": ["board"],
        "request": "board-1",
        "field": "segments",
        "of": ["segment:rich"],
        "count": 1,
        "audit": False,
        "certain": True,
    } == one


def names(told: Any) -> set[str]:
    """Names of the segments of an answer."""
    return {one["name"] for one in told["data"]["segments"]["nodes"]}


async def test_who_reads_the_record_is_recorded(
    store: Store, address: Address, key: DevelopmentKey
) -> None:
    """
    Of changes as of accesses, whoever it is.
    """
    await restricted(store)
    with served(address, key) as asked:
        asked("clerk", "{ changes { nodes { of } } }")
        asked("board", LOG)
    with served(address, key) as asked:
        told = entries(asked("board", LOG))

    assert [("clerk@bank", "changes", True), ("board@bank", "accessLog", True)] == [
        (one["subject"], one["field"], one["audit"]) for one in told
    ]


async def test_the_record_is_for_those_whom_the_policy_lets_ask(
    store: Store, address: Address, key: DevelopmentKey
) -> None:
    """
    Others are refused, and that is no read.
    """
    with served(address, key) as asked:
        assert "FORBIDDEN" == code(asked("clerk", LOG))
    with served(address, key) as asked:
        assert [] == entries(asked("board", LOG))


async def test_the_record_comes_in_pages_and_by_what_was_read(
    store: Store, address: Address, key: DevelopmentKey
) -> None:
    """
    Newest first, each entry once.
    """
    await restricted(store)
    with served(address, key) as asked:
        for _ in range(3):
            asked("board", '{ segment(key: "rich") { name } }')
            asked("clerk", "{ changes { totalCount } }")
    page = "query P($after: String) { accessLog(first: 2, after: $after) {"
    page += " entries { subject field } next } }"
    with served(address, key) as asked:
        found: list[Any] = []
        after = None
        while True:
            told = asked("board", page, after=after)["data"]["accessLog"]
            found += told["entries"]
            if (after := told["next"]) is None:
                break
        of = asked("board", '{ accessLog(of: "segment:rich") { entries { field } } }')
        by = asked("board", '{ accessLog(subject: "clerk@bank") { entries { field } } }')

    expected = [("clerk@bank", "changes"), ("board@bank", "segment")] * 3
    assert expected == [(one["subject"], one["field"]) for one in found][:6]
    assert ["segment"] * 3 == [one["field"] for one in of["data"]["accessLog"]["entries"]]
    assert ["changes"] * 3 == [one["field"] for one in by["data"]["accessLog"]["entries"]]


async def test_a_record_that_cannot_be_kept_fails_no_read(
    store: Store, address: Address, key: DevelopmentKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    """
    The read is answered, and the log of the service holds what the database did not take.
    """
    from graph.errors import Unavailable

    async def away(*_: Any) -> None:
        raise Unavailable("away")

    await restricted(store)
    with capture_logs() as logs, served(address, key) as asked:
        monkeypatch.setattr(Store, "transact", away)
        assert {"open", "rich"} == names(asked("board", "{ segments { nodes { name } } }"))
    kept = [one for one in logs if one["event"] == "access"]

    assert [("board@bank", "segments", ["segment:rich"])] == [
        (one["subject"], one["field"], one["of"]) for one in kept
    ]


async def test_everybody_may_ask_what_he_sees(
    store: Store, address: Address, key: DevelopmentKey
) -> None:
    """
    Who he is here, in which roles, and what they give; unknown roles are none.
    """
    query = "{ myAccess { subject roles clearance kinds verbs allRows leastGroupSize } }"
    with served(address, key) as asked:
        clerk, board = (asked(role, query)["data"]["myAccess"] for role in ("clerk", "board"))

    assert {
        "subject": "clerk@bank",
        "roles": ["clerk"],
        "clearance": "INTERNAL",
        "verbs": [],
        "allRows": False,
        "leastGroupSize": 10,
    } == {name: value for name, value in clerk.items() if name != "kinds"}
    assert ("RESTRICTED", None, True) == (board["clearance"], board["verbs"], board["allRows"])
    assert sorted(kind.word for kind in ONTOLOGY.kinds.values()) == board["kinds"]


async def test_a_write_names_who_did_it(
    store: Store, address: Address, key: DevelopmentKey
) -> None:
    """
    Subject, known roles and token in the entry of the audit; a role that may not write is refused.
    """
    text = 'mutation { create(input: {thing: {theme: {key: "t", name: "T"}}, reason: "why"})'
    text += " { __typename ... on UserError { message } } }"
    with served(address, key) as asked:
        told = asked("board", text)
        refused = asked("clerk", text)
    assert "Receipt" == told["data"]["create"]["__typename"], told
    (entry,) = await store.answer("MATCH (a:AuditEvent) RETURN collect(a {.*}) AS answer")

    assert "FORBIDDEN" == code(refused)
    assert ["board@bank", ["board"], "board-1"] == [
        entry[name] for name in ("actor", "roles", "request")
    ]
    assert entry["token"]
