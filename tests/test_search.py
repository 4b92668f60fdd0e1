"""Full-text search: any words as they come, the closest names first."""

from __future__ import annotations

import pytest

from graph.ontology import ONTOLOGY
from graph.policy import Policy
from graph.store import Store
from graph.viewers import EVERYONE
from tests.asking import answer, codes, put, thing


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


WORDS = {"kpi:a": "Cartel", "kpi:b": "Art first", "kpi:c": "State-art 客流", "kpi:d": "x.art x_art"}


@pytest.mark.parametrize(
    ("word", "told", "whole"),
    [
        ("art", ["kpi:b", "kpi:c"], list(WORDS)),
        ("cart", ["kpi:a"], ["kpi:a"]),
        ("客", ["kpi:c"], ["kpi:c"]),
        ("x", ["kpi:d"], ["kpi:d"]),
        ("artful", [], list(WORDS)),
    ],
)
async def test_a_word_of_a_field_that_is_not_told_finds_nothing(
    store: Store, word: str, told: list[str], whole: list[str]
) -> None:
    """
    Not either where the same letters stand within a word of a field that is told.
    """
    await put(store, *(thing(id_, name=name, purpose="artful") for id_, name in WORDS.items()))
    said = {"x": {"clearance": "RESTRICTED", "kinds": "*", "fields": ["kpi.purpose"]}}
    viewer = Policy.of({"roles": said}, ONTOLOGY).viewer("somebody", ["x"])
    text = f'{{ search(text: "{word}") {{ nodes {{ id }} }} }}'
    for who, expected in ((EVERYONE, whole), (viewer, told)):
        found = (await answer(store, text, who))["search"]["nodes"]
        assert expected == sorted(node["id"] for node in found)
