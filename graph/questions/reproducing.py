"""The question how a published value came about: one statement, then the roll-up of the day."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, ClassVar

from graph.errors import BadRequest
from graph.insight.readings import Goal
from graph.insight.reproduced import Reproduction
from graph.insight.reproduction import (
    Ingredient,
    Published,
    Recipe,
    Version,
    measured,
    reproduction,
)
from graph.ontology.measures import KpiDirection, KpiKind, Observation
from graph.ontology.steering import WeightSetKind
from graph.ontology.vocabulary import GlobalId
from graph.questions import Ask, Question
from graph.questions.fetching import fetch_lives
from graph.selection import Select
from graph.times import utc


class ReproduceQuestion(Question):
    """A published value worked out again from what was known when it was published."""

    name: ClassVar[str] = "reproduce"
    answers: ClassVar[Any] = Reproduction

    observation: GlobalId
    """Id of the published value, for example observation:persona_health/all/2025-08."""

    async def answer(self, ask: Ask, select: Select) -> Any:
        """The reproduction, or None where there is no such value."""
        ontology = ask.store.ontology
        if ontology.kind_of(self.observation) is not Observation:
            raise BadRequest(f"`{self.observation}` is no observation; write observation:...")
        words = {"flowing": "|".join(link.type for link in ontology.flowing)}
        found = await fetch_lives(ask, self, "reproduce", select, words, of=self.observation)
        if found.row["point"][3] is None:
            return None
        return found.tell(_told(self.observation, found.row))


def _told(id_: str, row: Any) -> Reproduction:
    value, period, at, series, kpi, sort, group = row["point"]
    published = Published(id_, series, kpi, group, period, utc(at.to_native()), value)
    known = _Known(row, published)
    if sort != KpiKind.COMPOSITE.name and not known.sets and not row["components"]:
        return measured(published, known.version(), sorted(row["sources"]))
    return reproduction(published, known.recipe())


@dataclass(slots=True)
class _Known:
    """What was known at publication; where nothing was, what is known at the asked time."""

    row: Any
    published: Published
    later: set[str] = field(default_factory=set)

    @property
    def sets(self) -> list[Any]:
        """The sets of weights that could stand behind the value."""
        wanted = _fitting(self.published.group)
        found = (self.take("sets", id_=1, of=(2, 3), at=at) for at in wanted)
        return next((rows for rows in found if rows), [])

    def recipe(self) -> Recipe:
        """Version, weights and what they weigh."""
        chosen = max(self.sets, key=lambda row: (row[4] or 0, row[1]), default=None)
        version = self.version()
        if chosen is None:
            return Recipe(version, None, ())
        personas = chosen[2] == WeightSetKind.PERSONA.name
        weights = self.take("weights", id_=2, of=(1,), at=(chosen[1],))
        make = self.persona if personas else self.part
        made = [make(row[3], row[4]) for row in sorted(weights, key=lambda row: str(row[3]))]
        return Recipe(version, chosen[1], made, personas, tuple(sorted(self.later)))

    def version(self, kpi: str | None = None) -> Version | None:
        """The version that the report names, else the newest in force at the end of the period."""
        named = [] if kpi else self.take("used", id_=1, of=(), at=())
        rows = named or [
            [row[0], *row[2:]]
            for row in self.take("versions", id_=2, of=(1,), at=(kpi or self.published.kpi,))
        ]
        found = max(rows, key=lambda row: (row[2] or 0, row[1]), default=None)
        return Version(*found[1:]) if found else None

    def part(self, kpi: str, weight: float) -> Ingredient:
        """A component: its value and target, and how it is normalised."""
        links = self.take("components", id_=1, of=(2,), at=(kpi,))
        series = self.take("series", id_=2, of=(1, 3), at=(kpi, self.published.group))
        if not links or not series:
            lacks = "is no component" if not links else "is not measured for this group"
            return Ingredient(kpi, weight, problem=f"it {lacks} at the end of the period")
        version = self.version(kpi)
        target = max(
            self.take("targets", id_=2, of=(1,), at=(series[0][2],)), key=_id, default=None
        )
        return Ingredient(
            kpi,
            weight,
            KpiDirection[links[0][3]],
            **self._value(series[0][2]),
            unit=version.unit if version else None,
            target=target[2] if target else None,
            goal=Goal(*target[3:]) if target else None,
        )

    def persona(self, group: str, weight: float) -> Ingredient:
        """The published value of one persona."""
        series = self.take("series", id_=2, of=(1, 3), at=(self.published.kpi, group))
        if not series:
            return Ingredient(group, weight, problem="it has no series at the end of the period")
        version = self.version()
        unit = version.unit if version else None
        return Ingredient(group, weight, **self._value(series[0][2]), unit=unit)

    def _value(self, series: str) -> dict[str, Any]:
        """The latest report of a series that was not replaced by another known then."""
        reports = [row for row in self.row["points"] if row[0] == series]
        last = max(reports, key=lambda row: (not row[4], row[3], row[1]), default=None)
        return {
            "series": series,
            "observation": last[1] if last else None,
            "value": last[2] if last else None,
        }

    def take(self, name: str, id_: int, of: Iterable[int], at: tuple[Any, ...]) -> list[Any]:
        """Rows of one slot: those known at publication, else those known since, remembered."""
        places = tuple(of)
        rows = [row for row in self.row[name] if tuple(row[i] for i in places) == at]
        known = [row for row in rows if row[0] == 0]
        if not known:
            self.later |= {row[id_] for row in rows}
        return known or rows


def _fitting(group: str | None) -> Iterator[tuple[str, str | None]]:
    """Kinds and groups of sets that may weigh a value for a group, the closest first."""
    if group is None:
        yield WeightSetKind.PERSONA.name, None
    else:
        yield WeightSetKind.COMPONENT.name, group
    yield WeightSetKind.COMPONENT.name, None


def _id(row: Any) -> str:
    return str(row[2])
