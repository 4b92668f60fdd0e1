"""What a mutation answers: a receipt, or an error that is told as data."""

from __future__ import annotations

from datetime import datetime
from typing import NoReturn

from graph.insight.past import Change
from graph.ontology.terms import Term
from graph.ontology.vocabulary import Value


class ErrorCode(Term):
    """Why nothing was written."""

    INVALID = "A value breaks a rule of its field, or one that is needed is missing."
    NOT_THERE = "There is no such thing or link."
    NOT_IN_FORCE = "It is not in force at that time; what has ended is restored before it changes."
    ALREADY_THERE = "It is there already."
    RULE_BROKEN = "What would hold then breaks a rule across things."
    STALE = "It was changed after you had read it."
    KEY_TAKEN = "The key stands for another change."


class Problem(Value):
    """One thing that is wrong, and where."""

    of: str | None = None
    """Global id of the thing or link that it is about."""
    field: str | None = None
    """Field of the input, as it is written there."""
    value: str | None = None
    """What was given."""
    rule: str
    """The rule that it breaks."""

    def __str__(self) -> str:
        where = ": ".join(part for part in (self.of, self.field) if part)
        given = f" {self.value[:80]!r}" if self.value is not None else ""
        return f"{where}{given} {self.rule}".strip()


class UserError(Value):
    """Something that the one who asked can put right; nothing was written."""

    code: ErrorCode
    """Which sort of error."""
    message: str
    """What is wrong, which one, and what to do."""
    of: str | None = None
    """Global id of the thing or link that it is about."""
    field: str | None = None
    """Field of the input, as it is written there."""
    value: str | None = None
    """What was given."""
    rule: str
    """The rule that it breaks."""
    problems: tuple[Problem, ...]
    """Everything that was found wrong; the fields above tell the first."""


class InvalidInput(UserError):
    """A value of the input breaks a rule, whatever is stored."""


class NotThere(UserError):
    """Something that is spoken of does not exist, or is not in force."""


class RuleBroken(UserError):
    """The graph would break a rule: shares, circles, what must stand alone, successors."""


class RevisionConflict(UserError):
    """Somebody changed it after you had read it."""

    seen: int
    """The revision that you gave."""
    revision: int
    """The revision that it has."""


class KeyConflict(UserError):
    """The key was used for another change; take a new one."""


class SideEffect(Value):
    """What else follows from a change, without being written."""

    of: str
    """Global id of the thing or link that is touched."""
    told: str
    """What becomes of it."""


class Receipt(Value):
    """What a mutation did; of a dry run, what it would do."""

    sequence: int
    """The commit that readers now see; 0 for a dry run."""
    at: datetime | None = None
    """Since when it is known; null where nothing was written."""
    entry: int | None = None
    """Number of the audit entry; null where nothing was written."""
    dry_run: bool = False
    """Whether nothing was written because only a dry run was asked."""
    repeated: bool = False
    """Whether this is the receipt of an earlier mutation under the same key."""
    created: int = 0
    """Things and links that were not there before."""
    changed: int = 0
    """Things and links of which something is otherwise now."""
    ended: int = 0
    """Things and links that hold no longer from some time on."""
    unchanged: int = 0
    """Things and links that were so already."""
    changes: tuple[Change, ...] = ()
    """What is otherwise, in the words of history; sequence, entry and hash are 0 and empty where
    nothing was written. A repeat tells none: ask the `history` of what you wrote."""
    effects: tuple[SideEffect, ...] = ()
    """What else follows: links that count no longer, because something at their end is over."""


ERRORS: tuple[type[UserError], ...] = (
    InvalidInput,
    NotThere,
    RuleBroken,
    RevisionConflict,
    KeyConflict,
)


class Wrong(Exception):
    """Ends a mutation that cannot be done, with the error that is told as data."""

    def __init__(self, error: UserError) -> None:
        super().__init__(error.message)
        self.error = error


def wrong(sort: type[UserError], code: ErrorCode, *problems: Problem) -> NoReturn:
    """Raise Wrong with an error of some sort for these problems."""
    first, more = problems[0], len(problems) - 1
    message = f"{first}, and {more} more" if more else str(first)
    raise Wrong(
        sort(
            code=code,
            message=message,
            problems=problems,
            of=first.of,
            field=first.field,
            value=first.value,
            rule=first.rule,
        )
    )


def invalid(of: str | None, field: str | None, value: object, rule: str) -> NoReturn:
    """Raise Wrong for a value that breaks a rule of its own."""
    given = None if value is None else str(value)
    problem = Problem(of=of, field=field, value=given, rule=rule)
    wrong(InvalidInput, ErrorCode.INVALID, problem)


def absent(of: str, field: str, rule: str = "does not exist") -> NoReturn:
    """Raise Wrong for something that is not there."""
    wrong(NotThere, ErrorCode.NOT_THERE, Problem(of=of, field=field, value=of, rule=rule))


def over(of: str, field: str, rule: str) -> NoReturn:
    """Raise Wrong for something that is not in force."""
    wrong(NotThere, ErrorCode.NOT_IN_FORCE, Problem(of=of, field=field, value=of, rule=rule))
