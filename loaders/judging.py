"""Which rows may stand beside one another, and beside what is stored."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from itertools import islice

from graph.neighbours import Neighbours
from graph.store import Store
from loaders import lives, rules
from loaders.report import Problem
from loaders.spool import Spool

CHUNK = 5_000
"""Ids that are looked for at once."""


async def judge(store: Store, spool: Spool, partial: bool) -> None:
    """Refuse rows that cannot stand beside others, and add the ends of links named no longer.

    Rules across rows are asked when all else is right. Where rows may be left out (`partial`), the
    others are judged again without them, until none is refused.
    """
    neighbours, before = await Neighbours.of(store), -1
    while before < (before := spool.refused()):
        if partial:
            spool.leave_out()
            _refuse(spool, list(spool.siblings()))
            spool.leave_out()
        lives.begin(spool)
        _refuse(spool, [problem async for problem in _missing(store, spool, partial)])
        _refuse(spool, lives.torn(spool, store.ontology))
        _refuse(spool, lives.clashes(spool))
        if spool.refused() == (before if partial else 0):
            await lives.end(spool, neighbours)
            _refuse(spool, await rules.broken(neighbours, spool))
        if not partial:
            return


def _refuse(spool: Spool, problems: Iterable[Problem]) -> None:
    for problem in problems:
        spool.refuse(problem)


async def _missing(store: Store, spool: Spool, partial: bool) -> AsyncIterator[Problem]:
    """Mentions of what neither the load nor the graph has.

    That a row is refused is its own mistake, and that of others only where they would be loaded.
    """
    spool.ask("DELETE FROM absent")
    near = await Neighbours.of(store)
    left = (row[0] for row in spool.ask(_UNKNOWN))
    while part := list(islice(left, CHUNK)):
        for id_ in sorted(await near.missing(part)):
            spool.miss(id_)
    for at, column, value, id_, lost in spool.ask(_ABSENT):
        if partial or not lost:
            why = "; its own row is refused" if lost else ""
            yield spool.place(at, column, value).breaks(f"there is no {id_}{why}")


_UNKNOWN = """
SELECT DISTINCT id FROM mention WHERE NOT EXISTS (
    SELECT 1 FROM fact WHERE fact.id = mention.id AND NOT retracted AND at IS NOT NULL)
"""
_ABSENT = """
SELECT at, col, value, mention.id, EXISTS (SELECT 1 FROM lost WHERE lost.id IN (
    mention.id, substr(mention.id, 1, instr(mention.id, ':') - 1)))
FROM mention JOIN absent ON absent.id = mention.id ORDER BY mention.rowid
"""
