"""The six questions that everything is measured with, in our words and in the peer's.

They ask the graphs of `bench/graphs.py`. Their answers have one size at every size of the graph.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from bench.shape import Shape, kpi

OURS, PEERS = (Path(__file__).with_name(name) for name in ("asked", "peer"))
MANY = 20
"""Things that a question about one thing is asked of, in turn."""

Variables = Mapping[str, Any]


@dataclass(frozen=True, eq=False)
class Question:
    """A question, the variables it is sent with in turn, and the bar beside the peer."""

    name: str
    told: str
    variables: tuple[Variables, ...]
    rate: float
    """Requests a second, at least so many times the peer's."""
    p99: float
    """At most so many times the peer's."""

    @cached_property
    def text(self) -> str:
        """The document as it is sent to us."""
        return _read(OURS / f"{self.name}.graphql")

    @cached_property
    def peers(self) -> str:
        """The document as it is sent to the peer."""
        return _read(PEERS / f"{self.name}.graphql")


def six(nodes: int) -> list[Question]:
    """The questions, for a graph of so many nodes."""
    shape = Shape(nodes)
    keys = [kpi(number) for number in range(MANY)]
    late = f"initiative:initiative_{shape.objectives - 2}"
    page = {"one": "raw_000", "other": "raw_001"}
    return [
        Question("point", "point lookup, 10 fields", tuple({"key": key} for key in keys), 2, 0.9),
        Question("nested", "list in 3 levels, 240 leaves", ({},), 2.5, 0.5),
        Question("lineage", "lineage of 6 hops", tuple({"of": f"kpi:{k}"} for k in keys), 2, 0.5),
        Question("impact", "impact of an initiative", ({"of": late},), 2, 0.5),
        Question("observations", "1,000 observations x 6 fields", ({},), 5, 0.3),
        Question("page", "page of 50 with filter and total", (page,), 3, 0.3),
    ]


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8")
