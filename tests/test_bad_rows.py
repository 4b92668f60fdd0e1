"""Every refused row is named with file, row, column, value and rule, and nothing is written."""

from __future__ import annotations

from pathlib import Path

import pytest

from graph.store import Store
from loaders.load import load
from loaders.report import RowsRefused
from tests.asking import TESTER
from tests.looking import everything, loaded

GOOD = {
    "org_units": "key,name\nu,U\n",
    "processes": "key,name\np,P\n",
    "initiatives": "key,name\ni,I\n",
}
CASES: dict[tuple[str, str], dict[str, str]] = {
    ("roles", ""): {
        "": "1, all: '' has no header line",
    },
    ("roles", "key,name,name"): {
        "r,R,R": "1, name: 'name' stands twice in the header",
    },
    ("roles", "key;name"): {
        "r;R": "1, all: 'key;name' is separated by ';'; write commas",
    },
    ("roles", "key,name,colour"): {
        "r,R,red": "1, colour: 'colour' is no column of this table",
    },
    ("roles", "name"): {
        "R": "1, key: '' is missing from the header",
    },
    ("performed_by", "source,share"): {
        "p,1": "1, target: '' is missing from the header",
    },
    ("roles", "key,name"): {
        "r,R\ns": "3, all: 's' has 1 field where the header has 2",
        "r,R,": "2, all: 'r,R,' has 3 fields where the header has 2",
        'r,"R': "2, all: 'r,\"R\\n' cannot be read as CSV: a quote is opened",
        'r,R\ns,"S': "3, all: 's,\"S\\n' cannot be read as CSV: a quote is opened",
        "r,": "2, name: '' is required",
        "r,  ": "2, name: '  ' is required",
        ",R": "2, key: '' is required",
        "a;b,R": "2, key: 'a;b' holds a `;`",
        "r,a\0b": "2, name: 'a\\x00b' holds a NUL character",
        "r,R\ns,S\nr,Q": "4, key: 'r' stands twice for the same time, first in",
    },
    ("roles", "key,name,influence"): {
        "r,R,HUGE": "2, influence: 'HUGE' must be one of DIRECT, REPORTING",
    },
    ("roles", "key,name,accepted_on"): {
        "r,R,20240101": "2, accepted_on: '20240101' is not a date; write 2026-07-20",
        "r,R,2024-02-30": "2, accepted_on: '2024-02-30' is not a date",
    },
    ("initiatives", "key,name,expected_reach"): {
        "i,I,12.5": "2, expected_reach: '12.5' must be a valid integer",
        "i,I,9223372036854775808": "2, expected_reach: '9223372036854775808' is too large",
        "i,I,-1": "2, expected_reach: '-1' must be greater than or equal to 0",
    },
    ("performed_by", "source,target,share"): {
        "process:p,org_unit:u,most": "2, share: 'most' is no number; write 1234.5",
        'process:p,org_unit:u,"1.234,5"': "2, share: '1.234,5' is no number; write 1234.5",
        "process:p,org_unit:u,inf": "2, share: 'inf' is no number; write 1234.5",
        "process:p,org_unit:u,1.5": "2, share: '1.5' must be less than or equal to 1",
        "process:p,org_unit:u,1\nprocess:p,org_unit:u,0.5": "3, source: 'process:p' stands twice",
        "proces:p,org_unit:u,1": "2, source: 'proces:p' must be process:...",
        "org_unit:u,org_unit:u,1": "2, source: 'org_unit:u' must be process:...",
        "process:p,u,1": "2, target: 'u' must be org_unit:...",
        "process:p,org_unit:,1": "2, target: 'org_unit:' must be org_unit:...",
        "process:p,,1": "2, target: '' must be org_unit:...",
        "process:p,org_unit:v,1": "2, target: 'org_unit:v' there is no org_unit:v",
    },
    ("observations", "key,period"): {
        "o,2025-W53": "2, period: '2025-W53' is not a period; write 2025,",
        "o,soon": "2, period: 'soon' is not a period; write 2025,",
    },
    ("kpi_versions", "key,version,formula,unit,direction,indicator_kind,frequency"): {
        "k/v1,1,x,furlong,HIGHER,LEADING,MONTHLY": "2, unit: 'furlong' is not a unit; write %",
    },
    ("roles", "key,name,valid_from"): {
        "r,R,01/02/2026": "2, valid_from: '01/02/2026' is not a time; write 2026-07-20",
        "r,R,2026-07-20T09:00": "2, valid_from: '2026-07-20T09:00' has no time zone",
    },
    ("roles", "key,name,valid_from,valid_to"): {
        "r,R,2025-01-01,2024-01-01": "2, valid_to: '2024-01-01' must be later than",
        "r,R,2025-01-01,2025-01-01": "2, valid_to: '2025-01-01' must be later than",
        "r,R,,2025-01-01\nr,Q,2024-01-01,": "3, key: 'r' stands twice for the same time",
    },
    ("roles", "key,name,recorded_on"): {
        "r,R,9000-01-01": "2, recorded_on: '9000-01-01' lies in the future",
    },
    ("roles", "key,name,unit"): {
        "r,R,nowhere": "2, unit: 'nowhere' there is no org_unit:nowhere",
    },
    ("changes", "source,target,group,change,unit,from_period"): {
        "initiative:i,process:p,crowd:c,1,h,2025-01": "2, group: 'crowd:c' must be segment:",
        "initiative:i,process:p,process:p,1,h,2025-01": "2, group: 'process:p' must be segment:",
        "initiative:i,process:p,persona:x,1,h,2025-01": "2, group: 'persona:x' there is no",
    },
    ("changes", "source,target,change,unit,sign"): {
        "initiative:i,process:p,,,": "2, all: '' must have a change or, where its size is not",
        "initiative:i,process:p,1,h,+": "2, all: '' must have a change or, where its size is not",
        "initiative:i,process:p,1,,": "2, all: '' must have a unit where it has a change",
        "initiative:i,process:p,,h,-": "2, all: '' must have a unit where it has a change",
    },
    ("kpi_in_perspective", "source,target"): {
        "kpi:k,perspective:c": "2, source: 'kpi:k' there is no kpi:k",
    },
}
"""By table and header: rows, and what is told of the first that is wrong."""


def written(folder: Path, **tables: str) -> Path:
    """A folder with these tables."""
    for table, text in tables.items():
        folder.joinpath(f"{table}.csv").write_text(text, encoding="utf-8", newline="")
    return folder


@pytest.mark.parametrize(
    ("table", "head", "rows", "told"),
    [(*of, rows, told) for of, cases in CASES.items() for rows, told in cases.items()],
)
async def test_a_bad_row_is_named_and_nothing_is_loaded(
    store: Store, tmp_path: Path, table: str, head: str, rows: str, told: str
) -> None:
    """
    Good tables beside it do not help: one bad value, and nothing at all is written.
    """
    text = f"{head}\n{rows}\n" if head else ""
    before = await everything(store)
    with pytest.raises(RowsRefused) as caught:
        await load(store, written(tmp_path, **(GOOD | {table: text})), TESTER)

    problem = caught.value.problems[0]
    found = f"{problem.row}, {problem.column}: {problem.value!r} {problem.rule}"
    assert (f"{table}.csv", told) == (problem.file, found[: len(told)])
    assert before == await everything(store)


async def test_a_file_that_is_not_utf_8_is_named_with_its_line(
    store: Store, tmp_path: Path
) -> None:
    """
    An é of Latin-1 in the third line, which begins at byte 14.
    """
    tmp_path.joinpath("roles.csv").write_bytes("key,name\nr,R\ns,Zoé\n".encode("latin-1"))
    with pytest.raises(RowsRefused, match=r"roles.csv, row 3, .* 'e9' is not UTF-8, at byte 17"):
        await load(store, tmp_path, TESTER)


async def test_all_bad_rows_are_named_at_once(store: Store, tmp_path: Path) -> None:
    """
    Nobody corrects one row to be told of the next; the message stays short, the list is whole.
    """
    rows = "".join(f"r{number},R,HUGE,nowhere\n" for number in range(30))
    roles = f"key,name,influence,unit\n{rows}"
    with pytest.raises(RowsRefused) as caught:
        await load(store, written(tmp_path, roles=roles, themes="name\nT\n"), TESTER)

    assert 31 == len(caught.value.problems)
    assert "31 refused, nothing was loaded" in str(caught.value)
    assert str(caught.value).endswith("and 11 more")


async def test_a_row_with_several_faults_names_each(store: Store, tmp_path: Path) -> None:
    """
    A word, a date and a time, all wrong.
    """
    roles = "key,name,influence,accepted_on,valid_from\nr,R,HUGE,soon,later\n"
    with pytest.raises(RowsRefused) as caught:
        await load(store, written(tmp_path, roles=roles), TESTER)

    found = {problem.column for problem in caught.value.problems}
    assert {"influence", "accepted_on", "valid_from"} == found


async def test_a_causal_link_cannot_change_its_ends_from_row_to_row(
    store: Store, tmp_path: Path
) -> None:
    """
    One key, two targets: the second row is named.
    """
    affects = "key,source,target,sign,valid_from,valid_to\n"
    affects += "a/b,kpi:a,kpi:b,1,,2025-01-01\na/b,kpi:a,kpi:c,1,2025-01-01,\n"
    kpis = "key,name\na,A\nb,B\nc,C\n"
    with pytest.raises(RowsRefused, match=r"row 3, column key: 'a/b' has other ends than in"):
        await load(store, written(tmp_path, kpis=kpis, affects=affects), TESTER)


@pytest.mark.parametrize(
    ("kpis", "told"),
    [
        ("key,name,status\nk,K,ACTIV\n", "kpis.csv, row 2, column status"),
        ("key,name,purpse\nk,K,why\n", "kpis.csv, row 1, column purpse"),
    ],
)
async def test_what_names_a_refused_row_is_not_refused_too(
    store: Store, tmp_path: Path, kpis: str, told: str
) -> None:
    """
    One mistake, one message: the row or the table is there, though it cannot be read.
    """
    with pytest.raises(RowsRefused) as refused:
        await loaded(
            store,
            tmp_path,
            kpis=kpis,
            objectives="key,name\no,O\n",
            measured_by="source,target\nobjective:o,kpi:k\n",
        )

    (problem,) = refused.value.problems
    assert str(problem).startswith(told)
