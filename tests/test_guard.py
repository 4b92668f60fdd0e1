"""No hand-written statement can forget time or viewer."""

from __future__ import annotations

import re

import pytest

from graph.guard import check
from queries import CHECKS, QUESTIONS

GUARDS = re.compile(r"\{(?:holds|exists|state|held|lived|was)\(\w+\)\}")


WRITTEN = {**QUESTIONS, **CHECKS}
READ_ONLY = {
    ("causes", "{state(a)}"),
    ("causes", "{state(b)}"),
    ("reproduce", "{was(v)}"),
    ("succession", "{was(a)}"),
}
"""Not a condition: the state of something that was guarded before, for one of its values."""


@pytest.mark.parametrize("name", WRITTEN)
def test_every_statement_has_its_predicates(name: str) -> None:
    """
    Each file of queries/questions and queries/checks passes the check that loading makes.
    """
    check(name, WRITTEN[name])


@pytest.mark.parametrize("name", WRITTEN)
def test_no_predicate_can_be_taken_away(name: str) -> None:
    """
    One by one, each predicate is replaced by true, weakened by OR, or negated: always refused.
    """
    text = WRITTEN[name]
    found = [match for match in GUARDS.finditer(text) if (name, match[0]) not in READ_ONLY]
    for match in found:
        for put_in in ("true", f"({match[0]} OR true)", f"NOT {match[0]}"):
            with pytest.raises(ValueError, match=name):
                check(name, text[: match.start()] + put_in + text[match.end() :])
    assert len(found) >= (4 if name in QUESTIONS else 3)


@pytest.mark.parametrize("name", WRITTEN)
def test_no_link_or_node_of_a_statement_can_go_without_a_name(name: str) -> None:
    """
    An anonymous link or node cannot be guarded, so it is refused.
    """
    text = WRITTEN[name]
    links = [(m.start(1), m.end(1)) for m in re.finditer(r"-\[(\w+):", text)]
    nodes = [(m.start(1), m.end(1)) for m in re.finditer(r"\((\w+):[A-Z{]", text)]
    for start, end in (*links, *nodes):
        with pytest.raises(ValueError, match=name):
            check(name, text[:start] + text[end:])
    assert links
    assert len(nodes) >= (3 if name in QUESTIONS else 1)


@pytest.mark.parametrize(
    "text",
    [
        "MATCH (n:Kpi) WHERE {exists(n)} RETURN n.id AS answer, k",
        "{moment} MATCH (n:Kpi) RETURN n.id AS answer, k",
        "{moment} MATCH (n:Kpi) WHERE {visible(n)} RETURN n.id AS answer, k",
        "{moment} MATCH (n:Kpi) WHERE {exists(n)} RETURN n.name AS answer, k",
        "{moment} MATCH (n:Kpi), (m:Kpi) WHERE {exists(n)} RETURN n.id AS answer, k",
        "{moment} MATCH (n:Kpi) WITH n, {state(n)} AS s RETURN s.name AS answer, k",
        "{moment} MATCH (n:Kpi)--(m:Kpi) WHERE {exists(n)} AND {exists(m)} RETURN 1 AS answer, k",
        "{moment} MATCH (n:Kpi)-->(m:Kpi) WHERE {exists(n)} AND {exists(m)} RETURN 1 AS answer, k",
        "{moment} MATCH (n:Kpi) WHERE {exists(n)} AND (n)-[:AFFECTS]->() RETURN 1 AS answer, k",
        "{moment} MATCH (n:Kpi) WHERE {exists(n)} RETURN [(n)-[r]->(m) | m.id] AS answer, k",
        "{moment} MATCH (n:Kpi) WHERE {exists(n)} RETURN COUNT { (n)-[]->() } AS answer, k",
        "{moment} MATCH (n:Kpi) WHERE {exists(n)} AND EXISTS { (n)-[]->() } RETURN 1 AS answer, k",
        "{moment} MATCH p = (n:Kpi) WHERE {exists(n)} RETURN nodes(p) AS answer, k",
        "{moment} MATCH (n:Kpi) WHERE {exists(n)} MATCH (n)-[r*1..2]->(m:Kpi) WHERE {holds(r)}"
        " AND {exists(m)} RETURN m.id AS answer, k",
        "{moment} MATCH (n:Kpi) WHERE {exists(n)} WITH 1 AS one MATCH (n) RETURN n.id AS answer, k",
        "{moment} MATCH (n:Kpi) WHERE {exists(n)} SET n.name = 'x' RETURN 1 AS answer, k",
        "{moment} CALL db.labels() YIELD label RETURN label AS answer, k",
        "{moment} // {exists(n)}\nMATCH (n:Kpi) RETURN n.id AS answer, k",
        "{moment} MATCH (n:Kpi) WHERE n.id = '{exists(n)}' RETURN n.id AS answer, k",
        "{moment} match (n:Kpi) return n.id AS answer, k",
        "{moment} CALL { MATCH (n:Kpi) RETURN n } WITH n WHERE {exists(n)} RETURN n.id, k",
    ],
)
def test_a_statement_that_forgets_is_refused(text: str) -> None:
    """
    Whatever way a pattern is written, it needs its predicates; what cannot be read is refused.
    """
    with pytest.raises(ValueError, match="forgetful"):
        check("forgetful", text)


@pytest.mark.parametrize(
    "text",
    [
        "{moment} MATCH (n:Kpi {id: $of}) WHERE {exists(n)} RETURN n.id AS answer, k",
        "{moment} MATCH (n:Kpi) WITH n, {state(n)} AS s WHERE s IS NOT NULL RETURN s.name, k",
        "{moment} MATCH (n:Kpi)<-[r:AFFECTS]-(m:Kpi) WHERE {holds(r)} AND r.weight > 1 - 0.5"
        " AND {exists(n)} AND {exists(m)} RETURN [n.id, m.id] AS answer, k",
    ],
)
def test_a_statement_with_its_predicates_passes(text: str) -> None:
    """
    The check is strict, not blind.
    """
    check("careful", text)
