"""The types of kinds and links, and the two interfaces that they share."""

from __future__ import annotations

from typing import Any

import strawberry

from api.derive.annotations import Types, described
from api.derive.filters import Filters
from api.derive.inputs import Inputs
from api.derive.pages import Pages, change_paging
from api.derive.scalars import Instant
from api.derive.shells import doc, listed, optional, put, shell, words
from graph.insight.past import Change
from graph.ontology import End, Ontology
from graph.ontology.terms import Status
from graph.ontology.vocabulary import Counted, Entity, Kind, Kinds, Link, Refers, mark


class Derived:
    """Every GraphQL type of an ontology; types refer to each other by class, circles included."""

    def __init__(self, ontology: Ontology) -> None:
        self.ontology = ontology
        self.types = Types(self._referred, lambda picks: self.inputs.picked(picks))
        self.inputs = Inputs(ontology, self.types)
        told = {kind.word.upper(): doc(kind) for kind in ontology.kinds.values()}
        self.kind_words = words("Kind", "Kinds of things.", told)
        self.pages = Pages(Filters(ontology, self.types, self.kind_words), self._link_fields)
        self.node = _node()
        self.changes = shell("ChangeConnection")
        self._retirement = shell("Retirement")
        self.entity = self._entity()
        self.kinds: dict[type[Kind], Any] = {
            kind: shell(kind.label, self.entity if issubclass(kind, Entity) else self.node)
            for kind in ontology.kinds.values()
        }
        self.links: dict[type[Link], Any] = {
            link: shell(link.__name__, self.node) for link in ontology.links.values()
        }
        for kind, made in self.kinds.items():
            self._kind(kind, made)
        for link, made in self.links.items():
            self._link(link, made)
        self._finish_retirement()
        self.pages.of_changes(self.changes, self.types.out(Change))

    def of_kinds(self, kinds: Kinds) -> Any:
        """The type of one kind, or the interface that several share."""
        if len(kinds) == 1:
            return self.kinds[kinds[0]]
        return self.entity if all(issubclass(kind, Entity) for kind in kinds) else self.node

    def _referred(self, refers: Refers) -> Any:
        kinds, links = self.ontology.referred(refers)
        if not links:
            return self.of_kinds(kinds)
        return self.node if kinds or len(links) > 1 else self.links[links[0]]

    def _entity(self) -> Any:
        made = shell("Entity", self.node)
        put(made, "kind", self.kind_words, "What kind of thing it is.")
        put(made, "key", str, "Business key: unique in its kind and stable.")
        put(made, "name", str, "Name for people.")
        put(made, "status", self.types.term(Status), "Where it stands in its life.")
        for name in ("rationale", "evidence", "review_at"):
            info = Entity.model_fields[name]
            put(made, name, self.types.out(info.annotation, info), described(info))
        self._past(made)
        told = "Why it ended; null while in force."
        put(made, "retirement", optional(self._retirement), told)
        return strawberry.interface(made, description="A thing with a name, in force for a time.")

    def _past(self, made: Any) -> None:
        """The two times, and how it came to be so."""
        _times(made)
        self._changes(made)

    def _changes(self, made: Any) -> None:
        told = "Number of the last commit that spoke of it; writers say which they have seen."
        put(made, "revision", int, told)
        told = "What changed, newest first, as far as known at the asked time."
        put(made, "history", optional(self.changes), told, change_paging())

    def _kind(self, kind: type[Kind], made: Any) -> None:
        if not issubclass(kind, Entity):
            put(made, "kind", self.kind_words, "What kind of thing it is.")
            self._past(made)
        shared = Entity.model_fields.keys() if issubclass(kind, Entity) else set()
        for name, info in kind.model_fields.items():
            if name not in shared - {"key"}:
                put(made, name, self.types.out(info.annotation, info), described(info))
        _suppressed(made, kind)
        for end in self.ontology.ends(kind).values():
            self._end(made, end)
        strawberry.type(made, description=doc(kind))

    def _end(self, made: Any, end: End) -> None:
        way = "Forward" if end.forward else "Backward"
        told = f"{doc(end.link)} {way} along {end.link.word.upper()}."
        node = self.of_kinds(end.kinds)
        if end.single:
            put(made, end.name, optional(node), told)
        else:
            arguments = self.pages.arguments(end.kinds, end)
            put(made, end.name, self.pages.along(end, node), told, arguments)

    def _link(self, link: type[Link], made: Any) -> None:
        put(made, "source", self.of_kinds(self.ontology.sources(link)), "Where the link starts.")
        put(made, "target", self.of_kinds(self.ontology.targets(link)), "Where it ends.")
        self._link_fields(made, link)
        self._changes(made)
        strawberry.type(made, description=doc(link))

    def _link_fields(self, made: Any, link: type[Link]) -> None:
        _times(made)
        for name, info in link.model_fields.items():
            put(made, name, self.types.out(info.annotation, info), described(info))
        _suppressed(made, link)
        for kind, _, refers in self.ontology.referring(link):
            put(made, str(refers.told), listed(self.kinds[kind]), doc(kind))

    def _finish_retirement(self) -> None:
        made = self._retirement
        put(made, "at", Instant, "First instant at which it was no longer in force.")
        put(made, "reason", str, "Why, in words.")
        put(made, "evidence", listed(str), "What the reason rests on.")
        if decision := self.ontology.kinds.get("decision"):
            put(made, "decision", optional(self.kinds[decision]), "The decision behind it.")
        put(made, "successor", optional(self.node), "What took its place.")
        strawberry.type(made, description="How and why something ended.")


def _node() -> Any:
    made = shell("Node")
    put(made, "id", strawberry.ID, "Global id: `kind:key`.")
    return strawberry.interface(made, description="Anything with a global id.")


def _suppressed(made: Any, of: type[Kind] | type[Link]) -> None:
    if any(mark(info, Counted) for info in of.model_fields.values()):
        told = "Fields of which the figure is kept back, as it would tell of a small group."
        put(made, "suppressed", listed(str), told)


def _times(made: Any) -> None:
    put(made, "valid_from", Instant, "First instant at which this state holds.")
    put(made, "valid_to", optional(Instant), "First instant at which it holds no longer.")
    put(made, "recorded_at", Instant, "Since when this state is known.")
    told = "Since when it is known otherwise; null if it is not."
    put(made, "superseded_at", optional(Instant), told)
