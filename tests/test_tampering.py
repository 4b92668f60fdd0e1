"""What happens to an audit that somebody touches in the database: it is found, and said where."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from graph.audit import chained
from graph.checkpoints import Checkpoint, make_keys, read, signed
from graph.errors import BadRequest
from graph.store import Store
from tests.asking import link, put, thing
from tests.looking import chain, gone, proved, year

LINK = "owns:role:r/process:p"
REWRITE = """
UNWIND $entries AS one MATCH (a:AuditEvent {sequence: one.sequence}) SET a = one
WITH collect(one) AS all
MATCH (l:Ledger) SET l.head = $head RETURN 1 AS answer
"""


@pytest.fixture
async def told(store: Store) -> Store:
    """A store with a history of six entries."""
    await put(store, thing("theme:a", name="red"), thing("theme:b"))
    await put(store, thing("role:r"), thing("process:p"), link("owns", "role:r", "process:p"))
    await put(store, thing("theme:a", year(2024), name="blue"))
    await put(store, thing("theme:a", year(2023), year(2024), name="green"))
    await put(store, link("owns", "role:r", "process:p", year(2020), share=1.0))
    await put(store, gone("theme:b", year(2025)))
    return store


async def touch(store: Store, statement: str, **given: Any) -> None:
    """Run a statement as somebody who has the password of the database."""

    await store.alone(statement, **given)


async def bad(store: Store, checkpoint: Checkpoint | None = None) -> int | None:
    """The first entry that does not hold."""
    verdict = await proved(store, checkpoint=checkpoint)
    assert not verdict.intact
    return verdict.first_bad


async def test_an_audit_that_nobody_touched_holds(told: Store) -> None:
    """
    Corrections, endings and links with two states among its six entries.
    """
    verdict = await proved(told)

    assert (True, 6, None) == (verdict.intact, verdict.entries, verdict.first_bad)
    assert (await chain(told))[-1]["hash"] == verdict.head


async def test_an_empty_audit_holds(store: Store) -> None:
    """
    Nothing was written, nothing is missing.
    """
    assert (True, 0) == ((await proved(store)).intact, (await proved(store)).entries)


async def test_a_changed_entry_is_found(told: Store) -> None:
    """
    Another reason, another actor, a property more: each is seen by the hash.
    """
    await touch(told, "MATCH (a:AuditEvent {sequence: 5}) SET a.note = 'x'")
    assert 5 == await bad(told)
    await touch(told, "MATCH (a:AuditEvent {sequence: 3}) SET a.reason = 'another'")
    assert 3 == await bad(told)


async def test_a_removed_entry_is_found(told: Store) -> None:
    """
    The chain has a gap.
    """
    await touch(told, "MATCH (a:AuditEvent {sequence: 2}) DELETE a")

    assert 2 == await bad(told)


async def test_an_inserted_entry_is_found(told: Store) -> None:
    """
    It pushes the others on, and is itself followed by none.
    """
    await touch(
        told,
        "MATCH (a:AuditEvent) WHERE a.sequence >= 4 WITH a ORDER BY a.sequence DESC"
        " SET a.sequence = a.sequence + 1",
    )
    entry = {**(await chain(told))[2], "sequence": 4, "reason": "never said"}
    entry |= {"previous": (await chain(told))[2]["hash"]}
    sealed = entry | {"hash": chained(entry)}
    await touch(told, "CREATE (a:AuditEvent) SET a = $entry", entry=sealed)
    await touch(told, "MATCH (l:Ledger) SET l.entries = l.entries + 1")

    assert 4 == await bad(told)


async def test_entries_in_another_order_are_found(told: Store) -> None:
    """
    Two that changed places.
    """
    await touch(told, "MATCH (a:AuditEvent {sequence: 2}) SET a.sequence = 100")
    await touch(told, "MATCH (a:AuditEvent {sequence: 3}) SET a.sequence = 2")
    await touch(told, "MATCH (a:AuditEvent {sequence: 100}) SET a.sequence = 3")

    assert 2 == await bad(told)


async def test_a_truncated_audit_is_found(told: Store, tmp_path: Path) -> None:
    """
    By the ledger; where that is put right too, by the graph; where the graph is, by a checkpoint.
    """
    kept = await checkpoint(told, tmp_path)
    await touch(told, "MATCH (a:AuditEvent {sequence: 6}) DELETE a")
    assert 6 == await bad(told)
    head = (await chain(told))[-1]
    await touch(
        told,
        "MATCH (l:Ledger) SET l.entries = 5, l.head = $head, l.published = $last, l.last = $last",
        head=head["hash"],
        last=head["last"],
    )
    assert 6 == await bad(told)
    await touch(told, "MATCH (c:Commit) WHERE c.sequence > $last DELETE c", last=head["last"])
    await touch(told, "MATCH (p:AuditPart {entry: 6}) DELETE p")
    assert 6 == await bad(told, kept)


async def rewritten(store: Store) -> None:
    """Another reason in an old entry, and every hash after it made to fit."""
    entries = await chain(store)
    entries[1]["reason"] = "another"
    head = entries[0]["hash"]
    for entry in entries[1:]:
        entry["previous"] = head
        entry["hash"] = head = chained(entry)
    await touch(store, REWRITE, entries=entries, head=head)


async def checkpoint(store: Store, folder: Path, keys: str = "keys") -> Checkpoint:
    """A checkpoint of the audit as it stands, signed with a new key."""
    verdict = await proved(store)
    private, public = make_keys(folder / keys)
    made = signed(verdict.entries, verdict.head, verdict.root, "2026-07-20T00:00:00Z", private)
    (folder / f"{keys}.json").write_bytes(made.text())
    return read(folder / f"{keys}.json", public)


async def test_a_rewritten_audit_is_found_by_its_checkpoint(told: Store, tmp_path: Path) -> None:
    """
    In itself the chain is right; it is not the one that was signed.
    """
    kept = await checkpoint(told, tmp_path)
    await rewritten(told)

    assert (await proved(told)).intact
    assert await bad(told, kept) is None
    assert "checkpoint" in (await proved(told, checkpoint=kept)).explanation


async def test_a_checkpoint_signed_again_with_another_key_is_found(
    told: Store, tmp_path: Path
) -> None:
    """
    The public key was kept elsewhere.
    """
    await checkpoint(told, tmp_path, "ours")
    await rewritten(told)
    await checkpoint(told, tmp_path, "theirs")

    with pytest.raises(BadRequest, match="another key"):
        read(tmp_path / "theirs.json", tmp_path / "ours" / "audit.pub")
    altered = (tmp_path / "ours.json").read_text().replace('"sequence": 6', '"sequence": 5')
    (tmp_path / "ours.json").write_text(altered)
    with pytest.raises(BadRequest, match="altered"):
        read(tmp_path / "ours.json", tmp_path / "ours" / "audit.pub")


DETACHED = {
    "a state with another value": (
        "MATCH (:Identity {id: 'theme:a'})-[:STATE]->(x {name: 'red'}) SET x.name = 'pink'",
        1,
    ),
    "a state that is gone": (
        "MATCH (:Identity {id: 'theme:a'})-[:STATE]->(x {name: 'green'}) DETACH DELETE x",
        4,
    ),
    "a state that nobody recorded": (
        "MATCH (e:Identity {id: 'theme:a'})-[:STATE]->(x {name: 'green'})"
        " CREATE (e)-[:STATE]->(y:ThemeState) SET y = properties(x)",
        4,
    ),
    "a state believed for longer": (
        "MATCH (:Identity {id: 'theme:b'})-[:STATE]->(x) SET x.superseded = 4611686018427387904",
        6,
    ),
    "a copy that is none": ("MATCH (e:Identity {id: 'theme:a'}) SET e.name = 'pink'", 1),
    "a copy believed for longer": (
        "MATCH (e:Identity {id: 'role:r'}) SET e.superseded = 3",
        2,
    ),
    "a link with another share": (
        "MATCH ()-[r {id: 'owns:role:r/process:p'}]->() WHERE r.share = 1.0 SET r.share = 0.5",
        5,
    ),
    "a link that is gone": (
        "MATCH ()-[r {id: 'owns:role:r/process:p'}]->() WHERE r.share = 1.0 DELETE r",
        5,
    ),
    "a link that nobody recorded": (
        "MATCH (a:Identity {id: 'theme:a'}), (b:Identity {id: 'theme:b'})"
        " CREATE (a)-[r:DRIVES]->(b) SET r = {id: 'drives:x', recorded: 3, superseded: 9}",
        3,
    ),
    "a time of knowledge that was moved": (
        "MATCH (c:Commit {sequence: 3}) SET c.at = c.at - duration('P1D')",
        3,
    ),
    "a leaf that was altered": (
        "MATCH (p:AuditPart {entry: 3}) SET p.leaves = [p.leaves[0] + ' ']",
        3,
    ),
    "a leaf that is gone": ("MATCH (p:AuditPart {entry: 5}) DELETE p", 5),
}


@pytest.mark.parametrize("sort", DETACHED)
async def test_a_graph_that_left_its_audit_is_found(told: Store, sort: str) -> None:
    """
    States, copies, links, instants and leaves: whatever is altered beside the door for writes.
    """
    statement, expected = DETACHED[sort]
    await touch(told, statement)

    assert expected == await bad(told)
