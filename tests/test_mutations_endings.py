"""What ends by mutation: on grounds, in the archive, and back again."""

from __future__ import annotations

from typing import Any

import pytest

from graph.store import Store
from tests.asking import answer, link, put, thing
from tests.looking import year
from tests.writing import at, done

KPI = "kpi:downloads"
GROUNDS: dict[str, Any] = {
    "of": KPI,
    "reason": "a vanity figure",
    "evidence": ["correlation below 0.1", "kpi:stay"],
    "decision": "decision:retire",
}
ARCHIVE = """
query Q($kinds: [Kind!]) {
  archive(kinds: $kinds) { nodes { id status validFrom validTo ... on Kpi { purpose }
    retirement { at reason evidence decision { key } successor { id } } } }
}
"""


@pytest.fixture
async def scorecard(store: Store) -> Store:
    """A KPI to retire, one to follow it, an initiative that a decision stands behind."""
    await put(
        store,
        thing(KPI, year(2020), purpose="reach"),
        thing("kpi:stay", year(2020)),
        thing("initiative:app", year(2020)),
        thing("decision:retire"),
        thing("decision:start"),
        thing("objective:reach", year(2020)),
        thing("series:s", year(2020), scopeKind="ALL", frequency="MONTHLY"),
        link("measured_by", "objective:reach", KPI, year(2020)),
        link("has_series", KPI, "series:s", year(2020)),
        link("backed_by", "initiative:app", "decision:start", year(2020)),
    )
    return store


async def archived(store: Store, kind: str = "KPI") -> Any:
    """What the archive lists of a kind."""
    return (await answer(store, ARCHIVE, kinds=[kind]))["archive"]["nodes"]


async def test_the_archive_tells_grounds_and_successor(scorecard: Store) -> None:
    """
    Why, on what evidence, by which decision, what follows; the life before stays as it was.
    """
    await done(scorecard, "archive", **GROUNDS, successor="kpi:stay", at=at(2025))
    text = 'query Q($at: DateTime) { kpi(key: "downloads", asOf: {validAt: $at}) { status } }'

    assert [
        {
            "id": KPI,
            "status": "RETIRED",
            "validFrom": at(2020),
            "validTo": at(2025),
            "purpose": "reach",
            "retirement": {
                "at": at(2025),
                "reason": "a vanity figure",
                "evidence": ["correlation below 0.1", "kpi:stay"],
                "decision": {"key": "retire"},
                "successor": {"id": "kpi:stay"},
            },
        }
    ] == await archived(scorecard)
    assert {"kpi": {"status": "ACTIVE"}} == await answer(scorecard, text, at=at(2024))
    assert {"kpi": None} == await answer(scorecard, text, at=at(2026))


async def test_a_dry_run_tells_the_links_that_count_no_longer(scorecard: Store) -> None:
    """
    What measures and what is measured by a KPI that ends, though their links are not ended.
    """
    told = await done(
        scorecard, "archive", **GROUNDS, withoutSuccessor=True, at=at(2025), dryRun=True
    )

    assert {f"measured_by:objective:reach/{KPI}", f"has_series:{KPI}/series:s"} == {
        one["of"] for one in told["effects"]
    }
    assert [] == await archived(scorecard)


async def test_of_many_effects_the_first_are_told(
    scorecard: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """
    One of the two links that count no longer, where one is the most that is told.
    """
    monkeypatch.setattr("loaders.mutations.writing.EFFECTS", 1)
    given = GROUNDS | {"withoutSuccessor": True, "at": at(2025), "dryRun": True}
    (told,) = (await done(scorecard, "archive", **given))["effects"]

    assert told["of"] in (f"measured_by:objective:reach/{KPI}", f"has_series:{KPI}/series:s")


async def test_an_initiative_keeps_the_decision_that_started_it(scorecard: Store) -> None:
    """
    While it ran, the one decision stood behind it; in the archive it is the other.
    """
    given = GROUNDS | {"of": "initiative:app", "withoutSuccessor": True, "at": at(2025)}
    await done(scorecard, "archive", **given, ending="ABSORBED")
    text = """
    query Q($at: DateTime) {
      initiative(key: "app", asOf: {validAt: $at}) { decision { key } }
    }
    """
    (told,) = await archived(scorecard, "INITIATIVE")

    assert {"decision": {"key": "start"}} == (await answer(scorecard, text, at=at(2024)))[
        "initiative"
    ]
    assert ("ABSORBED", {"key": "retire"}) == (told["status"], told["retirement"]["decision"])


async def test_what_is_restored_is_as_it_was_and_the_gap_stays(scorecard: Store) -> None:
    """
    Purpose and series are back, the words of the ending are gone; in between there was nothing.
    """
    await done(scorecard, "archive", **GROUNDS, successor="kpi:stay", at=at(2023))
    await done(scorecard, "restore", of=KPI, at=at(2025))
    text = """
    query Q($at: DateTime) { kpi(key: "downloads", asOf: {validAt: $at}) {
      status purpose rationale evidence decision { key } successor { id } validFrom
      series { nodes { key } }
    } }
    """
    told = [(await answer(scorecard, text, at=at(when)))["kpi"] for when in (2024, 2026)]

    assert [
        None,
        {
            "status": "ACTIVE",
            "purpose": "reach",
            "rationale": None,
            "evidence": None,
            "decision": None,
            "successor": None,
            "validFrom": at(2025),
            "series": {"nodes": [{"key": "s"}]},
        },
    ] == told
    assert [] == await archived(scorecard)


async def test_what_is_excluded_is_known_with_its_grounds(scorecard: Store) -> None:
    """
    In force, off the scorecard, with reason, evidence and decision.
    """
    await done(scorecard, "excludeFromScorecard", **GROUNDS, reviewAt="2027-01-01")
    text = '{ kpi(key: "downloads") { status rationale evidence reviewAt decision { key } } }'

    assert {
        "status": "EXCLUDED",
        "rationale": "a vanity figure",
        "evidence": "correlation below 0.1; kpi:stay",
        "reviewAt": "2027-01-01",
        "decision": {"key": "retire"},
    } == (await answer(scorecard, text))["kpi"]


async def test_records_and_links_end_with_a_reason_alone(scorecard: Store) -> None:
    """
    A series and a link are over from the said time on.
    """
    ended = await done(scorecard, "end", of=["series:s"], at=at(2025))
    over = await done(scorecard, "unlink", of=[f"measured_by:objective:reach/{KPI}"], at=at(2025))
    text = """
    query Q($at: DateTime) {
      kpi(key: "downloads", asOf: {validAt: $at}) {
        series { totalCount } objectives { totalCount }
      }
    }
    """
    counts = [(await answer(scorecard, text, at=at(when)))["kpi"] for when in (2024, 2026)]

    assert (1, 1) == (ended["ended"], over["ended"])
    assert [[f"has_series:{KPI}/series:s"], []] == [
        [one["of"] for one in told["effects"]] for told in (ended, over)
    ]
    assert [1, 0] == [one["series"]["totalCount"] for one in counts]
    assert [1, 0] == [one["objectives"]["totalCount"] for one in counts]
