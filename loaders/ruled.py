"""Of what rules across rows speak, read off the declarations."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from functools import lru_cache

from graph.changes import Change, Piece
from graph.declared_checks import wholes
from graph.ontology import Ontology
from graph.ontology.vocabulary import camel


@lru_cache(maxsize=8)
def spoken_of(ontology: Ontology) -> frozenset[str]:
    """Kinds and links that matter to a rule: a link counts while both its ends live."""
    ruling = ruled(ontology)
    return ruling | _at_ends(ontology, ruling)


@lru_cache(maxsize=8)
def fields_of(ontology: Ontology) -> frozenset[str]:
    """Properties of which rules speak."""
    shares = (one.field for one in wholes(ontology))
    alone = (name for kind in ontology.kinds.values() for name in kind.alone)
    return frozenset(map(camel, (*shares, *alone)))


def only(fields: Collection[str], change: Change) -> Change:
    """A change with none but some properties."""
    pieces = (
        Piece(since, until, {name: state[name] for name in fields if name in state})
        for since, until, state in change.pieces
    )
    return replace(change, pieces=tuple(pieces))


@lru_cache(maxsize=8)
def ruled(ontology: Ontology) -> frozenset[str]:
    """Kinds and links of which a rule speaks."""
    found = {link.word for link in ontology.links.values() if link.acyclic}
    for one in wholes(ontology):
        found |= {one.link.word, *([one.part.word] if one.part else [])}
    for kind in ontology.kinds.values():
        if kind.alone:
            ends = ontology.ends(kind)
            found |= {kind.word, *(ends[name].link.word for name in kind.alone if name in ends)}
    return frozenset(found)


def _at_ends(ontology: Ontology, ruled: frozenset[str]) -> set[str]:
    """Kinds at the ends of links of which a rule speaks: a link counts while both live."""
    links = [link for word, link in ontology.links.items() if word in ruled]
    return {k.word for link in links for k in (*ontology.sources(link), *ontology.targets(link))}
