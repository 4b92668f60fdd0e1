"""Lead and lag by group, and themes beside pains: worked out from the rows of the bank."""

from __future__ import annotations

from typing import Any

import pytest

from graph.insight.coverage import Measured, Pain, balance, coverage
from graph.ontology.measures import IndicatorKind
from graph.store import Store
from tests.asking import answer, codes, link, put, thing
from tests.files import held, number, table

DAY = "2026-07-20"
LEAD_LAG = """
query ($groups: [ID!], $asOf: AsOf) {
  leadLagBalance(groups: $groups, asOf: $asOf) {
    groups {
      group { id } leading { key } lagging { key } leadingShare missing unled { key } explanation
    }
  }
}
"""
THEMES = """
query ($asOf: AsOf) {
  themeCoverage(asOf: $asOf) {
    covered
    unanswered { pain { key } }
    themes {
      burden theme { key } objectives { key } pains { pain { key } burden personas { key } }
    }
  }
}
"""


def kinds(day: str) -> dict[str, str]:
    """Whether each active KPI leads or lags on a day."""
    active = {row["key"] for row in held("kpis", day) if row["status"] != "REFUSED"}
    return {
        row["kpi"]: row["indicator_kind"]
        for row in held("kpi_versions", day)
        if row["kpi"] in active
    }


def expected(group: str, day: str) -> dict[str, Any]:
    """Leading, lagging and unled KPIs of a group, from the tables."""
    of = kinds(day)
    mine = sorted({r["kpi"] for r in held("series", day) if r["group"] == group and r["kpi"] in of})
    leading = [kpi for kpi in mine if of[kpi] == "LEADING"]
    led = {
        row["target"].removeprefix("kpi:")
        for row in held("affects", day)
        if row["source"].removeprefix("kpi:") in leading and row["group"] in ("", group)
    }
    lagging = [kpi for kpi in mine if of[kpi] == "LAGGING"]
    return {
        "leading": leading,
        "lagging": lagging,
        "unled": [kpi for kpi in lagging if kpi not in led],
    }


@pytest.mark.parametrize("day", [DAY, "2024-08-15"])
async def test_every_group_is_told_what_leads_and_what_lags(bank: Store, day: str) -> None:
    """
    All groups with a series, and what is measured over all first; now and before archivings.
    """
    told = await answer(bank, LEAD_LAG, asOf={"validAt": day})
    rows = told["leadLagBalance"]["groups"]
    groups = sorted({row["group"] for row in held("series", day)})

    assert groups == [row["group"]["id"] if row["group"] else "" for row in rows]
    for row in rows:
        wanted = expected(row["group"]["id"] if row["group"] else "", day)
        assert wanted == {name: [kpi["key"] for kpi in row[name]] for name in wanted}
        count = len(wanted["leading"]) + len(wanted["lagging"])
        assert pytest.approx(len(wanted["leading"]) / count) == row["leadingShare"]


async def test_a_group_without_leading_kpis_is_warned(bank: Store) -> None:
    """
    The affluent are judged by churn and revenue alone; nobody sees it coming.
    """
    asked = ["segment:affluent", "segment:nobody", "persona:busy_parent"]
    told = await answer(bank, LEAD_LAG, groups=asked, asOf={"validAt": DAY})
    rows = told["leadLagBalance"]["groups"]

    assert [None, "segment:affluent", "persona:busy_parent"] == [
        row["group"] and row["group"]["id"] for row in rows
    ]
    assert [None, "LEADING", None] == [row["missing"] for row in rows]
    assert "too late" in rows[1]["explanation"]
    assert 1 == bank.reads


async def test_a_balance_of_what_is_no_group_is_refused(bank: Store) -> None:
    """
    Groups are segments and personas.
    """
    assert ["BAD_REQUEST"] == await codes(bank, LEAD_LAG, groups=["kpi:churn"])


def test_a_link_of_another_group_leads_nobody_here() -> None:
    """
    A cause counts where it holds for all or for this group, and is measured for it.
    """
    lead, lag = IndicatorKind.LEADING, IndicatorKind.LAGGING
    measured = Measured(
        {"kpi:a": lead, "kpi:b": lag, "kpi:c": lag},
        [("kpi:a", "persona:x"), ("kpi:b", "persona:x"), ("kpi:c", "persona:y")],
        [("kpi:a", "kpi:b", "persona:y"), ("kpi:a", "kpi:c", None)],
    )
    x, y, z = balance(measured, ["persona:x", "persona:y", "persona:z"]).groups

    assert (("kpi:b",), None) == (x.unled, x.missing)
    assert (("kpi:c",), lead) == (y.unled, y.missing)
    assert (None, None, ()) == (z.leading_share, z.missing, z.unled)


async def test_pains_are_told_by_theme_with_their_burden(bank: Store) -> None:
    """
    Burden = severity times the weights of the personas in force that feel the pain.
    """
    told = (await answer(bank, THEMES, asOf={"validAt": DAY}))["themeCoverage"]
    personas = {f"persona:{row['key']}" for row in held("personas", DAY)}
    felt: dict[str, dict[str, float]] = {row["key"]: {} for row in table("pain_points")}
    for row in table("has_pain"):
        if row["source"] in personas:
            felt[row["target"].removeprefix("pain_point:")][row["source"]] = float(row["weight"])
    burden = {
        row["key"]: (number(row["severity"]) or 0) * sum(felt[row["key"]].values())
        for row in table("pain_points")
    }
    for theme in told["themes"]:
        own = {r["key"] for r in table("pain_points") if r["theme"] == theme["theme"]["key"]}
        assert own == {pain["pain"]["key"] for pain in theme["pains"]}
        assert pytest.approx(sum(burden[key] for key in own)) == theme["burden"]
        for pain in theme["pains"]:
            names = {f"persona:{persona['key']}" for persona in pain["personas"]}
            assert felt[pain["pain"]["key"]].keys() == names
    assert sorted((row["burden"] for row in told["themes"]), reverse=True) == [
        row["burden"] for row in told["themes"]
    ]
    assert ["paper_work"] == [row["pain"]["key"] for row in told["unanswered"]]
    whole = sum(burden.values())
    assert pytest.approx((whole - burden["paper_work"]) / whole) == told["covered"]


async def test_a_theme_without_an_objective_answers_nothing(store: Store) -> None:
    """
    Its pains are told with it, and as unanswered; where nothing hurts, no share is told.
    """
    nothing = (await answer(store, THEMES))["themeCoverage"]
    await put(
        store,
        thing("theme:promised"),
        thing("pain_point:waits", severity=0.5),
        link("pain_in_theme", "pain_point:waits", "theme:promised"),
        thing("persona:parent"),
        link("has_pain", "persona:parent", "pain_point:waits", weight=1.0),
    )
    told = (await answer(store, THEMES))["themeCoverage"]

    assert {"covered": None, "unanswered": [], "themes": []} == nothing
    assert [{"pain": {"key": "waits"}}] == told["unanswered"]
    assert 0 == told["covered"]
    assert [[]] == [theme["objectives"] for theme in told["themes"]]


def test_a_pain_without_a_severity_weighs_nothing_and_is_told() -> None:
    """
    Its burden is unknown, not zero.
    """
    told = coverage([Pain("pain_point:p", None, None, {"persona:a": 1.0})], {})

    assert (None, None) == (told.unanswered[0].burden, told.covered)
