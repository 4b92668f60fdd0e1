"""What is kept off the scorecard."""

from __future__ import annotations

from datetime import date, datetime

from graph.insight.answers import NodeId
from graph.insight.succession import DecisionId
from graph.ontology.vocabulary import Value


class Exclusion(Value):
    """Something that is known and kept off the scorecard by decision."""

    of: NodeId
    """What is kept off."""
    since: datetime
    """Since when it has been so in this state."""
    reason: str | None = None
    """Why."""
    evidence: tuple[str, ...] = ()
    """What the reason rests on."""
    decision: DecisionId | None = None
    """The decision behind it."""
    review_at: date | None = None
    """Day on which it is to be looked at again; null if none was set."""
    due: bool
    """Whether that day has come at the asked time."""


def parts(text: str | None) -> tuple[str, ...]:
    """The parts of a text that are joined by `;`."""
    return tuple(part.strip() for part in (text or "").split(";") if part.strip())
