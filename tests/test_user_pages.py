"""The pages of the four users: every cell of an answer that they show is in the bank's answer."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from graph.store import Store
from tests.asking import answer

DOCS = Path(__file__).parent.parent / "docs"
PAGES = sorted(DOCS.glob("for-*.md"))
SHOWN = re.compile(r"^```graphql\n(.*?)^```$(.*?)(?=^```graphql|\Z)", re.MULTILINE | re.DOTALL)
WORDS = {"the link in use", "evidence"}
WORDS |= {"breach", "escalation", "answer", "review", "decision", "target", "initiative"}
"""First cells that name a row and are no part of the answer."""


def shown(page: Path) -> Iterator[tuple[str, list[str]]]:
    """Each question of a page with the cells of the table under it."""
    for question, below in SHOWN.findall(page.read_text(encoding="utf-8")):
        _, ruled, table = below.partition("|\n|---")
        rows = table.splitlines()[1:] if ruled else []
        cells = [row[1:-1].split("|") for row in rows if row.startswith("| ")]
        yield question, [cell.strip() for row in cells for cell in row]


def leaves(value: Any) -> Iterator[str]:
    """Every value of an answer as a text; of an instant at midnight, the day."""
    if isinstance(value, dict | list):
        for one in value.values() if isinstance(value, dict) else value:
            yield from leaves(one)
    else:
        yield str(value).removesuffix("T00:00:00Z")


def test_each_of_the_four_users_has_a_page() -> None:
    """
    Each page shows at least four questions.
    """
    names = ["for-analysts", "for-auditors", "for-frontends", "for-planners"]

    assert names == [page.stem for page in PAGES]
    assert all(len(list(shown(page))) >= 4 for page in PAGES)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
async def test_what_a_page_shows_is_what_the_bank_answers(page: Path, bank: Store) -> None:
    """
    Cell by cell: the whole of it, or each of the parts that `; ` joins.
    """
    for question, cells in shown(page):
        told = {"", *WORDS, *leaves(await answer(bank, question))}

        assert cells
        assert [] == [cell for cell in cells if not told & {cell} and set(cell.split("; ")) - told]
