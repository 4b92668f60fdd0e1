"""Histories in worked cases: what, when, who, why, before and after; stepping; pages; columns."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from graph.changes import Change, Piece
from graph.store import Receipt, Store
from graph.times import FAR, written
from tests.asking import TESTER, answer, codes, link, put, thing
from tests.looking import chain, gone, year

A = "theme:a"
CHANGES = """
query ($of: ID!, $first: Int, $after: String, $asOf: AsOf) {
  history(of: $of, first: $first, after: $after, asOf: $asOf) {
    totalCount
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    edges { cursor node { sequence } }
    nodes {
      sequence entry at recordedAt actor reason action of validFrom validTo hash
      fields { name before after }
      node { id ... on Entity { name revision } }
      decision { id }
    }
  }
}
"""


async def changes(store: Store, of: str, **given: Any) -> list[dict[str, Any]]:
    """The changes of a thing or link, newest first."""
    found: list[dict[str, Any]] = (await answer(store, CHANGES, of=of, **given))["history"]["nodes"]
    return found


def told(change: dict[str, Any]) -> list[tuple[str, str | None, str | None]]:
    """Its fields with what they said before and after."""
    return [(one["name"], one["before"], one["after"]) for one in change["fields"]]


def past(id_: str, since: datetime, recorded: datetime, **state: Any) -> Change:
    """A thing that is known from a time of the past."""
    state = {"name": "a", "status": "ACTIVE"} | state
    return Change(id_, since, (Piece(since, FAR, state),), recorded=recorded)


async def test_a_change_says_what_when_who_why_before_and_after(store: Store) -> None:
    """
    Red since 2020; from 2022 on blue: the entry of the audit tells the rest.
    """
    await put(store, thing(A, year(2020), name="red"), reason="first thoughts")
    second = await put(store, thing(A, year(2022), name="blue"), reason="second thoughts")
    (blue, red), entries = await changes(store, A), await chain(store)

    assert [("name", "red", "blue")] == told(blue)
    assert ("CHANGED", "CREATED") == (blue["action"], red["action"])
    assert ("2022-01-01T00:00:00Z", None) == (blue["validFrom"], blue["validTo"])
    assert ("second thoughts", "tester", second.sequence, A) == (
        blue["reason"],
        blue["actor"],
        blue["sequence"],
        blue["of"],
    )
    assert [entries[1][name] for name in ("sequence", "at", "hash")] == [
        blue[name] for name in ("entry", "at", "hash")
    ]
    assert blue["at"] == blue["recordedAt"]
    assert {"id": A, "name": "blue", "revision": second.sequence} == blue["node"]
    assert "red" == red["node"]["name"]
    assert {("name", None, "red"), ("validFrom", None, "2020-01-01T00:00:00Z")} <= set(told(red))


async def test_a_load_of_history_is_known_earlier_than_it_was_written(store: Store) -> None:
    """
    Recorded in 2021, entered today; the node is told as it was known in 2021.
    """
    await put(store, past(A, year(2020), year(2021), name="red"))
    await put(store, thing(A, year(2020), name="blue"))
    blue, red = await changes(store, A)

    assert "2021-01-01T00:00:00Z" == red["recordedAt"] < red["at"]
    assert ("red", "blue") == (red["node"]["name"], blue["node"]["name"])


async def test_two_record_times_of_one_instant_are_told_apart(store: Store) -> None:
    """
    Both were recorded at the same instant of the past, one write after the other.
    """
    await put(store, past(A, year(2020), year(2021), name="red"))
    await put(store, past(A, year(2020), year(2021), name="blue"))

    assert ["blue", "red"] == [one["node"]["name"] for one in await changes(store, A)]


async def test_ends_returns_and_retractions_have_names_of_their_own(store: Store) -> None:
    """
    Retired from 2023 on, back again, then never so, then told again.
    """
    await put(store, thing(A, year(2020), name="red"))
    await put(store, gone(A, year(2023)))
    await put(store, thing(A, year(2023), name="red"))
    await put(store, gone(A, year(2020)))
    await put(store, thing(A, year(2021), name="blue"))
    found = (await changes(store, A))[::-1]

    assert ["CREATED", "ENDED", "RESTORED", "RETRACTED", "RESTORED"] == [
        one["action"] for one in found
    ]
    assert [("validTo", None, "2023-01-01T00:00:00Z")] == told(found[1])
    assert [("validTo", "2023-01-01T00:00:00Z", None)] == told(found[2])
    assert [True, False, True, False, True] == [one["node"] is not None for one in found]


async def test_the_ending_takes_the_place_of_the_status(store: Store) -> None:
    """
    What was merged is told as the archive tells it.
    """
    await put(store, thing("persona:p", year(2020)))
    merged = Piece(year(2020), year(2023), {"name": "p", "status": "ACTIVE", "ending": "MERGED"})
    await put(store, Change("persona:p", year(2020), (merged,)))
    ended = (await changes(store, "persona:p"))[0]

    assert [("status", "ACTIVE", "MERGED"), ("validTo", None, "2023-01-01T00:00:00Z")] == told(
        ended
    )


async def test_values_are_told_as_canonical_texts(store: Store) -> None:
    """
    Numbers as short as can be, lists joined, truth in small letters, days and ids as they are.
    """
    await put(store, thing("kpi:k"), thing("kpi:m"))
    await put(
        store,
        thing("decision:d", decidedOn=year(2025).date(), about=["kpi:k", "kpi:m"]),
        thing("observation:o", period="2025", value=0.1, n=3),
        thing("observation:w", period="2025", value=25.0),
        link("affects", "kpi:k", "kpi:m", key="k", sign=-1, weight=1e-9, tradeOffAccepted=True),
    )
    texts = {
        name: after
        for id_ in ("decision:d", "observation:o", "affects:k")
        for name, _, after in told((await changes(store, id_))[0])
    }
    assert {
        "decidedOn": "2025-01-01",
        "about": "kpi:k; kpi:m",
        "value": "0.1",
        "n": "3",
        "sign": "-1",
        "weight": "1e-09",
        "tradeOffAccepted": "true",
    }.items() <= texts.items()
    assert ("value", None, "25") in told((await changes(store, "observation:w"))[0])


async def test_what_a_column_carries_is_a_field_where_the_same_commit_sets_it(store: Store) -> None:
    """
    A KPI moves to another perspective; a later change of the link alone is the link's history.
    """
    word = "kpi_in_perspective"
    await put(store, thing("perspective:p"), thing("perspective:q"))
    await put(store, thing("kpi:k"), link(word, "kpi:k", "perspective:p"))
    moved = Change(
        f"{word}:kpi:k/perspective:p", year(2024), (), source="kpi:k", target="perspective:p"
    )
    await put(
        store, thing("kpi:k", name="K"), moved, link(word, "kpi:k", "perspective:q", year(2024))
    )
    await put(store, link(word, "kpi:k", "perspective:p", year(2025)))
    found = await changes(store, "kpi:k")

    assert [
        ("name", "k", "K"),
        ("perspective", "perspective:p", "perspective:q"),
    ] == told(found[0])
    assert ("perspective", None, "perspective:p") in told(found[1])
    assert 2 == len(found)
    assert ["RESTORED", "ENDED", "CREATED"] == [
        one["action"] for one in await changes(store, f"{word}:kpi:k/perspective:p")
    ]


async def test_the_decision_behind_a_change(store: Store) -> None:
    """
    The one linked in the same commit; else the one that says so, for the first change since.
    """
    await put(store, past("kpi:k", year(2020), year(2021)), thing("decision:c", name="c"))
    await put(
        store,
        thing("decision:a", year(2022), decidedOn=year(2022).date(), changed=["kpi:k"]),
        thing("decision:b", year(2022), decidedOn=year(2022).date(), changed=["kpi:other"]),
    )
    await put(store, past("kpi:k", year(2020), year(2023), name="two"))
    await put(store, past("kpi:k", year(2020), year(2024), name="three"))
    await put(store, thing("kpi:k", name="four"), link("backed_by", "kpi:k", "decision:c"))
    await put(store, thing("kpi:k", name="five"), thing("decision:e", changed=["kpi:k"]))
    found = await changes(store, "kpi:k")
    ids = [one["decision"] and one["decision"]["id"] for one in found]

    assert ["decision:e", "decision:c", None, "decision:a", None] == ids


async def test_a_causal_link_names_its_decision_itself(store: Store) -> None:
    """
    A property of the link, told as the id that it stands for.
    """
    await put(store, thing("kpi:k"), thing("kpi:m"), thing("decision:d"))
    await put(store, link("affects", "kpi:k", "kpi:m", key="x", sign=1, decision="d"))
    (found,) = await changes(store, "affects:x")

    assert {"id": "decision:d"} == found["decision"]
    assert ("decision", None, "decision:d") in told(found)
    assert {"id": "affects:x"} == found["node"]


async def test_steps_go_by_revision(store: Store) -> None:
    """
    From the revision of a thing to the one before and after it, as it was known then.
    """
    text = """
    query ($of: ID!, $revision: Int!) {
      before: revisionBefore(of: $of, revision: $revision) { ...step }
      after: revisionAfter(of: $of, revision: $revision) { ...step }
    }
    fragment step on Change { sequence node { ... on Theme { name revision } } }
    """
    one, two, three = [
        (await put(store, thing(A, name=name), thing("theme:b", name=name))).sequence
        for name in ("red", "blue", "green")
    ]
    steps = [await answer(store, text, of=A, revision=n) for n in (one, two, three)]

    assert [None, "red", "blue"] == [x["before"] and x["before"]["node"]["name"] for x in steps]
    assert ["blue", "green", None] == [x["after"] and x["after"]["node"]["name"] for x in steps]
    assert {"sequence": one, "node": {"name": "red", "revision": one}} == steps[1]["before"]
    assert {"before": None, "after": None} == await answer(store, text, of="kpi:no", revision=1)


async def test_a_revision_is_the_last_commit_that_spoke_of_it(store: Store) -> None:
    """
    Of a thing also one that only took something back; of a link its own; of then, what was known.
    """
    text = """
    query ($known: DateTime) {
      theme(key: "a", asOf: {knownAt: $known, validAt: "2024-06-01"}) { revision }
      node(id: "served_by:x") { id }
      kpi(key: "k") { owners { edges { id } } }
      owns: node(id: "owns:role:r/kpi:k/SOLE") { ... on Owns { revision history { totalCount } } }
    }
    """
    first = await put(store, thing(A, year(2020), name="red"), thing("kpi:k"), thing("role:r"))
    second = await put(
        store,
        Change(A, year(2022), (), year(2023)),
        link("owns", "role:r", "kpi:k", key="role:r/kpi:k/SOLE", accountability="SOLE"),
    )
    now, then = await answer(store, text), await answer(store, text, known=written(first.at))

    assert (second.sequence, first.sequence) == (
        now["theme"]["revision"],
        then["theme"]["revision"],
    )
    assert {"revision": second.sequence, "history": {"totalCount": 1}} == now["owns"]


async def test_pages_of_a_history_go_on_where_they_ended(store: Store) -> None:
    """
    Seven changes, three a page; what is written meanwhile does not shift the next page.
    """
    for number in range(7):
        await put(store, thing(A, name=f"n{number}"))
    seen, after = [], None
    for number in range(3):
        page = (await answer(store, CHANGES, of=A, first=3, after=after))["history"]
        seen += [one["node"]["name"] for one in page["nodes"]]
        after = page["pageInfo"]["endCursor"]
        assert after == page["edges"][-1]["cursor"]
        assert (number < 2, number > 0) == (
            page["pageInfo"]["hasNextPage"],
            page["pageInfo"]["hasPreviousPage"],
        )
        await put(store, thing(A, name=f"later {number}"))

    assert [f"n{number}" for number in reversed(range(7))] == seen


async def test_foreign_cursors_and_sizes_are_refused(store: Store) -> None:
    """
    A cursor of another thing's history, of another list, nonsense, and pages of no size.
    """
    await put(store, thing(A), thing("theme:b"))
    other = (await answer(store, CHANGES, of="theme:b"))["history"]["pageInfo"]["endCursor"]
    listed = (await answer(store, "{ changes { pageInfo { endCursor } } }"))["changes"]
    wrong: list[dict[str, Any]] = [
        {"after": other},
        {"after": listed["pageInfo"]["endCursor"]},
        {"after": "nonsense"},
        {"first": 0},
        {"first": 201},
    ]
    assert [["BAD_REQUEST"]] * 5 == [await codes(store, CHANGES, of=A, **one) for one in wrong]


async def test_of_what_nobody_knows_there_is_no_history(store: Store) -> None:
    """
    An unknown id, a word that is no kind, and a thing before it was known: null.
    """
    receipt: Receipt = await put(store, thing(A))
    before = {"knownAt": "2020-01-01"}
    unknown = [await answer(store, CHANGES, of=of) for of in ("theme:z", "affects:z", "zebra:z")]

    assert [{"history": None}] * 3 == unknown
    assert {"history": None} == await answer(store, CHANGES, of=A, asOf=before)
    assert 1 == len(await changes(store, A, asOf={"knownAt": written(receipt.at)}))


@pytest.mark.parametrize(
    "text",
    [
        """themes { nodes { history { totalCount nodes { node { ... on Theme { history {
             nodes { sequence decision { id } } } } } } } } }""",
        'history(of: "theme:a") { totalCount nodes { decision { id } node { id } } }',
        "changes { totalCount nodes { decision { id } node { id } } }",
        'diff(of: "theme:a", from: {}, to: {}, depth: 1) { onlyFrom { id } }',
        'whyChanged(of: "theme:a") { explanation change { node { id } } }',
        'revisionBefore(of: "theme:a", revision: 9) { node { id } decision { id } }',
    ],
    ids=["nested", "history", "changes", "diff", "why", "step"],
)
async def test_one_statement_answers_a_root_field(store: Store, text: str) -> None:
    """
    Histories inside of lists, with nodes and their histories, cost no further statement.
    """
    await store.put([thing(A), thing("theme:b")], TESTER, "a test")
    store.reads = 0
    (found,) = (await answer(store, f"{{ {text} }}")).values()

    assert found is not None
    assert 1 == store.reads


@pytest.mark.parametrize("of", [A, "zebra:z"])
async def test_why_needs_a_field_that_there_is(store: Store, of: str) -> None:
    """
    A field of another kind is refused, with the kinds that have it; of an unknown id, null.
    """
    await put(store, thing(A))
    text = 'query ($of: ID!) { whyChanged(of: $of, field: "formula") { explanation } }'
    if of == A:
        assert ["BAD_REQUEST"] == await codes(store, text, of=of)
    else:
        assert {"whyChanged": None} == await answer(store, text, of=of)
