"""Which row is to blame where several break a rule together, and in what words."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from graph.ontology.vocabulary import Declared, camel
from loaders.facts import Fact
from loaders.lives import facts_of
from loaders.report import Place, Problem
from loaders.spool import Spool

SHOWN = 10
"""Other rows that a problem names."""


class Blame(Protocol):
    """Finds what is to blame among what was said."""

    def last(self, ids: Iterable[str]) -> Fact | None:
        """The last that says something of one of these."""
        ...

    def where(self, fact: Fact, id_: str) -> str:
        """Where something else was said, as seen from a fact; or that it is stored."""
        ...

    def beside(self, fact: Fact, ids: Iterable[str]) -> str:
        """Where the others were said, as seen from a fact; or nothing."""
        ...


@dataclass(frozen=True, slots=True)
class Rows:
    """Where the load says what."""

    spool: Spool

    def last(self, ids: Iterable[str]) -> Fact | None:
        """The last row that says something of one of these."""
        found = [fact for id_ in ids for fact in facts_of(self.spool, id_)]
        return max(found, key=lambda fact: (fact.place.file, fact.place.row), default=None)

    def where(self, fact: Fact, id_: str) -> str:
        """Where something else stands, as seen from a row; or that it is stored."""
        if near := self.beside(fact, [id_]):
            return near
        other = self.last([id_])
        return f" ({other.place.file}, row {other.place.row})" if other else ", which is stored,"

    def beside(self, fact: Fact, ids: Iterable[str]) -> str:
        """Where the others stand, as seen from a row: ` (rows 5, 6)`, or nothing."""
        others = [other for id_ in ids for other in facts_of(self.spool, id_)]
        table = _table(fact)
        near = sorted({o.place.row for o in others if _table(o) == table} - {fact.place.row})
        if not near:
            return ""
        more = ", ..." if len(near) > SHOWN else ""
        return f" ({'rows' if len(near) > 1 else 'row'} {', '.join(map(str, near[:SHOWN]))}{more})"


def _table(fact: Fact) -> Place:
    """Where a row stands but for the row itself."""
    return fact.place._replace(row=0, column="", value="")


def at(fact: Fact, declared: type[Declared], field: str, rule: str) -> Problem:
    """A problem with a field of a row, or with what the row says where it has no such field."""
    value = fact.piece.state.get(camel(field))
    if value is None:
        return fact.place.breaks(rule)
    column = declared.model_fields[field].alias or field
    return fact.place._replace(column=column, value=f"{value}").breaks(rule)
