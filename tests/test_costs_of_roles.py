"""What a question may cost is a matter of role: below the settings' limit, and told."""

from __future__ import annotations

import pytest
from starlette.testclient import TestClient

from api.app import create_app, schema
from api.documents import Documents
from api.limits import DEFAULTS, Limits
from api.sign_in import SignIn
from graph.errors import BadRequest
from graph.ontology import ONTOLOGY
from graph.policy import Policy
from tests.access_model import policy
from tests.serving import NOWHERE, Everything, code
from tests.test_docs import EXAMPLES

SAID = {
    "nobody": {"clearance": "PUBLIC", "kinds": "*", "cost": 60},
    "roles": {
        "cheap": {"clearance": "PUBLIC", "kinds": "*", "cost": 20},
        "dear": {"clearance": "PUBLIC", "kinds": "*", "cost": 700},
        "open": {"clearance": "PUBLIC", "kinds": "*"},
    },
}


def said(*roles: str) -> int | None:
    """What the roles of a policy let a question cost."""
    return Policy.of(SAID, ONTOLOGY).viewer("somebody", roles).cost


def test_the_largest_of_several_roles_counts() -> None:
    """
    A role that says nothing has the limit of the settings; an unknown role is no role.
    """
    assert [20, 700, None] == [said("cheap"), said("cheap", "dear"), said("cheap", "open")]
    assert [60, 60, 20] == [said(), said("king"), said("king", "cheap")]


@pytest.mark.parametrize("cost", [0, -5, True, 1.5, "2000", [1]])
def test_what_is_no_cost_is_refused_with_place_and_remedy(cost: object) -> None:
    """
    Nothing is taken for a number that is none.
    """
    with pytest.raises(BadRequest, match=r"\[roles.x\] cost: is no cost; write a whole number"):
        Policy.of({"roles": {"x": {"cost": cost}}}, ONTOLOGY)


@pytest.mark.parametrize(("role", "settings", "limit"), [(120, 90, 90), (90, 120, 90)])
def test_a_role_lowers_the_limit_of_the_settings_and_never_raises_it(
    role: int, settings: int, limit: int
) -> None:
    """
    The one that counts is told beside the cost, and a question above it is not run.
    """
    sees = Policy.of({"nobody": {"clearance": "INTERNAL", "kinds": "*", "cost": role}}, ONTOLOGY)
    app = create_app(NOWHERE, limits=Limits(cost=settings), sign_in=SignIn(sees))
    with TestClient(app) as client:
        free, dear = (
            client.post("/graphql", json={"query": text}).json()
            for text in ("{ __typename }", "{ kpis(first: 200) { nodes { perspective { key } } } }")
        )

    assert {"cost": {"requested": 0, "limit": limit}} == free["extensions"]
    assert {"cost": {"requested": 204, "limit": limit}} == dear.pop("extensions")
    assert "QUERY_TOO_COMPLEX" == code(dear)
    assert f"more than {limit}; ask for smaller pages" in dear["errors"][0]["message"]


def test_callers_of_other_limits_share_a_document() -> None:
    """
    It is parsed once, and each is held against his own limit.
    """
    kept = Documents(schema()._schema, DEFAULTS)
    text = "{ kpis(first: 200) { nodes { key } } }"

    assert [7, 10_000, 10_000] == [
        kept.of(text).cost(None, {}, allowed)["cost"]["limit"] for allowed in (7, None, 20_000)
    ]


@pytest.mark.parametrize("role", ["analyst", "planner"])
def test_a_role_of_the_bank_can_ask_all_that_its_page_asks(role: str) -> None:
    """
    Nobody copies a question from the documents that his limit refuses.
    """
    allowed = policy().viewer("somebody", [role]).cost
    assert allowed is not None
    page = {name: text for name, text in EXAMPLES.items() if name.startswith(f"for-{role}s.md")}
    documents = Documents(schema()._schema, DEFAULTS)
    for text in page.values():
        document = documents.of(text)
        for one in document.costs.operations:
            document.cost(one.name.value if one.name else None, {}, allowed)

    assert len(page) >= 5


def test_who_sees_everything_has_the_limit_of_the_settings() -> None:
    """
    The command line and the board.
    """
    assert None is Everything().viewer("somebody", ()).cost
    assert None is policy().viewer("somebody", ["board"]).cost
