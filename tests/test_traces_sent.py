"""Spans for OpenTelemetry: one a request, below the caller's, without values."""

from __future__ import annotations

from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from starlette.testclient import TestClient

from tests.serving import NOWHERE, create_app

ABOVE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


def test_a_request_is_a_span_of_its_callers_trace() -> None:
    """
    With status, kind, codes, cost and request id; nothing of the question.
    """
    sink = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(sink))
    app = create_app(NOWHERE, tracer=provider.get_tracer("test"))
    headers = {"traceparent": ABOVE, "X-Request-ID": "mine"}
    with TestClient(app, headers=headers) as client:
        client.post("/graphql", json={"query": "query Hidden { __typename }"})
        client.get("/hidden")
    asked, other = sink.get_finished_spans()

    assert ("POST /graphql", "GET other") == (asked.name, other.name)
    assert ABOVE.split("-")[1] == f"{asked.context.trace_id:032x}"
    assert {
        "http.request.method": "POST",
        "http.response.status_code": 200,
        "goldenthread.kind": "query",
        "goldenthread.codes": (),
        "goldenthread.cost": 0,
        "goldenthread.request_id": "mine",
    } == dict(asked.attributes or {})
    assert "idden" not in asked.to_json() + other.to_json()
