"""What one viewer sees: kinds, links, fields and rows, as a policy adds them up."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from graph.ontology import Ontology
from graph.ontology.terms import Access
from graph.ontology.vocabulary import Kind, Link, Seen, camel, mark, nullable

CLASSES = tuple(Access.__members__)
"""Access classes, the widest first."""
Denied = frozenset[tuple[str, str]]
"""Fields by the word of their kind or link and their name in answers."""


@dataclass(frozen=True, slots=True)
class Scope:
    """Rows that a role may see; ids of segments and units, None where all are allowed."""

    clearance: str = CLASSES[-1]
    segments: frozenset[str] | None = None
    except_segments: frozenset[str] = frozenset()
    units: frozenset[str] | None = None
    except_units: frozenset[str] = frozenset()
    blind: frozenset[str] = frozenset()
    """Labels of the kinds that are hidden: what belongs to things of these is hidden too."""

    @property
    def above(self) -> tuple[str, ...]:
        """The classes above the clearance."""
        return CLASSES[CLASSES.index(self.clearance) + 1 :]


@dataclass(frozen=True, slots=True)
class Sight:
    """What may be seen, whoever looks: viewers of the same sight share statements.

    `kinds` are labels, None for all; `links` and `denied` are hidden. A row is hidden if every
    scope hides it; no scopes at all hide nothing.
    """

    kinds: frozenset[str] | None = None
    links: frozenset[str] = frozenset()
    denied: Denied = frozenset()
    scopes: tuple[Scope, ...] = ()
    least: int = 0
    """Least size of a group of customers of which figures are told."""
    verbs: frozenset[str] | None = None
    """Mutations that may be asked; None for all."""


EVERYTHING = Sight()
"""Of the command line."""
NOTHING = Sight(frozenset(), verbs=frozenset())
"""Of who has no role."""


def seen_by(ontology: Ontology, role: Sight) -> Sight:
    """A sight with what follows from its clearance: classes of kinds, links and fields.

    A kind or link of which a field that is never null may not be seen is not seen at all.
    """
    every = frozenset(k.label for k in ontology.kinds.values())
    (scope,) = role.scopes
    hidden = {of for of in ontology.declared() if of.access.name in scope.above}
    denied = set[tuple[str, str]]()
    for of in ontology.declared():
        for name in _hidden(of, role.denied, scope.above):
            denied.add((of.word, camel(name)))
            if not nullable(of.model_fields[name]):
                hidden.add(of)
    labels = frozenset(k.label for k in ontology.kinds.values() if k in hidden)
    links = role.links | {link.word for link in ontology.links.values() if link in hidden}
    seen = (every if role.kinds is None else role.kinds) - labels
    scopes = (replace(scope, blind=every - seen),)
    return replace(role, kinds=seen, links=links, denied=frozenset(denied), scopes=scopes)


def _hidden(of: type[Kind] | type[Link], denied: Denied, above: Sequence[str]) -> Iterator[str]:
    for name, info in of.model_fields.items():
        seen = mark(info, Seen)
        classed = (seen.access if seen else of.access).name in above
        if classed or (of.word, camel(name)) in denied:
            yield name


def limits(sight: Sight) -> bool:
    """Whether a sight may hide rows at all: one scope that shows everything hides none."""
    return bool(sight.scopes) and not any(
        not scope.above
        and not scope.blind
        and scope.segments is None
        and scope.units is None
        and not scope.except_segments
        and not scope.except_units
        for scope in sight.scopes
    )


def together(ontology: Ontology, sights: Iterable[Sight]) -> Sight:
    """What somebody with several roles sees: never a field of a row that no one role shows.

    Roles with the same row scope add up in kinds, fields and verbs. Of roles whose rows differ,
    those that see nothing beyond another are left out; the rest show the rows of any of them, with
    the kinds, fields and verbs that all of them have.
    """
    grouped: dict[Scope, Sight] = {}
    for one in sights:
        rows = _rows(one)
        old = grouped.get(rows)
        grouped[rows] = _joined(ontology, [old, one], frozenset.union) if old else one
    whole = list(grouped.values())
    best = [
        one for one in whole if not any(_covers(ontology, x, one) for x in whole if x is not one)
    ]
    return _joined(ontology, best, frozenset.intersection) if best else NOTHING


Joining = Callable[..., frozenset[Any]]
"""Union or intersection of sets."""


def _rows(sight: Sight) -> Scope:
    """Its row scope, whatever kinds it sees."""
    return replace(sight.scopes[0], blind=frozenset())


def _joined(ontology: Ontology, sights: Sequence[Sight], join: Joining) -> Sight:
    if len(sights) == 1:
        return sights[0]
    every = set(_fields(ontology))
    fields = join(*(_told(ontology, one) for one in sights))
    kinds = join(*(one.kinds or frozenset() for one in sights))
    links = frozenset(ontology.links) - join(*(frozenset(ontology.links) - x.links for x in sights))
    verbs = [one.verbs for one in sights]
    known = [one for one in verbs if one is not None]
    scopes: tuple[Scope, ...]
    if join is frozenset.union:
        allowed = None if len(known) < len(verbs) else frozenset().union(*known)
        blind = frozenset.intersection(*(one.scopes[0].blind for one in sights))
        scopes = (replace(sights[0].scopes[0], blind=blind),)
    else:
        allowed = frozenset.intersection(*known) if known else None
        scopes = tuple(scope for one in sights for scope in one.scopes)
    least = max(one.least for one in sights)
    return Sight(kinds, links, frozenset(every - fields), scopes, least, allowed)


def _fields(ontology: Ontology) -> Iterator[tuple[str, str]]:
    return ((of.word, camel(name)) for of in ontology.declared() for name in of.model_fields)


def _told(ontology: Ontology, sight: Sight) -> frozenset[tuple[str, str]]:
    """Fields of the kinds and links that it sees."""
    seen = {
        k.word for k in ontology.kinds.values() if sight.kinds is None or k.label in sight.kinds
    }
    seen |= ontology.links.keys() - sight.links
    return frozenset(x for x in _fields(ontology) if x[0] in seen and x not in sight.denied)


def _covers(ontology: Ontology, wide: Sight, narrow: Sight) -> bool:
    """Whether one sight shows every field of every row that the other shows."""
    a, b = _rows(wide), _rows(narrow)
    return (
        _told(ontology, narrow) <= _told(ontology, wide)
        and CLASSES.index(b.clearance) <= CLASSES.index(a.clearance)
        and _wider(a.segments, a.except_segments, b.segments, b.except_segments)
        and _wider(a.units, a.except_units, b.units, b.except_units)
    )


def _wider(
    wide: frozenset[str] | None,
    without: frozenset[str],
    narrow: frozenset[str] | None,
    less: frozenset[str],
) -> bool:
    if wide is None:
        return without <= less if narrow is None else not without & (narrow - less)
    return narrow is not None and narrow - less <= wide - without
