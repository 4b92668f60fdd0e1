"""One question on the command line: its text, its variables, its answer."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import orjson

from api.answering import answered, body
from api.app import schema
from api.errors import told
from api.requests import GraphQLRequest
from api.settings import WrongUse
from graph.questions import Ask
from graph.store import Address, Store


async def ask(address: Address, text: str, variables: dict[str, Any]) -> dict[str, Any]:
    """The answer as GraphQL writes it."""
    async with Store.at(address) as store:
        asked = GraphQLRequest(text, variables=variables)
        result = await answered(schema(), asked, Ask.of(store))
    return body(result, [told(error, "command-line") for error in result.errors or ()])


def document(given: str) -> str:
    """GraphQL text; what has no brace is `-` for standard input, or a file. Raises WrongUse."""
    if "{" in given or not given:
        return given
    try:
        read = sys.stdin.buffer.read() if given == "-" else Path(given).read_bytes()
        return read.decode()
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or "it is not UTF-8"
        raise WrongUse(f"cannot read the question from {given[:200]!r} ({why})") from error


def given(text: str) -> dict[str, Any]:
    """Variables as JSON. Raises WrongUse."""
    try:
        found = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise WrongUse(f"--variables is no JSON: {error}") from error
    if not isinstance(found, dict):
        raise WrongUse('--variables must be a JSON object, e.g. {"key": "churn"}')
    return found
