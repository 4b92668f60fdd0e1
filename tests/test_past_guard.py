"""No statement on the past can forget the viewer, or tell what is not published."""

from __future__ import annotations

import re

import pytest

from graph.guard import check_past
from graph.past import TEXTS, guarded

GUARDS = re.compile(r"\{(?:spoken|heard|visible|told|holds|exists|state)\(\w+\)\}")
READ_ONLY = {("facts", "{state(a)}")}
"""Not a condition: the state of what was guarded where it was found."""
BARE = {name for name, text in TEXTS.items() if "MATCH" not in text and ".leaves" not in text}


@pytest.mark.parametrize("name", sorted(TEXTS.keys() - BARE))
def test_no_predicate_of_the_past_can_be_taken_away(name: str) -> None:
    """
    One by one, each predicate is replaced by true, weakened by OR, or negated: always refused.
    """
    text = TEXTS[name]
    guarded(name, text)
    found = [match for match in GUARDS.finditer(text) if (name, match[0]) not in READ_ONLY]
    for match in found:
        for put_in in ("true", f"({match[0]} OR true)", f"NOT {match[0]}"):
            with pytest.raises(ValueError, match=name):
                guarded(name, text[: match.start()] + put_in + text[match.end() :])
    assert found or re.search(r":(?:Commit|Ledger|AuditEvent|Pseudonym)\b", text)


@pytest.mark.parametrize("name", sorted(TEXTS.keys() - BARE))
def test_no_link_or_node_of_the_past_can_go_without_a_name(name: str) -> None:
    """
    An anonymous link or node cannot be guarded, so it is refused.
    """
    text = TEXTS[name]
    links = [(m.start(1), m.end(1)) for m in re.finditer(r"-\[(\w+)[:\]]", text)]
    nodes = [(m.start(1), m.end(1)) for m in re.finditer(r"\((\w+):[A-Z]", text)]
    for start, end in (*links, *nodes):
        with pytest.raises(ValueError, match=name):
            guarded(name, text[:start] + text[end:])


@pytest.mark.parametrize(
    "text",
    [
        "MATCH (e:Kpi)-[l:STATE]->(x) WHERE {heard(x)} RETURN x",
        "MATCH (e:Kpi)-[l:STATE]->(x) WHERE {visible(e)} RETURN x",
        "MATCH (e)-[l:STATE]->(x) WHERE {heard(x)} AND ({visible(e)} OR true) RETURN x",
        "MATCH (a:Kpi)-[r:AFFECTS]->(b:Kpi) WHERE {visible(a)} AND {visible(b)} RETURN r",
        "MATCH (a:Kpi)-[r:AFFECTS]->(b:Kpi) WHERE {spoken(r)} AND {visible(a)} RETURN r",
        "MATCH (a:Kpi)-[r:AFFECTS*1..2]->(b:Kpi) WHERE {spoken(r)} AND {visible(a)}"
        " AND {visible(b)} RETURN r",
        "MATCH (a:Kpi)-->(b:Kpi) WHERE {visible(a)} AND {visible(b)} RETURN a",
        "RETURN COLLECT { MATCH (e:Kpi) RETURN e.id } AS ids",
        "RETURN [(n)-[r]->(m) | m.id] AS ids",
        "MATCH (p:AuditPart) UNWIND p.leaves AS leaf RETURN leaf",
        "MATCH (p:AuditPart) RETURN p.leaves",
        "MATCH (p:AuditPart) WITH p.leaves[0] AS leaf WHERE {told(leaf)} OR true RETURN leaf",
        "MATCH (c:Commit) SET c.at = null RETURN c",
        "MATCH (e:Kpi) RETURN nodes(e)",
    ],
)
def test_a_statement_on_the_past_that_forgets_is_refused(text: str) -> None:
    """
    Whatever way a pattern is written, it needs its predicates, also inside of lists.
    """
    with pytest.raises(ValueError, match="forgetful"):
        check_past("forgetful", text)


@pytest.mark.parametrize(
    "text",
    [
        "MATCH (e:Kpi)-[l:STATE]->(x) WHERE {heard(x)} AND {visible(e)} RETURN x",
        "MATCH (a:Kpi)-[r:AFFECTS]-(b:Kpi) WHERE {spoken(r)} AND {visible(a)} AND {visible(b)}"
        " RETURN r",
        "MATCH (c:Commit {sequence: 7}) RETURN c.at",
        "MATCH (p:AuditPart) UNWIND p.leaves AS leaf WITH leaf WHERE {told(leaf)} RETURN leaf",
    ],
)
def test_a_statement_on_the_past_with_its_predicates_passes(text: str) -> None:
    """
    The check is strict, not blind; commits and entries of the audit are no things.
    """
    check_past("careful", text)
