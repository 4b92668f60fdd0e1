"""Graphs for measures: as many nodes as asked, the same bytes again, and nothing a load refuses."""

from __future__ import annotations

from pathlib import Path

import networkx as nx
import pandas as pd
import pytest

from bench import graphs
from bench.shape import SIZES, Shape
from graph.audit import Actor
from graph.ontology import ONTOLOGY
from graph.store import Store
from loaders.load import load

TABLES = {kind.table for kind in ONTOLOGY.kinds.values()}


@pytest.mark.parametrize("nodes", [250, 300, 5_000, 7_777])
def test_tables_hold_exactly_as_many_things_as_asked(tmp_path: Path, nodes: int) -> None:
    """Rows of tables of things, read by pandas, have as many different keys as there are nodes."""
    graphs.write(tmp_path, nodes)

    keys = {
        f"{path.stem}:{key}"
        for path in tmp_path.glob("*.csv")
        if path.stem in TABLES
        for key in pd.read_csv(path)["key"]
    }

    assert nodes == len(keys)


def test_the_same_seed_gives_the_same_bytes_and_another_seed_others(tmp_path: Path) -> None:
    """Two folders of one seed are equal file by file; another seed gives other observations."""
    for name, seed in (("one", 1), ("again", 1), ("other", 2)):
        graphs.write(tmp_path / name, 300, seed)

    def told(name: str) -> dict[str, bytes]:
        return {path.name: path.read_bytes() for path in (tmp_path / name).iterdir()}

    assert told("one") == told("again")
    assert told("one")["observations.csv"] != told("other")["observations.csv"]


def test_every_kpi_is_six_hops_from_its_source_systems(tmp_path: Path) -> None:
    """The longest shortest way that networkx finds from a KPI against the data has six steps."""
    graphs.write(tmp_path, 1_000)
    tables = {path.stem: pd.read_csv(path, dtype=str) for path in tmp_path.glob("*.csv")}
    flow = nx.DiGraph()
    for table, word, column, of in (
        ("kpi_versions", "kpi_version", "kpi", "kpi"),
        ("fields", "field", "dataset", "dataset"),
        ("datasets", "dataset", "source_system", "source_system"),
    ):
        rows = tables[table].dropna(subset=[column])
        for key, other in zip(rows["key"], rows[column], strict=True):
            step = (f"{word}:{key}", f"{of}:{other}")
            flow.add_edge(*(step if table == "kpi_versions" else step[::-1]))
    origins = tables["derived_from"]
    flow.add_edges_from(zip(origins["target"], origins["source"], strict=True))

    deepest = {
        max(nx.single_source_shortest_path_length(flow.reverse(), f"kpi:{key}").values())
        for key in tables["kpis"]["key"]
    }

    assert {6} == deepest


def test_too_few_nodes_are_refused(tmp_path: Path) -> None:
    """Below the least size there would be no observation, and nothing is written."""
    with pytest.raises(ValueError, match="249 nodes are too few; ask for 250 or more"):
        graphs.write(tmp_path, 249)
    assert [] == list(tmp_path.iterdir())


@pytest.mark.parametrize("size", ["small", "middle", "large"])
def test_observations_are_most_of_it(size: str) -> None:
    """Of each size more than three quarters are observations; of the large one nine tenths."""
    shape = Shape(SIZES[size])
    assert shape.observations / shape.nodes > (0.9 if size == "large" else 0.75)


async def test_a_load_takes_the_tables_without_a_word(store: Store, tmp_path: Path) -> None:
    """The rules across rows hold: nothing is refused, and as many things come in as were asked."""
    graphs.write(tmp_path, 300)

    report = await load(store, tmp_path, Actor("tests"))

    things = "MATCH (n:Identity) RETURN count(n) AS answer"
    assert 300 == await store.answer(things)
    assert sum(report.rows.values()) <= report.receipt.created
