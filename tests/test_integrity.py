"""Integrity: what is planted in the bank is found, and each check tells wrong from nearly wrong."""

from __future__ import annotations

import pytest

from graph.changes import Change
from graph.insight.checks import IntegrityCheck
from graph.ontology import ONTOLOGY
from graph.store import Store
from graph.viewers import Viewer
from tests.asking import answer, codes, link, put, thing
from tests.findings import CASES, OWNED, PERSPECTIVES, found, ids
from tests.looking import gone, year

PLANTED = {
    ("OBJECTIVE_WITHOUT_KPI", "objective:speak_up_culture"),
    ("KPI_WITHOUT_OWNER", "kpi:login_failures"),
    ("KPI_WITHOUT_LINEAGE", "kpi:rework_rate"),
    ("LAGGING_WITHOUT_LEADING", "kpi:loan_loss_rate"),
    ("ONLY_AVERAGE", "kpi:staff_turnover"),
    ("TARGET_WITHOUT_DECISION", "target:cost_to_serve/busy_parent/2026-01"),
    ("OWNER_WITHOUT_INFLUENCE", "role:head_data"),
    ("GROUP_WITHOUT_OBJECTIVE", "persona:busy_parent"),
    ("LINK_OLDER_THAN_EVIDENCE", "affects:advice_wait_days/nps/senior_saver/1"),
    ("DATASET_OVER_LIMIT", "dataset:desk_tickets"),
    ("IDLE_PROCESS", "process:archive_paper"),
    ("CUSTOMER_WITHOUT_CAUSE", "objective:bearable_loans"),
}
"""What the README of the bank says is there on purpose."""


@pytest.mark.parametrize("at", ["2026-07-20", None])
async def test_exactly_what_is_planted_is_found_with_one_statement(
    bank: Store, at: str | None
) -> None:
    """
    Twelve findings, one a check, in the order of the checks; the four rules find nothing.
    """
    told = await found(bank, at=at)

    assert 1 == bank.reads
    assert sorted(PLANTED) == sorted((one["check"], one["of"]["id"]) for one in told)
    order = [check.name for check in IntegrityCheck]
    assert sorted(told, key=lambda one: order.index(one["check"])) == told
    assert all(one["complete"] and one["why"] and one["remedy"] for one in told)


async def test_findings_say_their_own_figures_and_name_others(bank: Store) -> None:
    """
    The dataset's error rate and limits with the KPIs it feeds, the role's KPI, the two dates.
    """
    named = ("DATASET_OVER_LIMIT", "OWNER_WITHOUT_INFLUENCE", "LINK_OLDER_THAN_EVIDENCE")
    told = {one["check"]: one for one in await found(bank, *named, at="2026-07-20")}
    data, role, evidence = (told[check] for check in named)

    assert (
        "error rate 0.035 is over the limit of 0.02; error rate 0.035 is over the limit of 0.02"
        " of service_level:data/desk_tickets"
    ) == data["message"]
    assert ["kpi:cost_to_serve", "kpi:first_contact_fix", "kpi:time_to_resolve"] == [
        one["id"] for one in data["others"]
    ]
    assert [{"id": "kpi:data_quality"}] == role["others"]
    assert "Affects" == evidence["of"]["__typename"]
    assert "it was recorded on 2023-12-19, its newest evidence on 2026-04-14" == evidence["message"]


async def test_a_past_day_is_judged_by_what_held_then(bank: Store) -> None:
    """
    The target without a decision is of 2026; in 2025 nothing was wrong with targets.
    """
    assert ["target:cost_to_serve/busy_parent/2026-01"] == await ids(
        bank, "TARGET_WITHOUT_DECISION", at="2026-07-20"
    )
    assert [] == await ids(bank, "TARGET_WITHOUT_DECISION", at="2025-12-31")


async def test_only_the_asked_checks_are_made(bank: Store) -> None:
    """
    Two of them, told in their own order; an empty list asks for nothing; no such check is refused.
    """
    assert ["kpi:login_failures", "process:archive_paper"] == await ids(
        bank, "IDLE_PROCESS", "KPI_WITHOUT_OWNER"
    )
    told = await answer(bank, "{ integrity(checks: []) { message } }")
    assert {"integrity": []} == told
    wrong = await codes(bank, "{ integrity(checks: [MOON_PHASE]) { message } }")
    assert ["GRAPHQL_VALIDATION_FAILED"] == wrong


def test_every_check_has_a_case() -> None:
    """
    None is left without a graph in which it finds something.
    """
    assert [check.name for check in IntegrityCheck] == list(CASES)


@pytest.mark.parametrize("check", CASES)
async def test_a_check_finds_what_is_wrong_until_it_is_mended(store: Store, check: str) -> None:
    """
    It finds exactly what the case says, and nothing once the least was done about it.
    """
    wrong, expected, mended = CASES[check]
    assert [] == await ids(store, check)
    await put(store, *wrong)
    assert expected == await ids(store, check)
    for change in mended:
        await put(store, _replacing(change))

    assert [] == await ids(store, check)


def _replacing(change: Change) -> Change:
    """The same, as the whole truth about the life of its id."""
    whole = thing(change.id)
    return Change(change.id, whole.since, change.pieces, source=change.source, target=change.target)


async def test_evidence_that_came_after_the_link_is_found_until_the_link_is_weighed_again(
    store: Store,
) -> None:
    """
    What counts is when each became known; a link for another pair is not meant.
    """
    believed = link("affects", "kpi:a", "kpi:b", key="a/b", sign=1, weight=1.0)
    other = link("affects", "kpi:b", "kpi:a", key="b/a", sign=1)
    await put(store, thing("kpi:a"), thing("kpi:b"), believed, other)
    await put(store, thing("link_evidence:e", link="a/b", method="EXPERT"))
    assert ["affects:a/b"] == await ids(store, "LINK_OLDER_THAN_EVIDENCE")

    await put(store, link("affects", "kpi:a", "kpi:b", key="a/b", sign=1, weight=2.0))
    assert [] == await ids(store, "LINK_OLDER_THAN_EVIDENCE")


async def test_only_kpis_downstream_are_tainted_and_only_through_what_is_in_force(
    store: Store,
) -> None:
    """
    The KPI fed by the dataset's field, not that of a version which has ended.
    """
    await put(
        store,
        thing("dataset:d", delayHours=3.0, maxDelayHours=2.0),
        thing("field:d/f"),
        link("has_field", "dataset:d", "field:d/f"),
        *(thing(f"kpi:{name}") for name in ("fed", "once", "other")),
        thing("kpi_version:fed/v1"),
        thing("kpi_version:once/v1", until=year(2024)),
        *(link("version_of", f"kpi_version:{n}/v1", f"kpi:{n}") for n in ("fed", "once")),
        *(link("derived_from", f"kpi_version:{n}/v1", "field:d/f") for n in ("fed", "once")),
    )
    (one,) = await found(store, "DATASET_OVER_LIMIT")

    assert "delay 3 h is over the limit of 2 h" == one["message"]
    assert [{"id": "kpi:fed"}] == one["others"]


async def test_a_link_that_leads_through_what_has_ended_is_no_cause(store: Store) -> None:
    """
    The KPI between the process and the customers' objective is over, its links are not.
    """
    between = thing("kpi:between")
    await put(
        store,
        *PERSPECTIVES,
        thing("objective:o"),
        between,
        thing("process:p"),
        link("objective_in_perspective", "objective:o", "perspective:c"),
        link("measured_by", "objective:o", "kpi:between"),
        link("drives", "process:p", "kpi:between", sign=1),
    )
    assert [] == await ids(store, "CUSTOMER_WITHOUT_CAUSE")
    await put(store, gone("kpi:between", year(2024)))

    assert ["objective:o"] == await ids(store, "CUSTOMER_WITHOUT_CAUSE")
    assert [] == await ids(store, "CUSTOMER_WITHOUT_CAUSE", at="2023-12-31")


async def test_messages_of_the_rules_say_what_is_wrong(store: Store) -> None:
    """
    The sum, the circle, the two and the stretch, the missing values.
    """
    checks = ("MISSING_VALUE", "WEIGHTS_NOT_ONE", "CYCLE", "OVERLAP")
    changes = [change for check in checks for change in CASES[check][0]]
    await put(store, *{change.id: change for change in changes}.values())
    told = [
        (one["message"], [other["id"] for other in one["others"]])
        for one in await found(store, *checks)
    ]

    assert ("its weights make 0.9, not 1", ["kpi:a", "kpi:b"]) in told
    circle = "part_of leads in a circle: org_unit:a > org_unit:b > org_unit:c > org_unit:a"
    assert (circle, ["org_unit:b", "org_unit:c"]) in told
    rivals = "it is in force together with target:t (same series and kind) from 2024-01-01 on"
    assert (rivals, ["target:t"]) in told
    assert ("it has no sign", []) in told
    assert ("it has no setKind, version", []) in told


async def test_what_is_hidden_is_neither_found_nor_named(store: Store) -> None:
    """
    Without the hidden kind: no finding of it, none among others, and no half sums or rivals.
    """
    changes = [change for case in CASES.values() for change in case[0]]
    unique = {change.id: change for change in changes}
    await put(store, *unique.values())
    for label in ("Kpi", "Role", "Series"):
        word = next(kind.word for kind in ONTOLOGY.kinds.values() if kind.label == label)
        every = frozenset(kind.label for kind in ONTOLOGY.kinds.values()) - {label}
        told = await found(store, viewer=Viewer("somebody", every))

        assert told
        assert f"{word}:" not in str(told)


async def test_who_may_not_see_a_part_is_not_told_that_the_sum_is_wrong(store: Store) -> None:
    """
    Nor is the sum of the parts that may be seen taken for the whole.
    """
    await put(
        store,
        thing("weight_set:w", version=1, setKind="COMPONENT"),
        thing("weight:w/a", weight=0.4),
        link("has_weight", "weight_set:w", "weight:w/a"),
        thing("kpi:k"),
        thing("role:r"),
        link("owns", "role:r", "kpi:k", share=0.5, **OWNED),
    )
    every = frozenset(kind.label for kind in ONTOLOGY.kinds.values())
    blind = Viewer("somebody", every - {"Role"})

    both = ["kpi:k", "weight_set:w"]
    assert both == await ids(store, "WEIGHTS_NOT_ONE")
    told = await found(store, "WEIGHTS_NOT_ONE", viewer=blind)
    assert ["weight_set:w"] == [one["of"]["id"] for one in told]


async def test_more_findings_than_can_be_told_say_so(store: Store) -> None:
    """
    Of 1,001 objectives without a KPI the first 1,000 are told, each marked.
    """
    await put(store, *(thing(f"objective:{number:04}") for number in range(1001)))
    told = await found(store, "OBJECTIVE_WITHOUT_KPI")

    assert [f"objective:{number:04}" for number in range(1000)] == [o["of"]["id"] for o in told]
    assert {False} == {one["complete"] for one in told}


@pytest.mark.parametrize("fields", ["check", "check message", "others { id }", "of { __typename }"])
async def test_the_same_is_found_whatever_is_asked_of_it(bank: Store, fields: str) -> None:
    """
    Twelve findings, one of them on a link, also where nobody asks what it is.
    """
    text = f'{{ integrity(asOf: {{validAt: "2026-07-20"}}) {{ {fields} }} }}'

    assert 12 == len((await answer(bank, text))["integrity"])
