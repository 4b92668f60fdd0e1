"""The data dictionary: what each table, column and field means, made from the declarations."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic.fields import FieldInfo

from graph.ontology import End, Ontology
from graph.ontology.terms import Term
from graph.ontology.vocabulary import (
    Declared,
    Entity,
    IdMark,
    Kind,
    Link,
    PeriodMark,
    Refers,
    Seen,
    Unit,
    UnitMark,
    camel,
    mark,
)

HEAD = (
    "| column | field | type | unit | allowed values | access | meaning |\n"
    "|---|---|---|---|---|---|---|\n"
)
TIMES = (
    "Every table may also have `valid_from` and `valid_to` (world time, half-open: `valid_to` is"
    " the first day no longer in force), `recorded_on` (since when the organization knew it) and"
    " `retracted` (`true` takes back what was never so). Tables of entities may have `ending`"
    " (how a life ended: `RETIRED`, `MERGED` or `ABSORBED`)."
)


def dictionary(ontology: Ontology) -> str:
    """Markdown: a section for every kind and every link, made from the declarations alone."""
    kinds = "\n".join(_kind(ontology, kind) for kind in ontology.kinds.values())
    links = "\n".join(_link(ontology, link) for link in ontology.links.values())
    return (
        "# Data dictionary\n\n"
        "Made from the declarations in `graph/ontology` by `make docs`; do not edit.\n\n"
        f"{TIMES}\n\n## Kinds\n\n{kinds}\n## Links\n\n{links}"
    )


def _kind(ontology: Ontology, kind: type[Kind]) -> str:
    rows = "".join(_row(kind, name, info) for name, info in kind.model_fields.items())
    ends = "".join(_end(end) for end in ontology.ends(kind).values())
    pair = f"`{camel(kind.word)}`, `{camel(kind.table)}`"
    asked = f" Root fields {pair}." if issubclass(kind, Entity) else ""
    ids = f"Ids `{kind.word}:...`, table `{kind.table}`.{asked}"
    head = f"### {kind.label}\n\n{_doc(kind)} {ids}\n\n"
    return f"{head}{HEAD}{rows}\n{ends}"


def _end(end: End) -> str:
    kinds = " or ".join(kind.label for kind in end.kinds)
    return f"- `{camel(end.name)}`: {kinds}, along `{end.link.word.upper()}`\n"


def _link(ontology: Ontology, link: type[Link]) -> str:
    source = " or ".join(kind.label for kind in ontology.sources(link))
    target = " or ".join(kind.label for kind in ontology.targets(link))
    columns = ", ".join(f"`{kind.table}.{name}`" for kind, name in ontology.columns(link).items())
    also = f", or column {columns}" if columns else ""
    head = (
        f"### {link.__name__}\n\n{_doc(link)} {source} → {target}. Ids `{link.word}:...`,"
        f" table `{link.table}`{also}, stored as `{link.type}`.\n\n"
    )
    rows = "".join(_row(link, name, info) for name, info in link.model_fields.items())
    return f"{head}{HEAD}{rows}" if rows else head.rstrip("\n") + "\n"


def _row(declared: type[Declared], name: str, info: FieldInfo) -> str:
    own, unit = mark(info, Seen), mark(info, Unit)
    access = own.access if own else declared.access  # type: ignore[attr-defined]
    cells = (
        f"`{info.alias or name}`",
        f"`{camel(name)}`",
        _type(info) + ("" if info.is_required() else ", optional"),
        unit or "",
        " ".join(_words(info.annotation)),
        access.name,
        str(info.description),
    )
    return f"| {' | '.join(cells)} |\n"


def _type(info: FieldInfo) -> str:
    refers = mark(info, Refers)
    if refers and len(refers.words) == 1:
        return f"key of {refers.words[0]}"
    if refers:
        return "global id"
    if mark(info, PeriodMark):
        return "period"
    if mark(info, UnitMark):
        return "unit"
    many, inner = _inner(info.annotation)
    if mark(info, IdMark):
        return "list of global ids, joined by `;`" if many else "global id"
    names = {str: "text", int: "integer", float: "number", bool: "true or false", date: "date"}
    word = (
        "word" if isinstance(inner, type) and issubclass(inner, Term) else names.get(inner, "text")
    )
    return f"list of {word}, joined by `;`" if many else word


def _inner(annotation: Any) -> tuple[bool, Any]:
    origin, parts = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return _inner(parts[0])
    if origin in (Union, UnionType):
        return _inner(next(part for part in parts if part is not type(None)))
    if origin is tuple:
        return True, _inner(parts[0])[1]
    return False, annotation


def _words(annotation: Any) -> Iterator[str]:
    inner = _inner(annotation)[1]
    if isinstance(inner, type) and issubclass(inner, Term):
        yield from inner.__members__


def _doc(of: Any) -> str:
    return " ".join((of.__doc__ or "").split())
