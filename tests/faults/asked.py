"""What the users of the load script ask: four roles, their questions, small reads and writes."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.files import table

PINNED = Path(__file__).resolve().parents[1] / "questions"
MONTH = "2026-07-20"
WRITERS = ("board", "planner")
DEAR = {
    "analyst": "analyst_lineage",
    "auditor": "auditor_archive",
    "board": "frontend_chains",
    "planner": "planner_impact",
    "frontline": "",
}
"""The question of the four users that each role asks; the board asks that of the frontend."""
SMALL = {
    "a thing": "query T($key: String!) { kpi(key: $key) { id name perspective { name }"
    " owners { nodes { name } } } }",
    "a page": "query P($first: Int!) { kpis(first: $first) { totalCount nodes { id name status }"
    " pageInfo { hasNextPage endCursor } } }",
    "a search": "query S($text: String!) { search(text: $text, first: 10) { totalCount"
    " nodes { id } } }",
    "things within things": "{ objectives(first: 10) { nodes { id name"
    " kpis { nodes { id name } } } } }",
    "an id": "query N($id: ID!) { node(id: $id) { id ... on Entity { name } } }",
}
WRITE = """mutation W($input: CreateInput!) { create(input: $input) {
  __typename ... on Receipt { sequence } ... on UserError { code message } } }"""
WORDS = ("customer", "revenue", "service", "digital", "churn", "adviser")
SHARE = 0.2
"""How often a user asks the question of the role."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One request: what it is counted as, and its body."""

    what: str
    body: dict[str, Any]


def keys() -> list[str]:
    """Keys of the bank's KPIs."""
    return [row["key"] for row in table("kpis")]


def of_role(role: str) -> list[Asked]:
    """Each question of a role once."""
    chance, known = random.Random(1), keys()
    found = [_small(name, chance, known) for name in SMALL]
    return [*found, _dear(role)] if DEAR[role] else found


def asker(role: str, user: str, seed: int, writes: float) -> Callable[[], Asked]:
    """What a user asks next, by the seed; `writes` is the part of a writer's that are writes."""
    chance, known, number = random.Random(f"{seed} {user}"), keys(), iter(range(10**9))

    def next_one() -> Asked:
        drawn = chance.random()
        if DEAR[role] and drawn < SHARE:
            return _dear(role)
        if role in WRITERS and drawn > 1 - writes:
            return _write(f"{user}_{next(number)}")
        return _small(chance.choice([*SMALL]), chance, known)

    return next_one


def _dear(role: str) -> Asked:
    name = DEAR[role]
    return Asked(name, {"query": (PINNED / f"{name}.graphql").read_text(encoding="utf-8")})


def _small(name: str, chance: random.Random, known: Sequence[str]) -> Asked:
    given = {
        "a thing": {"key": chance.choice(known)},
        "a page": {"first": chance.choice((10, 20, 50))},
        "a search": {"text": chance.choice(WORDS)},
        "things within things": {},
        "an id": {"id": f"kpi:{chance.choice(known)}"},
    }[name]
    return Asked(name, {"query": SMALL[name], "variables": given})


def _write(key: str) -> Asked:
    said = {
        "thing": {"theme": {"key": key, "name": key}},
        "validFrom": "2026-01-01",
        "reason": "load",
        "key": key,
    }
    return Asked("a write", {"query": WRITE, "variables": {"input": said}})
