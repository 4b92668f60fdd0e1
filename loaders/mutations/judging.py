"""Whether what a mutation says may hold: what it names is there, and no rule breaks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from graph.changes import Change, Piece
from graph.declared_checks import wholes
from graph.ontology import Ontology
from graph.ontology.vocabulary import camel
from loaders import rules
from loaders.facts import Checked, Fact
from loaders.mutations.outcomes import ErrorCode, NotThere, Problem, RuleBroken, wrong
from loaders.mutations.working import Working, cover
from loaders.report import Place
from loaders.report import Problem as RowProblem


async def judge(work: Working, changes: Sequence[Change]) -> None:
    """Raise Wrong where something that is named is missing, or a rule would break."""
    store = work.near.store
    asked = {id_ for id_ in work.mentions if not work.known(id_)}
    if absent := sorted(await store.missing(asked)) if asked else []:
        problems = (_missing(id_, work.mentions[id_]) for id_ in absent)
        wrong(NotThere, ErrorCode.NOT_THERE, *problems)
    work.judged |= _touches(work, changes)
    checked = Checked(facts=[fact for change in changes for fact in _facts(change)])
    if broken := await rules.broken(store, checked, changes):
        wrong(RuleBroken, ErrorCode.RULE_BROKEN, *map(_told, broken))


def _missing(id_: str, field: str) -> Problem:
    return Problem(of=id_, field=field, value=id_, rule="does not exist")


def _facts(change: Change) -> Iterator[Fact]:
    """What a change says, as rows say it: whatever is wrong is told by the id."""
    place = Place(change.id, 1, "", change.id)
    for piece in change.pieces or (Piece(change.since, change.until, {}),):
        retracted = not change.pieces
        yield Fact(change.id, piece, None, place, change.ends, retracted=retracted)


def _told(problem: RowProblem) -> Problem:
    of, field = problem.file, problem.column or None
    value = None if problem.value == of else problem.value
    return Problem(of=of, field=field and camel(field), value=value, rule=problem.rule)


def _touches(work: Working, changes: Iterable[Change]) -> bool:
    """Whether rules were judged that others may break meanwhile by changing something else."""
    ruled = ruled_words(work.ontology)
    for change in changes:
        word = change.id.partition(":")[0]
        before = work.before(change.id)
        lived = cover(before) == cover(work.after(change.id))
        if word in ruled or (not change.ends and before and not lived):
            return True
    return False


def ruled_words(ontology: Ontology) -> set[str]:
    """Kinds and links of which a rule across things speaks."""
    found = {link.word for link in ontology.links.values() if link.acyclic}
    for one in wholes(ontology):
        found |= {one.link.word, *([one.part.word] if one.part else [])}
    for kind in ontology.kinds.values():
        if kind.alone:
            ends = ontology.ends(kind)
            found |= {kind.word, *(ends[name].link.word for name in kind.alone if name in ends)}
    return found
