"""Every root field of the schema asked by every role: nothing hidden in answers and errors.

What is hidden is answered as what does not exist: same shape, code and message.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
from collections.abc import Iterable
from datetime import UTC, datetime
from functools import cache
from typing import Any

import pytest
from graphql import get_named_type

from api.app import schema
from api.errors import code_of
from graph.ontology import ONTOLOGY
from graph.ontology.vocabulary import plural
from graph.policy import Policy
from graph.questions import Ask
from graph.store import Store
from graph.viewers import Viewer
from tests.access_model import ROLES, SAID, role, rows
from tests.files import table
from tests.leaks import everything, found, roots

AT_ONCE = 2
"""Questions that are asked side by side."""
SHARE = int(os.environ.get("ACCESS_SHARE", "4"))
"""Each role asks every such root field, each beginning with another one; 1 to ask all."""
BOUNDED = [name for name in ROLES if role(name).hidden]
"""Roles from which rows are hidden."""
LATE = {"TIMEOUT", "UNAVAILABLE"}
"""Of a question that took longer than a minute to plan, on a slow machine; it tells nothing."""
LATE_AT_MOST = 2
"""Such questions of each role in one run."""
THEN = '{validAt: "2024-03-01"}'
SPAN = f'from: {THEN}, to: {{validAt: "2026-07-01"}}'
SHOCK = 'of: [{on: "kpi:training_hours"}]'
QUESTIONS: dict[str, list[str]] = {
    "node": ['id: "{any}"'],
    "nodes": ['ids: ["{any}", "kpi:churn"]'],
    "search": ['text: "affluent"', 'text: "wealth", first: 50', 'text: "a", first: 200'],
    "archive": ["first: 200", 'filter: {group: "{group}"}', 'filter: {owner: "{any}"}'],
    "history": ['of: "{any}"', 'of: "decision:set_targets_2024"', 'of: "review:deep_dive/2024-q2"'],
    "changes": ["first: 200", "first: 200, kinds: [PERSONA, SERIES, REVIEW]", 'ids: ["{any}"]'],
    "lineage": [
        'of: "{any}"',
        'of: "kpi:churn", direction: DOWNSTREAM',
        'of: "kpi:persona_health"',
    ],
    "chains": [
        'from: "initiative:adviser_school", to: "kpi:churn"',
        'from: "kpi:training_hours", to: "kpi:churn", group: "{group}"',
        'from: "kpi:training_hours", to: "{any}"',
    ],
    "impact": [f"{SHOCK}, horizon: 3", f'{SHOCK}, groups: ["{{group}}"]', 'of: [{on: "{any}"}]'],
    "effects": ['of: "initiative:adviser_school"', 'of: "kpi:training_hours", group: "{group}"'],
    "causes": ['of: "kpi:churn"', 'of: "kpi:revenue_per_customer", group: "{group}"'],
    "loops": ['of: "kpi:churn"', 'of: "kpi:nps", group: "{group}"', 'of: "{any}"'],
    "trace": [
        'from: "initiative:adviser_school", toPerspective: "perspective:financial"',
        'from: "kpi:training_hours", toPerspective: "perspective:financial", group: "{group}"',
    ],
    "whatIf": [
        f'{SHOCK}, edits: [{{retire: "kpi:nps"}}]',
        f'{SHOCK}, edits: [{{remove: "{{any}}"}}]',
        f'{SHOCK}, edits: [{{add: {{from: "kpi:training_hours", to: "kpi:churn", weight: 1,'
        ' group: "{group}"}}]',
    ],
    "assessInitiative": [
        'initiative: "initiative:adviser_school"',
        'initiative: "initiative:adviser_school", groups: ["{group}"]',
        'described: {name: "x", changes: [{on: "{any}", change: 1}]}',
    ],
    "compare": [
        'options: [{on: "initiative:adviser_school"}, {on: "kpi:nps"}], on: "kpi:churn"',
        'options: [{on: "kpi:nps"}], on: "kpi:churn", weights: [{group: "{group}", weight: 1}]',
    ],
    "leadLagBalance": ["", 'groups: ["{group}"]'],
    "themeCoverage": [""],
    "strategyMap": ["", 'group: "{group}"', 'group: "persona:digital_native"'],
    "integrity": [""],
    "revisionBefore": ['of: "{any}", revision: 99999', 'of: "plan:plan_2024", revision: 99999'],
    "revisionAfter": ['of: "{any}", revision: 0', 'of: "review:deep_dive/2024-q2", revision: 0'],
    "verifyAudit": ["", "thorough: true"],
    "myAccess": [""],
    "accessLog": [""],
    "reproduce": [
        'observation: "observation:persona_health/all/2025-08"',
        'observation: "{any}"',
    ],
    "values": ['of: "{any}"', 'of: "kpi:churn"', 'of: "kpi:churn", group: "{group}"'],
    "succession": ['of: "kpi:nps"', 'of: "{any}"'],
    "exclusions": [""],
    "diff": [
        f'of: "kpi:churn", {SPAN}, depth: 2',
        f'of: "review:deep_dive/2024-q2", {SPAN}, depth: 1',
        f'of: "{{any}}", {SPAN}',
    ],
    "whyChanged": ['of: "{any}"', 'of: "plan:plan_2024"', 'of: "kpi:persona_health"'],
}
WORDS = ("segment", "observation", "payout")
"""Of what there are hidden ids for `any`: by scope, belonging to something hidden, by kind."""
PERSON = table("memberships")[0]["customer_ref"]
KPI = 'of: "kpi:churn"'
MUTATIONS: dict[str, list[str]] = {
    "create": ['thing: {theme: {key: "new", name: "New", decision: "decision:no"}}'],
    "change": [
        'of: "{any}", set: {kpi: {name: "x"}}',
        'of: "persona:digital_native", set: {persona: {name: "x"}}',
        'of: "persona_of:persona:digital_native/segment:mass_retail", set: {personaOf: {share: 1}}',
        'of: "decision:set_targets_2024", set: {decision: {changed: ["plan:plan_2024"]}}',
    ],
    "correct": [
        'of: "{any}", set: {kpi: {name: "x"}}, validFrom: "2025-01-01", validTo: "2025-02-01"'
    ],
    "link": [
        'links: [{personaOf: {source: "persona:digital_native", target: "{group}", share: 0.1}}]',
        'links: [{forGroup: {source: "objective:skilled_advisers", target: "{group}"}}]',
    ],
    "unlink": ['of: ["{any}"]', 'of: ["persona_of:persona:digital_native/segment:mass_retail"]'],
    "end": ['of: ["{any}"]', 'of: ["kpi:churn"]', 'of: ["persona:digital_native"]'],
    "archive": [
        'of: "{any}", withoutSuccessor: true, evidence: ["x"], decision: "decision:lower_access"',
        f'{KPI}, withoutSuccessor: true, evidence: ["seen"], decision: "decision:lower_access"',
        f'{KPI}, successor: "{{any}}", evidence: ["seen"], decision: "decision:lower_access"',
    ],
    "restore": ['of: "{any}"', 'of: "kpi:app_downloads"'],
    "excludeFromScorecard": [
        f'{KPI}, evidence: ["seen"], decision: "decision:lower_access"',
        'of: "{any}", evidence: ["seen"], decision: "decision:lower_access"',
    ],
    "recordDecision": [
        'decision: {key: "d", name: "D", about: ["{any}"]}',
        'decision: {key: "d", name: "D", text: "T"}, changes: [{end: {of: ["{any}"]}}]',
    ],
    "recordObservation": ['kpi: "churn", group: "{group}", period: "2026-06", value: 1'],
    "restateObservation": ['of: "{any}", value: 1, cause: SOURCE_CORRECTED'],
    "erasePerson": [f'person: "{PERSON}"'],
}


def plain_roots() -> dict[str, list[str]]:
    """Things by key and pages of every kind that has root fields."""
    asked = {}
    for kind in ONTOLOGY.kinds.values():
        one, many = _camel(kind.word), _camel(plural(kind.word))
        if many in roots("query_type"):
            asked |= {one: [f'key: "{{{kind.word}}}"'], many: ["first: 200"]}
    return asked


def _camel(word: str) -> str:
    first, *rest = word.split("_")
    return first + "".join(part.capitalize() for part in rest)


def test_every_root_field_is_asked() -> None:
    """
    A root field without a question here is no part of the schema yet; `watch` is heard elsewhere.
    """
    assert roots("query_type").keys() == {*QUESTIONS, *plain_roots()}
    assert roots("mutation_type").keys() == MUTATIONS.keys()
    assert {"watch"} == roots("subscription_type").keys()


@cache
def viewer(name: str) -> Viewer:
    """Somebody in a role of the bank who may use every verb but that of the log."""
    said = SAID["roles"] | {name: SAID["roles"][name] | {"verbs": list(MUTATIONS)}}
    return Policy.of(SAID | {"roles": said}, ONTOLOGY).viewer("somebody", [name])


async def told(bank: Store, name: str, text: str) -> Any:
    """Data, and code and message of each error."""
    ask = Ask(bank, datetime.now(UTC), viewer(name), patience=60, allowed=60)
    given = {"ask": ask, "request_id": "test"}
    result = await schema().execute(text, context_value=given)
    errors = [[code_of(error), error.message] for error in result.errors or ()]
    assert "INTERNAL" not in [code for code, _ in errors], text
    return [result.data, errors]


def document(of: str, root: str, given: str) -> str:
    """A question for everything that a root field tells."""
    told_by = get_named_type(roots(of)[root].type)
    if of == "mutation_type":
        given = f'input: {{{given}, reason: "a test", dryRun: true}}'
        return f"mutation {{ {root}({given}) {everything(told_by)} }}"
    return f"{{ {root}{f'({given})' if given else ''} {everything(told_by)} }}"


def hidden_ids(name: str, given: str) -> list[str]:
    """Hidden ids to put into a question, one of each sort."""
    words = {"any": WORDS, "group": ("persona", "segment")}
    wanted = [w for sort in re.findall(r"\{(\w+)\}", given) for w in words.get(sort, (sort,))]
    every = sorted(role(name).hidden)
    firsts = (next((id_ for id_ in every if id_.startswith(f"{word}:")), None) for word in wanted)
    return [id_ for id_ in firsts if id_]


def put(given: str, id_: str) -> str:
    """A question with an id in its place; one by key takes the key."""
    key = id_.partition(":")[2] if given.startswith("key:") else id_
    return re.sub(r"\{\w+\}", key, given) if re.search(r"\"\{\w+\}\"", given) else given


async def looked(bank: Store, name: str, of: str, root: str, given: str, late: list[str]) -> None:
    """Ask one question with each hidden id, and with one that there never was."""
    for id_ in hidden_ids(name, given) or ["kpi:churn"]:
        asked = put(given, id_)
        answer = await told(bank, name, document(of, root, asked))
        echoed = json.dumps(answer).replace(id_, "the id")
        new = [one for one in found(role(name), json.loads(echoed)) if one not in asked]
        assert [] == new, (root, asked)
        if asked != given and id_ != "kpi:churn":
            never = f"{id_}-never"
            other = await told(bank, name, document(of, root, put(given, never)))
            if LATE & {code for _, errors in (answer, other) for code, _ in errors}:
                late.append(asked)
            else:
                assert json.dumps(other).replace(never, "the id") == echoed, (root, asked)


def share(name: str, asked: dict[str, list[str]]) -> list[tuple[str, str]]:
    """What a role asks of all that is asked: all of some root fields, as each is planned anew."""
    mine = list(asked)[BOUNDED.index(name) % SHARE :: SHARE]
    return [(root, given) for root in mine for given in asked[root]]


async def all_of(work: Iterable[Any]) -> None:
    """Run a few at a time."""
    turns = asyncio.Semaphore(AT_ONCE)

    async def one(each: Any) -> None:
        async with turns:
            await each

    await asyncio.gather(*(one(each) for each in work))


@pytest.mark.parametrize("name", BOUNDED)
async def test_no_answer_tells_of_what_is_hidden(bank: Store, name: str) -> None:
    """
    Each root field, with everything that it tells, beside drawings and charts.
    """
    late: list[str] = []
    work = share(name, plain_roots() | QUESTIONS)
    await all_of(looked(bank, name, "query_type", *one, late) for one in work)
    assert len(late) <= LATE_AT_MOST, late


@pytest.mark.parametrize("name", BOUNDED)
async def test_no_mutation_tells_of_what_is_hidden(bank: Store, name: str) -> None:
    """
    Receipts with changes, effects and nodes, and every refusal; all of them dry runs.
    """
    late: list[str] = []
    work = share(name, MUTATIONS)
    await all_of(looked(bank, name, "mutation_type", *one, late) for one in work)
    assert len(late) <= LATE_AT_MOST, late


def test_the_looker_finds_what_it_looks_for() -> None:
    """
    An id alone, within the id of a link, in a text; not the longer id of something else.
    """
    who, id_ = role("analyst"), "segment:affluent"
    link = f"persona_of:persona:digital_native/{id_}"

    assert id_ in rows()
    assert [[id_]] * 3 == [found(who, {"x": text}) for text in (id_, link, f"for {id_}; more")]
    assert [["Affluent"], []] == [found(who, [text]) for text in ("Affluent", f"{id_}_two")]
