"""The service without its database: alive, honest, and back by itself."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from starlette.testclient import TestClient

from api.app import create_app
from graph.errors import Unavailable
from graph.questions import Ask, plain
from graph.selection import Select, wants
from graph.store import Address, Store
from tests.asking import codes
from tests.files import held
from tests.proxies import proxied
from tests.serving import PATIENT, ask, code

Client = TestClient


@pytest.fixture
def client(bank: Store, address: Address) -> Iterator[Client]:
    """The service over the sample bank."""
    with TestClient(create_app(address)) as it:
        yield it


def nowhere() -> Address:
    """An address at which nothing listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return Address(f"bolt://127.0.0.1:{taken.getsockname()[1]}", "neo4j", "none")


def test_a_service_without_database_is_alive_and_not_ready() -> None:
    """
    Health never asks the database; readiness says in time what is wrong; questions UNAVAILABLE.
    """
    with TestClient(create_app(nowhere())) as client:
        assert (200, {"status": "alive"}) == told_by(client.get("/health"))
        status, body = told_by(client.get("/ready"))
        assert (503, "not ready") == (status, body["status"])
        assert "does not answer" in body["why"]
        began = time.monotonic()
        told = ask(client, '{ kpi(key: "nps") { id } }')

    assert "UNAVAILABLE" == code(told)
    assert {"kpi": None} == told["data"]
    assert time.monotonic() - began < 5


def told_by(response: Any) -> tuple[int, Any]:
    """Status and JSON."""
    return response.status_code, response.json()


def test_a_wrong_password_is_said(address: Address) -> None:
    """
    The cause and the remedy, and nothing of the password.
    """
    with TestClient(create_app(replace(address, password="guessed"))) as client:
        status, body = told_by(client.get("/ready"))

    assert (503, True) == (status, "NEO4J_PASSWORD" in body["why"])
    assert "guessed" not in body["why"]


async def test_a_database_that_was_not_prepared_is_said(store: Store, address: Address) -> None:
    """
    Without its ledger the service is not ready, and no question is answered with a false null.
    """
    await store.alone("MATCH (l:Ledger) DELETE l")
    with TestClient(create_app(address, limits=PATIENT)) as client:
        status, body = told_by(client.get("/ready"))
        codes = [
            code(ask(client, question))
            for question in (
                '{ kpi(key: "nps") { id } }',
                '{ lineage(of: "kpi:nps") { root { id } } }',
                '{ impact(of: [{on: "kpi:nps"}]) { effects { sign } } }',
            )
        ]
    await store.migrate()

    assert (503, True) == (status, "goldenthread migrate" in body["why"])
    assert ["UNAVAILABLE"] * 3 == codes


def test_the_service_lives_through_a_lost_database(bank: Store, address: Address) -> None:
    """
    Cut off in the middle of work it says UNAVAILABLE; connected again, it answers by itself.
    """
    question = '{ kpi(key: "nps") { name } kpis { totalCount } }'
    with proxied(address) as proxy, TestClient(create_app(proxy.address)) as client:
        before = ask(client, question)
        for _ in range(2):
            proxy.cut()
            away = ask(client, question)
            unready = client.get("/ready").status_code
            alive = client.get("/health").status_code
            proxy.restore()
            back = ask(client, question)

            assert {"UNAVAILABLE"} == {e["extensions"]["code"] for e in away["errors"]}
            assert {"kpi": None, "kpis": None} == away["data"]
            assert (503, 200) == (unready, alive)
            assert before == back
            assert 200 == client.get("/ready").status_code
    assert {"kpi": {"name": "Net promoter score"}, "kpis": {"totalCount": len(held("kpis"))}} == (
        before["data"]
    )


def test_a_dropped_connection_is_not_noticed(bank: Store, address: Address) -> None:
    """
    When only the pooled connections broke, the question is asked again on a new one.
    """
    with proxied(address) as proxy, TestClient(create_app(proxy.address)) as client:
        before = ask(client, "{ kpis { totalCount } }")
        proxy.cut()
        proxy.restore()

        assert before == ask(client, "{ kpis { totalCount } }")


async def test_a_database_that_falls_silent_is_not_waited_for_forever(
    bank: Store, address: Address
) -> None:
    """
    A connection that is open and says nothing ends in UNAVAILABLE after the asker's patience.
    """
    with proxied(address) as proxy:
        async with Store.at(proxy.address) as behind:
            kpi, select = behind.ontology.kinds["kpi"], Select("kpi", "kpi", fields=wants("name"))
            asker = Ask(behind, behind.clock(), patience=0.5)
            told = await plain.thing(asker, kpi, "nps", None, select)
            proxy.silence()
            began = time.monotonic()
            with pytest.raises(Unavailable):
                await plain.thing(asker, kpi, "nps", None, select)

            assert time.monotonic() - began < 3
    assert "Net promoter score" == told["name"]


async def test_an_answer_that_takes_too_long_says_so(
    bank: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """
    The database ends a statement that runs over its time: TIMEOUT, and the next one is answered.
    """
    read = bank.read
    slow = "UNWIND range(1, 1000000000) AS x WITH sum(x) AS y RETURN y AS answer, 1 AS k"
    monkeypatch.setattr(bank, "read", lambda *_: read(slow, {}, timeout=0.2))
    assert ["TIMEOUT"] == await codes(bank, '{ kpi(key: "nps") { id } }')

    monkeypatch.undo()
    assert [] == await codes(bank, '{ kpi(key: "nps") { id } }')
