"""What is hidden is found again when something published may have changed it, and only then."""

from __future__ import annotations

import re
from typing import Any

import pytest

from api.app import schema
from api.reads import Reads
from graph.accesses import Access, Accesses
from graph.changes import Change
from graph.hidden import Hidden
from graph.hiding import Hiding
from graph.ontology import ONTOLOGY
from graph.questions import Ask
from graph.sight import Sight
from graph.store import Store
from graph.viewers import Viewer
from tests.access_model import ROLES, policy
from tests.asking import answer, link, put, thing

THEME, SEGMENT = '{ theme(key: "t") { id } }', '{ segment(key: "affluent") { id } }'
SIGHTS = [policy().viewer("somebody", [role]).sight for role in ROLES]
ALONE = 2
"""Statements for each role that say that nothing has changed; one is enough for most."""


def seeing(role: str) -> Viewer:
    """Somebody of a role."""
    return policy().viewer("somebody", [role])


class Counted:
    """The statements that a store answers."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.count = 0

    async def answer(self, statement: str, **parameters: Any) -> Any:
        """One more."""
        self.count += 1
        return await self.store.answer(statement, **parameters)


def steps() -> list[tuple[bool, list[Change]]]:
    """Writes one after another, and whether each may decide what is hidden."""
    return [
        (True, [thing("segment:affluent"), thing("segment:retail")]),
        (False, [thing("theme:growth")]),
        (True, [thing("persona:heir"), link("persona_of", "persona:heir", "segment:affluent")]),
        (False, [thing("perspective:customer"), thing("theme:calm")]),
        (True, [thing("kpi:k", confidentiality="RESTRICTED", kind="BASE")]),
        (True, [thing("series:s", unit="count")]),
        (True, [link("has_series", "kpi:k", "series:s")]),
        (False, [thing("observation:o", period="2026-01", value=1.0)]),
        (False, [link("has_point", "series:s", "observation:o")]),
        (True, [link("for_group", "series:s", "persona:heir")]),
        (True, [thing("org_unit:retail"), thing("org_unit:desk")]),
        (True, [link("part_of", "org_unit:desk", "org_unit:retail")]),
        (True, [thing("theme:mixed"), thing("persona:saver")]),
        (False, [thing("theme:growth", name="Growth")]),
    ]


async def test_what_is_kept_is_what_would_be_found_anew(store: Store) -> None:
    """
    After each of fourteen writes, for each role of the bank; writes that decide nothing cost a
    few statements for all roles together.
    """
    counted = Counted(store)
    kept = Hiding(counted.answer, ONTOLOGY)
    mine: dict[Sight, Hidden] = {}
    for decides, changes in steps():
        await put(store, *changes)
        counted.count = 0
        for sight in SIGHTS:
            mine[sight] = await kept.of(sight, mine.get(sight))
            fresh = await Hiding(store.answer, ONTOLOGY).of(sight)
            assert fresh == mine[sight], changes
        assert decides == (counted.count > ALONE * len(SIGHTS)), changes


async def test_what_is_missed_in_between_is_not_forgotten(store: Store) -> None:
    """
    A sight that was not asked for while another saw a deciding write is found anew later.
    """
    kept = Hiding(store.answer, ONTOLOGY)
    await put(store, thing("segment:affluent"))
    early = [await kept.of(sight) for sight in SIGHTS]
    await put(store, thing("persona:p"), link("persona_of", "persona:p", "segment:affluent"))
    late = await kept.of(SIGHTS[0], early[0])
    await put(store, thing("theme:t"))
    await kept.of(SIGHTS[0], late)

    for sight, before in zip(SIGHTS, early, strict=True):
        assert await Hiding(store.answer, ONTOLOGY).of(sight) == await kept.of(sight, before)


async def test_what_is_too_much_to_look_at_counts_as_deciding(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """
    More parts of the audit than are read, and leaves that cannot be read.
    """
    kept = Hiding(store.answer, ONTOLOGY)
    await put(store, thing("segment:affluent"))
    await kept.of(SIGHTS[0])
    for name, put_in in (("PARTS", 0), ("WORD", re.compile("nothing of the kind"))):
        with monkeypatch.context() as patch:
            patch.setattr(f"graph.decisive.{name}", put_in)
            await put(store, thing(f"theme:{name.lower()}"))
            before = kept._decisive._stood.turn
            assert before + 1 == (await kept._decisive.look()).turn
    await put(store, thing("theme:plain"))
    assert before + 1 == (await kept._decisive.look()).turn


@pytest.mark.parametrize("others", [0, 1, 2])
async def test_a_database_that_was_restored_is_looked_at_anew(store: Store, others: int) -> None:
    """
    Its entries are others than those known, whether there are fewer of them, as many, or more.
    """
    await put(store, thing("theme:t"))
    await put(store, thing("theme:u"))
    for role in ROLES:
        assert {"theme": {"id": "theme:t"}} == await answer(store, THEME, seeing(role))
    await store.alone("MATCH (n) CALL (n) { DETACH DELETE n } IN TRANSACTIONS OF 10000 ROWS")
    await store.migrate()
    await put(store, thing("segment:affluent"))
    for number in range(others):
        await put(store, thing(f"theme:{number}"))

    for role in ROLES:
        told = (await answer(store, SEGMENT, seeing(role)))["segment"]
        assert (told is None) == (role not in ("board", "segment_director")), role


async def test_a_read_of_what_was_restricted_since_is_recorded(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """
    Who reads a KPI before and after it is made restricted has read something restricted once.
    """
    noted: list[Access] = []
    monkeypatch.setattr(Accesses, "note", lambda self, access: noted.append(access))
    reads = Reads(Accesses(store, noted.append), store.ontology)
    for secret in ("INTERNAL", "RESTRICTED"):
        await put(store, thing("kpi:k", confidentiality=secret, kind="BASE"))
        ask = Ask.of(store)
        context = {"ask": ask, "request_id": secret, "reads": reads}
        told = await schema().execute('{ kpi(key: "k") { id } }', context_value=context)
        assert told.errors is None
    assert ["RESTRICTED"] == [one.request for one in noted]
