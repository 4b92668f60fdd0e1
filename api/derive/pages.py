"""Connections: pages of things with cursors, and what the links to them say."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import strawberry

from api.derive.filters import Filters
from api.derive.shells import Argument, doc, listed, optional, put, shell
from graph.ontology import End
from graph.ontology.vocabulary import Kinds, Link

PAGE = 50


class Pages:
    """Connection types, and the arguments of fields that answer them."""

    def __init__(self, filters: Filters, say: Callable[[Any, type[Link]], None]) -> None:
        self._filters = filters
        self._say = say
        """Puts what a link says on an edge."""
        self._info = _page_info()
        self._made: dict[str, Any] = {}

    def along(self, end: End, node: Any) -> Any:
        """Connection along a link; its edges tell what the link says."""
        name = f"{end.link.__name__}To{node.__name__}"
        if name not in self._made:
            edge = _edge(name, node)
            put(edge, "id", strawberry.ID, "Global id of the link.")
            self._say(edge, end.link)
            self._connection(name, edge, node, f"{doc(end.link)} One such link.")
        return self._made[name]

    def root(self, name: str, node: Any) -> Any:
        """Connection of a root field."""
        if name not in self._made:
            self._connection(name, _edge(name, node), node, "One row of a page.")
        return self._made[name]

    def arguments(self, kinds: Kinds) -> list[Argument]:
        """Arguments of a page of things of these kinds."""
        largest = min(kind.largest_page for kind in kinds)
        told = f"Rows of a page, 1 to {largest}; {min(PAGE, largest)} if left out."
        paging = [
            Argument("first", optional(int), told),
            Argument("after", optional(str), "Cursor of the row before the page."),
        ]
        if len(kinds) > 1:
            return paging
        (kind,) = kinds
        filter_, order = self._filters.filter(kind), listed(self._filters.order(kind))
        return [
            Argument("filter", optional(filter_), f"Which {kind.label} to list."),
            Argument("order_by", optional(order), "Order; the key decides ties."),
            *paging,
        ]

    def _connection(self, name: str, edge: Any, node: Any, told: str) -> None:
        strawberry.type(edge, description=told)
        made = shell(f"{name}Connection")
        put(made, "edges", listed(edge), "Rows with their cursors.")
        put(made, "nodes", listed(node), "The things alone.")
        put(made, "page_info", self._info, "Where the page stands.")
        put(made, "total_count", int, "How many there are in all; counted only if asked.")
        self._made[name] = strawberry.type(made, description=f"A page of {node.__name__}.")


def _edge(name: str, node: Any) -> Any:
    made = shell(f"{name}Edge")
    put(made, "node", node, "The thing itself.")
    put(made, "cursor", str, "Where this row stands in the list.")
    return made


def _page_info() -> Any:
    made = shell("PageInfo")
    put(made, "has_next_page", bool, "Whether more rows follow.")
    put(made, "has_previous_page", bool, "Whether rows came before.")
    put(made, "start_cursor", optional(str), "Cursor of the first row.")
    put(made, "end_cursor", optional(str), "Cursor of the last row.")
    return strawberry.type(made, description="Where a page stands in its list.")
