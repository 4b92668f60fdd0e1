"""What `goldenthread load` does and says: bars, rejects, a line a table and a line in total."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from api import terminal
from api.progress import Show
from graph.audit import Actor
from graph.store import Address, Store
from loaders.load import load
from loaders.rejects import Rejects
from loaders.report import Report

COLUMNS = ("table", "rows", "new", "changed", "ended", "as before", "refused")
DRY = (*COLUMNS, "superseded")


@dataclass(frozen=True, slots=True)
class Wish:
    """How a person wants something to be loaded."""

    path: Path
    actor: str
    reason: str | None = None
    partial: bool = False
    dry_run: bool = False
    rejects: Path | None = None
    force: bool = False


async def loaded(address: Address, wish: Wish) -> Report:
    """Load with a bar, and write what is refused. Raises RowsRefused with where that stands."""
    rejects = Rejects.of(wish.path, wish.rejects, wish.force)
    if wish.rejects or (wish.partial and not wish.dry_run):
        rejects.free()
    async with Store.at(address) as store:
        await store.migrate()
        try:
            with terminal.loading() as progress, rejects:
                return await _load(store, wish, progress, rejects)
        finally:
            _tell_rejects(rejects, wish)


async def _load(store: Store, wish: Wish, progress: Show, rejects: Rejects) -> Report:
    return await load(
        store,
        wish.path,
        Actor(wish.actor),
        wish.reason,
        progress,
        partial=wish.partial,
        dry_run=wish.dry_run,
        rejects=None if wish.dry_run and not wish.rejects else rejects,
    )


def tell(report: Report, wish: Wish) -> None:
    """Print what a load did, or would do."""
    if report.already:
        when = report.already.strftime("%Y-%m-%d %H:%M UTC")
        terminal.out.print(f"Loaded already on {when}; nothing to do.")
        return
    for problem in report.problems[:20]:
        terminal.err.print(f"refused: {problem}", markup=False, soft_wrap=True)
    if len(report.problems) > 20:
        terminal.err.print("refused: and more")
    title, columns = ("Would be loaded", DRY) if wish.dry_run else ("Loaded", COLUMNS)
    terminal.out.print(terminal.table(title, columns, _rows(report)))
    refused = sum(count.refused for count in report.tables.values())
    total = terminal.counts(report.receipt).removesuffix(".")
    total += f", {refused:,} rows refused." if refused else "."
    terminal.out.print(f"A load would make: {total}" if wish.dry_run else total)


def data(report: Report) -> dict[str, Any]:
    """The same as data: by table, in total, and why rows were refused."""
    receipt = asdict(replace(report.receipt, revisions=()))
    del receipt["revisions"]
    return {
        "tables": {name: asdict(count) for name, count in report.tables.items()},
        **receipt,
        "refused": sum(count.refused for count in report.tables.values()),
        "problems": [str(problem) for problem in report.problems],
        "already": report.already.isoformat() if report.already else None,
    }


def _rows(report: Report) -> Iterator[tuple[str, ...]]:
    for name, count in report.tables.items():
        numbers = [count.rows, count.created, count.changed, count.ended, count.unchanged]
        numbers.append(count.refused)
        if report.weighed:
            weight = report.weighed.get(name)
            numbers.append(weight.superseded if weight else 0)
        yield name, *(f"{number:,}" if number else "" for number in numbers)


def _tell_rejects(rejects: Rejects, wish: Wish) -> None:
    if rejects.written:
        what = "correct and load them" if wish.partial else "why they were refused"
        told = f"Refused rows are in {rejects.path}: {what}"
        terminal.err.print(told, markup=False, soft_wrap=True)
    elif rejects.kept:
        told = f"Refused rows were not written: {rejects.kept}"
        terminal.err.print(told, markup=False, soft_wrap=True)
