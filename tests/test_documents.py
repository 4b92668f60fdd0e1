"""What a document may look like: fragments, aliases, directives, variables, types."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient

from api.app import create_app
from graph.store import Address, Store
from tests.files import held
from tests.serving import PATIENT, ask

Client = TestClient


@pytest.fixture
def client(bank: Store, address: Address) -> Iterator[Client]:
    """The service over the sample bank."""
    with TestClient(create_app(address, limits=PATIENT)) as it:
        yield it


def test_fragments_of_every_form_tell_the_same(client: Client) -> None:
    """
    Named, inline, nested, on interfaces, without condition, several under one alias.
    """
    told = ask(
        client,
        """
        query {
          plain: kpi(key: "nps") { id name status kpiKind owners { totalCount nodes { id name } } }
          mixed: node(id: "kpi:nps") {
            ...identified
            ... on Entity { name ... on Kpi { owners { totalCount } } ...stated }
            ... { ... on Kpi { kpiKind owners { nodes { id } } } }
            ... on Kpi { owners { nodes { name } } }
            ... on Role { influence }
            ... on Affects { weight }
          }
        }
        fragment identified on Node { id }
        fragment stated on Entity { status }
        """,
    )["data"]

    assert told["plain"] == told["mixed"]


def test_one_alias_under_two_conditions_is_merged(client: Client) -> None:
    """
    Kinds may answer one alias differently, and what two fragments ask below it comes together.
    """
    told = ask(
        client,
        """
        query ($asOf: AsOf) {
          nodes(ids: ["kpi:nps", "role:head_app", "persona:senior_saver"], asOf: $asOf) {
            __typename
            ... on Kpi { told: name }
            ... on Role { told: key }
            ... on Persona { told: key segments { edges { share } } }
            ... on Persona { segments { edges { node { key } } pageInfo { hasNextPage } } }
            ... on Entity { validFrom: name }
          }
          archive(kinds: [PERSONA], asOf: $asOf) {
            nodes {
              ... on Entity { end: retirement { at } }
              ... on Persona { end: retirement { reason successor { id } } }
              ... on Persona { end: retirement { successor { ... on Persona { name } } } }
            }
          }
        }
        """,
        asOf={"validAt": "2026-07-20"},
    )["data"]
    kpi, role, persona = told["nodes"]

    assert ("Kpi", "Net promoter score") == (kpi["__typename"], kpi["told"])
    assert ("Role", "head_app", "Head of app") == (
        role["__typename"],
        role["told"],
        role["validFrom"],
    )
    assert {
        "edges": [{"share": 0.47, "node": {"key": "mass_retail"}}],
        "pageInfo": {"hasNextPage": False},
    } == persona["segments"]
    assert [
        {
            "end": {
                "at": "2025-04-01T00:00:00Z",
                "reason": "same needs as senior_saver",
                "successor": {"id": "persona:senior_saver", "name": "Senior saver"},
            }
        }
    ] == told["archive"]["nodes"]


def test_a_field_may_take_the_name_of_its_type(client: Client) -> None:
    """
    An alias may be any name, also one that looks like our own.
    """
    told = ask(client, '{ node(id: "kpi:nps") { __typename: id ... on Kpi { the_type: key } } }')

    assert {"__typename": "kpi:nps", "the_type": "nps"} == told["data"]["node"]


SKIPPING = """
query ($yes: Boolean!, $no: Boolean!) {
  kpi(key: "nps") {
    key
    a: name @include(if: $yes)
    b: name @include(if: $no)
    c: name @skip(if: $yes)
    d: name @skip(if: $no) @include(if: $yes)
    ... @include(if: $no) { e: name }
    ... on Kpi @skip(if: $no) { f: name owners @include(if: $no) { totalCount } }
    ...g @include(if: $yes)
    series(first: 1) { nodes @skip(if: $yes) { key } totalCount @include(if: $yes) }
  }
  theme(key: "service_first") @skip(if: $yes) { key }
}
fragment g on Kpi { g: name @skip(if: $yes) h: name @skip(if: $no) }
"""


def test_fields_are_skipped_and_included_by_variables(client: Client) -> None:
    """
    On fields, on fragments of each form, at the root and below.
    """
    told = ask(client, SKIPPING, yes=True, no=False)["data"]

    assert ["kpi"] == list(told)
    assert {"key", "a", "d", "f", "h", "series"} == told["kpi"].keys()
    assert ["totalCount"] == list(told["kpi"]["series"])


def test_the_type_can_be_asked_for_everywhere(client: Client) -> None:
    """
    At the root, on things, links, connections, edges, pages, and in computed answers.
    """
    told = ask(
        client,
        """
        {
          __typename
          kpi(key: "nps") {
            __typename owners { __typename edges { __typename node { __typename } }
            pageInfo { __typename } }
            perspective { __typename }
          }
          node(id: "affects:nps/churn/all/1") {
            __typename ... on Affects { source { __typename } }
          }
          archive(first: 1) { __typename nodes { __typename retirement { __typename } } }
          lineage(of: "kpi:nps", maxDepth: 1) {
            __typename nodes { __typename node { __typename } } edges { __typename }
            completeness { __typename }
          }
          chains(from: "kpi:nps", to: "kpi:churn") {
            chains { __typename edges { __typename from { __typename } } }
          }
        }
        """,
    )["data"]

    assert "Query" == told["__typename"]
    assert {
        "__typename": "Kpi",
        "owners": {
            "__typename": "OwnsToRoleConnection",
            "edges": [{"__typename": "OwnsToRoleEdge", "node": {"__typename": "Role"}}],
            "pageInfo": {"__typename": "PageInfo"},
        },
        "perspective": {"__typename": "Perspective"},
    } == told["kpi"]
    assert {"__typename": "Affects", "source": {"__typename": "Kpi"}} == told["node"]
    assert "ArchiveConnection" == told["archive"]["__typename"]
    assert {"Retirement"} == {n["retirement"]["__typename"] for n in told["archive"]["nodes"]}
    assert {"LineageNode"} == {node["__typename"] for node in told["lineage"]["nodes"]}
    assert "Kpi" in {node["node"]["__typename"] for node in told["lineage"]["nodes"]}
    assert {"from": {"__typename": "Kpi"}, "__typename": "CauseEdge"} == (
        told["chains"]["chains"][0]["edges"][0]
    )


def test_variables_stand_anywhere_in_a_filter(client: Client) -> None:
    """
    A whole filter, a part, one value, a word, a default; aliases side by side.
    """
    told = ask(
        client,
        """
        query ($whole: RoleFilter, $part: RoleFilter!, $text: String, $word: Influence!,
               $first: Int = 2, $day: DateTime = "2026-07-20") {
          a: roles(filter: $whole, asOf: {validAt: $day}) { totalCount }
          b: roles(filter: {and: [$part, {name: {contains: $text}}]}) { totalCount }
          c: roles(filter: {influence: {in: [$word]}}, first: $first) { nodes { key } }
          d: kpis(filter: {owners: $part}, first: $first) { nodes { key } totalCount }
        }
        """,
        whole={"name": {"startsWith": "Head"}},
        part={"influence": {"eq": "DIRECT"}},
        text="head",
        word="REPORTING",
    )["data"]
    heads = [row for row in held("roles") if row["name"].startswith("Head")]

    assert {"totalCount": len(heads)} == told["a"]
    assert {"totalCount": len([r for r in heads if r["influence"] == "DIRECT"])} == told["b"]
    assert {"nodes": [{"key": "head_data"}]} == told["c"]
    assert 2 == len(told["d"]["nodes"]) < told["d"]["totalCount"]


def test_a_link_tells_its_own_fields_also_those_named_like_ours(client: Client) -> None:
    """
    `kind` of a measure is what the table says, by way of the connection and by id.
    """
    told = ask(
        client,
        """
        {
          objective(key: "lean_service") { kpis { edges { kind weight id } } }
          node(id: "measured_by:objective:lean_service/kpi:cost_to_serve") {
            ... on MeasuredBy { kind weight }
          }
        }
        """,
    )["data"]
    (edge,) = told["objective"]["kpis"]["edges"]

    assert {"kind": "PRIMARY", "weight": 1.0} == told["node"]
    assert {"id": "measured_by:objective:lean_service/kpi:cost_to_serve", **told["node"]} == edge
