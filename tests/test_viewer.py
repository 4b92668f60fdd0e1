"""What a viewer may not see is left out without trace, and no statement can forget to."""

from __future__ import annotations

import json
import re
from base64 import urlsafe_b64decode
from typing import Any

import networkx as nx
import pytest

from graph.ontology import ONTOLOGY
from graph.store import Store
from graph.viewers import EVERYONE, Viewer
from tests.asking import answer, both, code_of, link, put, thing
from tests.files import causes, flows, held

EVERY = frozenset(kind.label for kind in ONTOLOGY.kinds.values())


def without(*labels: str) -> Viewer:
    """Somebody who may see everything but these kinds."""
    return Viewer("somebody", EVERY - set(labels))


EVERYWHERE = """
query ($first: Int!) {
  nodes(ids: ["persona:senior_saver", "kpi:nps", "role:head_app",
              "persona_of:persona:senior_saver/segment:mass_retail",
              "changes:initiative:call_back/kpi:time_to_resolve/persona:digital_native//2026-03",
              "affects:time_to_resolve/nps/small_trader/2"]) { id }
  persona(key: "senior_saver") { id }
  personas(first: $first) { totalCount nodes { id } pageInfo { endCursor } }
  roles(first: $first) { totalCount edges { cursor node { id name } } }
  segments(first: $first) {
    nodes {
      id customers personas { totalCount nodes { id name } edges { id share node { id } } }
      objectives { nodes { id } } owners { totalCount nodes { id } }
    }
  }
  objectives(first: $first) {
    nodes { id groups { totalCount nodes { id } edges { id } } owners { nodes { id } } }
  }
  kpis(first: $first) {
    nodes {
      id owners { totalCount edges { id accountability node { id } } }
      requestedBy { id }
      series { nodes { groups { totalCount nodes { id } edges { id } } } }
      effects { totalCount edges { id group { id } weight } }
      initiatives { totalCount edges { id group { id } change node { id } } }
    }
  }
  initiatives { nodes { id groups { nodes { id } } changes { edges { id group { id } } } } }
  decisions { nodes { id about changed decidedBy { id } grounds { totalCount nodes { id } } } }
  search(text: "s", first: $first) { totalCount nodes { id } edges { cursor } }
  archive { totalCount nodes { id retirement { successor { id } } } edges { cursor } }
  up: lineage(of: "kpi:nps") { ...steps }
  down: lineage(of: "source_system:crm", direction: DOWNSTREAM) { ...steps }
  hidden: lineage(of: "persona:senior_saver") { ...steps }
  chains(from: "initiative:adviser_school", to: "kpi:revenue_per_customer", first: 100) {
    chains { edges { id from { id } to { id } group { id } } } completeness { explored frontier }
  }
  impact(of: [{on: "initiative:adviser_school"}]) {
    effects { on { id } group { id } chains { edges { id } } } completeness { frontier }
  }
}
fragment steps on Lineage {
  root { id } nodes { node { id } } edges { id from to owners { id } job { id } } sources { id }
  completeness { explored frontier }
}
"""


async def test_ids_of_hidden_kinds_occur_nowhere(bank: Store) -> None:
    """
    Without personas and roles no id, cursor, link id or key of one is in any answer.
    """
    every = await answer(bank, EVERYWHERE, first=200)
    told = await answer(bank, EVERYWHERE, without("Persona", "Role"), first=200)

    assert {"persona", "role"} <= kinds_in(every)
    assert not {"persona", "role"} & kinds_in(told)
    assert {"totalCount": 0, "nodes": [], "pageInfo": {"endCursor": None}} == told["personas"]
    assert {"totalCount": 0, "edges": []} == told["roles"]
    assert [None, {"id": "kpi:nps"}, None, None, None, None] == told["nodes"]
    assert (None, None) == (told["persona"], told["hidden"])


def without_cursors(told: Any) -> Any:
    """An answer without what holds the instant at which it was given."""
    return json.loads(re.sub(r'"(cursor|endCursor)": "[^"]+"', r'"\1": ""', json.dumps(told)))


def kinds_in(told: Any) -> set[str]:
    """First parts of everything that looks like a global id, in texts and inside of cursors."""
    text = json.dumps(told)
    for cursor in re.findall(r'"(?:cursor|endCursor)": "([^"]+)"', text):
        text += urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))[6:].decode()
    return set(re.findall(r"\b([a-z_]+):", text)) & ONTOLOGY.kinds.keys()


async def test_who_sees_everything_sees_the_same_with_and_without_a_list(bank: Store) -> None:
    """
    A viewer of all kinds is told what the unrestricted viewer is told.
    """
    every = await answer(bank, EVERYWHERE, EVERYONE, first=200)
    told = await answer(bank, EVERYWHERE, Viewer("all", EVERY), first=200)

    assert without_cursors(every) == without_cursors(told)


async def test_who_sees_nothing_is_told_nothing(bank: Store) -> None:
    """
    No kinds at all: nulls, empty pages, and zeros.
    """
    told, errors = await both(bank, EVERYWHERE, Viewer("nobody", frozenset()), first=200)

    assert ["NOT_FOUND"] == [code_of(error) for error in errors]
    assert set() == kinds_in(told)
    assert not re.search(r'"totalCount": [1-9]', json.dumps(told))


async def test_totals_and_filters_do_not_count_what_is_hidden(bank: Store) -> None:
    """
    Segments with personas, totals below, searches: for who may not see personas there are none.
    """
    text = """
    {
      segments(filter: {personas: {}}, asOf: {validAt: "2026-07-20"}) { totalCount }
      segment(key: "mass_retail", asOf: {validAt: "2026-07-20"}) { personas { totalCount } }
      search(text: "digital native") { totalCount }
      kpis(filter: {owners: {}}) { totalCount }
    }
    """
    personas = held("persona_of")
    told = await answer(bank, text)
    blind = await answer(bank, text, without("Persona", "Role"))

    assert len({r["target"] for r in personas}) == told["segments"]["totalCount"]
    mass = [r for r in personas if r["target"] == "segment:mass_retail"]
    assert len(mass) == told["segment"]["personas"]["totalCount"]
    assert told["search"]["totalCount"] > 0 < told["kpis"]["totalCount"]
    assert {
        "segments": {"totalCount": 0},
        "segment": {"personas": {"totalCount": 0}},
        "search": {"totalCount": 0},
        "kpis": {"totalCount": 0},
    } == blind


@pytest.mark.parametrize("hidden", ["KpiVersion", "Field", "Dataset", "Role", "SourceSystem"])
async def test_lineage_does_not_pass_through_what_is_hidden(bank: Store, hidden: str) -> None:
    """
    What is upstream for a viewer is what networkx reaches in the files without that kind.
    """
    text = """
    {
      lineage(of: "kpi:persona_health", asOf: {validAt: "2026-07-20"}) {
        nodes { depth node { id } } completeness { complete explored }
      }
    }
    """
    word = next(kind.word for kind in ONTOLOGY.kinds.values() if kind.label == hidden)
    graph = flows("2026-07-20").reverse()
    graph.remove_nodes_from([n for n in graph if n.startswith(f"{word}:")])
    told = (await answer(bank, text, without(hidden)))["lineage"]
    near = nx.single_source_shortest_path_length(graph, "kpi:persona_health")

    assert dict(near) == {node["node"]["id"]: node["depth"] for node in told["nodes"]}
    assert {"complete": True, "explored": len(near)} == told["completeness"]


@pytest.mark.parametrize("hidden", ["Process", "Kpi"])
async def test_causes_do_not_pass_through_what_is_hidden(bank: Store, hidden: str) -> None:
    """
    Without processes the school acts on KPIs alone; without KPIs it reaches nothing but processes.
    """
    text = """
    {
      impact(of: [{on: "initiative:adviser_school"}], asOf: {validAt: "2026-07-20"}) {
        effects { on { id } chains(first: 100) { edges { from { id } to { id } } } }
      }
    }
    """
    graph = causes("2026-07-20")
    graph.remove_nodes_from([n for n in graph if n.startswith(f"{hidden.lower()}:")])
    told = (await answer(bank, text, without(hidden)))["impact"]["effects"]
    passed = {e[end]["id"] for x in told for c in x["chains"] for e in c["edges"] for end in e}
    reached = nx.descendants(graph, "initiative:adviser_school")

    assert reached == {effect["on"]["id"] for effect in told}
    assert passed - {"initiative:adviser_school"} == reached


async def test_a_link_for_a_hidden_group_is_not_a_link_for_all(store: Store) -> None:
    """
    Who may not see personas is not told what moves one of them, nor that something does.
    """
    await put(
        store,
        thing("persona:p"),
        thing("kpi:a", kpiKind="BASE"),
        thing("kpi:b", kpiKind="BASE"),
        link("affects", "kpi:a", "kpi:b", key="a/b/p/1", sign=1, weight=2.0, group="persona:p"),
    )
    text = """
    {
      kpi(key: "a") { effects { totalCount edges { weight } } }
      node(id: "affects:a/b/p/1") { id }
      chains(from: "kpi:a", to: "kpi:b") { chains { effect } completeness { explored } }
      impact(of: [{on: "kpi:a"}]) { effects { on { id } } }
    }
    """
    told = await answer(store, text)
    blind = await answer(store, text, without("Persona"))

    assert (1, 2.0) == (
        told["kpi"]["effects"]["totalCount"],
        told["chains"]["chains"][0]["effect"],
    )
    assert {
        "kpi": {"effects": {"totalCount": 0, "edges": []}},
        "node": None,
        "chains": {"chains": [], "completeness": {"explored": 0}},
        "impact": {"effects": []},
    } == blind


async def test_things_over_are_hidden_like_things_in_force(bank: Store) -> None:
    """
    The archive of somebody who may not see KPIs holds no KPI, and is counted without them.
    """
    text = "{ archive { totalCount nodes { id } } }"
    every = (await answer(bank, text))["archive"]
    told = (await answer(bank, text, without("Kpi")))["archive"]
    rest = [node for node in every["nodes"] if not node["id"].startswith("kpi:")]

    assert rest == told["nodes"] != every["nodes"]
    assert len(rest) == told["totalCount"]
