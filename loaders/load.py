"""From files to the graph: read, check everything, put at once; loading again changes nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from difflib import get_close_matches
from pathlib import Path

from graph.audit import Actor
from graph.ontology import Ontology
from graph.ontology.vocabulary import Kind, Link
from graph.store import Store
from loaders import lives, rules
from loaders.facts import Checked
from loaders.report import Problem, Report, RowsRefused, Unread
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
        checked, counts = _checked(store, found, progress)
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
    return Report(counts, receipt)


def _checked(
    store: Store, found: Sequence[Table], progress: Progress
) -> tuple[Checked, dict[str, int]]:
    """What the rows say, and how many there are by table."""
    checked, counts = Checked(), dict[str, int]()
    declared = tables_of(store.ontology)
    for done, table in enumerate(found, start=1):
        if table.name in declared:
            now = store.clock()
            check = TableCheck(store.ontology, declared[table.name], table.file, now, table.sheet)
            counts[table.name] = _read(check, table, checked)
        else:
            checked.problems.append(_unknown(table, declared))
        progress("checking", done, len(found))
    return checked, counts


def tables_of(ontology: Ontology) -> dict[str, type[Kind] | type[Link]]:
    """What each table holds, by its name; kinds go before links."""
    links = ontology.links.values()
    found: dict[str, type[Kind] | type[Link]] = {link.table: link for link in links}
    return found | {kind.table: kind for kind in ontology.kinds.values()}


def _unknown(table: Table, declared: Iterable[str]) -> Problem:
    near = get_close_matches(table.name.lower(), declared, 1, 0.75)
    hint = f"; did you mean {near[0]}?" if near else "; the data dictionary names them all"
    rule = f"is no table{hint}"
    return Problem(table.file, 1, "all", table.name, rule, table.sheet)


def _read(check: TableCheck, table: Table, into: Checked) -> int:
    """Check the rows of a table; answers how many there are."""
    columns, wrong = table.shape()
    wrong = wrong or (list(check.header(columns)) if columns else [])
    if wrong or not columns:
        into.problems += wrong
        into.refused |= {check.declared.word} if wrong else set()
        return 0
    count = 0
    for number, cells in table.rows(columns):
        count += 1
        if isinstance(cells, Unread):
            into.problems += cells.problems
            into.refused.add(check.unread(cells))
        else:
            check.row(number, cells, into)
    return count


async def _missing(store: Store, checked: Checked) -> list[Problem]:
    """Mentions of what neither the load nor the graph has."""
    known = {fact.id for fact in checked.facts if not fact.retracted}
    asked = {mention.id for mention in checked.mentions} - known
    absent = await store.missing(asked) if asked else set()
    return [
        mention.place.breaks(f"there is no {mention.id}")
        for mention in checked.mentions
        if mention.id in absent and checked.absent(mention.id)
    ]
