"""Spans for OpenTelemetry: one a request, with kind, codes and cost, and no value of a question.

Off unless the extra `otel` is installed and `GOLDENTHREAD_TRACES` is set. Where spans go is told
to OpenTelemetry's own environment variables, such as `OTEL_EXPORTER_OTLP_ENDPOINT`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from starlette.datastructures import Headers
from starlette.types import Scope

from api.metrics import ADDRESSES, METHODS
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


Finish = Callable[[int, Mapping[str, Any], str], None]
"""Takes the status, what was asked for and the id of the request."""


@contextmanager
def span(tracer: Tracer | None, scope: Scope) -> Iterator[Finish]:
    """A span around a request, below that of the caller who names one (`traceparent`)."""
    if tracer is None:
        yield _nothing
        return
    from opentelemetry.propagate import extract
    from opentelemetry.trace import SpanKind

    path = scope["path"] if scope["path"] in ADDRESSES else "other"
    method = scope["method"] if scope["method"] in METHODS else "other"
    above = extract(dict(Headers(scope=scope)))
    with tracer.start_as_current_span(
        f"{method} {path}", context=above, kind=SpanKind.SERVER
    ) as made:

        def finish(status: int, asked: Mapping[str, Any], request: str) -> None:
            told = {"http.request.method": method, "http.response.status_code": status}
            told |= {f"goldenthread.{name}": value for name, value in asked.items()}
            told["goldenthread.request_id"] = request
            made.set_attributes({k: v for k, v in told.items() if v is not None})

        yield finish


def _nothing(status: int, asked: Mapping[str, Any], request: str) -> None:
    """Where nobody traces."""
