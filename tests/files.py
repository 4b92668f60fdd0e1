"""The sample bank as plain rows of its files: what expectations are worked out from."""

from __future__ import annotations

import csv
from datetime import date
from functools import cache
from pathlib import Path

import networkx as nx

BANK = Path(__file__).parents[1] / "seed" / "omnichannel_bank"
Row = dict[str, str]


@cache
def table(name: str) -> tuple[Row, ...]:
    """Every row of a table."""
    with (BANK / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return tuple(csv.DictReader(file))


def held(name: str, day: str = "2026-07-20") -> list[Row]:
    """The rows of a table that are in force on a day, going by their validity columns."""
    return [
        row
        for row in table(name)
        if (row.get("valid_from") or "0001-01-01") <= day < (row.get("valid_to") or "9999-12-31")
    ]


def number(cell: str) -> float | None:
    """A number, None where the cell is empty."""
    return float(cell) if cell else None


def day(cell: str) -> date | None:
    """A day, None where the cell is empty."""
    return date.fromisoformat(cell) if cell else None


def flows(when: str) -> nx.DiGraph[str]:
    """What feeds what in the bank on a day, worked out from the tables alone."""
    graph: nx.DiGraph[str] = nx.DiGraph()
    for name, word in LAYERED.items():
        graph.add_nodes_from(f"{word}:{row['key']}" for row in held(name, when))
    feeds = [
        *(
            (f"source_system:{r['source_system']}", f"dataset:{r['key']}")
            for r in held("datasets", when)
        ),
        *((f"dataset:{r['dataset']}", f"field:{r['key']}") for r in held("fields", when)),
        *((f"kpi_version:{r['key']}", f"kpi:{r['kpi']}") for r in held("kpi_versions", when)),
        *((r["target"], r["source"]) for r in held("derived_from", when)),
        *((r["target"], r["source"]) for r in held("measured_by", when)),
        *((r["target"], r["source"]) for r in held("owns", when)),
        *(
            (f"source_system:{r['key']}", f"role:{r['owner']}")
            for r in held("source_systems", when)
        ),
        *((r["source"], r["target"]) for r in held("component_of", when)),
        *((r["source"], r["target"]) for r in held("for_group", when)),
        *nx.DiGraph(causes(when, ("drives", "changes"))).edges,
    ]
    graph.add_edges_from((a, b) for a, b in feeds if a in graph and b in graph)
    return graph


LAYERED = {
    "source_systems": "source_system",
    "datasets": "dataset",
    "fields": "field",
    "kpis": "kpi",
    "kpi_versions": "kpi_version",
    "objectives": "objective",
    "processes": "process",
    "initiatives": "initiative",
    "roles": "role",
    "segments": "segment",
    "personas": "persona",
}


def causes(
    when: str, tables: tuple[str, ...] = ("affects", "drives", "changes")
) -> nx.MultiDiGraph[str]:
    """What moves what in the bank on a day: an edge a row, with the row."""
    graph: nx.MultiDiGraph[str] = nx.MultiDiGraph()
    for name in tables:
        for row in held(name, when):
            if name != "changes" or _lasts(row, when):
                graph.add_edge(row["source"], row["target"], table=name, row=row)
    return graph


def _lasts(row: Row, when: str) -> bool:
    """Whether a change has not ended: it holds from whenever until its period `to`."""
    return not row["to_period"] or when < f"{row['to_period']}-01"
