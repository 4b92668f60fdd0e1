"""A few hundred bodies with something changed: no 5xx, no error without a code."""

from __future__ import annotations

import json
import random
from collections import Counter

from starlette.testclient import TestClient

from api.app import create_app
from api.errors import CODES
from tests.mutated import mutated
from tests.serving import NOWHERE

COUNT = 400
HEADERS = {"Content-Type": "application/json", "X-Deadline": "2"}


def test_changed_bodies_are_answered_with_a_code() -> None:
    """
    Whatever came of the change; the database, which is away, is the only thing that may be missing.
    """
    chance, found = random.Random(8), Counter[str]()
    with TestClient(create_app(NOWHERE)) as client:
        for _ in range(COUNT):
            body = mutated(chance)
            response = client.post("/graphql", content=body, headers=HEADERS)
            told = json.loads(response.content)
            codes = [error["extensions"]["code"] for error in told.get("errors", [])]
            found.update(codes)

            assert response.status_code < 500, body
            assert "data" in told or codes, body
            assert {*codes} <= {*CODES}, body

    assert 0 == found["INTERNAL"]
    assert {"BAD_REQUEST", "GRAPHQL_PARSE_FAILED", "GRAPHQL_VALIDATION_FAILED"} <= {*found}
