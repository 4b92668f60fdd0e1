"""How far long work is: bars with rate and time left, or a line now and then where nobody looks."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from time import monotonic

from rich.console import Console
from rich.progress import BarColumn, Progress, ProgressColumn, Task, TaskID, TextColumn
from rich.text import Text

Show = Callable[[str, int, int], None]
"""Called with what is being done, how much of it is done, and of how much."""
EVERY = 10.0
"""Seconds between two lines where there is no terminal."""
UNITS = {"reading": "rows", "writing": "changes", "weighing": "changes"}
"""What is counted, by what is done; else tables."""
STEPS = frozenset({"checking"})
"""What is done in steps that take unequal time, so that rate and time left say nothing."""


@dataclass(slots=True)
class Pace:
    """How fast something goes, from its first report on."""

    began: float
    before: int
    done: int = 0
    of: int = 0
    now: float = 0.0

    @property
    def rate(self) -> float | None:
        """A second; nothing before there is something to go by."""
        passed, made = self.now - self.began, self.done - self.before
        return made / passed if passed > 0 and made > 0 else None

    def told(self) -> str:
        """`1,200 a second, 0:03 left`, or nothing."""
        if not self.rate:
            return ""
        left = int((self.of - self.done) / self.rate)
        clock = f"{left // 3600}:{left // 60 % 60:02}:{left % 60:02}"
        return f"{self.rate:,.0f} a second, {clock.removeprefix('0:')} left"


class _Told(ProgressColumn):
    """What a bar's pace says."""

    def render(self, task: Task) -> Text:
        """Of a bar that nothing is known of yet, nothing."""
        pace: Pace | None = task.fields.get("pace")
        return Text(pace.told() if pace and not task.finished else "", style="dim")


@contextmanager
def showing(console: Console, clock: Callable[[], float] = monotonic) -> Iterator[Show]:
    """Show progress for as long as the block runs, as bars or as lines."""
    if not console.is_terminal:
        yield _Lines(console, clock)
        return
    with bars(console) as shown:
        yield _Bars(shown, clock)


def bars(console: Console) -> Progress:
    """Bars with what is done of how much, rate and time left."""
    return Progress(
        TextColumn("{task.description:<16}"),
        BarColumn(),
        TextColumn("{task.completed:>9,.0f} of {task.total:,.0f} {task.fields[unit]}"),
        _Told(),
        console=console,
    )


@dataclass(slots=True)
class _Paces:
    """The pace of each thing that is done."""

    clock: Callable[[], float]
    known: dict[str, Pace] = field(default_factory=dict)

    def of(self, doing: str, done: int, of: int) -> Pace:
        now = self.clock()
        pace = self.known.setdefault(doing, Pace(now, done))
        pace.done, pace.of, pace.now = done, of, now
        return pace


class _Bars:
    """One bar for each thing that is done."""

    def __init__(self, shown: Progress, clock: Callable[[], float]) -> None:
        self.shown = shown
        self.paces = _Paces(clock)
        self.tasks: dict[str, TaskID] = {}

    def __call__(self, doing: str, done: int, of: int) -> None:
        pace = None if doing in STEPS else self.paces.of(doing, done, of)
        if doing not in self.tasks:
            self.tasks[doing] = self.shown.add_task(
                doing.capitalize(), total=max(of, 1), unit=_unit(doing), pace=pace
            )
        done = max(done, int(done == of))
        self.shown.update(self.tasks[doing], completed=done, total=max(of, 1))


class _Lines:
    """A line every ten seconds, none for what is done sooner."""

    def __init__(self, console: Console, clock: Callable[[], float]) -> None:
        self.console = console
        self.paces = _Paces(clock)
        self.last = clock()

    def __call__(self, doing: str, done: int, of: int) -> None:
        pace = self.paces.of(doing, done, of)
        if pace.now - self.last < EVERY:
            return
        self.last = pace.now
        told = f"{doing.capitalize()}: {done:,} of {of:,} {_unit(doing)}"
        rate = "" if doing in STEPS else pace.told()
        line = f"{told}, {rate}" if rate else told
        self.console.print(line, markup=False, soft_wrap=True)


def _unit(doing: str) -> str:
    return "steps" if doing in STEPS else UNITS.get(doing, "tables")
