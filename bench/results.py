"""What measures tell: a figure of ours, what it stands beside, their ratio and the aim."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Result:
    """One line of a table. `ratio` is empty where a figure stands alone."""

    measure: str
    ours: str
    beside: str = ""
    ratio: float | None = None
    aim: str = ""

    def cells(self) -> Sequence[str]:
        """The line as it is printed."""
        ratio = "" if self.ratio is None else f"{self.ratio:.2f}"
        return self.measure, self.ours, self.beside, ratio, self.aim


HEADER = ("measure", "ours", "beside it", "ratio", "aim")


def table(results: Iterable[Result]) -> str:
    """A table in Markdown that also reads well on a terminal."""
    rows = [HEADER, *(result.cells() for result in results)]
    widths = [max(len(row[at]) for row in rows) for at in range(len(HEADER))]
    lines = [
        " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        for row in rows
    ]
    lines.insert(1, "-|-".join("-" * width for width in widths))
    return "\n".join(f"| {line} |" if i != 1 else f"|-{line}-|" for i, line in enumerate(lines))
