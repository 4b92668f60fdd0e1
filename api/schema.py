"""The schema as a table of contents: what may be asked, and what answers it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from functools import partial

import strawberry
from graphql import GraphQLError, OperationDefinitionNode
from strawberry.extensions import SchemaExtension
from strawberry.schema.config import StrawberryConfig
from strawberry.types import ExecutionContext

from api import resolve
from api.derive import SCALARS, Argument, Derived
from api.derive.pages import change_paging
from api.derive.results import result
from api.derive.shells import doc, listed, optional, put, shell
from api.documents import Document
from api.resolving import Resolve, VariablesContext, Write, wire
from api.writing import write
from graph.errors import BadRequest
from graph.ontology import ONTOLOGY, Ontology
from graph.ontology.vocabulary import Entity, GlobalId, Input
from graph.questions import AsOf, Question
from graph.questions.archiving import ExclusionsQuestion, SuccessionQuestion
from graph.questions.audits import VerifyAuditQuestion
from graph.questions.causes import (
    CausesQuestion,
    ChainsQuestion,
    EffectsQuestion,
    ImpactQuestion,
    LoopsQuestion,
)
from graph.questions.changes import Wanted
from graph.questions.coverage import LeadLagQuestion, ThemeCoverageQuestion
from graph.questions.diff import DiffQuestion
from graph.questions.history import RevisionAfterQuestion, RevisionBeforeQuestion
from graph.questions.integrity import IntegrityQuestion
from graph.questions.lineage import LineageQuestion
from graph.questions.maps import StrategyMapQuestion
from graph.questions.planning import AssessInitiativeQuestion, CompareQuestion, WhatIfQuestion
from graph.questions.reproducing import ReproduceQuestion
from graph.questions.traces import TraceQuestion
from graph.questions.vintages import ValuesQuestion
from graph.questions.why import WhyChangedQuestion
from loaders.mutations.verbs import VERBS

QUESTIONS: tuple[type[Question], ...] = (
    LineageQuestion,
    ChainsQuestion,
    ImpactQuestion,
    EffectsQuestion,
    CausesQuestion,
    LoopsQuestion,
    TraceQuestion,
    WhatIfQuestion,
    AssessInitiativeQuestion,
    CompareQuestion,
    LeadLagQuestion,
    ThemeCoverageQuestion,
    StrategyMapQuestion,
    IntegrityQuestion,
    RevisionBeforeQuestion,
    RevisionAfterQuestion,
    VerifyAuditQuestion,
    ReproduceQuestion,
    ValuesQuestion,
    SuccessionQuestion,
    ExclusionsQuestion,
    DiffQuestion,
    WhyChangedQuestion,
)


DOCUMENT = "document"
"""Where the context of an execution holds a document that was validated before."""


class ArchiveFilter(Input):
    """Which of what has ended to list; all parts must hold."""

    ended_since: datetime | None = None
    """Ended at this instant or later."""
    ended_until: datetime | None = None
    """Ended before this instant."""
    lived_since: datetime | None = None
    """Was in force at this instant or later."""
    lived_until: datetime | None = None
    """Was in force before this instant."""
    reason: str | None = None
    """Words that the reason contains, in capitals or not."""
    decision: GlobalId | None = None
    """Id of the decision behind it."""
    owner: GlobalId | None = None
    """Id of the role that answered for it at its last instant, alone or with others."""
    successor: GlobalId | None = None
    """Id of what took its place."""
    has_successor: bool | None = None
    """Whether something took its place."""
    group: GlobalId | None = None
    """Id of a segment or persona that it was for, or measured for, at its last instant."""


class OneOperation(SchemaExtension):
    """Of several operations one must be named; a document that is known is not read again."""

    def on_parse(self) -> Iterator[None]:
        """Take the tree of a document that was looked at already."""
        context = self.execution_context
        if known := _document(context):
            context.graphql_document = known.tree
        yield

    def on_validate(self) -> Iterator[None]:
        """Refuse to guess which is meant."""
        context = self.execution_context
        if known := _document(context):
            context.pre_execution_errors = list(known.errors)
        parts = context.graphql_document.definitions if context.graphql_document else ()
        several = sum(isinstance(part, OperationDefinitionNode) for part in parts) > 1
        if (
            several
            and not context.pre_execution_errors
            and context._provided_operation_name is None
        ):
            wrong = BadRequest("the document has several operations; name one: `operationName`")
            context.pre_execution_errors = [GraphQLError(str(wrong), original_error=wrong)]
        yield


def _document(context: ExecutionContext) -> Document | None:
    found: Document | None = (context.context or {}).get(DOCUMENT)
    return found


class Schema(strawberry.Schema):
    """Strawberry's schema; what is to be logged is logged where errors are told."""

    def process_errors(self, *_: object, **__: object) -> None:
        """Nothing: users' mistakes are no news, and ours are logged with their request id."""


class Roots:
    """The root fields: their types and what answers each."""

    def __init__(self, ontology: Ontology) -> None:
        self.derived = Derived(ontology)
        self.resolvers: dict[str, Resolve] = {}
        self._shell = shell("Query")
        self._by_id()
        for kind in ontology.entities:
            self._entity(kind)
        self._search()
        self._archive()
        self._history()
        self._changes()
        for question in QUESTIONS:
            self._question(question)
        self.query = strawberry.type(self._shell, description="What may be asked.")
        self.writers: dict[str, Write] = {}
        self.mutation = self._mutation()

    def _put(
        self,
        name: str,
        type_: object,
        told: str,
        arguments: Iterable[Argument],
        by: Resolve,
        timed: bool = True,
    ) -> None:
        as_of = optional(self.derived.types.into(AsOf))
        when = Argument("as_of", as_of, "The point on both time axes; now if left out.")
        put(self._shell, name, optional(type_), told, [*arguments, *([when] if timed else [])])
        self.resolvers[name] = by

    def _by_id(self) -> None:
        node, id_ = self.derived.node, strawberry.ID
        told = "A thing or link by its global id; null if there is none."
        self._put("node", node, told, [Argument("id", id_, "Global id.")], resolve.node)
        told = "Things and links by global id; null where there is none."
        ids = Argument("ids", listed(id_), "Global ids, at most 200.")
        self._put("nodes", listed(optional(node)), told, [ids], resolve.nodes)

    def _entity(self, kind: type[Entity]) -> None:
        type_ = self.derived.kinds[kind]
        key = Argument("key", str, "Its business key.")
        by = partial(resolve.thing, kind)
        self._put(kind.word, type_, f"One by its key. {doc(kind)}", [key], by)
        connection = self.derived.pages.root(kind.label, type_, (kind,))
        arguments = self.derived.pages.arguments((kind,))
        told = f"A page of those in force. {doc(kind)}"
        self._put(kind.table, connection, told, arguments, partial(resolve.page, kind))

    def _search(self) -> None:
        connection = self.derived.pages.root("Entity", self.derived.entity, (Entity, Entity))
        text = Argument("text", str, "Words to look for, each perhaps only a beginning.")
        told = "What is in force and speaks of all these words, the closest names first."
        self._put("search", connection, told, [text, *self._of_kinds()], resolve.search)

    def _archive(self) -> None:
        connection = self.derived.pages.root("Archive", self.derived.entity, (Entity, Entity))
        wish = optional(self.derived.types.into(ArchiveFilter))
        which = Argument("filter", wish, "Which to list.")
        told = "What has ended, newest first; everything below is told as of its last instant."
        self._put("archive", connection, told, [which, *self._of_kinds()], resolve.archive)

    def _history(self) -> None:
        of = Argument("of", strawberry.ID, "Id of the thing or link.")
        told = "What changed of a thing or link, newest first, in both times; null if none."
        paging = [of, *change_paging()]
        self._put("history", self.derived.changes, told, paging, resolve.history)

    def _changes(self) -> None:
        types = self.derived.types
        wish = [one for one in types.arguments(Wanted) if one.name != "kinds"]
        kinds = optional(listed(self.derived.kind_words))
        which = Argument("kinds", kinds, "Only changes of things of these kinds.")
        told = (
            "What was written to the whole graph, newest first. A page that had to read very much"
            " may hold fewer rows than asked, and still have a next one."
        )
        arguments = [*wish, which, *change_paging()]
        self._put("changes", self.derived.changes, told, arguments, resolve.changes)

    def _of_kinds(self) -> list[Argument]:
        kinds = optional(listed(self.derived.kind_words))
        told = "Only these kinds; all if left out."
        paging = self.derived.pages.arguments((Entity, Entity))
        return [Argument("kinds", kinds, told), *paging]

    def _question(self, question: type[Question]) -> None:
        types = self.derived.types
        arguments = [one for one in types.arguments(question) if one.name != "as_of"]
        by = partial(resolve.asked, question)
        answers, told = types.out(question.answers), doc(question)
        self._put(question.name, answers, told, arguments, by, question.timed)

    def _mutation(self) -> type:
        """One field for each verb, all with one input and the same result."""
        made, types = shell("Mutation"), self.derived.types
        answer = optional(result(types, self.derived.node))
        for verb in VERBS:
            given = Argument("input", types.into(verb), "What is said, why, and how.")
            put(made, verb.name, answer, doc(verb), [given])
            self.writers[verb.name] = partial(write, verb)
        told = "What may be changed; each field is one commit."
        found: type = strawberry.type(made, description=told)
        return found


def build(ontology: Ontology = ONTOLOGY) -> strawberry.Schema:
    """The schema of an ontology, ready to be served."""
    roots = Roots(ontology)
    derived = roots.derived
    schema = Schema(
        query=roots.query,
        mutation=roots.mutation,
        types=[*derived.kinds.values(), *derived.links.values()],
        config=StrawberryConfig(scalar_map=SCALARS),
        extensions=[OneOperation],
        execution_context_class=VariablesContext,
    )
    wire(schema, roots.resolvers, roots.writers)
    return schema


def sdl(schema: strawberry.Schema) -> str:
    """The schema in its own language, as committed."""
    return schema.as_str().rstrip("\n") + "\n"
