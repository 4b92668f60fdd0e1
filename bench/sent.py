"""The very statements that the product makes for the six questions, noted on their way."""

from __future__ import annotations

import pickle
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from api.answering import answered
from api.app import schema
from api.requests import GraphQLRequest
from bench.reading import Listening, Sent
from bench.six import Question
from graph.questions import Ask
from graph.store import Address
from graph.viewers import Viewer

Statements = Mapping[str, Sequence[Sent]]
"""By question, one for each of its variables."""


@dataclass(frozen=True, slots=True)
class Told:
    """What a question was answered in this process, and what it sent."""

    data: Any
    sent: Sent


async def noted(address: Address, viewer: Viewer, asked: Sequence[Question]) -> Statements:
    """What is sent for somebody. Raises ValueError where a question is not answered."""
    async with Listening.at(address) as store:
        assert isinstance(store, Listening)
        return {
            one.name: [(await told(store, viewer, one, given)).sent for given in one.variables]
            for one in asked
        }


async def told(store: Listening, viewer: Viewer, one: Question, given: Mapping[str, Any]) -> Told:
    """The answer to one question. Raises ValueError where there is none."""
    request = GraphQLRequest(one.text, variables=dict(given))
    result = await answered(schema(), request, Ask.of(store, viewer))
    if result.errors or not result.data:
        raise ValueError(f"{one.name} {given}: {result.errors}")
    return Told(result.data, store.sent)


def keep(path: Path, address: Address, statements: Statements) -> None:
    """Write them to a file, for the floor alone."""
    path.touch(mode=0o600)
    path.write_bytes(pickle.dumps((address, statements)))


def kept(path: Path) -> tuple[Address, Statements]:
    """What such a file holds."""
    address, statements = pickle.loads(path.read_bytes())
    return address, statements
