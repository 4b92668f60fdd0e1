"""From files to the graph: read, check everything, put at once; loading again changes nothing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import datetime
from pathlib import Path

from graph.audit import Actor
from graph.changes import Change, overlap
from graph.ontology import Ontology
from graph.ontology.vocabulary import Kind, Link
from graph.store import Store
from loaders.csv_folder import Table, tables
from loaders.report import Problem, Report, RowsRefused
from loaders.rows import Checked, Fact, TableCheck

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
    found, shape = tables(folder)
    ours = {table.name: _declared(store.ontology, table.name) for table in found}
    left_out = [table.file for table in found if ours[table.name] is None]
    checked = Checked(problems=shape)
    counts: dict[str, int] = {}
    for done, table in enumerate(found):
        if declared := ours[table.name]:
            counts[table.name] = _check(store.ontology, declared, table, checked)
        progress("checking", done + 1, len(found))
    checked.problems += await _missing(store, checked)
    changes = _changes(checked)
    if checked.problems:
        raise RowsRefused(checked.problems)
    changes += await _ended(store, checked)
    done = 0

    def wrote(count: int) -> None:
        nonlocal done
        done += count
        progress("writing", done, len(changes))

    receipt = await store.put(changes, by, reason or f"load of {folder.name}", wrote)
    progress("writing", len(changes), len(changes))
    return Report(counts, left_out, receipt)


def _declared(ontology: Ontology, table: str) -> type[Kind] | type[Link] | None:
    every = [*ontology.kinds.values(), *ontology.links.values()]
    return next((declared for declared in every if declared.table == table), None)


def _check(
    ontology: Ontology, declared: type[Kind] | type[Link], table: Table, into: Checked
) -> int:
    check = TableCheck(ontology, declared, table.file)
    wrong = list(check.header(table.columns))
    into.problems += wrong
    if wrong:
        return 0
    count = 0
    for number, cells in table.rows():
        check.row(number, cells, into)
        count += 1
    return count


async def _missing(store: Store, checked: Checked) -> list[Problem]:
    """Mentions of what neither the load nor the graph has."""
    known = {fact.id for fact in checked.facts}
    asked = {mention.id for mention in checked.mentions} - known
    absent = await store.missing(asked) if asked else set()
    return [
        Problem(m.problem.file, m.problem.row, m.problem.column, m.problem.value, f"there is no {m.id}")
        for m in checked.mentions
        if m.id in absent and store.ontology.kind_of(m.id)
    ]


def _changes(checked: Checked) -> list[Change]:
    """Facts of one id and record time make one change, from the first of them on."""
    lives: defaultdict[tuple[str, datetime | None], list[Fact]] = defaultdict(list)
    for fact in checked.facts:
        lives[fact.id, fact.recorded].append(fact)
    changes = []
    for (id_, recorded), facts in lives.items():
        if clash := _clash(facts):
            checked.problems.append(clash)
            continue
        pieces = tuple(sorted((f.piece for f in facts), key=lambda piece: piece.since))
        first = facts[0]
        since = pieces[0].since
        changes.append(
            Change(id_, since, pieces, source=first.source, target=first.target, recorded=recorded)
        )
    return changes


def _clash(facts: Iterable[Fact]) -> Problem | None:
    facts = list(facts)
    if len(facts) == 1 or not (pair := overlap(fact.piece for fact in facts)):
        return None
    rows = sorted((fact for fact in facts if fact.piece in pair), key=lambda fact: fact.row)
    key = rows[-1].id.partition(":")[2]
    rule = f"stands twice for the same time, first in row {rows[0].row}"
    return Problem(rows[-1].file, rows[-1].row, "key", key, rule)


async def _ended(store: Store, checked: Checked) -> list[Change]:
    """Links that a column named before and names no longer."""
    said = {fact.id for fact in checked.facts}
    rows: defaultdict[tuple[type[Link], bool], dict[str, tuple[datetime, datetime | None]]]
    rows = defaultdict(dict)
    for told in checked.told:
        since, _ = rows[told.link, told.forward].get(told.id, (told.since, None))
        rows[told.link, told.forward][told.id] = (min(since, told.since), told.recorded)
    changes = []
    for (link, forward), things in rows.items():
        for id_, source, target in await store.linked(link, list(things), forward):
            if id_ not in said:
                since, recorded = things[source if forward else target]
                changes.append(
                    Change(id_, since, (), source=source, target=target, recorded=recorded)
                )
    return changes
