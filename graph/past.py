"""Expressions over the past of a thing or link: its revision, and pages of what changed.

The Cypher stands in `queries/past`; here its parts are put together, under variables that nobody
else uses, and what comes back is told by the arithmetic of `graph/differences.py`.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, Protocol

from graph import cursors, references
from graph.changing import Beside, Columns, changes
from graph.connections import connection, wanted
from graph.fragments import Fragments
from graph.guard import check, check_past
from graph.ontology import Ontology
from graph.ontology.vocabulary import Kind, Kinds, Link, Refers, camel, mark
from graph.pages import page_size
from graph.selection import Select
from graph.shapes import Context, Shape, as_is
from graph.times import OPEN
from queries import PAST

LARGEST = 200
"""Changes of one page at most."""
STATE = "{.*, recorded: 0, superseded: 0, validFrom: 0, validTo: 0, salt: 0, erased: 0}"
"""What a piece says, whatever its times."""
_NAMES = re.compile(r"\bh_\w+")


class Compiling(Protocol):
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

    def __init__(self, compiler: Compiling, of: type[Kind] | type[Link], id_: str, e: str) -> None:
        self.compiler = compiler
        self.of = of
        self.id = id_
        self.e = e
        self.prefix = f"{compiler.variables('h')[0]}_"
        self.columns = Columns(compiler.ontology, of, compiler.fragments)

    @property
    def revision(self) -> Shape:
        """The number of the last commit that spoke of it."""
        text = f"{self.found} {self.text('commits', within='true')} ORDER BY h_c DESC LIMIT 1"
        return Shape(self.own(f"head(COLLECT {{ {text} }})"), as_is)

    @property
    def known(self) -> str:
        """Predicate: something is known of it."""
        return self.own(f"EXISTS {{ {self._pieces} RETURN h_x }}")

    def page(self, select: Select, listing: str) -> Shape:
        """A page of its changes, newest first. Raises BadRequest, BadCursor."""
        given = select.arguments
        first, within = page_size(given.get("first"), LARGEST), "true"
        if (cursor := given.get("after")) is not None:
            (after,) = cursors.decode(listing, cursor, 1).values
            within = f"h_c < {self.compiler.bind(after)}"
        rows = self.rows(wanted(select), Wish(within, first + 1))
        count = self.own(f"COUNT {{ {self.found} {self.text('commits', within='true')} }}")
        counted = count if select.asked("totalCount") else "null"

        def build(row: Any, context: Context) -> Any:
            return connection(select, listing, rows.build(row[0], context), first, row[1])

        return Shape(f"[{rows.expression}, {counted}]", build)

    def rows(self, selects: Sequence[Select], wish: Wish) -> Shape:
        """Changes, each with what is selected of it; none where nothing is known."""
        words = {
            "commits": self.text("commits", within=wish.within),
            "down": "DESC" if wish.newest else "",
            "rows": self.compiler.bind(wish.rows),
        }
        chosen = self.text("chosen", **words)
        made = self.history(selects, chosen, words["down"])
        return Shape(self.own(made.expression), made.build)

    def history(self, selects: Sequence[Select], chosen: str, down: str = "") -> Shape:
        """What the chosen commits did, under variables that are still to be made its own."""
        nodes = [(one, self._then(one)) for one in selects if one.name == "node"]
        behind = [(one, self._decision(one)) for one in selects if one.name == "decision"]
        words = {
            "found": self.found,
            "chosen": chosen,
            "down": down,
            "open": str(OPEN),
            "entry": self.text("entry"),
            "columns": _list(shape.expression for _, shape in nodes),
            "carried": self._carried(),
            "decisions": self._decisions([shape for _, shape in behind]) if behind else "[]",
        }
        beside = Beside(
            [(one, shape.build) for one, shape in nodes],
            [(one, shape.build) for one, shape in behind],
        )
        return Shape(
            f"head(COLLECT {{ {self.text('history', **words)} }})",
            lambda row, context: list(changes(self.told_by, beside, row, context)),
        )

    def told_by(self, id_: str) -> Columns:
        """How the pieces of what has an id are told."""
        return self.columns

    @property
    def found(self) -> str:
        """Its pieces as `h_xs`."""
        return self.text("found", pieces=self._pieces)

    def text(self, name: str, **words: str) -> str:
        """A text of `queries/past` with its words and predicates."""
        return self._fragments.expand(TEXTS[name], **words)

    @property
    def _fragments(self) -> Fragments:
        """The predicates; of a thing of a known kind, those that this kind needs."""
        f = self.compiler.fragments
        return f.about("h_thing", self.of) if issubclass(self.of, Kind) else f

    def own(self, text: str) -> str:
        """A text with names of its own for its variables, and the real ones of what it is about."""
        real = {"h_thing": self.e, "h_named": self.id}
        return _NAMES.sub(lambda found: real.get(found[0], self.prefix + found[0][2:]), text)

    @property
    def _pieces(self) -> str:
        if issubclass(self.of, Link):
            return self.text("links", type=self.of.type)
        return self.text("things")

    def _then(self, select: Select) -> Shape:
        """It itself, as of each commit."""
        t, known = (f"{self.prefix}{name}" for name in ("t", "then"))
        words = {"known": self.text("known"), "begins": self.text("begins", state=STATE)}
        with self.compiler.as_known(t, known):
            told = self.told(select)
        return Shape(self.text("then", told=told.expression, **words), told.build)

    def told(self, select: Select) -> Shape:
        """It itself, at the instant for which is being compiled."""
        if not issubclass(self.of, Link):
            return self.compiler.found(self.id, (self.of,), select.fields)
        text, inner = references.linked(self.compiler, self.of, f"[{self.id}]", select.fields)
        return Shape(f"head({text})", lambda row, c: inner(row[1], c) if row else None)

    def types(self, away: bool) -> Sequence[str]:
        """Types of relationships that columns carry, out of it or into it."""
        return self.columns.types(away)

    def naming(self) -> Sequence[str]:
        """Fields by which a link names the decision behind it."""
        return naming(self.of)

    def _carried(self) -> str:
        found = ((self.types(away), away) for away in (True, False))
        parts = (self.text("carried", **arrow(types, away)) for types, away in found if types)
        return " + ".join(("[]", *parts))

    def _decision(self, select: Select) -> Shape:
        kinds = (self.compiler.ontology.kinds["decision"],)
        return self.compiler.thing(f"{self.prefix}d", f"{self.prefix}s", kinds, select.fields)

    def _decisions(self, behind: Sequence[Shape]) -> str:
        words = {
            "named": self._named(),
            "id": self.id,
            "explained": self.text("explained", commits=self.text("commits", within="true")),
            "columns": _list(shape.expression for shape in behind),
        }
        return self.text("decisions", **words)

    def _named(self) -> str:
        """Ids of decisions that it names itself, by a link or by a field."""
        parts = ["[]"]
        if backing := self.backing():
            parts.append(self.text("backing", **arrow(backing, True)))
        parts += (f"[h_x IN h_xs | 'decision:' + h_x.`{name}`]" for name in self.naming())
        return " + ".join(parts)

    def backing(self) -> Sequence[str]:
        """Types of relationships that lead to the decision behind it."""
        return self.columns.backing


class Anything(Past):
    """The past of whatever a row names by `h_id`, a link also by `h_source` and `h_target`."""

    def __init__(self, compiler: Compiling) -> None:
        super().__init__(compiler, Kind, "", "")
        self.id, self.e = f"{self.prefix}id", f"{self.prefix}thing"
        ontology, f = compiler.ontology, compiler.fragments
        kinds = {word: Columns(ontology, of, f) for word, of in ontology.kinds.items()}
        links = {word: Columns(ontology, of, f) for word, of in ontology.links.items()}
        self._every = kinds | links

    @property
    def _fragments(self) -> Fragments:
        """The predicates of whatever it is."""
        return self.compiler.fragments

    def told_by(self, id_: str) -> Columns:
        """As its kind or link says."""
        return self._every[id_.partition(":")[0]]

    @property
    def found(self) -> str:
        """The pieces of the thing or link."""
        return self.text("any", pieces=self.text("things"))

    def types(self, away: bool) -> Sequence[str]:
        """Those of all kinds."""
        return sorted({type_ for one in self._every.values() for type_ in one.types(away)})

    def backing(self) -> Sequence[str]:
        """Those of all kinds."""
        return sorted({type_ for one in self._every.values() for type_ in one.backing})

    def naming(self) -> Sequence[str]:
        """Those of all links."""
        links = self.compiler.ontology.links.values()
        return sorted({name for link in links for name in naming(link)})

    def told(self, select: Select) -> Shape:
        """The thing, else the link."""
        kinds = tuple(self.compiler.ontology.kinds.values())
        thing = self.compiler.found(self.id, kinds, select.fields)
        link = self._link(select)

        def build(row: Any, context: Context) -> Any:
            return link.build(row[1], context) if row[1] else thing.build(row[0], context)

        return Shape(f"[{thing.expression}, {link.expression}]", build)

    def _link(self, select: Select) -> Shape:
        a, b, r, sa, sb = (f"{self.prefix}{name}" for name in ("a", "b", "r", "sa", "sb"))
        c, f = self.compiler, self.compiler.fragments
        shapes = {
            link: references.link_value(c, link, (r, a, sa, b, sb), select.fields)
            for link in c.ontology.links.values()
        }
        by_type = {link.type: shape.expression for link, shape in shapes.items()}
        builds = {link.word: shape.build for link, shape in shapes.items()}
        words = {"held": f.holds(r, c.t), "a": f.state(a, c.t), "b": f.state(b, c.t)}
        text = self.text("any_link", told=f"[{r}.id, {_by_type(r, by_type)}]", **words)
        return Shape(text, lambda row, x: builds[row[0].partition(":")[0]](row[1], x))


def naming(of: type[Kind] | type[Link]) -> list[str]:
    """Fields by which a link names the decision behind it."""
    marks = ((name, mark(info, Refers)) for name, info in of.model_fields.items())
    return [camel(name) for name, refers in marks if refers and refers.words == ("decision",)]


def _by_type(r: str, by_type: Mapping[str, str]) -> str:
    """One expression for the types that share it."""
    types: defaultdict[str, list[str]] = defaultdict(list)
    for type_, text in by_type.items():
        types[text].append(type_)
    cases = (f"WHEN type({r}) IN {those} THEN {text}" for text, those in types.items())
    return f"CASE {' '.join(cases)} END"


def arrow(types: Iterable[str], away: bool) -> dict[str, str]:
    """Words of a pattern that leads away from a thing, or towards it."""
    before, after = ("", ">") if away else ("<", "")
    told = {"before": before, "after": after, "away": str(away).lower()}
    return {**told, "types": "|".join(types)}


def _list(expressions: Iterable[str]) -> str:
    return f"[{', '.join(text or 'null' for text in expressions)}]"


def _without_why(text: str) -> str:
    return text.partition("\n")[2].strip()


TEXTS = {name: _without_why(text) for name, text in PAST.items()}


def guarded(name: str, text: str) -> None:
    """Refuse a text that forgets: one on a moment as other questions, others as on the past.

    Raises ValueError with the name of the text and of the variable.
    """
    if text.startswith("{moment}"):
        return check(name, text)
    for pieces in ("things", "links"):
        check_past(name, text.replace("{pieces}", TEXTS[pieces]))


for _name, _text in TEXTS.items():
    guarded(_name, _text)
