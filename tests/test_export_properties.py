"""Export, empty, load, export: random histories come back whole, at every point of both times."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from functools import partial
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from graph.changes import Change, Piece
from graph.fragments import Fragments
from graph.ontology import ONTOLOGY
from graph.ontology.decisions import Decision
from graph.ontology.measures import Kpi, Observation
from graph.ontology.strategy import Initiative, Perspective
from graph.ontology.terms import ENDINGS
from graph.ontology.vocabulary import Declared, Link
from graph.ontology.work import Changes, Owns, Role
from graph.store import Address, Store
from graph.times import DAWN, FAR, INSTANT, Moment
from graph.viewers import EVERYONE
from loaders.export import export
from loaders.facts import link_id, state_of
from loaders.load import load
from tests.asking import TESTER
from tests.conftest import EMPTY

DAYS = 6
BEGIN = datetime(2024, 1, 1, tzinfo=UTC)
RECORDED = datetime(2025, 1, 1, tzinfo=UTC)
KINDS: dict[str, type[Declared]] = {
    "kpi": Kpi,
    "perspective": Perspective,
    "role": Role,
    "decision": Decision,
    "observation": Observation,
    "initiative": Initiative,
}
KEYS = ("a", 'b:b, "ü"')
IDS = [f"{word}:{key}" for word in KINDS for key in KEYS]
NAMES = (
    "kpi_in_perspective",
    "backed_by",
    "succeeded_by",
    "owns",
    "changes",
    "taken_by",
    "restates",
)
LINKS = [
    (link, source, target)
    for link in map(ONTOLOGY.links.__getitem__, NAMES)
    for source in IDS[:: 1 if link.word != "backed_by" else 2]
    for target in IDS
    if ONTOLOGY.kind_of(source) in ONTOLOGY.sources(link)
    and ONTOLOGY.kind_of(target) in ONTOLOGY.targets(link)
    and source != target
]


def day(number: int) -> datetime:
    """The beginning of a day of valid time; the first and last stand for always."""
    return {0: DAWN, DAYS: FAR}.get(number, BEGIN + timedelta(days=number))


def hour(number: int) -> datetime:
    """A moment of record time; not every one is a whole second."""
    return RECORDED + timedelta(hours=12 * number, microseconds=number % 2)


@st.composite
def values(draw: st.DrawFn, declared: type[Declared]) -> dict[str, Any]:
    """The state of a thing or link of a sort, with cells of every type."""
    texts = st.sampled_from(
        ["x", "007", "=1+1", "'=1", "a;-b", "-5", "NA", 'a,"b"\r\nc', "_x000D_", "ü"]
    )
    word = draw(st.sampled_from(["ACTIVE", "RETIRED", "PILOT"]))
    given_: dict[type[Declared], dict[str, Any]] = {
        Kpi: {"name": draw(texts), "status": word, "rationale": draw(texts)},
        Perspective: {"name": "P", "order": draw(st.integers(0, 2))},
        Role: {"name": "R", "accepted_on": draw(st.sampled_from([None, date(2024, 2, 29)]))},
        Decision: {
            "name": "D",
            "decided_on": draw(st.sampled_from([None, date(2024, 1, 3)])),
            "about": draw(st.sampled_from([(), ("kpi:a", "role:a")])),
        },
        Observation: {
            "period": draw(st.sampled_from(["2024", "2024-01-03"])),
            "value": draw(st.sampled_from([None, 0.1, -0.0, 1e-9, 3.0])),
        },
        Initiative: {"name": "I"},
        Owns: {
            "accountability": "JOINT",
            "accepted_on": draw(st.sampled_from([None, date(2024, 2, 29)])),
        },
        Changes: {
            "change": 1.5,
            "unit": "h",
            "from_period": "2024",
            "to_period": draw(st.sampled_from([None, "2024-01-04"])),
        },
    }
    if draw(st.booleans()) and declared is Owns:
        return dict(state_of(Owns()))
    value = declared.model_validate(
        ({"key": "k"} if declared in KINDS.values() else {}) | given_.get(declared, {})
    )
    ended = word in {term.name for term in ENDINGS} and draw(st.booleans())
    return dict(state_of(value, ended=ended))


@st.composite
def lives(draw: st.DrawFn, declared: type[Declared]) -> tuple[datetime, datetime, list[Piece]]:
    """A stretch of days cut into pieces, of which some are missing."""
    cuts = sorted(draw(st.sets(st.integers(0, DAYS), min_size=2, max_size=4)))
    found = [
        Piece(day(a), day(b), draw(values(declared)))
        for a, b in pairwise(cuts)
        if draw(st.sampled_from([True, True, False]))
    ]
    return day(cuts[0]), day(cuts[-1]), [_ended(piece) for piece in found]


def _ended(piece: Piece) -> Piece:
    """Nothing has an ending that has no end."""
    state = {name: value for name, value in piece.state.items() if name != "ending"}
    return piece if piece.until < FAR else Piece(piece.since, piece.until, state)


@st.composite
def changes(draw: st.DrawFn) -> Change:
    """What one writer says of one thing or link."""
    if draw(st.booleans()):
        id_ = draw(st.sampled_from(IDS))
        since, until, found = draw(lives(KINDS[id_.partition(":")[0]]))
        return Change(id_, since, tuple(found), until)
    link, source, target = draw(st.sampled_from(LINKS))
    since, until, found = draw(lives(link))
    said = link.model_validate(IDENTITY.get(link, {}))
    id_ = link_id(link, (source, target), said)
    if link is Owns:
        word = found[0].state["accountability"] if found else "JOINT"
        id_ = link_id(link, (source, target), Owns.model_validate({"accountability": word}))
        found = [piece for piece in found if piece.state["accountability"] == word]
    return Change(id_, since, tuple(found), until, source=source, target=target)


IDENTITY: dict[type[Link], dict[str, Any]] = {
    Changes: {"change": 1.5, "unit": "h", "from_period": "2024"}
}


STORED = """
MATCH (c:Commit) WITH collect([c.sequence, c.at]) AS commits
RETURN {
  commits: commits,
  pieces: COLLECT { MATCH (e:Identity)-[:STATE]->(x) RETURN ['', '', properties(x)] }
    + COLLECT { MATCH (a:Identity)-[r]->(b:Identity) RETURN [a.id, b.id, properties(r)] }
} AS answer
"""


async def stored(store: Store) -> list[Any]:
    """Every piece that anybody can read, with the instants from and to which it was believed."""
    told = await store.answer(STORED)
    at = dict(told["commits"])
    found = []
    for start, end, properties in told["pieces"]:
        recorded, superseded = at[properties.pop("recorded")], properties.pop("superseded")
        until = at.get(superseded, FAR)
        if recorded < until:
            found.append(
                (properties.pop("id"), start, end, recorded, until, sorted(properties.items()))
            )
    return sorted(found, key=repr)


async def read(store: Store, moment: Moment) -> Any:
    """What is in force at a moment, as questions find it."""
    f = Fragments.at(moment, EVERYONE, store.ontology)
    states = (
        f"{f.moment()} MATCH (e:Identity) WITH e, {f.state('e')} AS s WHERE s IS NOT NULL"
        " WITH e.id AS id, s {.*, recorded: 0, superseded: 0} AS s ORDER BY id"
        " RETURN collect([id, s]) AS answer"
    )
    links = (
        f"{f.moment()} MATCH (a:Identity)-[r]->(b:Identity) WHERE {f.in_force('r')}"
        " WITH a.id AS a, b.id AS b, r {.*, recorded: 0, superseded: 0} AS r ORDER BY a, b, r.id"
        " RETURN collect([a, b, r]) AS answer"
    )
    return [await store.answer(text, **moment.parameters()) for text in (states, links)]


MOMENTS = st.builds(
    Moment,
    st.integers(0, DAYS - 1).map(day) | st.just(day(2) - INSTANT),
    st.none() | st.integers(-1, 9).map(hour),
)


async def filled(store: Store, address: Address, told: list[list[Change]]) -> None:
    """An emptied store to which all this was told, each list at an hour of its own."""
    await store.alone(EMPTY)
    await store.migrate()
    base = [
        Change(id_, DAWN, (Piece(DAWN, FAR, state_of(KINDS[word].model_validate(MINIMAL[word]))),))
        for id_ in IDS
        for word in (id_.partition(":")[0],)
    ]
    for number, changes_ in enumerate([base, *told]):
        distinct = {change.id: change for change in changes_}
        async with Store.at(
            address, clock=partial(datetime.fromtimestamp, hour(number).timestamp(), UTC)
        ) as then:
            await then.put(distinct.values(), TESTER, "a test")


MINIMAL: dict[str, dict[str, Any]] = {
    "kpi": {"key": "k", "name": "K"},
    "perspective": {"key": "k", "name": "P"},
    "role": {"key": "k", "name": "R"},
    "decision": {"key": "k", "name": "D"},
    "observation": {"key": "k", "period": "2024"},
    "initiative": {"key": "k", "name": "I"},
}


def contents(path: Path) -> dict[str, bytes]:
    """The bytes of what was written."""
    if path.is_file():
        return {path.suffix: path.read_bytes()}
    return {file.name: file.read_bytes() for file in path.iterdir()}


@pytest.mark.parametrize("suffix", ["", ".xlsx"], ids=["folder", "workbook"])
@settings(
    max_examples=4,
    deadline=None,
    derandomize=True,
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(data=st.data())
async def test_a_random_history_comes_back_whole(
    store: Store, address: Address, suffix: str, data: st.DataObject
) -> None:
    """
    Loaded where it came from, an export writes nothing; into an empty database it makes the same
    answers at every moment, and the same files.
    """
    told = data.draw(st.lists(st.lists(changes(), min_size=1, max_size=6), max_size=7))
    await filled(store, address, told)
    with TemporaryDirectory() as name:
        first, second = Path(name) / f"first{suffix}", Path(name) / f"second{suffix}"
        exported = await export(store, first)
        assert [] == exported.inexact
        moments = data.draw(st.lists(MOMENTS, min_size=3, max_size=3))
        pieces, answers = await stored(store), [await read(store, one) for one in moments]
        report = await load(store, first, TESTER)
        receipt = report.receipt
        assert (0, 0, 0) == (receipt.created, receipt.changed, receipt.ended)

        await store.alone(EMPTY)
        await store.migrate()
        await load(store, first, TESTER)

        assert pieces == await stored(store)
        assert answers == [await read(store, one) for one in moments]
        await export(store, second)
        assert contents(first) == contents(second)
