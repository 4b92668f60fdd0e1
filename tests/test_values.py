"""Values as reported and as restated, with targets, limits and weights of their day."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.insight.vintages import Told, vintages
from graph.ontology import ONTOLOGY
from graph.ontology.measures import ObservationStatus
from graph.store import Store
from graph.viewers import Viewer
from tests.asking import answer, codes, put
from tests.composites import Small, day, point, target, weight_set
from tests.files import Row, held, number, table

ASKED = """
query ($of: ID!, $group: ID, $from: Period, $to: Period, $asOf: AsOf) {
  values(of: $of, group: $group, from: $from, to: $to, asOf: $asOf) {
    of { id }
    completeness { complete explored }
    periods {
      series { id } kpi { id name status retirement { at } } group { id } period unit
      valueAsReported valueAsRestated restated attainment version { id }
      target { target { id } value floor ceiling tolerance } stretch { value }
      threshold { threshold { id } lower upper }
      weights { of { id } weight weightSet { id } kind }
      reports {
        observation { id } value status cause note recordedAt replacedAt difference
        restates { id } version { id }
      }
    }
  }
}
"""


async def told(store: Store, of: str, **variables: Any) -> list[dict[str, Any]]:
    """The periods of an answer."""
    return list((await answer(store, ASKED, of=of, **variables))["values"]["periods"])


def reports(series: set[str]) -> dict[tuple[str, str], list[Row]]:
    """The rows of some series by series and period, in the order in which they were recorded."""
    found: dict[tuple[str, str], list[Row]] = {}
    for row in sorted(table("observations"), key=lambda row: row["recorded_on"]):
        if row["series"] in series:
            found.setdefault((f"series:{row['series']}", row["period"]), []).append(row)
    return found


@pytest.mark.parametrize(
    ("of", "group", "series"),
    [
        ("kpi:app_downloads", None, {"app_downloads"}),
        ("persona:branch_loyalist", None, {"*/branch_loyalist"}),
        ("kpi:churn", "segment:postal_savers", {"churn/postal_savers"}),
        ("series:churn/small_trader", None, {"churn/small_trader"}),
        ("series:persona_health/all", None, {"persona_health/all"}),
    ],
)
async def test_the_whole_record_of_what_has_ended_or_lives_is_told(
    bank: Store, of: str, group: str | None, series: set[str]
) -> None:
    """
    Each period with first and last value, target and limits, as the rows of the files say.
    """
    (wanted,) = series
    keys = {
        row["key"]
        for row in table("series")
        if row["key"] == wanted
        or row["key"].startswith(f"{wanted}/")
        or (wanted[0] == "*" and row["key"].endswith(wanted[1:]))
    }
    expected = reports(keys)
    got = {(one["series"]["id"], one["period"]): one for one in await told(bank, of, group=group)}

    assert expected.keys() == got.keys()
    for at, rows in expected.items():
        one = got[at]
        assert number(rows[0]["value"]) == one["valueAsReported"]
        assert number(rows[-1]["value"]) == one["valueAsRestated"]
        assert [row["recorded_on"] for row in rows] == [
            r["recordedAt"][:10] for r in one["reports"]
        ]
        assert [row["cause"] or None for row in rows] == [r["cause"] for r in one["reports"]]
        (end,) = [str(pd.Period(at[1]).end_time.date())]
        aims = [
            row
            for row in held("targets", end)
            if f"series:{row['series']}" == at[0] and row["kind"] == "COMMITTED"
        ]
        limits = [row for row in held("thresholds", end) if f"series:{row['series']}" == at[0]]
        assert [number(row["value"]) for row in aims] == (
            [one["target"]["value"]] if one["target"] else []
        )
        assert [f"threshold:{row['key']}" for row in limits] == (
            [one["threshold"]["threshold"]["id"]] if one["threshold"] else []
        )


async def test_an_archived_kpi_is_told_as_it_was_and_that_it_ended(bank: Store) -> None:
    """
    Its series, group and version are things of their day; the living list does not hold it.
    """
    periods = await told(bank, "kpi:app_downloads")
    living = await answer(bank, "{ kpis(first: 200) { nodes { key } } }")

    assert {"2024-10-01T00:00:00Z"} == {one["kpi"]["retirement"]["at"] for one in periods}
    assert {"RETIRED"} == {one["kpi"]["status"] for one in periods}
    assert 7 * 9 == len(periods)
    assert {"kpi_version:app_downloads/v1"} == {one["version"]["id"] for one in periods}
    assert "app_downloads" not in {node["key"] for node in living["kpis"]["nodes"]}


@pytest.mark.parametrize("persona", ["branch_loyalist", "small_trader"])
async def test_weights_are_those_of_their_day(bank: Store, persona: str) -> None:
    """
    Of components and of the persona itself, by the sets in force at the end of each month.
    """
    found = {
        (one["kpi"]["id"], one["period"], weight["weightSet"]["id"]): weight["weight"]
        for one in await told(bank, f"persona:{persona}")
        for weight in one["weights"]
    }
    expected = {}
    for at in reports({row["key"] for row in table("series")}):
        kpi, _, group = at[0].removeprefix("series:").partition("/")
        end = str(pd.Period(at[1]).end_time.date())
        sets = {row["key"]: row for row in held("weight_sets", end)}
        for row in table("weights"):
            chosen = sets.get(row["weight_set"])
            if group != persona or not chosen:
                continue
            component = row["component"] == f"kpi:{kpi}" and chosen["group"] == f"persona:{persona}"
            whole = row["component"] == f"persona:{persona}" and chosen["kpi"] == kpi
            if component or whole:
                at_ = (f"kpi:{kpi}", at[1], f"weight_set:{chosen['key']}")
                expected[at_] = number(row["weight"])

    assert expected
    assert expected == found


async def test_from_and_to_take_periods_of_any_length(bank: Store) -> None:
    """
    From the third quarter of 2024 to the year 2024: six months, each end included.
    """
    periods = await told(bank, "series:churn/small_trader", **{"from": "2024-Q3", "to": "2024"})

    assert [f"2024-{month:02}" for month in range(7, 13)] == [one["period"] for one in periods]


async def test_a_mistaken_id_is_named_and_an_unknown_one_is_null(bank: Store) -> None:
    """
    A role has no values; a KPI that never was has none either.
    """
    assert ["BAD_REQUEST"] == await codes(bank, ASKED, of="role:head_app")
    assert ["BAD_REQUEST"] == await codes(bank, ASKED, of="kpi:churn", group="kpi:churn")
    assert {"values": None} == await answer(bank, ASKED, of="kpi:never")


async def test_values_for_hidden_groups_are_left_out(bank: Store) -> None:
    """
    Who may not see personas is told the series of segments and of all, and nothing of others.
    """
    every = frozenset(kind.label for kind in ONTOLOGY.kinds.values())
    seen = await answer(bank, ASKED, Viewer("somebody", every - {"Persona"}), of="kpi:churn")
    groups = {(one["group"] or {}).get("id") for one in seen["values"]["periods"]}

    assert None in groups
    assert {"segment"} == {one.partition(":")[0] for one in groups if one}


async def test_who_asks_as_known_before_the_restatement_sees_the_first_report(
    store: Store,
) -> None:
    """
    60 on the 5th, 64 on the 7th with its cause, 72 on the 9th: each day knows its own.
    """
    await put(
        store,
        *Small().changes(),
        *point("a", 64.0, "r2", day(2, 7), "2025-01", status="RESTATED", cause="LATE_DATA"),
        *point("a", 72.0, "r3", day(2, 9), "r2", status="RESTATED", cause="RECLASSIFIED_MEMBERS"),
    )
    seen = {}
    for known in ("2025-02-04", "2025-02-06", "2025-02-08", "2025-02-09", None):
        as_of = {"validAt": "2025-03-01", "knownAt": known}
        periods = await told(store, "series:a/all", asOf=as_of)
        seen[known] = [[report["value"] for report in one["reports"]] for one in periods]
    (last,) = await told(store, "kpi:a")

    assert {
        "2025-02-04": [],
        "2025-02-06": [[60.0]],
        "2025-02-08": [[60.0, 64.0]],
        "2025-02-09": [[60.0, 64.0, 72.0]],
        None: [[60.0, 64.0, 72.0]],
    } == seen
    assert (60.0, 72.0, True) == (
        last["valueAsReported"],
        last["valueAsRestated"],
        last["restated"],
    )
    assert [None, 4.0, 8.0] == [report["difference"] for report in last["reports"]]
    assert [None, "LATE_DATA", "RECLASSIFIED_MEMBERS"] == [r["cause"] for r in last["reports"]]
    assert last["attainment"] == pytest.approx(0.8)


async def test_a_value_corrected_under_its_own_id_is_another_report(store: Store) -> None:
    """
    The same observation said 60, then 61: both are told, and when each was believed.
    """
    await put(store, *Small().changes(), *point("a", 61.0, recorded=day(2, 10)))
    (one,) = await told(store, "series:a/all")

    assert [(60.0, "2025-02-10T00:00:00Z"), (61.0, None)] == [
        (report["value"], report["replacedAt"]) for report in one["reports"]
    ]


async def test_targets_are_those_in_force_at_the_end_of_the_period_as_known(store: Store) -> None:
    """
    From 20 January another target holds, recorded in March: February did not know it.
    """
    first = Small().changes()
    ended = [
        replace(
            one,
            until=day(1, 20),
            pieces=(one.pieces[0]._replace(until=day(1, 20)),),
            recorded=Small().structure,
        )
        for one in target("a", value=80.0, floor=40.0)
    ]
    kept = [one for one in first if one.id not in {gone.id for gone in ended}]
    more = [replace(one, recorded=day(3, 1)) for one in target("a", "2", day(1, 20), value=90.0)]
    await put(store, *kept, *ended, *more)
    (now,) = await told(store, "series:a/all")
    (then,) = await told(
        store, "series:a/all", asOf={"validAt": "2025-02-15", "knownAt": "2025-02-15"}
    )

    assert (90.0, None) == (now["target"]["value"], then["target"])


async def test_a_set_for_all_does_not_hide_one_for_the_group(store: Store) -> None:
    """
    A KPI measured for all has the weight of the set for all.
    """
    await put(store, *Small().changes(), *weight_set(2, {"a": 1.0}, day(2, 1)))
    (one,) = await told(store, "series:a/all")

    assert [("kpi:c", 0.4, "weight_set:c/1", "COMPONENT")] == [
        (w["of"]["id"], w["weight"], w["weightSet"]["id"], w["kind"]) for w in one["weights"]
    ]


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 3)), min_size=1, max_size=8))
def test_reports_are_in_the_order_in_which_they_were_recorded(said: list[tuple[int, int]]) -> None:
    """
    Each lasts until the next is recorded, differences add up to last minus first.
    """
    final = ObservationStatus.FINAL
    given_ = [
        Told(f"observation:{i}", float(value), None, final, None, None, day(1, 1 + at), None, None)
        for i, (at, value) in enumerate(said)
    ]
    made = vintages(given_)
    times = [one.recorded_at for one in made]

    assert sorted(times) == times
    assert [*times[1:], None] == [one.replaced_at for one in made]
    assert sum(one.difference or 0 for one in made) == (made[-1].value or 0) - (made[0].value or 0)
    assert len(said) == len(made)
