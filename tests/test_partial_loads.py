"""Loads that leave refused rows out, and loads that only tell what they would do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import astuple, dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest

from graph.store import Store
from graph.times import Moment
from loaders.load import load
from loaders.report import Problem, RowsRefused
from tests.asking import TESTER, put, thing
from tests.looking import everything, links, things

NOW = datetime(2026, 11, 1, tzinfo=UTC)
ROWS = {
    "perspectives": "key,name,kind,order\np,P,CUSTOMER,1\nq,Q,NOTHING,2\n",
    "kpis": "key,name,perspective,valid_from\na,A,p,\nb,B,q,\nc,C,p,2025-13-01\nd,D,p,\n",
    "objectives": "key,name,perspective\no,O,p\n",
    "measured_by": (
        "source,target,weight\nobjective:o,kpi:a,0.5\nobjective:o,kpi:b,0.5\nobjective:o,kpi:d,0.5\n"
    ),
}


@dataclass
class Kept:
    """Rejects that are kept in memory."""

    told: list[tuple[Problem, Mapping[str, str]]] = field(default_factory=list)

    def refuse(self, problem: Problem, cells: Mapping[str, str]) -> None:
        """Take in a problem."""
        self.told.append((problem, dict(cells)))


def written(folder: Path, **tables: str) -> Path:
    """A folder of tables."""
    for table, text in tables.items():
        folder.joinpath(f"{table}.csv").write_text(text, encoding="utf-8")
    return folder


async def measured(store: Store) -> list[tuple[str, str]]:
    """Objectives with the KPIs that measure them."""
    link = store.ontology.links["measured_by"]
    found = await links(store, link.type, Moment(NOW))
    return sorted((b, a) if link.reversed() else (a, b) for a, b in found)


async def test_a_partial_load_leaves_out_what_is_wrong_and_what_needs_it(
    store: Store, tmp_path: Path
) -> None:
    """
    A word that is none, the KPI below it, its share; a bad date; the rest is loaded.
    """
    report = await load(store, written(tmp_path, **ROWS), TESTER, partial=True)

    assert {"kpis": 2, "measured_by": 1, "perspectives": 1} == report.refused
    assert {"kpis": 4, "measured_by": 3, "objectives": 1, "perspectives": 2} == report.rows
    ids = [f"kpi:{key}" for key in "abcd"]
    assert {"kpi:a": "a", "kpi:d": "d"} == {
        id_: name.lower() for id_, name in (await things(store, Moment(NOW), ids)).items()
    }
    expected = [("objective:o", "kpi:a"), ("objective:o", "kpi:d")]
    assert expected == await measured(store)
    words = [str(problem) for problem in report.problems]
    assert any(
        "kpis.csv, row 3, column perspective: 'q' there is no perspective:q" in word
        for word in words
    )
    assert any("there is no kpi:b; its own row is refused" in word for word in words)


async def test_rows_that_break_a_rule_together_are_left_out_until_none_does(
    store: Store, tmp_path: Path
) -> None:
    """
    Shares of 0.5, 0.5 and 0.4: the last goes, and the others make 1.
    """
    kpis = "key,name\n" + "".join(f"{key},{key}\n" for key in "abc")
    shares = "source,target,weight\n" + "".join(
        f"objective:o,kpi:{key},{weight}\n"
        for key, weight in zip("abc", (0.5, 0.5, 0.4), strict=True)
    )
    tables = {"kpis": kpis, "objectives": "key,name\no,O\n", "measured_by": shares}
    report = await load(store, written(tmp_path, **tables), TESTER, partial=True)

    assert {"measured_by": 1} == report.refused
    expected = [("objective:o", "kpi:a"), ("objective:o", "kpi:b")]
    assert expected == await measured(store)


async def test_without_partial_nothing_is_loaded_and_all_is_told(
    store: Store, tmp_path: Path
) -> None:
    """
    Every problem goes to the rejects by table and row, with the cells of its row.
    """
    before, kept = await everything(store), Kept()
    with pytest.raises(RowsRefused) as refused:
        await load(store, written(tmp_path, **ROWS), TESTER, rejects=kept)

    assert before == await everything(store)
    assert refused.value.count == len(kept.told) == 2
    assert [("kpis.csv", 4), ("perspectives.csv", 3)] == [
        (problem.file, problem.row) for problem, _ in kept.told
    ]
    cells = {"key": "c", "name": "C", "perspective": "p", "valid_from": "2025-13-01"}
    assert cells == kept.told[0][1]


async def test_a_dry_run_tells_what_the_load_then_does(store: Store, tmp_path: Path) -> None:
    """
    New, changed, ended, superseded and as before, by table; nothing is written.
    """
    await put(store, *(thing(f"theme:{key}", name=key.upper()) for key in "abc"))
    themes = "key,name,valid_from,valid_to\na,A,,\nb,other,,\nc,C,2020-01-01,2021-01-01\nd,D,,\n"
    folder = written(tmp_path, themes=themes)
    before = await everything(store)
    told = await load(store, folder, TESTER, dry_run=True)
    assert before == await everything(store)
    done = await load(store, folder, TESTER)

    assert {"themes"} == set(told.weighed)
    assert (1, 2, 0, 2, 1) == astuple(told.weighed["themes"])
    assert (done.receipt.created, done.receipt.changed) == (
        told.receipt.created,
        told.receipt.changed,
    )
    assert done.receipt.unchanged == told.receipt.unchanged


async def test_a_dry_run_weighs_a_history_as_it_is_written(store: Store, tmp_path: Path) -> None:
    """
    The second of two record times follows on the first, though neither is stored.
    """
    themes = "key,name,recorded_on\na,A,2024-01-01\na,B,2025-01-01\na,B,\n"
    folder = written(tmp_path, themes=themes)
    told = await load(store, folder, TESTER, dry_run=True)
    done = await load(store, folder, TESTER)

    assert (1, 1, 0, 1, 1) == astuple(told.weighed["themes"])
    assert (1, 1, 1) == (done.receipt.created, done.receipt.changed, done.receipt.unchanged)


async def test_a_dry_run_refuses_what_a_load_refuses(store: Store, tmp_path: Path) -> None:
    """
    The same rows, in the same words.
    """
    folder = written(tmp_path, **ROWS)
    with pytest.raises(RowsRefused) as dry:
        await load(store, folder, TESTER, dry_run=True)
    with pytest.raises(RowsRefused) as real:
        await load(store, folder, TESTER)

    assert str(real.value) == str(dry.value)


async def test_links_that_are_named_no_longer_end_although_rows_are_left_out(
    store: Store, tmp_path: Path
) -> None:
    """
    Judged three times, as two shares are refused one after the other; the old perspective ends.
    """
    perspectives = "key,name,kind,order\np,P,CUSTOMER,1\nq,Q,FINANCIAL,2\n"
    kpis = "key,name,perspective\na,A,{}\nb,B,{}\n"
    folder = written(tmp_path, perspectives=perspectives, kpis=kpis.format("p", "p"))
    await load(store, folder, TESTER)
    shares = "source,target,weight\nobjective:o,kpi:a,0.6\nobjective:o,kpi:b,0.6\n"
    written(folder, kpis=kpis.format("q", "p"), objectives="key,name\no,O\n", measured_by=shares)
    report = await load(store, folder, TESTER, partial=True)

    assert {"measured_by": 2} == report.refused
    assert [] == await measured(store)
    expected = [("kpi:a", "perspective:q"), ("kpi:b", "perspective:p")]
    link = store.ontology.links["kpi_in_perspective"]
    assert expected == sorted(await links(store, link.type, Moment(NOW)))
