"""The bank's past over GraphQL beside the rows of its files."""

from __future__ import annotations

import csv
from typing import Any

import pytest

from graph.store import Store
from tests.asking import answer
from tests.conftest import BANK

NAMES = {"kind": {"weight_sets": "setKind", "targets": "targetKind"}}
LINKED = {"kpi": "kpi:", "decision": "decision:", "series": "series:"}
AS_OF = 'asOf: {validAt: "2026-07-20"}'


def rows(table: str) -> list[dict[str, str]]:
    """The rows of a file."""
    with (BANK / f"{table}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def camel(name: str) -> str:
    """`delay_hours` -> `delayHours`."""
    head, *rest = name.split("_")
    return head + "".join(part.title() for part in rest)


def said(table: str, row: dict[str, str]) -> dict[str, str]:
    """What a row says, as histories tell it."""
    told = {}
    for name, cell in row.items():
        if not cell or name in ("key", "recorded_on", "group"):
            continue
        if name in ("valid_from", "valid_to"):
            cell += "T00:00:00Z"
        told[NAMES.get(name, {}).get(table, camel(name))] = LINKED.get(name, "") + number(cell)
    return told


def number(cell: str) -> str:
    """A cell with a number without noughts at its end."""
    try:
        return repr(float(cell)).removesuffix(".0")
    except ValueError:
        return cell


@pytest.mark.parametrize(
    ("table", "word"), [("kpi_versions", "kpi_version"), ("weight_sets", "weight_set")]
)
async def test_what_was_told_of_once_is_told_as_its_row_says(
    bank: Store, table: str, word: str
) -> None:
    """
    Each row: created, known on its day, valid from its day, every cell as a field.
    """
    text = """
    query ($ids: [ID!]!) {
      nodes(ids: $ids) { id ...version ...weights }
    }
    fragment version on KpiVersion { history { ...told } }
    fragment weights on WeightSet { history { ...told } }
    fragment told on ChangeConnection {
      totalCount nodes { action recordedAt validFrom fields { name before after } }
    }
    """
    text = text.replace("asked", "")
    told: dict[str, Any] = {}
    ids = [f"{word}:{row['key']}" for row in rows(table)]
    for day in ("2024-06-01", "2025-05-01", "2026-07-20"):
        dated = text.replace("nodes(ids: $ids)", f'nodes(ids: $ids, asOf: {{validAt: "{day}"}})')
        found = (await answer(bank, dated, ids=ids))["nodes"]
        told |= {node["id"]: node["history"] for node in found if node}

    assert sorted(ids) == sorted(told)
    for row in rows(table):
        history = told[f"{word}:{row['key']}"]
        (change,) = history["nodes"]
        fields = {one["name"]: one["after"] for one in change["fields"]}
        fields.pop("groups", None)
        assert (1, "CREATED") == (history["totalCount"], change["action"])
        assert f"{row['recorded_on']}T00:00:00Z" == change["recordedAt"]
        assert f"{row['valid_from']}T00:00:00Z" == change["validFrom"]
        assert said(table, row).items() <= fields.items()
        assert all(one["before"] is None for one in change["fields"])


async def test_every_decision_of_the_file_was_written_once(bank: Store) -> None:
    """
    The changes of decisions are the rows of the file, page by page.
    """
    text = """
    query ($after: String) {
      changes(kinds: [DECISION], first: 7, after: $after) {
        totalCount pageInfo { hasNextPage endCursor } nodes { of action }
      }
    }
    """
    found: list[dict[str, str]] = []
    page: dict[str, Any] = {"pageInfo": {"hasNextPage": True, "endCursor": None}}
    while page["pageInfo"]["hasNextPage"]:
        page = (await answer(bank, text, after=page["pageInfo"]["endCursor"]))["changes"]
        found += page["nodes"]
    ids = [f"decision:{row['key']}" for row in rows("decisions")]

    assert sorted((id_, "CREATED") for id_ in ids) == sorted((x["of"], x["action"]) for x in found)
    assert len(ids) == page["totalCount"]


@pytest.mark.parametrize(
    ("of", "table", "key"),
    [
        ("kpi_version:persona_health/v2", "kpi_versions", "persona_health/v2"),
        (
            "weight_set:persona_health/small_trader/v2",
            "weight_sets",
            "persona_health/small_trader/v2",
        ),
        (
            "weight:persona_health/small_trader/v2/nps",
            "weight_sets",
            "persona_health/small_trader/v2",
        ),
        ("kpi:app_downloads", "kpis", "app_downloads"),
        ("persona:branch_loyalist", "personas", "branch_loyalist"),
        ("segment:postal_savers", "segments", "postal_savers"),
        (
            "target:time_to_resolve/small_trader/2026-03",
            "targets",
            "time_to_resolve/small_trader/2026-03",
        ),
    ],
)
async def test_why_something_is_so_names_decision_review_and_reason(
    bank: Store, of: str, table: str, key: str
) -> None:
    """
    The formula of July 2025, weights of persona health, what is in the archive, a target.
    """
    text = """
    query ($of: ID!) {
      whyChanged(of: $of) { change { of } decision { id name } review { id name } explanation }
    }
    """
    told = (await answer(bank, text, of=of))["whyChanged"]
    (row,) = (row for row in rows(table) if row["key"] == key)
    (decision,) = (one for one in rows("decisions") if one["key"] == row["decision"])
    (review,) = (one for one in rows("reviews") if one["key"] == decision["review"])

    assert {"id": f"decision:{decision['key']}", "name": decision["name"]} == told["decision"]
    assert {"id": f"review:{review['key']}", "name": review["name"]} == told["review"]
    assert of == told["change"]["of"]
    for part in (decision["name"], decision["decided_on"], decision["reason"], review["name"]):
        assert part in told["explanation"]


async def test_behind_a_target_stand_the_breaches_and_their_values(bank: Store) -> None:
    """
    The decision rests on three breaches; each is told with the value that was reported.
    """
    text = """
    {
      whyChanged(of: "target:time_to_resolve/small_trader/2026-03", field: "value") {
        change { fields { name after } }
        because { of period value node { __typename } }
      }
    }
    """
    told = (await answer(bank, text))["whyChanged"]
    breaches = [row for row in rows("breaches") if row["key"].startswith("time_to_resolve/small_t")]
    expected = {
        (f"{word}:{row[name]}", row["period"], float(row["value"]))
        for row in breaches
        for word, name in (("breach", "key"), ("observation", "observation"))
    }

    assert {"name": "value", "after": "25.055"} in told["change"]["fields"]
    assert expected == {
        (one["of"], one["period"], one["value"]) for one in told["because"] if one["value"]
    }
    assert "Escalation" in {one["node"]["__typename"] for one in told["because"]}


async def test_a_replaced_formula_is_seen_between_two_days(bank: Store) -> None:
    """
    From June to July 2025 the one version of persona health goes and the other comes.
    """
    text = """
    {
      diff(
        of: "kpi:persona_health", depth: 1,
        from: {validAt: "2025-06-30"}, to: {validAt: "2025-07-01"}
      ) {
        onlyFrom { id ... on KpiVersion { formula } }
        onlyTo { id ... on KpiVersion { formula } }
        linksTo { link source target }
        completeness { complete }
      }
    }
    """
    told = (await answer(bank, text))["diff"]
    formulas = {f"kpi_version:{row['key']}": row["formula"] for row in rows("kpi_versions")}
    gone = [one for one in told["onlyFrom"] if one["id"].startswith("kpi_version:")]
    come = [one for one in told["onlyTo"] if one["id"].startswith("kpi_version:")]
    sets = {
        f"weight_set:{row['key']}"
        for row in rows("weight_sets")
        if row["kpi"] == "persona_health" and row["valid_from"] == "2025-07-01"
    }

    for version, found in (("v1", gone), ("v2", come)):
        id_ = f"kpi_version:persona_health/{version}"
        assert [{"id": id_, "formula": formulas[id_]}] == found
    assert sets == {one["id"] for one in told["onlyTo"] if one["id"].startswith("weight_set:")}
    assert told["completeness"]["complete"]


async def test_nobody_knew_the_new_weights_before_the_review(bank: Store) -> None:
    """
    Known on the day of the review, not the day before, though they hold from July on.
    """
    text = """
    query ($known: DateTime!) {
      history(of: "weight_set:persona_health/small_trader/v2", asOf: {knownAt: $known}) {
        totalCount
      }
    }
    """
    days = ("2025-06-23", "2025-06-24")

    assert [None, {"totalCount": 1}] == [
        (await answer(bank, text, known=known))["history"] for known in days
    ]
