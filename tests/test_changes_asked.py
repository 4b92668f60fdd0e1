"""What was written to the whole graph: filters, pages, large entries; two points side by side."""

from __future__ import annotations

from typing import Any

import pytest
from graphql import OperationDefinitionNode, parse, print_ast

from graph.changes import Change
from graph.questions import changes as question
from graph.store import Store
from graph.times import written
from graph.viewers import EVERYONE, Viewer
from tests.asking import TESTER, answer, codes, link, put, thing
from tests.looking import gone, year
from tests.test_erasure import CU7
from tests.test_erasure import told as told_of_persons
from tests.test_viewer import kinds_in, without

A = "theme:a"
LISTED = """
query ($since: DateTime, $until: DateTime, $actor: String, $reason: String, $kinds: [Kind!],
       $ids: [ID!], $first: Int, $after: String, $asOf: AsOf) {
  changes(since: $since, until: $until, actor: $actor, reason: $reason, kinds: $kinds, ids: $ids,
          first: $first, after: $after, asOf: $asOf) {
    totalCount
    pageInfo { hasNextPage endCursor }
    nodes { of entry sequence action fields { name before after } node { id } decision { id } }
  }
}
"""


async def listed(store: Store, viewer: Viewer = EVERYONE, **given: Any) -> list[tuple[str, str]]:
    """Ids and actions of one page, which is all there is."""
    page = (await answer(store, LISTED, viewer, **given))["changes"]
    assert len(page["nodes"]) == page["totalCount"]
    return [(one["of"], one["action"]) for one in page["nodes"]]


async def pages(store: Store, viewer: Viewer = EVERYONE, **given: Any) -> list[str]:
    """Ids on all pages."""
    found: list[str] = []
    after = None
    while True:
        page = (await answer(store, LISTED, viewer, after=after, **given))["changes"]
        found += [one["of"] for one in page["nodes"]]
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            assert page["totalCount"] == len(found)
            return found


async def test_changes_are_listed_newest_first_and_filtered(store: Store) -> None:
    """
    By instant, reason, kind, id and who wrote; all filters hold together.
    """
    one = await put(store, thing(A), thing("kpi:k"), reason="The plan of 2026")
    two = await put(store, thing("kpi:m"), link("affects", "kpi:k", "kpi:m", key="x", sign=1))
    three = await put(store, gone(A, year(2024)), reason="a Sunset")
    every = [
        (A, "ENDED"),
        ("affects:x", "CREATED"),
        ("kpi:m", "CREATED"),
        ("kpi:k", "CREATED"),
        (A, "CREATED"),
    ]
    at = [written(receipt.at) for receipt in (one, two, three)]

    assert every == await listed(store)
    assert every[:3] == await listed(store, since=at[1])
    assert every[3:] == await listed(store, until=at[1])
    assert every[1:3] == await listed(store, since=at[1], until=at[2])
    assert every[:1] == await listed(store, reason="sunset")
    assert every[2:4] == await listed(store, kinds=["KPI"])
    assert [every[0], every[4]] == await listed(store, ids=[A, "theme:none"])
    assert [every[1]] == await listed(store, ids=["affects:x"])
    assert [] == await listed(store, ids=["affects:x"], reason="sunset")
    assert every == await listed(store, actor="tester")
    assert [] == await listed(store, actor="somebody else")
    assert every[3:] == await listed(store, asOf={"knownAt": at[0]})


async def test_pages_of_changes_go_on_within_an_entry(store: Store) -> None:
    """
    Entries of seven, one and four changes, two a page: each change once, newest first.
    """
    for size in (7, 1, 4):
        await put(store, *(thing(f"theme:{size}_{number}") for number in range(size)))
    expected = [f"theme:{size}_{number}" for size in (4, 1, 7) for number in reversed(range(size))]

    assert expected == await pages(store, first=2)
    assert sorted(expected) == sorted(await pages(store, first=2, ids=expected))


async def test_a_large_entry_is_read_in_parts(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """
    Where nothing fits, a page stops after some parts and says where to go on; nothing is lost.
    """
    monkeypatch.setattr(question, "PARTS", 2)
    await put(store, thing("kpi:first"))
    for batch in range(4):
        names = (f"theme:{batch}_{number}" for number in range(1_500))
        await store.put([thing(name) for name in names], TESTER, "many")
    short = (await answer(store, LISTED, kinds=["KPI"]))["changes"]

    assert ([], True) == (short["nodes"], short["pageInfo"]["hasNextPage"])
    assert ["kpi:first"] == await pages(store, kinds=["KPI"])


async def test_ids_with_signs_of_their_own_come_back_whole(store: Store) -> None:
    """
    Quotes, backslashes, commas, colons and letters beyond ASCII in keys, also at ends of links.
    """
    keys = ['a"b', "c\\d", 'e\\"f', "g\\\\h", "ü:ö", 'i","source":"j', "k l"]
    await put(store, *(thing(f"kpi:{key}") for key in keys))
    await put(store, *(link("affects", f"kpi:{key}", "kpi:k l", key=key, sign=1) for key in keys))
    found = (await answer(store, LISTED, first=200))["changes"]["nodes"]

    assert {f"{word}:{key}" for word in ("kpi", "affects") for key in keys} == {
        one["of"] for one in found
    }
    assert all(one["node"] == {"id": one["of"]} for one in found)


async def test_cursors_of_other_filters_are_refused(store: Store) -> None:
    """
    A cursor belongs to one list with its filters; too many ids, no size: refused too.
    """
    await put(store, thing(A))
    cursor = (await answer(store, LISTED))["changes"]["pageInfo"]["endCursor"]
    wrong: list[dict[str, Any]] = [
        {"after": cursor, "kinds": ["THEME"]},
        {"after": cursor, "ids": [A]},
        {"after": "nonsense"},
        {"first": 201},
        {"ids": ["no id"]},
        {"ids": [A] * 201},
    ]
    assert [["BAD_REQUEST"]] * 6 == [await codes(store, LISTED, **one) for one in wrong]


async def one_by_one(store: Store, text: str, viewer: Viewer = EVERYONE) -> dict[str, Any]:
    """The answers of the root fields of a document, each asked by itself."""
    (operation,) = parse(text).definitions
    assert isinstance(operation, OperationDefinitionNode)
    found: dict[str, Any] = {}
    for field in operation.selection_set.selections:
        found |= await answer(store, f"{{ {print_ast(field)} }}", viewer)
    return found


async def hidden(store: Store) -> None:
    """A persona, what is for it, and what names it."""
    await put(store, thing("persona:p"), thing("kpi:k"), thing("kpi:m"), thing("objective:o"))
    await put(
        store,
        link("affects", "kpi:k", "kpi:m", key="grouped", sign=1, group="persona:p"),
        link("affects", "kpi:k", "kpi:m", key="plain", sign=1),
        link("for_group", "objective:o", "persona:p"),
        thing("decision:d", changed=["persona:p", "kpi:k"], evidence="persona:p;seen twice"),
    )
    await put(store, thing("kpi:k", name="K"))


async def test_what_may_not_be_seen_leaves_no_trace_in_the_past(store: Store) -> None:
    """
    Without personas: no change of one, of a link to or for one, and no value that names one.
    """
    await hidden(store)
    blind = without("Persona")
    text = """
    {
      changes { nodes { of fields { before after } node { id } } }
      persona: history(of: "persona:p") { totalCount }
      grouped: history(of: "affects:grouped") { totalCount }
      linked: history(of: "for_group:objective:o/persona:p") { totalCount }
      decision: history(of: "decision:d") { nodes { fields { name after } } }
      why: whyChanged(of: "kpi:k") { explanation decision { id } because { of } }
      step: revisionBefore(of: "persona:p", revision: 99) { of }
      diff(of: "kpi:k", from: {knownAt: "2020-01-01"}, to: {}, depth: 2) {
        onlyTo { id } linksTo { id source target } changed { of fields { after } }
      }
    }
    """
    told = await one_by_one(store, text, blind)
    ids = ["persona:p", "affects:grouped"]

    assert "persona" in kinds_in(await one_by_one(store, text))
    assert "persona" not in kinds_in({**told, "changes": told["changes"]["nodes"]})
    assert [None] * 4 == [told[name] for name in ("persona", "grouped", "linked", "step")]
    fields = {one["name"]: one["after"] for one in told["decision"]["nodes"][0]["fields"]}
    assert ("kpi:k", "seen twice") == (fields["changed"], fields["evidence"])
    assert [] == await listed(store, blind, ids=ids)
    assert ["kpi:k", "affects:plain", "decision:d", "objective:o", "kpi:m", "kpi:k"] == await pages(
        store, blind, first=2
    )
    assert {"affects:plain"} == {one["id"] for one in told["diff"]["linksTo"]}


async def test_a_hidden_decision_is_not_told_behind_a_change(store: Store) -> None:
    """
    Who may not see decisions is told of none, in histories, changes and reasons.
    """
    await hidden(store)
    text = """
    {
      history(of: "kpi:k") { nodes { decision { id } } }
      changes { nodes { decision { id } } }
      whyChanged(of: "kpi:k") { decision { id } explanation }
    }
    """
    every, blind = [await one_by_one(store, text, who) for who in (EVERYONE, without("Decision"))]

    assert {"id": "decision:d"} in [one["decision"] for one in every["history"]["nodes"]]
    assert "decision" not in kinds_in(blind)
    assert "No decision is recorded" in blind["whyChanged"]["explanation"]


DIFF = """
query ($of: ID!, $from: AsOf!, $to: AsOf!, $depth: Int) {
  diff(of: $of, from: $from, to: $to, depth: $depth) {
    onlyFrom { id ... on Kpi { name } }
    onlyTo { id ... on Kpi { name } }
    linksFrom { id link source target }
    linksTo { id source target }
    changed { of fields { name before after } }
    completeness { complete reason explored frontier }
  }
}
"""


def at(number: int) -> dict[str, str]:
    """The middle of a year, as known now."""
    return {"validAt": f"{number}-06-01"}


async def test_two_points_of_either_axis_are_compared(store: Store) -> None:
    """
    Between two years in the world, and between what was believed before and after a correction.
    """
    first = await put(store, thing("kpi:k", year(2020), year(2024), name="old"))
    await put(
        store,
        thing("kpi:k", year(2020), year(2022), name="older"),
    )
    await put(store, Change("kpi:k", year(2022), thing("kpi:k", year(2022), name="new").pieces))
    years = (await answer(store, DIFF, of="kpi:k", **{"from": at(2021), "to": at(2023)}))["diff"]
    then = {**at(2021), "knownAt": written(first.at)}
    beliefs = (await answer(store, DIFF, of="kpi:k", **{"from": then, "to": at(2021)}))["diff"]

    def names(told: dict[str, Any]) -> list[tuple[str | None, ...]]:
        fields = [f for one in told["changed"] for f in one["fields"] if f["name"] == "name"]
        return [(f["before"], f["after"]) for f in fields]

    assert [("older", "new")] == names(years)
    assert [("old", "older")] == names(beliefs)
    same = (await answer(store, DIFF, of="kpi:k", **{"from": at(2021), "to": at(2021)}))["diff"]
    assert [] == same["changed"]


async def test_a_neighbourhood_is_compared_by_things_and_links(store: Store) -> None:
    """
    One cause ends, one begins, one weighs more; what is two links away is seen at depth two.
    """
    word = "affects"
    await put(store, *(thing(f"kpi:{key}") for key in "abc"))
    await put(store, thing("kpi:d", year(2022)), thing("kpi:z"), thing("kpi:y"))
    await put(
        store,
        link(word, "kpi:b", "kpi:a", year(2000), year(2022), key="ba", sign=1),
        link(word, "kpi:c", "kpi:a", year(2000), year(2022), key="ca", sign=1, weight=1.0),
        link(word, "kpi:d", "kpi:a", year(2022), key="da", sign=1),
        link(word, "kpi:z", "kpi:c", key="zc", sign=1),
        link(word, "kpi:y", "kpi:z", key="yz", sign=1),
    )
    later = link(word, "kpi:c", "kpi:a", year(2022), key="ca", sign=1, weight=2.0)
    await put(store, later)
    points = {"from": at(2021), "to": at(2023)}
    one, two, three = [
        (await answer(store, DIFF, of="kpi:a", depth=depth, **points))["diff"]
        for depth in (1, 2, 3)
    ]

    assert [{"id": "kpi:b", "name": "b"}] == one["onlyFrom"]
    assert [{"id": "kpi:d", "name": "d"}] == one["onlyTo"]
    assert [{"id": "affects:ba", "link": "AFFECTS", "source": "kpi:b", "target": "kpi:a"}] == (
        one["linksFrom"]
    )
    assert [{"id": "affects:da", "source": "kpi:d", "target": "kpi:a"}] == one["linksTo"]
    (changed,) = one["changed"]
    assert "affects:ca" == changed["of"]
    assert {"name": "weight", "before": "1", "after": "2"} in changed["fields"]
    assert [4, 5, 6] == [told["completeness"]["explored"] for told in (one, two, three)]
    assert one["completeness"]["complete"]


async def test_a_level_that_is_too_wide_is_left_out_and_said(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """
    Three neighbours where two are allowed: the walk ends before them, on both sides.
    """
    monkeypatch.setattr("graph.questions.diff.ROWS", 2)
    await put(store, *(thing(f"kpi:{key}") for key in "abcd"))
    await put(
        store,
        *(link("affects", f"kpi:{key}", "kpi:a", key=key, sign=1) for key in "bc"),
        link("affects", "kpi:d", "kpi:a", year(2022), key="d", sign=1),
    )
    points = {"from": at(2021), "to": at(2023)}
    told = (await answer(store, DIFF, of="kpi:a", depth=1, **points))["diff"]

    assert ([], []) == (told["onlyTo"], told["linksTo"])
    assert {
        "complete": False,
        "reason": "ROWS",
        "explored": 1,
        "frontier": ["kpi:a"],
    } == told["completeness"]


async def test_a_link_is_compared_like_a_thing(store: Store) -> None:
    """
    At depth 0 alone, at depth 1 with its ends; of what is at neither point, null.
    """
    await put(store, thing("kpi:a"), thing("kpi:b"))
    for since, weight in ((2020, 1.0), (2022, 2.5)):
        await put(
            store, link("affects", "kpi:a", "kpi:b", year(since), key="x", sign=1, weight=weight)
        )
    points = {"from": at(2021), "to": at(2023)}
    alone = (await answer(store, DIFF, of="affects:x", **points))["diff"]
    ends = (await answer(store, DIFF, of="affects:x", depth=1, **points))["diff"]
    before = {"from": at(2018), "to": at(2019)}

    assert {"name": "weight", "before": "1", "after": "2.5"} in alone["changed"][0]["fields"]
    assert (0, 2) == (alone["completeness"]["explored"], ends["completeness"]["explored"])
    assert {"diff": None} == await answer(store, DIFF, of="affects:x", **before)
    assert {"diff": None} == await answer(store, DIFF, of="zebra:x", **before)


async def test_a_difference_has_two_times_of_its_own(store: Store) -> None:
    """
    `asOf` beside them, a depth of four and a knowledge of the future are refused.
    """
    await put(store, thing(A))
    wrong = [
        'diff(of: "theme:a", from: {}, to: {}, asOf: {validAt: "2024-01-01"}) { changed { of } }',
        'diff(of: "theme:a", from: {}, to: {}, depth: 4) { changed { of } }',
        'diff(of: "theme:a", from: {}, to: {knownAt: "9000-01-01"}) { changed { of } }',
    ]
    assert [["BAD_REQUEST"]] * 3 == [await codes(store, f"{{ {text} }}") for text in wrong]


async def test_what_stands_under_a_pseudonym_is_told_by_its_name(store: Store) -> None:
    """
    A membership and its link to the persona, in the audit under another name, are listed as they
    are; once erased, without a word of what they said.
    """
    await told_of_persons(store)
    text = "{ changes { totalCount nodes { of action fields { name after } node { id } } } }"
    before = (await answer(store, text))["changes"]
    linked = f"member_of:{CU7.replace('/', '%2F')}/persona:school"
    await store.erase("cu7", TESTER, "asked to be forgotten")
    after = (await answer(store, text))["changes"]
    history = (await answer(store, f'{{ history(of: "{CU7}") {{ totalCount }} }}'))["history"]

    assert {CU7, linked, "persona:school"} <= {one["of"] for one in before["nodes"]}
    assert {"name": "customerRef", "after": "cu7"} in [
        f for x in before["nodes"] for f in x["fields"]
    ]
    assert before["totalCount"] == len(before["nodes"])
    assert history is None
    assert "cu7" not in str(after)
    assert after["totalCount"] == len(after["nodes"]) > before["totalCount"]
