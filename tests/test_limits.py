"""The rule of cost and depth, and every limit on documents, at and just over each."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from graphql import get_introspection_query

from api.app import schema
from api.documents import Documents, Unfit
from api.errors import code_of
from api.limits import DEFAULTS, Limits
from api.settings import WrongUse, settings
from tests.test_docs import EXAMPLES

ROOT = Path(__file__).resolve().parents[1]
PINNED = {path.stem: path.read_text() for path in (ROOT / "tests" / "questions").glob("*.graphql")}
CORE = schema()._schema
WHOLE = get_introspection_query()


def cost(text: str, limits: Limits = DEFAULTS, name: str | None = None, **variables: object) -> int:
    """The cost of a document that is within the limits."""
    document = Documents(CORE, limits).of(text)
    assert () == document.errors
    found: int = document.cost(name, variables)["cost"]["requested"]
    return found


def refused(text: str, limits: Limits = DEFAULTS, **variables: object) -> tuple[str, str]:
    """Code and message of a document that is not run."""
    with pytest.raises(Unfit) as found:
        Documents(CORE, limits).of(text).cost(None, variables)
    (error,) = found.value.errors
    return code_of(error), error.message


def below(levels: int) -> str:
    """A thing with so many things below one another."""
    return (
        '{ kpi(key: "x") {'
        + "objectives { nodes { kpis { nodes {" * (levels // 2)
        + " key "
        + "}" * 4 * (levels // 2)
        + "} }"
    )


COSTS = {
    '{ kpi(key: "x") { name } }': 1,
    "{ kpis { nodes { name } totalCount pageInfo { hasNextPage } } }": 1,
    "{ kpis(first: 200) { nodes { name } } }": 4,
    "{ kpis(first: 10) { edges { node { owners { nodes { name } } perspective { name } } } } }": 21,
    "{ kpis(first: 200) { nodes { series(first: 100) { nodes { key } } } } }": 4 + 200 * 2,
    '{ nodes(ids: ["a:b", "a:c", "a:d"]) { ... on Kpi { owners { nodes { name } } } } }': 1 + 3,
    '{ lineage(of: "kpi:x") { nodes { layer node { id } } } }': 50 + 1 + 10,
    '{ effects(of: "kpi:x") { effects { chains(first: 2) { edges { sign } } } } }': 50
    + 1
    + 10 * (1 + 2 * 1),
    "{ kpis(first: 10) { nodes { ...f ...f } } } fragment f on Kpi { perspective { name } }": 1
    + 10 * 2,
    "{ __typename }": 0,
    WHOLE: 0,
}


@pytest.mark.parametrize(("text", "expected"), COSTS.items(), ids=map(str, range(len(COSTS))))
def test_a_question_costs_what_the_rule_says(text: str, expected: int) -> None:
    """
    Pages by 50 rows, rows times what is below, walks 50, parts of pages nothing.
    """
    assert expected == cost(text)


def test_variables_count_as_what_is_sent_else_as_their_default() -> None:
    """
    A page size and a list of ids; the text alone decides nothing.
    """
    sized = "query ($n: Int = 100) { kpis(first: $n) { nodes { perspective { name } } } }"
    listed = "query ($i: [ID!]!) { nodes(ids: $i) { ... on Kpi { perspective { name } } } }"

    assert 2 + 100 == cost(sized)
    assert 1 + 7 == cost(sized, n=7)
    assert 1 + 50 == cost(sized, n=None)
    assert 1 + 3 == cost(listed, i=["kpi:a", "kpi:b", "kpi:c"])


def test_one_document_is_weighed_anew_for_other_sizes() -> None:
    """
    What is kept is kept by the sizes, or a small page would let a large one through.
    """
    document = Documents(CORE, DEFAULTS).of("query ($n: Int) { kpis(first: $n) { nodes { key } } }")

    assert [1, 4, 1] == [document.cost(None, {"n": n})["cost"]["requested"] for n in (50, 200, 50)]


def test_the_named_operation_is_weighed() -> None:
    """
    Of several operations only one runs.
    """
    both = "query A { kpis { nodes { key } } } query B { kpis(first: 200) { nodes { key } } }"

    assert [1, 4] == [cost(both, name=name) for name in "AB"]


@pytest.mark.parametrize("name", [*PINNED, *EXAMPLES])
def test_every_question_of_the_documents_is_within_the_limits(name: str) -> None:
    """
    Nobody needs to raise a limit for what the documents and the four users ask.
    """
    text = (PINNED | EXAMPLES)[name]
    most = Documents(CORE, DEFAULTS).of(text)

    assert all(
        0 <= most.cost(one.name.value if one.name else None, {})["cost"]["requested"] <= 10_000
        for one in most.costs.operations
    )


TOO_MUCH = {
    "2000 tokens": ("{" + " __typename" * 2001 + "}", "tokens"),
    "32000 characters": ("{ __typename }" + " " * 32_000, "source"),
    "200 comments": ("#\n" * 201 + "{ __typename }", "comments"),
    "6 operations": (" ".join(f"query q{n} {{ __typename }}" for n in range(6)), "operations"),
    "41 fragments": (
        "{ __typename }" + "".join(f"fragment f{n} on Kpi {{ key }} " for n in range(41)),
        "fragments",
    ),
    "41 variables": (
        "query (" + " ".join(f"$v{n}: Int" for n in range(41)) + ") { __typename }",
        "variables",
    ),
    "31 aliases": ("{" + " ".join(f"a{n}: __typename" for n in range(31)) + "}", "aliases"),
    "31 directives": ("{ __typename " + "@skip(if: false) " * 31 + "}", "directives"),
    "601 fields": ("{" + " __typename" * 601 + "}", "fields"),
    "9 things deep": (below(8), "depth"),
    "costs more than 10000": (
        "{ kpis(first: 200) { nodes { series(first: 200) { nodes { kpi { key } } } } } }",
        "cost",
    ),
    "usual whole question": (
        "{ a: __schema"
        + WHOLE.split("__schema", 1)[1].replace(
            "types {", "types { a: fields { type { fields { args { type { name } } } } }"
        ),
        "introspection_cost",
    ),
    "answer under one name": (
        "{" + ' kpi(key: "x") { name owners { nodes { name } } }' * 60 + "}",
        "overlaps",
    ),
}


@pytest.mark.parametrize(("said", "text"), [(s, t) for s, (t, _) in TOO_MUCH.items()])
def test_too_much_of_anything_is_refused(said: str, text: str) -> None:
    """
    Before it runs, with what is too much.
    """
    code, message = refused(text)

    assert "QUERY_TOO_COMPLEX" == code
    assert said in message


@pytest.mark.parametrize(("text", "limit"), [*TOO_MUCH.values()], ids=TOO_MUCH)
def test_a_raised_limit_lets_it_through(text: str, limit: str) -> None:
    """
    Each is refused by the limit that is named, or by what a raised one brings with it.
    """
    amply = {"cost": 10**20, "fields": 10**6, "overlaps": 10**9}
    raised = Limits.model_validate(amply | {limit: 10**20})

    Documents(CORE, raised).of(text).cost("q1" if limit == "operations" else None, {})


LONG = {
    "a list": ("{ nodes(ids: [" + '"kpi:a" ' * 201 + "]) { id } }", {}),
    "a text": ('{ search(text: "' + "x" * 1001 + '") { totalCount } }', {}),
    "a number": ("{ kpis(first: " + "1" * 5000 + ") { totalCount } }", {}),
    "a list that is sent": ("query ($i: [ID!]!) { nodes(ids: $i) { id } }", {"i": ["a:b"] * 201}),
    "a text that is sent": (
        "query ($t: String!) { search(text: $t) { totalCount } }",
        {"t": "x" * 1001},
    ),
    "a text within": ("{ __typename }", {"unused": [{"a": ["x" * 1001]}]}),
}


@pytest.mark.parametrize(("text", "sent"), LONG.values(), ids=LONG)
def test_too_long_an_argument_is_refused(text: str, sent: dict[str, object]) -> None:
    """
    In the document or in its variables, however deep.
    """
    assert "BAD_REQUEST" == refused(text, **sent)[0]


def test_fragments_that_spread_one_another_are_visited_once() -> None:
    """
    Eight to the power of 39 fields in 3,000 characters: the number is known at once.
    """
    chain = "".join(f"fragment f{n} on Kpi {{ {f'...f{n + 1} ' * 8} }} " for n in range(38))
    text = '{ kpi(key: "x") { ...f0 } }' + chain + "fragment f38 on Kpi { perspective { name } }"

    assert "QUERY_TOO_COMPLEX" == refused(text, Limits(overlaps=10**9))[0]


def test_names_are_suggested_only_where_the_schema_may_be_asked_for() -> None:
    """
    Without introspection, a wrong name tells nothing of the right one.
    """
    closed, wrong = Limits(introspection=False), '{ kpi(key: "x") { nmae } }'
    told = [Documents(CORE, limits).of(wrong).errors[0].message for limits in (DEFAULTS, closed)]

    assert [True, False] == ["Did you mean" in message for message in told]
    assert () == Documents(CORE, DEFAULTS).of(WHOLE).errors
    assert [] != [*Documents(CORE, closed).of(WHOLE).errors]


def test_what_is_kept_is_bounded() -> None:
    """
    Documents leave when others come, by their length; one that is too long is never kept.
    """
    documents = Documents(CORE, Limits(documents_kept=100))
    texts = [f"{{ a{n}: __typename }}" for n in range(50)]
    made = [documents.of(text) for text in texts]

    assert made[-1] is documents.of(texts[-1])
    assert made[0] is not documents.of(texts[0])
    long = "{ __typename }" + " " * 100
    assert documents.of(long) is not documents.of(long)
    assert 100 >= documents.kept.held


def test_a_limit_is_a_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    """
    By name; a wrong value or name is told in one line that names the variable.
    """
    monkeypatch.setenv("GOLDENTHREAD_LIMITS__COST", "77")
    assert Limits(cost=77) == settings().goldenthread_limits

    monkeypatch.setenv("GOLDENTHREAD_LIMITS__COST", "much")
    with pytest.raises(WrongUse, match="GOLDENTHREAD_LIMITS__COST 'much'"):
        settings()
    monkeypatch.delenv("GOLDENTHREAD_LIMITS__COST")
    monkeypatch.setenv("GOLDENTHREAD_LIMITS__CSOT", "5")
    with pytest.raises(WrongUse, match="GOLDENTHREAD_LIMITS__CSOT"):
        settings()


def test_every_limit_is_told_with_its_default() -> None:
    """
    The page on limits has a row for each, and no other.
    """
    page = (ROOT / "docs" / "limits.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `([a-z_]+)` \| ([^|]+) \| ([^|]+) \|$", page, re.MULTILINE)
    shown = {True: "on"}

    assert [
        (name, shown.get(f.default, f"{f.default:,}").removesuffix(".0"), f.description)
        for name, f in Limits.model_fields.items()
    ] == rows
