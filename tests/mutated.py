"""Bodies of requests with something changed: a byte, a token, a member, a type."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

QUESTIONS = [
    path.read_text(encoding="utf-8")
    for path in sorted((Path(__file__).parent / "questions").glob("*.graphql"))
]
REQUESTS: list[dict[str, Any]] = [
    {"query": "{ __typename }"},
    {"query": "query ($k: String!) { kpi(key: $k) { name } }", "variables": {"k": "nps"}},
    {
        "query": "query ($n: Int, $o: [KpiOrder!]) { kpis(first: $n, orderBy: $o) { totalCount } }",
        "variables": {"n": 5, "o": [{"field": "NAME", "direction": "ASC"}]},
        "operationName": None,
        "extensions": {},
    },
    {"query": "mutation { exclude(input: {}) { __typename } }"},
    *({"query": text} for text in QUESTIONS),
]
VALUES: list[Any] = [
    None, True, False, 0, -1, 2**31, 2**63, 1e308, "", "x", "\x00", "\ud7ff", "'", "kpi:nps",
    [], [[]], {}, {"a": None}, "9" * 50, "é" * 20, "{", "__proto__", 0.1, -0.0, "2026-02-30",
]  # fmt: skip
TOKENS = ["{", "}", "(", ")", "[", "]", "$", "@", "!", "...", ":", '"', '"""', "#", "\\", "&",
          "|", "=", "null", "on", "fragment", "query", "mutation", "subscription", "-1", "1e9",
          "\ufeff", "\u0000", "@skip(if: true)", "__schema", "first: -1", "\r\n"]  # fmt: skip


def mutated(chance: random.Random) -> bytes:
    """One body; the same for the same state of chance."""
    request = json.loads(json.dumps(chance.choice(REQUESTS)))
    way = chance.randrange(4)
    if way == 0:
        request = member(request, chance)
    if way == 1:
        request["query"] = token(request["query"], chance)
    data = json.dumps(request, ensure_ascii=chance.random() < 0.5).encode("utf-8", "replace")
    return byte(data, chance) if way >= 2 else data


def member(request: dict[str, Any], chance: random.Random) -> dict[str, Any]:
    """A value anywhere replaced, left out or doubled under another name."""
    places: list[dict[str, Any]] = [request]
    places += [one for one in request.values() if isinstance(one, dict)]
    place = chance.choice(places)
    name = chance.choice([*place, "query", "variables", "extensions", "documentId", "other"])
    if chance.random() < 0.2:
        place.pop(name, None)
    else:
        place[name] = chance.choice(VALUES)
    return request


def token(text: str, chance: random.Random) -> str:
    """A document with a token put in, left out, repeated or exchanged."""
    parts = text.split(" ")
    at = chance.randrange(len(parts))
    match chance.randrange(4):
        case 0:
            parts.insert(at, chance.choice(TOKENS))
        case 1:
            del parts[at]
        case 2:
            parts[at:at] = [parts[at]] * chance.choice((1, 2, 50))
        case _:
            other = chance.randrange(len(parts))
            parts[at], parts[other] = parts[other], parts[at]
    return " ".join(parts)


def byte(data: bytes, chance: random.Random) -> bytes:
    """A body with some bytes changed, put in, left out, or its end cut off."""
    changed = bytearray(data)
    for _ in range(chance.choice((1, 1, 2, 8))):
        at = chance.randrange(len(changed) or 1)
        match chance.randrange(4):
            case 0:
                changed[at : at + 1] = bytes([chance.randrange(256)])
            case 1:
                changed[at:at] = bytes([chance.randrange(256)]) * chance.choice((1, 3, 100))
            case 2:
                del changed[at : at + chance.choice((1, 5))]
            case _:
                del changed[max(at, 1) :]
    return bytes(changed)
