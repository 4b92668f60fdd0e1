"""Connections: pages of things with cursors, and what the links to them say."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import strawberry

from api.derive.filters import Filters
from api.derive.shells import Argument, doc, listed, optional, put, shell
from graph.facets import MOST
from graph.ontology import End
from graph.ontology.vocabulary import Kinds, Link
from graph.past import LARGEST

PAGE = 50


class Pages:
    """Connection types, and the arguments of fields that answer them."""

    def __init__(self, filters: Filters, say: Callable[[Any, type[Link]], None]) -> None:
        self._filters = filters
        self._say = say
        """Puts what a link says on an edge."""
        self._info = _page_info()
        self._facet = _facet()
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

    def root(self, name: str, node: Any, kinds: Kinds) -> Any:
        """Connection of a root field, with facets."""
        if name not in self._made:
            by = listed(self._filters.facet(kinds))
            facets = [
                Argument("by", by, "What to count by."),
                Argument("first", int, f"Values of each, most frequent first, 1 to {MOST}.", 20),
            ]
            self._connection(name, _edge(name, node), node, "One row of a page.", facets)
        return self._made[name]

    def of_changes(self, made: Any, change: Any) -> None:
        """Fill the connection of changes."""
        edge = strawberry.type(_edge("Change", change), description="One change of a page.")
        self._filled(made, edge, change)

    def arguments(self, kinds: Kinds, end: End | None = None) -> list[Argument]:
        """Arguments of a page of things of these kinds, perhaps along a link."""
        largest = min(kind.largest_page for kind in kinds)
        told = f"Rows of a page, 1 to {largest}; {min(PAGE, largest)} if left out."
        paging = [
            Argument("first", optional(int), told),
            Argument("after", optional(str), "Cursor of the row before the page."),
        ]
        which = Argument("filter", optional(self._filters.filter(kinds)), "Which to list.")
        says = self._filters.says(end.link) if end else None
        if says:
            paging.append(Argument("link", optional(says), "Which by what their links say."))
        if len(kinds) > 1:
            return [which, *paging] if end else paging
        (kind,) = kinds
        order = listed(self._filters.order(kind))
        return [
            which,
            Argument("order_by", optional(order), "Order; the key decides ties."),
            *paging,
        ]

    def _connection(
        self, name: str, edge: Any, node: Any, told: str, facets: list[Argument] | None = None
    ) -> None:
        strawberry.type(edge, description=told)
        made = shell(f"{name}Connection")
        if facets:
            told = "How many of all the rows have which word, or are linked to what."
            put(made, "facets", listed(self._facet), told, facets)
        self._made[name] = self._filled(made, edge, node)

    def _filled(self, made: Any, edge: Any, node: Any) -> Any:
        put(made, "edges", listed(edge), "Rows with their cursors.")
        put(made, "nodes", listed(node), "The things alone.")
        put(made, "page_info", self._info, "Where the page stands.")
        put(made, "total_count", int, "How many there are in all; counted only if asked.")
        return strawberry.type(made, description=f"A page of {node.__name__}.")


def change_paging() -> list[Argument]:
    """Arguments of a page of changes."""
    told = f"Changes of a page, 1 to {LARGEST}; {PAGE} if left out."
    return [
        Argument("first", optional(int), told),
        Argument("after", optional(str), "Cursor of the change before the page."),
    ]


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


def _facet() -> Any:
    value, made = shell("FacetValue"), shell("Facet")
    put(value, "value", str, "The word, or the global id of what is linked.")
    put(value, "name", optional(str), "Name of what is linked.")
    put(value, "count", int, "How many rows have it.")
    strawberry.type(value, description="One value of a facet.")
    put(made, "of", str, "What was counted by, as fields are named.")
    put(made, "values", listed(value), "Values, most frequent first.")
    put(made, "none", int, "How many rows have no value.")
    return strawberry.type(made, description="Rows counted by what they have.")
