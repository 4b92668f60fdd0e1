"""Orders of a directed graph: loops condensed to one, and how far each thing is from the causes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

Pair = tuple[str, str]
"""From, to. Both ends must be among the nodes."""


def ranks(nodes: Iterable[str], pairs: Iterable[Pair]) -> dict[str, int]:
    """Length of the longest way that leads to each node, with every loop condensed to one place.

    0 = nothing leads to it but its own loop.
    """
    pairs = list(pairs)
    loops = components(nodes, pairs)
    into: defaultdict[int, set[int]] = defaultdict(set)
    for start, end in pairs:
        if loops[start] != loops[end]:
            into[loops[end]].add(loops[start])
    longest: dict[int, int] = {}
    for loop in sorted(set(loops.values())):
        longest[loop] = max((longest[before] + 1 for before in into[loop]), default=0)
    return {node: longest[loop] for node, loop in loops.items()}


def components(nodes: Iterable[str], pairs: Iterable[Pair]) -> dict[str, int]:
    """The strongly connected component of each node; numbers rise along the arrows (Kosaraju)."""
    out: defaultdict[str, list[str]] = defaultdict(list)
    into: defaultdict[str, list[str]] = defaultdict(list)
    for start, end in pairs:
        out[start].append(end)
        into[end].append(start)
    found: dict[str, int] = {}
    for number, root in enumerate(reversed(_left(sorted(nodes), out))):
        for node in _left([root], into, found):
            found[node] = number
    return found


def _left(
    roots: Sequence[str],
    beside: Mapping[str, Sequence[str]],
    known: Iterable[str] = (),
) -> list[str]:
    """Nodes in the order in which a depth-first search leaves them, without the known ones."""
    left: list[str] = []
    seen = set(known)
    todo = [(root, False) for root in reversed(roots)]
    while todo:
        node, leaving = todo.pop()
        if leaving:
            left.append(node)
        elif node not in seen:
            seen.add(node)
            todo.append((node, True))
            todo += [(far, False) for far in beside.get(node, ()) if far not in seen]
    return left
