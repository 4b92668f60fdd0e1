"""Expressions over the past of a thing or link: its revision, and pages of what changed.

The Cypher stands in `queries/past`; here its parts are put together, under variables that nobody
else uses, and what comes back is told by the arithmetic of `graph/differences.py`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, Protocol

from graph import cursors, references
from graph.changing import Beside, Columns, changes
from graph.connections import connection, wanted
from graph.fragments import Fragments, check_past
from graph.ontology import Ontology
from graph.ontology.vocabulary import Kind, Kinds, Link, Refers, camel, mark
from graph.pages import page_size
from graph.selection import Select
from graph.shapes import Context, Shape, as_is
from queries import PAST

LARGEST = 200
"""Changes of one page at most."""
STATE = "{.*, recorded: 0, superseded: 0, validFrom: 0, validTo: 0, salt: 0, erased: 0}"
"""What a piece says, whatever its times."""
_NAMES = re.compile(r"\bh_\w+")


class Things(Protocol):
    """What the past needs of a compiler."""

    ontology: Ontology
    fragments: Fragments
    t: str

    def bind(self, value: Any) -> str:
        """A parameter for a value."""
        ...

    def variables(self, letters: str) -> list[str]:
        """Variables that nobody else uses."""
        ...

    def thing(self, e: str, s: str, kinds: Kinds, selects: Iterable[Select]) -> Shape:
        """The selected fields of a node in a state."""
        ...

    def found(self, id_: str, kinds: Kinds, selects: Iterable[Select]) -> Shape:
        """The thing with an id."""
        ...

    def link_field(self, r: str, link: type[Link], select: Select) -> Shape:
        """A field of a link."""
        ...

    def as_known(self, t: str, known: str) -> AbstractContextManager[None]:
        """What is compiled within is told as of an instant, and as known then."""
        ...


@dataclass(frozen=True, slots=True)
class Wish:
    """Which changes: a predicate on the commit `h_c`, how many, and whether the newest first."""

    within: str = "true"
    rows: int = 1
    newest: bool = True


class Past:
    """The past of one thing or link. `e` is the variable of the thing, `id_` gives the id."""

    def __init__(
        self, compiler: Things, of: type[Kind] | type[Link], id_: str, e: str
    ) -> None:
        self.compiler = compiler
        self.of = of
        self.id = id_
        self.e = e
        self._prefix = f"{compiler.variables('h')[0]}_"
        self.columns = Columns(compiler.ontology, of, compiler.fragments.hides)

    @property
    def revision(self) -> Shape:
        """The number of the last commit that spoke of it."""
        text = self._put("commits", within="true")
        return Shape(self._own(f"head(COLLECT {{ {text} ORDER BY h_c DESC LIMIT 1 }})"), as_is)

    @property
    def known(self) -> str:
        """Predicate: something is known of it."""
        return self._own(f"EXISTS {{ {self._pieces} RETURN h_x }}")

    def page(self, select: Select, listing: str) -> Shape:
        """A page of its changes, newest first. Raises BadRequest, BadCursor."""
        given = select.arguments
        first, within = page_size(given.get("first"), LARGEST), "true"
        if (cursor := given.get("after")) is not None:
            (after,) = cursors.decode(listing, cursor, 1).values
            within = f"h_c < {self.compiler.bind(after)}"
        rows = self.rows(wanted(select), Wish(within, first + 1))
        count = self._own(f"COUNT {{ {self._put('commits', within='true')} }}")
        counted = count if select.asked("totalCount") else "null"

        def build(row: Any, context: Context) -> Any:
            made = rows.build(row[0], context)
            return connection(select, listing, made, first, row[1])

        return Shape(f"[{rows.expression}, {counted}]", build)

    def rows(self, selects: Sequence[Select], wish: Wish) -> Shape:
        """Changes, each with what is selected of it; none where nothing is known."""
        nodes = [(one, self._then(one)) for one in selects if one.name == "node"]
        behind = [(one, self._decision(one)) for one in selects if one.name == "decision"]
        words = {
            "commits": self._put("commits", within=wish.within),
            "down": "DESC" if wish.newest else "",
            "rows": self.compiler.bind(wish.rows),
            "entry": self._put("entry"),
            "columns": _list(shape.expression for _, shape in nodes),
            "carried": self._carried(),
            "decisions": self._decisions([shape for _, shape in behind]) if behind else "[]",
        }
        beside = Beside(
            [(one, shape.build) for one, shape in nodes],
            [(one, shape.build) for one, shape in behind],
        )
        return Shape(
            self._own(f"head(COLLECT {{ {self._put('history', **words)} }})"),
            lambda row, context: list(changes(self.columns, beside, row, context)),
        )

    @property
    def _pieces(self) -> str:
        if issubclass(self.of, Link):
            return self._text("links", type=self.of.type)
        return self._text("things")

    def _put(self, name: str, **words: str) -> str:
        return self._text(name, **{"pieces": self._pieces, **words})

    def _text(self, name: str, **words: str) -> str:
        return self.compiler.fragments.expand(_TEXTS[name], **words)

    def _own(self, text: str) -> str:
        """A text with names of its own for its variables, and the real ones of what it is about."""
        real = {"h_thing": self.e, "h_named": self.id}
        return _NAMES.sub(lambda found: real.get(found[0], self._prefix + found[0][2:]), text)

    def _then(self, select: Select) -> Shape:
        """It itself, as of each commit."""
        t, known = (f"{self._prefix}{name}" for name in ("t", "then"))
        begins = self._put("begins", state=f"h_x {STATE}")
        words = {"known": self._text("known"), "begins": begins}
        with self.compiler.as_known(t, known):
            told = self._told(select)
        return Shape(self._put("then", told=told.expression, **words), told.build)

    def _told(self, select: Select) -> Shape:
        if not issubclass(self.of, Link):
            return self.compiler.found(self.id, (self.of,), select.fields)
        text, inner = references.linked(self.compiler, self.of, f"[{self.id}]", select.fields)
        return Shape(f"head({text})", lambda row, c: inner(row[1], c) if row else None)

    def _carried(self) -> str:
        """Links in columns, out of the thing and into it."""
        parts = ["[]"]
        for away in (True, False):
            if types := self.columns.types(away):
                parts.append(self._put("carried", **_arrow(types, away)))
        return " + ".join(parts)

    def _decision(self, select: Select) -> Shape:
        kinds = (self.compiler.ontology.kinds["decision"],)
        return self.compiler.thing("h_d", "h_s", kinds, select.fields)

    def _decisions(self, behind: Sequence[Shape]) -> str:
        words = {
            "named": self._named(),
            "id": self.id,
            "explained": self._put("explained", commits=self._put("commits", within="true")),
            "columns": _list(shape.expression for shape in behind),
        }
        return self._put("decisions", **words)

    def _named(self) -> str:
        """Ids of decisions that it names itself, by a link or by a field."""
        if issubclass(self.of, Link):
            for name, info in self.of.model_fields.items():
                refers = mark(info, Refers)
                if refers and refers.words == ("decision",):
                    found = f"WITH h_x WHERE h_x.`{camel(name)}` IS NOT NULL"
                    told = f"RETURN DISTINCT 'decision:' + h_x.`{camel(name)}`"
                    return f"COLLECT {{ {self._pieces} {found} {told} }}"
            return "[]"
        away, types = self.columns.backing
        return self._put("backing", **_arrow(types, away)) if types else "[]"


def _arrow(types: Iterable[str], away: bool) -> dict[str, str]:
    before, after = ("", ">") if away else ("<", "")
    told = {"before": before, "after": after, "away": str(away).lower()}
    return {**told, "types": "|".join(types)}


def _list(expressions: Iterable[str]) -> str:
    return f"[{', '.join(text or 'null' for text in expressions)}]"


def _without_why(text: str) -> str:
    return text.partition("\n")[2].strip()


_TEXTS = {name: _without_why(text) for name, text in PAST.items()}


def _guarded() -> Iterator[tuple[str, str]]:
    """Every text, with each way of finding pieces put in where it says so."""
    for name, text in _TEXTS.items():
        yield name, text
        for pieces in ("things", "links"):
            whole = text.replace("{commits}", _TEXTS["commits"])
            if "{pieces}" in whole:
                yield f"{name} of {pieces}", whole.replace("{pieces}", _TEXTS[pieces])


for _name, _text in _guarded():
    check_past(_name, _text)
