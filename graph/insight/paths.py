"""The strongest simple paths between two nodes, by branch and bound.

Searching the shortest paths over -log|weight| needs weights of at most 1. Here the best completion
over walks bounds each beginning from above, so the order is right for weights above 1 as well.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from heapq import heappop, heappush
from math import inf, log, prod

from graph.insight.answers import ClipReason
from graph.insight.influences import Influence, Node, downstream, numbered, upstream

BUDGET = 50_000
"""Links looked at before a search gives up and says so."""
LONGEST = 30
"""Links in one path at most."""

Out = Mapping[Node, Sequence[Influence]]
Bounds = Sequence[Mapping[Node, float]]


@dataclass(frozen=True, slots=True)
class Path:
    """Links in order, each beginning where the one before ends."""

    links: tuple[Influence, ...]

    @property
    def product(self) -> float | None:
        """Its effect: the product of the weights; None where one is known by its sign only."""
        weights = [one.weight for one in self.links if one.weight is not None]
        return prod(weights) if len(weights) == len(self.links) else None

    @property
    def sign(self) -> int:
        """Product of the directions; 0 where one is unknown."""
        return prod(one.direction for one in self.links)

    @property
    def lag(self) -> int:
        """Periods until it arrives."""
        return sum(one.lag for one in self.links)

    @property
    def rank(self) -> tuple[bool, float, int, tuple[str, ...]]:
        """Largest effect first, then fewest links; what is known by sign only comes last."""
        size = self.product
        ids = tuple(one.id for one in self.links)
        return size is None, -abs(size or 0.0), len(self.links), ids


@dataclass(frozen=True, slots=True)
class Paths:
    """Paths in order, after `steps` links were looked at.

    `reason` is PATHS if the budget ended the search, so that one may be missing; DEPTH if only
    paths up to the longest length were looked at, and longer ones may exist; else None.
    """

    paths: tuple[Path, ...]
    reason: ClipReason | None
    steps: int


def strongest(
    influences: Iterable[Influence],
    start: Node,
    end: Node,
    first: int = 5,
    longest: int = LONGEST,
    budget: int = BUDGET,
) -> Paths:
    """The `first` simple paths with the largest |product of weights|, parallel links apart.

    If start and end are the same: the strongest circles through it. Links known by sign only take
    no part.
    """
    known, _ = numbered(influences)
    return _search(known, start, end, _size, first, longest, budget)


def shortest(
    influences: Iterable[Influence],
    start: Node,
    end: Node,
    first: int = 5,
    longest: int = LONGEST,
    budget: int = BUDGET,
) -> Paths:
    """The `first` simple paths by direction alone, fewest links first, with or without weights."""
    return _search(influences, start, end, lambda _: -1.0, first, longest, budget)


def by_sign_only(
    influences: Iterable[Influence],
    start: Node,
    end: Node,
    first: int = 5,
    longest: int = LONGEST,
    budget: int = BUDGET,
) -> Paths:
    """The `first` simple paths with a link known by its sign only, fewest links first."""
    limits = (first, longest, budget)
    return _search(influences, start, end, lambda _: -1.0, *limits, wanted=_unweighed)


def _unweighed(links: Sequence[Influence]) -> bool:
    return any(one.weight is None for one in links)


def _size(one: Influence) -> float:
    return log(abs(one.weight)) if one.weight else -inf


def between(influences: Iterable[Influence], start: Node, end: Node) -> Out:
    """The links that a simple path from start to end can take, by source, in order of id."""
    ahead = [one for one in influences if one.source != end or start == end]
    ahead = [one for one in ahead if one.target != start or start == end]
    out: defaultdict[Node, list[Influence]] = defaultdict(list)
    for one in sorted(upstream(downstream(ahead, [start]), [end]), key=lambda one: one.id):
        out[one.source].append(one)
    return dict(out)


def _search(
    influences: Iterable[Influence],
    start: Node,
    end: Node,
    score: Callable[[Influence], float],
    first: int,
    longest: int,
    budget: int,
    wanted: Callable[[Sequence[Influence]], bool] = bool,
) -> Paths:
    out = between(influences, start, end)
    most = min(longest, len(out) if start == end else len(out.keys() | {end}) - 1)
    search = _Search(out, end, score, _bounds(out, end, score, most), budget)
    found = search.run(start, first, most, wanted)
    if search.steps >= budget:
        reason: ClipReason | None = ClipReason.PATHS
    else:
        reason = ClipReason.DEPTH if _goes_on(out, start, end, longest) else None
    ranked = sorted(map(Path, found), key=lambda path: path.rank)
    return Paths(tuple(ranked), reason, search.steps)


@dataclass(slots=True)
class _Search:
    """Best first: of the beginnings, the one with the best possible completion goes on."""

    out: Out
    end: Node
    score: Callable[[Influence], float]
    bounds: Bounds
    budget: int
    steps: int = 0
    heap: list[tuple[float, int, int, float, tuple[Influence, ...]]] = field(default_factory=list)

    def run(
        self, start: Node, first: int, most: int, wanted: Callable[[Sequence[Influence]], bool]
    ) -> list[tuple[Influence, ...]]:
        """The best paths; with the budget spent, the best of those that were finished."""
        found: list[tuple[Influence, ...]] = []
        self._go_on(start, (), 0.0, most)
        while self.heap and len(found) < first:
            *_, scored, links = heappop(self.heap)
            if links[-1].target == self.end:
                found += [links] if wanted(links) else []
            elif self.steps < self.budget:
                self._go_on(links[-1].target, links, scored, most)
        return found

    def _go_on(self, node: Node, links: tuple[Influence, ...], scored: float, most: int) -> None:
        seen = {node, *(one.source for one in links)} - {self.end}
        ahead = self.bounds[min(most - len(links), len(self.bounds)) - 1]
        for one in self.out.get(node, ()):
            self.steps += 1
            if one.target not in seen and one.target in ahead:
                now = scored + self.score(one)
                best = now + ahead[one.target]
                entry = (-best, -len(links), self.steps, now, (*links, one))
                heappush(self.heap, entry)


def _bounds(out: Out, end: Node, score: Callable[[Influence], float], most: int) -> Bounds:
    """[r][node]: the best score of a walk to the end of at most r links, for r below `most`.

    Rows stop where they no longer change; the last one then holds for every further length.
    """
    rows: list[dict[Node, float]] = [{end: 0.0}]
    links = [(one.source, one.target, score(one)) for of in out.values() for one in of]
    for _ in range(1, most):
        row = dict(rows[-1])
        for source, target, scored in links:
            if source != end and target in rows[-1]:
                row[source] = max(row.get(source, -inf), scored + rows[-1][target])
        if row == rows[-1]:
            break
        rows.append(row)
    return rows


def _goes_on(out: Out, start: Node, end: Node, longest: int) -> bool:
    """Whether a walk longer than `longest`, but no longer than a simple path can be, arrives."""
    ends, most = {end}, len(out.keys() | {end}) - (start != end)
    for length in range(1, most + 1):
        ends = {one.source for of in out.values() for one in of if one.target in ends} - (
            {end} if start != end else set()
        )
        if not ends or (length > longest and start in ends):
            return bool(ends)
    return False


def loop_remainder(
    influences: Iterable[Influence], start: Node, end: Node, total: float, budget: int = BUDGET
) -> float | None:
    """What of a total effect goes through circles: the total less all simple paths.

    None where the simple paths are too many to be summed. Without circles it is 0.
    """
    walked = upstream(downstream(numbered(influences)[0], [start]), [end])
    if not in_circles(walked):
        return 0.0
    direct = 0.0 if start == end else _sum_of_paths(between(walked, start, end), start, end, budget)
    return None if direct is None else total - direct


def in_circles(links: Sequence[Influence]) -> list[Influence]:
    """Without the links that nothing leads to, or that lead to nothing: empty without circles."""
    kept, fewer = list(links), _inner(links)
    while len(fewer) < len(kept):
        kept, fewer = fewer, _inner(fewer)
    return kept


def _inner(links: Sequence[Influence]) -> list[Influence]:
    sources, targets = {one.source for one in links}, {one.target for one in links}
    return [one for one in links if one.source in targets and one.target in sources]


def _sum_of_paths(out: Out, start: Node, end: Node, budget: int) -> float | None:
    """Depth first with a stack of its own, as a path may have more links than Python has frames."""
    total, steps, seen = 0.0, 0, {start}
    stack = [(start, 1.0, iter(out.get(start, ())))]
    while stack:
        node, product, links = stack[-1]
        one = next(links, None)
        steps += 1
        if steps > budget:
            return None
        if one is None:
            stack.pop()
            seen.discard(node)
        elif one.target == end:
            total += product * (one.weight or 0.0)
        elif one.target not in seen:
            seen.add(one.target)
            stack.append((one.target, product * (one.weight or 0.0), iter(out[one.target])))
    return total
