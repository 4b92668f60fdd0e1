"""Inputs of mutations: the fields of each kind and link, and the choice of one of them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import strawberry

from api.derive.annotations import Types, described
from api.derive.shells import doc, listed, optional, put, shell
from graph.ontology import Ontology
from graph.ontology.vocabulary import Kind, Link, camel
from loaders.mutations.fields import ENDS, Part, Picks, bare, parts

TOLD = {
    "things": ("ThingInput", "What one thing says, under the word of its kind."),
    "links": ("OneLinkInput", "What one link says, under its word."),
    "both": ("ThingOrLinkInput", "What one thing or link says, under its word."),
}


class Inputs:
    """One input for each kind and link, whether it is made or edited: its rules say what it needs.

    Links that say nothing but their ends share one.
    """

    def __init__(self, ontology: Ontology, types: Types) -> None:
        self._ontology = ontology
        self._types = types
        self._made: dict[str, Any] = {}

    def picked(self, picks: Picks) -> Any:
        """The input of one kind by its word, or the choice of one of several."""
        if picks.what not in TOLD:
            return self._fields(self._ontology.kinds[picks.what])
        kinds = self._ontology.kinds.values()
        links = self._ontology.links.values()
        said = (link for link in links if not bare(link))
        chosen: dict[str, list[type[Kind] | type[Link]]] = {
            "things": [*kinds],
            "links": [*links],
            "both": [*kinds, *said],
        }
        return self._one(*TOLD[picks.what], chosen[picks.what])

    def _one(self, name: str, told: str, of: Iterable[type[Kind] | type[Link]]) -> Any:
        if name not in self._made:
            made = self._made[name] = shell(name)
            for declared in of:
                put(made, camel(declared.word), optional(self._fields(declared)), doc(declared))
            strawberry.input(made, description=f"{told} Exactly one.", one_of=True)
        return self._made[name]

    def _fields(self, declared: type[Kind] | type[Link]) -> Any:
        link = issubclass(declared, Link)
        name = f"{declared.__name__.rstrip('_')}Fields"
        if issubclass(declared, Link) and bare(declared):
            name = "LinkEnds"
        if name not in self._made:
            made = self._made[name] = shell(name)
            for end in ENDS if link else ():
                put(made, end, optional(strawberry.ID), f"Global id of its {end}.")
            for part in parts(self._ontology, declared).values():
                put(made, part.name, optional(self._type(part)), _told(part))
            told = "Where a link starts and ends." if name == "LinkEnds" else doc(declared)
            strawberry.input(made, description=told)
        return self._made[name]

    def _type(self, part: Part) -> Any:
        if part.info is None:
            return listed(strawberry.ID) if part.several else strawberry.ID
        return self._types.into(part.info.annotation, part.info)


def _told(part: Part) -> str:
    if part.info is not None:
        needed = " Required of what is new." if part.info.is_required() else ""
        return described(part.info) + needed
    which = "Keys or ids: these, and no other." if part.several else "Key or id."
    return f"{doc(part.link)} {which}"
