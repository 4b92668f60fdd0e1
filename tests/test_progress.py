"""How far a load is: bars where somebody looks, else a line now and then."""

from __future__ import annotations

import io

from rich.console import Console

from api.progress import showing
from graph.store import Store
from loaders.load import load
from tests.asking import TESTER
from tests.files import BANK


class Clock:
    """A clock that goes by a second a look."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        self.now += 1
        return self.now


def test_where_nobody_looks_progress_is_a_line_every_ten_seconds() -> None:
    """
    100 rows a second of 5,000; no bars, no control codes, nothing for what is soon done.
    """
    file = io.StringIO()
    with showing(Console(file=file, width=20), Clock()) as show:
        for second in range(35):
            show("reading", 100 * second, 5_000)

    assert [
        "Reading: 900 of 5,000 rows, 100 a second, 00:41 left",
        "Reading: 1,900 of 5,000 rows, 100 a second, 00:31 left",
        "Reading: 2,900 of 5,000 rows, 100 a second, 00:21 left",
    ] == file.getvalue().splitlines()


def test_a_terminal_sees_a_bar_with_rate_and_time_left() -> None:
    """
    100 changes a second, 4,000 to go.
    """
    file = io.StringIO()
    console = Console(file=file, width=120, force_terminal=True, legacy_windows=False)
    with showing(console, Clock()) as show:
        show("writing", 0, 5_000)
        show("writing", 100, 5_000)
        for second in range(2, 11):
            show("writing", 100 * second, 5_000)

    assert "1,000 of 5,000 changes" in file.getvalue()
    assert "100 a second, 00:40 left" in file.getvalue()


async def test_progress_of_a_load_begins_at_nothing_and_ends_at_all(store: Store) -> None:
    """
    For reading as for writing, and never backwards.
    """
    seen: dict[str, list[tuple[int, int]]] = {}

    def show(doing: str, done: int, of: int) -> None:
        seen.setdefault(doing, []).append((done, of))

    await load(store, BANK, TESTER, None, show)

    assert {"reading", "checking", "writing"} <= seen.keys()
    for steps in seen.values():
        assert sorted(done for done, _ in steps) == [done for done, _ in steps]
        assert steps[-1][0] == steps[-1][1]
