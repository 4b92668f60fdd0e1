"""Whether the record of changes holds."""

from __future__ import annotations

from asyncio import timeout
from typing import Any, ClassVar

from graph.errors import TimedOut
from graph.ontology.vocabulary import Value
from graph.proving import Proof
from graph.questions import Ask, Question
from graph.selection import Select
from graph.shapes import Context
from graph.shaping import Places


class AuditVerification(Value):
    """Whether every entry of the audit follows on the one before, and the graph on them all."""

    intact: bool
    """False where something was altered, removed, added or put in another place."""
    entries: int
    """Entries looked at."""
    first_bad: int | None = None
    """Number of the first entry that does not hold."""
    explanation: str
    """What was found, in words."""


class VerifyAuditQuestion(Question):
    """Follows the whole audit. Signed checkpoints are compared by `goldenthread audit verify`."""

    name: ClassVar[str] = "verify_audit"
    answers: ClassVar[Any] = AuditVerification
    timed: ClassVar[bool] = False

    thorough: bool = False
    """Also hash every change again and compare it with the graph; slow for large graphs."""

    async def answer(self, ask: Ask, select: Select) -> Any:
        """The verdict. Raises TimedOut where the audit is too long to be followed in a request."""
        proof = Proof(ask.store.answer, ask.store.ontology, self.thorough)
        try:
            async with timeout(ask.allowed):
                found = await proof.verdict()
        except TimeoutError:
            raise TimedOut(
                "the audit is too long for one request; run: goldenthread audit verify"
            ) from None
        value = AuditVerification(
            intact=found.intact,
            entries=found.entries,
            first_bad=found.first_bad,
            explanation=found.explanation,
        )
        moment = ask.moment(None)
        places = Places(ask.compiler(moment), AuditVerification, select.fields)
        return places.tell(value, select.fields, {}, Context(moment))
