"""Both times through GraphQL: when it held in the world, and what was known then."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from graphql import GraphQLNonNull

from api.app import schema
from graph.changes import Change, Piece
from graph.store import Store
from graph.times import FAR
from tests.asking import TESTER, answer, both, code_of, link, put, thing
from tests.files import held


def test_every_root_field_may_be_asked_as_of_a_moment() -> None:
    """
    Only questions on the audit and on who may see what are without both times; none demands them.
    """
    fields = schema()._schema.query_type.fields  # type: ignore[union-attr]
    asked = {name: field.args.get("asOf") for name, field in fields.items()}

    without = {name for name, argument in asked.items() if argument is None}
    assert {"verifyAudit", "accessLog", "myAccess"} == without
    assert {"AsOf"} == {str(argument.type) for argument in asked.values() if argument}
    assert not any(isinstance(one.type, GraphQLNonNull) for one in asked.values() if one)


async def test_two_aliases_tell_two_dates_side_by_side(bank: Store) -> None:
    """
    Senior savers were 35 % of mass retail until the branch loyalists came to them, then 47 %.
    """
    told = await answer(
        bank,
        """
        {
          before: persona(key: "senior_saver", asOf: {validAt: "2025-03-31"}) { ...where }
          after: persona(key: "senior_saver", asOf: {validAt: "2025-04-01"}) { ...where }
        }
        fragment where on Persona { segments { edges { share validFrom validTo node { key } } } }
        """,
    )
    mass = {"key": "mass_retail"}
    from_, until = "2024-01-01T00:00:00Z", "2025-04-01T00:00:00Z"

    assert {
        "before": {
            "segments": {
                "edges": [{"share": 0.35, "validFrom": from_, "validTo": until, "node": mass}]
            }
        },
        "after": {
            "segments": {
                "edges": [{"share": 0.47, "validFrom": until, "validTo": None, "node": mass}]
            }
        },
    } == told


async def test_everything_below_is_told_as_of_the_same_moment(bank: Store) -> None:
    """
    Three links deep, through plain fields, filters and totals, the asked day is inherited.
    """
    text = """
    query ($day: DateTime!) {
      kpi(key: "time_to_resolve", asOf: {validAt: $day}) {
        effects { edges { version group { id } weight node { id } } }
        series { totalCount }
        owners { nodes { owns { totalCount } } }
        objectives { nodes { groups { nodes { ... on Persona {
          segments { edges { share } } } } } } }
      }
      node(id: "segment:mass_retail", asOf: {validAt: $day}) {
        ... on Segment { personas { totalCount nodes { key } } }
      }
      segments(filter: {personas: {key: {eq: "branch_loyalist"}}}, asOf: {validAt: $day}) {
        nodes { key }
      }
    }
    """
    for day, version in (("2024-06-01", 1), ("2026-07-20", 2)):
        told = await answer(bank, text, day=day)
        edges = [e for e in told["kpi"]["effects"]["edges"] if e["node"]["id"] == "kpi:nps"]
        links = {edge["version"]: edge for edge in edges if edge["group"]}
        series = [row for row in held("series", day) if row["kpi"] == "time_to_resolve"]
        mass = [r for r in held("persona_of", day) if r["target"] == "segment:mass_retail"]

        assert [version] == list(links)
        assert {1: -0.3, 2: -0.5}[version] == links[version]["weight"]
        assert len(series) == told["kpi"]["series"]["totalCount"]
        assert sorted(r["source"] for r in mass) == [
            f"persona:{node['key']}" for node in told["node"]["personas"]["nodes"]
        ]
        assert len(mass) == told["node"]["personas"]["totalCount"]
        loyal = [{"key": "mass_retail"}] if day == "2024-06-01" else []
        assert loyal == told["segments"]["nodes"]


async def test_a_persona_was_active_until_it_was_merged(bank: Store) -> None:
    """
    On the day it was ACTIVE; after its end it is found in the archive alone, MERGED, with reasons.
    """
    told = await answer(
        bank,
        """
        {
          then: persona(key: "branch_loyalist", asOf: {validAt: "2025-01-01"}) {
            status retirement { at } validTo
          }
          now: persona(key: "branch_loyalist", asOf: {validAt: "2026-07-20"}) { status }
          node(id: "persona:branch_loyalist", asOf: {validAt: "2026-07-20"}) { id }
          archive(kinds: [PERSONA], asOf: {validAt: "2026-07-20"}) {
            nodes {
              key status
              retirement { at reason evidence decision { key } successor { id } }
            }
          }
          early: archive(kinds: [PERSONA], asOf: {validAt: "2025-03-31"}) { totalCount }
        }
        """,
    )
    until = "2025-04-01T00:00:00Z"

    assert {"status": "ACTIVE", "retirement": None, "validTo": until} == told["then"]
    assert (None, None, {"totalCount": 0}) == (told["now"], told["node"], told["early"])
    assert [
        {
            "key": "branch_loyalist",
            "status": "MERGED",
            "retirement": {
                "at": until,
                "reason": "same needs as senior_saver",
                "evidence": [
                    "same answers in 11 of 12 survey items",
                    "persona overlap 0.83 of members",
                ],
                "decision": {"key": "merge_branch_loyalist"},
                "successor": {"id": "persona:senior_saver"},
            },
        }
    ] == told["archive"]["nodes"]


async def test_a_link_is_unknown_before_it_was_recorded(store: Store) -> None:
    """
    Recorded on the 17th of December for the year to come: on the 16th nobody knew.
    """
    year = datetime(2025, 1, 1, tzinfo=UTC)
    affects = link("affects", "kpi:a", "kpi:b", year, key="a/b/all/2", version=2, sign=-1)
    await put(
        store,
        *(
            replace(change, recorded=datetime(2023, 12, 19, tzinfo=UTC))
            for change in (thing("kpi:a", kpiKind="BASE"), thing("kpi:b", kpiKind="BASE"))
        ),
        replace(affects, recorded=datetime(2024, 12, 17, tzinfo=UTC)),
    )
    text = """
    query ($known: DateTime) {
      node(id: "affects:a/b/all/2", asOf: {validAt: "2025-06-01", knownAt: $known}) {
        id ... on Affects { version validFrom recordedAt source { id } target { id } }
      }
      kpi(key: "a", asOf: {validAt: "2025-06-01", knownAt: $known}) { effects { totalCount } }
    }
    """
    before = await answer(store, text, known="2024-12-16T23:59:59Z")
    told = {
        "id": "affects:a/b/all/2",
        "version": 2,
        "validFrom": "2025-01-01T00:00:00Z",
        "recordedAt": "2024-12-17T00:00:00Z",
        "source": {"id": "kpi:a"},
        "target": {"id": "kpi:b"},
    }

    assert {"node": None, "kpi": {"effects": {"totalCount": 0}}} == before
    for known in ("2024-12-17", None):
        after = await answer(store, text, known=known)
        assert {"node": told, "kpi": {"effects": {"totalCount": 1}}} == after


async def test_a_correction_is_seen_from_when_it_was_known(store: Store) -> None:
    """
    What was wrong of 2024 is told wrong to who asks what was known then, and right since.
    """
    since, until = datetime(2024, 1, 1, tzinfo=UTC), datetime(2025, 1, 1, tzinfo=UTC)
    await put(store, thing("theme:t", since, name="Wrong"))
    between = store.clock()
    right = Piece(since, until, {"name": "Right", "status": "ACTIVE"})
    await store.put([Change("theme:t", since, (right,), until)], TESTER, "read again")
    text = """
    query ($asOf: AsOf) { theme(key: "t", asOf: $asOf) { name } themes(asOf: $asOf) { totalCount } }
    """

    async def name(**as_of: Any) -> str:
        told = await answer(store, text, asOf=as_of)
        assert 1 == told["themes"]["totalCount"]
        return str(told["theme"]["name"])

    assert "Right" == await name(validAt="2024-06-01")
    assert "Wrong" == await name(validAt="2024-06-01", knownAt=between.isoformat())
    assert "Wrong" == await name(validAt="2025-06-01")
    assert "Wrong" == await name()
    assert "Right" == await name(validAt="2024-06-01", knownAt=store.clock().isoformat())


EVERY_QUESTION = """
query ($asOf: AsOf) {
  node(id: "affects:nps/churn/all/1", asOf: $asOf) { id ... on Affects { source { id } } }
  nodes(ids: ["kpi:nps", "role:head_app", "observation:nps/small_trader/2024-01"], asOf: $asOf) {
    id ... on Kpi { owners { totalCount } }
  }
  kpi(key: "nps", asOf: $asOf) { owners { nodes { name } } effects { edges { id } } }
  kpis(filter: {owners: {influence: {eq: DIRECT}}}, asOf: $asOf) { totalCount nodes { id } }
  search(text: "school", asOf: $asOf) { totalCount nodes { id } }
  archive(asOf: $asOf) { totalCount nodes { id } }
  lineage(of: "kpi:nps", asOf: $asOf) { nodes { node { id } } edges { owners { id } job { id } } }
  chains(from: "kpi:nps", to: "kpi:churn", asOf: $asOf) { chains { edges { from { id } } } }
  impact(of: [{on: "kpi:nps"}], asOf: $asOf) { effects { on { id } chains { effect } } }
}
"""


async def test_every_question_may_be_asked_of_what_was_known(bank: Store) -> None:
    """
    Asked as known now, one by one, each tells what it tells without being asked so.
    """
    now = bank.clock().isoformat()
    plain = await answer(bank, EVERY_QUESTION, asOf={"validAt": "2026-07-20"})
    known = await answer(bank, EVERY_QUESTION, asOf={"validAt": "2026-07-20", "knownAt": now})
    never, errors = await both(
        bank, EVERY_QUESTION, asOf={"validAt": "2026-07-20", "knownAt": "1999-01-01"}
    )

    assert ["NOT_FOUND"] == [code_of(error) for error in errors]
    assert all(plain.values())
    assert plain == known
    empty = {"totalCount": 0, "nodes": []}
    lists = {"nodes": [None] * 3, "kpis": empty, "search": empty, "archive": empty}
    assert dict.fromkeys(plain) | lists == never


async def test_nothing_was_known_before_the_first_record(store: Store) -> None:
    """
    As known in 1999 the graph is empty, whatever held then.
    """
    await put(store, thing("theme:t"))
    text = '{ theme(key: "t", asOf: {knownAt: "1999-01-01"}) { name } }'

    assert {"theme": None} == await answer(store, text)


async def test_a_state_of_the_future_comes_into_force_without_a_write(store: Store) -> None:
    """
    Written ahead, it holds from its own instant on: in pages, by key, in filters and in links.
    """
    soon = store.clock() + timedelta(seconds=2)
    state = {"status": "ACTIVE"}
    life = (
        Piece(datetime(2024, 1, 1, tzinfo=UTC), soon, state | {"name": "Old name"}),
        Piece(soon, FAR, state | {"name": "New name"}),
    )
    await put(
        store,
        Change("theme:t", life[0].since, life),
        thing("objective:o"),
        thing("objective:later", soon),
        link("in_theme", "objective:o", "theme:t", soon),
    )
    text = """
    query ($asOf: AsOf) {
      theme(key: "t", asOf: $asOf) { name objectives { totalCount } }
      themes(filter: {name: {startsWith: "New"}}, asOf: $asOf) { totalCount nodes { name } }
      objective(key: "o", asOf: $asOf) { theme { name } }
      objectives(asOf: $asOf) { totalCount }
      search(text: "name", asOf: $asOf) { nodes { name } }
    }
    """
    before = {
        "theme": {"name": "Old name", "objectives": {"totalCount": 0}},
        "themes": {"totalCount": 0, "nodes": []},
        "objective": {"theme": None},
        "objectives": {"totalCount": 1},
        "search": {"nodes": [{"name": "Old name"}]},
    }
    after = {
        "theme": {"name": "New name", "objectives": {"totalCount": 1}},
        "themes": {"totalCount": 1, "nodes": [{"name": "New name"}]},
        "objective": {"theme": {"name": "New name"}},
        "objectives": {"totalCount": 2},
        "search": {"nodes": [{"name": "New name"}]},
    }
    assert before == await answer(store, text)
    assert after == await answer(store, text, asOf={"validAt": soon.isoformat()})
    await asyncio.sleep(max(0.0, (soon - store.clock()).total_seconds()) + 0.05)
    assert after == await answer(store, text)
    assert before == await answer(store, text, asOf={"validAt": "2025-01-01"})
