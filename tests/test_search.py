"""Full-text search: any words as they come, the closest names first."""

from __future__ import annotations

import pytest

from graph.store import Store
from tests.asking import answer, codes


@pytest.mark.parametrize("text", ["", " ", "!!!", "\u00a0", "word " * 2000])
async def test_a_search_for_nothing_or_for_too_much_is_refused(bank: Store, text: str) -> None:
    """
    A search needs a letter or a digit, and is no essay.
    """
    asked = "query ($text: String!) { search(text: $text) { totalCount } }"

    assert ["BAD_REQUEST"] == await codes(bank, asked, text=text)


@pytest.mark.parametrize(
    "text", ["AND", "OR NOT", 'a"b', "name:x", "te*st~2", "\\", "(", "ü", "x" * 999]
)
async def test_a_search_takes_words_as_they_come(bank: Store, text: str) -> None:
    """
    Signs and words that mean something to the index mean nothing here.
    """
    asked = "query ($text: String!) { search(text: $text) { totalCount } }"

    assert set() == set(await codes(bank, asked, text=text)) - {"BAD_REQUEST"}


async def test_the_closest_names_are_found_first(bank: Store) -> None:
    """
    A name that is the text, then names that begin with it, then the rest.
    """
    text = '{ search(text: "advice", kinds: [PROCESS, KPI, OBJECTIVE]) { nodes { name } } }'
    names = [node["name"] for node in (await answer(bank, text))["search"]["nodes"]]

    assert ["Advice within a week", "Give advice", "Wait for advice"] == sorted(names)
    assert "Advice within a week" == names[0]
