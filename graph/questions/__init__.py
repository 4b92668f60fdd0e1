"""Questions: what may be asked, checked, and how each is answered with one statement."""

from __future__ import annotations

from asyncio import Semaphore, timeout
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Annotated, Any, ClassVar

from pydantic import AfterValidator

from graph.compile import Compiler
from graph.errors import BadRequest, Unavailable
from graph.fragments import EVERYONE, Fragments, Viewer
from graph.ontology.vocabulary import Input
from graph.selection import Select
from graph.shapes import Context, Shape
from graph.store import Store
from graph.times import FAR, Moment, utc

AT_ONCE = 4
"""Statements that one request has in the database at a time."""

When = Annotated[datetime, AfterValidator(utc)]


class AsOf(Input):
    """A point on both time axes; both default to now."""

    valid_at: When | None = None
    """When it held in the world."""
    known_at: When | None = None
    """What was known then."""

    @property
    def said(self) -> bool:
        """Whether a time was named."""
        return self.valid_at is not None or self.known_at is not None


@dataclass(frozen=True, slots=True)
class Ask:
    """Who asks, of which store, and the one instant that is `now` for the whole request."""

    store: Store
    now: datetime
    viewer: Viewer = EVERYONE
    patience: float = 15.0
    """Seconds that a database which has gone silent is waited for."""
    turns: Semaphore = field(default_factory=lambda: Semaphore(AT_ONCE))
    """Statements of one request take turns, or a long document would starve itself."""
    allowed: float = 10.0
    """Seconds that it may work on one statement."""

    @classmethod
    def of(cls, store: Store, viewer: Viewer = EVERYONE) -> Ask:
        """A request that begins now."""
        return cls(store, datetime.now(UTC), viewer)

    def moment(self, as_of: AsOf | None) -> Moment:
        """The asked moment. Raises BadRequest for a knowledge that nobody can have yet."""
        if as_of is None or not as_of.said:
            return Moment(self.now, now=True)
        known = as_of.known_at
        if known and known > self.now:
            raise BadRequest(
                "`asOf.knownAt` lies in the future; nobody knows yet what will be known"
            )
        valid = as_of.valid_at or self.now
        if valid >= FAR:
            raise BadRequest(
                "`asOf.validAt` lies beyond the end of all things; write an earlier year"
            )
        return Moment(valid, known)

    def compiler(self, moment: Moment) -> Compiler:
        """A compiler of one statement at that moment for this viewer."""
        ontology = self.store.ontology
        return Compiler(ontology, Fragments.at(moment, self.viewer, ontology))

    async def read(
        self, text: str, compiler: Compiler, moment: Moment, **parameters: Any
    ) -> tuple[Any, Context]:
        """The answer of a statement and the moment that was read. Raises Unavailable."""
        given = {**compiler.parameters, **moment.parameters(), **parameters}
        row = await self._row(text, given)
        known = row["k"] if moment.known is None else moment.known
        return row["answer"], Context(Moment(moment.valid, known))

    async def tell(self, text: str, shape: Shape, compiler: Compiler, moment: Moment) -> Any:
        """Read and build."""
        answer, context = await self.read(text, compiler, moment)
        return None if answer is None else shape.build(answer, context)

    async def _row(self, text: str, given: Mapping[str, Any]) -> Mapping[str, Any]:
        try:
            async with self.turns, timeout(self.patience):
                row = await self.store.read(text, given, self.allowed)
        except TimeoutError:
            raise Unavailable("the database does not answer; try again in a moment") from None
        if row is None:
            raise Unavailable("the database is not prepared; run: goldenthread migrate")
        return row


class Question(Input):
    """A root field: its arguments with their rules, and the answer it gives."""

    name: ClassVar[str]
    answers: ClassVar[Any]
    timed: ClassVar[bool] = True
    """Whether it may be asked as of some time."""

    as_of: AsOf | None = None
    """When; now if left out."""

    async def answer(self, ask: Ask, select: Select) -> Any:
        """A mapping by alias, or None where there is nothing to tell."""
        raise NotImplementedError
