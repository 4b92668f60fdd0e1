"""Every kind and link, declared once; `ONTOLOGY` is all of them."""

from __future__ import annotations

import pkgutil
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from importlib import import_module
from typing import TypeVar

from graph.ontology.terms import Access
from graph.ontology.vocabulary import (
    Entity,
    Kind,
    Kinds,
    Link,
    Path,
    Personal,
    Refers,
    camel,
    mark,
)

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class End:
    """A field of a kind that follows a link to the other end."""

    name: str
    link: type[Link]
    forward: bool
    kinds: Kinds
    single: bool


class Ontology:
    """Kinds and links that belong together, and what can be read off them.

    Raises ValueError where two declarations clash or one has no description.
    """

    def __init__(self, kinds: Iterable[type[Kind]], links: Iterable[type[Link]]) -> None:
        self.kinds: dict[str, type[Kind]] = {k.word: k for k in sorted(kinds, key=_name)}
        self.links: dict[str, type[Link]] = {k.word: k for k in sorted(links, key=_name)}
        self._below = {kind: self._concrete(kind) for kind in set(self._mentioned())}
        self._ends = {kind: dict(self._ends_of(kind)) for kind in self.kinds.values()}
        self._told = {
            kind: {camel(name): end for name, end in ends.items()}
            for kind, ends in self._ends.items()
        }
        for declared in self.declared():
            _described(declared)
            _classified(declared)

    def declared(self) -> list[type[Kind] | type[Link]]:
        """Every kind, then every link."""
        return [*self.kinds.values(), *self.links.values()]

    def ends(self, kind: type[Kind]) -> Mapping[str, End]:
        """Fields of a kind that follow links, by name."""
        return self._ends[kind]

    def told_ends(self, kind: type[Kind]) -> Mapping[str, End]:
        """The same by the names that answers and filters say (camelCase)."""
        return self._told[kind]

    def below(self, kinds: Kinds) -> Kinds:
        """These kinds, with those below the abstract ones in their place."""
        found = (one for kind in kinds for one in self._below.get(kind, (kind,)))
        return tuple(dict.fromkeys(found))

    def sources(self, link: type[Link]) -> Kinds:
        """The kinds at which a link may start."""
        return self.below(link.source)

    def targets(self, link: type[Link]) -> Kinds:
        """The kinds at which it may end."""
        return self.below(link.target)

    def among(self, end: End) -> Kinds:
        """The kinds of an end where others may be there too; none where it is told for all."""
        every = self.targets(end.link) if end.forward else self.sources(end.link)
        return () if end.kinds == every else end.kinds

    def columns(self, link: type[Link]) -> Mapping[type[Kind], str]:
        """The kinds whose tables carry a link as a column, with the column's name."""
        told = link.columns.items()
        return {one: name for kind, name in told for one in self.below((kind,))}

    def referred(self, refers: Refers) -> tuple[Kinds, Sequence[type[Link]]]:
        """The kinds and links that a reference may name."""
        words = refers.words or tuple(self.kinds)
        kinds = tuple(self.kinds[word] for word in words if word in self.kinds)
        return kinds, [self.links[word] for word in words if word in self.links]

    def referring(self, link: type[Link]) -> Sequence[tuple[type[Kind], str, Refers]]:
        """Kinds with a field that names such a link and is told there: the field and its mark."""
        return self._referring.get(link.word, ())

    def paths(self, kind: type[Kind]) -> Mapping[str, Path]:
        """Short ways from a kind, by name, where every link on them is declared."""
        return self._paths[kind]

    def walked(self, kind: type[Kind], path: Path) -> Sequence[End]:
        """The ends on a path, one after another; none where one of them is not declared."""
        found: list[End] = []
        for name in path.ends:
            end = self._ends[kind].get(name)
            if end is None:
                return []
            found.append(end)
            kind = end.kinds[0]
        return found

    def kind_of(self, global_id: str) -> type[Kind] | None:
        """The kind that a global id names, if it is declared."""
        return self.kinds.get(global_id.partition(":")[0])

    def link_of(self, global_id: str) -> type[Link] | None:
        """The link that a global id names, if it is declared."""
        return self.links.get(global_id.partition(":")[0])

    @cached_property
    def _referring(self) -> Mapping[str, list[tuple[type[Kind], str, Refers]]]:
        found: defaultdict[str, list[tuple[type[Kind], str, Refers]]] = defaultdict(list)
        for kind in self.kinds.values():
            for name, info in kind.model_fields.items():
                refers = mark(info, Refers)
                if refers and refers.told and len(refers.words) == 1:
                    found[refers.words[0]].append((kind, camel(name), refers))
        return found

    @cached_property
    def _paths(self) -> Mapping[type[Kind], Mapping[str, Path]]:
        return {kind: dict(self._paths_of(kind)) for kind in self.kinds.values()}

    def _paths_of(self, kind: type[Kind]) -> Iterator[tuple[str, Path]]:
        above = (one for one in reversed(kind.__mro__) if issubclass(one, Kind))
        paths = {name: path for one in above for name, path in one.paths.items()}
        return ((name, path) for name, path in paths.items() if self.walked(kind, path))

    @cached_property
    def entities(self) -> list[type[Entity]]:
        """Kinds with a name and root fields."""
        return [kind for kind in self.kinds.values() if issubclass(kind, Entity)]

    @cached_property
    def personal(self) -> Mapping[type[Kind], str]:
        """Kinds that speak of persons, with the field that says of whom."""
        fields = ((k, n, i) for k in self.kinds.values() for n, i in k.model_fields.items())
        return {kind: name for kind, name, info in fields if mark(info, Personal)}

    @cached_property
    def flowing(self) -> list[type[Link]]:
        """Links along which data flows: those lineage walks."""
        return [link for link in self.links.values() if link.flow]

    @cached_property
    def causal(self) -> list[type[Link]]:
        """Links along which a change travels."""
        return [link for link in self.links.values() if link.causal]

    def _mentioned(self) -> Iterator[type[Kind]]:
        for link in self.links.values():
            yield from (*link.source, *link.target, *link.columns)

    def _concrete(self, kind: type[Kind]) -> Kinds:
        return tuple(one for one in self.kinds.values() if issubclass(one, kind))

    def _both_ends(self, link: type[Link], kind: type[Kind]) -> Iterator[End]:
        sources, targets = self.sources(link), self.targets(link)
        if kind in sources:
            yield End(link.forward, link, True, targets, link.forward in link.single)
        if kind not in targets:
            return
        if isinstance(link.backward, str):
            yield End(link.backward, link, False, sources, link.backward in link.single)
            return
        for source in sources:
            name = link.backward.get(source, source.table)
            yield End(name, link, False, (source,), name in link.single)

    def _ends_of(self, kind: type[Kind]) -> Iterator[tuple[str, End]]:
        seen = set(kind.model_fields)
        for link in self.links.values():
            for end in self._both_ends(link, kind):
                if end.name in seen:
                    raise ValueError(f"{kind.__name__}.{end.name} is declared twice ({link.word})")
                seen.add(end.name)
                yield end.name, end


def _name(declared: type[Kind] | type[Link]) -> str:
    return declared.__name__


def _described(declared: type[Kind] | type[Link]) -> None:
    bare = [name for name, info in declared.model_fields.items() if not info.description]
    if bare or not declared.__doc__:
        raise ValueError(f"{declared.__name__} lacks a description: {', '.join(bare) or 'itself'}")


def _classified(declared: type[Kind] | type[Link]) -> None:
    """Refuse what does not state its access class itself; none is taken for granted."""
    if not isinstance(declared.__dict__.get("access"), Access):
        words = ", ".join(Access.__members__)
        raise ValueError(f"{declared.__name__} has no access class; write access = one of {words}")


def subclasses(of: type[T]) -> Iterator[type[T]]:
    """Every class below one, in order of declaration."""
    for sub in of.__subclasses__():
        yield sub
        yield from subclasses(sub)


def _collected() -> Ontology:
    for module in pkgutil.iter_modules(__path__):
        import_module(f"{__name__}.{module.name}")
    own = f"{__name__}."
    kinds = [k for k in subclasses(Kind) if k.__module__.startswith(own)]
    links = [k for k in subclasses(Link) if k.__module__.startswith(own)]
    return Ontology([kind for kind in kinds if not kind.abstract], links)


ONTOLOGY = _collected()
