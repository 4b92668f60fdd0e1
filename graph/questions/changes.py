"""The question what was written to the whole graph: leaves of the audit, newest first."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from graph import cursors, leaves
from graph.changing import Told
from graph.compile import Compiler
from graph.connections import connection, wanted
from graph.errors import BadRequest
from graph.hideable import classes
from graph.ontology import Ontology
from graph.ontology.vocabulary import GlobalId, Input, Refers, mark
from graph.pages import page_size
from graph.past import LARGEST, Anything
from graph.questions import Ask, AsOf, When
from graph.selection import Select
from graph.shapes import Context, Shape
from graph.times import OPEN, written

PARTS = 200
"""Parts of the audit, of up to 1,000 leaves each, that one page may read."""
MOST_IDS = 200
"""Ids in one question."""


class Wanted(Input):
    """Which changes to list; all parts must hold."""

    since: When | None = None
    """Written at this instant or later."""
    until: When | None = None
    """Written before this instant."""
    actor: str | None = None
    """Who wrote them."""
    reason: str | None = None
    """Words that the reason contains, in capitals or not."""
    kinds: tuple[str, ...] | None = None
    """Only changes of things of these kinds."""
    ids: tuple[GlobalId, ...] | None = None
    """Only changes of these things and links."""


async def changes(ask: Ask, wish: Wanted, as_of: AsOf | None, select: Select) -> Any:
    """A page of changes."""
    check(wish, select)
    moment = ask.moment(as_of)
    compiler = ask.compiler(moment)
    page = _Page(compiler, wish, select)
    text, shape = page.statement()
    return await ask.once(text, shape, compiler, moment)


async def heard(ask: Ask, wish: Wanted, entries: tuple[int, int], select: Select) -> Any:
    """What was written after one entry and up to another; None where that is nothing."""
    moment = ask.moment(None)
    compiler = ask.compiler(moment)
    text, shape = _Page(compiler, wish, select, entries).statement()
    return await ask.once(text, shape, compiler, moment)


def check(wish: Wanted, select: Select) -> None:
    """Raise BadRequest for too many ids or too large a page."""
    page_size(select.arguments.get("first"), LARGEST)
    if wish.ids is not None and len(wish.ids) > MOST_IDS:
        raise BadRequest(f"{len(wish.ids)} ids are too many; name at most {MOST_IDS} at once")


@dataclass(frozen=True, slots=True)
class _Page:
    """One page in the making."""

    compiler: Compiler
    wish: Wanted
    select: Select
    between: tuple[int, int] | None = None
    """Only entries after the first and up to the second; told only if there is something."""

    def statement(self) -> tuple[str, Shape]:
        """The text, and how its answer is built."""
        past = Anything(self.compiler)
        first = page_size(self.select.arguments.get("first"), LARGEST)
        made = past.history(wanted(self.select), f"[{past.prefix}commit]")
        rows, total = self._rows(past, first), "h_total" if self._counts else "null"
        text = past.text("changes", rows=rows, total=total, history=made.expression)

        def build(row: Any, context: Context) -> Any:
            end, count, found = row
            told = list(_placed(found, made, context))
            if self.between and not told:
                return None
            full = end if len(told) <= first else None
            return connection(self.select, self._listing, told, first, count, full)

        return f"{self.compiler.fragments.moment()} {past.own(text)}", Shape("", build)

    @property
    def _counts(self) -> bool:
        return bool(self.select.asked("totalCount"))

    @property
    def _listing(self) -> str:
        return f"changes {self.wish.model_dump_json()}"

    def _rows(self, past: Anything, first: int) -> str:
        """The part of the statement that finds rows, and counts them if asked."""
        named = self.wish.ids is not None
        self._bind(rows=first + 1, parts=PARTS, **self._after(named))
        entries = self._entries()
        if named:
            self._bind(ids=list(self.wish.ids or ()))
            return past.text("named", entries=entries, each=self._each(past))
        f = self.compiler.fragments
        self._bind(grouped=_grouped(self.compiler.ontology))
        kinds = [word.lower() for word in self.wish.kinds or ()]
        words = {"entries": entries, **leaves.words("h_leaf")}
        words |= _unveiled(past)
        words["for_visible"] = self._shown(past)
        words["kinds"] = "true" if self.wish.kinds is None else leaves.of_words("h_leaf", kinds)
        text = past.text("leaves", **words)
        if not self._counts:
            return text
        plain = self.wish.kinds is None and not self._restricted and not f.instant
        return f"{text} {past.text('summed' if plain else 'counted', **words)}"

    @property
    def _restricted(self) -> bool:
        """Whether there is anything that the viewer may not see."""
        f = self.compiler.fragments
        return bool(f.unseen) or f.restriction.rows

    def _shown(self, past: Anything) -> str:
        """Predicate on a leaf: it and its ends are no hidden rows, nor is what it is for."""
        if not self._restricted:
            return "true"
        ends = (past.text("unveiled", veiled=f"h_{end}") for end in ("id", "source", "target"))
        ids = f"[h_one IN [{', '.join(ends)}] WHERE h_one IS NOT NULL]"
        shown = self.compiler.fragments.restriction.named(ids)
        parts = [past.text("for_visible")]
        parts += [f"size({shown}) = size({ids})"] if shown != ids else []
        return " AND ".join(parts)

    def _bind(self, **given: Any) -> None:
        self.compiler.parameters |= given

    def _after(self, named: bool) -> dict[str, Any]:
        """Where the page begins: an entry and a place in it, or a commit and an id."""
        cursor = self.select.arguments.get("after")
        if cursor is None:
            return {"entry": OPEN, "place": "" if named else OPEN}
        entry, place = cursors.decode(self._listing, cursor, 2).values
        return {"entry": entry, "place": place}

    def _entries(self) -> str:
        """Predicate on entries. Their instants are texts: whole seconds are compared as such."""
        wish, tests = self.wish, []
        if self.between:
            self._bind(heard=self.between[0], newest=self.between[1])
            tests.append("h_w.sequence > $heard AND h_w.sequence <= $newest")
        if wish.since:
            self._bind(since=wish.since, sinceText=_seconds(wish.since))
            tests.append("h_w.at >= $sinceText AND datetime(h_w.at) >= $since")
        if wish.until:
            self._bind(until=wish.until, untilText=_seconds(wish.until) + "~")
            tests.append("h_w.at < $untilText AND datetime(h_w.at) < $until")
        if wish.actor is not None:
            tests.append(f"h_w.actor = {self.compiler.bind(wish.actor)}")
        if wish.reason is not None:
            reason = self.compiler.bind(wish.reason)
            said = self.compiler.fragments.restriction.text("h_w.reason")
            tests.append(f"toLower({said}) CONTAINS toLower({reason})")
        return " AND ".join(tests) or "true"

    def _each(self, past: Anything) -> str:
        """Pieces of the things and links that may have one of the ids."""
        parts = [past.text("named_things")]
        found = (self.compiler.ontology.link_of(id_) for id_ in self.wish.ids or ())
        for link in dict.fromkeys(one for one in found if one):
            ends = ("h_b.id", "h_a.id") if link.reversed() else ("h_a.id", "h_b.id")
            words = {"type": link.type, "from": ends[0], "to": ends[1]}
            parts.append(past.text("named_links", **words))
        return " + ".join(parts)


@dataclass(frozen=True, slots=True)
class _Placed:
    """A change with its place in this list."""

    told: Told
    values: Sequence[Any]

    def tell(self, selects: Sequence[Select]) -> dict[str, Any]:
        """The selected fields by alias."""
        return self.told.tell(selects)


def _placed(found: Iterable[Any], made: Shape, context: Context) -> Iterator[_Placed]:
    for values, row in found:
        for told in made.build(row, context):
            yield _Placed(told, values)


def _unveiled(past: Anything) -> dict[str, str]:
    """Expressions of the names behind the pseudonyms of a leaf."""
    name = {end: past.text("unveiled", veiled=f"h_{end}") for end in ("id", "source", "target")}
    return {
        "named_source": name["source"],
        "named_target": name["target"],
        "named_id": past.text("unveiled_id", unveiled=name["id"]),
    }


def _grouped(ontology: Ontology) -> list[str]:
    """Words of links that say whom they are for, or of what class they are."""
    return [
        link.word
        for link in ontology.links.values()
        if classes(link)
        or any(len(m.words) > 1 for i in link.model_fields.values() if (m := mark(i, Refers)))
    ]


def _seconds(when: datetime) -> str:
    """An instant without its fraction and zone: no later as a text than any in that second."""
    return written(when.replace(microsecond=0)).removesuffix("Z")
