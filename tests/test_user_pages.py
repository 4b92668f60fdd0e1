"""Pages of the four users, and walks: what they show of an answer is in the bank's answer."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import takewhile
from pathlib import Path
from typing import Any

import pytest

from graph.store import Store
from tests.asking import answer

DOCS = Path(__file__).parent.parent / "docs"
USERS = sorted(DOCS.glob("for-*.md"))
WALKS = [DOCS / "what-moves-what.md", DOCS / "values-and-archive.md"]
PAST = DOCS / "asking-about-the-past.md"
SHOWN = re.compile(r"^```graphql\n(.*?)^```$(.*?)(?=^```graphql|\Z)", re.MULTILINE | re.DOTALL)
WORDS = {"the link in use", "evidence"}
WORDS |= {"breach", "escalation", "answer", "review", "decision", "target", "initiative"}
"""First cells that name a row and are no part of the answer."""


def shown(page: Path) -> Iterator[tuple[str, list[str]]]:
    """Each question of a page with the cells of the table under it."""
    for question, below in SHOWN.findall(page.read_text(encoding="utf-8")):
        yield question, [cell for row in rows_of(below) for cell in row]


def rows_of(text: str) -> Iterator[list[str]]:
    """The cells of each row of its tables, without their heads."""
    for table in re.split(r"^\|[-|]+\|\n", text, flags=re.MULTILINE)[1:]:
        for row in takewhile(lambda line: line.startswith("|"), table.splitlines()):
            yield [cell.strip() for cell in row[1:-1].split("|")]


def leaves(value: Any) -> Iterator[str]:
    """Every value of an answer as a text; of an instant at midnight, the day."""
    if isinstance(value, dict | list):
        for one in value.values() if isinstance(value, dict) else value:
            yield from leaves(one)
    else:
        yield str(value).removesuffix("T00:00:00Z")


def parts(value: Any) -> Iterator[list[str]]:
    """The leaves of each item of the lists of an answer, and of what stands around the lists."""
    lists = [one for one in inside(value) if isinstance(one, list) and one != []]
    yield [*leaves(without_lists(value))]
    for item in (item for one in lists for item in one if isinstance(item, dict)):
        yield from parts(item)


def inside(value: Any) -> Iterator[Any]:
    """What a mapping holds, and the mappings in it, but not what stands in lists."""
    for one in value.values():
        yield from inside(one) if isinstance(one, dict) else [one]


def without_lists(value: dict[str, Any]) -> dict[str, Any]:
    """Without lists of mappings; lists of figures stay."""
    return {
        name: without_lists(one) if isinstance(one, dict) else one
        for name, one in value.items()
        if not (isinstance(one, list) and any(isinstance(item, dict) for item in one))
    }


def shows(cell: str, told: list[str]) -> bool:
    """Whether a cell is one of some values, or one of them rounded to its decimals."""
    if not re.fullmatch(r"-?\d+\.\d+", cell):
        return cell in ("", *told)
    digits = len(cell.partition(".")[2])
    figures = [float(one) for one in told if re.fullmatch(r"-?\d+(\.\d+)?(e-?\d+)?", one)]
    return any(f"{one:.{digits}f}" == cell for one in figures)


def test_each_of_the_four_users_has_a_page() -> None:
    """
    Each page shows at least four questions.
    """
    names = ["for-analysts", "for-auditors", "for-frontends", "for-planners"]

    assert names == [page.stem for page in USERS]
    assert all(len(list(shown(page))) >= 4 for page in USERS)


@pytest.mark.parametrize("page", [*USERS, PAST], ids=lambda page: page.stem)
async def test_what_a_page_shows_is_what_the_bank_answers(page: Path, bank: Store) -> None:
    """
    Cell by cell: the whole of it, or each of the parts that `; ` joins.
    """
    for question, cells in shown(page):
        told = {"", *WORDS, *leaves(await answer(bank, question))}

        assert cells
        assert [] == [cell for cell in cells if not told & {cell} and set(cell.split("; ")) - told]


@pytest.mark.parametrize(
    ("walk", "number"),
    [(walk, number) for walk in WALKS for number in range(len(list(shown(walk))))],
    ids=lambda one: one.stem if isinstance(one, Path) else one,
)
async def test_each_row_of_a_walk_is_one_part_of_the_banks_answer(
    walk: Path, number: int, bank: Store
) -> None:
    """
    All cells of a row are in the same item of the answer, figures to the decimals shown.
    """
    text = walk.read_text(encoding="utf-8")
    question, below = SHOWN.findall(text)[number]
    told = list(parts(await answer(bank, question)))
    rows = list(rows_of(below))

    assert rows
    assert [] == [
        row for row in rows if not any(all(shows(cell, part) for cell in row) for part in told)
    ]


def test_a_figure_that_is_not_in_the_answer_is_found_out() -> None:
    """
    Another digit, another item, or a figure of a nested list does not pass.
    """
    given = {"a": {"list": [{"n": 1.256, "in": {"name": "x"}}, {"n": 2.5, "in": {"name": "y"}}]}}
    told = list(parts(given))

    assert [[], ["1.256", "x"], ["2.5", "y"]] == told
    assert shows("1.26", told[1])
    assert not shows("1.25", told[1])
    assert not any(all(shows(cell, part) for cell in ("1.26", "y")) for part in told)
