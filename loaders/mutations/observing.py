"""Values are reported, and reported anew: each as an observation of its own."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, NoReturn

from pydantic import Field

from graph.changes import in_force
from graph.ontology.measures import Frequency, ObservationCause, ObservationStatus
from graph.ontology.vocabulary import GlobalId, Key, Period, Unit
from graph.times import INSTANT, end_of
from loaders.mutations.outcomes import ErrorCode, NotThere, Problem, invalid, wrong
from loaders.mutations.steps import Step, alive
from loaders.mutations.things import CreateStep
from loaders.mutations.working import Working

Value = Annotated[float, Unit("unit of the KPI version")]
SHAPES = {
    Frequency.DAILY: "2025-07-14",
    Frequency.WEEKLY: "2025-W27",
    Frequency.MONTHLY: "2025-07",
    Frequency.QUARTERLY: "2025-Q3",
    Frequency.YEARLY: "2025",
}
"""How periods of a frequency are written."""


class RecordStep(Step):
    """A value of a KPI in a period, as it is reported first."""

    series: Key | None = None
    """Key or id of the series; or name the KPI and the group."""
    kpi: Key | None = None
    """Key or id of the KPI, where no series is named."""
    group: GlobalId | None = None
    """Id of the segment or persona; all customers if left out."""
    period: Period
    """What the value speaks of; a period of the series' own frequency."""
    value: Value | None = None
    """The value; null where it is missing, with the cause."""
    n: Annotated[int, Field(ge=0), Unit("count")] | None = None
    """Answers, customers or staff behind the value."""
    status: ObservationStatus = ObservationStatus.FINAL
    """How settled it is."""
    cause: ObservationCause | None = None
    """Why the value is missing."""
    note: str | None = None
    """The cause in words."""

    async def edit(self, work: Working) -> None:
        """Say the observation."""
        if self.status is ObservationStatus.RESTATED:
            invalid(None, "status", "RESTATED", "is said by `restateObservation`")
        if self.value is None and self.cause is None:
            invalid(None, "value", None, "is required; a missing value needs its cause")
        series = await _series(work, self)
        await _fits(work, series, self.period)
        version = await _version(work, series, end_of(self.period) - INSTANT)
        given = {
            "key": f"{series.partition(':')[2]}/{self.period}",
            "series": series,
            "period": self.period,
            "value": self.value,
            "n": self.n,
            "status": self.status.name,
            "cause": self.cause.name if self.cause else None,
            "note": self.note,
            "kpiVersion": version,
        }
        await CreateStep(thing={"observation": given}).edit(work)


class RestateStep(Step):
    """A value that is reported anew, beside the earlier report, with the cause."""

    of: GlobalId | None = None
    """Id of the observation, as it was reported at first or later; or name series and period."""
    series: Key | None = None
    """Key or id of the series."""
    period: Period | None = None
    """The period."""
    value: Value | None = None
    """The value as it is known now."""
    n: Annotated[int, Field(ge=0), Unit("count")] | None = None
    """Answers, customers or staff behind it; as before if left out."""
    cause: ObservationCause
    """Why it is reported anew."""
    note: str | None = None
    """The cause in words."""

    async def edit(self, work: Working) -> None:
        """Say the next observation of the chain."""
        chain = await _chain(work, self._first())
        last = (await alive(work, chain[-1], "of", work.now))[-1].state
        given = {
            "key": f"{chain[0].partition(':')[2]}/r{len(chain) + 1}",
            "series": await self._far(work, chain[0], "has_point", False),
            "period": last["period"],
            "value": self.value,
            "n": last.get("n") if self.n is None else self.n,
            "status": ObservationStatus.RESTATED.name,
            "cause": self.cause.name,
            "note": self.note,
            "restates": chain[-1],
        }
        given["kpiVersion"] = await self._computed(work, chain[-1], str(given["series"]))
        await CreateStep(thing={"observation": given}).edit(work)

    def _first(self) -> str:
        if self.of is not None:
            return self.of
        if self.series is None or self.period is None:
            invalid(None, "of", None, "is required: name the observation, or series and period")
        return f"observation:{_id('series', self.series).partition(':')[2]}/{self.period}"

    async def _computed(self, work: Working, last: str, series: str) -> str | None:
        """The formula version behind it: today's where the formula changed, else as before."""
        if self.cause is ObservationCause.CHANGED_FORMULA:
            return await _version(work, series, work.now)
        return await self._far(work, last, "uses_version", True)

    async def _far(self, work: Working, id_: str, word: str, forward: bool) -> str | None:
        found = await work.held(work.ontology.links[word], forward, id_, work.now)
        return found[0][1] if found else None


async def _chain(work: Working, first: str) -> list[str]:
    """An observation as it was reported at first, then each time anew."""
    link = work.ontology.links["restates"]
    await alive(work, first, "of", work.now)
    while before := await work.held(link, True, first, work.now):
        first = before[0][1]
    chain = [first]
    while after := await work.held(link, False, chain[-1], work.now):
        chain.append(after[0][1])
    return chain


async def _series(work: Working, step: RecordStep) -> str:
    """The series that is meant. Raises Wrong where there is none."""
    if step.series is not None:
        return _id("series", step.series)
    if step.kpi is None:
        invalid(None, "series", None, "is required: name the series, or the KPI and the group")
    kpi, when = _id("kpi", step.kpi), end_of(step.period) - INSTANT
    await alive(work, kpi, "kpi", when)
    for _, series in await work.held(work.ontology.links["has_series"], True, kpi, when):
        groups = await work.held(work.ontology.links["for_group"], True, series, when)
        meant = [far for _, far in groups] == ([step.group] if step.group else [])
        if meant and not await work.conceals([series]):
            return series
    _nothing(kpi, "group", step.group, "is not measured for this group; create a series first")


async def _fits(work: Working, series: str, period: str) -> None:
    """Raise Wrong where a period is not of the frequency of its series."""
    state = (await alive(work, series, "series", end_of(period) - INSTANT))[0].state
    shape = SHAPES.get(Frequency[str(state["frequency"])])
    if shape and [c.isdigit() or c for c in shape] != [c.isdigit() or c for c in period]:
        word = str(state["frequency"])
        invalid(series, "period", period, f"is not of this series; it is {word}, write {shape}")


async def _version(work: Working, series: str, when: datetime) -> str | None:
    """The formula version that is in force at an instant."""
    for _, kpi in await work.held(work.ontology.links["has_series"], False, series, when):
        for _, version in await work.held(work.ontology.links["version_of"], False, kpi, when):
            if in_force(await work.life(version), when):
                return version
    return None


def _id(word: str, text: str) -> str:
    return text if text.startswith(f"{word}:") else f"{word}:{text}"


def _nothing(of: str, field: str, value: str | None, rule: str) -> NoReturn:
    wrong(NotThere, ErrorCode.NOT_THERE, Problem(of=of, field=field, value=value, rule=rule))
