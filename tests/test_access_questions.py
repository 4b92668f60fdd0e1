"""Random questions of each role beside a plain filter over the bank's tables: always equal."""

from __future__ import annotations

import os
import random
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache
from itertools import islice
from typing import Any

import networkx as nx
import pytest

from graph.ontology import ONTOLOGY, End
from graph.ontology.vocabulary import Entity, Kind, camel, plural
from graph.store import Store
from tests.access_model import ROLES, policy
from tests.access_tables import View, field_name, things, ties, view
from tests.asking import answer
from tests.leaks import TYPES

QUESTIONS = int(os.environ.get("ACCESS_QUESTIONS", "200"))
"""Questions of each role; 2,000 for a thorough run."""
EACH = QUESTIONS // 9
"""Of each sort."""
AT_ONCE = 8
"""Questions in one request."""
SHAPES = max(4, QUESTIONS // 25)
"""Kinds, links and orders that one sort of question is about: each is planned anew."""
DAYS = ("2024-03-01", "2024-09-15", "2025-04-01", "2026-02-10")
TOKEN = re.compile(r"\w+(?:[.:'\u2019]\w+)*")
"""What the index takes for one word."""
PAGE = 200


@dataclass(frozen=True)
class Question:
    """A field with its arguments, what a filter over tables answers, and how that is compared."""

    text: str
    expected: Any
    read: Callable[[Any], Any] = lambda told: told


@cache
def known(word: str) -> list[str]:
    """Ids of the bank's rows of a kind."""
    return [id_ for id_ in things() if _word(id_) == word]


@cache
def joined(word: str, source: bool) -> list[str]:
    """Ids at one end of the links of a type."""
    found = (tie.source if source else tie.target for tie in ties() if tie.link.word == word)
    return sorted(set(found))


def _word(id_: str) -> str:
    return id_.partition(":")[0]


@dataclass(frozen=True)
class Chance:
    """Draws what a role asks, of a day."""

    dice: random.Random
    view: View
    as_of: str
    """The argument that names the day, with `, ` before it; empty for now."""
    shape: random.Random
    """Draws what each costs a plan: the same few again and again."""

    def kind(self) -> type[Entity]:
        """A kind with root fields."""
        return self.shape.choice(ONTOLOGY.entities)

    def id_of(self, words: Sequence[str]) -> str:
        """An id of a row of some kinds, be it hidden, over, or to come."""
        return self.dice.choice([id_ for word in words for id_ in known(word)])

    def tied(self, kind: type[Kind], end: End, far: bool) -> str:
        """An id at the near or far end of such links, mostly one that has any on some day."""
        words = [one.word for one in end.kinds] if far else [kind.word]
        there = [id_ for id_ in joined(end.link.word, end.forward != far) if _word(id_) in words]
        return self.dice.choice(there) if there and self.dice.random() < 0.8 else self.id_of(words)

    def pages(self, kind: type[Entity]) -> str:
        """The root field for pages of a kind."""
        return camel(plural(kind.word))

    def of(self, kind: type[Entity]) -> list[str]:
        """What the role sees of a kind, in order of id."""
        return sorted(id_ for id_ in self.view.alive if _word(id_) == kind.word)


def ids(page: Any) -> Any:
    """The number of rows of a page, and their ids in no order."""
    return page["totalCount"], sorted(node["id"] for node in page["nodes"])


def paged(found: Sequence[str]) -> Any:
    """What `ids` should be."""
    return len(found), sorted(found)


def one(c: Chance) -> Question:
    """A thing by its key."""
    kind = c.kind()
    id_ = c.id_of([kind.word])
    key = id_.partition(":")[2]
    seen = {"id": id_} if id_ in c.view.alive else None
    return Question(f'{camel(kind.word)}(key: "{key}"{c.as_of}) {{ id }}', seen)


def several(c: Chance) -> Question:
    """Things of some kinds by id."""
    words = c.shape.sample(list(ONTOLOGY.kinds), 4)
    listed = [c.id_of([word]) for word in words if known(word)]
    told = [{"id": id_} if id_ in c.view.alive else None for id_ in listed]
    quoted = ", ".join(f'"{id_}"' for id_ in listed)
    return Question(f"nodes(ids: [{quoted}]{c.as_of}) {{ id }}", told)


def filtered(c: Chance) -> Question:
    """A page with a filter on names, an order and a total."""
    kind, part = c.kind(), c.dice.choice(["a", "e", "on", "s", "re", ""])
    down = c.shape.random() < 0.5
    named = [(c.view.said(id_, "name") or "", id_) for id_ in c.of(kind)]
    found = [(name, id_) for name, id_ in named if part in name.lower()]
    found.sort(key=lambda row: row[0], reverse=down)
    order = f"orderBy: [{{field: NAME, direction: {'DESC' if down else 'ASC'}}}]"
    given = f'filter: {{name: {{contains: "{part}"}}}}, {order}, first: 5{c.as_of}'
    return Question(
        f"{c.pages(kind)}({given}) {{ totalCount nodes {{ id }} }}",
        {"totalCount": len(found), "nodes": [{"id": id_} for _, id_ in found[:5]]},
    )


def linked(c: Chance) -> Question:
    """A page of what is linked to something that may be hidden."""
    kind = c.kind()
    name, end = c.shape.choice(sorted(ONTOLOGY.told_ends(kind).items()))
    other = c.tied(kind, end, far=True)
    found = [id_ for id_ in c.of(kind) if other in {x for x, _ in c.view.at(id_, end)}]
    given = f'filter: {{{name}: {{id: {{eq: "{other}"}}}}}}, first: {PAGE}{c.as_of}'
    text = f"{c.pages(kind)}({given}) {{ totalCount nodes {{ id }} }}"
    return Question(text, paged(found), ids)


def nested(c: Chance) -> Question:
    """What the links of a thing lead to."""
    kind = c.shape.choice([kind for kind in ONTOLOGY.kinds.values() if ONTOLOGY.ends(kind)])
    name, end = c.shape.choice(sorted(ONTOLOGY.told_ends(kind).items()))
    id_ = c.tied(kind, end, far=False)
    inner = f"{{ ... on {kind.label} {{ there: {name} {_selected(end)} }} }}"
    found = [other for other, _ in c.view.at(id_, end)]
    seen = id_ in c.view.alive
    expected = (found[:1] if end.single else paged(found)) if seen else None

    def read(told: Any) -> Any:
        if told is None or not end.single:
            return told and ids(told["there"])
        return [told["there"]["id"]] if told["there"] else []

    return Question(f'node(id: "{id_}"{c.as_of}) {inner}', expected, read)


def _selected(end: End) -> str:
    return "{ id }" if end.single else f"(first: {PAGE}) {{ totalCount nodes {{ id }} }}"


def counted(c: Chance) -> Question:
    """How many things of a kind have what."""
    kind = c.kind()
    facet = c.shape.choice(sorted(TYPES[f"{kind.label}Facet"].values))  # type: ignore[attr-defined]
    name = camel(facet.lower())
    had = {id_: set(_had(c.view, id_, kind, name)) for id_ in c.of(kind)}
    counts = Counter(value for values in had.values() for value in values)
    rows = sorted(counts.items(), key=lambda row: (-row[1], row[0]))[:PAGE]
    expected = {
        "of": name,
        "none": sum(not values for values in had.values()),
        "values": [{"value": value, "count": count} for value, count in rows],
    }
    inner = f"facets(by: [{facet}], first: {PAGE}) {{ of none values {{ value count }} }}"
    given = f"first: 1{c.as_of}"
    return Question(f"{c.pages(kind)}({given}) {{ {inner} }}", {"facets": [expected]})


def _had(seen: View, id_: str, kind: type[Kind], name: str) -> Iterator[str]:
    """The values that a thing has of a facet."""
    if field := field_name(kind, name):
        if said := seen.said(id_, field):
            yield said
    elif path := ONTOLOGY.paths(kind).get(name):
        yield from seen.along(id_, path)
    else:
        yield from (other for other, _ in seen.at(id_, ONTOLOGY.told_ends(kind)[name]))


def searched(c: Chance) -> Question:
    """What has words, or beginnings of words, somewhere in its texts."""
    told = things()[c.id_of([kind.word for kind in ONTOLOGY.entities])]
    known = [word for word in TOKEN.findall(told.cell("name").lower()) if word.isalnum()]
    words = c.dice.sample(known, min(len(known), c.dice.choice([1, 1, 2])))
    words = [word[: c.dice.choice([3, 4, 99])] for word in words]
    entities = (id_ for id_ in c.view.alive if issubclass(things()[id_].kind, Entity))
    found = [id_ for id_ in entities if _holds(c.view.words(id_), words)]
    given = f'text: "{" ".join(words)}", first: {PAGE}{c.as_of}'
    expected = paged(found) if len(found) <= PAGE else (len(found), None)
    return Question(f"search({given}) {{ totalCount nodes {{ id }} }}", expected, _few)


def _few(page: Any) -> Any:
    return ids(page) if page["totalCount"] <= PAGE else (page["totalCount"], None)


def _holds(texts: Sequence[str], words: Sequence[str]) -> bool:
    """Whether each word begins a word of one of the texts."""
    tokens = [token for text in texts for token in TOKEN.findall(text)]
    return all(any(token.startswith(word) for token in tokens) for word in words)


def walked(c: Chance) -> Question:
    """What feeds something, or what it feeds: reachable without what is hidden."""
    layered = [kind.word for kind in ONTOLOGY.kinds.values() if kind.layer]
    id_, up = c.id_of(layered), c.shape.random() < 0.5
    then = c.view if c.as_of else _last(c.view, id_)
    way = then.flow.reverse() if up else then.flow
    depths = nx.single_source_shortest_path_length(way, id_) if id_ in way else {}
    inner = then.flow.subgraph(depths)
    given = f'of: "{id_}", direction: {"UPSTREAM" if up else "DOWNSTREAM"}{c.as_of}'
    expected = (dict(depths), set(inner.edges)) if depths else None
    text = f"lineage({given}) {{ nodes {{ depth node {{ id }} }} edges {{ from to }} }}"
    return Question(text, expected, _lineage)


def _last(seen: View, id_: str) -> View:
    """The view of the last day of something that is over."""
    until = things()[id_].until
    if until > seen.day:
        return seen
    return view(seen.who.name, str(date.fromisoformat(until) - timedelta(days=1)))


def _lineage(told: Any) -> Any:
    if told is None:
        return None
    depths = {node["node"]["id"]: node["depth"] for node in told["nodes"]}
    return depths, {(edge["from"], edge["to"]) for edge in told["edges"]}


def archived(c: Chance) -> Question:
    """What has ended."""
    over = [id_ for id_ in c.view.ended if issubclass(things()[id_].kind, Entity)]
    given = f"first: {PAGE}{c.as_of}"
    return Question(f"archive({given}) {{ totalCount nodes {{ id }} }}", paged(over), ids)


SORTS = (one, several, filtered, linked, nested, counted, searched, walked, archived)


def drawn(sort: Callable[[Chance], Question], name: str) -> Iterator[Question]:
    """Questions of a sort and a role without end; what they are planned by is one for all roles."""
    dice, today = random.Random(f"{sort.__name__} {name}"), str(datetime.now(UTC).date())
    while True:
        day = dice.choice([today, today, *DAYS])
        as_of = "" if day == today else f', asOf: {{validAt: "{day}"}}'
        shape = random.Random(f"{sort.__name__} {dice.randrange(SHAPES)}")
        yield sort(Chance(dice, view(name, day), as_of, shape))


@pytest.mark.parametrize("sort", SORTS, ids=lambda sort: sort.__name__)
async def test_random_questions_equal_a_filter_over_the_tables(
    bank: Store, patient: None, sort: Callable[[Chance], Question]
) -> None:
    """
    By key, by id, pages with filters, orders, totals and facets, links, search, lineage, archive.
    """
    for name in ROLES:
        viewer, questions = policy().viewer("somebody", [name]), drawn(sort, name)
        for _ in range(0, EACH, AT_ONCE):
            asked = list(islice(questions, AT_ONCE))
            text = " ".join(f"q{i}: {question.text}" for i, question in enumerate(asked))
            told = await answer(bank, f"{{ {text} }}", viewer)
            for i, question in enumerate(asked):
                found = question.read(told[f"q{i}"])
                assert (name, question.text, question.expected) == (name, question.text, found)
