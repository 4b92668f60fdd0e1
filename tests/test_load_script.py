"""A short run of the load script: five roles ask and write, and nothing fails."""

from __future__ import annotations

import argparse
import asyncio

import pytest

from api.app import schema
from api.documents import Documents
from api.limits import DEFAULTS
from graph.store import Address, Store
from tests.access_model import policy
from tests.conftest import Contents
from tests.faults.asked import DEAR, asker, of_role
from tests.faults.load import Found, User, trouble, using
from tests.serving import PATIENT, create_app, listening


@pytest.mark.parametrize("role", DEAR)
def test_what_a_role_is_made_to_ask_is_valid_and_within_its_limits(role: str) -> None:
    """
    Else the script would measure refusals.
    """
    allowed = policy().viewer("somebody", [role]).cost
    documents, ask = Documents(schema()._schema, DEFAULTS), asker(role, "user", 1, 0.5)
    for asked in [*of_role(role), *(ask() for _ in range(50))]:
        document = documents.of(asked.body["query"])
        assert () == document.errors
        document.cost(None, asked.body.get("variables", {}), allowed)


def test_whatever_is_no_answer_counts_as_an_error() -> None:
    """
    Another status, an error, a mutation that was refused as data.
    """
    fine = {"data": {"create": {"__typename": "Receipt", "sequence": 1}}}
    code = {"extensions": {"code": "TIMEOUT"}}

    assert trouble(200, fine) is None
    assert "504 []" == trouble(504, {"data": None})
    assert "200 ['TIMEOUT']" == trouble(200, {"data": {"kpi": None}, "errors": [code]})
    assert "200 ['CONFLICT']" == trouble(200, {"data": {"create": {"code": "CONFLICT"}}})


def test_the_slowest_hundredth_is_of_all_answers() -> None:
    """
    One of a hundred and one answers is slower than it.
    """
    found = Found()
    found.spent["a"] = [float(n) for n in range(1, 100)]
    found.spent["b"] = [1000.0]

    assert 1000.0 == found.p99
    found.spent["b"] += [0.0]
    assert 99.0 == found.p99


async def test_ten_users_ask_for_two_seconds_and_nothing_fails(
    bank: Store, address: Address, contents: Contents
) -> None:
    """
    Each with a token of his own; the planners' and the board's writes among it.
    """
    contents.holds = "what a test left"
    chosen = argparse.Namespace(seconds=2.0, pause=0.1, seed=1, writes=0.5)
    users, found = [(role, f"{role}{n}") for role in DEAR for n in range(2)], Found()
    with listening(create_app(address, limits=PATIENT), PATIENT) as port:
        await asyncio.gather(
            *(using(User(port, name), role, name, chosen, found) for role, name in users)
        )
    written = await bank.answer("MATCH (t:Theme) WHERE t.key =~ '(board|planner).*'"
                                " RETURN count(DISTINCT t.id) AS answer")  # fmt: skip

    assert [] == found.wrong
    assert len(found.spent["a write"]) == written > 0
    assert "all" in found.table()
