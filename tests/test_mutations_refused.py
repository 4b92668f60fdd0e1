"""Input that cannot be: a typed error that names thing, field and rule; nothing is written."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from graph.store import Store
from tests.asking import answer, both, link, put, thing
from tests.looking import numbers, year
from tests.writing import at, did

KPI = "kpi:churn"
GROUNDS: dict[str, Any] = {"evidence": ["seen"], "decision": "decision:d", "withoutSuccessor": True}
WORDS = {"reason": "over"}

CASES: dict[str, tuple[str, dict[str, Any], tuple[str, str, str | None, str | None]]] = {
    "what is there already": (
        "create",
        {"thing": {"kpi": {"key": "churn", "name": "C"}}, "validFrom": at(2021)},
        ("RuleBroken", "ALREADY_THERE", KPI, "key"),
    ),
    "validity that ends before it starts": (
        "create",
        {"thing": {"theme": {"key": "t", "name": "T"}}, "validFrom": at(2021), "validTo": at(2020)},
        ("InvalidInput", "INVALID", "theme:t", "validTo"),
    ),
    "a name that is missing": (
        "create",
        {"thing": {"kpi": {"key": "k"}}},
        ("InvalidInput", "INVALID", None, "name"),
    ),
    "a value out of its range": (
        "create",
        {"thing": {"persona": {"key": "p", "name": "P", "influence": 1.5}}},
        ("InvalidInput", "INVALID", None, "influence"),
    ),
    "an empty reason": (
        "change",
        {"of": KPI, "set": {"kpi": {"name": "x"}}, "reason": "  "},
        ("InvalidInput", "INVALID", None, "reason"),
    ),
    "a client's key that is empty": (
        "change",
        {"of": KPI, "set": {"kpi": {"name": "x"}}, "key": ""},
        ("InvalidInput", "INVALID", None, "key"),
    ),
    "an unknown id": (
        "change",
        {"of": "kpi:nothing", "set": {"kpi": {"name": "x"}}},
        ("NotThere", "NOT_THERE", "kpi:nothing", "of"),
    ),
    "no id at all": (
        "change",
        {"of": "churn", "set": {"kpi": {"name": "x"}}},
        ("InvalidInput", "INVALID", None, "of"),
    ),
    "a change under the word of another kind": (
        "change",
        {"of": KPI, "set": {"theme": {"name": "x"}}},
        ("InvalidInput", "INVALID", KPI, "set"),
    ),
    "another key": (
        "change",
        {"of": KPI, "set": {"kpi": {"key": "other"}}},
        ("InvalidInput", "INVALID", KPI, "key"),
    ),
    "a change of the past": (
        "change",
        {"of": KPI, "set": {"kpi": {"name": "x"}}, "validFrom": at(2021)},
        ("InvalidInput", "INVALID", KPI, "validFrom"),
    ),
    "a correction of the future": (
        "correct",
        {"of": KPI, "set": {"kpi": {"name": "x"}}, "validFrom": at(2080), "validTo": at(2081)},
        ("InvalidInput", "INVALID", KPI, "validFrom"),
    ),
    "a correction of when it was not": (
        "correct",
        {"of": KPI, "set": {"kpi": {"name": "x"}}, "validFrom": at(2010), "validTo": at(2011)},
        ("NotThere", "NOT_IN_FORCE", KPI, "of"),
    ),
    "an edit to the dead": (
        "change",
        {"of": "kpi:dead", "set": {"kpi": {"name": "x"}}},
        ("NotThere", "NOT_IN_FORCE", "kpi:dead", "of"),
    ),
    "the ending of the dead": (
        "archive",
        {"of": "kpi:dead", **GROUNDS},
        ("NotThere", "NOT_IN_FORCE", "kpi:dead", "of"),
    ),
    "an ending said as a status": (
        "change",
        {"of": KPI, "set": {"kpi": {"status": "RETIRED"}}},
        ("InvalidInput", "INVALID", KPI, "status"),
    ),
    "a reference to nothing": (
        "change",
        {"of": KPI, "set": {"kpi": {"perspective": "nowhere"}}},
        ("NotThere", "NOT_THERE", "perspective:nowhere", "perspective"),
    ),
    "a link to another kind": (
        "link",
        {"links": [{"owns": {"source": KPI, "target": "kpi:nps"}}]},
        ("InvalidInput", "INVALID", None, "owns.source"),
    ),
    "a link to the dead": (
        "link",
        {"links": [{"drives": {"source": "process:p", "target": "kpi:dead", "sign": 1}}]},
        ("NotThere", "NOT_IN_FORCE", "kpi:dead", "target"),
    ),
    "an end of what is no link": (
        "unlink",
        {"of": [KPI]},
        ("InvalidInput", "INVALID", KPI, "of"),
    ),
    "an entity that ends without grounds": (
        "end",
        {"of": [KPI]},
        ("InvalidInput", "INVALID", KPI, "of"),
    ),
    "retirement without a decision": (
        "archive",
        {"of": KPI, "evidence": ["seen"], "withoutSuccessor": True},
        ("InvalidInput", "INVALID", KPI, "decision"),
    ),
    "retirement without evidence": (
        "archive",
        {"of": KPI, "decision": "decision:d", "withoutSuccessor": True},
        ("InvalidInput", "INVALID", KPI, "evidence"),
    ),
    "retirement without a word on what follows": (
        "archive",
        {"of": KPI, "evidence": ["seen"], "decision": "decision:d"},
        ("InvalidInput", "INVALID", KPI, "successor"),
    ),
    "a decision that nobody took": (
        "archive",
        {"of": KPI, **GROUNDS, "decision": "decision:none"},
        ("NotThere", "NOT_THERE", "decision:none", "decision"),
    ),
    "a successor of another kind": (
        "archive",
        {"of": KPI, **GROUNDS, "withoutSuccessor": False, "successor": "process:p"},
        ("RuleBroken", "RULE_BROKEN", KPI, "successor"),
    ),
    "a successor that is dead": (
        "archive",
        {"of": KPI, **GROUNDS, "withoutSuccessor": False, "successor": "kpi:dead"},
        ("NotThere", "NOT_IN_FORCE", "kpi:dead", "successor"),
    ),
    "a successor of itself": (
        "archive",
        {"of": KPI, **GROUNDS, "withoutSuccessor": False, "successor": KPI},
        ("RuleBroken", "RULE_BROKEN", KPI, "successor"),
    ),
    "a return of the living": (
        "restore",
        {"of": KPI},
        ("RuleBroken", "ALREADY_THERE", KPI, "of"),
    ),
    "a circle": (
        "link",
        {
            "links": [
                {"componentOf": {"source": KPI, "target": "kpi:nps", "normalisation": "LOWER"}},
                {"componentOf": {"source": "kpi:nps", "target": KPI, "normalisation": "LOWER"}},
            ]
        },
        ("RuleBroken", "RULE_BROKEN", "component_of:kpi:nps/kpi:churn", None),
    ),
}


@pytest.fixture
async def scorecard(store: Store) -> Store:
    """Two living KPIs and a dead one, a process, a decision."""
    await put(
        store,
        thing(KPI, year(2020)),
        thing("kpi:nps", year(2020)),
        thing("kpi:dead", year(2020), year(2022)),
        thing("process:p"),
        thing("decision:d"),
    )
    return store


async def test_each_is_refused_with_what_is_wrong_and_where(scorecard: Store) -> None:
    """
    Type, code, thing and field of the error; the message names the thing; nothing is written.
    """
    before, found = await numbers(scorecard), {}
    for what, (verb, said, _) in CASES.items():
        told = await did(scorecard, verb, **said)
        found[what] = tuple(told[one] for one in ("__typename", "code", "of", "field"))
        assert (told["of"] or "") in told["message"] and told["rule"] in told["message"], what

    assert {what: expected for what, (*_, expected) in CASES.items()} == found
    assert before == await numbers(scorecard)


async def test_two_successors_lead_in_no_circle(scorecard: Store) -> None:
    """
    What was retired for another cannot follow on it, also not before that other's end.
    """
    grounds = {"evidence": ["seen"], "decision": "decision:d", "at": at(2024)}
    await did(scorecard, "archive", of=KPI, successor="kpi:nps", **grounds)
    told = await did(
        scorecard, "archive", of="kpi:nps", successor=KPI, **{**grounds, "at": at(2023)}
    )

    assert ("RuleBroken", "kpi:nps") == (told["__typename"], told["of"])
    assert "circle" in told["rule"]


async def test_a_share_that_would_be_missing_is_told(scorecard: Store) -> None:
    """
    To end one of two owners leaves a half: refused, with the total and the whole.
    """
    share = {"accountability": "JOINT", "share": 0.5}
    await put(
        scorecard,
        thing("role:a"),
        thing("role:b"),
        link("owns", "role:a", KPI, year(2020), key=f"role:a/{KPI}/JOINT", **share),
        link("owns", "role:b", KPI, year(2020), key=f"role:b/{KPI}/JOINT", **share),
    )
    told = await did(scorecard, "unlink", of=[f"owns:role:a/{KPI}/JOINT"])
    gone = await did(scorecard, "archive", of="role:a", **GROUNDS)

    for one in (told, gone):
        assert ("RuleBroken", "RULE_BROKEN") == (one["__typename"], one["code"])
        assert "0.5" in one["rule"] and "sum to 1" in one["rule"]


async def test_record_time_is_no_part_of_any_input(scorecard: Store) -> None:
    """
    The store sets it: a document that gives one is refused before anything runs, by name.
    """
    text = """
    mutation { change(input: {of: "kpi:churn", set: {kpi: {name: "x"}}, reason: "r",
      recordedAt: "2020-01-01"}) { __typename } }
    """
    data, errors = await both(scorecard, text)

    assert data is None and "recordedAt" in errors[0].message


async def test_a_word_that_is_in_no_list_is_refused_by_name(scorecard: Store) -> None:
    """
    As a variable and in the document: with the list that it is not in.
    """
    text = 'mutation {{ create(input: {{thing: {{kpi: {0}}}, reason: "r"}}) {{ __typename }} }}'
    data, errors = await both(scorecard, text.format('{key: "k", name: "K", kpiKind: SOFT}'))

    assert data is None
    assert "SOFT" in errors[0].message and "KpiKind" in errors[0].message


async def test_only_one_kind_is_named_at_a_time(scorecard: Store) -> None:
    """
    Two members of what must be one are refused before anything runs.
    """
    text = """
    mutation { create(input: {thing: {kpi: {key: "a", name: "A"}, theme: {key: "b", name: "B"}},
      reason: "r"}) { __typename } }
    """
    data, errors = await both(scorecard, text)

    assert data is None and "ThingInput" in errors[0].message


async def test_what_docs_show_of_writing_is_done(bank: Store) -> None:
    """
    The mutations of docs/writing.md fit the bank, as dry runs.
    """
    page = Path(__file__).parent.parent / "docs" / "writing.md"
    shown = re.findall(r"^```graphql\n(.*?)^```$", page.read_text("utf-8"), re.M | re.S)
    before = await numbers(bank)
    for text in shown:
        ((told),) = (await answer(bank, text)).values()
        assert told["changes"], told

    assert len(shown) == 2 and before == await numbers(bank)
