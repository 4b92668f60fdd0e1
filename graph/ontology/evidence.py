"""What causal links rest on: tests, experiments, judgement and literature."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from graph.ontology.terms import Access
from graph.ontology.vocabulary import Key, Period, Record, Refers, Share, Unit
from graph.ontology.work import EvidenceMethod

Weight = Annotated[float, Unit("target unit per source unit")]


class LinkEvidence(Record):
    """What speaks for the size of a causal link, or against it."""

    access = Access.INTERNAL
    table = "link_evidence"

    link: Annotated[Key, Refers("affects", told="evidence", belongs=True)]
    """The causal link."""
    method: EvidenceMethod
    """How it was found."""
    estimate: Weight | None = None
    """Estimated weight."""
    se: Annotated[Weight, Field(ge=0)] | None = None
    """Standard error of the estimate."""
    n: Annotated[int, Field(ge=0), Unit("count")] | None = None
    """Observations used."""
    p_value: Share | None = None
    """Chance of such an estimate where there is no effect."""
    q_value: Share | None = None
    """The same with many links tested (Benjamini & Hochberg 1995)."""
    window_from: Period | None = None
    """First period used."""
    window_to: Period | None = None
    """Last period used."""
    citation: str | None = None
    """Where it is from."""
