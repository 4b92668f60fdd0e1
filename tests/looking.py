"""How tests fill a store from tables, and look into it: what is in force, all that is stored."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from graph.changes import Change
from graph.checkpoints import Checkpoint
from graph.fragments import Fragments
from graph.proving import Proof, Verdict
from graph.store import Store
from graph.times import Moment
from graph.viewers import EVERYONE
from loaders.load import load
from loaders.report import Report, RowsRefused
from tests.asking import TESTER

LINKS = """
MATCH (a)-[r]->(b)
RETURN collect([type(r), properties(r), coalesce(a.id, a.key), coalesce(b.id, b.key)]) AS answer
"""
NUMBERS = """
MATCH (l:Ledger)
WITH l.published AS published, COUNT { (:AuditEvent) } AS entries, COUNT { (:Commit) } AS commits
RETURN {published: published, entries: entries, commits: commits} AS answer
"""
CHAIN = "MATCH (a:AuditEvent) WITH a ORDER BY a.sequence RETURN collect(properties(a)) AS answer"
KEPT = """
MATCH (p:AuditPart) WITH p ORDER BY p.entry, p.place
RETURN collect([p.entry, p.place, p.leaves]) AS answer
"""
COPY = "MATCH (e:Identity {id: $id}) RETURN properties(e) AS answer"


def year(number: int) -> datetime:
    """The beginning of a year."""
    return datetime(number, 1, 1, tzinfo=UTC)


def gone(id_: str, since: datetime, recorded: datetime | None = None) -> Change:
    """A thing that is no longer in force from some time on."""
    return Change(id_, since, (), recorded=recorded)


async def loaded(store: Store, folder: Path, **tables: str) -> Report:
    """Load tables, each given as its text."""
    for old in folder.glob("*.csv"):
        old.unlink()
    for table, text in tables.items():
        folder.joinpath(f"{table}.csv").write_text(text, encoding="utf-8", newline="")
    return await load(store, folder, TESTER)


async def refused(store: Store, folder: Path, **tables: str) -> list[str]:
    """What is told of the refused rows; nothing was written."""
    before = await everything(store)
    with pytest.raises(RowsRefused) as caught:
        await loaded(store, folder, **tables)
    assert before == await everything(store)
    return [str(problem) for problem in caught.value.problems]


async def things(store: Store, moment: Moment, ids: Iterable[str]) -> dict[str, Any]:
    """The name of each of these things at a moment, where it is in force."""
    f = Fragments.at(moment, EVERYONE, store.ontology)
    text = (
        f"{f.moment()} UNWIND $ids AS id MATCH (e:Identity {{id: id}})"
        f" WITH id, {f.state('e')} AS s WHERE s IS NOT NULL RETURN collect([id, s.name]) AS answer"
    )
    return dict(await store.answer(text, **moment.parameters(), ids=list(ids)))


async def name(
    store: Store, id_: str, valid: datetime, known: datetime | int | None = None
) -> str | None:
    """The name of a thing at a moment, None where it is not in force."""
    found: str | None = (await things(store, Moment(valid, known), [id_])).get(id_)
    return found


async def links(store: Store, type_: str, moment: Moment) -> list[tuple[str, str]]:
    """The ends, in the direction that is stored, of the links of a type at a moment."""
    f = Fragments.at(moment, EVERYONE, store.ontology)
    text = (
        f"{f.moment()} MATCH (a)-[r:{type_}]->(b) WHERE {f.in_force('r')}"
        " WITH a.id AS a, b.id AS b ORDER BY a, b RETURN collect([a, b]) AS answer"
    )
    return [(a, b) for a, b in await store.answer(text, **moment.parameters())]


async def everything(store: Store) -> tuple[list[str], list[str]]:
    """All nodes and relationships, in an order of their own, to compare before and after.

    Leaves of the audit are told entry by entry, however they were cut into parts.
    """
    nodes = await store.answer(
        "MATCH (n) WHERE NOT n:AuditPart RETURN collect([labels(n), properties(n)]) AS answer"
    )
    found = await store.answer(LINKS)
    leaves = [repr(one) for one in (await kept(store)).items()]
    return sorted(map(repr, map(_plain, nodes))) + leaves, sorted(map(repr, map(_plain, found)))


async def numbers(store: Store) -> dict[str, int]:
    """The published commit, and how many commits and audit entries there are."""
    found: dict[str, int] = await store.answer(NUMBERS)
    return found


async def chain(store: Store) -> list[dict[str, Any]]:
    """The audit from its first entry on."""
    found: list[dict[str, Any]] = await store.answer(CHAIN)
    return found


async def copy(store: Store, id_: str) -> dict[str, Any] | None:
    """What the identity of a thing carries."""
    found: dict[str, Any] | None = await store.answer(COPY, id=id_)
    return found


def _plain(value: Any) -> Any:
    """Mappings as sorted pairs, label lists sorted, so that equal things have equal texts."""
    if isinstance(value, dict):
        return sorted((key, _plain(one)) for key, one in value.items())
    if isinstance(value, list):
        parts = [_plain(one) for one in value]
        return sorted(parts) if all(isinstance(one, str) for one in parts) else parts
    return value


async def kept(store: Store) -> dict[int, list[str]]:
    """The leaves of each audit entry, in their order."""
    found: dict[int, list[str]] = {}
    for entry, place, leaves in await store.answer(KEPT):
        assert place == len(found.setdefault(entry, []))
        found[entry] += leaves
    return found


async def proved(store: Store, checkpoint: Checkpoint | None = None) -> Verdict:
    """Whether the audit of a store holds, compared with the graph."""
    return await Proof(store.answer, store.ontology, True, checkpoint).verdict()
