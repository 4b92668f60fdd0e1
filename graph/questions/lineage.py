"""Lineage: one statement walks the flow of data, arithmetic tells what hangs together."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Annotated, Any, ClassVar

from pydantic import Field

from graph.errors import BadRequest
from graph.insight.lineage import Direction, Lineage, LineageEdge, Walked, lineage
from graph.ontology import Ontology
from graph.ontology.terms import Layer
from graph.ontology.vocabulary import GlobalId
from graph.questions import Ask, Question
from graph.questions.fetching import fetch
from graph.selection import Select
from graph.times import utc

ROWS = 2_000
"""Things that one walk may find."""

Depth = Annotated[int, Field(ge=1, le=50)]
Few = Annotated[int, Field(ge=1, le=100)]


class LineageQuestion(Question):
    """Where something comes from, or who uses it, as the graph stood and was known."""

    name: ClassVar[str] = "lineage"
    answers: ClassVar[Any] = Lineage

    of: GlobalId
    """Id of the thing to begin with. What has ended is told as of its last instant, unless
    `asOf.validAt` names another."""
    direction: Direction = Direction.UPSTREAM
    """To the origins, or to the users."""
    layers: tuple[Layer, ...] | None = None
    """Layers to tell; all if left out. The walk passes through the others all the same."""
    max_depth: Depth = 20
    """Hops at most, from 1 to 50."""

    async def answer(self, ask: Ask, select: Select) -> Any:
        """The lineage, or None where there is no such thing."""
        ontology = ask.store.ontology
        _layered(ontology, self.of)
        words = _flow(ontology, self.direction, self.max_depth)
        ended = self.as_of is None or self.as_of.valid_at is None
        owned = any(one.asked("owners") for one in select.asked("edges"))
        given = {"of": self.of, "rows": ROWS, "ended": ended, "owned": owned}
        found = await fetch(ask, self, "lineage", select, words, **given)
        if not found.row["seen"]:
            return None

        def work() -> Lineage:
            return lineage(_walked(ontology, self, found.row), self.layers, self.direction)

        return found.tell(found.worked(ontology, work))


def _walked(ontology: Ontology, question: LineageQuestion, row: Any) -> Walked:
    owning: defaultdict[str | None, list[str]] = defaultdict(list)
    for thing, role in row["owning"]:
        owning[thing].append(role)
    owners = {thing: tuple(sorted(roles)) for thing, roles in owning.items()}
    upstream = question.direction is Direction.UPSTREAM
    return Walked(
        question.of,
        row["seen"],
        [_edge(ontology, upstream, owners, *edge) for edge in row["edges"]],
        row["cut"],
        {id_: kind.layer for id_ in row["seen"] if (kind := ontology.kind_of(id_)) and kind.layer},
        question.max_depth,
        row["full"],
        utc(row["ended"].to_native()) if row["ended"] else None,
    )


def _edge(
    ontology: Ontology,
    upstream: bool,
    owners: Mapping[str | None, tuple[str, ...]],
    id_: str,
    far: str,
    near: str,
    transformation: str | None,
    delay: float | None,
    job: str | None,
) -> LineageEdge:
    from_, to = (far, near) if upstream else (near, far)
    made_by = f"job:{job}" if job else None
    answering = made_by if made_by in owners else to if to in owners else from_
    return LineageEdge(
        id=id_,
        from_=from_,
        to=to,
        link=id_.partition(":")[0].upper(),
        transformation=transformation,
        delay_hours=delay,
        job=made_by,
        owners=owners.get(answering, ()),
    )


def _layered(ontology: Ontology, id_: str) -> None:
    kind = ontology.kind_of(id_)
    if kind and kind.layer is None:
        words = ", ".join(word for word, kind in ontology.kinds.items() if kind.layer)
        raise BadRequest(f"`of: {id_}` is no part of lineage, which runs among {words}")


def _flow(ontology: Ontology, direction: Direction, depth: int) -> dict[str, str]:
    """Stored flows all point with the data: against them upstream, along them downstream."""
    upstream = direction is Direction.UPSTREAM
    return {
        "flowing": "|".join(link.type for link in ontology.flowing),
        "layered": "|".join(kind.label for kind in ontology.kinds.values() if kind.layer),
        "into": "<" if upstream else "",
        "out": "" if upstream else ">",
        "depth": str(depth),
    }
