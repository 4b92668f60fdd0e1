"""Plain questions: a thing, a page of things, things by id, the archive, search."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from graph import cursors, migrations, statements
from graph.errors import BadRequest
from graph.ontology.decisions import Decision
from graph.ontology.strategy import CustomerGroup
from graph.ontology.vocabulary import Entity, Kind
from graph.ontology.work import Role
from graph.questions import Ask, AsOf
from graph.selection import Select
from graph.times import Moment

LARGEST_LIST = 200
"""Ids in one question."""
MOST_WORDS = 20
"""Words in one search."""
ARCHIVE_IDS: Mapping[str, type[Kind]] = {
    "owner": Role,
    "decision": Decision,
    "successor": Entity,
    "group": CustomerGroup,
}
"""What the ids in a filter of the archive are of."""
ARCHIVE_WORDS = {
    "owner": "role:...",
    "decision": "decision:...",
    "successor": "the id of an entity",
    "group": "segment:... or persona:...",
}


async def thing(ask: Ask, kind: type[Kind], key: str, as_of: AsOf | None, select: Select) -> Any:
    """A thing by its key, None where it is not in force."""
    moment = ask.moment(as_of)
    made = ask.prepared(moment, select.unasked(), statements.one, kind)
    return await ask.tell(made, moment, id=kind.id_of(key))


async def page(ask: Ask, kind: type[Kind], listing: str, as_of: AsOf | None, select: Select) -> Any:
    """A page of things of one kind."""
    moment = _paged(ask, as_of, select)
    made = ask.prepared(moment, select, statements.living, kind, listing)
    return await ask.tell(made, moment)


async def nodes(ask: Ask, ids: Sequence[str], as_of: AsOf | None, select: Select) -> list[Any]:
    """Things and links by global id, None for what does not exist or may not be seen."""
    if len(ids) > LARGEST_LIST:
        raise BadRequest(f"{len(ids)} ids are too many; ask for at most {LARGEST_LIST} at once")
    moment = ask.moment(as_of)
    found = await by_id(ask, ids, moment, select)
    return [found.get(id_) for id_ in ids]


async def by_id(ask: Ask, ids: Iterable[str], moment: Moment, select: Select) -> Mapping[str, Any]:
    """Those things and links that are in force at a moment, by id, with one statement.

    Kinds stand in it in the order of their names: ids in another order make no other statement.
    """
    asked, o = list(dict.fromkeys(ids)), ask.store.ontology
    words = {id_.partition(":")[0] for id_ in asked}
    kinds = tuple(kind for word, kind in o.kinds.items() if word in words)
    links = tuple(link for word, link in o.links.items() if word in words)
    made = ask.prepared(moment, select.unasked(), statements.several, kinds, links)
    return await ask.tell(made, moment, ids=asked) or {}


async def archive(ask: Ask, kinds: Iterable[str] | None, as_of: AsOf | None, select: Select) -> Any:
    """A page of what has ended."""
    _named(ask, select.arguments.get("filter") or {})
    moment = _paged(ask, as_of, select)
    made = ask.prepared(moment, select, statements.archive, _entities(ask, kinds))
    return await ask.tell(made, moment)


async def search(
    ask: Ask, text: str, kinds: Iterable[str] | None, as_of: AsOf | None, select: Select
) -> Any:
    """A page of things whose words match, closest names first."""
    moment = _paged(ask, as_of, select)
    index, words = migrations.search_name(ask.store.ontology), lucene(text)
    made = ask.prepared(moment, select, statements.search, _entities(ask, kinds), index)
    given = {
        "words": words,
        "phrase": text.strip().lower(),
        "begun": [begun(word) for word in searched(text)],
    }
    return await ask.tell(made, moment, **given)


def searched(text: str) -> list[str]:
    """The words of a search."""
    return re.findall(r"\w+", text.lower())


def begun(word: str) -> str:
    """Pattern of a text in which a word begins so, as the index takes words apart.

    Whoever is not told a field may not learn from a text he is told, where `art` stands within
    `cartel`, that the index found it as a word in the other.
    """
    if unicodedata.name(word[0], "").startswith(("CJK", "HIRAGANA")):
        return f"(?s).*?{word}.*"
    joined = r"\p{N}[.,;'\u2019]" if word[0].isdigit() else r"\p{L}[.:'\u2019]"
    return rf"(?s).*?(?<![\p{{L}}\p{{N}}_&&[^\p{{IsHan}}\p{{IsHiragana}}]])(?<!{joined}){word}.*"


def lucene(text: str) -> str:
    """Every word must occur, if only as a beginning; Lucene's signs mean nothing here."""
    words = searched(text)
    if not words:
        raise BadRequest("`text` holds no letter or digit to search for")
    if len(words) > MOST_WORDS:
        raise BadRequest(f"`text` has {len(words)} words; search for at most {MOST_WORDS}")
    return " AND ".join(f"({word} OR {word}*)" for word in words)


def _paged(ask: Ask, as_of: AsOf | None, select: Select) -> Moment:
    """The asked moment; a page that goes on is read at the moment of the page before."""
    after = select.arguments.get("after")
    carried = cursors.moment_of(after) if after is not None else None
    asked = ask.moment(as_of)
    if carried and (asked.now or (asked.known is None and asked.valid == carried.valid)):
        return carried
    return asked


def _named(ask: Ask, given: Mapping[str, Any]) -> None:
    """Refuse ids in a filter of the archive that cannot be there."""
    for name, allowed in ARCHIVE_IDS.items():
        id_ = given.get(name)
        kind = ask.store.ontology.kind_of(id_) if id_ else None
        if id_ and (kind is None or not issubclass(kind, allowed)):
            raise BadRequest(f"`{name}: {id_}` cannot be there; write {ARCHIVE_WORDS[name]}")


def _entities(ask: Ask, kinds: Iterable[str] | None) -> tuple[type[Entity], ...]:
    entities = ask.store.ontology.entities
    if kinds is None:
        return tuple(entities)
    wanted = {word.lower() for word in kinds}
    found = tuple(kind for kind in entities if kind.word in wanted)
    if not found:
        named = ", ".join(kinds) or "an empty list"
        raise BadRequest(f"`kinds: {named}` has nothing with a name; leave it out or name entities")
    return found
