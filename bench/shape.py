"""How large each part of an invented scorecard is, and how its things are named."""

from __future__ import annotations

from dataclasses import dataclass

SIZES = {"small": 5_000, "middle": 96_000, "large": 1_000_000}
"""Nodes by name of a size."""
SEED = 20_251_107
LEAST = 250
"""Nodes below which there is no room for observations."""
BLOCK = 4
"""KPIs of an objective."""
PERSONAS = 12
SEGMENTS = 3
UNITS = 5
FIELDS = {"mart": 3, "staged": 3, "raw": 4}
"""Fields of a KPI by the layer of their dataset."""
PERSPECTIVES = ("financial", "customer", "internal_process", "learning_growth")
WEIGHTS = (0.4, 0.3, 0.2, 0.1)
BEGIN = 2015
"""Year of the first observations."""


@dataclass(frozen=True, slots=True)
class Shape:
    """How many there are of each, for so many nodes. Raises ValueError below `LEAST`."""

    nodes: int

    def __post_init__(self) -> None:
        if self.nodes < LEAST:
            raise ValueError(f"{self.nodes} nodes are too few; ask for {LEAST} or more")

    @property
    def kpis(self) -> int:
        """KPIs, four to an objective."""
        return BLOCK * min(500, max(1, self.nodes // (200 * BLOCK)))

    @property
    def objectives(self) -> int:
        """Objectives, and with each a mart, a staged and two raw datasets."""
        return self.kpis // BLOCK

    @property
    def systems(self) -> int:
        """Source systems."""
        return 2 + self.kpis // 16

    @property
    def roles(self) -> int:
        """Roles that answer for things."""
        return BLOCK + self.kpis // 10

    @property
    def observations(self) -> int:
        """What is left for observations."""
        return self.nodes - sum(self.things().values())

    def things(self) -> dict[str, int]:
        """Nodes by table, without the observations."""
        k, o = self.kpis, self.objectives
        return {
            "plans": 1,
            "perspectives": len(PERSPECTIVES),
            "themes": len(PERSPECTIVES),
            "segments": SEGMENTS,
            "personas": PERSONAS,
            "org_units": UNITS,
            "roles": self.roles,
            "objectives": o,
            "kpis": k,
            "kpi_versions": k,
            "series": k * PERSONAS,
            "targets": k * PERSONAS,
            "source_systems": self.systems,
            "datasets": 4 * o,
            "jobs": 2 * o,
            "fields": k * sum(FIELDS.values()),
            "processes": k // 2,
            "initiatives": o,
        }


def kpi(number: int) -> str:
    """Key of a KPI."""
    return f"kpi_{number:04}"


def objective(number: int) -> str:
    """Key of an objective."""
    return f"objective_{number:04}"


def field(layer: str, kpi: int, number: int) -> str:
    """Key of a field of a KPI."""
    return f"{layer}_{kpi:04}_{number}"
