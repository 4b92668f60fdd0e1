"""Of what the rules across rows speak: kinds, links and properties."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import replace

from graph.changes import Change
from graph.declared_checks import wholes
from graph.ontology import Ontology
from graph.ontology.vocabulary import camel


def fields(ontology: Ontology) -> Iterator[str]:
    """Properties of which rules speak."""
    yield from (camel(one.field) for one in wholes(ontology))
    for kind in ontology.kinds.values():
        yield from map(camel, kind.alone)


def only(fields: Collection[str], change: Change) -> Change:
    """A change with none but some properties."""
    pieces = (
        replace(piece, state={name: piece.state[name] for name in fields if name in piece.state})
        for piece in change.pieces
    )
    return replace(change, pieces=tuple(pieces))


def ruled_words(ontology: Ontology) -> set[str]:
    """Kinds and links of which a rule speaks."""
    found = {link.word for link in ontology.links.values() if link.acyclic}
    for one in wholes(ontology):
        found |= {one.link.word, *([one.part.word] if one.part else [])}
    for kind in ontology.kinds.values():
        if kind.alone:
            ends = ontology.ends(kind)
            found |= {kind.word, *(ends[name].link.word for name in kind.alone if name in ends)}
    return found


def at_ends(ontology: Ontology, ruled: set[str]) -> set[str]:
    """Kinds at the ends of links of which a rule speaks: a link counts while both live."""
    links = [link for word, link in ontology.links.items() if word in ruled]
    return {k.word for link in links for k in (*ontology.sources(link), *ontology.targets(link))}
