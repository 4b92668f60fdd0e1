"""Decisions with what they change, and values with what they restate."""

from __future__ import annotations

from typing import Any

import pytest

from graph.store import Store
from tests.asking import answer, link, put, thing
from tests.looking import numbers, year
from tests.writing import at, did, done, refused

A, B = "role:a", "role:b"
DECISION = {"key": "hand_over", "name": "B takes over", "decisionKind": "RETIRE", "decidedBy": "b"}


@pytest.fixture
async def owned(store: Store) -> Store:
    """A KPI that two roles answer for by halves, and its monthly series for all customers."""
    half = {"accountability": "JOINT", "share": 0.5}
    version = {"version": 1, "formula": "f", "unit": "%", "direction": "LOWER"}
    version |= {"indicatorKind": "LAGGING", "frequency": "MONTHLY"}
    await put(
        store,
        thing("kpi:churn", year(2020)),
        *(thing(id_, year(2020)) for id_ in (A, B)),
        *(owns(id_, half) for id_ in (A, B)),
        thing("persona:p", year(2020)),
        thing("series:churn/all", year(2020), scopeKind="ALL", frequency="MONTHLY"),
        thing("series:churn/p", year(2020), scopeKind="PERSONA", frequency="MONTHLY"),
        link("has_series", "kpi:churn", "series:churn/all", year(2020)),
        link("has_series", "kpi:churn", "series:churn/p", year(2020)),
        link("for_group", "series:churn/p", "persona:p", year(2020)),
        thing("kpi_version:churn/v1", year(2020), year(2025), **version),
        thing("kpi_version:churn/v2", year(2025), **{**version, "version": 2}),
        link("version_of", "kpi_version:churn/v1", "kpi:churn", year(2020)),
        link("version_of", "kpi_version:churn/v2", "kpi:churn", year(2020)),
    )
    return store


def owns(role: str, said: dict[str, Any]) -> Any:
    """That a role answers for the KPI."""
    return link("owns", role, "kpi:churn", year(2020), key=f"{role}/kpi:churn/JOINT", **said)


async def test_a_decision_and_its_changes_are_one_commit(owned: Store) -> None:
    """
    One role goes, the other takes all: refused one after another, done together.
    """
    before = (await numbers(owned))["published"]
    shares = {"source": B, "target": "kpi:churn", "accountability": "JOINT", "share": 1.0}
    grounds = {"reason": "moved on", "evidence": ["notice"], "withoutSuccessor": True}
    changes: list[dict[str, Any]] = [
        {"archive": {"of": A, **grounds}},
        {"link": {"links": [{"owns": shares}]}},
        {"change": {"of": "kpi:churn", "set": {"kpi": {"purpose": "kept by b"}}}},
    ]
    told = await done(owned, "recordDecision", decision=DECISION, changes=changes)
    text = """
    {
      decision(key: "hand_over") { changed decidedBy { key } grounds { nodes { id } } }
      kpi(key: "churn") { purpose decision { key } owners { edges { share node { key } } } }
      archive(kinds: [ROLE]) { nodes { id retirement { reason decision { key } } } }
    }
    """
    found = await answer(owned, text)

    assert before + 1 == told["sequence"]
    assert {"purpose": "kept by b", "decision": {"key": "hand_over"}} == {
        name: found["kpi"][name] for name in ("purpose", "decision")
    }
    assert [{"share": 1.0, "node": {"key": "b"}}] == found["kpi"]["owners"]["edges"]
    retirement = {"reason": "moved on", "decision": {"key": "hand_over"}}
    assert [{"id": A, "retirement": retirement}] == found["archive"]["nodes"]
    assert {A, "kpi:churn"} <= set(found["decision"]["changed"])
    assert {"key": "b"} == found["decision"]["decidedBy"]


async def test_nothing_of_a_decision_is_done_where_one_change_is_refused(owned: Store) -> None:
    """
    The first change would do, the second speaks of what is not there.
    """
    before = await numbers(owned)
    changes = [
        {"change": {"of": "kpi:churn", "set": {"kpi": {"purpose": "x"}}}},
        {"unlink": {"of": ["owns:nobody"]}},
    ]
    told = await refused(owned, "recordDecision", decision=DECISION, changes=changes)

    assert ("NOT_THERE", "owns:nobody", "of") == told
    assert before == await numbers(owned)


async def test_what_is_created_by_a_decision_can_be_spoken_of_at_once(owned: Store) -> None:
    """
    A new KPI, a link to it and a target of a new series, in the order in which they are said.
    """
    series = {"key": "new/all", "kpi": "new", "scopeKind": "ALL", "frequency": "MONTHLY"}
    changes = [
        {"create": {"thing": {"kpi": {"key": "new", "name": "New"}}}},
        {"create": {"thing": {"series": series}}},
        {"link": {"links": [{"kpiInPerspective": {"source": "kpi:new", "target": "nope"}}]}},
    ]
    wrong = await refused(owned, "recordDecision", decision=DECISION, changes=changes)
    told = await done(owned, "recordDecision", decision=DECISION, changes=changes[:2])

    assert ("INVALID", None, "kpi_in_perspective.target") == wrong
    assert {"kpi:new", "series:new/all", "decision:hand_over"} <= {
        one["id"] for one in told["nodes"]
    }


async def test_a_value_is_recorded_with_the_formula_of_its_period(owned: Store) -> None:
    """
    By KPI and group; the version in force in the period; twice is refused.
    """
    said = {"kpi": "churn", "group": "persona:p", "period": "2024-12", "value": 1.5, "n": 40}
    await done(owned, "recordObservation", **said)
    again = await refused(owned, "recordObservation", **said)
    text = """
    { node(id: "observation:churn/p/2024-12", asOf: {validAt: "2024-12-31"}) {
      ... on Observation {
      value n status period validFrom series { key } kpiVersion { key } } } }
    """

    assert ("ALREADY_THERE", "observation:churn/p/2024-12", "key") == again
    assert {
        "value": 1.5,
        "n": 40,
        "status": "FINAL",
        "period": "2024-12",
        "validFrom": "2024-12-01T00:00:00Z",
        "series": {"key": "churn/p"},
        "kpiVersion": {"key": "churn/v1"},
    } == (await answer(owned, text))["node"]


async def test_restated_values_follow_one_another(owned: Store) -> None:
    """
    The second restates the first, the third the second; a changed formula is today's.
    """
    await done(owned, "recordObservation", series="churn/all", period="2024-11", value=1.0, n=9)
    said = {"series": "churn/all", "period": "2024-11"}
    await done(owned, "restateObservation", **said, value=2.0, cause="LATE_DATA", note="late")
    await done(
        owned,
        "restateObservation",
        of="observation:churn/all/2024-11/r2",
        value=3.0,
        cause="CHANGED_FORMULA",
    )
    text = """
    { now: node(id: "observation:churn/all/2024-11/r3") { ... on Observation {
        value n status cause kpiVersion { key }
        restates { id value note n restates { id value } } } }
      then: node(id: "observation:churn/all/2024-11/r2", asOf: {validAt: "2024-12-01"}) {
        ... on Observation { kpiVersion { key } } } }
    """
    found = await answer(owned, text)
    first = {"id": "observation:churn/all/2024-11", "value": 1.0}

    assert {
        "value": 3.0,
        "n": 9,
        "status": "RESTATED",
        "cause": "CHANGED_FORMULA",
        "kpiVersion": {"key": "churn/v2"},
        "restates": {
            "id": "observation:churn/all/2024-11/r2",
            "value": 2.0,
            "note": "late",
            "n": 9,
            "restates": first,
        },
    } == found["now"]
    assert {"kpiVersion": {"key": "churn/v1"}} == found["then"]


async def test_a_value_that_fits_no_series_is_refused(owned: Store) -> None:
    """
    A group that is not measured, a quarter in a monthly series, a missing value without cause,
    a value to restate that was never reported.
    """
    month = {"series": "churn/all", "period": "2024-10"}
    found = [
        await refused(
            owned, "recordObservation", kpi="churn", group="persona:q", period="2024-10", value=1.0
        ),
        await refused(owned, "recordObservation", series="churn/all", period="2024-Q1", value=1.0),
        await refused(owned, "recordObservation", **month),
        await refused(owned, "restateObservation", **month, value=1.0, cause="LATE_DATA"),
    ]

    assert [
        ("NOT_THERE", "kpi:churn", "group"),
        ("INVALID", "series:churn/all", "period"),
        ("INVALID", None, "value"),
        ("NOT_THERE", "observation:churn/all/2024-10", "of"),
    ] == found


async def test_a_decision_is_dated_by_its_day(owned: Store) -> None:
    """
    It holds from the day on which it was taken.
    """
    await done(owned, "recordDecision", decision={**DECISION, "decidedOn": "2024-05-02"})
    text = '{ decision(key: "hand_over") { validFrom } }'

    told = (await answer(owned, text))["decision"]
    assert {"validFrom": "2024-05-02T00:00:00Z"} == told
    assert at(2024) < told["validFrom"]


async def test_the_same_decision_is_not_recorded_twice(owned: Store) -> None:
    """
    Its key is taken.
    """
    await done(owned, "recordDecision", decision=DECISION)
    told = await did(owned, "recordDecision", decision=DECISION)

    assert ("ALREADY_THERE", "decision:hand_over") == (told["code"], told["of"])
