"""From files to the graph: read, check everything, put at once; loading again changes nothing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from graph.audit import Actor
from graph.ontology import Ontology
from graph.ontology.vocabulary import Kind, Link
from graph.store import Store
from loaders import lives, rules
from loaders.facts import Checked
from loaders.report import Problem, Report, RowsRefused
from loaders.rows import TableCheck
from loaders.tables import Table, tables

Progress = Callable[[str, int, int], None]
"""Called with what is being done, how many rows of it are done, and of how many."""


async def load(
    store: Store,
    path: Path,
    by: Actor,
    reason: str | None = None,
    progress: Progress = lambda doing, done, of: None,
) -> Report:
    """Load a folder of CSV files, or a workbook.

    Raises RowsRefused with every bad row; then nothing was written.
    """
    with tables(path) as found:
        checked, counts, left_out = _checked(store, found, progress)
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

    receipt = await store.put(changes, by, reason or f"load of {path.name}", wrote)
    progress("writing", len(changes), len(changes))
    return Report(counts, left_out, receipt)


def _checked(
    store: Store, found: Sequence[Table], progress: Progress
) -> tuple[Checked, dict[str, int], list[str]]:
    """What the rows say, how many there are by table, and the tables that nothing declares."""
    checked, counts, left_out = Checked(), dict[str, int](), list[str]()
    for done, table in enumerate(found, start=1):
        if declared := _declared(store.ontology, table.name):
            now = store.clock()
            check = TableCheck(store.ontology, declared, table.file, now, table.sheet)
            counts[table.name] = _read(check, table, checked)
        else:
            left_out.append(table.place)
        progress("checking", done, len(found))
    return checked, counts, left_out


def _declared(ontology: Ontology, table: str) -> type[Kind] | type[Link] | None:
    kinds = (kind for kind in ontology.kinds.values() if kind.table == table)
    return next(kinds, None) or next(
        (link for link in ontology.links.values() if link.table == table), None
    )


def _read(check: TableCheck, table: Table, into: Checked) -> int:
    """Check the rows of a table; answers how many there are."""
    columns, wrong = table.shape()
    wrong = wrong or (list(check.header(columns)) if columns else [])
    if wrong or not columns:
        into.problems += wrong
        return 0
    count = 0
    for number, cells in table.rows(columns):
        check.row(number, cells, into)
        count += 1
    return count


async def _missing(store: Store, checked: Checked) -> list[Problem]:
    """Mentions of what neither the load nor the graph has."""
    known = {fact.id for fact in checked.facts if not fact.retracted}
    asked = {mention.id for mention in checked.mentions} - known
    absent = await store.missing(asked) if asked else set()
    return [
        mention.place.breaks(f"there is no {mention.id}")
        for mention in checked.mentions
        if mention.id in absent
    ]
