"""Whether what a mutation says may hold: what it names is there, and no rule breaks."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from graph.changes import Change, Piece
from graph.ontology.vocabulary import camel
from loaders import rules
from loaders.facts import Fact
from loaders.mutations.outcomes import ErrorCode, NotThere, Problem, RuleBroken, wrong
from loaders.mutations.working import Working, cover
from loaders.report import Place
from loaders.report import Problem as RowProblem
from loaders.ruled import ruled, spoken_of

TOGETHER = "; say all that belongs together at once, by one `link` or one `recordDecision`"

HIDDEN = "would break a rule together with what you may not see"


async def judge(work: Working, changes: Sequence[Change]) -> None:
    """Raise Wrong where something that is named is missing, or a rule would break."""
    asked = {id_ for id_ in work.mentions if not work.known(id_)}
    gone = await work.near.missing(asked) if asked else set()
    if absent := sorted(gone | await work.conceals(work.mentions)):
        problems = (_missing(id_, work.mentions[id_]) for id_ in absent)
        wrong(NotThere, ErrorCode.NOT_THERE, *problems)
    work.judged |= _touches(work, changes)
    words = spoken_of(work.ontology)
    ours = [change for change in changes if change.id.partition(":")[0] in words]
    if broken := await rules.judged(work.near, ours, Said(changes)):
        told = [_told(one) for one in broken]
        if await work.conceals(id_ for one in told for id_ in _ids(one)):
            told = [Problem(rule=HIDDEN)]
        wrong(RuleBroken, ErrorCode.RULE_BROKEN, *told)


@dataclass(frozen=True, slots=True)
class Said:
    """What is to blame where the changes of a mutation break a rule: the last of them."""

    changes: Sequence[Change]

    def last(self, ids: Iterable[str]) -> Fact | None:
        """What the last change says that speaks of one of these."""
        asked = set(ids)
        found = [change for change in self.changes if change.id in asked]
        return _fact(found[-1]) if found else None

    def where(self, fact: Fact, id_: str) -> str:
        """Whether something else is said here too, or is stored."""
        return "" if self.last([id_]) else ", which is stored,"

    def beside(self, fact: Fact, ids: Iterable[str]) -> str:
        """Nothing: a mutation has no rows."""
        return ""


def _fact(change: Change) -> Fact:
    """What a change says last, placed by its id."""
    pieces = change.pieces or (Piece(change.since, change.until, {}),)
    place = Place(change.id, 1, "", change.id)
    return Fact(change.id, pieces[-1], None, place, change.ends, retracted=not change.pieces)


def _ids(problem: Problem) -> list[str]:
    """What looks like an id in what is wrong."""
    return re.findall(r"[a-z_]+:[^\s,;]+", f"{problem.of} {problem.value} {problem.rule}")


def _missing(id_: str, field: str) -> Problem:
    return Problem(of=id_, field=field, value=id_, rule="does not exist")


def _told(problem: RowProblem) -> Problem:
    of, field = problem.file, problem.column or None
    value = None if problem.value == of else problem.value
    hint = TOGETHER if "sum to 1" in problem.rule else ""
    return Problem(of=of, field=field and camel(field), value=value, rule=problem.rule + hint)


def _touches(work: Working, changes: Iterable[Change]) -> bool:
    """Whether rules were judged that others may break meanwhile by changing something else."""
    ruling = ruled(work.ontology)
    for change in changes:
        before, word = work.before(change.id), change.id.partition(":")[0]
        lived = cover(before) == cover(work.after(change.id))
        if word in ruling or (not change.ends and before and not lived):
            return True
    return False
