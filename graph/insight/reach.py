"""What can be reached along arrows."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterable, Mapping
from typing import TypeVar

N = TypeVar("N", bound=Hashable)


def closure(starts: Iterable[N], beside: Mapping[N, Collection[N]]) -> set[N]:
    """The starts and everything that can be reached from them; `beside` tells where each leads."""
    todo = list(starts)
    found = set(todo)
    while todo:
        new = set(beside.get(todo.pop(), ())) - found
        found |= new
        todo += new
    return found
