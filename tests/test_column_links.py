"""Links that a column of a thing's table names: told in full, so that others have ended."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from graph.store import Store
from graph.times import Moment
from loaders.report import RowsRefused
from tests.looking import everything, links, loaded, year

NOW = datetime(2026, 10, 1, tzinfo=UTC)
PERSPECTIVES = "key,name\ncustomer,Customer\nprocess,Process\n"


async def perspectives(store: Store, at: datetime, known: datetime | None = None) -> list[str]:
    """Keys of the perspectives that KPIs belong to."""
    found = await links(store, "KPI_IN_PERSPECTIVE", Moment(at, known))
    return [target.partition(":")[2] for _, target in found]


async def test_a_kpi_that_moves_leaves_its_former_perspective(store: Store, tmp_path: Path) -> None:
    """
    The cell says another perspective: the old link was wrong all along, the new one holds.
    """
    head = "key,name,perspective\n"
    await loaded(store, tmp_path, perspectives=PERSPECTIVES, kpis=f"{head}k,K,customer\n")
    report = await loaded(store, tmp_path, perspectives=PERSPECTIVES, kpis=f"{head}k,K,process\n")

    assert (1, 1) == (report.receipt.created, report.receipt.ended)
    assert ["process"] == await perspectives(store, NOW)


async def test_a_kpi_that_moves_on_a_day_was_elsewhere_before(store: Store, tmp_path: Path) -> None:
    """
    Two rows, one from 2025 on: each perspective has its years, and back again also works.
    """
    head = "key,name,perspective,valid_from,valid_to\n"
    there = f"{head}k,K,customer,2020-01-01,2025-01-01\nk,K,process,2025-01-01,\n"
    back = f"{head}k,K,process,2020-01-01,2025-01-01\nk,K,customer,2025-01-01,\n"
    await loaded(
        store, tmp_path, perspectives=PERSPECTIVES, kpis=f"{head}k,K,customer,2020-01-01,\n"
    )
    for table, expected in ((there, ["customer", "process"]), (back, ["process", "customer"])):
        await loaded(store, tmp_path, perspectives=PERSPECTIVES, kpis=table)
        found = [await perspectives(store, year(number)) for number in (2024, 2025)]
        assert [[one] for one in expected] == found


async def test_a_cell_that_is_emptied_ends_its_links(store: Store, tmp_path: Path) -> None:
    """
    An empty cell names none; a column that is not there says nothing.
    """
    await loaded(
        store, tmp_path, perspectives=PERSPECTIVES, kpis="key,name,perspective\nk,K,customer\n"
    )
    await loaded(store, tmp_path, kpis="key,name\nk,K\n")
    assert ["customer"] == await perspectives(store, NOW)
    await loaded(store, tmp_path, kpis="key,name,perspective\nk,K,\n")

    assert [] == await perspectives(store, NOW)


async def test_a_move_that_became_known_later_is_kept_with_its_day(
    store: Store, tmp_path: Path
) -> None:
    """
    One folder tells both: what was recorded in 2021, and what was recorded in 2022.
    """
    kpis = (
        "key,name,perspective,recorded_on\n"
        "k,K,customer,2021-01-01\nk,K,process,2022-01-01\nk,K,process,2023-01-01\n"
    )
    await loaded(store, tmp_path, perspectives=PERSPECTIVES, kpis=kpis)
    before = await everything(store)
    again = await loaded(store, tmp_path, perspectives=PERSPECTIVES, kpis=kpis)

    assert (0, 0, 0) == (again.receipt.created, again.receipt.changed, again.receipt.ended)
    assert before == await everything(store)
    found = [await perspectives(store, NOW, known=year(number)) for number in (2020, 2021, 2022)]
    assert [[], ["customer"], ["process"]] == found


async def test_a_column_speaks_only_of_links_that_a_column_can_tell(
    store: Store, tmp_path: Path
) -> None:
    """
    Another owner in the cell does not end a sponsorship, which only a table can tell.
    """
    roles = "key,name\na,A\nb,B\nc,C\n"
    owns = "source,target,accountability\nrole:c,source_system:s,SPONSOR\n"
    systems = "key,name,owner\ns,S,{}\n"
    await loaded(store, tmp_path, roles=roles, owns=owns, source_systems=systems.format("a"))
    await loaded(store, tmp_path, source_systems=systems.format("b"))

    found = await links(store, store.ontology.links["owns"].type, Moment(NOW))
    assert {"role:b", "role:c"} == {end for pair in found for end in pair} - {"source_system:s"}


async def test_a_link_told_by_a_table_and_by_a_column_is_one_link(
    store: Store, tmp_path: Path
) -> None:
    """
    Both say the same: it is told once.
    """
    tables = {
        "perspectives": PERSPECTIVES,
        "kpis": "key,name,perspective\nk,K,customer\n",
        "kpi_in_perspective": "source,target\nkpi:k,perspective:customer\n",
    }
    report = await loaded(store, tmp_path, **tables)

    assert 4 == report.receipt.created
    assert ["customer"] == await perspectives(store, NOW)


async def test_a_table_and_a_column_that_differ_are_refused(store: Store, tmp_path: Path) -> None:
    """
    The column says always, the table says from 2025 on.
    """
    tables = {
        "perspectives": PERSPECTIVES,
        "kpis": "key,name,perspective\nk,K,customer\n",
        "kpi_in_perspective": "source,target,valid_from\nkpi:k,perspective:customer,2025-01-01\n",
    }
    with pytest.raises(RowsRefused, match=r"stands twice for the same time, first in kpi"):
        await loaded(store, tmp_path, **tables)
