"""Questions on the past of one thing or link: a page of its changes, and stepping among them."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar

from pydantic import Field

from graph.compile import Compiler
from graph.insight.past import Change
from graph.ontology import Ontology
from graph.ontology.vocabulary import GlobalId, Kind, Link
from graph.past import Past, Wish
from graph.questions import Ask, AsOf, Question
from graph.selection import Select
from graph.shapes import Shape


async def history(ask: Ask, of: str, as_of: AsOf | None, select: Select) -> Any:
    """A page of the changes of one thing or link; None where there is none or it is hidden."""
    declared = asked_of(ask, of)
    if declared is None:
        return None
    moment = ask.moment(as_of)
    compiler = ask.compiler(moment)
    past = past_of(compiler, declared, of)
    text, shape = whole(compiler, past, past.page(select, f"history of {of}"))
    return await ask.once(text, shape, compiler, moment)


def declared_of(ontology: Ontology, id_: str) -> type[Kind] | type[Link] | None:
    """The kind or link that an id names, if it is declared."""
    return ontology.kind_of(id_) or ontology.link_of(id_)


def asked_of(ask: Ask, id_: str) -> type[Kind] | type[Link] | None:
    """The kind or link of what is asked about; None also for a kind that may not be seen."""
    found, kinds = declared_of(ask.store.ontology, id_), ask.viewer.kinds
    if found and issubclass(found, Kind):
        return None if kinds is not None and found.label not in kinds else found
    return None if found and found.word in ask.viewer.sight.links else found


def past_of(compiler: Compiler, declared: type[Kind] | type[Link], id_: str) -> Past:
    """The past of what has an id, to stand in `whole`."""
    return Past(compiler, declared, compiler.bind(id_), "root")


def whole(compiler: Compiler, past: Past, shape: Shape) -> tuple[str, Shape]:
    """One statement that answers a shape over a past; null where nothing is known of it."""
    f = compiler.fragments
    found = "" if issubclass(past.of, Link) else f"MATCH (root:Identity {{id: {past.id}}}) "
    answer = f"CASE WHEN {past.known} THEN {shape.expression} END"
    return f"{f.moment()} {_optional(found)}RETURN {answer} AS answer, k", shape


def _optional(found: str) -> str:
    return f"OPTIONAL {found}" if found else ""


class _Step(Question):
    """One step from a revision."""

    answers: ClassVar[Any] = Change

    of: GlobalId
    """Id of the thing or link."""
    revision: Annotated[int, Field(ge=0)]
    """The revision to step from, whether or not it is one of this thing."""

    def wish(self, compiler: Compiler) -> Wish:
        """Which change it is."""
        raise NotImplementedError

    async def answer(self, ask: Ask, select: Select) -> Any:
        """The change, or None where there is no further one."""
        declared = asked_of(ask, self.of)
        if declared is None:
            return None
        moment = ask.moment(self.as_of)
        compiler = ask.compiler(moment)
        past = past_of(compiler, declared, self.of)
        rows = past.rows(select.fields, self.wish(compiler))
        text, shape = whole(compiler, past, rows)
        found = await ask.once(text, shape, compiler, moment)
        return found[0].tell(select.fields) if found else None


class RevisionBeforeQuestion(_Step):
    """The last change of a thing or link before a revision."""

    name: ClassVar[str] = "revision_before"

    def wish(self, compiler: Compiler) -> Wish:
        """The newest before."""
        return Wish(f"h_c < {compiler.bind(self.revision)}")


class RevisionAfterQuestion(_Step):
    """The first change of a thing or link after a revision."""

    name: ClassVar[str] = "revision_after"

    def wish(self, compiler: Compiler) -> Wish:
        """The oldest after."""
        return Wish(f"h_c > {compiler.bind(self.revision)}", newest=False)
