"""Documents: parsed, counted and validated once, and kept for who asks the same again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from graphql import (
    DirectiveNode,
    DocumentNode,
    FieldNode,
    FloatValueNode,
    FragmentDefinitionNode,
    GraphQLError,
    GraphQLSchema,
    GraphQLSyntaxError,
    IntValueNode,
    ListValueNode,
    NoSchemaIntrospectionCustomRule,
    OperationDefinitionNode,
    OperationType,
    StringValueNode,
    parse,
    specified_rules,
    validate,
)
from graphql.validation.rules import overlapping_fields_can_be_merged as overlapping

from api.costs import Costs, Weight
from api.finishing import Finish
from api.lifting import apart
from api.limits import Limits
from api.plans import Plan
from api.requests import GraphQLRequest
from api.trees import nodes
from graph.errors import BadRequest, TooComplex
from graph.kept import Kept
from graph.selection import Select

Told = dict[str, Any]
LIMITED = {
    "Document contains more than": "the document has more than {tokens} tokens",
    "Source contains more than": "the document has more than {source} characters",
}
"""How graphql-core says that it went no further, and how we say it."""
CHEAPER = "ask for smaller pages with `first`, or for fewer lists within lists"
KEPT = 16
"""Weights of one document that are kept, by the sizes in its variables."""
KNOWN, OVER = 8_000, 250
"""Bytes of variables with which it is known how one document is answered, and what comes to
those of one request."""
WRONGS = 5
"""Errors of one document that are told; each may take a search for similar names."""


class Unfit(Exception):
    """A document that is not run, and why."""

    def __init__(self, errors: list[GraphQLError], extensions: Told | None = None) -> None:
        super().__init__("; ".join(error.message for error in errors))
        self.errors = errors
        self.extensions = extensions


def too_complex(message: str, extensions: Told | None = None) -> Unfit:
    """More than is allowed, with what to do about it."""
    wrong = TooComplex(message)
    return Unfit([GraphQLError(str(wrong), original_error=wrong)], extensions)


class Who(NamedTuple):
    """Who asks, as far as it matters to how he is answered."""

    allowed: int | None
    """What his roles let a question cost."""
    ids: bool
    """Whether what he is told is recorded, for which things tell their ids."""


class Ready(NamedTuple):
    """What an operation costs with some variables, and how it is answered."""

    told: Told | None
    plan: tuple[list[Select], Finish] | None
    """None where the executor is to be asked."""


UNPLANNED = Ready(None, None)


@dataclass(frozen=True, slots=True)
class Document:
    """A document of a fit size, and what its operations cost if it is valid."""

    tree: DocumentNode
    costs: Costs
    limits: Limits
    errors: tuple[GraphQLError, ...] = ()
    """Why it is not valid."""
    weights: Kept[Weight] = field(default_factory=lambda: Kept(KEPT))
    plans: dict[tuple[str | None, bool], Plan] = field(default_factory=dict)
    known: Kept[Ready] = field(default_factory=lambda: Kept(KNOWN, KNOWN // 8))

    def kinds(self, name: str | None) -> set[str]:
        """Kinds of the operations of that name, of all where none is named."""
        return {one.operation.value for one in self.costs.named(name or None)}

    def plan(self, name: str | None, ids: bool) -> Plan | None:
        """How an operation is answered, where it is a query and clear which is meant; with `ids`
        things tell theirs. Nothing is kept for names that callers make up."""
        operations = self.costs.named(name)
        if len(operations) != 1 or operations[0].operation is not OperationType.QUERY:
            return None
        if (name, ids) not in self.plans:
            self.plans[name, ids] = Plan(self.costs.schema, self.tree, operations[0], ids)
        return self.plans[name, ids]

    def ready(self, asked: GraphQLRequest, who: Who, quoted: tuple[str, ...] = ()) -> Ready | None:
        """What an operation costs with these variables, and how it is answered. Raises Unfit.

        `quoted` are the texts of a document that differs by them alone; None where they matter to
        more than the arguments of root fields.
        """
        _, name, variables = asked.said
        key = (name, variables, quoted, who)
        if found := self.known.find(key):
            return found
        made = self._like(asked, who, quoted) if quoted else self._ready(asked, who)
        if made and self.costs.named(name):
            self.known.keep(key, made, sum(map(len, (name or "", variables, *quoted)), OVER))
        return made

    def _ready(self, asked: GraphQLRequest, who: Who) -> Ready:
        name, variables = asked.operation_name, asked.variables or {}
        told, planned = self.cost(name, variables, who.allowed), self.plan(name, who.ids)
        return Ready(told, planned.asked(variables) if planned else None)

    def _like(self, asked: GraphQLRequest, who: Who, quoted: Sequence[str]) -> Ready | None:
        """First whether the texts are fit: what is not valid is told before what is too dear."""
        name, variables = asked.operation_name, asked.variables or {}
        planned = self.plan(name, who.ids)
        with suppress(GraphQLError):
            if planned and (found := planned.asked(variables, quoted)):
                return Ready(self.cost(name, variables, who.allowed), found)
        return None

    def cost(self, name: str | None, variables: dict[str, Any], allowed: int | None = None) -> Told:
        """What an operation costs with these variables, as it is told. Raises Unfit.

        `allowed` is what the caller's roles let it cost, where that is less than anybody's limit.
        """
        count_given(variables, self.limits)
        key = (name if self.costs.named(name) else None, self.costs.sizes(variables))
        weight = self.weights.find(key)
        if weight is None:
            weight = self.costs.weight(name, variables)
            self.weights.keep(key, weight)
        most = self.limits.cost_of(allowed)
        told = {"cost": {"requested": min(weight.cost, 2**53), "limit": most}}
        self._check(weight, most, told)
        return told

    def _check(self, weight: Weight, cost: int, told: Told) -> None:
        most = self.limits
        if weight.depth > most.depth:
            wrong = f"the question goes {weight.depth} things deep, more than {most.depth}"
            raise too_complex(wrong, told)
        if weight.cost > cost:
            wrong = f"the question costs more than {cost}"
            raise too_complex(f"{wrong}; {CHEAPER}", told)
        if weight.introspection > most.introspection_cost:
            wrong = "more is asked of the schema than its usual whole question does"
            raise too_complex(wrong, told)


class Documents:
    """Documents by their text, as many as the limits let stay."""

    def __init__(self, schema: GraphQLSchema, limits: Limits) -> None:
        self._schema = schema
        self._limits = limits
        self.kept: Kept[Document] = Kept(limits.documents_kept)
        """By their text; what counts are its characters."""
        self._likes: Kept[str] = Kept(limits.documents_kept)
        """Texts of documents by what is around the texts that they quote."""
        shown = () if limits.introspection else (NoSchemaIntrospectionCustomRule,)
        self._rules = (*specified_rules, *shown)

    def of(self, text: str) -> Document:
        """The document of a text, kept if it is valid. Raises Unfit."""
        if found := self.kept.find(text):
            return found
        made = self._made(text)
        if not made.errors:
            self.kept.keep(text, made, len(text))
            if parts := apart(text):
                self._likes.keep(parts.around, text, len(parts.around) + len(text))
        return made

    def ready(self, asked: GraphQLRequest, who: Who) -> tuple[Document | None, Ready]:
        """The document of a request and how it is answered; None where another one, which differs
        only by what it quotes, says that. Raises Unfit."""
        document = self.kept.find(asked.query)
        if document is None:
            like, quoted = self._like(asked.query)
            if like and (found := like.ready(asked, who, quoted)):
                return None, found
            document = self.of(asked.query)
        told = None if document.errors else document.ready(asked, who)
        return document, told or UNPLANNED

    def _like(self, text: str) -> tuple[Document | None, tuple[str, ...]]:
        """A known document that differs only by what it quotes, and what this one does."""
        most = self._limits
        parts = apart(text) if len(text) <= most.source else None
        if parts is None or max(map(len, parts.quoted)) > most.text:
            return None, ()
        return self.kept.find(self._likes.find(parts.around)), parts.quoted

    def writes(self, text: str) -> bool:
        """Whether a text, which nobody has looked at yet, is a document that writes."""
        if found := self.kept.find(text) or self._like(text)[0]:
            return "mutation" in found.kinds(None)
        return "mutation" in text

    def kind(self, text: str, name: str | None, ran: bool) -> str:
        """query, mutation, subscription; unknown where it is not known and was not run."""
        found = self.kept.find(text) or (self._like(text)[0] if ran else None)
        kinds = found.kinds(name) if found else set()
        return kinds.pop() if len(kinds) == 1 else "unknown"

    def _made(self, text: str) -> Document:
        tree = self._parsed(text)
        count(tree, self._limits)
        wrong = tuple(self._wrong(tree))
        return Document(tree, Costs(self._schema, tree), self._limits, wrong)

    def _parsed(self, text: str) -> DocumentNode:
        most = self._limits
        try:
            return parse(
                text,
                max_lexical_tokens=most.tokens,
                max_source_length=most.source,
                max_comments=most.comments,
            )
        except GraphQLSyntaxError as error:
            for said, told in LIMITED.items():
                if said in error.message:
                    ours = told.format(**most.model_dump())
                    if "comments" in error.message:
                        ours = f"the document has more than {most.comments} comments"
                    raise too_complex(ours) from error
            raise Unfit([error]) from error

    def _wrong(self, tree: DocumentNode) -> list[GraphQLError]:
        overlapping.MAX_COMPLEXITY_BUDGET = self._limits.overlaps
        hidden = not self._limits.introspection
        errors = validate(
            self._schema, tree, self._rules, max_errors=WRONGS, hide_suggestions=hidden
        )
        if any(error.message == "Validation aborted." for error in errors):
            raise too_complex("too many fields may answer under one name")
        return errors


def count(tree: DocumentNode, limits: Limits) -> None:
    """Refuse a document that has too much of something. Raises Unfit."""
    found: Counter[str] = Counter()
    for node in nodes([tree]):
        match node:
            case FieldNode():
                found["fields"] += 1
                found["aliases"] += node.alias is not None
            case FragmentDefinitionNode():
                found["fragments"] += 1
            case OperationDefinitionNode():
                found["operations"] += 1
                _at_most("variables", len(node.variable_definitions or ()), limits.variables)
            case ListValueNode():
                _fits("items in one list", len(node.values), limits.list_items)
            case StringValueNode():
                _fits("characters in one text", len(node.value), limits.text)
            case IntValueNode() | FloatValueNode():
                _fits("characters in one number", len(node.value), limits.digits)
            case DirectiveNode():
                found["directives"] += 1
    for name, there in found.items():
        _at_most(name, there, getattr(limits, name))


def count_given(given: Any, limits: Limits) -> None:
    """Refuse variables with too long a text or list. Raises Unfit."""
    if isinstance(given, dict) and given:
        _at_most("variables", len(given), limits.variables)
    left = [given]
    while left:
        match left.pop():
            case str(text):
                _fits("characters in one text", len(text), limits.text)
            case list(items):
                _fits("items in one list", len(items), limits.list_items)
                left.extend(items)
            case dict(members):
                left.extend(members.values())


def _at_most(name: str, there: int, most: int) -> None:
    if there > most:
        raise too_complex(f"{there} {name}, more than {most}")


def _fits(name: str, there: int, most: int) -> None:
    if there > most:
        wrong = BadRequest(f"{there} {name}, more than {most}")
        raise Unfit([GraphQLError(str(wrong), original_error=wrong)])
