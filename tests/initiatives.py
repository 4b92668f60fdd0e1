"""The initiatives of the bank as the API tells them, and the question that lists them."""

from __future__ import annotations

from typing import Any

from hypothesis import HealthCheck, settings

from tests.files import held, number

Thing = dict[str, Any]

CALM = settings(
    max_examples=20,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
"""Few examples, the same ones each time: every one of them asks the database."""

INITIATIVES: list[Thing] = [
    {
        "key": row["key"],
        "name": row["name"],
        "cost": number(row["cost"]),
        "start": row["start"] or None,
        "end": row["end"] or None,
        "status": row["status"],
        "expectedReach": number(row["expected_reach"]),
    }
    for row in held("initiatives")
]

LIST = """
query ($filter: InitiativeFilter, $orderBy: [InitiativeOrder!], $first: Int, $after: String) {
  initiatives(
    filter: $filter, orderBy: $orderBy, first: $first, after: $after, asOf: {validAt: "2026-07-20"}
  ) {
    totalCount
    nodes { key }
    edges { cursor node { key } }
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
  }
}
"""
