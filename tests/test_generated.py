"""Operations that schemathesis makes from the schema: a bounded number for each role."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from starlette.testclient import TestClient

from api.app import create_app
from api.errors import CODES
from graph.store import Address, Store

SCHEMA = Path(__file__).resolve().parents[1] / "api" / "schema.graphql"
ROLES: dict[str, dict[str, str]] = {"whoever asks": {}}
"""Headers by role."""
PERIODS = st.sampled_from(["2025", "2025-Q3", "2025-07", "2025-W27", "2025-13", "", "soon"])
schemathesis.graphql.scalar("Period", PERIODS.map(schemathesis.graphql.nodes.String))
COUNTS = {"Query": 30, "Mutation": 12}


def asked(address: Address, root: str, headers: dict[str, str]) -> list[tuple[str, int, Any]]:
    """Document, status and answer of each operation that was made."""
    made = schemathesis.graphql.from_path(SCHEMA).include(func=lambda c: _root(c) == root)
    found = []

    @seed(8)
    @settings(
        max_examples=COUNTS[root],
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=made.as_strategy())
    def each(case: Any) -> None:
        response = client.post("/graphql", json={"query": case.body}, headers=headers)
        found.append((case.body, response.status_code, response.json()))

    with TestClient(create_app(address), headers={"X-Deadline": "2"}) as client:
        each()
    return found


def _root(context: Any) -> str:
    label: str = context.operation.label
    return label.partition(".")[0]


def check(found: list[tuple[str, int, Any]], count: int) -> None:
    """No 5xx but a deadline, no error without a code, nothing internal."""
    assert count <= len(found)
    for text, status, told in found:
        codes = {error["extensions"]["code"] for error in told.get("errors", [])}
        assert status < 500 or codes == {"TIMEOUT"}, text
        assert "data" in told or codes, text
        assert codes <= {*CODES} - {"INTERNAL"}, text


@pytest.mark.parametrize("role", ROLES)
async def test_made_up_questions_are_answered(bank: Store, address: Address, role: str) -> None:
    """
    Of every kind that the schema allows, on the sample bank.
    """
    check(asked(address, "Query", ROLES[role]), COUNTS["Query"])


@pytest.mark.parametrize("role", ROLES)
async def test_made_up_mutations_are_answered(store: Store, address: Address, role: str) -> None:
    """
    On an empty graph; what they did is told, or why not.
    """
    check(asked(address, "Mutation", ROLES[role]), COUNTS["Mutation"])
