"""Walking the trees of documents."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from graphql import Node


def nodes(parts: Iterable[Node], without: Iterable[Node] = ()) -> Iterator[Node]:
    """Every node of some parts once, without recursion; what is left out, with all below it."""
    left, out = list(parts), {id(node) for node in without}
    while left:
        node = left.pop()
        if id(node) in out:
            continue
        yield node
        for name in node.keys:
            below = getattr(node, name, None)
            if isinstance(below, Node):
                left.append(below)
            elif isinstance(below, tuple):
                left.extend(one for one in below if isinstance(one, Node))
