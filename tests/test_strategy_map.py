"""The strategy map of the sample bank against its files: whole, for a group, and of the past."""

from __future__ import annotations

import csv
import json
from io import BytesIO
from pathlib import Path
from typing import Any

import networkx as nx
import pytest

from graph.store import Store
from loaders.load import load
from tests.asking import TESTER, answer, codes
from tests.conftest import BANK
from tests.files import held, table
from tests.mapped import Files
from tests.test_viewer import without

TODAY = "2026-07-20"

MAP = """
query ($group: ID, $day: DateTime, $known: DateTime) {
  strategyMap(group: $group, asOf: {validAt: $day, knownAt: $known}) {
    perspectives {
      perspective { id }
      nodes {
        rank objective { id } kpis { id }
        measures {
          role weight kpi { id } group { id } unit direction indicatorKind
          period value previous target attainment met
        }
      }
    }
    arrows { from { id } to { id } sign edges { id } }
    edges { id }
    unplaced { id }
    completeness { complete reason explored frontier }
  }
}
"""


async def mapped(store: Store, files: Files, known: str | None = None) -> Any:
    """The map that the API tells for what some files are asked for."""
    told = await answer(store, MAP, group=files.group, day=files.day, known=known)
    return told["strategyMap"]


def nodes(told: Any) -> list[Any]:
    """The nodes of all lanes."""
    return [node for lane in told["perspectives"] for node in lane["nodes"]]


def agrees(told: Any, files: Files) -> None:
    """Check everything on a map against the files."""
    measuring = files.measuring()
    lanes = sorted(files.rows("perspectives"), key=lambda row: int(row["order"]))
    assert [f"perspective:{row['key']}" for row in lanes] == [
        lane["perspective"]["id"] for lane in told["perspectives"]
    ]
    assert {
        id_: f"perspective:{row['perspective']}" for id_, row in files.objectives().items()
    } == {
        node["objective"]["id"]: lane["perspective"]["id"]
        for lane in told["perspectives"]
        for node in lane["nodes"]
    }
    assert files.ranks() == {node["objective"]["id"]: node["rank"] for node in nodes(told)}
    assert {f"affects:{row['key']}" for row in files.links()} == {e["id"] for e in told["edges"]}
    assert files.arrows() == {(a["from"]["id"], a["to"]["id"]): a["sign"] for a in told["arrows"]}
    for node in nodes(told):
        rows = [row for row in measuring if row["source"] == node["objective"]["id"]]
        rows.sort(key=lambda row: (row["kind"] != "PRIMARY", -float(row["weight"]), row["target"]))
        expected = [
            {"role": row["kind"], "weight": float(row["weight"])} | files.measure(row["target"])
            for row in rows
        ]

        assert expected == [rounded(measure) for measure in node["measures"]]
        assert [measure["kpi"] for measure in expected] == node["kpis"]
    assert told["completeness"] == {
        "complete": True,
        "reason": None,
        "explored": len(files.objectives()) + len({row["target"] for row in measuring}),
        "frontier": [],
    }


def rounded(measure: Any) -> Any:
    """A measure with an attainment that can be compared."""
    way = measure["attainment"]
    return measure | {"attainment": way if way is None else round(way, 9)}


@pytest.mark.parametrize("group", [None, "persona:small_trader", "persona:senior_saver"])
async def test_the_map_of_the_bank_is_what_its_files_say(bank: Store, group: str | None) -> None:
    """
    Lanes, ranks, figures, attainment, links and arrows: of the whole, and for two personas.
    """
    files = Files(TODAY, group=group)
    told = await mapped(bank, files)

    agrees(told, files)
    assert [] == told["unplaced"]
    met = {measure["met"] for node in nodes(told) for measure in node["measures"]}
    assert ({True, None} if group is None else {True, False}) <= met


async def test_a_map_of_the_past_holds_what_was_in_force(bank: Store) -> None:
    """
    In September 2024 other link versions, targets, figures and formula versions were in force.
    """
    for group in (None, "persona:small_trader"):
        then, now = Files("2024-09-20", group=group), Files(TODAY, group=group)
        told = await mapped(bank, then)

        agrees(told, then)
        assert then.measure("kpi:persona_health") != now.measure("kpi:persona_health")
    assert {r["key"] for r in then.links()} != {r["key"] for r in now.links()}


async def test_a_group_gets_the_objectives_for_it_and_those_for_nobody_in_particular(
    bank: Store,
) -> None:
    """
    Answers for traders are on the map of the small traders, and not on that of the senior savers.
    """
    traders = nodes(await mapped(bank, Files(TODAY, group="persona:small_trader")))
    seniors = nodes(await mapped(bank, Files(TODAY, group="persona:senior_saver")))
    ids = [{node["objective"]["id"] for node in found} for found in (traders, seniors)]
    general = {f"objective:{r['key']}" for r in held("objectives", TODAY)} - {
        r["source"] for r in held("for_group", TODAY)
    }

    assert "objective:trader_answers" in ids[0] - ids[1]
    assert general <= ids[0] & ids[1]


async def test_a_group_is_a_group_that_exists(bank: Store) -> None:
    """
    A KPI is no group; a persona that is over or was never there has no map.
    """
    text = """
    query ($g: ID, $day: DateTime) {
      strategyMap(group: $g, asOf: {validAt: $day}) { edges { id } }
    }
    """
    gone = {"g": "persona:branch_loyalist", "day": TODAY}

    assert ["BAD_REQUEST"] == await codes(bank, text, g="kpi:nps")
    assert ["BAD_REQUEST"] == await codes(bank, text, g="nonsense")
    assert {"strategyMap": None} == await answer(bank, text, g="persona:nobody")
    assert {"strategyMap": None} == await answer(bank, text, **gone)
    assert None is not (await answer(bank, text, **gone | {"day": "2025-01-01"}))["strategyMap"]


async def test_the_map_is_one_statement(bank: Store) -> None:
    """
    Figures, links, names and two drawings of it: one read.
    """
    await answer(
        bank,
        "{ strategyMap { arrows { sign } perspectives { nodes { measures { value } } }"
        " drawing svg: drawing(format: SVG) } }",
    )

    assert 1 == bank.reads


async def test_what_was_known_then_makes_the_map_of_then(store: Store, tmp_path: Path) -> None:
    """
    In November 2025 nobody knew the churn restated in December, nor targets recorded later.
    """
    remembered(tmp_path)
    await load(store, tmp_path, TESTER)
    group, day = "persona:small_trader", "2025-08-31"
    then = Files(day, "2025-11-01", group)
    late = Files(day, group=group)

    agrees(await mapped(store, then, known=f"{then.known}T12:00:00Z"), then)
    agrees(await mapped(store, late), late)
    assert then.measure("kpi:churn")["value"] != late.measure("kpi:churn")["value"]


def remembered(folder: Path) -> None:
    """The bank's files as if all had been known since before its first day."""
    for file in BANK.glob("*.csv"):
        rows = [{"recorded_on": "", **row} for row in table(file.stem)]
        with folder.joinpath(file.name).open("w", encoding="utf-8", newline="") as made:
            writer = csv.DictWriter(made, rows[0])
            writer.writeheader()
            for row in rows:
                writer.writerow(row | {"recorded_on": row["recorded_on"] or "2023-01-01"})


async def test_drawings_of_the_bank_hold_its_answers(bank: Store) -> None:
    """
    Things and arrows of each drawing are those of the answer, by the names that people know.
    """
    told = await answer(bank, DRAWN)
    objectives = {node["objective"]["id"]: node["objective"]["name"] for node in nodes(told["map"])}
    found = {
        "map": (
            objectives.keys(),
            [(x["from"]["id"], x["to"]["id"]) for x in told["map"]["arrows"]],
        ),
        "lineage": (
            {node["node"]["id"] for node in told["lineage"]["nodes"]},
            [(edge["from"], edge["to"]) for edge in told["lineage"]["edges"]],
        ),
        "chains": (
            {e[end]["id"] for c in told["chains"]["chains"] for e in c["edges"] for end in ENDS},
            {
                e["id"]: (e["from"]["id"], e["to"]["id"])
                for c in told["chains"]["chains"]
                for e in c["edges"]
            }.values(),
        ),
    }
    for name, (things, arrows) in found.items():
        drawn = nx.read_graphml(BytesIO(told[name]["drawing"].encode()), force_multigraph=True)

        assert set(things) == set(drawn)
        assert sorted(arrows) == sorted(drawn.edges())
    graph = nx.read_graphml(BytesIO(told["map"]["drawing"].encode()), force_multigraph=True)
    assert objectives == dict(graph.nodes(data="label"))
    assert {n["objective"]["id"]: n["rank"] for n in nodes(told["map"])} == dict(
        graph.nodes(data="rank")
    )
    versions = nx.read_graphml(BytesIO(told["lineage"]["drawing"].encode()))
    assert "persona health v2" == versions.nodes["kpi_version:persona_health/v2"]["label"]


BLIND = """
{
  strategyMap {
    perspectives { nodes { objective { id } measures { kpi { id } group { id } value } } }
    arrows { from { id } sign edges { id } } edges { id group { id } }
    drawing(format: GRAPHML) text: drawing
  }
  lineage(of: "kpi:time_to_resolve", direction: DOWNSTREAM) {
    nodes { node { id } } drawing(format: GRAPHML)
  }
  chains(from: "kpi:time_to_resolve", to: "kpi:nps", first: 100) {
    chains { edges { id } } drawing(format: GRAPHML) text: drawing
  }
}
"""


async def test_nothing_of_a_hidden_persona_is_told_or_drawn(bank: Store) -> None:
    """
    Neither an id nor the name of a persona is in a map, a lineage, chains or a drawing of them.
    """
    names = [row["name"] for row in table("personas")]
    every = json.dumps(await answer(bank, BLIND))
    told = await answer(bank, BLIND, without("Persona"))
    text = json.dumps(told)

    assert "persona:small_trader" in every and "Small trader" in every
    assert [] == [name for name in (*names, "persona:", "/small_trader/") if name in text]
    assert len(held("objectives", TODAY)) == len(nodes(told["strategyMap"]))


ENDS = ("from", "to")
DRAWN = """
{
  map: strategyMap {
    perspectives { nodes { rank objective { id name } } } arrows { from { id } to { id } }
    drawing(format: GRAPHML)
  }
  lineage(of: "kpi:persona_health", layers: [KPI, DATASET]) {
    nodes { node { id } } edges { from to } drawing(format: GRAPHML)
  }
  chains(from: "initiative:adviser_school", to: "kpi:churn", first: 9) {
    chains { edges { id from { id } to { id } } } drawing(format: GRAPHML)
  }
}
"""
