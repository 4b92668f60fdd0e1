"""Rules across rows on random shares and trees, loaded in two steps."""

from __future__ import annotations

from itertools import count
from pathlib import Path

import networkx as nx
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from graph.store import Store
from tests.looking import loaded, refused

serial = count()
PROPERTY = settings(
    max_examples=20,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
months = st.tuples(st.integers(1, 9), st.integers(1, 9)).map(
    lambda pair: (pair[0], min(pair[0] + pair[1], 10))
)


def month(number: int) -> str:
    """The first day of a month of 2024."""
    return f"2024-{number:02}-01"


@PROPERTY
@given(parts=st.lists(st.tuples(st.sampled_from([0.2, 0.5, 0.8, 1.0]), months), max_size=4))
async def test_a_load_is_refused_exactly_if_some_month_has_shares_that_do_not_make_one(
    store: Store,
    tmp_path: Path,
    parts: list[tuple[float, tuple[int, int]]],
) -> None:
    """
    Loaded in two steps, of which the second is judged with what the first left; month by month.
    """
    name = f"p{next(serial)}"
    rows = [
        f"process:{name},org_unit:{name}{i},{share},{month(since)},{month(until)}\n"
        for i, (share, (since, until)) in enumerate(parts)
    ]
    tables = {
        "processes": f"key,name\n{name},P\n",
        "org_units": "key,name\n" + "".join(f"{name}{i},U\n" for i in range(len(parts))),
    }
    await loaded(store, tmp_path, **tables)
    accepted: list[int] = []
    for some in (range(0, len(parts), 2), range(1, len(parts), 2)):
        tried = [*accepted, *some]
        wrong = any(
            sum(round(10 * parts[i][0]) for i in held) != 10
            for when in range(1, 10)
            if (held := [i for i in tried if parts[i][1][0] <= when < parts[i][1][1]])
        )
        table = "source,target,share,valid_from,valid_to\n" + "".join(rows[i] for i in some)
        if wrong and some:
            await refused(store, tmp_path, performed_by=table)
        else:
            await loaded(store, tmp_path, performed_by=table)
            accepted = tried


@PROPERTY
@given(parents=st.lists(st.integers(0, 5), min_size=2, max_size=6))
async def test_a_tree_of_units_is_refused_exactly_if_networkx_finds_a_circle(
    store: Store, tmp_path: Path, parents: list[int]
) -> None:
    """
    A few units get parents first, the others later, any of them any.
    """
    name = f"u{next(serial)}"
    units = "".join(f"{name}{i},U,\n" for i in range(6))
    await loaded(store, tmp_path, org_units=f"key,name,parent\n{units}")
    graph: nx.DiGraph[int] = nx.DiGraph()
    for some in (range(0, len(parents), 2), range(1, len(parents), 2)):
        tried = nx.DiGraph(graph)
        tried.add_edges_from((i, parents[i]) for i in some)
        rows = "".join(f"{name}{i},U,{name}{parents[i]}\n" for i in some)
        table = f"key,name,parent\n{rows}"
        if nx.is_directed_acyclic_graph(tried):
            await loaded(store, tmp_path, org_units=table)
            graph = tried
        else:
            told = await refused(store, tmp_path, org_units=table)
            assert all("closes a circle" in one for one in told)
