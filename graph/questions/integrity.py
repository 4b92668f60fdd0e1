"""What is wrong with the graph: every asked check in one statement, judged by arithmetic."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, ClassVar

from graph.declared_checks import DeclaredChecks, required
from graph.errors import BadRequest
from graph.guard import check
from graph.insight.checks import IntegrityCheck, IntegrityFinding
from graph.insight.integrity import MOST, findings
from graph.ontology import Ontology
from graph.ontology.vocabulary import Link
from graph.questions import Ask, Question
from graph.selection import Select, wants
from graph.shaping import Places
from queries import CHECKS

THINGS = 20_000
"""Things that one check may walk through."""
EDGES = 20_000
"""Links that may be part of a circle."""
ALLOWED = 30.0
"""Seconds for the statement: a database that has just started plans all checks for some."""

_OPENING, _CLOSING = "{moment}", "AS found\n}\nRETURN found AS answer, k"
_DECLARED: Mapping[IntegrityCheck, Callable[[DeclaredChecks], str]] = {
    IntegrityCheck.MISSING_VALUE: DeclaredChecks.missing,
    IntegrityCheck.WEIGHTS_NOT_ONE: DeclaredChecks.not_one,
    IntegrityCheck.CYCLE: DeclaredChecks.circles,
    IntegrityCheck.OVERLAP: DeclaredChecks.together,
}


def _part(name: str, text: str) -> str:
    """The subquery of a check, answering under its name, so that several can be joined."""
    check(name, text)
    body = text.partition(_OPENING)[2].strip()
    if not body.endswith(_CLOSING):
        raise ValueError(f"{name} does not end with {_CLOSING}")
    return f"{body.removesuffix(_CLOSING)}AS {name.upper()}\n}}"


_WRITTEN = {IntegrityCheck[name.upper()]: _part(name, text) for name, text in CHECKS.items()}


class IntegrityQuestion(Question):
    """What is wrong with the scorecard: things without what they need, and broken rules."""

    name: ClassVar[str] = "integrity"
    answers: ClassVar[Any] = tuple[IntegrityFinding, ...]

    checks: tuple[IntegrityCheck, ...] | None = None
    """What to look for; everything if left out."""

    async def answer(self, ask: Ask, select: Select) -> Any:
        """Findings in order of checks, then of ids."""
        ask = replace(ask, allowed=ALLOWED, patience=ALLOWED + 5)
        checks = [one for one in IntegrityCheck if self.checks is None or one in self.checks]
        moment = ask.moment(self.as_of)
        compiler = ask.compiler(moment)
        ontology = ask.store.ontology
        links = {"of": _links(ontology, checks)}
        wanted = select.fields if select.asked("of") else (*select.fields, *wants("of.id"))
        places = Places(compiler, IntegrityFinding, wanted, links)
        declared = DeclaredChecks(ontology, compiler.fragments)
        words = {"places": places.expression, "linked": places.linked("found")}
        text = compiler.fragments.expand(_statement(checks, declared), **words)
        limits = {"most": MOST + 1, "things": THINGS, "edges": EDGES}
        bound = {**compiler.parameters, **limits, **declared.parameters()}
        row, context = await ask.read(text, bound, moment)
        things = places.gathered(row["things"], row["linked"])
        return [
            places.tell(one, select.fields, things, context)
            for name in checks
            for one in findings(name, _whole(name, row["facts"][name.name]))
            if one.of in things
        ]


def _statement(checks: Sequence[IntegrityCheck], declared: DeclaredChecks) -> str:
    """One statement of the asked checks, then of the things that they found."""
    parts = [_OPENING]
    for one in checks:
        if one in _WRITTEN:
            parts.append(_WRITTEN[one])
        else:
            parts.append(f"CALL (t, k, known) {{ {_DECLARED[one](declared)} AS {one.name} }}")
    rows = " + ".join(f"{one.name}.rows" for one in checks) or "[]"
    facts = ", ".join(f"{one.name}: {one.name}" for one in checks)
    parts.append(
        f"WITH *, {rows} AS rows"
        " CALL (rows, t, k, known) { UNWIND rows AS row UNWIND [row.of] + row.others AS id"
        " WITH DISTINCT id, t, k, known MATCH (n:Identity {id: id})"
        " WITH n, t, k, known, {state(n)} AS s WHERE s IS NOT NULL"
        " RETURN collect({places}) AS things }"
        " WITH *, [row IN rows | row.of] AS found"
        f" RETURN {{facts: {{{facts}}}, things: things, linked: {{linked}}}} AS answer, k"
    )
    return "\n".join(parts)


def _links(ontology: Ontology, checks: Iterable[IntegrityCheck]) -> list[type[Link]]:
    """Links that the asked checks may find."""
    found: set[str] = set()
    if IntegrityCheck.LINK_OLDER_THAN_EVIDENCE in checks:
        found |= {"affects"} & ontology.links.keys()
    if IntegrityCheck.MISSING_VALUE in checks:
        found |= required(ontology.links.values()).keys()
    return [ontology.links[word] for word in sorted(found)]


def _whole(name: IntegrityCheck, facts: Mapping[str, Any]) -> Mapping[str, Any]:
    """The facts, unless there was more to walk through than one check may."""
    if facts.get("full"):
        raise BadRequest(
            f"`checks: {name.name}` would have to walk through more than {THINGS:,} things;"
            " leave it out and name the others"
        )
    return facts
