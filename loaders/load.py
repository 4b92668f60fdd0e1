"""From files to the graph: read, check everything, put at once; loading again changes nothing."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from graph.audit import Actor
from graph.ledger import Cause
from graph.neighbours import Neighbours
from graph.store import Receipt, Store
from graph.weighing import Weight
from loaders.batch import batch_id, files
from loaders.judging import judge
from loaders.lives import Lives
from loaders.reading import Reading
from loaders.report import KEPT, Rejects, Report, RowsRefused
from loaders.spool import Spool
from loaders.tables import tables

Progress = Callable[[str, int, int], None]
"""Called with what is being done, how much of it is done, and of how much."""


async def load(
    store: Store,
    path: Path,
    by: Actor,
    reason: str | None = None,
    progress: Progress = lambda doing, done, of: None,
    *,
    partial: bool = False,
    dry_run: bool = False,
    rejects: Rejects | None = None,
) -> Report:
    """Load a folder of CSV files, or a workbook.

    Where rows are refused, nothing is loaded; with `partial`, all that is right without them. A
    `dry_run` does all but write. Where these very files are the last that was published, nothing
    is read; a load of them that was killed is gone on with. Raises RowsRefused.
    """
    batch = batch_id(store.ontology, path, partial)
    if not (partial or dry_run) and (done := await store.published(batch)):
        return Report({}, done[1], already=done[0])
    with tables(path) as found, Spool() as spool:
        reading = Reading(found, spool, sum(file.stat().st_size for file in files(path)), progress)
        reading.read(store)
        progress("checking", 0, 1)
        await judge(store, spool, partial)
        progress("checking", 1, 1)
        if rejects:
            reading.reject(rejects)
        problems, count = spool.first_problems(KEPT)
        if problems and not partial:
            raise RowsRefused(problems, count)
        if dry_run:
            receipt, weighed = await _weigh(store, Lives(spool, by_id=True))
        else:
            cause = Cause(by, reason or f"load of {path.name}", batch)
            receipt, weighed = await _put(store, Lives(spool), cause, progress), {}
        return Report(reading.rows, receipt, reading.refused(), problems, weighed)


async def _put(store: Store, lives: Lives, cause: Cause, progress: Progress) -> Receipt:
    """Write what the rows say."""
    done = 0

    def wrote(count: int) -> None:
        nonlocal done
        done += count
        progress("writing", done, len(lives))

    receipt = await store.put(lives, cause.by, cause.reason, wrote, cause.batch)
    progress("writing", len(lives), len(lives))
    return receipt


async def _weigh(store: Store, lives: Lives) -> tuple[Receipt, dict[str, Weight]]:
    """What the rows would do: in all, and by table."""
    found = await store.weigh(lives)
    declared = {one.word: one.table for one in store.ontology.declared()}
    tables_ = {declared[word]: weight for word, weight in sorted(found.items())}
    total = {
        name: sum(getattr(weight, name) for weight in found.values())
        for name in ("created", "changed", "ended", "unchanged")
    }
    return Receipt((await Neighbours.of(store)).published, **total), tables_
