"""How tests read a file that means harm: what is told of it, without a database."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

from graph.errors import BadRequest
from loaders.report import Problem, Unread
from loaders.tables import Table, tables

LIMITED = """
import resource, sys
resource.setrlimit(resource.RLIMIT_AS, (int(sys.argv[2]) << 20, resource.RLIM_INFINITY))
resource.setrlimit(resource.RLIMIT_CPU, (int(sys.argv[3]), resource.RLIM_INFINITY))
from pathlib import Path
from tests.hostile import told
print(*told(Path(sys.argv[1])), sep="\\n")
"""


def told(path: Path) -> list[str]:
    """All that is wrong with the tables of a path before any rule of a column."""
    try:
        with tables(path) as found:
            return [str(problem) for table in found for problem in problems(table)]
    except BadRequest as error:
        return [str(error)]


def problems(table: Table) -> Iterator[Problem]:
    """What is wrong with a table as such, else with rows that cannot be read."""
    columns, wrong = table.shape()
    yield from wrong
    for _, row in table.rows(columns) if columns and not wrong else ():
        if isinstance(row, Unread):
            yield from row.problems


def read(path: Path) -> dict[str, list[dict[str, str]]]:
    """The rows of every table, as text; nothing is wrong with them."""
    assert [] == told(path)
    with tables(path) as found:
        return {
            table.name: [row for _, row in table.rows(table.shape()[0]) if isinstance(row, dict)]
            for table in found
        }


def within(path: Path, mebibytes: int, seconds: int) -> str:
    """What is told by a process that has so much address space and time, and no more."""
    call = [sys.executable, "-c", LIMITED, str(path), str(mebibytes), str(seconds)]
    where = Path(__file__).parents[1]
    done = subprocess.run(call, cwd=where, capture_output=True, text=True, check=False)
    assert (0, "") == (done.returncode, done.stderr)
    return done.stdout.strip()


def repacked(path: Path, **parts: bytes | None) -> Path:
    """A workbook with parts put in, put in the place of others, or (None) left out.

    Parts are named with `__` for `/` and without `.xml`.
    """
    named = {name.replace("__", "/") + ".xml": data for name, data in parts.items()}
    with zipfile.ZipFile(path) as packed:
        held = {part: packed.read(part) for part in packed.namelist()} | named
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        for part, data in held.items():
            if data is not None:
                packed.writestr(part, data)
    return path
