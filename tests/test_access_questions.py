"""Random questions of each role beside a plain filter over rows: equal, and the same for all."""

from __future__ import annotations

import os
import random
from dataclasses import dataclass
from typing import Any

import pytest

from graph.ontology import ONTOLOGY
from graph.ontology.vocabulary import plural
from graph.store import Store
from tests.access_model import ROLES, Role, policy, role, rows
from tests.asking import answer

QUESTIONS = int(os.environ.get("ACCESS_QUESTIONS", "200"))
"""Questions of each role; 2,000 for a thorough run."""
AT_ONCE = 20
"""Questions in one request."""
ENTITIES = [kind for kind in ONTOLOGY.entities if len(kind.word) < 15]


@dataclass(frozen=True)
class Row:
    """A thing that is in force, as everybody together knows it."""

    id: str
    name: str


@dataclass(frozen=True)
class Question:
    """A field with its arguments, and what a plain filter over rows answers."""

    text: str
    expected: Any


def camel(word: str) -> str:
    """`org_unit` -> `orgUnit`."""
    first, *rest = word.split("_")
    return first + "".join(part.capitalize() for part in rest)


async def living(bank: Store) -> dict[str, list[Row]]:
    """What is in force now, by word of its kind."""
    parts = (
        f"{kind.word}: {camel(plural(kind.word))}(first: 200) {{ nodes {{ id name }} }}"
        for kind in ENTITIES
    )
    found: dict[str, list[Row]] = {}
    for part in parts:
        for word, page in (await answer(bank, f"{{ {part} }}")).items():
            found[word] = [Row(node["id"], node["name"]) for node in page["nodes"]]
    return found


def one(chance: random.Random, who: Role, there: dict[str, list[Row]]) -> Question:
    """A thing by its key."""
    id_ = chance.choice([id_ for id_ in sorted(rows()) if id_.partition(":")[0] in there])
    word, _, key = id_.partition(":")
    seen = id_ in {row.id for row in there[word]} and id_ not in who.hidden
    return Question(f'{camel(word)}(key: "{key}") {{ id }}', {"id": id_} if seen else None)


def several(chance: random.Random, who: Role, there: dict[str, list[Row]]) -> Question:
    """Things by id, whatever they are."""
    alive = [row.id for known in there.values() for row in known]
    ids = chance.sample(alive, 6)
    told = [None if id_ in who.hidden else {"id": id_} for id_ in ids]
    listed = ", ".join(f'"{id_}"' for id_ in ids)
    return Question(f"nodes(ids: [{listed}]) {{ id }}", told)


def filtered(chance: random.Random, who: Role, there: dict[str, list[Row]]) -> Question:
    """A page with a filter on names, an order and a total."""
    word = chance.choice(sorted(there))
    part, down = chance.choice(["a", "e", "on", "s", "re", ""]), chance.random() < 0.5
    found = [row for row in there[word] if row.id not in who.hidden and part in row.name.lower()]
    found.sort(key=lambda row: row.id)
    found.sort(key=lambda row: row.name, reverse=down)
    order = f"orderBy: [{{field: NAME, direction: {'DESC' if down else 'ASC'}}}]"
    text = f'filter: {{name: {{contains: "{part}"}}}}, {order}, first: 5'
    return Question(
        f"{camel(plural(word))}({text}) {{ totalCount nodes {{ id }} }}",
        {"totalCount": len(found), "nodes": [{"id": row.id} for row in found[:5]]},
    )


SORTS = (one, several, filtered)


@pytest.mark.parametrize("name", ROLES)
async def test_random_questions_equal_a_filter_over_rows(bank: Store, name: str) -> None:
    """
    By key, by id, in filtered and ordered pages with totals: what the model leaves, no more.
    """
    chance, who = random.Random(f"questions of {name}"), role(name)
    viewer, there = policy().viewer("somebody", [name]), await living(bank)
    for _ in range(0, QUESTIONS, AT_ONCE):
        asked = [chance.choice(SORTS)(chance, who, there) for _ in range(AT_ONCE)]
        text = " ".join(f"q{i}: {question.text}" for i, question in enumerate(asked))
        told = await answer(bank, f"{{ {text} }}", viewer)
        assert {f"q{i}": question.expected for i, question in enumerate(asked)} == told
