"""Which kinds can be hidden, by what the ontology declares: classes, and what belongs to what."""

from __future__ import annotations

from collections.abc import Iterator

from graph.ontology import Ontology
from graph.ontology.members import MembershipSnapshot
from graph.ontology.strategy import PersonaOf
from graph.ontology.terms import Access
from graph.ontology.vocabulary import Belongs, Kind, Link, Refers, camel, mark
from graph.ontology.work import PartOf

COUNTED = frozenset((MembershipSnapshot.word, PersonaOf.word, PartOf.word))
"""Words of what tells how large groups are, and which unit is part of which."""


def classes(of: type[Kind] | type[Link]) -> list[str]:
    """Fields in which things or links state an access class of their own."""
    told = of.model_fields.items()
    return [camel(name) for name, info in told if _classed(info.annotation)]


def _classed(annotation: object) -> bool:
    return annotation is Access or Access in getattr(annotation, "__args__", ())


def for_groups(refers: Refers | None) -> bool:
    return refers is not None and len(refers.words) > 1


def belonging(ontology: Ontology) -> dict[str, dict[type[Kind] | None, Belongs]]:
    """By type of link: the kinds that belong to what is at its other end, and when."""
    found: dict[str, dict[type[Kind] | None, Belongs]] = {}
    for link in ontology.links.values():
        for kind, how in link.belongs.items():
            for one in ontology.below((kind,)):
                kinds = found.setdefault(link.type, {})
                kinds[one] = Belongs.ANY if Belongs.ANY in (how, kinds.get(one)) else how
    return found


def owners(ontology: Ontology) -> set[type[Kind]]:
    """Kinds to which others belong."""
    found: set[type[Kind]] = set()
    for link in ontology.links.values():
        parts = {one for kind in link.belongs for one in ontology.below((kind,))}
        if parts:
            ends = {*ontology.sources(link), *ontology.targets(link)}
            found |= ends - parts
    return found


def hideable(ontology: Ontology) -> set[type[Kind]]:
    """Kinds of which a row may be hidden: for its class, its scope or what it belongs to."""
    parts = {kind for kinds in belonging(ontology).values() for kind in kinds if kind}
    classed = {kind for kind in ontology.kinds.values() if classes(kind)}
    named = {kind for kind, _, _ in referring(ontology)}
    return parts | classed | named | owners(ontology)


def referring(ontology: Ontology) -> Iterator[tuple[type[Kind], str, type[Link]]]:
    """Kinds that belong to a link that a field names: kind, field, link."""
    for kind in ontology.kinds.values():
        for name, info in kind.model_fields.items():
            refers = mark(info, Refers)
            if refers and refers.belongs and refers.words[0] in ontology.links:
                yield kind, name, ontology.links[refers.words[0]]


def deciding(ontology: Ontology) -> frozenset[str]:
    """Words of the kinds and links on which it depends what is hidden.

    Not those of which there are too many to list: their rows are judged by what they belong to.
    """
    kinds = {kind for kind in hideable(ontology) if not kind.many or classes(kind)}
    few = {
        type_
        for type_, parts in belonging(ontology).items()
        if any(kind is None or not kind.many for kind in parts)
    }
    links = {link.word for link in ontology.links.values() if link.type in few}
    links |= {link.word for _, _, link in referring(ontology)}
    return frozenset(kind.word for kind in kinds) | links | COUNTED
