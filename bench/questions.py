"""Six questions over HTTP, beside a bare route that sends the same statements.

A service as `goldenthread serve` runs it and the floor, each in a process of its own, on one
database. Answers are compared first. wrk asks, one connection and 32, each again as soon as it is
answered. Told are requests a second, the slowest hundredth, and processor time a request.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from bench import processes
from bench.driving import Driven, Sending, Side, warmed
from bench.leaves import leaves, told
from bench.results import Result
from bench.sent import noted
from bench.shape import LEAST
from bench.six import Question, six
from graph.ontology import ONTOLOGY
from graph.policy import Policy
from graph.store import Address

AT_ONCE = (1, 32)
COMPUTED = ("lineage", "impact")
"""Questions whose answers are worked out from the row; of these, ids are compared."""
AIM, GROWING = "at most 1.25", "at most 1.30"

Measured = Mapping[tuple[str, int], Driven]
"""Ours by question and connections."""


@dataclass(frozen=True, slots=True)
class Tables:
    """What was found where each question is answered anew, and where answers are kept."""

    anew: list[Result] = field(default_factory=list)
    again: list[Result] = field(default_factory=list)
    cost: dict[tuple[str, int], Driven] = field(default_factory=dict)
    """Of ours anew, by question and connections."""


def measured(address: Address, nodes: int) -> Tables:
    """Every question beside the floor. Raises ValueError where answers differ."""
    tables = Tables()
    asked = six(nodes)
    with TemporaryDirectory(prefix="bench-") as made, _sides(Path(made), address, asked) as sides:
        anew, again, floor = sides
        warmed(sides, [one.name for one in asked])
        for one in asked:
            for mine in (anew, again):
                check(one, mine.told(one.name), floor.told(one.name))
            for count in AT_ONCE:
                name, bare = f"{one.told}, c={count}", floor.driven(one.name, count)
                beside = Beside(bare, bare)
                found = tables.cost[one.name, count] = anew.driven(one.name, count)
                tables.anew.extend(compared(name, found, beside))
                tables.again.extend(compared(name, again.driven(one.name, count), beside))
    return tables


@contextmanager
def ours(folder: Path, address: Address, asked: Sequence[Question], anew: bool) -> Iterator[Side]:
    """The product, asked by somebody who is signed in; `anew` = it keeps no answers."""
    database = processes.listener(address.uri)
    with processes.ours(folder, address, anew) as (service, headers):
        documents = {one: one.text for one in asked}
        yield Side(service.pid, database, sending(service.url, documents, headers))


@contextmanager
def _sides(
    folder: Path, address: Address, asked: Sequence[Question]
) -> Iterator[tuple[Side, Side, Side]]:
    with (
        ours(folder, address, asked, anew=True) as mine,
        ours(folder, address, asked, anew=False) as again,
    ):
        viewer = Policy.read(folder / processes.POLICY, ONTOLOGY).viewer("", [processes.ROLE])
        statements = asyncio.run(noted(address, viewer, asked))
        with processes.floor(folder, address, statements) as bare:
            paths = {
                name: Sending(bare.url, [(f"/{name}/{at}", None) for at in range(len(made))])
                for name, made in statements.items()
            }
            yield mine, again, Side(bare.pid, mine.database, paths)


def sending(
    url: str, documents: Mapping[Question, str], headers: Mapping[str, str]
) -> dict[str, Sending]:
    """Documents with each of their variables, as clients send them."""
    return {
        one.name: Sending(
            url,
            [
                ("/graphql", json.dumps({"query": text, "variables": given}))
                for given in one.variables
            ],
            headers,
        )
        for one, text in documents.items()
    }


def check(one: Question, answers: Sequence[Any], rows: Sequence[Any]) -> None:
    """Raise ValueError where a row does not hold what the answer tells."""
    for answer, row in zip(answers, rows, strict=True):
        if "errors" in answer:
            raise ValueError(f"{one.name}: {answer['errors']}")
        if one.name in COMPUTED:
            missing: Any = told(answer["data"]) - told(row)
        else:
            missing = leaves(answer["data"]) - leaves(row)
        if missing:
            raise ValueError(f"{one.name}: the floor does not tell {list(missing)[:5]}")


def growth(small: Measured, large: Measured) -> list[Result]:
    """Processor time a request in a larger graph beside a smaller one."""
    results = []
    for one in six(LEAST):
        ours, beside = (found[one.name, AT_ONCE[-1]] for found in (large, small))
        results.append(_spent(f"{one.told}: service", ours.service, beside.service, GROWING))
        if ours.database and beside.database:
            told = f"{one.told}: Neo4j"
            results.append(_spent(told, ours.database, beside.database, GROWING))
    return results


@dataclass(frozen=True, slots=True)
class Beside:
    """What ours stands beside: in rate and processor time, in times, and how they are called."""

    rate: Driven
    times: Driven
    called: tuple[str, str] = ("", "")
    aims: tuple[str, str, str] = ("", "", AIM)
    """Of the rate, of the slowest hundredth, of the processor time of the service."""


def compared(name: str, ours: Driven, beside: Beside) -> list[Result]:
    """Rate, times and processor time of one question side by side."""
    other, times = beside.rate, beside.times
    most, soonest = (f" {name}".rstrip() for name in beside.called)
    rate, slow, service = beside.aims
    told = [
        Result(
            f"{name}: requests/s",
            f"{ours.rate:,.0f}",
            f"{other.rate:,.0f}{most}",
            ours.rate / other.rate,
            rate,
        ),
        Result(
            f"{name}: p50, p99",
            _times(ours),
            f"{_times(times)}{soonest}",
            ours.p99 / times.p99,
            slow,
        ),
        _spent(f"{name}: processor of the service", ours.service, other.service, service),
    ]
    if ours.database and other.database:
        told.append(_spent(f"{name}: processor of Neo4j", ours.database, other.database))
    return told


def _times(one: Driven) -> str:
    return f"{one.p50 * 1000:,.1f}, {one.p99 * 1000:,.1f} ms"


def _spent(measure: str, ours: float, beside: float, aim: str = "") -> Result:
    mine, bare = (f"{seconds * 1000:.2f} ms" for seconds in (ours, beside))
    return Result(measure, mine, bare, ours / beside, aim)
