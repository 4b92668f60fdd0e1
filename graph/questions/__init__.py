"""Questions: what may be asked, checked, and how each is answered with one statement."""

from __future__ import annotations

from asyncio import Semaphore, timeout
from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from math import inf
from typing import Annotated, Any, ClassVar, TypeVar

from pydantic import AfterValidator

from graph.compile import Compiler
from graph.errors import BadRequest, Unavailable
from graph.fragments import Fragments
from graph.hidden import NOTHING_HIDDEN, Hidden
from graph.looks import UNPREPARED
from graph.ontology.vocabulary import Input
from graph.preparing import Make, Prepared, prepared
from graph.selection import Select
from graph.shapes import Context, Shape
from graph.sight import Sight, limits
from graph.store import Store
from graph.times import FAR, Moment, utc
from graph.viewers import EVERYONE, Viewer

PATIENCE, ALLOWED = 15.0, 10.0
"""Seconds that a silent database is waited for, and that it may work on one statement."""
TRIES = 5
"""Times that a question is asked while others publish changes."""
AT_ONCE = 4
"""Statements that one request has in the database at a time."""

T = TypeVar("T")
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
    patience: float = PATIENCE
    """Seconds that a database which has gone silent is waited for."""
    turns: Semaphore = field(default_factory=lambda: Semaphore(AT_ONCE))
    """Statements of one request take turns, or a long document would starve itself."""
    allowed: float = ALLOWED
    """Seconds that it may work on one statement."""
    commits: set[int] = field(default_factory=set)
    """The newest commits that its statements read."""
    own: set[str] = field(default_factory=set)
    """Root fields of which no answer may be given again."""

    @classmethod
    def of(cls, store: Store, viewer: Viewer = EVERYONE, left: float = inf) -> Ask:
        """A request that begins now, and has so many seconds left."""
        return cls(
            store, datetime.now(UTC), viewer, min(PATIENCE, left), allowed=min(ALLOWED, left)
        )

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

    def prepared(
        self, moment: Moment, select: Select, make: Make[T], *given: Hashable
    ) -> Prepared[T]:
        """What `make` compiles of what is given and a selection; kept for who asks the same."""
        ontology = self.store.ontology
        fragments = Fragments.at(moment, self.viewer, ontology)
        return prepared(ontology, fragments, make, given, select)

    async def read(
        self, text: str, bound: Mapping[str, Any], moment: Moment, **parameters: Any
    ) -> tuple[Any, Context]:
        """The answer of a statement and the moment that was read. Raises Unavailable."""
        given = {**bound, **moment.parameters(), **parameters}
        row, hidden = await self._seen(text, given)
        self.commits.add(row["k"])
        known = row["k"] if moment.known is None else moment.known
        return row["answer"], Context(Moment(moment.valid, known), hidden)

    async def tell(self, made: Prepared[Shape], moment: Moment, **parameters: Any) -> Any:
        """Read and build."""
        answer, context = await self.read(made.text, made.parameters, moment, **parameters)
        return None if answer is None else made.answer.build(answer, context)

    async def once(self, text: str, shape: Shape, compiler: Compiler, moment: Moment) -> Any:
        """Read and build what was compiled for this one question."""
        answer, context = await self.read(text, compiler.parameters, moment)
        return None if answer is None else shape.build(answer, context)

    async def _seen(self, text: str, given: Mapping[str, Any]) -> tuple[Mapping[str, Any], Hidden]:
        """The row of a statement, without what is hidden.

        It has none where something else is published than what is hidden was found for: then it
        is asked again.
        """
        sight = self.viewer.sight
        if not limits(sight) and sight.least < 2:
            if row := await self._row(text, given):
                return row, NOTHING_HIDDEN
            raise Unavailable(UNPREPARED)
        hidden = None
        for _ in range(TRIES):
            hidden = await self._hidden(sight, hidden)
            told = {"hidden": hidden.ids, "small": hidden.small, "head": hidden.head}
            if row := await self._row(text, {**given, **told}):
                return row, hidden
            if not hidden.head:
                raise Unavailable(UNPREPARED)
        raise Unavailable("the graph changes faster than it can be read; try again in a moment")

    async def _hidden(self, sight: Sight, stale: Hidden | None) -> Hidden:
        try:
            async with timeout(self.patience):
                return await self.store.hiding.of(sight, stale)
        except TimeoutError:
            raise Unavailable("the database does not answer; try again in a moment") from None

    async def _row(self, text: str, given: Mapping[str, Any]) -> Mapping[str, Any] | None:
        try:
            async with self.turns, timeout(self.patience):
                return await self.store.read(text, given, self.allowed)
        except TimeoutError:
            raise Unavailable("the database does not answer; try again in a moment") from None


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
