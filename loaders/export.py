"""The graph as the tables that a load reads: what was known, and since when, or what is known now.

A load of what was written here changes nothing; into an empty database it makes the same graph.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from types import ModuleType

from graph.errors import BadRequest
from graph.histories import Histories, Life
from graph.ontology import Ontology
from graph.ontology.vocabulary import Kind, Link
from graph.store import Store
from loaders import csv_folder, sheets
from loaders.cells import row
from loaders.columns import Columns
from loaders.drafts import Draft
from loaders.facts import Ends, link_id, state_of
from loaders.lines import Carried, fits, lines

Progress = Callable[[str, int, int], None]
"""Called with what is being done, how many tables are done, and of how many."""


@dataclass(frozen=True, slots=True)
class Exported:
    """Rows by table, and what a load of them would store otherwise, each with the reason."""

    rows: dict[str, int]
    inexact: list[str]


async def export(
    store: Store,
    path: Path,
    current: bool = False,
    force: bool = False,
    progress: Progress = lambda doing, done, of: None,
) -> Exported:
    """Write a folder of CSV files, or a workbook where the path ends in .xlsx.

    `current` = what is known now, without record times, to be edited and loaded again; else all
    that was ever known. `force` = put it in the place of what is there. Raises BadRequest.
    """
    target = writer(path)
    target.free(path, force)
    histories = await Histories.published(store.answer, store.ontology, current)
    with beside(path) as aside:
        reading = _Reading(histories, aside)
        await reading.all(progress)
        drafts = [draft for draft in reading.drafts if draft.count]
        known = [declared.table for declared in store.ontology.declared()]
        target.write(path, drafts, aside, known)
    return Exported({draft.name: draft.count for draft in drafts}, reading.inexact)


def writer(path: Path) -> ModuleType:
    """What writes tables to such a path. Raises BadRequest where nothing does."""
    if path.suffix.lower() == ".xlsx":
        return sheets
    if path.suffix.lower() in (".csv", ".xls", ".xlsm", ".ods") and not path.is_dir():
        raise BadRequest(f"{path.name}: give a folder, or a file that ends in .xlsx")
    return csv_folder


@contextmanager
def beside(path: Path) -> Iterator[Path]:
    """A folder for what is not complete, which goes in the end. Raises BadRequest."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(dir=path.parent, prefix=f".{path.name}.") as aside:
            yield Path(aside)
    except OSError as error:
        raise BadRequest(f"cannot write {path}: {error.strerror}") from error


@dataclass(slots=True)
class _Reading:
    """Reads table after table into drafts."""

    histories: Histories
    aside: Path
    drafts: list[Draft] = field(default_factory=list)
    inexact: list[str] = field(default_factory=list)
    left: defaultdict[type[Link], set[str]] = field(default_factory=lambda: defaultdict(set))
    """Links that their column cannot tell, so that they need rows of their own."""

    carrying: set[tuple[type[Link], type[Kind] | None, bool]] = field(default_factory=set)
    """Links that tables of kinds have columns for, and whether the kind is their source."""

    @property
    def ontology(self) -> Ontology:
        return self.histories.ontology

    async def all(self, progress: Progress) -> None:
        """Every kind, then every link."""
        declared = self.ontology.declared()
        for done, one in enumerate(declared, start=1):
            with self._draft(one) as draft:
                rows = (
                    self._things(one, draft) if issubclass(one, Kind) else self._links(one, draft)
                )
                async for id_, wrong in rows:
                    self.inexact.append(f"{draft.name}: {id_}: {wrong}")
            progress("exporting", done, len(declared))

    def _draft(self, declared: type[Kind] | type[Link]) -> Draft:
        draft = Draft(Columns(self.ontology, declared), self.aside / f"{declared.table}.draft")
        self.drafts.append(draft)
        return draft

    async def _things(self, kind: type[Kind], draft: Draft) -> AsyncIterator[tuple[str, str]]:
        async for ids in self.histories.ids(kind):
            lives = await self.histories.things(ids)
            carried = await self._carried(kind, draft.columns, ids, lives)
            for life in lives:
                for wrong in _add(draft, life, carried[life.id]):
                    yield life.id, wrong

    async def _carried(
        self, kind: type[Kind], columns: Columns, ids: Sequence[str], lives: Sequence[Life]
    ) -> defaultdict[str, list[Carried]]:
        """Links that cells of these things can tell, by thing; the others are noted."""
        known = {life.id: life.known for life in lives}
        found: defaultdict[str, list[Carried]] = defaultdict(list)
        for forward in (True, False):
            named = {of: column for column, (of, turn) in columns.links.items() if turn == forward}
            self.carrying |= {(link, kind, forward) for link in named}
            for life in await self.histories.links(named, ids, forward):
                link = self.ontology.links[life.id.partition(":")[0]]
                own, other = _ends(life)[:: 1 if forward else -1]
                plain = _plain(link, life) and columns.mention(named[link], other) is not None
                if plain and own in known and fits(known[own], life.known):
                    found[own].append(Carried(named[link], other, life.known))
                else:
                    self.left[link].add(life.id)
        return found

    async def _links(self, link: type[Link], draft: Draft) -> AsyncIterator[tuple[str, str]]:
        if not await self.histories.any(link) or self._all_in_columns(link):
            return
        for kind in sorted(self.ontology.sources(link), key=lambda kind: kind.word):
            async for ids in self.histories.ids(kind):
                for life in await self.histories.links([link], ids, forward=True):
                    if life.id in self.left[link] or not self._in_column(link, life):
                        for wrong in _add(draft, life, ()):
                            yield life.id, wrong

    def _all_in_columns(self, link: type[Link]) -> bool:
        """Whether no link of this type needs a row of its own."""
        sources, targets = self.ontology.sources(link), self.ontology.targets(link)
        forward = all((link, kind, True) in self.carrying for kind in sources)
        backward = all((link, kind, False) in self.carrying for kind in targets)
        return not self.left[link] and (forward or backward)

    def _in_column(self, link: type[Link], life: Life) -> bool:
        """Whether the table of an end has a column for the link."""
        kinds = map(self.ontology.kind_of, _ends(life))
        ends = zip(kinds, (True, False), strict=True)
        return any((link, kind, forward) in self.carrying for kind, forward in ends)


def _plain(link: type[Link], life: Life) -> bool:
    """Whether a link says and is called what the loader makes of a cell."""
    state = state_of(link.model_validate({}))
    same = all(piece.state == state for pieces in life.known.values() for piece in pieces)
    return same and life.id == link_id(link, _ends(life), None)


def _ends(life: Life) -> Ends:
    return life.ends or ("", "")


def _add(draft: Draft, life: Life, carried: Sequence[Carried]) -> Iterator[str]:
    """Add the rows of a life; answers why some of them are not exact, once each."""
    wrong: dict[str, None] = {}
    for line in lines(life.known, carried):
        told = row(draft.columns, life.id, life.ends, line)
        draft.add(told)
        if told.wrong:
            wrong[told.wrong] = None
    yield from wrong
