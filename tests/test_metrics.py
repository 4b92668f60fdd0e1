"""What the service tells of itself: figures by closed lists, and lines that hold no value."""

from __future__ import annotations

from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families
from starlette.testclient import TestClient
from structlog.testing import capture_logs

from api.app import create_app
from api.metrics import may_read
from graph.store import Address, Store
from tests.serving import NOWHERE
from tests.test_workers import eventually, serving

HERE = ("127.0.0.1", 50_000)


def figures(text: str) -> dict[tuple[str, ...], float]:
    """Samples by name and the values of their labels."""
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_requests_and_operations_are_counted() -> None:
    """
    By address, status, kind and code; what a caller makes up is `other` or told nowhere.
    """
    with TestClient(create_app(NOWHERE), client=HERE) as client:
        for query in ("{ __typename }", "{ kpis { nodes { secret } } }", "{ kpi(key: 4) { id } }"):
            client.post("/graphql", json={"query": query})
        client.get("/made/up/secret")
        client.request("SECRET", "/health")
        text = client.get("/metrics").text
    found = figures(text)

    assert 3 == found["goldenthread_requests_total", "/graphql", "POST", "200"]
    assert 1 == found["goldenthread_requests_total", "other", "GET", "404"]
    assert 1 == found["goldenthread_requests_total", "/health", "other", "405"]
    assert 1 == found["goldenthread_operations_total", "OK", "query"]
    assert 2 == found["goldenthread_operations_total", "GRAPHQL_VALIDATION_FAILED", "unknown"]
    assert 0 == found["goldenthread_working",]
    assert "secret" not in text.lower()


def test_strangers_read_no_figures() -> None:
    """
    This machine does, and networks that are named.
    """
    with TestClient(create_app(NOWHERE), client=("10.1.2.3", 1)) as client:
        assert 403 == client.get("/metrics").status_code
    with TestClient(create_app(NOWHERE, readers=("10.0.0.0/8",)), client=("10.1.2.3", 1)) as client:
        assert 200 == client.get("/metrics").status_code

    assert [True, True, False, False] == [
        may_read(client, ()) for client in ("127.0.0.1", "::1", "192.168.0.1", None)
    ]


def test_the_log_tells_kind_code_and_cost_and_no_value(bank: Store, address: Address) -> None:
    """
    One line a request, with its id.
    """
    query = "query Named ($k: String!) { kpi(key: $k) { name } }"
    with TestClient(create_app(address)) as client, capture_logs() as logs:
        client.post("/graphql", json={"query": query, "variables": {"k": "hidden"}})
    (line,) = [one for one in logs if one["event"] == "request"]

    assert ("query", [], 1) == (line["kind"], line["codes"], line["cost"])
    assert line["request_id"]
    assert "hidden" not in str(logs) and "Named" not in str(logs)


def test_workers_count_together(store: Store, address: Address, tmp_path: Path) -> None:
    """
    Whichever answers tells the sum of all; their folder goes when the service ends.
    """
    before = {*Path("/dev/shm").glob("goldenthread-*")}
    with serving(address, tmp_path / "log", "--workers", "2") as served:
        eventually(lambda: served.get("/health") and len(served.answering()) == 2)
        for _ in range(9):
            served.get("/schema.graphql")
        told = {
            figures(served.get("/metrics").text)[
                "goldenthread_requests_total", "/schema.graphql", "GET", "200"
            ]
            for _ in range(6)
        }
        served.process.terminate()
        served.process.wait(30)

    assert {9.0} == told
    assert before == {*Path("/dev/shm").glob("goldenthread-*")}


@pytest.mark.parametrize("address", ["", "testclient", "127.0.0.1.example.org"])
def test_what_is_no_address_reads_nothing(address: str) -> None:
    """
    A name is none.
    """
    assert not may_read(address, ("0.0.0.0/0",))
