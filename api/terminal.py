"""What a person at a terminal sees: progress bars, tables of answers, errors in one line."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import astuple
from typing import Any

import orjson
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from api.progress import Show, showing
from graph.local import Progress as Fetching
from graph.local import Step
from graph.store import Receipt
from loaders.report import Report

out = Console(highlight=False)
err = Console(stderr=True, highlight=False)


def wide() -> Console:
    """The console for tables; as wide as they need where nobody looks on."""
    return out if out.is_terminal else Console(highlight=False, width=190)


@contextmanager
def _bars() -> Iterator[Progress]:
    columns = (
        TextColumn("{task.description:<28}"),
        BarColumn(),
        TextColumn("{task.completed:>7,.0f} of {task.total:,.0f} {task.fields[unit]}"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=err) as bars:
        yield bars


@contextmanager
def fetching() -> Iterator[Fetching]:
    """Progress of fetching and starting the private Neo4j."""
    with _bars() as bars:
        task = bars.add_task("Fetching Neo4j", total=1, unit="jars", start=True)

        def show(step: Step) -> None:
            doing = "Starting Neo4j" if step.done == step.jars else "Fetching Neo4j"
            bars.update(task, description=doing, completed=step.done, total=step.jars)

        yield show


@contextmanager
def loading() -> Iterator[Show]:
    """Progress of a load or an export: a bar for each thing it does, or a line now and then."""
    with showing(err) as show:
        yield show


def table(title: str, columns: Iterable[str], rows: Iterable[Iterable[Any]]) -> Table:
    """A readable table; empty cells for what is missing."""
    made = Table(title=title, title_justify="left", title_style="bold")
    for column in columns:
        made.add_column(column, overflow="fold")
    for row in rows:
        made.add_row(*("" if cell is None else str(cell) for cell in row))
    return made


def data(told: Mapping[str, Any]) -> None:
    """A result for programs: JSON on standard output."""
    text = orjson.dumps(told, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)
    sys.stdout.buffer.write(text)
    sys.stdout.buffer.flush()


def counts(receipt: Receipt) -> str:
    """What a write did, in words."""
    return (
        f"{receipt.created:,} new, {receipt.changed:,} changed, {receipt.ended:,} ended,"
        f" {receipt.unchanged:,} as before."
    )


def loaded(report: Report) -> None:
    """What a load did, or would do."""
    if report.already:
        out.print(f"Loaded already on {report.already:%Y-%m-%d %H:%M} UTC; nothing to do.")
        return
    for problem in report.problems[:20]:
        err.print(f"refused: {problem}", markup=False, soft_wrap=True)
    if report.weighed:
        columns = ("table", "new", "changed", "ended", "superseded", "unchanged")
        weights = ((name, *astuple(weight)) for name, weight in report.weighed.items())
        out.print(table("A load would make", columns, weights))
    else:
        out.print(table("Loaded", ("table", "rows", "refused"), _rows(report)))
    out.print(counts(report.receipt))


def _rows(report: Report) -> Iterator[tuple[str, str, str]]:
    """Rows of each table that were loaded, and how many were not."""
    for name in dict.fromkeys((*report.rows, *report.refused)):
        refused = report.refused.get(name, 0)
        yield name, f"{max(0, report.rows.get(name, 0) - refused):,}", f"{refused:,}"


Tell = Callable[[dict[str, Any]], Iterable[Table]]
"""Makes tables of the data of an answer."""
