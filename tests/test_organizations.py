"""Other organizations than the bank: published examples, told in the same tables."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import Any

import networkx as nx
import pytest

from graph.store import Store
from loaders.load import load
from tests.asking import TESTER, answer, codes
from tests.looking import loaded, numbers
from tests.published import LINKS, MEASURES, OBJECTIVES, C, F, L, P

SEED = Path(__file__).parent.parent / "seed"
MAP = """
{
  plans { nodes { organization perspectives(orderBy: [{field: ORDER}]) { nodes { key order } } } }
  themes { nodes { key } }
  objectives {
    nodes { key perspective { key } theme { key } effects { edges { sign weight node { id } } } }
  }
}
"""
CHAINS = """
query ($from: ID!, $to: ID!) {
  chains(from: $from, to: $to, first: 100) {
    chains { sign effect edges { to { id } } }
    completeness { complete }
  }
}
"""
IMPACT = """
query ($of: ID!) {
  impact(of: [{on: $of}]) {
    effects { on { id } group { id } sign chains(first: 100) { effect } }
    completeness { complete }
  }
}
"""


@pytest.fixture(params=LINKS)
async def organization(request: pytest.FixtureRequest, store: Store) -> str:
    """Each of the organizations in turn, loaded."""
    name: str = request.param
    await load(store, SEED / name, TESTER)
    return name


async def southwest(store: Store) -> None:
    """Load the turnaround."""
    await load(store, SEED / "southwest_turnaround", TESTER)


def graph(name: str) -> nx.DiGraph[str]:
    """The published links of an organization, as ids."""
    return nx.DiGraph((f"objective:{a}", f"objective:{b}") for a, b in LINKS[name])


def keys(page: Any) -> list[str]:
    """Keys of the things on a page."""
    return [node["key"] for node in page["nodes"]]


def key(one: Any) -> str | None:
    """The key of a thing, if there is one."""
    return one and one["key"]


async def test_an_organization_loads_whole_and_twice_writes_nothing(
    store: Store, organization: str
) -> None:
    """
    Every file is read, none is left out; of the same files again a load says so.
    """
    before = await numbers(store)
    again = await load(store, SEED / organization, TESTER)
    report = await load(store, SEED / organization, TESTER, dry_run=True)
    assert again.already
    assert before == await numbers(store)
    assert {path.stem for path in (SEED / organization).glob("*.csv")} == set(report.rows)
    receipt = report.receipt
    assert (0, 0, 0) == (receipt.created, receipt.changed, receipt.ended)


async def test_every_objective_and_link_of_the_original_is_there(
    store: Store, organization: str
) -> None:
    """
    With its perspective and theme; each link has its sign and no weight.
    """
    told = (await answer(store, MAP))["objectives"]["nodes"]
    found = {(one["key"], key(one["perspective"]), key(one["theme"])) for one in told}
    links = [(one["key"], edge) for one in told for edge in one["effects"]["edges"]]

    assert OBJECTIVES[organization] == found
    ends = [(start, edge["node"]["id"].removeprefix("objective:")) for start, edge in links]
    assert sorted(LINKS[organization]) == sorted(ends)
    assert {(1, None)} == {(edge["sign"], edge["weight"]) for _, edge in links}


async def test_chains_have_a_direction_and_no_number(store: Store, organization: str) -> None:
    """
    Between any two objectives: networkx's simple paths, all upward, without an effect.
    """
    links = graph(organization)
    for start, end in {
        "southwest_turnaround": [("aligned_crew", "profit")],
        "gasoline_segments": [("climate", "roce"), ("information", "delight")],
        "city_scorecard": [("skills_gap", "tax_base"), ("tax_base", "economic_opportunity")],
    }[organization]:
        ends = {"from": f"objective:{start}", "to": f"objective:{end}"}
        told = (await answer(store, CHAINS, **ends))["chains"]
        ways = [[one["to"]["id"] for one in chain["edges"]] for chain in told["chains"]]

        expected = [way[1:] for way in nx.all_simple_paths(links, ends["from"], ends["to"])]
        assert expected
        assert sorted(expected) == sorted(ways)
        assert {(1, None)} == {(chain["sign"], chain["effect"]) for chain in told["chains"]}
        assert told["completeness"]["complete"]


async def test_an_impact_reaches_all_that_lies_ahead(store: Store, organization: str) -> None:
    """
    From every objective: networkx's descendants, each of them up and without a number.
    """
    links = graph(organization)
    for start in links:
        told = (await answer(store, IMPACT, of=start))["impact"]
        effects = told["effects"]

        assert nx.descendants(links, start) == {one["on"]["id"] for one in effects}
        assert {1} >= {one["sign"] for one in effects}
        assert {None} >= {chain["effect"] for one in effects for chain in one["chains"]}
        assert told["completeness"]["complete"]


async def test_southwest_goes_from_its_crew_to_its_profit_by_the_published_ways(
    store: Store,
) -> None:
    """
    A fast turnaround leads to profit over fewer planes, and over flights or prices and customers.
    """
    await southwest(store)
    ends = {"from": "objective:aligned_crew", "to": "objective:profit"}
    told = (await answer(store, CHAINS, **ends))["chains"]["chains"]
    ways = {
        " > ".join(edge["to"]["id"].removeprefix("objective:") for edge in chain["edges"])
        for chain in told
    }

    assert {
        "fast_turnaround > fewer_planes > profit",
        "fast_turnaround > on_time > more_customers > more_revenue > profit",
        "fast_turnaround > low_price > more_customers > more_revenue > profit",
    } == ways


async def test_southwest_has_its_measures_targets_and_initiatives(store: Store) -> None:
    """
    Minutes became hours, ranks counts; each initiative pushes its KPI the good way, by no number.
    """
    await southwest(store)
    text = """
    {
      kpis {
        nodes {
          key
          objectives { nodes { key } }
          versions { nodes { unit direction } }
          series { nodes { scopeKind targets { nodes { value targetKind } } } }
          initiatives { edges { change sign fromPeriod node { key } } }
        }
      }
      kpi(key: "crew_trained") { purpose }
    }
    """
    told = await answer(store, text)
    found = []
    for one in told["kpis"]["nodes"]:
        (version,), (series,) = one["versions"]["nodes"], one["series"]["nodes"]
        targets = [target["value"] for target in series["targets"]["nodes"]] or [None]
        pushed = [(edge["node"]["key"], edge["sign"]) for edge in one["initiatives"]["edges"]]
        (objective,) = keys(one["objectives"])
        row = (one["key"], objective, version["unit"], version["direction"], *targets, pushed)
        found.append(row)

    assert MEASURES == found
    for part in ("70 in year 1", "90 in year 3", "100 in year 5"):
        assert part in told["kpi"]["purpose"]


async def test_a_change_known_by_its_sign_only_moves_a_kpi_without_a_number(store: Store) -> None:
    """
    The cycle-time programme shortens the time on the ground, and nobody says by how much.
    """
    await southwest(store)
    told = (await answer(store, IMPACT, of="initiative:cycle_time_programme"))["impact"]

    moved = {one["on"]["id"]: (one["sign"], one["chains"]) for one in told["effects"]}
    nothing = [{"effect": None}]
    assert {
        "kpi:ground_time": (-1, nothing),
        "kpi:on_time_departure": (1, nothing),
    } == moved


async def test_the_retailer_says_whom_it_leaves_aside(store: Store) -> None:
    """
    Five segments with their shares in words; two are excluded with a reason, three are aimed at.
    """
    await load(store, SEED / "gasoline_segments", TESTER)
    text = """
    {
      segments(orderBy: [{field: NAME}]) { nodes { name status rationale evidence } }
      objective(key: "delight") { groups { nodes { ... on Segment { key } } } }
    }
    """
    told = await answer(store, text)
    shares = {"Generation F3": 27, "Homebodies": 21, "Price Shoppers": 20}
    shares |= {"Road Warriors": 16, "True Blues": 16}
    aside = {"Homebodies": "not targeted", "Price Shoppers": "not targeted"}

    nodes = told["segments"]["nodes"]
    assert list(shares) == [one["name"] for one in nodes]
    for one in nodes:
        assert f" {shares[one['name']]} % " in one["evidence"]
        assert aside.get(one["name"]) == one["rationale"]
        assert ("EXCLUDED" if one["rationale"] else "ACTIVE") == one["status"]
    aimed = ["generation_f3", "road_warriors", "true_blues"]
    assert aimed == sorted(keys(told["objective"]["groups"]))


async def test_the_city_puts_citizens_on_top_and_finance_below_them(store: Store) -> None:
    """
    Perspectives in the order of the map, and the five focus areas.
    """
    await load(store, SEED / "city_scorecard", TESTER)
    told = await answer(store, MAP)
    (plan,) = told["plans"]["nodes"]

    assert [C, F, P, L] == keys(plan["perspectives"])
    assert [
        "community_safety",
        "economic_development",
        "environment",
        "housing_neighbourhoods",
        "transportation",
    ] == keys(told["themes"])


async def test_the_loop_of_the_city_comes_to_an_end(store: Store) -> None:
    """
    Tax base, infrastructure, transport, opportunity: once round, and the base is not its own cause.
    """
    await load(store, SEED / "city_scorecard", TESTER)
    loop = ["tax_base", "infrastructure", "safe_transport", "economic_opportunity", "tax_base"]
    told = (await answer(store, IMPACT, of="objective:tax_base"))["impact"]
    home = {"from": "objective:tax_base", "to": "objective:tax_base"}

    assert set(pairwise(loop)) <= LINKS["city_scorecard"]
    reached = {one["on"]["id"] for one in told["effects"]}
    assert {f"objective:{name}" for name in loop[1:-1]} == reached
    assert told["completeness"]["complete"]
    assert [] == (await answer(store, CHAINS, **home))["chains"]["chains"]
    assert [] == await codes(store, CHAINS, **home)


async def test_a_perspective_may_be_of_an_own_kind(store: Store, tmp_path: Path) -> None:
    """
    A fifth one besides the four of Kaplan and Norton has a name, a place and no kind.
    """
    await loaded(
        store,
        tmp_path,
        perspectives="key,name,kind,order\nplanet,Planet,,1\ncustomer,Customer,CUSTOMER,2\n",
        objectives="key,name,perspective\nless_waste,Less waste,planet\n",
    )
    text = """
    {
      perspectives(orderBy: [{field: ORDER}]) {
        nodes { key perspectiveKind objectives { nodes { key } } }
      }
    }
    """
    told = (await answer(store, text))["perspectives"]["nodes"]

    assert [("planet", None, ["less_waste"]), ("customer", "CUSTOMER", [])] == [
        (one["key"], one["perspectiveKind"], keys(one["objectives"])) for one in told
    ]
