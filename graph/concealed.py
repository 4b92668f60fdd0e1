"""Which of some ids are hidden from a viewer who writes: he is told that there is no such thing."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from graph.hidden import NOTHING_HIDDEN, Hidden
from graph.hideable import belonging, classes
from graph.insight.past import Change, FieldChange
from graph.neighbours import Neighbours
from graph.ontology import Ontology
from graph.ontology.vocabulary import Link, Refers, camel, mark
from graph.sight import limits
from graph.viewers import Viewer
from queries import LEDGER


@dataclass(frozen=True, slots=True)
class Concealed:
    """What a viewer may not see, as of what is published."""

    near: Neighbours
    viewer: Viewer
    hidden: Hidden

    @classmethod
    async def of(cls, near: Neighbours, viewer: Viewer) -> Concealed:
        """What is hidden from him. Raises Unavailable."""
        if not limits(viewer.sight):
            return cls(near, viewer, NOTHING_HIDDEN)
        found = await near.store.hiding.at(viewer.sight, {near.published})
        return cls(near, viewer, found)

    async def among(self, ids: Iterable[str]) -> set[str]:
        """Those of the ids, of things or links, that are hidden."""
        ontology, asked = self.near.store.ontology, set(ids)
        found = {id_ for id_ in asked if id_ in self.hidden or self._of_kind(ontology, id_)}
        if not limits(self.viewer.sight):
            return found
        found |= await self._partly(ontology, asked - found)
        for link in {link for id_ in asked - found if (link := ontology.link_of(id_))}:
            found |= await self._links(link, asked)
        return found

    def told(self, change: Change) -> tuple[FieldChange, ...]:
        """The changed fields that he may be told, without what names something hidden in them."""
        word = change.of.partition(":")[0]
        told = (one for one in change.fields if (word, one.name) not in self.viewer.sight.denied)
        shown = ((self.hidden.told(one.before), self.hidden.told(one.after), one) for one in told)
        return tuple(
            one.model_copy(update={"before": before, "after": after})
            for before, after, one in shown
            if before != after
        )

    def _of_kind(self, ontology: Ontology, id_: str) -> bool:
        """Whether things or links of that word are not shown at all."""
        kind, seen = ontology.kind_of(id_), self.viewer.kinds
        if kind:
            return seen is not None and kind.label not in seen
        return id_.partition(":")[0] in self.viewer.sight.links

    async def _partly(self, ontology: Ontology, ids: set[str]) -> set[str]:
        """Those of a kind of which hidden things are not listed that belong to a hidden one."""
        many = {kind for kind in ontology.kinds.values() if kind.many}
        ours = sorted(id_ for id_ in ids if ontology.kind_of(id_) in many)
        types = [type_ for type_, kinds in belonging(ontology).items() if many & set(kinds)]
        if not ours or not types:
            return set()
        text = LEDGER["ever_owners"].replace("{types}", "|".join(sorted(types)))
        rows = await self.near.store.answer(text, ids=ours, seen=self.near.published)
        return {id_ for id_, _, owner in rows if owner in self.hidden}

    async def _links(self, link: type[Link], ids: set[str]) -> set[str]:
        """Links of a type with a hidden end, for something hidden, or of too high a class."""
        ontology, fields = self.near.store.ontology, link.model_fields.items()
        refers = [camel(n) for n, info in fields if (r := mark(info, Refers)) and len(r.words) > 1]
        above = min((scope.above for scope in self.viewer.sight.scopes), key=len)
        ours = [id_ for id_ in ids if ontology.link_of(id_) is link]
        found = set[str]()
        for id_, pieces in (await self.near.named(link, ours)).items():
            for stored in pieces:
                state = stored.piece.state
                named = {*(stored.ends or ()), *(str(state.get(name)) for name in refers)}
                classed = any(state.get(name) in above for name in classes(link))
                if classed or any(one in self.hidden for one in named):
                    found.add(id_)
        return found
