"""A mutation is a small load: the same rows, loaded or made by hand, come to the same states."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from graph.ontology import ONTOLOGY
from graph.ontology.vocabulary import camel
from graph.store import Store
from loaders.export import export
from tests.asking import put, thing
from tests.conftest import EMPTY
from tests.looking import loaded, year
from tests.writing import at, did, done

TEXT = st.text(alphabet="abc é,", min_size=1, max_size=8).map(str.strip).filter(bool)
SHARE = st.integers(0, 20).map(lambda number: number / 20)
YEARS = st.tuples(st.integers(2000, 2020), st.one_of(st.none(), st.integers(2021, 2080)))
ROWS: dict[str, dict[str, st.SearchStrategy[Any]]] = {
    "persona": {
        "description": TEXT,
        "influence": SHARE,
        "review_every_months": st.integers(1, 24),
        "classification_mode": st.sampled_from(["SNAPSHOT", "DYNAMIC"]),
        "decision": st.sampled_from(["d", "e"]),
    },
    "kpi": {
        "purpose": TEXT,
        "kind": st.sampled_from(["BASE", "COMPOSITE"]),
        "perspective": st.sampled_from(["customer", "money"]),
        "confidentiality": st.sampled_from(["PUBLIC", "RESTRICTED"]),
        "requested_by": st.just("head"),
    },
    "initiative": {
        "cost": st.floats(-1e6, 1e6, allow_nan=False),
        "unit": st.just("EUR"),
        "start": st.dates().map(lambda day: day.isoformat()),
        "expected_reach": st.integers(0, 10**6),
    },
}
FIELDS = {"kind": "kpiKind"}
"""Columns that inputs call otherwise."""


@st.composite
def rows(draw: st.DrawFn) -> dict[str, list[dict[str, Any]]]:
    """Some rows of each table, each with some of its columns and a life."""
    found: dict[str, list[dict[str, Any]]] = {}
    for word, columns in ROWS.items():
        for number in range(draw(st.integers(0, 2))):
            since, until = draw(YEARS)
            row = {"key": f"k{number}", "name": draw(TEXT), "valid_from": since, "valid_to": until}
            row |= {name: draw(of) for name, of in columns.items() if draw(st.booleans())}
            found.setdefault(word, []).append(row)
    return found


def table(told: list[dict[str, Any]]) -> str:
    """Rows as a table of text."""
    header = list(dict.fromkeys(name for row in told for name in row))
    file = io.StringIO()
    writer = csv.DictWriter(file, header)
    writer.writeheader()
    for row in told:
        times = {name: at(row[name])[:10] for name in ("valid_from", "valid_to") if row[name]}
        writer.writerow({**row, "valid_to": "", **times})
    return file.getvalue()


async def base(store: Store) -> None:
    """An emptied store with what rows refer to."""
    await store.alone(EMPTY)
    await store.migrate()
    views = (thing(f"perspective:{key}", year(1990), order=0) for key in ("customer", "money"))
    ids = ("role:head", "decision:d", "decision:e")
    await put(store, *views, *(thing(id_, year(1990)) for id_ in ids))


async def tables(store: Store, folder: Path) -> dict[str, list[dict[str, str]]]:
    """Everything that is stored, as tables tell it, without record times."""
    folder.mkdir(exist_ok=True)
    for old in folder.glob("*.csv"):
        old.unlink()
    await export(store, folder, current=True)
    return {
        file.name: [
            {name: cell for name, cell in row.items() if name != "recorded_on"}
            for row in csv.DictReader(io.StringIO(file.read_text(encoding="utf-8"), newline=""))
        ]
        for file in sorted(folder.glob("*.csv"))
    }


@settings(
    max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(told=rows())
async def test_rows_made_by_mutation_are_stored_as_when_loaded(
    store: Store, tmp_path: Path, told: dict[str, list[dict[str, Any]]]
) -> None:
    """
    Random things with random fields, links and lives: both ways export the same tables.
    """
    await base(store)
    for word, made in told.items():
        for row in made:
            said = {
                FIELDS.get(name, camel(name)): value
                for name, value in row.items()
                if name not in ("valid_from", "valid_to")
            }
            span = {"validFrom": at(row["valid_from"])}
            span |= {"validTo": at(row["valid_to"])} if row["valid_to"] else {}
            await done(store, "create", thing={word: said}, **span)
    by_hand = await tables(store, tmp_path / "made")
    await base(store)
    if told:
        texts = {ONTOLOGY.kinds[word].table: table(made) for word, made in told.items()}
        (tmp_path / "in").mkdir(exist_ok=True)
        await loaded(store, tmp_path / "in", **texts)

    assert await tables(store, tmp_path / "loaded") == by_hand


async def test_what_was_archived_by_hand_goes_through_tables_unchanged(
    store: Store, tmp_path: Path
) -> None:
    """
    An initiative with two decisions, one behind it and one behind its end: out, in, the same.
    """
    await base(store)
    await put(store, thing("initiative:app", year(2020)), thing("initiative:web", year(2020)))
    said = {"initiative": {"decision": "d"}}
    await done(
        store, "correct", of="initiative:app", set=said, validFrom=at(2020), validTo="9999-12-31"
    )
    grounds = {"reason": "done with", "evidence": ["a", "b"], "decision": "decision:e"}
    given = {"successor": "initiative:web", "at": at(2023), **grounds}
    assert "Receipt" == (await did(store, "archive", of="initiative:app", **given))["__typename"]
    await done(store, "restore", of="initiative:app", at=at(2024))
    before = await tables(store, tmp_path / "out")
    await store.alone(EMPTY)
    await store.migrate()
    texts = {
        name.removesuffix(".csv"): (tmp_path / "out" / name).read_text(encoding="utf-8")
        for name in before
    }
    (tmp_path / "in").mkdir()
    await loaded(store, tmp_path / "in", **texts)

    assert before == await tables(store, tmp_path / "again")
    assert {"initiatives.csv", "decisions.csv"} <= before.keys()
