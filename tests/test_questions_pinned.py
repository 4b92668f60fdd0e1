"""The four users' questions: their exact answers, what they cost, and that these are right."""

from __future__ import annotations

import json
from math import isclose, prod
from pathlib import Path
from typing import Any

import networkx as nx
import pytest
from graphql import OperationDefinitionNode, parse

from graph.store import Store
from tests.asking import answer
from tests.files import Row, causes, day, flows, held, number, table

QUESTIONS = Path(__file__).parent / "questions"
NAMES = sorted(path.stem for path in QUESTIONS.glob("*.graphql"))
DAY = "2026-07-20"
Step = dict[str, Any]


def text_of(name: str) -> str:
    """The question as its user writes it."""
    return (QUESTIONS / f"{name}.graphql").read_text(encoding="utf-8")


def pinned(name: str) -> Any:
    """The answer that was checked."""
    return json.loads((QUESTIONS / f"{name}.json").read_text(encoding="utf-8"))


def root_fields(text: str) -> int:
    """How many questions a document asks."""
    operations = [d for d in parse(text).definitions if isinstance(d, OperationDefinitionNode)]
    return sum(len(operation.selection_set.selections) for operation in operations)


def test_the_four_users_ask_one_question_each() -> None:
    """
    Frontend, analyst, planner, auditor; what they ask is what the demo asks.
    """
    seed = Path(__file__).parents[1] / "seed" / "questions"

    assert ["analyst_lineage", "auditor_archive", "frontend_chains", "planner_impact"] == NAMES
    assert {path.name for path in seed.iterdir()} == {f"{name}.graphql" for name in NAMES}
    for name in NAMES:
        assert (seed / f"{name}.graphql").read_text(encoding="utf-8") == text_of(name)


@pytest.mark.parametrize("name", NAMES)
async def test_a_users_question_keeps_its_answer_and_its_cost(bank: Store, name: str) -> None:
    """
    The answer to the last byte, for one statement a root field.
    """
    told = await answer(bank, text_of(name))

    assert pinned(name) == told
    assert root_fields(text_of(name)) == bank.reads


@pytest.mark.parametrize(
    ("alias", "root"),
    [("upstream", "kpi:persona_health"), ("downstream", "field:crm_customers/closed_on")],
)
def test_the_analyst_is_told_what_networkx_reaches_in_the_files(alias: str, root: str) -> None:
    """
    Every node at its depth, every edge among them, and where it all begins.
    """
    told = pinned("analyst_lineage")[alias]
    graph = flows(DAY)
    walked = graph.reverse() if alias == "upstream" else graph
    near = nx.single_source_shortest_path_length(walked, root)
    inside = graph.subgraph(near)

    assert dict(near) == {node["node"]["id"]: node["depth"] for node in told["nodes"]}
    assert sorted(inside.edges) == sorted({(e["from"], e["to"]) for e in told["edges"]})
    assert {n for n in inside if not inside.in_degree(n)} == {n["id"] for n in told["sources"]}
    assert {"complete": True, "explored": len(near)} == told["completeness"]


def test_the_analyst_is_told_transformation_delay_and_owner_of_every_step() -> None:
    """
    As `derived_from` says; owners of the job, else of what is fed, else of what it is fed from.
    """
    rows = {(row["target"], row["source"]): row for row in held("derived_from", DAY)}
    told = pinned("analyst_lineage")
    for edge in told["upstream"]["edges"] + told["downstream"]["edges"]:
        row = rows.get((edge["from"], edge["to"]), dict.fromkeys(("transformation", "job"), ""))
        things = (f"job:{row['job']}", edge["to"], edge["from"])

        assert (row["transformation"] or None) == edge["transformation"]
        assert number(row.get("delay_hours", "")) == edge["delayHours"]
        assert ({"key": row["job"]} if row["job"] else None) == edge["job"]
        assert next(filter(None, map(answers_for, things)), []) == [
            owner["key"] for owner in edge["owners"]
        ]


def answers_for(id_: str) -> list[str]:
    """Roles that own a thing, sponsors aside; a dataset or field is its source system's."""
    kind, _, key = id_.partition(":")
    if kind == "field":
        return answers_for(f"dataset:{cell('fields', key, 'dataset')}")
    if kind == "dataset":
        return answers_for(f"source_system:{cell('datasets', key, 'source_system')}")
    if kind in ("job", "source_system"):
        owner = cell(f"{kind}s", key, "owner")
        return [owner] if owner else []
    rows = (r for r in held("owns", DAY) if r["target"] == id_ and r["accountability"] != "SPONSOR")
    return sorted(row["source"].partition(":")[2] for row in rows)


def cell(name: str, key: str, column: str) -> str:
    """One cell of a table, empty where there is no such row."""
    return next((row[column] for row in table(name) if row["key"] == key), "")


def steps() -> dict[str, list[Step]]:
    """Causal steps of the bank by where they start, signs and lags worked out from the rows."""
    found: dict[str, list[Step]] = {}
    begun = {f"initiative:{row['key']}": row["start"] for row in table("initiatives")}
    for source, target, data in causes(DAY).edges(data=True):
        found.setdefault(source, []).append(
            {"from": source, "to": target, **step(data["table"], data["row"], begun.get(source))}
        )
    return found


def step(name: str, row: Row, begun: str | None) -> Step:
    """One causal row: less of a process metric is better work, a change is its own weight."""
    if name == "drives":
        return {"sign": int(row["sign"]), "weight": None, "lag": 0, "group": "", "sure": None}
    if name == "affects":
        sure, lag = number(row["confidence"]), int(row["lag"] or 0)
        return {
            "sign": int(row["sign"]),
            "weight": number(row["weight"]),
            "lag": lag,
            "group": row["group"],
            "sure": sure,
        }
    change = float(row["change"])
    first, start = day(f"{row['from_period']}-01"), day(begun or "")
    assert first and start
    lag = max(0, 12 * (first.year - start.year) + first.month - start.month)
    up = change > 0
    return {
        "sign": (-1 if up else 1) if row["metric"] else (1 if up else -1),
        "weight": None if row["metric"] else change,
        "lag": lag,
        "group": row["group"],
        "sure": None,
    }


def measured() -> dict[str, set[str]]:
    """For whom each KPI is measured; empty text = for all."""
    found: dict[str, set[str]] = {}
    for row in held("series", DAY):
        found.setdefault(f"kpi:{row['kpi']}", set()).add(row["group"])
    return found


def ways(start: str, group: str | None) -> list[list[Step]]:
    """Every way from a start that visits nothing twice and that one group can go."""
    out, scopes = steps(), measured()
    found: list[list[Step]] = []

    def go(at: str, way: list[Step], seen: set[str]) -> None:
        for one in out.get(at, ()):
            if one["to"] not in seen:
                longer = [*way, one]
                if possible(longer, group, scopes):
                    found.append(longer)
                go(one["to"], longer, seen | {one["to"]})

    go(start, [], {start})
    return found


def possible(way: list[Step], group: str | None, scopes: dict[str, set[str]]) -> bool:
    """Whether its links are for one group at most, the asked one if any, measured all the way."""
    named = {one["group"] for one in way} - {""}
    goer = group or next(iter(named), None)
    if not named <= ({group} if group else named) or len(named) > 1:
        return False
    nodes = [way[0]["from"], *(one["to"] for one in way)]
    return goer is None or all(
        not scopes.get(n) or goer in scopes[n] or scopes[n] == {""} for n in nodes
    )


def told_of(way: list[Step]) -> dict[str, Any]:
    """Sign, effect, lag and weakest confidence of a way."""
    weights = [one["weight"] for one in way]
    return {
        "sign": prod(one["sign"] for one in way),
        "effect": None if None in weights else prod(weights),
        "lag": sum(one["lag"] for one in way),
        "weakestConfidence": min((one["sure"] for one in way if one["sure"]), default=None),
    }


def test_the_frontend_is_told_the_five_largest_of_all_chains() -> None:
    """
    Found anew by brute force over the rows: signs, effects, lags, the least sure of the links.
    """
    goal = "kpi:revenue_per_customer"
    every = [way for way in ways("initiative:adviser_school", None) if way[-1]["to"] == goal]
    told = pinned("frontend_chains")["chains"]
    sized = sorted((w for w in every if told_of(w)["effect"] is not None), key=size, reverse=True)

    assert {"complete": True, "explored": len(every)} == told["completeness"]
    for way, chain in zip(sized[:5], told["chains"], strict=True):
        expected = told_of(way)
        assert isclose(expected.pop("effect"), chain["effect"])
        assert expected == {name: chain[name] for name in expected}
        assert [(o["from"], o["to"], o["sign"], o["lag"], o["group"]) for o in way] == [
            (e["from"]["id"], e["to"]["id"], e["sign"], e["lag"], (e["group"] or {"id": ""})["id"])
            for e in chain["edges"]
        ]


def size(way: list[Step]) -> float:
    """Size of the effect of a way."""
    return abs(told_of(way)["effect"])


def test_the_planner_is_told_whom_the_school_reaches_and_when_first() -> None:
    """
    For every measured persona: each thing reached, its sign if all ways agree, first arrival.
    """
    groups = sorted({row["group"] for row in held("series", DAY)} - {""})
    told = pinned("planner_impact")["impact"]
    names = {f"persona:{row['key']}": row["name"] for row in table("personas")}
    expected = {}
    for group in groups:
        for way in ways("initiative:adviser_school", group):
            key = (group.partition(":")[2], names.get(group), way[-1]["to"])
            signs, lags = expected.setdefault(key, (set(), []))
            signs.add(told_of(way)["sign"])
            lags.append(told_of(way)["lag"])

    assert {
        key: (signs.pop() if len(signs) == 1 else 0, min(lags))
        for key, (signs, lags) in expected.items()
        if key[1]
    } == {
        (e["group"]["key"], e["group"]["name"], e["on"]["id"]): (e["sign"], e["lag"])
        for e in told["effects"]
        if e["group"]
    }
    assert told["completeness"]["complete"]


def test_the_auditor_is_told_what_the_retired_kpi_said_in_its_time() -> None:
    """
    Reason, decision and successor of the files, and every value of every persona until the end.
    """
    told = pinned("auditor_archive")["archive"]
    (kpi,) = [row for row in table("kpis") if row["valid_to"] and row["valid_to"] <= DAY]
    (decision,) = [row for row in table("decisions") if row["key"] == kpi["decision"]]
    (node,) = told["nodes"]
    retirement = node["retirement"]

    assert (1, f"kpi:{kpi['key']}", "RETIRED") == (told["totalCount"], node["id"], node["status"])
    assert (f"{kpi['valid_to']}T00:00:00Z", kpi["rationale"]) == (
        retirement["at"],
        retirement["reason"],
    )
    assert (decision["key"], decision["decided_on"], decision["reason"]) == tuple(
        retirement["decision"][name] for name in ("key", "decidedOn", "reason")
    )
    assert f"kpi:{kpi['successor']}" == retirement["successor"]["id"]

    series = {row["key"] for row in held("series", "2024-09-30") if row["kpi"] == kpi["key"]}
    values = {
        (row["series"], row["period"], number(row["value"]), row["status"])
        for row in table("observations")
        if row["series"] in series and row["period"] <= "2024-09"
    }
    assert values == {
        (one["key"], point["period"], point["value"], point["status"])
        for one in node["series"]["nodes"]
        for point in one["observations"]["nodes"]
    }
    assert len(values) > 50
