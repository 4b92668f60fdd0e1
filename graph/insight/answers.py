"""Parts that several computed answers share."""

from __future__ import annotations

from typing import Annotated

from graph.ontology.terms import Term
from graph.ontology.vocabulary import GlobalId, Refers, Value

NodeId = Annotated[GlobalId, Refers()]
"""A thing of any kind; the API answers the thing itself."""
GroupId = Annotated[GlobalId, Refers("segment", "persona")]


class ClipReason(Term):
    """What ended a walk before everything was seen."""

    DEPTH = "The asked depth."
    PATHS = "The number of paths."
    TIME = "The time allowed."
    ROWS = "The number of things."


class Completeness(Value):
    """Whether an answer is the whole answer."""

    complete: bool
    """True if nothing was left out but what the asker may not see."""
    reason: ClipReason | None = None
    """What ended the walk, where it was ended."""
    explored: int
    """How many things or paths were looked at."""
    frontier: tuple[GlobalId, ...] = ()
    """Ids of things beyond which there is more."""
