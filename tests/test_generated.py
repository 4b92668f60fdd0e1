"""Operations that schemathesis makes from the schema: a bounded number for each role."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from api.app import create_app
from api.development import DevelopmentKey
from api.errors import CODES
from api.sign_in import SignIn
from graph.store import Address, Store
from tests import leaks
from tests.access_model import ROLES as NAMES
from tests.access_model import policy, role
from tests.made_up import operations

NOBODY = "whoever asks"
ROLES = (NOBODY, *NAMES)
COUNTS = {"Query": 20, "Mutation": 8}
"""Operations for each role."""


@pytest.fixture
def key(tmp_path: Path) -> DevelopmentKey:
    """A key that signs tokens."""
    return DevelopmentKey(tmp_path)


def asked(
    address: Address, root: str, key: DevelopmentKey, name: str
) -> list[tuple[str, int, Any]]:
    """Document, status and answer of each operation that was made for a role."""
    token = key.token((name,), "somebody", timedelta(minutes=30))
    headers = {} if name == NOBODY else {"Authorization": f"Bearer {token}"}
    app = create_app(address, sign_in=SignIn(policy(), key.tokens()))
    found = []

    def take(text: str) -> None:
        response = client.post("/graphql", json={"query": text}, headers=headers)
        found.append((text, response.status_code, response.json()))

    with TestClient(app, headers={"X-Deadline": "2"}) as client:
        operations(root, COUNTS[root], ROLES.index(name), take)
    return found


def check(found: list[tuple[str, int, Any]], count: int) -> None:
    """No 5xx but a deadline, no error without a code, nothing internal."""
    assert count <= len(found)
    for text, status, told in found:
        codes = {error["extensions"]["code"] for error in told.get("errors", [])}
        assert status < 500 or codes == {"TIMEOUT"}, text
        assert "data" in told or codes, text
        assert codes <= {*CODES} - {"INTERNAL"}, text


@pytest.mark.parametrize("name", ROLES)
async def test_made_up_questions_are_answered(
    bank: Store, address: Address, key: DevelopmentKey, name: str
) -> None:
    """
    Of every kind that the schema allows, on the sample bank; nothing hidden stands in an answer.
    """
    found = asked(address, "Query", key, name)
    check(found, COUNTS["Query"])
    for text, status, told in found:
        if name == NOBODY:
            assert 401 == status, text
        else:
            assert [] == list(leaks.ids(role(name), json.dumps(told))), text


@pytest.mark.parametrize("name", ROLES)
async def test_made_up_mutations_are_answered(
    store: Store, address: Address, key: DevelopmentKey, name: str
) -> None:
    """
    On an empty graph; what they did is told, or why not.
    """
    check(asked(address, "Mutation", key, name), COUNTS["Mutation"])
