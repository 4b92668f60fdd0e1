"""Published values worked out again: all of the bank against pandas, edges on small graphs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd
import pytest

from graph.ontology import ONTOLOGY
from graph.store import Store
from graph.viewers import Viewer
from tests.asking import answer, codes, link, put, thing
from tests.composites import YEAR, Small, day, point, target, version, weight_set
from tests.files import BANK

ASKED = """
query ($id: ID!, $asOf: AsOf) {
  reproduce(observation: $id, asOf: $asOf) {
    measured reported recomputed exact difference equal coverage unit publishedAt cap explanation
    recordedLater weightSet { id } version { id } sources { id }
    components {
      of { id } observation { id } target { id } value attainment score weight contribution missing
    }
  }
}
"""
AT_ONCE = 27


@dataclass(frozen=True)
class Health:
    """What the tables say of one published value of persona_health."""

    id: str
    reported: float
    exact: float
    coverage: float
    values: dict[str, float | None]


def tables(*names: str) -> Iterator[pd.DataFrame]:
    """Tables of the bank as texts."""
    for name in names:
        yield pd.read_csv(BANK / f"{name}.csv", dtype=str, keep_default_na=False)


def in_force(rows: pd.DataFrame, on: str) -> pd.DataFrame:
    """Rows that are valid on a day."""
    ended = (rows.valid_to != "") & (rows.valid_to <= on)
    return rows[(rows.valid_from <= on) & ~ended]


def published() -> Iterator[Health]:
    """Every published persona_health, worked out from the tables as their README says."""
    reports, targets, sets, weights, links = tables(
        "observations", "targets", "weight_sets", "weights", "component_of"
    )
    ways = dict(zip(links.source, links.normalisation, strict=True))
    for row in reports[reports.series.str.startswith("persona_health/")].itertuples():
        scope = row.series.partition("/")[2]
        on = str(pd.Period(row.period).end_time.date())
        known = reports[(reports.recorded_on <= row.recorded_on) & (reports.period == row.period)]
        last = known.sort_values("recorded_on", kind="stable").groupby("series").value.last()
        aims = in_force(targets[targets.recorded_on <= row.recorded_on], on)
        aims = aims[aims.kind == "COMMITTED"].set_index("series")
        used = in_force(sets[sets.recorded_on <= row.recorded_on], on)
        wanted = ("PERSONA", "") if scope == "all" else ("COMPONENT", f"persona:{scope}")
        (chosen,) = used[(used.kind == wanted[0]) & (used.group == wanted[1])].key
        parts = weights[weights.weight_set == chosen]
        cap = 1.0 if row.kpi_version.endswith("v1") else 1.2
        scores, values = {}, {}
        for component in parts.component:
            key = component.partition(":")[2]
            series = f"persona_health/{key}" if scope == "all" else f"{key}/{scope}"
            text = last.get(series, "")
            values[component] = value = float(text) if text else None
            if value is not None and scope != "all":
                aim = aims.loc[series]
                zero = float(aim.floor if ways[component] == "HIGHER" else aim.ceiling)
                score = (value - zero) / (float(aim.value) - zero)
                scores[component] = 100 * min(max(score, 0.0), cap)
            elif value is not None:
                scores[component] = value
        shares = parts.set_index("component").weight.astype(float)
        there = shares[list(scores)]
        exact = (pd.Series(scores) * there).sum() / there.sum()
        yield Health(row.key, float(row.value), exact, there.sum() / shares.sum(), values)


HEALTH = list(published())


def test_the_tables_alone_give_every_published_value() -> None:
    """
    243 values, restated ones too, by pandas: the README's rule is whole.
    """
    assert 243 == len(HEALTH)
    assert [] == [one.id for one in HEALTH if round(one.exact, 1) != one.reported]
    assert 18 <= sum(one.id.endswith("/r2") for one in HEALTH)


@pytest.mark.parametrize("first", range(0, len(HEALTH), AT_ONCE))
async def test_every_published_health_reproduces(bank: Store, first: int) -> None:
    """
    Equal to what was published, and to pandas before rounding, with values and coverage.
    """
    asked = HEALTH[first : first + AT_ONCE]
    fields = "equal reported exact coverage unit components { of { id } value }"
    parts = (
        f'h{i}: reproduce(observation: "observation:{one.id}") {{ {fields} }}'
        for i, one in enumerate(asked)
    )
    together = list(parts)
    await answer(bank, f"{{ {together[0]} }}")
    told = await answer(bank, f"{{ {' '.join(together)} }}")

    assert [] == [one.id for one, got in zip(asked, told.values(), strict=True) if not got["equal"]]
    for one, got in zip(asked, told.values(), strict=True):
        assert (one.reported, "points") == (got["reported"], got["unit"])
        assert got["exact"] == pytest.approx(one.exact, abs=1e-9)
        assert got["coverage"] == pytest.approx(one.coverage)
        assert one.values == {part["of"]["id"]: part["value"] for part in got["components"]}


@pytest.mark.parametrize(
    ("health", "component", "late"),
    [
        ("digital_native/2025-02", "engagement/digital_native/2025-02", "10.57"),
        ("small_trader/2025-08", "churn/small_trader/2025-08", "1.359"),
    ],
)
async def test_what_came_after_publication_does_not_count(
    bank: Store, health: str, component: str, late: str
) -> None:
    """
    The late report is in the tables; the component of the day is the first report.
    """
    (reports,) = tables("observations")
    first, second = (reports[reports.key == f"{component}{end}"] for end in ("", "/r2"))
    told = await answer(bank, ASKED, id=f"observation:persona_health/{health}")
    parts = {one["observation"]["id"]: one["value"] for one in told["reproduce"]["components"]}

    assert late == second.value.item()
    assert float(first.value.item()) == parts[f"observation:{component}"]


async def test_a_measured_value_names_its_sources(bank: Store) -> None:
    """
    Nothing is computed for a base KPI; the systems are those that its lineage names.
    """
    id_ = "observation:churn/small_trader/2025-08"
    told = (await answer(bank, ASKED, id=id_))["reproduce"]
    text = '{ lineage(of: "kpi:churn", asOf: {validAt: "2025-08-31"}) { sources { id } } }'
    traced = (await answer(bank, text))["lineage"]["sources"]

    assert (True, 1.303, "%/month") == (told["measured"], told["reported"], told["unit"])
    assert (None, None, []) == (told["recomputed"], told["equal"], told["components"])
    assert {one["id"] for one in traced} == {one["id"] for one in told["sources"]}
    assert "measured" in told["explanation"]


async def test_what_is_no_observation_is_refused_and_an_unknown_one_is_null(bank: Store) -> None:
    """
    An id of another kind is a mistake; an observation that is not there is nothing.
    """
    assert ["BAD_REQUEST"] == await codes(bank, ASKED, id="kpi:churn")
    assert {"reproduce": None} == await answer(bank, ASKED, id="observation:churn/no/2025-08")


async def test_a_hidden_component_is_left_out_without_trace(bank: Store) -> None:
    """
    Who may not see KPIs is told nothing, who may not see personas nothing of a persona's value.
    """
    every = frozenset(kind.label for kind in ONTOLOGY.kinds.values())
    id_ = "observation:persona_health/small_trader/2025-08"
    for label in ("Kpi", "Persona", "Observation", "Series"):
        told = await answer(bank, ASKED, Viewer("somebody", every - {label}), id=id_)
        assert {"reproduce": None} == told
    told = await answer(bank, ASKED, Viewer("somebody", every - {"Target"}), id=id_)
    assert {"no committed target was in force"} == {
        one["missing"] for one in told["reproduce"]["components"]
    }


async def reproduced(store: Store, *changes: Any, id_: str = "c/all/2025-01", **as_of: str) -> Any:
    """Changes are written; then a reproduction is asked for."""
    if changes:
        await put(store, *changes)
    told = await answer(store, ASKED, id=f"observation:{id_}", asOf=as_of or None)
    return told["reproduce"]


async def test_a_small_composite_by_hand(store: Store) -> None:
    """
    a: (60 - 40)/(80 - 40) = 0.5 by 0.4; b: (50 - 20)/(50 - 10) = 0.75 by 0.6: 20 + 45 = 65.
    """
    told = await reproduced(store, *Small().changes())

    assert (65.0, 65.0, True, 1.2) == (
        told["reported"],
        told["recomputed"],
        told["equal"],
        told["cap"],
    )
    assert [("kpi:b", 45.0), ("kpi:a", 20.0)] == [
        (one["of"]["id"], pytest.approx(one["contribution"])) for one in told["components"]
    ]
    assert [] == told["recordedLater"]
    assert (
        "2 of 2 components, as known at publication, give 65: equal to what was published."
        == told["explanation"]
    )


async def test_another_value_than_the_parts_give_is_told_with_the_difference(store: Store) -> None:
    """
    67.5 was published where 65 comes out.
    """
    told = await reproduced(store, *Small(reported=67.5).changes())

    assert (65.0, -2.5, False) == (told["recomputed"], told["difference"], told["equal"])
    assert "not equal to what was published, 67.5" in told["explanation"]


async def test_a_component_restated_before_publication_counts_and_after_it_does_not(
    store: Store,
) -> None:
    """
    a is 60 on the 5th, 64 on the 7th, 72 on the 9th; the composite is of the 8th: 100 * 0.69.
    """
    changes = [
        *Small(reported=69.0).changes(),
        *point("a", 64.0, "2025-01/r2", day(2, 7), restates="2025-01"),
        *point("a", 72.0, "2025-01/r3", day(2, 9), restates="2025-01/r2"),
    ]
    told = await reproduced(store, *changes)
    parts = {one["of"]["id"]: one["observation"]["id"] for one in told["components"]}

    assert (69.0, True) == (told["recomputed"], told["equal"])
    assert "observation:a/all/2025-01/r2" == parts["kpi:a"]


async def test_what_comes_with_the_publication_counts(store: Store) -> None:
    """
    A component restated, and weights changed, on the day of publication: by 0.5 each of 0.6, 0.75.
    """
    again = [
        replace(one, recorded=day(2, 8)) for one in weight_set(2, {"a": 0.5, "b": 0.5}, day(1, 20))
    ]
    changes = [
        *Small(reported=67.5).changes(),
        *point("a", 64.0, "2025-01/r2", day(2, 8), restates="2025-01"),
        *again,
    ]
    told = await reproduced(store, *changes)

    assert ("weight_set:c/2", 67.5, True) == (
        told["weightSet"]["id"],
        told["recomputed"],
        told["equal"],
    )


async def test_weights_and_targets_that_came_later_for_that_month_do_not_count(
    store: Store,
) -> None:
    """
    A set and a target for January, recorded in March, leave the reproduction as it was.
    """
    later = [*weight_set(2, {"a": 1.0}), *target("a", "2", value=60.0, floor=40.0)]
    changes = [*Small().changes(), *(replace(one, recorded=day(3, 1)) for one in later)]
    told = await reproduced(store, *changes)

    assert ("weight_set:c/1", 65.0, True) == (
        told["weightSet"]["id"],
        told["recomputed"],
        told["equal"],
    )
    assert {"target:a/1", "target:b/1"} == {one["target"]["id"] for one in told["components"]}


async def test_weights_of_another_day_than_the_last_of_the_period_do_not_count(
    store: Store,
) -> None:
    """
    The second set is in force from 31 January, and so for January; the third from February.
    """
    more = [
        *weight_set(2, {"a": 1.0}, day(1, 31), day(2, 1)),
        *weight_set(3, {"b": 1.0}, day(2, 1)),
    ]
    early = [replace(one, recorded=Small().structure) for one in more]
    told = await reproduced(store, *Small(reported=50.0).changes(), *early)

    assert ("weight_set:c/2", 50.0, True) == (
        told["weightSet"]["id"],
        told["recomputed"],
        told["equal"],
    )


async def test_a_missing_component_shares_its_weight_down_to_the_least_coverage(
    store: Store,
) -> None:
    """
    Without a, 0.6 of the weight is there: 75. At least 0.7 is asked: no value, as published.
    """
    changes = Small(values={"a": None, "b": 20.0}, reported=75.0).changes()
    told = await reproduced(store, *changes)

    assert (75.0, True, pytest.approx(0.6)) == (
        told["recomputed"],
        told["equal"],
        told["coverage"],
    )
    assert [None, "the period had no value that was known"] == [
        one["missing"] for one in told["components"]
    ]
    assert "1 of 2 components" in told["explanation"]


async def test_no_value_was_right_where_too_little_was_there(store: Store) -> None:
    """
    0.6 of the weight where 0.7 is asked for: null, published as null.
    """
    small = Small(values={"b": 20.0}, reported=None, least=0.7)
    told = await reproduced(store, *small.changes())

    assert (None, None, True) == (told["recomputed"], told["difference"], told["equal"])
    assert "give no value: equal to what was published" in told["explanation"]


async def test_a_target_without_a_range_gives_no_score(store: Store) -> None:
    """
    The floor is the target: the component does not count, and it is said why.
    """
    small = Small(
        targets={"a": {"value": 80.0, "floor": 80.0}, "b": {"value": 10.0, "ceiling": 50.0}},
        reported=75.0,
    )
    told = await reproduced(store, *small.changes())
    missing = {one["of"]["id"]: one["missing"] for one in told["components"]}

    assert (75.0, True) == (told["recomputed"], told["equal"])
    assert "its target has no floor, or one equal to the target" == missing["kpi:a"]


@pytest.mark.parametrize(
    ("small", "says"),
    [
        (Small(formula="see the handbook"), "cannot be computed as it is written"),
        (Small(weights={}), "no set of weights was in force"),
    ],
)
async def test_what_cannot_be_worked_out_is_null_and_says_why(
    store: Store, small: Small, says: str
) -> None:
    """
    A formula in other words, a set without weights: no number, and a clear reason.
    """
    told = await reproduced(store, *small.changes())

    assert (None, None) == (told["recomputed"], told["equal"])
    assert 65.0 == told["reported"]
    assert says in told["explanation"]


async def test_without_a_version_in_force_it_is_refused(store: Store) -> None:
    """
    The only version begins after the period.
    """
    changes = [
        one
        for one in Small().changes()
        if not one.id.startswith(("kpi_version:c", "version_of:kpi_version:c"))
    ]
    later = [replace(one, recorded=day(2, 7)) for one in version("c", 1, day(2, 1), formula="x")]
    told = await reproduced(store, *changes, *later)

    assert told["recomputed"] is None
    assert "no version of its formula was in force" in told["explanation"]


async def test_a_geometric_composite(store: Store) -> None:
    """
    0.5^0.4 * 0.75^0.6 = 0.63768...; nothing is added up, so parts contribute nothing.
    """
    formula = "100 * prod(clip(a_i, 0, 1) ^ w_i) ^ (1 / sum(w_i))"
    told = await reproduced(store, *Small(formula=formula, reported=63.8).changes())

    assert told["exact"] == pytest.approx(100 * 0.5**0.4 * 0.75**0.6)
    assert (63.8, True) == (told["recomputed"], told["equal"])
    assert [None, None] == [one["contribution"] for one in told["components"]]


async def test_structure_without_a_record_time_is_taken_and_named(store: Store) -> None:
    """
    Everything but the values was recorded today: nothing of it was known then, so it is taken.
    """
    told = await reproduced(store, *Small(structure=None).changes())

    assert (65.0, True) == (told["recomputed"], told["equal"])
    assert {"weight_set:c/1", "target:a/1", "series:a/all"} <= set(told["recordedLater"])
    assert "Nothing was recorded by then of" in told["explanation"]


async def test_a_value_corrected_in_place_is_reproduced_as_it_is_known(store: Store) -> None:
    """
    The composite was 60 on the 8th and is 65 since the 10th; who asks as known on the 9th sees 60.
    """
    first = Small(reported=60.0).changes()
    again = [*point("c", 65.0, recorded=day(2, 10))]
    told = await reproduced(store, *first)
    assert (60.0, False) == (told["reported"], told["equal"])
    told = await reproduced(store, again[0])

    assert (65.0, True, "2025-02-10T00:00:00Z") == (
        told["reported"],
        told["equal"],
        told["publishedAt"],
    )
    then = await reproduced(store, knownAt="2025-02-09", validAt="2025-03-01")
    assert (60.0, "2025-02-08T00:00:00Z") == (then["reported"], then["publishedAt"])


async def test_the_whole_is_the_mean_of_what_was_published_for_personas(store: Store) -> None:
    """
    A PERSONA set of 0.75 and 0.25 over 40 and 80: 50. It goes before a COMPONENT set for all.
    """
    more = []
    for name, weight in (("x", 0.75), ("y", 0.25)):
        more += [
            thing(f"persona:{name}", YEAR),
            thing(f"series:c/{name}", YEAR, scopeKind="PERSONA", frequency="MONTHLY"),
            link("has_series", "kpi:c", f"series:c/{name}", YEAR),
            link("for_group", f"series:c/{name}", f"persona:{name}", YEAR),
            thing(f"weight:p/{name}", YEAR, weight=weight),
            link("has_weight", "weight_set:p", f"weight:p/{name}", YEAR),
            link("weighs", f"weight:p/{name}", f"persona:{name}", YEAR),
        ]
    more += [
        thing("weight_set:p", YEAR, version=1, setKind="PERSONA", method="SET"),
        link("weighs_for", "weight_set:p", "kpi:c", YEAR),
    ]
    values = [
        thing("observation:c/x", YEAR, period="2025-01", status="FINAL", value=40.0),
        link("has_point", "series:c/x", "observation:c/x", YEAR),
        thing("observation:c/y", YEAR, period="2025-01", status="FINAL", value=80.0),
        link("has_point", "series:c/y", "observation:c/y", YEAR),
    ]
    told = await reproduced(
        store,
        *Small(reported=50.0).changes(),
        *(replace(one, recorded=Small().structure) for one in more),
        *(replace(one, recorded=day(2, 8)) for one in values),
    )

    assert ("weight_set:p", 50.0, True, None) == (
        told["weightSet"]["id"],
        told["recomputed"],
        told["equal"],
        told["cap"],
    )
    assert "2 of 2 weighted personas" in told["explanation"]
