"""From files to the graph: read, check everything, put at once; loading again changes nothing."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from graph.audit import Actor
from graph.ontology import Ontology
from graph.ontology.vocabulary import Kind, Link
from graph.store import Store
from loaders import lives, rules
from loaders.csv_folder import Table, tables
from loaders.facts import Checked
from loaders.report import Problem, Report, RowsRefused
from loaders.rows import TableCheck

Progress = Callable[[str, int, int], None]
"""Called with what is being done, how many rows of it are done, and of how many."""


async def load(
    store: Store,
    folder: Path,
    by: Actor,
    reason: str | None = None,
    progress: Progress = lambda doing, done, of: None,
) -> Report:
    """Load a folder of tables. Raises RowsRefused with every bad row; then nothing was written."""
    found = tables(folder)
    ours = {table.name: _declared(store.ontology, table.name) for table in found}
    left_out = [table.file for table in found if ours[table.name] is None]
    checked = Checked()
    counts: dict[str, int] = {}
    for done, table in enumerate(found, start=1):
        if declared := ours[table.name]:
            check = TableCheck(store.ontology, declared, table.file, store.clock())
            counts[table.name] = _read(check, table, checked)
        progress("checking", done, len(found))
    checked.problems += await _missing(store, checked)
    changes = lives.changes(checked)
    if checked.problems:
        raise RowsRefused(checked.problems)
    changes += await lives.ended(store, checked)
    if problems := await rules.broken(store, checked, changes):
        raise RowsRefused(problems)
    done = 0

    def wrote(count: int) -> None:
        nonlocal done
        done += count
        progress("writing", done, len(changes))

    receipt = await store.put(changes, by, reason or f"load of {folder.name}", wrote)
    progress("writing", len(changes), len(changes))
    return Report(counts, left_out, receipt)


def _declared(ontology: Ontology, table: str) -> type[Kind] | type[Link] | None:
    kinds = (kind for kind in ontology.kinds.values() if kind.table == table)
    return next(kinds, None) or next(
        (link for link in ontology.links.values() if link.table == table), None
    )


def _read(check: TableCheck, table: Table, into: Checked) -> int:
    """Check the rows of a table; answers how many there are."""
    columns, wrong = table.shape()
    wrong = wrong or list(check.header(columns))
    if wrong:
        into.problems += wrong
        return 0
    count = 0
    for number, cells in table.rows(columns):
        check.row(number, cells, into)
        count += 1
    return count


async def _missing(store: Store, checked: Checked) -> list[Problem]:
    """Mentions of what neither the load nor the graph has."""
    known = {fact.id for fact in checked.facts}
    asked = {mention.id for mention in checked.mentions} - known
    absent = await store.missing(asked) if asked else set()
    return [
        mention.place.breaks(f"there is no {mention.id}")
        for mention in checked.mentions
        if mention.id in absent
    ]
