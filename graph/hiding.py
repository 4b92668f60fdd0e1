"""Finds what is hidden from a sight: rows by class and scope, and all that belongs to them.

It looks at everything that was ever recorded, so that what is found is right at every point of
both times: what was once hidden stays so.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import dataclass, field, replace
from functools import reduce

from graph.decisive import Decisive
from graph.hidden import Hidden
from graph.hideable import belonging, classes, deciding, for_groups, owners, referring
from graph.insight.suppression import suppressed
from graph.kept import Kept
from graph.ledger import Transaction
from graph.ontology import Ontology
from graph.ontology.members import MembershipSnapshot
from graph.ontology.strategy import PersonaOf, Segment
from graph.ontology.vocabulary import Belongs, Kind, Refers, camel, mark
from graph.ontology.work import OrgUnit, PartOf
from graph.sight import Scope, Sight
from queries import LEDGER

KEPT = 64
"""Sights of which the hidden rows are kept; the one not asked for the longest time goes first."""


@dataclass(slots=True)
class Hiding:
    """What is hidden from the sights that ask, found again when something published decides it."""

    answer: Transaction
    ontology: Ontology
    _found: Kept[Hidden] = field(default_factory=lambda: Kept(KEPT))
    _lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    _decisive: Decisive = field(init=False)

    def __post_init__(self) -> None:
        self._decisive = Decisive(self.answer, deciding(self.ontology))

    async def of(self, sight: Sight, stale: Hidden | None = None) -> Hidden:
        """What is hidden; found again where what is known is `stale`, of an old head."""
        found = self._found.find(sight)
        if found is None or (stale and found.head == stale.head):
            async with self._lock:
                found = self._found.find(sight)
                if found is None or (stale and found.head == stale.head):
                    found = await self._find(sight, found)
                    self._found.keep(sight, found)
        return found

    async def at(self, sight: Sight, commits: Set[int]) -> Hidden:
        """What is hidden as of the newest of some commits that were read, or of later ones."""
        found = await self.of(sight)
        return await self.of(sight, found) if commits and max(commits) != found.seen else found

    async def _find(self, sight: Sight, old: Hidden | None) -> Hidden:
        stood = await self._decisive.look()
        head, seen, turn = stood.head, stood.published, stood.turn
        if old is not None and turn == old.turn:
            return replace(old, seen=seen, head=head)
        closures = [
            await Closure(self.answer, self.ontology, scope, seen).ids() for scope in sight.scopes
        ]
        ids = reduce(frozenset.intersection, closures) if closures else frozenset()
        small = await self._small(sight.least, seen) if sight.least > 1 else ()
        found = Hidden.of(ids, unlisted(self.ontology, sight), small)
        return replace(found, seen=seen, head=head, turn=turn)

    async def _small(self, least: int, seen: int) -> set[str]:
        """Things and links of which counts are kept back: those of a day, or of a segment,
        together."""
        families: defaultdict[str, dict[str, float]] = defaultdict(dict)
        if MembershipSnapshot.word in self.ontology.kinds:
            for id_, day, *counts in await self.answer(LEDGER["ever_snapshots"], seen=seen):
                for sort, count in enumerate(counts):
                    _count(families[f"{sort} {day}"], id_, count)
        if PersonaOf.word in self.ontology.links:
            for id_, segment, count in await self.answer(LEDGER["ever_shares"], seen=seen):
                _count(families[segment], id_, count)
        return {id_ for counts in families.values() for id_ in suppressed(counts, least)}


def _count(counts: dict[str, float], id_: str, count: float | None) -> None:
    """Add a count; of several of one id the least, as that is the one that may be too small."""
    if count is not None:
        counts[id_] = min(count, counts.get(id_, count))


def unlisted(ontology: Ontology, sight: Sight) -> Iterator[str]:
    """Words of kinds that are hidden, or of which hidden things are not listed."""
    for kind in ontology.kinds.values():
        if kind.many or (sight.kinds is not None and kind.label not in sight.kinds):
            yield kind.word


@dataclass(slots=True)
class Closure:
    """The rows that one scope hides, and everything that belongs to them."""

    answer: Transaction
    ontology: Ontology
    scope: Scope
    seen: int
    _hidden: set[str] = field(default_factory=set)

    async def ids(self) -> frozenset[str]:
        """Ids of all of them, but of kinds of which there is too much."""
        new = await self._roots()
        while new:
            self._hidden |= new
            new = await self._belonging(new) - self._hidden
        await self._referring()
        return frozenset(self._hidden)

    async def _roots(self) -> set[str]:
        found = await self._classed()
        found |= await self._out_of(Segment, self.scope.segments, self.scope.except_segments)
        found |= await self._units()
        blind = {kind for kind in owners(self.ontology) if kind.label in self.scope.blind}
        return found | await self._every(blind)

    async def _classed(self) -> set[str]:
        """Everything that was ever of a class above the clearance."""
        kinds = [kind for kind in self.ontology.kinds.values() if classes(kind)]
        names = sorted({name for kind in kinds for name in classes(kind)})
        if not kinds or not self.scope.above:
            return set()
        text = LEDGER["ever_classed"].replace(
            "{states}", "|".join(f"{kind.label}State" for kind in kinds)
        )
        text = text.replace("{classes}", ", ".join(f"s.`{name}`" for name in names))
        rows = await self.answer(text, above=list(self.scope.above), seen=self.seen)
        return {id_ for id_, _ in rows}

    async def _out_of(
        self, kind: type[Kind], allowed: frozenset[str] | None, without: frozenset[str]
    ) -> set[str]:
        """Things of a kind that are not allowed, or left out."""
        if kind.word not in self.ontology.kinds or (allowed is None and not without):
            return set()
        every = await self._every([kind])
        return (set() if allowed is None else every - allowed) | (every & without)

    async def _units(self) -> set[str]:
        """Units out of scope; one below others is as these are, unless it is named itself."""
        allowed, without = self.scope.units, self.scope.except_units
        if OrgUnit.word not in self.ontology.kinds or (allowed is None and not without):
            return set()
        every, above = await self._every([OrgUnit]), await self._above()
        return {one for one in every if not within(one, above, allowed, without)}

    async def _above(self) -> Mapping[str, set[str]]:
        text = LEDGER["ever_parts"].replace("{type}", PartOf.type)
        rows = await self.answer(text.replace("{kind}", OrgUnit.label), seen=self.seen)
        found: defaultdict[str, set[str]] = defaultdict(set)
        for part, whole in rows:
            found[part].add(whole)
        return found

    async def _every(self, kinds: Iterable[type[Kind]]) -> set[str]:
        labels = "|".join(sorted(kind.label for kind in kinds))
        if not labels:
            return set()
        return set(await self.answer(LEDGER["ever_of"].replace("{kinds}", labels)))

    async def _belonging(self, new: set[str]) -> set[str]:
        """What belongs to newly hidden things."""
        links = belonging(self.ontology)
        if not links:
            return set()
        many = "|".join(kind.label for kind in self.ontology.kinds.values() if kind.many)
        text = LEDGER["ever_belonging"].replace("{types}", "|".join(sorted(links)))
        text = text.replace("{few}", f" AND NOT n:{many}" if many else "")
        rows = await self.answer(text, ids=sorted(new), seen=self.seen)
        found, shared = set[str](), set[str]()
        for type_, id_ in rows:
            how = links[type_].get(self.ontology.kind_of(id_))
            if how is Belongs.ANY:
                found.add(id_)
            elif how is Belongs.ALL:
                shared.add(id_)
        return found | await self._wholly(shared - self._hidden)

    async def _wholly(self, ids: set[str]) -> set[str]:
        """Those of which everything they belong to by a link is hidden."""
        if not ids:
            return set()
        links = belonging(self.ontology)
        shared = [type_ for type_, kinds in links.items() if Belongs.ALL in kinds.values()]
        text = LEDGER["ever_owners"].replace("{types}", "|".join(sorted(shared)))
        left: defaultdict[tuple[str, str], bool] = defaultdict(lambda: True)
        for id_, type_, owner in await self.answer(text, ids=sorted(ids), seen=self.seen):
            if links[type_].get(self.ontology.kind_of(id_)) is Belongs.ALL:
                left[id_, type_] &= owner in self._hidden
        return {id_ for (id_, _), whole in left.items() if whole}

    async def _referring(self) -> None:
        """Add what refers to a link that is not shown."""
        for kind, name, link in referring(self.ontology):
            groups = [
                camel(n) for n, info in link.model_fields.items() if for_groups(mark(info, Refers))
            ]
            words = {
                "{type}": link.type,
                "{groups}": "".join(f" OR r.`{group}` IN $hidden" for group in groups),
                "{state}": f"{kind.label}State",
                "{word}": link.word,
                "{field}": camel(name),
            }
            text = LEDGER["ever_referring"]
            for word, put in words.items():
                text = text.replace(word, put)
            hidden = sorted(self._hidden)
            self._hidden |= set(await self.answer(text, hidden=hidden, seen=self.seen))


def within(
    one: str,
    above: Mapping[str, set[str]],
    allowed: frozenset[str] | None,
    without: frozenset[str],
    on: frozenset[str] = frozenset(),
) -> bool:
    """Whether a unit is in scope: named, or each unit that it was ever part of is."""
    if one in without:
        return False
    wholes = above.get(one, set()) - on - {one}
    inside = [within(each, above, allowed, without, on | {one}) for each in wholes]
    if allowed is None or one in allowed:
        return allowed is not None or all(inside)
    return bool(inside) and all(inside)
