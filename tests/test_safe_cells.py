"""Cells that a spreadsheet would run are written so that it does not, and read as they were."""

from __future__ import annotations

import re
from math import isfinite

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from loaders import csv_rows
from tests.hostile import read
from tests.test_hazards import made

CELLS = st.text("'\"=+-@\t\r\n;,1 a_x0é=＝\u00a0", max_size=8) | st.sampled_from(  # noqa: RUF001
    ["-5", "+5", "-1.5e-7", "+", "-", "=1+1", "'=1+1", "''@", "a;=b", "-5;-6", '"=1"', "\t=1"]
)


@settings(max_examples=1000, deadline=None)
@given(st.lists(st.lists(CELLS, min_size=3, max_size=3), max_size=5))
def test_what_is_written_is_read_as_it_was(
    tmp_path_factory: pytest.TempPathFactory, rows: list[list[str]]
) -> None:
    """
    Cell by cell, for cells that a spreadsheet would run, with and without apostrophes.
    """
    lines = [["key", "name", "x"], *rows]
    text = "".join(csv_rows.line(map(csv_rows.guarded, cells)) for cells in lines)
    folder = made(tmp_path_factory.mktemp("written"), text.encode())

    expected = [dict(zip(lines[0], cells, strict=True)) for cells in rows if any(cells)]
    assert expected == read(folder)["roles"]


@settings(max_examples=1000, deadline=None)
@given(CELLS)
def test_no_written_cell_begins_with_what_a_spreadsheet_runs(cell: str) -> None:
    """
    Also where a program parts cells at `;`, tabs or line ends. Numbers and signs alone are safe.
    """
    found = csv_rows.guarded(cell)
    parts = [found, *re.split(r"[;\t\r\n]", found)]
    begins = {part.lstrip('"')[:1] for part in parts}
    begins |= {found[:1]} & set("\t\r\n")

    assert set() == begins & set("=+-@＝\t\r\n") or is_number(cell)  # noqa: RUF001


def is_number(cell: str) -> bool:
    """Whether Python reads a number, or a sign stands alone."""
    try:
        return cell in ("+", "-") or isfinite(float(cell))
    except ValueError:
        return False


@pytest.mark.parametrize(
    "cell", ["-5", "+5", "-0.5", "+1e6", "-1.5E-3", "+", "-", "a-b", "5=5", ""]
)
def test_numbers_and_plain_words_are_written_as_they_are(cell: str) -> None:
    """
    No apostrophe where there is nothing to run.
    """
    assert cell == csv_rows.guarded(cell)


@pytest.mark.parametrize(
    ("cell", "written"),
    [
        ("=1+1", "'=1+1"),
        ("+1+1", "'+1+1"),
        ("-1+cmd|' /C calc'!A0", "'-1+cmd|' /C calc'!A0"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\tx", "'\tx"),
        ("\rx", "'\rx"),
        ("'=1+1", "''=1+1"),
        ("''=1+1", "'''=1+1"),
        ('"=1+1', "'\"=1+1"),
        ("a;=1+1", "a;'=1+1"),
        ("a\n-b", "a\n'-b"),
        ("-5;-6", "'-5;'-6"),
        ("＝1+1", "'＝1+1"),  # noqa: RUF001
        ("'Tis", "'Tis"),
    ],
)
def test_a_cell_that_a_spreadsheet_would_run_is_written_with_an_apostrophe(
    cell: str, written: str
) -> None:
    """
    The list of OWASP, and the places where other programs part cells.
    """
    assert (written, cell) == (csv_rows.guarded(cell), csv_rows.bare(written))
