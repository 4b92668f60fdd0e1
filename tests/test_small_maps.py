"""Strategy maps of small graphs: loops, signs alone, restated figures, what may not be seen."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import pairwise
from xml.etree import ElementTree

import pytest

from graph.store import Store
from tests.asking import answer, link, put, thing
from tests.small_maps import affects, kpi, mapped, nodes, objective, report, series, signs
from tests.test_viewer import without

CITY = ("tax_base", "infrastructure", "safe_transport", "opportunity")


async def test_the_loop_of_a_city_is_one_place_in_the_ranks(store: Store) -> None:
    """
    Tax base, infrastructure, transport, opportunity and round again: what leads in comes before
    all of them, what follows after; perspectives of the city's own have no kind.
    """
    lanes = ("community", "finance", "process", "people")
    await put(
        store,
        *(thing(f"perspective:{name}", order=i) for i, name in enumerate(lanes)),
        *(x for key, lane in zip(CITY, lanes, strict=True) for x in objective(key, lane)),
        *objective("skills", "people"),
        *objective("trust", "community"),
        *(affects(f"objective:{a}", f"objective:{b}") for a, b in pairwise((*CITY, CITY[0]))),
        affects("objective:skills", "objective:safe_transport"),
        affects("objective:opportunity", "objective:trust", sign=-1),
    )
    told = await mapped(store)

    assert [{"key": name, "perspectiveKind": None} for name in lanes] == [
        lane["perspective"] for lane in told["perspectives"]
    ]
    assert dict.fromkeys(CITY, 1) | {"skills": 0, "trust": 2} == {
        key: node["rank"] for key, node in nodes(told).items()
    }
    assert dict.fromkeys(pairwise((*CITY, CITY[0])), 1) | {
        ("skills", "safe_transport"): 1,
        ("opportunity", "trust"): -1,
    } == signs(told)


async def test_links_of_kpis_are_lifted_to_every_objective_that_they_measure(store: Store) -> None:
    """
    A KPI of two objectives gives two arrows, one of the same objective none; fewer complaints are
    better, and where links disagree, or the formula is not known, the sign is 0.
    """
    await put(
        store,
        thing("perspective:all"),
        *(x for key in ("people", "speed", "quality", "money") for x in objective(key)),
        *kpi("training", "people"),
        *kpi("handling", "speed", "quality"),
        *kpi("complaints", "quality", direction="LOWER"),
        *kpi("margin", "money"),
        thing("kpi:bare", kpiKind="BASE"),
        link("measured_by", "objective:money", "kpi:bare"),
        affects("kpi:training", "kpi:handling"),
        affects("kpi:handling", "kpi:complaints", sign=-1),
        affects("kpi:complaints", "objective:money", sign=-1),
        affects("kpi:training", "kpi:margin"),
        affects("kpi:training", "objective:money", sign=-1),
        affects("kpi:handling", "kpi:bare"),
        affects("kpi:handling", "kpi:elsewhere"),
        thing("kpi:elsewhere", kpiKind="BASE"),
    )
    told = await mapped(store)

    assert {
        ("people", "speed"): 1,
        ("people", "quality"): 1,
        ("speed", "quality"): 1,
        ("quality", "money"): 0,
        ("speed", "money"): 0,
        ("people", "money"): 0,
    } == signs(told)
    assert "affects:kpi:handling/kpi:elsewhere/all/1" not in {e["id"] for e in told["edges"]}
    assert 6 == len(told["edges"])


async def test_the_last_report_counts_and_a_missing_value_is_told_as_missing(store: Store) -> None:
    """
    A restatement replaces its report; a month without a value is told with its period; what is
    two months back is not the period before; what has not begun does not count.
    """
    await put(
        store,
        thing("perspective:all"),
        *objective("o"),
        *(x for key in "abc" for x in (*kpi(key, "o"), *series(key))),
        *report("a/all", "2025-01", 1.0),
        *report("a/all", "2025-02", 2.0),
        *report("a/all", "2025-02", 3.0, number=2),
        *report("a/all", "2025-02", 4.0, number=3),
        *report("a/all", "2025-04", 9.0),
        *report("b/all", "2025-02", 5.0),
        *report("b/all", "2025-03", None),
        *report("c/all", "2025-01", 6.0),
        *report("c/all", "2025-03", 7.0),
    )
    told = await mapped(store, day="2025-03-10")
    said = [
        (m["kpi"]["key"], m["period"], m["value"], m["previous"])
        for m in nodes(told)["o"]["measures"]
    ]

    assert [
        ("a", "2025-02", 4.0, 1.0),
        ("b", "2025-03", None, 5.0),
        ("c", "2025-03", 7.0, None),
    ] == said


CASES: list[tuple[str, float | None, dict[str, float], tuple[float | None, bool | None]]] = [
    ("HIGHER", 12.0, {"value": 10.0, "floor": 5.0}, (1.4, True)),
    ("HIGHER", 4.0, {"value": 10.0, "floor": 5.0}, (-0.2, False)),
    ("HIGHER", 12.0, {"value": 10.0}, (None, True)),
    ("HIGHER", 10.0, {"value": 5.0, "floor": 5.0}, (None, True)),
    ("LOWER", 8.0, {"value": 4.0, "ceiling": 12.0}, (0.5, False)),
    ("LOWER", 4.0, {"value": 4.0, "ceiling": 12.0}, (1.0, True)),
    ("BAND", 9.0, {"value": 10.0, "tolerance": 4.0}, (0.75, True)),
    ("BAND", 15.0, {"value": 10.0, "tolerance": 4.0}, (-0.25, False)),
    ("BAND", 15.0, {"value": 10.0}, (None, None)),
    ("HIGHER", None, {"value": 10.0, "floor": 5.0}, (None, None)),
]


async def test_attainment_is_the_way_made_to_the_committed_target(store: Store) -> None:
    """
    Uncut, null where floor, ceiling or tolerance is missing or leaves no way to go; a stretch
    target and one that is over do not count.
    """
    over = datetime(2025, 1, 1, tzinfo=UTC)
    changes = [thing("perspective:all"), *objective("o")]
    for key, (direction, value, figures, _) in enumerate(CASES):
        changes += [
            *kpi(f"k{key}", "o", direction=direction),
            *series(f"k{key}"),
            *report(f"k{key}/all", "2025-02", value),
            thing(f"target:{key}/now", since=over, targetKind="COMMITTED", **figures),
            thing(f"target:{key}/then", until=over, targetKind="COMMITTED", value=99.0),
            thing(f"target:{key}/hope", targetKind="STRETCH", value=98.0),
            *(
                link("has_target", f"series:k{key}/all", f"target:{key}/{name}")
                for name in ("now", "then", "hope")
            ),
        ]
    await put(store, *changes)
    told = nodes(await mapped(store))["o"]["measures"]

    assert [figures["value"] for _, _, figures, _ in CASES] == [one["target"] for one in told]
    assert [expected for *_, expected in CASES] == [
        (one["attainment"] and round(one["attainment"], 9), one["met"]) for one in told
    ]


async def test_objectives_without_a_perspective_are_told_apart(store: Store) -> None:
    """
    They are in no lane, and neither they nor links of theirs are on the map.
    """
    await put(
        store,
        thing("perspective:all"),
        *objective("a"),
        thing("objective:lost"),
        affects("objective:lost", "objective:a"),
    )
    told = await mapped(store)

    assert [{"key": "lost"}] == told["unplaced"]
    assert (["a"], [], []) == (list(nodes(told)), told["edges"], told["arrows"])


async def personas(store: Store) -> None:
    """A map with an objective, a series and a link for one persona, and some for all."""
    await put(
        store,
        thing("perspective:all"),
        thing("persona:p"),
        thing("segment:s"),
        *(x for key in ("a", "b", "only_p") for x in objective(key)),
        link("for_group", "objective:only_p", "persona:p"),
        *kpi("x", "a"),
        *kpi("y", "b"),
        *series("x"),
        *series("x", "persona:p"),
        *report("x/all", "2025-01", 1.0),
        *report("x/p", "2025-01", 2.0),
        affects("kpi:x", "kpi:y"),
        affects("kpi:x", "kpi:y", sign=-1, group="persona:p"),
    )


async def test_a_group_sees_its_own_figures_and_links_beside_those_for_all(store: Store) -> None:
    """
    The persona's series comes before that over all; a segment without one is told that over all.
    """
    await personas(store)
    whole, p, s = [await mapped(store, group=group) for group in (None, "persona:p", "segment:s")]

    assert [{"a", "b", "only_p"}, {"a", "b", "only_p"}, {"a", "b"}] == [
        set(nodes(told)) for told in (whole, p, s)
    ]
    assert [(None, 1.0), ({"id": "persona:p"}, 2.0), (None, 1.0)] == [
        (measure["group"], measure["value"])
        for told in (whole, p, s)
        for measure in nodes(told)["a"]["measures"]
    ]
    assert [2, 2, 1] == [len(told["edges"]) for told in (whole, p, s)]
    assert [0, 0, 1] == [signs(told)["a", "b"] for told in (whole, p, s)]


async def test_who_may_not_see_personas_sees_a_map_without_them(store: Store) -> None:
    """
    No link for one, no figures of one; what is for one of them is not on the map of a segment.
    """
    await personas(store)
    blind = without("Persona")
    whole = await mapped(store, blind)
    segment = await mapped(store, blind, group="segment:s")

    assert None is await mapped(store, blind, group="persona:p")
    assert [(None, 1.0)] == [(m["group"], m["value"]) for m in nodes(whole)["a"]["measures"]]
    assert [None] == [edge["group"] for edge in whole["edges"]]
    assert {("a", "b"): 1} == signs(whole)
    assert {"a", "b"} == set(nodes(segment))


async def test_who_may_not_see_kpis_is_drawn_objectives_alone(store: Store) -> None:
    """
    Arrows that only KPIs carry are gone from the answer and from each drawing.
    """
    await personas(store)
    text = "{ strategyMap { edges { id } drawing(format: SVG) text: drawing } }"
    told = (await answer(store, text, without("Kpi")))["strategyMap"]
    root = ElementTree.fromstring(told["drawing"])
    drawn = {group.get("data-id") for group in root.iter() if group.get("class") == "node"}

    assert {"objective:a", "objective:b", "objective:only_p"} == drawn
    assert [] == told["edges"]
    assert "-->" not in told["text"]


async def test_more_objectives_than_a_map_may_hold_are_said_to_be_missing(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """
    At its number of objectives a map is whole; with one more it says ROWS.
    """
    await put(store, thing("perspective:all"), *(x for i in range(4) for x in objective(f"o{i}")))
    monkeypatch.setattr("graph.questions.maps.ROWS", 4)
    whole = (await mapped(store))["completeness"]
    monkeypatch.setattr("graph.questions.maps.ROWS", 3)
    clipped = await mapped(store)

    assert {"complete": True, "reason": None, "explored": 4} == whole
    assert {"complete": False, "reason": "ROWS", "explored": 3} == clipped["completeness"]
    assert ["o0", "o1", "o2"] == sorted(nodes(clipped))
