"""Things made, changed and corrected by mutation, each at its time."""

from __future__ import annotations

import pytest

from graph.store import Store
from tests.asking import answer, put, thing
from tests.looking import year
from tests.writing import at, done

KPI = "kpi:churn"


@pytest.fixture
async def scorecard(store: Store) -> Store:
    """Two perspectives, a KPI since 2020 and a role."""
    await put(
        store,
        thing("perspective:customer"),
        thing("perspective:money"),
        thing(KPI, year(2020), purpose="to keep them"),
        thing("role:head"),
        thing("decision:d"),
    )
    return store


async def test_what_is_created_is_there_with_its_links(scorecard: Store) -> None:
    """
    Fields, a link by key and one by id; the receipt tells what was written.
    """
    said = {"key": "nps", "name": "NPS", "perspective": "customer", "requestedBy": "role:head"}
    told = await done(scorecard, "create", thing={"kpi": said}, validFrom=at(2024))
    text = '{ kpi(key: "nps") { name kpiKind validFrom perspective { id } requestedBy { id } } }'
    found = await answer(scorecard, text)

    assert (3, 0, 0) == (told["created"], told["changed"], told["ended"])
    ids = {one["id"] for one in told["nodes"]}
    assert {"kpi:nps", "kpi_in_perspective:kpi:nps/perspective:customer"} <= ids
    assert {
        "name": "NPS",
        "kpiKind": "BASE",
        "validFrom": "2024-01-01T00:00:00Z",
        "perspective": {"id": "perspective:customer"},
        "requestedBy": {"id": "role:head"},
    } == found["kpi"]
