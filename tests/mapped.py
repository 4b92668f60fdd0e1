"""The strategy map of the sample bank, worked out from its files alone with networkx."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from itertools import product
from typing import Any

import networkx as nx

from tests.files import Row, held, number, table

LATEST = "9999-12-31"


@dataclass(frozen=True)
class Files:
    """What the files say on a day, as far as it was recorded by another, for a group or for all."""

    day: str
    known: str = LATEST
    group: str | None = None

    def rows(self, name: str) -> list[Row]:
        """Rows of a table in force and recorded."""
        return [row for row in held(name, self.day) if (row.get("recorded_on") or "") <= self.known]

    def objectives(self) -> dict[str, Row]:
        """Objectives for the group, or for no group in particular."""
        meant = defaultdict(set)
        for row in self.rows("for_group"):
            meant[row["source"]].add(row["target"])
        return {
            id_: row
            for row in self.rows("objectives")
            if (id_ := f"objective:{row['key']}")
            and (self.group is None or id_ not in meant or self.group in meant[id_])
        }

    def measuring(self) -> list[Row]:
        """Which KPI measures which of these objectives."""
        known = self.objectives()
        kpis = {f"kpi:{row['key']}" for row in self.rows("kpis")}
        rows = self.rows("measured_by")
        return [row for row in rows if row["source"] in known and row["target"] in kpis]

    def formula(self, kpi: str) -> Row:
        """The version of a KPI's formula."""
        (row,) = (r for r in self.rows("kpi_versions") if f"kpi:{r['kpi']}" == kpi)
        return row

    def series(self, kpi: str) -> Row | None:
        """The series of the group, else that over all."""
        ours = [row for row in self.rows("series") if f"kpi:{row['kpi']}" == kpi]
        own = [row for row in ours if self.group and row["group"] == self.group]
        every = [row for row in ours if row["scope_kind"] == "ALL"]
        return next(iter(own + every), None)

    def said(self, series: str) -> dict[str, float | None]:
        """The value of each period that had begun, as last recorded."""
        told = [row for row in table("observations") if row["series"] == series]
        told = [row for row in told if row["recorded_on"] <= self.known]
        told = [row for row in told if f"{row['period']}-01" <= self.day]
        return {
            r["period"]: number(r["value"]) for r in sorted(told, key=lambda r: r["recorded_on"])
        }

    def target(self, series: str) -> Row | None:
        """The committed target of a series."""
        found = (row for row in self.rows("targets") if row["series"] == series)
        return next((row for row in found if row["kind"] == "COMMITTED"), None)

    def measure(self, kpi: str) -> dict[str, Any]:
        """What the map tells of a KPI."""
        formula, series = self.formula(kpi), self.series(kpi)
        values = self.said(series["key"]) if series else {}
        period = max(values, default=None)
        target = self.target(series["key"]) if series else None
        value = values[period] if period else None
        return {
            "kpi": {"id": kpi},
            "group": {"id": series["group"]} if series and series["group"] else None,
            "unit": formula["unit"],
            "direction": formula["direction"],
            "indicatorKind": formula["indicator_kind"],
            "period": period,
            "value": value,
            "previous": values.get(previous(period)) if period else None,
            "target": number(target["value"]) if target else None,
            **judged(value, target, formula["direction"]),
        }

    def links(self) -> list[Row]:
        """Causal links with both ends on the map."""
        ends = {*self.objectives(), *(row["target"] for row in self.measuring())}
        return [
            row
            for row in self.rows("affects")
            if {row["source"], row["target"]} <= ends
            and (not self.group or row["group"] in ("", self.group))
        ]

    def arrows(self) -> dict[tuple[str, str], int]:
        """Which objective moves which, and whether doing better there helps."""
        stands = defaultdict(set, {id_: {id_} for id_ in self.objectives()})
        for row in self.measuring():
            stands[row["target"]].add(row["source"])
        signs: defaultdict[tuple[str, str], set[int]] = defaultdict(set)
        for row in self.links():
            sign = int(row["sign"]) * self.better(row["source"]) * self.better(row["target"])
            for pair in product(stands[row["source"]], stands[row["target"]]):
                if pair[0] != pair[1]:
                    signs[pair].add(sign)
        return {pair: found.pop() if len(found) == 1 else 0 for pair, found in signs.items()}

    def better(self, id_: str) -> int:
        """1 where more of it is better, -1 where less is, 0 where nearness is."""
        if id_.startswith("objective:"):
            return 1
        return {"HIGHER": 1, "LOWER": -1, "BAND": 0}[self.formula(id_)["direction"]]

    def ranks(self) -> dict[str, int]:
        """Longest way to each objective after networkx, loops condensed."""
        return longest(self.objectives(), self.arrows())


def longest(nodes: Any, pairs: Any) -> dict[str, int]:
    """Longest way to each node of a graph whose loops are one place each."""
    graph: nx.DiGraph[str] = nx.DiGraph()
    graph.add_nodes_from(nodes)
    graph.add_edges_from(pairs)
    small = nx.condensation(graph)
    ranks: dict[str, int] = {}
    for place in small:
        above = small.subgraph({*nx.ancestors(small, place), place})
        for node in small.nodes[place]["members"]:
            ranks[node] = nx.dag_longest_path_length(above)
    return ranks


def previous(period: str) -> str:
    """The month before."""
    year, month = map(int, period.split("-"))
    return f"{year - 1}-12" if month == 1 else f"{year}-{month - 1:02}"


def judged(value: float | None, target: Row | None, direction: str) -> dict[str, Any]:
    """Attainment after OECD/JRC (2008), rounded, and whether the target is met."""
    if value is None or target is None:
        return {"attainment": None, "met": None}
    goal = float(target["value"])
    if direction == "BAND":
        off = abs(value - goal) / float(target["tolerance"])
        return {"attainment": round(1 - off, 9), "met": off <= 1}
    zero = number(target["floor" if direction == "HIGHER" else "ceiling"])
    way = None if zero is None else round((value - zero) / (goal - zero), 9)
    return {"attainment": way, "met": value >= goal if direction == "HIGHER" else value <= goal}
