"""The question how a lever reaches a perspective of the scorecard."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar

from pydantic import Field

from graph.errors import BadRequest
from graph.insight.traces import Reach, Trace, trace
from graph.ontology.strategy import Perspective
from graph.ontology.vocabulary import GlobalId
from graph.questions import Ask, Question
from graph.questions.subgraphs import Place, around
from graph.selection import Select


class TraceQuestion(Question):
    """The chains from one thing to the KPIs and objectives of a perspective, largest first."""

    name: ClassVar[str] = "trace"
    answers: ClassVar[Any] = Trace

    from_: GlobalId
    """Id of the cause: an initiative, process, KPI or objective."""
    to_perspective: GlobalId
    """Id of the perspective, for example perspective:financial."""
    group: GlobalId | None = None
    """Segment or persona; chains of every group, each with its links' own, if left out."""
    first: Annotated[int, Field(ge=1, le=100)] = 20
    """Chains at most, from 1 to 100."""

    async def answer(self, ask: Ask, select: Select) -> Any:
        """The trace, or None where there is no such thing or no such perspective."""
        if ask.store.ontology.kind_of(self.to_perspective) is not Perspective:
            wrong = self.to_perspective
            raise BadRequest(f"`{wrong}` is no perspective; write perspective:...")
        groups = [self.group] if self.group else []
        place = Place([self.from_], [self.to_perspective], groups, placed=True)
        walk = await around(ask, self, select, place)
        if walk is None:
            return None
        reach = Reach(self.from_, self.group, self.first)
        value = trace(walk.causes, reach, walk.within(self.to_perspective))
        return walk.found.tell(value)
