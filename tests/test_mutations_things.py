"""Things and links made, changed and corrected by mutation, each at its time."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from graph.store import Store
from graph.times import Moment
from tests.asking import answer, link, put, thing
from tests.looking import name, numbers, year
from tests.writing import at, did, done

KPI = "kpi:churn"
JULY, AUGUST = "2025-07-01T00:00:00Z", "2025-08-01T00:00:00Z"


@pytest.fixture
async def scorecard(store: Store) -> Store:
    """Two perspectives, a KPI since 2020, an objective that two KPIs measure, a role."""
    await put(
        store,
        thing("perspective:customer"),
        thing("perspective:money"),
        thing(KPI, year(2020), purpose="to keep them"),
        thing("kpi:nps", year(2020)),
        thing("objective:loyal", year(2020)),
        thing("role:head"),
        link("kpi_in_perspective", KPI, "perspective:customer", year(2020)),
        link("measured_by", "objective:loyal", KPI, year(2020), weight=0.4),
        link("measured_by", "objective:loyal", "kpi:nps", year(2020), weight=0.6),
    )
    return store


async def kpi(store: Store, when: str, fields: str = "name purpose status") -> Any:
    """The KPI at a time."""
    text = f'query Q($at: DateTime) {{ kpi(key: "churn", asOf: {{validAt: $at}}) {{ {fields} }} }}'
    return (await answer(store, text, at=when))["kpi"]


async def test_what_is_created_is_there_with_its_links(scorecard: Store) -> None:
    """
    Fields, a link by key and one by id; the receipt tells what was written.
    """
    said = {"key": "ces", "name": "Effort", "perspective": "customer", "requestedBy": "role:head"}
    told = await done(scorecard, "create", thing={"kpi": said}, validFrom=at(2024))
    text = '{ kpi(key: "ces") { name kpiKind validFrom perspective { id } requestedBy { id } } }'
    found = await answer(scorecard, text)

    assert (3, 0, 0) == (told["created"], told["changed"], told["ended"])
    ids = {one["id"] for one in told["nodes"]}
    assert {"kpi:ces", "kpi_in_perspective:kpi:ces/perspective:customer"} <= ids
    assert {
        "name": "Effort",
        "kpiKind": "BASE",
        "validFrom": at(2024),
        "perspective": {"id": "perspective:customer"},
        "requestedBy": {"id": "role:head"},
    } == found["kpi"]


async def test_a_change_keeps_what_it_does_not_speak_of(scorecard: Store) -> None:
    """
    A new name from now on: the purpose stays, the past keeps the old name; null clears.
    """
    told = await done(scorecard, "change", of=KPI, set={"kpi": {"name": "Lost customers"}})
    now = await kpi(scorecard, at(2090))
    before = await kpi(scorecard, at(2024))
    await done(scorecard, "change", of=KPI, set={"kpi": {"purpose": None}})

    assert (0, 1, 0) == (told["created"], told["changed"], told["ended"])
    fields = told["changes"][0]["fields"]
    assert [{"name": "name", "before": "churn", "after": "Lost customers"}] == fields
    assert {"name": "Lost customers", "purpose": "to keep them", "status": "ACTIVE"} == now
    assert "churn" == before["name"]
    assert (await kpi(scorecard, at(2090)))["purpose"] is None


async def test_a_change_keeps_later_pieces_that_were_dated_in_the_future(scorecard: Store) -> None:
    """
    A status from 2080 on stays when a name is changed through all of the future before it.
    """
    await done(scorecard, "change", of=KPI, set={"kpi": {"status": "STOPPED"}}, validFrom=at(2080))
    await done(scorecard, "change", of=KPI, set={"kpi": {"name": "new"}}, validFrom=at(2070))
    told = [await kpi(scorecard, at(when), "name status") for when in (2069, 2075, 2085)]

    expected = [("churn", "ACTIVE"), ("new", "ACTIVE"), ("new", "STOPPED")]
    assert expected == [(one["name"], one["status"]) for one in told]


async def test_a_change_for_a_time_ends_with_it(scorecard: Store) -> None:
    """
    From 2070 to 2071 the name is another one.
    """
    given = {"validFrom": at(2070), "validTo": at(2071)}
    await done(scorecard, "change", of=KPI, set={"kpi": {"name": "jubilee"}}, **given)

    names = [(await kpi(scorecard, at(when)))["name"] for when in (2069, 2070, 2071)]
    assert ["churn", "jubilee", "churn"] == names


async def test_a_changed_column_names_all_links_from_then_on(scorecard: Store) -> None:
    """
    Another perspective from 2070: one until then, the other from then on.
    """
    said = {"kpi": {"perspective": "perspective:money"}}
    told = await done(scorecard, "change", of=KPI, set=said, validFrom=at(2070))
    found = [await kpi(scorecard, at(when), "perspective { id }") for when in (2069, 2070)]

    assert (1, 1) == (told["created"], told["ended"])
    assert ["perspective:customer", "perspective:money"] == [
        one["perspective"]["id"] for one in found
    ]
    changed = {one["of"]: one["fields"] for one in told["changes"]}[KPI]
    assert ["perspective"] == [field["name"] for field in changed]


async def test_a_correction_of_last_july_is_seen_in_july_and_unknown_in_june(
    scorecard: Store,
) -> None:
    """
    `validAt` July tells it now; what was known before the correction is still told as then.
    """
    before = (await numbers(scorecard))["published"]
    given = {"validFrom": JULY, "validTo": AUGUST}
    await done(scorecard, "correct", of=KPI, set={"kpi": {"name": "corrected"}}, **given)
    when = datetime(2025, 7, 15, tzinfo=UTC)

    assert "corrected" == await name(scorecard, KPI, when)
    assert "churn" == await name(scorecard, KPI, when, before)
    assert "churn" == await name(scorecard, KPI, datetime(2025, 8, 1, tzinfo=UTC))


async def test_several_links_at_once_go_on_making_1(scorecard: Store) -> None:
    """
    Weights of an objective are moved together; one alone would be refused.
    """
    ends = {"source": "objective:loyal"}
    both = [
        {"measuredBy": {**ends, "target": KPI, "weight": 0.5, "kind": "PRIMARY"}},
        {"measuredBy": {**ends, "target": "kpi:nps", "weight": 0.5}},
    ]
    one = await did(scorecard, "link", links=both[:1])
    told = await done(scorecard, "link", links=both)
    text = '{ objective(key: "loyal") { kpis { edges { weight kind node { key } } } } }'
    found = await answer(scorecard, text)

    assert ("RuleBroken", "weight") == (one["__typename"], one["field"])
    assert 2 == told["changed"]
    assert [(0.5, "PRIMARY", "churn"), (0.5, None, "nps")] == [
        (edge["weight"], edge["kind"], edge["node"]["key"])
        for edge in found["objective"]["kpis"]["edges"]
    ]


async def test_a_link_is_changed_by_its_id(scorecard: Store) -> None:
    """
    Only what is said of it is otherwise.
    """
    id_ = "measured_by:objective:loyal/kpi:churn"
    told = await done(scorecard, "change", of=id_, set={"measuredBy": {"kind": "SUPPORTING"}})
    text = "query Q($id: ID!) { node(id: $id) { ... on MeasuredBy { weight kind } } }"

    assert 1 == told["changed"]
    assert {"weight": 0.4, "kind": "SUPPORTING"} == (await answer(scorecard, text, id=id_))["node"]


async def test_what_is_so_already_is_not_written_again(scorecard: Store) -> None:
    """
    No commit, no audit entry; the receipt says that nothing is otherwise.
    """
    before = await numbers(scorecard)
    told = await done(scorecard, "change", of=KPI, set={"kpi": {"name": "churn"}})

    assert before == await numbers(scorecard)
    assert (0, 0, None, []) == (
        told["created"],
        told["changed"],
        told["entry"],
        told["changes"],
    )


async def test_a_dry_run_tells_the_same_and_writes_nothing(scorecard: Store) -> None:
    """
    The same changes as in earnest, without number and hash of an entry.
    """
    said: dict[str, Any] = {"of": KPI, "set": {"kpi": {"name": "new"}}, "validFrom": at(2070)}
    before = await numbers(scorecard)
    dry = await done(scorecard, "change", dryRun=True, **said)
    assert before == await numbers(scorecard)
    wet = await done(scorecard, "change", **said)

    assert (True, 0, None, False) == (dry["dryRun"], dry["sequence"], dry["entry"], wet["dryRun"])
    assert [{**one, "hash": ""} for one in wet["changes"]] == dry["changes"]
    assert wet["changes"][0]["hash"]
    assert "new" == await name(scorecard, KPI, year(2070), Moment(year(2070)).known)


async def test_several_mutations_of_one_document_are_done_in_turn(scorecard: Store) -> None:
    """
    Each is a commit, and the second sees what the first has done.
    """
    text = """
    mutation {
      first: create(input: {thing: {theme: {key: "t", name: "T"}}, reason: "one"}) { ...told }
      second: change(input: {of: "theme:t", set: {theme: {name: "U"}}, reason: "two"}) { ...told }
    }
    fragment told on WriteResult { ... on Receipt { sequence changes { reason node { id } } } }
    """
    told = await answer(scorecard, text)

    assert told["first"]["sequence"] + 1 == told["second"]["sequence"]
    assert [{"reason": "two", "node": {"id": "theme:t"}}] == told["second"]["changes"]
