"""What was worked out is kept for equal rows alone, and no more of it than may be."""

from __future__ import annotations

from functools import partial
from itertools import count
from typing import Any

import pytest

from graph import worked
from graph.insight.answers import Completeness
from graph.store import Store
from graph.worked import Worked, parts
from tests.asking import answer, link, put, thing

IMPACT = '{ impact(of: [{ on: "kpi:a" }]) { effects { on { id } total } } }'
ROWS: list[dict[str, Any]] = [
    {"edges": [["a", 1, 0.5]]},
    {"edges": [["a", 1, 0.25]]},
    {"edges": [["a", 1, None]]},
    {"edges": [["a", "1", 0.5]]},
]


def value(explored: int, frontier: int = 0) -> Completeness:
    """A value with so many names in it."""
    names = tuple(f"kpi:{n}" for n in range(frontier))
    return Completeness(complete=True, explored=explored, frontier=names)


def test_of_equal_rows_and_questions_the_work_is_done_once() -> None:
    """
    Four rows for two questions, each asked three times, in turn: eight works.
    """
    kept, works = Worked(), count()
    for _ in range(3):
        for given in ("first: 1", "first: 2"):
            told = [kept.of(row, given, lambda: value(next(works))).explored for row in ROWS]
            assert sorted(set(told)) == told
    assert next(works) == 2 * len(ROWS)


def test_rows_that_never_come_back_do_not_add_up() -> None:
    """
    A thousand rows within a bound of a few: it holds, and the newest is kept, the oldest is not.
    """
    kept, works = Worked(most=400), count()
    for number in range(1_000):
        kept.of({"n": number}, "", lambda: value(next(works)))
        assert kept.kept.held <= 400
    assert kept.of({"n": 999}, "", lambda: value(-1)).explored == 999
    assert kept.of({"n": 0}, "", lambda: value(-1)).explored == -1


def test_what_is_too_large_is_worked_out_again() -> None:
    """
    A value of a hundred parts within a bound of two hundred is told and not kept.
    """
    kept = Worked(most=200)
    assert parts(value(1, 100)) > 100
    for explored in (1, 2):
        assert kept.of({}, "", partial(value, explored, 100)).explored == explored
    assert kept.kept.held == 0


async def test_a_changed_weight_is_never_answered_from_before(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """
    1 * w of a, twice for each weight: the answer follows the graph, and the second is kept.
    """
    kept, told = Worked(), []
    monkeypatch.setattr("graph.questions.fetching.WORKED", kept)
    await put(store, thing("kpi:a", kind="BASE"), thing("kpi:b", kind="BASE"))
    for weight in (0.5, 0.25):
        said = {"key": "e", "sign": 1, "weight": weight, "lag": 0}
        await put(store, link("affects", "kpi:a", "kpi:b", **said))
        for _ in range(2):
            effects = (await answer(store, IMPACT))["impact"]["effects"]
            told.append([(one["on"]["id"], one["total"]) for one in effects])
    assert [[("kpi:b", w)] for w in (0.5, 0.5, 0.25, 0.25)] == told
    assert len(kept.kept) == 2
    assert worked.WORKED is not kept
