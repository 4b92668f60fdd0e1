"""Charts of responses: valid SVG, points where the numbers are, nothing that a name could break."""

from __future__ import annotations

from xml.etree import ElementTree as Tree

from hypothesis import given, settings
from hypothesis import strategies as st

from graph.insight.charts import BOTTOM, LEFT, RIGHT, TALL, TOP, WIDE, Series, chart, points
from graph.store import Store
from tests.asking import answer

SVG = "{http://www.w3.org/2000/svg}"
VALUES = st.lists(st.floats(-1e6, 1e6), min_size=2, max_size=30).map(tuple)


@given(values=VALUES)
def test_points_stand_where_the_numbers_are(values: tuple[float, ...]) -> None:
    """
    Months evenly from left to right; heights in proportion, with zero in sight.
    """
    low, high = min(0.0, *values), max(0.0, *values)
    found = points(values)

    assert (LEFT, WIDE - RIGHT) == (found[0][0], round(found[-1][0], 9))
    for value, (_, height) in zip(values, found, strict=True):
        assert TOP - 1e-6 <= height <= TALL - BOTTOM + 1e-6
        if high > low:
            share = (height - TOP) / (TALL - TOP - BOTTOM)
            assert abs((high - share * (high - low)) - value) <= 1e-6 * (high - low)


@settings(max_examples=50)
@given(name=st.text(max_size=60), values=VALUES)
def test_no_name_breaks_a_chart(name: str, values: tuple[float, ...]) -> None:
    """
    Whatever a thing is called, the chart parses back to one panel a series, with no other tags.
    """
    series = [Series("kpi:a", "persona:p", "%", values), Series("kpi:b", None, "", values)]
    text = chart(series, {"kpi:a": name, "kpi:b": "B", "persona:p": "</g><script>"})
    assert text
    root = Tree.fromstring(text)

    assert 2 == len(root.findall(f"{SVG}g"))
    assert {"svg", "rect", "g", "title", "text", "line", "polyline"} == {
        part.tag.removeprefix(SVG) for part in root.iter()
    }


def test_what_has_no_response_or_may_not_be_seen_is_not_charted() -> None:
    """
    Without a name, a thing was not fetched for this viewer.
    """
    assert chart([], {}) is None
    assert chart([Series("kpi:a", None, "%", (0.0, 1.0))], {}) is None


async def test_the_bank_charts_the_responses_of_an_initiative(bank: Store) -> None:
    """
    A panel for each effect with a response, named as people name it; null without a horizon.
    """
    text = """query ($horizon: Int) {
      effects(
        of: "initiative:adviser_school", group: "persona:small_trader", horizon: $horizon
        asOf: {validAt: "2026-07-20"}
      ) { responseChart effects { response } }
    }"""
    told = (await answer(bank, text, horizon=12))["effects"]
    root = Tree.fromstring(told["responseChart"])
    titles = [panel.findtext(f"{SVG}title") or "" for panel in root.findall(f"{SVG}g")]

    assert len([one for one in told["effects"] if one["response"]]) == len(titles)
    assert any(title.startswith("Net promoter score (Small trader)") for title in titles)
    assert (await answer(bank, text))["effects"]["responseChart"] is None


async def test_the_bank_charts_what_several_changes_reach(bank: Store) -> None:
    """
    A panel for each response of an impact; null without a horizon.
    """
    text = """query ($horizon: Int) {
      impact(
        of: [{on: "kpi:training_hours"}], groups: ["persona:small_trader"], horizon: $horizon
        asOf: {validAt: "2026-07-20"}
      ) { responseChart effects { response } }
    }"""
    told = (await answer(bank, text, horizon=3))["impact"]
    panels = Tree.fromstring(told["responseChart"]).findall(f"{SVG}g")

    assert 0 < len([one for one in told["effects"] if one["response"]]) == len(panels)
    assert (await answer(bank, text))["impact"]["responseChart"] is None
