"""What a load found and did, in words for the person who brought the file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple, Protocol

from graph.errors import Refused
from graph.store import Receipt
from graph.weighing import Weight

if TYPE_CHECKING:
    from loaders.tables import Table

SHOWN = 80
"""Most signs of a value in a message."""


@dataclass(frozen=True, slots=True)
class Problem:
    """A value that breaks a rule, and where it stands. Row 1 is the header."""

    file: str
    row: int
    column: str
    value: str
    rule: str
    sheet: str = ""
    """The sheet, where the file is a workbook."""

    def __str__(self) -> str:
        place = f"{standing(self.file, self.sheet)}, row {self.row}, column {shown(self.column)}"
        return f"{place}: {shown(self.value)!r} {self.rule}"


@dataclass(frozen=True, slots=True)
class Unread:
    """A row that cannot be read: its cells as they stand, and why.

    Where they cannot be told apart, the whole row stands in the column `refused`.
    """

    cells: dict[str, str]
    problems: list[Problem]


class Place(NamedTuple):
    """A value and where it stands, not judged yet."""

    file: str
    row: int
    column: str
    value: str
    sheet: str = ""

    @property
    def table(self) -> str:
        """The file, and the sheet where there is one."""
        return standing(self.file, self.sheet)

    def breaks(self, rule: str) -> Problem:
        """The problem that its value breaks a rule."""
        return Problem(self.file, self.row, self.column, self.value, rule, self.sheet)


def shown(text: str) -> str:
    """The beginning of a text, as much as a message can bear."""
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}..."


def standing(file: str, sheet: str) -> str:
    """Where a table stands: `kpis.csv`, or `bank.xlsx, sheet kpis`."""
    return f"{file}, sheet {sheet}" if sheet else file


KEPT = 1_000
"""Problems that are kept in memory; the rejects get all of them."""


class RowsRefused(Refused):
    """Rows that break rules; nothing was loaded. `count` is of all, `problems` holds the first."""

    def __init__(self, problems: Sequence[Problem], count: int | None = None) -> None:
        self.problems = list(problems)
        self.count = len(self.problems) if count is None else count
        shown = "\n".join(f"  {problem}" for problem in self.problems[:20])
        more = f"\n  and {self.count - 20} more" if self.count > 20 else ""
        super().__init__(f"{self.count} refused, nothing was loaded:\n{shown}{more}")


class Rejects(Protocol):
    """What refused rows are given to, table by table and row by row."""

    def refuse(self, problem: Problem, cells: Mapping[str, str]) -> None:
        """Take in a problem of a row, with its cells as they stand."""

    def whole(self, table: Table, problems: Sequence[Problem]) -> None:
        """Take in a table that cannot be read."""


@dataclass(frozen=True, slots=True)
class Count:
    """Rows of a table, and what its things or links came to."""

    rows: int
    refused: int
    created: int = 0
    changed: int = 0
    ended: int = 0
    unchanged: int = 0


@dataclass(frozen=True, slots=True)
class Report:
    """Rows read and rows refused by table, and what the store did."""

    rows: dict[str, int]
    receipt: Receipt
    refused: dict[str, int] = field(default_factory=dict)
    problems: Sequence[Problem] = ()
    """Why rows were refused: the first of them."""
    weighed: Mapping[str, Weight] = field(default_factory=dict)
    """Of a dry run: by table, what a load would do."""
    already: datetime | None = None
    """When these very files were published, if nothing was since; then nothing was read."""
    tables: Mapping[str, Count] = field(default_factory=dict)
    """By table; also tables without rows, whose links columns of others name."""
