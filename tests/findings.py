"""What integrity finds, and by check a graph in which it finds something, with what mends it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from graph.changes import Change
from graph.store import Store
from graph.viewers import EVERYONE, Viewer
from tests.asking import answer, link, thing
from tests.looking import year

FINDINGS = """
query ($checks: [IntegrityCheck!], $asOf: AsOf) {
  integrity(checks: $checks, asOf: $asOf) {
    check message why remedy complete of { __typename id } others { id }
  }
}
"""


async def found(
    store: Store, *checks: str, viewer: Viewer = EVERYONE, at: str | None = None
) -> list[Any]:
    """Findings of some checks, all if none is named."""
    as_of = {"validAt": f"{at}T00:00:00Z"} if at else None
    told = await answer(store, FINDINGS, viewer, checks=list(checks) or None, asOf=as_of)
    findings: list[Any] = told["integrity"]
    return findings


async def ids(store: Store, *checks: str, at: str | None = None) -> list[str]:
    """Ids of what some checks find."""
    return [one["of"]["id"] for one in await found(store, *checks, at=at)]


OWNED = {"accountability": "SOLE"}
PERSPECTIVES = (
    thing("perspective:c", perspectiveKind="CUSTOMER"),
    thing("perspective:i", perspectiveKind="INTERNAL_PROCESS"),
)
CASES: dict[str, tuple[Sequence[Change], Sequence[str], Sequence[Change]]] = {
    "OBJECTIVE_WITHOUT_KPI": (
        [thing("objective:o"), thing("objective:plan", status="PROPOSED"), thing("kpi:k")],
        ["objective:o"],
        [link("measured_by", "objective:o", "kpi:k")],
    ),
    "KPI_WITHOUT_OWNER": (
        [
            thing("kpi:k"),
            thing("kpi:refused", status="REFUSED"),
            thing("role:r"),
            link("owns", "role:r", "kpi:k", key="r/k/SPONSOR", accountability="SPONSOR"),
        ],
        ["kpi:k"],
        [link("owns", "role:r", "kpi:k", **OWNED)],
    ),
    "KPI_WITHOUT_LINEAGE": (
        [
            thing("kpi:k"),
            thing("kpi:made_of_others"),
            thing("field:f"),
            thing("kpi_version:k/v1"),
            link("component_of", "kpi:k", "kpi:made_of_others"),
            link("version_of", "kpi_version:k/v1", "kpi:k"),
        ],
        ["kpi:k"],
        [link("derived_from", "kpi_version:k/v1", "field:f")],
    ),
    "LAGGING_WITHOUT_LEADING": (
        [
            thing("kpi:late"),
            thing("kpi:early"),
            thing("kpi_version:late/v1", indicatorKind="LAGGING"),
            thing("kpi_version:early/v1", indicatorKind="LEADING"),
            link("version_of", "kpi_version:late/v1", "kpi:late"),
            link("version_of", "kpi_version:early/v1", "kpi:early"),
            link("affects", "kpi:early", "kpi:late", key="e/l", sign=1, status="REFUTED"),
        ],
        ["kpi:late"],
        [link("affects", "kpi:early", "kpi:late", key="e/l", sign=1, status="HYPOTHESIS")],
    ),
    "ONLY_AVERAGE": (
        [
            thing("persona:p"),
            thing("kpi:k"),
            thing("kpi:unmeasured"),
            thing("series:k/all", scopeKind="ALL"),
            thing("series:k/p", scopeKind="PERSONA"),
            link("has_series", "kpi:k", "series:k/all"),
        ],
        ["kpi:k"],
        [link("has_series", "kpi:k", "series:k/p")],
    ),
    "TARGET_WITHOUT_DECISION": (
        [thing("target:t", value=1.0), thing("decision:d")],
        ["target:t"],
        [link("backed_by", "target:t", "decision:d")],
    ),
    "OWNER_WITHOUT_INFLUENCE": (
        [
            thing("role:r", influence="REPORTING"),
            thing("kpi:k"),
            link("owns", "role:r", "kpi:k", **OWNED),
        ],
        ["role:r"],
        [thing("role:r", influence="DIRECT")],
    ),
    "GROUP_WITHOUT_OBJECTIVE": (
        [
            thing("segment:s"),
            thing("persona:p"),
            thing("persona:watched", status="CANDIDATE"),
            thing("objective:o"),
            link("persona_of", "persona:p", "segment:s"),
        ],
        ["persona:p", "segment:s"],
        [link("for_group", "objective:o", "persona:p")],
    ),
    "LINK_OLDER_THAN_EVIDENCE": (
        [
            thing("kpi:a"),
            thing("kpi:b"),
            link("affects", "kpi:a", "kpi:b", key="believed", sign=1, status="HYPOTHESIS"),
            link("affects", "kpi:b", "kpi:a", key="claimed", sign=1, status="TESTED"),
        ],
        ["affects:claimed"],
        [
            thing("link_evidence:e", link="claimed", method="EXPERT"),
            link("affects", "kpi:b", "kpi:a", key="claimed", sign=-1, status="TESTED"),
        ],
    ),
    "DATASET_OVER_LIMIT": (
        [
            thing("dataset:d", errorRate=0.03, maxErrorRate=0.02),
            thing("dataset:late", delayHours=25.0),
            thing("service_level:s", metric="DELAY", limit=1.0, unit="d", serviceKind="DATA"),
            link("level_of_data", "service_level:s", "dataset:late"),
        ],
        ["dataset:d", "dataset:late"],
        [
            thing("dataset:d", errorRate=0.02, maxErrorRate=0.02),
            thing("dataset:late", delayHours=24.0),
        ],
    ),
    "IDLE_PROCESS": (
        [thing("process:p"), thing("kpi:k")],
        ["process:p"],
        [link("drives", "process:p", "kpi:k", sign=1)],
    ),
    "CUSTOMER_WITHOUT_CAUSE": (
        [
            *PERSPECTIVES,
            thing("objective:o"),
            thing("kpi:k"),
            thing("kpi:between"),
            thing("kpi:inner"),
            link("objective_in_perspective", "objective:o", "perspective:c"),
            link("kpi_in_perspective", "kpi:inner", "perspective:i"),
            link("measured_by", "objective:o", "kpi:k"),
            link("component_of", "kpi:between", "kpi:k"),
            link("affects", "kpi:inner", "kpi:between", key="i/k", sign=1, status="REFUTED"),
        ],
        ["objective:o"],
        [link("affects", "kpi:inner", "kpi:between", key="i/k", sign=1, status="TESTED")],
    ),
    "MISSING_VALUE": (
        [
            thing("process:p"),
            thing("kpi:k"),
            thing("target:t"),
            link("drives", "process:p", "kpi:k"),
        ],
        ["drives:process:p/kpi:k", "target:t"],
        [thing("target:t", value=0.0), link("drives", "process:p", "kpi:k", sign=0)],
    ),
    "WEIGHTS_NOT_ONE": (
        [
            thing("objective:o"),
            thing("kpi:a"),
            thing("kpi:b"),
            thing("weight_set:w"),
            thing("weight:w/a", weight=0.4),
            link("has_weight", "weight_set:w", "weight:w/a"),
            link("measured_by", "objective:o", "kpi:a", weight=0.5),
            link("measured_by", "objective:o", "kpi:b", weight=0.4),
        ],
        ["objective:o", "weight_set:w"],
        [
            thing("weight:w/a", weight=1.0),
            link("measured_by", "objective:o", "kpi:b", weight=0.5),
        ],
    ),
    "CYCLE": (
        [
            *(thing(f"org_unit:{name}") for name in "abcd"),
            link("part_of", "org_unit:a", "org_unit:b"),
            link("part_of", "org_unit:b", "org_unit:c"),
            link("part_of", "org_unit:c", "org_unit:a"),
            link("part_of", "org_unit:d", "org_unit:a"),
        ],
        ["org_unit:a"],
        [link("part_of", "org_unit:c", "org_unit:a", year(2020), year(2021))],
    ),
    "OVERLAP": (
        [
            thing("series:s"),
            thing("target:t", value=1.0, targetKind="COMMITTED"),
            thing("target:u", year(2024), value=1.0, targetKind="COMMITTED"),
            thing("target:v", year(2024), value=1.0, targetKind="STRETCH"),
            *(link("has_target", "series:s", f"target:{name}") for name in "tuv"),
        ],
        ["target:u"],
        [thing("target:t", until=year(2024), value=1.0, targetKind="COMMITTED")],
    ),
}
"""By check: a graph, what is found in it, and the least that mends it."""
