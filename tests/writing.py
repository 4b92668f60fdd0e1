"""How tests write by mutation: one verb, its input as a mapping, and what came of it."""

from __future__ import annotations

from typing import Any

import strawberry

from graph.store import Store
from graph.times import written
from tests.asking import answer
from tests.looking import year

TOLD = """
    __typename
    ... on Receipt {
      sequence at entry dryRun repeated created changed ended unchanged
      effects { of told }
      nodes { id }
      changes { action of validFrom validTo hash fields { name before after } }
    }
    ... on UserError { code message of field value rule problems { of field value rule } }
    ... on RevisionConflict { seen revision }
"""


async def did(
    store: Store, verb: str, /, schema: strawberry.Schema | None = None, **said: Any
) -> dict[str, Any]:
    """What came of a mutation; a reason is given unless one is said."""
    type_ = {"excludeFromScorecard": "Exclude"}.get(verb, verb[0].upper() + verb[1:])
    text = f"mutation M($input: {type_}Input!) {{ {verb}(input: $input) {{ {TOLD} }} }}"
    given = {"reason": "a test"} | said
    told = await answer(store, text, schema=schema, input=given)
    found: dict[str, Any] = told[verb]
    return found


async def done(store: Store, verb: str, /, **said: Any) -> dict[str, Any]:
    """The receipt of a mutation that is done."""
    told = await did(store, verb, **said)
    assert "Receipt" == told["__typename"], told["message"]
    return told


async def refused(store: Store, verb: str, /, **said: Any) -> tuple[str, str | None, str | None]:
    """The code of a mutation that is refused, what it is about, and the field."""
    told = await did(store, verb, **said)
    assert "Receipt" != told["__typename"], "it was done"
    return told["code"], told["of"], told["field"]


def at(number: int) -> str:
    """The beginning of a year, as a client writes it."""
    return written(year(number))
