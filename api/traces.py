"""Spans for OpenTelemetry: one a request, with kind, codes and cost, and no value of a question.

Off unless the extra `otel` is installed and `GOLDENTHREAD_TRACES` is set. Where spans go is told
to OpenTelemetry's own environment variables, such as `OTEL_EXPORTER_OTLP_ENDPOINT`.
"""

from __future__ import annotations

from importlib.util import find_spec
from typing import TYPE_CHECKING

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.metrics import ADDRESSES, LEFT, METHODS
from api.settings import WrongUse

if TYPE_CHECKING:
    from opentelemetry.trace import Tracer

NEEDED = ("opentelemetry.sdk", "opentelemetry.exporter.otlp.proto.http")


def check() -> None:
    """Raise WrongUse where tracing is wanted and cannot be."""
    if find_spec("opentelemetry") is None or not all(map(find_spec, NEEDED)):
        raise WrongUse("GOLDENTHREAD_TRACES needs the extra: pip install 'goldenthread[otel]'")


def tracer() -> Tracer:
    """What makes spans of this process and sends them away in the background."""
    check()
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    provider = TracerProvider(resource=Resource.create({"service.name": "goldenthread"}))
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    return provider.get_tracer("goldenthread")


class Traced:
    """A span around every request, below that of the caller who names one (`traceparent`)."""

    def __init__(self, app: ASGIApp, tracer: Tracer | None) -> None:
        self.app = app
        self.tracer = tracer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on, and note how it ended."""
        if self.tracer is None or scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        from opentelemetry.propagate import extract
        from opentelemetry.trace import SpanKind

        status = LEFT

        async def noted(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        path = scope["path"] if scope["path"] in ADDRESSES else "other"
        method = scope["method"] if scope["method"] in METHODS else "other"
        above = extract(dict(Headers(scope=scope)))
        state = scope.setdefault("state", {})
        with self.tracer.start_as_current_span(
            f"{method} {path}", context=above, kind=SpanKind.SERVER
        ) as span:
            try:
                await self.app(scope, receive, noted)
            finally:
                asked = state.get("asked") or {}
                told = {"http.request.method": method, "http.response.status_code": status}
                told |= {f"goldenthread.{name}": value for name, value in asked.items()}
                told["goldenthread.request_id"] = state.get("request_id")
                span.set_attributes({k: v for k, v in told.items() if v is not None})
