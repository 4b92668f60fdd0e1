"""Rules across rows: what breaks one with other rows, or with what is stored, is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from graph.store import Store
from loaders.report import RowsRefused
from tests.looking import loaded, refused

KPIS = "key,name\na,A\nb,B\nc,C\n"
OBJECTIVES = "key,name\no,O\n"
SETS = "key,kpi,version,kind,valid_from,valid_to\nw,a,1,COMPONENT,2024-01-01,\n"
SERIES = "key,kpi,scope_kind,frequency\ns,a,ALL,MONTHLY\n"
TIMED = "key,series,kind,value,valid_from,valid_to\n"


async def test_weights_that_do_not_make_one_are_told_with_their_rows(
    store: Store, tmp_path: Path
) -> None:
    """
    The last row of the set, its weight, the sum, the other rows and the day from which it is so.
    """
    weights = "key,weight_set,component,weight\nw/a,w,kpi:a,0.3\nw/b,w,kpi:b,0.4\nw/c,w,kpi:c,0.4\n"

    assert [
        "weights.csv, row 4, column weight: '0.4' makes 1.1 with the others of weight_set:w"
        " (rows 2, 3) from 2024-01-01 on; they must sum to 1"
    ] == await refused(store, tmp_path, kpis=KPIS, weight_sets=SETS, weights=weights)


async def test_a_weight_that_joins_a_stored_set_is_judged_with_it(
    store: Store, tmp_path: Path
) -> None:
    """
    The stored weights make 1; one more alone is too much, with a smaller other one it is right.
    """
    weights = "key,weight_set,component,weight\nw/a,w,kpi:a,0.5\nw/b,w,kpi:b,0.5\n"
    await loaded(store, tmp_path, kpis=KPIS, weight_sets=SETS, weights=weights)
    more = "key,weight_set,component,weight\nw/c,w,kpi:c,0.2\n"

    assert [
        "weights.csv, row 2, column weight: '0.2' makes 1.2 with the others of weight_set:w"
        " from 2024-01-01 on; they must sum to 1"
    ] == await refused(store, tmp_path, weights=more)
    await loaded(store, tmp_path, weights=f"{more}w/b,w,kpi:b,0.3\n")


async def test_a_share_that_ends_leaves_a_part_of_the_whole(store: Store, tmp_path: Path) -> None:
    """
    Two joint owners, then one of half: the row that ends the other is named.
    """
    head = "source,target,accountability,share,valid_from,valid_to\n"
    first = "role:r,kpi:a,JOINT,0.5,2024-01-01,\n"
    owns = f"{head}{first}role:q,kpi:a,JOINT,0.5,2024-01-01,\n"
    await loaded(store, tmp_path, kpis=KPIS, roles="key,name\nr,R\nq,Q\n", owns=owns)
    ends = f"{head}role:q,kpi:a,JOINT,0.5,2024-01-01,2025-01-01\n"

    assert [
        "owns.csv, row 2, column share: '0.5' leaves 0.5 of kpi:a from 2025-01-01 on;"
        " they must sum to 1"
    ] == await refused(store, tmp_path, owns=ends)
    whole = f"{ends}{first}role:r,kpi:b,SOLE,1.0,2024-01-01,\n"
    assert 1 == len(await refused(store, tmp_path, owns=whole))
    split = "role:r,kpi:a,JOINT,0.5,2024-01-01,2025-01-01\nrole:r,kpi:a,JOINT,1,2025-01-01,\n"
    await loaded(store, tmp_path, owns=f"{ends}{split}")


async def test_a_column_that_drops_an_owner_is_told_as_it_stands(
    store: Store, tmp_path: Path
) -> None:
    """
    The cell names another owner and so ends the share of the former; no row says that share.
    """
    owns = (
        "source,target,accountability,share\n"
        "role:r,source_system:s,SOLE,0.6\nrole:q,source_system:s,JOINT,0.4\n"
    )
    roles = "key,name\nr,R\nq,Q\n"
    await loaded(store, tmp_path, roles=roles, source_systems="key,name\ns,S\n", owns=owns)

    assert [
        "source_systems.csv, row 2, column owner: 'q' leaves 0.4 of source_system:s"
        " from the beginning on; they must sum to 1"
    ] == await refused(store, tmp_path, source_systems="key,name,owner\ns,S,q\n")


async def test_a_whole_that_has_ended_needs_no_shares(store: Store, tmp_path: Path) -> None:
    """
    The KPI is over and one of its joint owners too; the other link has no end.
    """
    kpis = "key,name,valid_from,valid_to\na,A,2024-01-01,2025-01-01\n"
    owns = (
        "source,target,accountability,share,valid_from,valid_to\n"
        "role:r,kpi:a,JOINT,0.5,2024-01-01,\nrole:q,kpi:a,JOINT,0.5,2024-01-01,2025-01-01\n"
    )
    report = await loaded(store, tmp_path, kpis=kpis, roles="key,name\nr,R\nq,Q\n", owns=owns)

    assert 2 == report.rows["owns"]


async def test_a_whole_without_shares_or_untouched_is_not_judged(
    store: Store, tmp_path: Path
) -> None:
    """
    Empty shares are no shares; rows of other objectives say nothing of this one.
    """
    head = "source,target,weight\n"
    await loaded(
        store,
        tmp_path,
        kpis=KPIS,
        objectives="key,name\no,O\np,P\n",
        measured_by=f"{head}objective:o,kpi:a,\nobjective:o,kpi:b,\n",
    )
    await loaded(store, tmp_path, measured_by=f"{head}objective:p,kpi:a,1.0\n")

    assert [
        "measured_by.csv, row 2, column weight: '0.5' makes 0.5 of objective:o"
        " from the beginning on; they must sum to 1"
    ] == await refused(store, tmp_path, measured_by=f"{head}objective:o,kpi:c,0.5\n")


async def test_a_unit_made_its_own_grandparent_is_told_with_the_circle(
    store: Store, tmp_path: Path
) -> None:
    """
    One changed row closes a circle with two that are stored.
    """
    units = "key,name,parent\na,A,\nb,B,a\nc,C,b\n"
    await loaded(store, tmp_path, org_units=units)

    assert [
        "org_units.csv, row 2, column parent: 'c' closes a circle:"
        " org_unit:a > org_unit:c > org_unit:b > org_unit:a; there may be none"
    ] == await refused(store, tmp_path, org_units="key,name,parent\na,A,c\n")
    assert [
        "org_units.csv, row 2, column parent: 'c' closes a circle: org_unit:c > org_unit:c;"
        " there may be none"
    ] == await refused(store, tmp_path, org_units="key,name,parent\nc,C,c\n")
    await loaded(store, tmp_path, org_units="key,name,parent\na,A,c\nb,B,\n")


async def test_what_was_above_once_may_be_below_later(store: Store, tmp_path: Path) -> None:
    """
    Two units change places on a day: no instant has a circle. A day too early, and one has.
    """
    units = (
        "key,name,parent,valid_from,valid_to\na,A,b,2024-01-01,2025-01-01\nb,B,,2024-01-01,{}\n"
        "a,A,,2025-01-01,\nb,B,a,{},\n"
    )
    late = units.format("2025-01-01", "2025-01-01")
    early = units.format("2024-12-31", "2024-12-31")

    assert [
        "org_units.csv, row 5, column parent: 'a' closes a circle:"
        " org_unit:b > org_unit:a > org_unit:b from 2024-12-31 on; there may be none"
    ] == await refused(store, tmp_path, org_units=early)
    await loaded(store, tmp_path, org_units=late)


async def test_a_kpi_made_of_itself_is_refused(store: Store, tmp_path: Path) -> None:
    """
    Through another: the row that comes last closes it.
    """
    components = "source,target,normalisation\nkpi:a,kpi:b,HIGHER\nkpi:b,kpi:a,HIGHER\n"

    (told,) = await refused(store, tmp_path, kpis=KPIS, component_of=components)
    assert told == (
        "component_of.csv, row 3, column source: 'kpi:b' closes a circle:"
        " kpi:b > kpi:a > kpi:b; there may be none"
    )


async def test_targets_of_one_kind_may_not_overlap(store: Store, tmp_path: Path) -> None:
    """
    In one table, and with one that is stored; another kind, or the day after, is right.
    """
    base = {"kpis": KPIS, "series": SERIES}
    rows = "t,s,COMMITTED,1,2024-01-01,2025-01-01\nu,s,COMMITTED,2,2024-07-01,\n"

    assert [
        "targets.csv, row 3, column valid_from: '2024-07-01' overlaps target:t (row 2)"
        " (same series and kind) from 2024-07-01 to 2025-01-01;"
        " at most one may be in force at a time"
    ] == await refused(store, tmp_path, **base, targets=f"{TIMED}{rows}")
    good = "t,s,COMMITTED,1,2024-01-01,2025-01-01\nu,s,STRETCH,2,2024-07-01,\n"
    await loaded(store, tmp_path, **base, targets=f"{TIMED}{good}")
    assert [
        "targets.csv, row 2, column valid_from: '2024-12-31' overlaps target:t, which is stored,"
        " (same series and kind) from 2024-12-31 to 2025-01-01;"
        " at most one may be in force at a time"
    ] == await refused(store, tmp_path, targets=f"{TIMED}v,s,COMMITTED,3,2024-12-31,\n")
    await loaded(store, tmp_path, targets=f"{TIMED}v,s,COMMITTED,3,2025-01-01,\n")


async def test_a_target_that_moves_to_another_series_meets_its_rival_there(
    store: Store, tmp_path: Path
) -> None:
    """
    Only the link changes; the rival is the one that was there all along.
    """
    series = f"{SERIES}r,b,ALL,MONTHLY\n"
    head = "key,series,value\n"
    await loaded(store, tmp_path, kpis=KPIS, series=series, targets=f"{head}t,s,1\nu,r,2\n")

    (told,) = await refused(store, tmp_path, targets=f"{head}u,s,2\n")
    assert "targets.csv, row 2, column valid_from: '' overlaps target:t, which is stored," in told


async def test_series_differ_by_their_groups(store: Store, tmp_path: Path) -> None:
    """
    One for all and one for a persona; a second for all is one too many.
    """
    head = "key,kpi,group,scope_kind,frequency\n"
    series = f"{head}all,a,,ALL,MONTHLY\np,a,persona:p,PERSONA,MONTHLY\n"
    await loaded(store, tmp_path, kpis=KPIS, personas="key,name\np,P\n", series=series)

    (told,) = await refused(store, tmp_path, series=f"{head}p,a,,ALL,MONTHLY\n")
    assert "overlaps series:all, which is stored, (same kpi and groups and frequency)" in told


async def test_a_customer_is_in_one_persona_at_a_time(store: Store, tmp_path: Path) -> None:
    """
    What agrees in a value alone is found by the value, also among what is stored.
    """
    head = "key,customer_ref,persona,valid_from,valid_to\n"
    personas = "key,name\np,P\nq,Q\n"
    first = f"{head}m,c1,p,2024-01-01,\nn,c2,p,2024-01-01,\n"
    await loaded(store, tmp_path, personas=personas, memberships=first)

    (told,) = await refused(store, tmp_path, memberships=f"{head}k,c1,q,2025-01-01,\n")
    assert "overlaps membership:m, which is stored, (same customer ref) from 2025-01-01 on" in told
    ended = f"{head}m,c1,p,2024-01-01,2025-01-01\nk,c1,q,2025-01-01,\n"
    await loaded(store, tmp_path, memberships=ended)


async def test_only_the_latest_of_what_is_known_is_judged(store: Store, tmp_path: Path) -> None:
    """
    Two reports of one set: what was wrong as first recorded is right as it is known now.
    """
    head = "source,target,weight,recorded_on\n"
    rows = (
        "objective:o,kpi:a,0.9,2024-01-01\nobjective:o,kpi:b,0.2,2024-01-01\n"
        "objective:o,kpi:a,0.8,2024-02-01\n"
    )
    await loaded(store, tmp_path, kpis=KPIS, objectives=OBJECTIVES, measured_by=f"{head}{rows}")

    worse = f"{head}objective:o,kpi:a,0.7,2024-03-01\n"
    assert 1 == len(await refused(store, tmp_path, measured_by=worse))


async def test_refused_rows_read_as_the_docs_show(store: Store, tmp_path: Path) -> None:
    """
    One load breaks all three rules, and says what docs/loading.md shows.
    """
    weights = "key,weight_set,component,weight\nw/a,w,kpi:a,0.3\nw/b,w,kpi:b,0.4\nw/c,w,kpi:c,0.4\n"
    targets = "t,s,COMMITTED,1,2024-01-01,2025-01-01\nu,s,COMMITTED,2,2024-07-01,\n"
    with pytest.raises(RowsRefused) as caught:
        await loaded(
            store,
            tmp_path,
            kpis=KPIS,
            weight_sets=SETS,
            weights=weights,
            series=SERIES,
            targets=f"{TIMED}{targets}",
            org_units="key,name,parent\na,A,b\nb,B,a\n",
        )

    shown = Path(__file__).parents[1].joinpath("docs", "loading.md").read_text(encoding="utf-8")
    assert f"```text\ngoldenthread: {caught.value}\n```" in shown


async def test_whoever_ends_a_part_ends_its_share(store: Store, tmp_path: Path) -> None:
    """
    The KPI that measured a third of the objective is over; with the new shares it is right.
    """
    kpis = "key,name,valid_from,valid_to\na,A,2025-01-01,{}\nb,B,2025-01-01,\n"
    shares = "source,target,weight,valid_from\nobjective:o,kpi:{},{},{}\n"
    first = shares.format("a", 0.3, "2025-01-01") + "objective:o,kpi:b,0.7,2025-01-01\n"
    await loaded(
        store, tmp_path, kpis=kpis.format(""), objectives="key,name\no,O\n", measured_by=first
    )

    assert [
        "kpis.csv, row 2, column key: 'a' leaves 0.7 of objective:o from 2026-01-01 on;"
        " they must sum to 1"
    ] == await refused(store, tmp_path, kpis=kpis.format("2026-01-01"))

    both = kpis.format("2026-01-01")
    report = await loaded(
        store, tmp_path, kpis=both, measured_by=shares.format("b", 1, "2026-01-01")
    )
    assert 1 <= report.receipt.changed
