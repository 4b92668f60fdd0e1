"""Whole statements of plain questions: a thing, a page, several by id, the archive, search."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from graph import references
from graph.compile import Compiler
from graph.ontology.vocabulary import Kind, Kinds, Link, camel
from graph.pages import Rows, page
from graph.selection import Select
from graph.shapes import Shape

Statement = tuple[str, Shape]
"""The text, and how its answer is built."""

LAST = "(s.validTo - duration({microseconds: 1}))"
"""The last instant of what has ended."""
ARCHIVE_TESTS = {
    "endedSince": "s.validTo >= {v}",
    "endedUntil": "s.validTo < {v}",
    "reason": "toLower({rationale}) CONTAINS toLower({v})",
    "livedSince": "s.validTo > {v}",
    "livedUntil": "EXISTS {{ MATCH (e)-[:STATE]->(x) WHERE x.validFrom < {v} AND {known_x} }}",
    "decision": "EXISTS {{ MATCH (e)-[r:BACKED_BY]->(w:Decision {{id: {v}}}) WHERE {holds_r}"
    " AND {lived_w} }}",
    "owner": "EXISTS {{ MATCH (e)-[r:OWNED_BY]->(w:Role {{id: {v}}}) WHERE {holds_r}"
    " AND r.accountability IN ['SOLE', 'JOINT'] AND {exists_w} }}",
    "successor": "EXISTS {{ MATCH (e)-[r:SUCCEEDED_BY]->(w:Identity {{id: {v}}}) WHERE {holds_r}"
    " AND {lived_w} }}",
    "hasSuccessor": "{v} = EXISTS {{ MATCH (e)-[r:SUCCEEDED_BY]->(w:Identity) WHERE {holds_r}"
    " AND {lived_w} }}",
    "group": "EXISTS {{ MATCH (e)-[o:HAS_SERIES*0..1]->(q:Identity)-[r:FOR_GROUP]->"
    "(w:Identity {{id: {v}}}) WHERE {holds_r} AND all(o IN o WHERE {holds_o}) AND {exists_q}"
    " AND {exists_w} }}",
}
"""What a filter of the archive asks of thing `e` in its last state `s`: links as of its last
instant, what they lead to then (decision and successor, as they may be younger: at the asked)."""


def one(compiler: Compiler, kind: type[Kind], select: Select) -> Statement:
    """A thing by its `$id`."""
    return _whole(compiler, compiler.found("$id", (kind,), select.fields))


def several(
    compiler: Compiler, kinds: Kinds, links: Sequence[type[Link]], select: Select
) -> Statement:
    """Things and links by `$ids`, in any order; the builder answers a mapping by id."""
    parts = [references.things(compiler, kinds, "$ids", select.fields)] if kinds else []
    parts += (references.linked(compiler, link, "$ids", select.fields) for link in links)
    return _whole(compiler, references.by_id(parts))


def living(compiler: Compiler, kind: type[Kind], listing: str, select: Select) -> Statement:
    """A page of the living of one kind, in order of id unless asked otherwise.

    It walks the index of ids, where nothing moves: rows looked up by what changes could be missed
    while somebody writes. A filter on ids or keys says which part of it, one on those of something
    linked where to begin.
    """
    filters, given = compiler.filters, select.arguments.get("filter")
    found = filters.found(kind, "e", given)
    reached = "" if found else filters.reached(kind, "e", given)
    every = f"'{kind.word}:' <= e.id AND e.id < '{kind.word};'"
    rows = Rows(
        reached or f"MATCH (e:Identity) WHERE {found or every}",
        (kind,),
        listing,
        "e",
        "s",
        (("e.id", False),),
        told=compiler.fragments.in_state("e", "s", "e", kinds=(kind,)),
    )
    return _whole(compiler, page(compiler, rows, select))


def archive(compiler: Compiler, kinds: Kinds, select: Select) -> Statement:
    """A page of what has ended, newest first; everything below is seen as of its last instant."""
    f, states = compiler.fragments, "|".join(f"{kind.label}State" for kind in kinds)
    later = (
        f"MATCH (e)-[:STATE]->(x) WHERE {f.known('x')} AND x.validFrom <= t"
        " AND x.validTo > s.validTo"
    )
    match = (
        f"MATCH (s:{states})<-[:STATE]-(e:Identity) WHERE s.validTo <= t AND {f.known('s')}"
        f" AND {f.visible('e', kinds)} AND NOT EXISTS {{ {later} }}"
        f"{_ended(select, compiler, kinds)}"
    )
    then = "WITH e, s, t AS asked, s.validTo - duration({microseconds: 1}) AS last"
    fixed = (("s.validTo", True), ("s.id", False))
    rows = Rows(match, kinds, "archive", "e", "s", fixed, then=then)
    with compiler.seen_at("last", archived=True):
        return _whole(compiler, page(compiler, rows, _paging(select)))


def search(compiler: Compiler, kinds: Kinds, index: str, select: Select) -> Statement:
    """A page of the living that match `$words`, those first whose names are closest to `$phrase`.

    The index's own score would change with every other thing, and lose rows between two pages.
    """
    f, labels = compiler.fragments, " OR ".join(f"e:{kind.label}" for kind in kinds)
    close = (
        "CASE WHEN toLower(s.name) = $phrase THEN 3"
        " WHEN toLower(s.name) STARTS WITH $phrase THEN 2"
        " WHEN toLower(s.name) CONTAINS $phrase THEN 1 ELSE 0 END"
    )
    match = (
        f"CALL db.index.fulltext.queryNodes('{index}', $words) YIELD node AS s"
        f" MATCH (s)<-[:STATE]-(e:Identity) WHERE {f.in_force('s')} AND {f.visible('e', kinds)}"
        f" AND ({labels}){_worded(compiler, kinds)}"
    )
    rows = Rows(match, kinds, "search", "e", "s", ((close, True), ("s.id", False)))
    return _whole(compiler, page(compiler, rows, _paging(select)))


def _worded(compiler: Compiler, kinds: Kinds) -> str:
    """Predicate: the words are in what the viewer may read, not only in what the index holds."""
    f = compiler.fragments
    if not f.restriction.restricts:
        return ""
    fields = dict.fromkeys(name for kind in kinds for name in kind.searched)
    having = {name: tuple(k for k in kinds if name in k.model_fields) for name in fields}
    texts = (f"coalesce({f.said('s', 'e', having[name], camel(name))}, '')" for name in fields)
    text = f"toLower({' + chr + '.join(texts)})".replace("chr", "' '")
    return f" AND all(word IN $begun WHERE {text} =~ word)"


def _whole(compiler: Compiler, shape: Shape) -> Statement:
    beside = "".join(f" WITH *, {text} AS {name}" for name, text in compiler.computed.items())
    return f"{compiler.fragments.moment()}{beside} RETURN {shape.expression} AS answer, k", shape


def _paging(select: Select) -> Select:
    given = {name: value for name, value in select.arguments.items() if name in ("first", "after")}
    return replace(select, arguments=given)


def _ended(select: Select, compiler: Compiler, kinds: Kinds) -> str:
    given, f = select.arguments.get("filter") or {}, compiler.fragments
    words = {
        "rationale": f.said("s", "e", kinds, "rationale"),
        "known_x": f.known("x"),
        "holds_r": f.holds("r", LAST),
        "holds_o": f.holds("o", LAST),
        "exists_q": f.exists("q", LAST),
        "exists_w": f.exists("w", LAST),
        "lived_w": f.lived("w"),
    }
    wanted = [name for name in ARCHIVE_TESTS if given.get(name) is not None]
    tests = (ARCHIVE_TESTS[name].format(v=compiler.bind(given[name]), **words) for name in wanted)
    return "".join(f" AND {test}" for test in tests)
