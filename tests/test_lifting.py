"""Documents that differ in quoted texts alone are read once, and answered as each by itself."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from api import documents as looked_at
from api.answering import answered
from api.app import schema
from api.documents import Documents, Unfit
from api.errors import told
from api.lifting import Apart, apart
from api.limits import Limits
from api.requests import GraphQLRequest
from graph.questions import Ask
from graph.store import Store
from tests.serving import PATIENT

ONE = '{{ kpi(key: "{}") {{ id name }} }}'


@pytest.fixture
def parses(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Texts that were parsed."""
    texts: list[str] = []
    parse = looked_at.parse

    def noted(text: str, **limits: Any) -> Any:
        texts.append(text)
        return parse(text, **limits)

    monkeypatch.setattr(looked_at, "parse", noted)
    yield texts


async def said(
    bank: Store, documents: Documents, text: str, name: str | None = None, **variables: Any
) -> Any:
    """Data and errors of a document, and what it cost."""
    asked = GraphQLRequest(text, name, variables)
    result = await answered(schema(), asked, Ask.of(bank), documents=documents)
    return result.data, [told(error, "") for error in result.errors or ()], result.extensions


def documents() -> Documents:
    """Nothing is known."""
    return Documents(schema()._schema, PATIENT)


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ('a "b" c "" d', Apart('a " c " d', ("b", ""))),
        ('("é ß")', Apart('(")', ("é ß",))),
        ("none", None),
        ('"open', None),
        ('"""block"""', None),
        ('"a" # "b"', None),
        (r'"a\"b"', None),
        ('"two\nlines"', None),
        ('"\ud800"', None),
    ],
)
def test_a_text_is_taken_apart_where_no_lexer_is_needed(text: str, parts: Apart | None) -> None:
    """
    Quotes in pairs, without escapes, blocks, comments and what no text may hold.
    """
    assert parts == apart(text)


async def test_another_key_is_asked_with_without_being_parsed(
    bank: Store, parses: list[str]
) -> None:
    """
    Of several root fields, in lists and objects, beside variables.
    """
    text = (
        'query ($n: Int) {{ kpi(key: "{}") {{ id }} nodes(ids: ["{}", "kpi:churn"]) {{ id }}'
        ' kpis(first: $n, filter: {{ key: {{ startsWith: "{}" }} }}) {{ nodes {{ key }} }} }}'
    )
    mine = documents()
    first = await said(bank, mine, text.format("nps", "kpi:nps", "n"), n=2)
    parses.clear()
    second = await said(bank, mine, text.format("churn", "persona:affluent", "c"), n=3)

    assert [] == parses
    assert first != second
    assert await said(bank, documents(), text.format("churn", "persona:affluent", "c"), n=3) == (
        second
    )
    assert "churn" in second[0]["kpi"]["id"]


def many(text: str) -> str:
    """A document that quotes a text forty times."""
    return "{ nodes(ids: [" + ", ".join([f'"{text}"'] * 40) + "]) { id } }"


LIFTED = [
    ('{ kpi(key: "nps") { name } }', '{ kpi(key: "gone") { name } }'),
    ('{ node(id: "kpi:nps") { id } }', '{ node(id: "kpi:churn") { id } }'),
    ('{ nodes(ids: ["kpi:nps""kpi:a"]) { id } }', '{ nodes(ids: ["kpi:b""kpi:churn"]) { id } }'),
    (
        '{ kpi(key: "nps") { ...f } } fragment f on Kpi { id }',
        '{ kpi(key: "churn") { ...f } } fragment f on Kpi { id }',
    ),
    (
        '{ ...q } fragment q on Query { kpi(key: "nps") { id } }',
        '{ ...q } fragment q on Query { kpi(key: "churn") { id } }',
    ),
    ('{ lineage(of: "kpi:nps") { root { id } } }', '{ lineage(of: "kpi:no") { root { id } } }'),
    ('{ kpi(key: "nps") { id } }', '{ kpi(key: "' + "n" * 1_000 + '") { id } }'),
]
"""A document, and one that is asked with its own texts by what is known of the first."""
APART = [
    (
        '{ kpi(key: "nps", asOf: { validAt: "2024-03-01T00:00:00Z" }) { id } }',
        '{ kpi(key: "nps", asOf: { validAt: "yesterday" }) { id } }',
    ),
    (
        '{ a: kpi(key: "nps") { id } a: kpi(key: "nps") { name } }',
        '{ a: kpi(key: "nps") { id } a: kpi(key: "churn") { name } }',
    ),
    (
        '{ kpi(key: "nps") { key } kpi(key: "nps") @skip(if: true) { key } }',
        '{ kpi(key: "churn") { key } kpi(key: "nps") @skip(if: true) { key } }',
    ),
    (
        'query a { kpi(key: "nps") { id } ...f } query b { ...f }'
        ' fragment f on Query { kpi(key: "nps") { id } }',
        'query a { kpi(key: "nps") { id } ...f } query b { ...f }'
        ' fragment f on Query { kpi(key: "churn") { id } }',
    ),
    (
        'query a { kpi(key: "nps") { id } } query b { kpi(key: "nps") { id } }',
        'query a { kpi(key: "nps") { id } } query b { kpi(key: "churn") { id } }',
    ),
    (
        'query b($k: String = "nps") { kpi(key: $k) { id } }',
        'query b($k: String = "churn") { kpi(key: $k) { id } }',
    ),
    (
        '{ kpi(key: "nps") { key } x: kpi(key: "nps") @skip(if: true) { key } }',
        '{ kpi(key: "nps") { key } x: kpi(key: "churn") @skip(if: true) { key } }',
    ),
    (
        '{ objectives { nodes { kpis(filter: { key: { startsWith: "n" } }) { nodes { key } } } } }',
        '{ objectives { nodes { kpis(filter: { key: { startsWith: "c" } }) { nodes { key } } } } }',
    ),
    ('{ kpi(key: "nps") { id } }', '{ kpi(key: "' + "n" * 1_001 + '") { id } }'),
    ('{ nodes(ids: ["kpi:nps""kpi:a"]) { id } }', '{ nodes(ids: ["kpi:churn"""]) { id } }'),
    (many("kpi:nps"), many("n" * 900)),
    ('{ __type(name: "Kpi") { name } }', '{ __type(name: "Persona") { name } }'),
]
"""A document, and one that must be read by itself."""


@pytest.mark.parametrize(
    ("known", "text", "lifted"),
    [*((*pair, True) for pair in LIFTED), *((*pair, False) for pair in APART)],
)
async def test_what_is_known_of_one_changes_no_answer_of_another(
    bank: Store, parses: list[str], known: str, text: str, lifted: bool
) -> None:
    """
    Data, errors with their places, and costs; whichever comes first.
    """
    name = "b" if known.startswith("query") else None
    for first, second in ((known, text), (text, known)):
        mine, both = documents(), [first, second, first, second]
        told = [await said(bank, mine, one, name) for one in both]
        assert [await said(bank, documents(), one, name) for one in both] == told
    parses.clear()
    mine = documents()
    for one in (known, text):
        await said(bank, mine, one, name)
    assert lifted == (parses == [known])


@settings(max_examples=150, deadline=None)
@given(text=st.text(max_size=12) | st.sampled_from(["nps", "churn", '") { name } }', "\\u0041"]))
def test_whatever_is_quoted_is_answered_as_by_itself(text: str) -> None:
    """
    Also what closes the quotes, escapes, or is no text at all: same document or same error.
    """
    mine = documents()
    mine.of(ONE.format("nps"))
    assert _seen(documents(), text) == _seen(mine, text)


def _seen(by: Documents, text: str) -> Any:
    """What would be asked of the store: the root fields with their arguments, or the errors."""
    asked = GraphQLRequest(ONE.format(text))
    who = looked_at.Who(None, False)
    try:
        document, ready = by.ready(asked, who)
    except Unfit as error:
        return [one.message for one in error.errors]
    if document and document.errors:
        return [one.message for one in document.errors]
    return ready.told, [(one.name, one.arguments) for one in ready.plan[0]] if ready.plan else None


async def test_keys_that_never_repeat_leave_one_document(bank: Store) -> None:
    """
    A thousand of them; the cost is told of each.
    """
    mine = Documents(schema()._schema, Limits())
    who = looked_at.Who(None, False)
    for i in range(1_000):
        asked = GraphQLRequest(ONE.format(f"k{i}"))
        _, ready = mine.ready(asked, who)
        assert ready.plan
        assert {"key": f"k{i}"} == ready.plan[0][0].arguments
        assert 1 == (ready.told or {})["cost"]["requested"]
        assert "query" == mine.kind(asked.query, None, True)
    assert "unknown" == mine.kind(asked.query, None, False)
    assert (1, 1) == (len(mine.kept), len(mine._likes))


async def test_names_that_callers_make_up_leave_nothing(bank: Store) -> None:
    """
    Operations that a known document does not have: each is refused, and none is remembered.
    """
    mine = documents()
    for i in range(100):
        data, errors, _ = await said(bank, mine, ONE.format("nps"), f"name{i}")
        assert (None, f"no operation is named 'name{i}'") == (data, errors[0]["message"])
    document = mine.of(ONE.format("nps"))
    assert ({}, 0, 1) == (document.plans, len(document.known), len(document.weights))
