"""What a load found and did, in words for the person who brought the file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from graph.errors import Refused
from graph.store import Receipt


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
        table = standing(self.file, self.sheet)
        return f"{table}, row {self.row}, column {self.column}: {self.value!r} {self.rule}"


@dataclass(frozen=True, slots=True)
class Place:
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


def standing(file: str, sheet: str) -> str:
    """Where a table stands: `kpis.csv`, or `bank.xlsx, sheet kpis`."""
    return f"{file}, sheet {sheet}" if sheet else file


class RowsRefused(Refused):
    """Rows that break rules; nothing was loaded."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = list(problems)
        shown = "\n".join(f"  {problem}" for problem in self.problems[:20])
        more = f"\n  and {len(self.problems) - 20} more" if len(self.problems) > 20 else ""
        super().__init__(f"{len(self.problems)} refused, nothing was loaded:\n{shown}{more}")


@dataclass(frozen=True, slots=True)
class Report:
    """Rows read by table, and what the store did."""

    rows: dict[str, int]
    receipt: Receipt
