"""Structured logs on standard error: one line of JSON an event, never a value of a question."""

from __future__ import annotations

import json
import sys
from functools import partial
from os import getpid
from typing import Any

import orjson
import structlog
from structlog.typing import EventDict

log = structlog.get_logger("goldenthread")


def _with_process(process: int, logger: object, name: str, event: EventDict) -> EventDict:
    event["process"] = process
    return event


def _line(event: EventDict, **how: Any) -> str:
    try:
        return orjson.dumps(event, **how).decode()
    except TypeError:
        return json.dumps(event, **how)


def configure() -> None:
    """JSON lines with level, UTC time and the id of the process; each line is one write."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            partial(_with_process, getpid()),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(_line),
        ],
        logger_factory=structlog.WriteLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
