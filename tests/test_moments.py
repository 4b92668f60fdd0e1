"""Moments as people write them: refused with a code, or read with any offset."""

from __future__ import annotations

from typing import Any

import pytest

from graph.store import Store
from tests.asking import answer, codes


@pytest.mark.parametrize(
    "as_of",
    [
        {"validAt": "yesterday"},
        {"validAt": "2026-02-30"},
        {"validAt": "2026-07-20T09:00:00"},
        {"validAt": "2026-07-20T25:00:00Z"},
        {"validAt": ""},
        {"validAt": 20260720},
        {"validAt": "9999-12-31"},
        {"validAt": "0001-01-01T00:00:00+14:00"},
        {"validAt": "9999-12-31T23:59:59-14:00"},
        {"knownAt": "2090-01-01"},
    ],
    ids=str,
)
async def test_a_moment_that_makes_no_sense_is_refused(bank: Store, as_of: dict[str, Any]) -> None:
    """
    No time, a time without zone, a knowledge of the future: BAD_REQUEST, never INTERNAL.
    """
    text = 'query ($asOf: AsOf) { kpi(key: "nps", asOf: $asOf) { name } }'

    assert ["BAD_REQUEST"] == await codes(bank, text, asOf=as_of)


async def test_a_moment_may_be_written_with_any_offset(bank: Store) -> None:
    """
    The first of April in Lisbon began an hour before it began in UTC.
    """
    text = """
    query ($day: DateTime!) {
      persona(key: "branch_loyalist", asOf: {validAt: $day}) { validTo }
    }
    """

    assert {"persona": None} == await answer(bank, text, day="2025-04-01T01:00:00+01:00")
    assert None is not (await answer(bank, text, day="2025-04-01T00:59:59+01:00"))["persona"]
