"""Operations that schemathesis makes from the schema."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

SCHEMA = Path(__file__).resolve().parents[1] / "api" / "schema.graphql"
PERIODS = st.sampled_from(["2025", "2025-Q3", "2025-07", "2025-W27", "2025-13", "", "soon"])
DAYS = st.sampled_from(["2026-07-20", "2025-08-15T12:00:00Z", "2024-03-01", "0610-10-25", "soon"])
for scalar, values in (("Period", PERIODS), ("DateTime", DAYS)):
    schemathesis.graphql.scalar(scalar, values.map(schemathesis.graphql.nodes.String))


def operations(root: str, count: int, number: int, take: Callable[[str], None]) -> None:
    """Hand over so many operations on one root, the same ones for the same number."""
    made = schemathesis.graphql.from_path(SCHEMA).include(
        func=lambda context: context.operation.label.startswith(f"{root}.")
    )

    @seed(number)
    @settings(
        max_examples=count,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=made.as_strategy())
    def each(case: Any) -> None:
        take(case.body)

    each()
