"""Figures on the page of benchmarks: put between their own markers, and nothing else is touched."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.__main__ import ON_GRAPH, PEER
from bench.page import PAGE, put
from bench.results import Result, table
from bench.shape import SIZES

TWO = "# Page\n<!-- a -->\nold\n<!-- end of a -->\nwords\n<!-- b -->\n<!-- end of b -->\n"


def test_a_section_is_replaced_and_the_rest_stays(tmp_path: Path) -> None:
    """Written twice, the section holds the second text once; signs of patterns mean nothing."""
    page = tmp_path / "page.md"
    page.write_text(TWO)

    put(page, "a", "first")
    put(page, "a", r"\1 | second")

    assert TWO.replace("old", r"\1 | second") == page.read_text()


def test_a_section_that_is_not_there_is_refused(tmp_path: Path) -> None:
    """No figure is lost without a word."""
    page = tmp_path / "page.md"
    page.write_text(TWO)
    with pytest.raises(ValueError, match="has no section <!-- c -->"):
        put(page, "c", "figures")
    assert TWO == page.read_text()


def test_the_page_has_a_place_for_every_measure() -> None:
    """What needs a graph at each size, larger graphs beside the small one, and the start."""
    text = PAGE.read_text(encoding="utf-8")
    for section in (
        "starting",
        *(f"{one} {size}" for one in (*ON_GRAPH, PEER) for size in SIZES),
        *(f"growth {size}" for size in SIZES if size != "small"),
    ):
        assert f"<!-- {section} -->\n" in text
        assert f"<!-- end of {section} -->\n" in text


def test_a_table_is_markdown_with_its_columns_in_line() -> None:
    """Header, rule and rows have the same width and as many cells."""
    lines = table([Result("one", "1 ms", "2 ms", 0.5, "at most 1"), Result("longer", "3")])

    assert "| one     | 1 ms | 2 ms      | 0.50  | at most 1 |" in lines.splitlines()
    assert {1} == {len({len(line), lines.index("\n")}) for line in lines.splitlines()}
