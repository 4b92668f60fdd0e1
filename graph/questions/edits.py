"""Edits of causal links as a question gives them, and how one that cannot be made is told."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Annotated, Self

from pydantic import Field, model_validator

from graph.errors import BadRequest
from graph.insight.causal import CauseEdge
from graph.insight.edits import Add, Edit, EditRefused, MissingLink, Remove, Retire, Reweigh
from graph.ontology import Ontology
from graph.ontology.vocabulary import AnyKind, GlobalId, Input
from graph.ontology.work import Sign

LARGEST = 1e12
Size = Annotated[float, Field(ge=-LARGEST, le=LARGEST, allow_inf_nan=False)]
Doubt = Annotated[float, Field(ge=0, le=LARGEST, allow_inf_nan=False)]
Months = Annotated[int, Field(ge=0, le=120)]


class ReweighInput(Input):
    """A link gets another weight."""

    link: GlobalId
    """Id of the link."""
    weight: Size
    """Change of its target for +1 of its source."""
    se: Doubt | None = None
    """Standard error of the weight; taken for certain if left out."""


class AddLinkInput(Input):
    """A link that is not there."""

    from_: GlobalId
    """Id of what moves."""
    to: GlobalId
    """Id of what is moved."""
    group: GlobalId | None = None
    """Segment or persona for which alone it holds; for all if left out."""
    weight: Size | None = None
    """Change of the target for +1 of the source."""
    sign: Sign | None = None
    """Where no weight is known: 1 the same way, -1 the other way, 0 unknown."""
    lag: Months = 0
    """Delay in months, 0 to 120."""
    se: Doubt | None = None
    """Standard error of the weight; taken for certain if left out."""

    @model_validator(mode="after")
    def _sized_or_signed(self) -> Self:
        if (self.weight is None) == (self.sign is None):
            raise ValueError("must have either a weight or, where none is known, a sign")
        if self.weight is None and self.se is not None:
            raise ValueError("has a standard error of no weight; leave `se` out")
        if self.from_ == self.to:
            raise ValueError("must lead from one thing to another")
        return self

    def edge(self, number: int) -> CauseEdge:
        """The link under an id of its own."""
        weight, sign = self.weight, self.sign or 0
        return CauseEdge(
            id=f"affects:what_if;/{number}",
            from_=self.from_,
            to=self.to,
            group=self.group,
            sign=sign if weight is None else (weight > 0) - (weight < 0),
            weight=weight,
            se=self.se,
            lag=self.lag,
        )


class EditInput(Input):
    """An edit: exactly one of its fields."""

    reweigh: ReweighInput | None = None
    """A link gets another weight."""
    remove: GlobalId | None = None
    """Id of a link that is taken away."""
    add: AddLinkInput | None = None
    """A link that is not there."""
    retire: GlobalId | None = None
    """Id of a thing that is taken away, with all links from and to it."""

    @model_validator(mode="after")
    def _one(self) -> Self:
        said = [name for name in type(self).model_fields if getattr(self, name) is not None]
        if len(said) != 1:
            raise ValueError("must have exactly one of reweigh, remove, add and retire")
        return self

    def edit(self, number: int) -> Edit:
        """The edit as arithmetic takes it."""
        if self.reweigh:
            return Reweigh(self.reweigh.link, self.reweigh.weight, self.reweigh.se)
        if self.add:
            return Add(self.add.edge(number))
        return Remove(self.remove) if self.remove else Retire(self.retire or "")


def refused(error: EditRefused, edits: Sequence[Edit]) -> BadRequest:
    """The error for the person who asked: it names the last edit of that link or thing."""
    number = max(at for at, edit in enumerate(edits) if error.of == _touched(edit))
    said = f"`edits.{number}` is refused: {error}"
    if isinstance(error, MissingLink):
        said += " (only links along which the changes `of` can travel are known)"
    return BadRequest(said)


def _touched(edit: Edit) -> str:
    if isinstance(edit, Add):
        return edit.edge.id
    return edit.node if isinstance(edit, Retire) else edit.link


def causal_ends(ontology: Ontology, sources: Iterable[str], targets: Iterable[str]) -> None:
    """Raise BadRequest for the id of something that moves nothing, or that nothing moves."""
    movers = {kind for link in ontology.causal for kind in ontology.sources(link)}
    moved = {kind for link in ontology.causal for kind in ontology.targets(link)}
    _of_kinds(ontology, sources, movers, "moves nothing")
    _of_kinds(ontology, targets, moved, "is moved by nothing")


def _of_kinds(ontology: Ontology, ids: Iterable[str], kinds: set[AnyKind], else_: str) -> None:
    for id_ in ids:
        if ontology.kind_of(id_) not in kinds:
            words = ", ".join(sorted(f"{kind.word}:..." for kind in kinds))
            raise BadRequest(f"`{id_}` {else_}; write one of {words}")
