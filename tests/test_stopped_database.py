"""Neo4j itself stopped, started again and frozen under a running service."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from pathlib import Path

from starlette.testclient import TestClient

from api.app import create_app
from api.readiness import FRESH
from graph import local
from graph.breaker import REST
from graph.store import Address, Store
from tests.serving import PATIENT, ask, code

QUESTION = '{ kpi(key: "churn") { name } }'
NO_SUCH: dict[str, object] = {"kpi": None}


def test_the_service_outlives_a_database_that_is_stopped_and_one_that_is_frozen(
    tmp_path: Path,
) -> None:
    """
    While Neo4j is away or does not move: UNAVAILABLE and not ready; afterwards answers, unasked.
    """
    with local.running(tmp_path) as first:
        address = Address(first.uri, first.username, first.password)
        asyncio.run(prepared(address))
    with TestClient(create_app(address, limits=PATIENT)) as client:
        assert "UNAVAILABLE" == code(ask(client, QUESTION))
        assert 503 == client.get("/ready").status_code

        with local.running(tmp_path, port=int(first.uri.rpartition(":")[2])) as again:
            assert {"data": NO_SUCH} == ask(client, QUESTION)
            assert 200 == client.get("/ready").status_code

            os.kill(again.pid, signal.SIGSTOP)
            try:
                time.sleep(FRESH)
                assert 503 == client.get("/ready").status_code
                assert 200 == client.get("/health").status_code
            finally:
                os.kill(again.pid, signal.SIGCONT)
            time.sleep(REST)
            assert {"data": NO_SUCH} == ask(client, QUESTION)


async def prepared(address: Address) -> None:
    """Make constraints, indexes and the ledger."""
    async with Store.at(address) as store:
        await store.migrate()
