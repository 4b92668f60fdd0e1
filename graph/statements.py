"""Whole statements of the plain questions: one thing, a page, several by id, the archive, search."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from graph.compile import Compiler, Rows, Shape, constant, record
from graph.filters import Bind
from graph.ontology.vocabulary import Kind, Kinds, Link
from graph.selection import Select, of_label
from graph.times import Moment


def one(compiler: Compiler, kind: type[Kind], id_: str, select: Select) -> tuple[str, Shape]:
    """A thing by its id."""
    shape = compiler.found(compiler.bind(id_), (kind,), select.fields)
    return _whole(compiler, shape), shape


def several(compiler: Compiler, ids: Sequence[str], select: Select) -> tuple[str, Shape]:
    """Things and links by their ids, in any order; the builder answers a mapping by id."""
    shapes = [_things(compiler, ids, select)]
    for link in compiler.ontology.links.values():
        ours = [id_ for id_ in ids if compiler.ontology.link_of(id_) is link]
        if ours:
            shapes.append(_links(compiler, link, ours, of_label(select.fields, link.__name__)))
    inner = record([(str(i), shape) for i, shape in enumerate(shapes)])

    def build(row: object, context: object) -> dict[str, object]:
        found: dict[str, object] = {}
        for part in inner.build(row, context).values():  # type: ignore[arg-type]
            found |= part
        return found

    return _whole(compiler, inner), Shape(inner.expression, build)


def page(
    compiler: Compiler, kind: type[Kind], listing: str, select: Select, moment: Moment
) -> tuple[str, Shape]:
    """A page of the living of one kind; live states serve it where nobody named a time."""
    label = f"{kind.label}{'Live' if moment.now else 'State'}"
    f = compiler.fragments
    match = (
        f"MATCH (s:{label})<-[:STATE]-(e:Identity) WHERE s.key IS NOT NULL"
        f" AND {f.in_force('s')} AND {f.visible('e')}"
    )
    shape = compiler.page(Rows(match, (kind,), listing, "e", "s", fixed=(("s.key", False),)), select)
    return _whole(compiler, shape), shape


def archive(compiler: Compiler, kinds: Kinds, select: Select) -> tuple[str, Shape]:
    """A page of what has ended, newest first; everything below is seen as of its last instant."""
    f, states = compiler.fragments, "|".join(f"{kind.label}State" for kind in kinds)
    later = f"MATCH (e)-[:STATE]->(x) WHERE {f.known('x')} AND x.validFrom <= t AND x.validTo > s.validTo"
    match = (
        f"MATCH (s:{states})<-[:STATE]-(e:Identity) WHERE s.validTo <= t AND {f.known('s')}"
        f" AND {f.visible('e')} AND NOT EXISTS {{ {later} }}"
        f"{_archive_filter(select, compiler.bind)}"
    )
    rows = Rows(
        match,
        kinds,
        "archive",
        "e",
        "s",
        then="WITH e, s, t AS asked, s.validTo - duration({microseconds: 1}) AS last",
        fixed=(("s.validTo", True), ("s.id", False)),
    )
    compiler.archived, compiler.t = True, "last"
    shape = compiler.page(rows, replace(select, arguments=_paging(select)))
    return _whole(compiler, shape), shape


def search(
    compiler: Compiler, kinds: Kinds, index: str, text: str, select: Select
) -> tuple[str, Shape]:
    """A page of the living that match a text, best first."""
    f, labels = compiler.fragments, " OR ".join(f"e:{kind.label}" for kind in kinds)
    match = (
        f"CALL db.index.fulltext.queryNodes('{index}', {compiler.bind(text)}) YIELD node AS s, score"
        f" MATCH (s)<-[:STATE]-(e:Identity) WHERE {f.in_force('s')} AND {f.visible('e')} AND ({labels})"
    )
    rows = Rows(
        match, kinds, "search", "e", "s", bound="score", fixed=(("score", True), ("s.id", False))
    )
    shape = compiler.page(rows, replace(select, arguments=_paging(select)))
    return _whole(compiler, shape), shape


def _whole(compiler: Compiler, shape: Shape) -> str:
    return f"{compiler.fragments.moment()} RETURN {shape.expression} AS answer, k"


def _paging(select: Select) -> dict[str, object]:
    return {name: value for name, value in select.arguments.items() if name in ("first", "after")}


def _things(compiler: Compiler, ids: Sequence[str], select: Select) -> Shape:
    kinds = tuple({kind for id_ in ids if (kind := compiler.ontology.kind_of(id_))})
    if not kinds:
        return Shape("null", lambda *_: {})
    shape = compiler.thing("e", "s", kinds, select.fields)
    text = (
        f"COLLECT {{ UNWIND {compiler.bind(list(ids))} AS id MATCH (e:Identity {{id: id}})"
        f" WITH e, {compiler.fragments.state('e')} AS s WHERE s IS NOT NULL RETURN {shape.expression} }}"
    )
    return Shape(text, lambda rows, context: {row[0]: shape.build(row, context) for row in rows})


def _links(compiler: Compiler, link: type[Link], ids: Sequence[str], fields: Sequence[Select]) -> Shape:
    f = compiler.fragments
    parts = [("__typename", constant(link.__name__))]
    for one_ in fields:
        if one_.name in ("source", "target"):
            end = "a" if one_.name == "source" else "b"
            kinds = link.source if end == "a" else link.target
            parts.append((one_.alias, compiler.thing(end, f"s{end}", kinds, one_.fields)))
        else:
            parts.append((one_.alias, compiler.link_field("r", link, one_)))
    inner = record(parts)
    start, end_ = ("b", "a") if link.reversed() else ("a", "b")
    text = (
        f"COLLECT {{ UNWIND {compiler.bind(list(ids))} AS id"
        f" MATCH ({start})-[r:{link.type} {{id: id}}]->({end_})"
        f" WHERE {f.in_force('r')} WITH r, a, b, {f.state('a')} AS sa, {f.state('b')} AS sb"
        f" WHERE sa IS NOT NULL AND sb IS NOT NULL RETURN [r.id, {inner.expression}] }}"
    )
    return Shape(text, lambda rows, context: {row[0]: inner.build(row[1], context) for row in rows})


def _archive_filter(select: Select, bind: Bind) -> str:
    given = select.arguments.get("filter") or {}
    tests = {
        "endedSince": "s.validTo >= {}",
        "endedUntil": "s.validTo < {}",
        "reason": "toLower(s.rationale) CONTAINS toLower({})",
    }
    parts = [text.format(bind(given[name])) for name, text in tests.items() if given.get(name) is not None]
    return "".join(f" AND {part}" for part in parts)
