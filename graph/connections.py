"""Connections of rows that are made in Python: edges, nodes, pageInfo and totalCount."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

from graph import cursors
from graph.selection import Select


class Row(Protocol):
    """A row that knows its order values, and tells what is selected of it."""

    @property
    def values(self) -> Sequence[Any]:
        """What tells where it stands in its list."""
        ...

    def tell(self, selects: Sequence[Select]) -> dict[str, Any]:
        """The selected fields by alias."""
        ...


def wanted(select: Select) -> list[Select]:
    """What is selected of each row, whichever way to the rows it stands on."""
    nodes = [*select.asked("nodes"), *(n for e in select.asked("edges") for n in e.asked("node"))]
    return [one for node in nodes for one in node.fields]


def connection(
    select: Select,
    listing: str,
    rows: Sequence[Row],
    first: int,
    total: int | None,
    end: Sequence[Any] | None = None,
) -> dict[str, Any]:
    """A page of rows, of which one more than `first` says that there are more.

    `end` says where a page ends that had to stop before it was full.
    """
    shown = rows[:first]
    marks = [cursors.encode(listing, row.values, None) for row in shown]
    more = len(rows) > first
    last = marks[-1] if marks else None
    if end is not None and not more:
        more, last = True, cursors.encode(listing, end, None)
    info = {
        "hasNextPage": more,
        "hasPreviousPage": select.arguments.get("after") is not None,
        "startCursor": marks[0] if marks else None,
        "endCursor": last,
    }
    answer: dict[str, Any] = {}
    for one in select.fields:
        if one.name == "nodes":
            answer[one.alias] = [row.tell(one.fields) for row in shown]
        elif one.name == "edges":
            pairs = zip(shown, marks, strict=True)
            answer[one.alias] = [_edge(one, row, mark) for row, mark in pairs]
        elif one.name == "pageInfo":
            answer[one.alias] = {part.alias: info.get(part.name) for part in one.fields}
        elif one.name == "totalCount":
            answer[one.alias] = total
    return answer


def _edge(select: Select, row: Row, mark: str) -> dict[str, Any]:
    return {
        one.alias: row.tell(one.fields) if one.name == "node" else mark for one in select.fields
    }
