"""Roads to an answer, by plan and by the executor of graphql-core: always the same answer."""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from api.answering import answered
from api.app import schema
from api.documents import Document, Documents, Unfit
from api.errors import told
from api.requests import GraphQLRequest
from api.resolving import ANSWERS
from api.schema import build
from graph.questions import Ask
from graph.store import Store
from graph.viewers import EVERYONE, Viewer
from tests.access_model import ROLES, policy
from tests.made_up import operations
from tests.serving import PATIENT

QUESTIONS = sorted(Path(__file__).parent.joinpath("questions").glob("*.graphql"))
EXAMPLES = 5
"""Operations that are made up for each role."""
QUOTED = re.compile(r'"[^"\\\n]*"')
VIEWERS = (EVERYONE, *(policy().viewer("somebody", [name]) for name in ROLES))
"""Whoever sees everything, and each role of the bank."""
WRITTEN = """
{ kpi(key: "nps") { id __typename name again: name ...told ... on Entity { status } } }
fragment told on Kpi { kind perspective { ... on Node { id __typename } } }
---
{ a: kpi(key: "nope") { id } b: kpis(first: 3) { totalCount edges { cursor node { key } } } }
---
{ node(id: "persona:affluent") { __typename id ... on Persona { name } ... on Kpi { name } } }
---
{ kpis(first: 5, asOf: {validAt: "2024-03-01"}) { nodes { id history { nodes { id } } } } }
---
{ kpis(first: 500) { nodes { id } } kpi(key: "nps") { id } }
---
{ lineage(of: "kpi:nope") { root { id } } strategyMap { objectives { objective { id } } } }
---
{ __typename kpi(key: "nps") { validFrom validTo recordedAt } }
---
{ __schema { queryType { name } } kpi(key: "nps") { id } }
---
query ($k: String!) { kpi(key: $k) { id } }
---
query a { kpi(key: "nps") { id } } query b { kpi(key: "nps") { name } }
---
{ nodes(ids: ["kpi:nps", "kpi:nope", "objective:grow"]) { id ... on Kpi { purpose } } }
"""
"""Documents that take turns that the pinned questions do not."""


async def roads(
    bank: Store, text: str, viewer: Viewer = EVERYONE, variables: dict[str, Any] | None = None
) -> tuple[Any, list[Any]]:
    """Data and errors by the executor; by plan, and by that of a document with other texts."""
    documents, asked = Documents(schema()._schema, PATIENT), GraphQLRequest(text, None, variables)
    others = Documents(schema()._schema, PATIENT)
    with suppress(Unfit):
        others.of(QUOTED.sub('"another"', text))
    ask = Ask.of(bank, viewer)
    planned = [await answered(schema(), asked, ask, documents=one) for one in (documents, others)]
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(Document, "plan", lambda *_: None)
        by_executor = await answered(schema(), asked, ask, documents=documents)
    return _said(by_executor), [*map(_said, planned)]


def _said(result: Any) -> Any:
    return result.data, [told(error, "") for error in result.errors or ()], _order(result.data)


def _order(value: Any) -> Any:
    """Names in their order, which equal mappings may have in another."""
    if isinstance(value, Mapping):
        return [(name, _order(inner)) for name, inner in value.items()]
    return [_order(inner) for inner in value] if isinstance(value, list) else None


@pytest.mark.parametrize("path", QUESTIONS, ids=lambda path: path.stem)
async def test_pinned_questions_are_answered_alike(bank: Store, path: Path) -> None:
    """
    Each for every viewer.
    """
    for viewer in VIEWERS:
        by_executor, planned = await roads(bank, path.read_text(encoding="utf-8"), viewer)
        assert (viewer.roles, [by_executor] * 2) == (viewer.roles, planned)


@pytest.mark.parametrize("text", WRITTEN.split("---"))
async def test_documents_with_odd_parts_are_answered_alike(bank: Store, text: str) -> None:
    """
    Fragments, aliases, abstract types, nulls, errors of one field, of variables, of operations.
    """
    by_executor, planned = await roads(bank, text, policy().viewer("somebody", ["analyst"]))

    assert [by_executor] * 2 == planned


@pytest.mark.parametrize("viewer", VIEWERS, ids=lambda viewer: "-".join(viewer.roles) or "everyone")
async def test_made_up_documents_are_answered_alike(bank: Store, viewer: Viewer) -> None:
    """
    Whatever the schema allows, also as of other days.
    """
    texts: list[str] = []
    operations("Query", EXAMPLES, VIEWERS.index(viewer), texts.append)
    for text in texts:
        by_executor, planned = await roads(bank, text, viewer)
        assert (text, [by_executor] * 2) == (text, planned)


FLAGS = """
query ($k: String!, $with: Boolean!, $n: Int = 2) {
  kpi(key: $k) { id name @include(if: $with) series(first: $n) { nodes { id } } }
}
"""


async def test_variables_may_be_others_each_time(bank: Store) -> None:
    """
    Of root fields, below them, and of directives, with one plan that is made and made again.
    """
    documents = Documents(schema()._schema, PATIENT)
    given: list[dict[str, Any]] = [
        {"k": "nps", "with": True},
        {"k": "churn", "with": True},
        {"k": "churn", "with": False, "n": 1},
        {"k": "nps", "with": False, "n": 1},
        {"k": "nps", "with": "yes"},
        {"with": True},
        {"k": "nps", "with": True},
    ]
    for variables in given:
        asked = GraphQLRequest(FLAGS, None, variables)
        by_plan = await answered(schema(), asked, Ask.of(bank), documents=documents)
        by_executor = await answered(schema(), asked, Ask.of(bank))
        assert _said(by_executor) == _said(by_plan)


@pytest.mark.parametrize("value", [None, 7, {"no": "text"}, ["a", "b"]], ids=str)
@pytest.mark.parametrize("field", ["id", "name", "validFrom", "status"])
async def test_a_value_that_is_not_of_its_type_is_told_as_the_executor_tells_it(
    bank: Store, monkeypatch: pytest.MonkeyPatch, field: str, value: Any
) -> None:
    """
    Null where none may be, a list for a text: an error at its place, as specified.
    """

    async def wrong(*_: Any) -> Any:
        return {"it": value}

    built = build()
    kpi = built._schema.query_type.fields["kpi"]  # type: ignore[union-attr]
    kpi.extensions[ANSWERS] = wrong
    asked = GraphQLRequest(f'{{ kpi(key: "x") {{ it: {field} }} }}')
    by_plan = await answered(
        built, asked, Ask.of(bank), documents=Documents(built._schema, PATIENT)
    )
    by_executor = await answered(built, asked, Ask.of(bank))

    assert _said(by_executor) == _said(by_plan)


async def test_what_was_found_is_not_asked_for_again(bank: Store) -> None:
    """
    Where one field fails the executor goes on with what the plan found: one statement a field.
    """
    documents = Documents(schema()._schema, PATIENT)
    asked = GraphQLRequest('{ kpi(key: "nps") { id } lineage(of: "kpi:nope") { root { id } } }')
    before = bank.reads
    result = await answered(schema(), asked, Ask.of(bank), documents=documents)

    assert 2 == bank.reads - before
    assert {"kpi": {"id": "kpi:nps"}, "lineage": None} == result.data
