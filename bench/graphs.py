"""Invented scorecards of any size, as the tables that a load reads: same size and seed, same bytes.

Shape, for K measures (one for 200 nodes, 4 to 2,000 of them):

- an objective for four KPIs, whose weights make 1; a KPI affects the next and the fifth after it
- a formula for each KPI, six hops from its source systems: 3 fields of a mart, each made from 3
  staged ones, each made from 2 raw ones, in 4 datasets that the four KPIs of an objective share
- 12 series for each KPI, one for each persona, each with a target
- a process for two KPIs and an initiative for four, and a role that answers for each of them all
- observations, months in a row over all series, for all the rest: four fifths of 5,000 nodes and
  nine tenths of 1,000,000

Every table is streamed, so that size costs disk and no memory.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random

from bench.shape import (
    BEGIN,
    BLOCK,
    FIELDS,
    PERSONAS,
    PERSPECTIVES,
    SEED,
    SEGMENTS,
    UNITS,
    WEIGHTS,
    Shape,
    field,
    kpi,
    objective,
)

Rows = Iterator[tuple[object, ...]]


def write(folder: Path, nodes: int, seed: int = SEED) -> dict[str, int]:
    """Write the tables of a scorecard into a folder; answers the rows of each.

    Raises ValueError for fewer nodes than make one.
    """
    folder.mkdir(parents=True, exist_ok=True)
    tables = _Tables(Shape(nodes), seed)
    told = tables.things() | tables.links()
    return {name: _written(folder / f"{name}.csv", rows) for name, rows in told.items()}


@dataclass(frozen=True, slots=True)
class _Tables:
    """Rows of each table, the header first."""

    shape: Shape
    seed: int

    def things(self) -> dict[str, Rows]:
        """Tables of things."""
        return {
            "plans": _listed(("key", "name", "organization"), [("plan_1", "Plan", "Invented")]),
            "perspectives": self.perspectives(),
            "themes": self.themes(),
            "segments": _named("segment", SEGMENTS),
            "personas": _named("persona", PERSONAS),
            "org_units": _named("unit", UNITS),
            "roles": self.roles(),
            "objectives": self.objectives(),
            "kpis": self.kpis(),
            "kpi_versions": self.kpi_versions(),
            "series": self.series(),
            "targets": self.targets(),
            "source_systems": self.source_systems(),
            "datasets": self.datasets(),
            "jobs": self.jobs(),
            "fields": self.fields(),
            "processes": _named("process", self.shape.kpis // 2),
            "initiatives": self.initiatives(),
            "observations": self.observations(),
        }

    def links(self) -> dict[str, Rows]:
        """Tables of links."""
        return {
            "affects": self.affects(),
            "changes": self.changes(),
            "derived_from": self.derived_from(),
            "drives": self.drives(),
            "measured_by": self.measured_by(),
            "owns": self.owns(),
            "performed_by": self.performed_by(),
            "persona_of": self.persona_of(),
        }

    def random(self, table: str) -> Random:
        """Chance for one table, whatever is drawn for others."""
        return Random(f"{self.seed} {table}")

    def perspectives(self) -> Rows:
        yield "key", "name", "kind", "order", "plan"
        for place, key in enumerate(PERSPECTIVES, start=1):
            yield key, key.replace("_", " ").title(), key.upper(), place, "plan_1"

    def themes(self) -> Rows:
        yield "key", "name", "plan"
        for place, _ in enumerate(PERSPECTIVES):
            yield f"theme_{place}", f"Theme {place}", "plan_1"

    def roles(self) -> Rows:
        yield "key", "name", "unit", "influence"
        for place in range(self.shape.roles):
            yield f"role_{place}", f"Role {place}", f"unit_{place % UNITS}", "DIRECT"

    def objectives(self) -> Rows:
        yield "key", "name", "perspective", "theme", "description"
        for place in range(self.shape.objectives):
            at = place % len(PERSPECTIVES)
            words = f"Reach what objective {place} asks for, for all customers"
            yield objective(place), f"Objective {place}", PERSPECTIVES[at], f"theme_{at}", words

    def kpis(self) -> Rows:
        yield "key", "name", "perspective", "purpose", "confidentiality"
        for k in range(self.shape.kpis):
            perspective = PERSPECTIVES[k // BLOCK % len(PERSPECTIVES)]
            yield kpi(k), f"Measure {k}", perspective, f"Shows how measure {k} goes", "INTERNAL"

    def kpi_versions(self) -> Rows:
        yield "key", "kpi", "version", "formula", "unit", "direction", "indicator_kind", "frequency"
        for k in range(self.shape.kpis):
            way, kind = ("HIGHER", "LEADING") if k % 2 else ("LOWER", "LAGGING")
            words = "sum of three fields over their count"
            yield f"{kpi(k)}/v1", kpi(k), 1, words, "%", way, kind, "MONTHLY"

    def series(self) -> Rows:
        yield "key", "kpi", "group", "scope_kind", "frequency"
        for key, k, p in self.each_series():
            yield key, kpi(k), f"persona:persona_{p}", "PERSONA", "MONTHLY"

    def targets(self) -> Rows:
        yield "key", "series", "kind", "value", "floor", "reason"
        random = self.random("targets")
        for key, _, _ in self.each_series():
            value = round(random.uniform(20, 80), 2)
            yield f"{key}/2015", key, "COMMITTED", value, round(value / 2, 2), "HISTORY"

    def each_series(self) -> Iterator[tuple[str, int, int]]:
        """Key, number of the KPI, number of the persona."""
        for k in range(self.shape.kpis):
            for p in range(PERSONAS):
                yield f"{kpi(k)}/persona_{p}", k, p

    def source_systems(self) -> Rows:
        yield "key", "name", "kind", "owner", "access_class", "error_rate", "delay_hours"
        for place in range(self.shape.systems):
            owner = f"role_{place % self.shape.roles}"
            yield f"system_{place}", f"System {place}", "CRM", owner, "CONFIDENTIAL", 0.01, 12

    def datasets(self) -> Rows:
        yield "key", "name", "namespace", "layer", "source_system"
        for b in range(self.shape.objectives):
            yield f"mart_{b}", f"Mart {b}", "warehouse", "MART", ""
            yield f"staged_{b}", f"Staged {b}", "warehouse", "STAGING", ""
            for half in (0, 1):
                system = f"system_{(2 * b + half) % self.shape.systems}"
                yield f"raw_{b}_{half}", f"Raw {b} {half}", system, "RAW", system

    def jobs(self) -> Rows:
        yield "key", "name", "schedule", "owner"
        for b in range(self.shape.objectives):
            for layer in ("mart", "staged"):
                owner = f"role_{b % self.shape.roles}"
                yield f"make_{layer}_{b}", f"Make {layer} {b}", "DAILY", owner

    def fields(self) -> Rows:
        yield "key", "name", "dataset", "type", "delay_hours", "error_rate"
        for k in range(self.shape.kpis):
            for layer, count in FIELDS.items():
                for j in range(count):
                    dataset = f"{layer}_{k // BLOCK}" + (f"_{j % 2}" if layer == "raw" else "")
                    yield field(layer, k, j), f"{layer} {k} {j}", dataset, "DECIMAL", 4, 0.001

    def initiatives(self) -> Rows:
        yield "key", "name", "cost", "unit", "start", "expected_reach"
        random = self.random("initiatives")
        for place in range(self.shape.objectives):
            cost = 1_000 * random.randint(10, 900)
            yield f"initiative_{place}", f"Initiative {place}", cost, "EUR", "2016-01-01", 1_000

    def observations(self) -> Rows:
        yield "key", "series", "period", "value", "n", "status"
        random, left = self.random("observations"), self.shape.observations
        for key, period in self.points(left):
            value = f"{random.uniform(10, 90):.2f}"
            yield f"{key}/{period}", key, period, value, random.randint(50, 5_000), "FINAL"

    def points(self, count: int) -> Iterator[tuple[str, str]]:
        """So many series and months, month by month."""
        keys = [key for key, _, _ in self.each_series()]
        for place in range(count):
            month, at = divmod(place, len(keys))
            yield keys[at], f"{BEGIN + month // 12}-{month % 12 + 1:02}"

    def affects(self) -> Rows:
        yield "source", "target", "key", "weight", "se", "lag", "lag_unit", "sign", "confidence"
        random = self.random("affects")
        for k in range(self.shape.kpis):
            for far in (k + 1, k + 5):
                if far < self.shape.kpis:
                    weight = round(random.uniform(0.05, 0.4), 3)
                    key = f"{kpi(k)}/{kpi(far)}/all/1"
                    told = weight, round(weight / 10, 4), random.randint(0, 3), "MONTH", 1, 0.7
                    yield f"kpi:{kpi(k)}", f"kpi:{kpi(far)}", key, *told

    def changes(self) -> Rows:
        yield "source", "target", "change", "unit", "se", "basis"
        random = self.random("changes")
        for place in range(self.shape.objectives):
            change = round(random.uniform(0.5, 5), 2)
            target = f"kpi:{kpi(place * BLOCK)}"
            yield f"initiative:initiative_{place}", target, change, "%", 0.1, "PLAN"

    def derived_from(self) -> Rows:
        yield "source", "target", "transformation", "job", "delay_hours", "error_rate"
        random = self.random("derived_from")
        for k in range(self.shape.kpis):
            b = k // BLOCK
            for j in range(FIELDS["mart"]):
                version, mart = f"kpi_version:{kpi(k)}/v1", f"field:{field('mart', k, j)}"
                yield version, mart, "sum over the month", f"make_mart_{b}", 1, 0.001
                for origin in _some(random, "staged", b, 3):
                    yield mart, origin, "joined by customer", f"make_mart_{b}", 1, 0.001
            for j in range(FIELDS["staged"]):
                for origin in _some(random, "raw", b, 2):
                    staged = f"field:{field('staged', k, j)}"
                    yield staged, origin, "cleaned, one to one", f"make_staged_{b}", 2, 0.001

    def drives(self) -> Rows:
        yield "source", "target", "sign", "strength", "reason"
        for k in range(self.shape.kpis):
            yield f"process:process_{k // 2}", f"kpi:{kpi(k)}", 1, "STRONG", "it is its output"

    def measured_by(self) -> Rows:
        yield "source", "target", "weight", "kind"
        random = self.random("measured_by")
        for b in range(self.shape.objectives):
            for j, weight in enumerate(random.sample(WEIGHTS, len(WEIGHTS))):
                kind = "PRIMARY" if weight == max(WEIGHTS) else "SUPPORTING"
                yield f"objective:{objective(b)}", f"kpi:{kpi(b * BLOCK + j)}", weight, kind

    def owns(self) -> Rows:
        yield "source", "target", "accountability", "share"
        k, o = self.shape.kpis, self.shape.objectives
        owned = [f"kpi:{kpi(place)}" for place in range(k)]
        owned += [f"objective:{objective(place)}" for place in range(o)]
        owned += [f"process:process_{place}" for place in range(k // 2)]
        owned += [f"initiative:initiative_{place}" for place in range(o)]
        for place, target in enumerate(owned):
            yield f"role:role_{place % self.shape.roles}", target, "SOLE", 1

    def performed_by(self) -> Rows:
        yield "source", "target", "share"
        for place in range(self.shape.kpis // 2):
            yield f"process:process_{place}", f"org_unit:unit_{place % UNITS}", 1

    def persona_of(self) -> Rows:
        yield "source", "target", "share"
        for place in range(PERSONAS):
            yield f"persona:persona_{place}", f"segment:segment_{place % SEGMENTS}", 0.25


def _written(path: Path, rows: Rows) -> int:
    """Write a table; answers its rows without the header."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        return sum(1 for row in rows if writer.writerow(row)) - 1


def _listed(header: tuple[object, ...], rows: Iterable[tuple[object, ...]]) -> Rows:
    yield header
    yield from rows


def _named(word: str, count: int) -> Rows:
    return _listed(
        ("key", "name"), ((f"{word}_{place}", f"{word.title()} {place}") for place in range(count))
    )


def _some(random: Random, layer: str, block: int, count: int) -> list[str]:
    """Some fields of a layer of the four KPIs of an objective."""
    each = FIELDS[layer]
    found = random.sample(range(BLOCK * each), count)
    return [f"field:{field(layer, block * BLOCK + one // each, one % each)}" for one in found]
