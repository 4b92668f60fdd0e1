"""Trusted documents: asked by id or hash, and nothing else where that is set."""

from __future__ import annotations

import json
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from api.app import create_app, schema
from api.limits import DEFAULTS
from api.serving import trusted
from api.settings import Settings, WrongUse
from api.trusted import Trusted
from tests.serving import NOWHERE, refused, told

BODY = "query Type ($yes: Boolean = true) { __typename @include(if: $yes) }"
ID = sha256(BODY.encode()).hexdigest()
OPERATION = {"id": ID, "name": "Type", "type": "query", "body": BODY}
TYPENAME = {"data": {"__typename": "Query"}}
WAYS: dict[str, dict[str, Any]] = {
    "id": {"documentId": ID},
    "hash": {"extensions": {"persistedQuery": {"version": 1, "sha256Hash": ID}}},
    "both, and the text": {
        "documentId": ID,
        "query": BODY,
        "extensions": {"persistedQuery": {"sha256Hash": ID}},
    },
    "with name and variables": {"documentId": ID, "operationName": "Type", "variables": {}},
}


def manifest(path: Path, *operations: object, **other: object) -> Path:
    """A file with these operations."""
    file = path / "manifest.json"
    form = {"format": "apollo-persisted-query-manifest", "version": 1, "operations": operations}
    file.write_text(json.dumps(form | other))
    return file


def client(path: Path, alone: bool) -> TestClient:
    """The service with one trusted document."""
    known = Trusted.read(manifest(path, OPERATION), schema()._schema, DEFAULTS, alone)
    return TestClient(create_app(NOWHERE, trusted=known))


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
@pytest.mark.parametrize("alone", [True, False])
def test_a_registered_document_is_run(tmp_path: Path, way: dict[str, Any], alone: bool) -> None:
    """
    By id, by hash as Apollo's clients send it, by POST and GET.
    """
    address = {k: v if isinstance(v, str) else json.dumps(v) for k, v in way.items()}
    with client(tmp_path, alone) as service:
        assert TYPENAME == told(service.post("/graphql", json=way))
        assert TYPENAME == told(service.get("/graphql", params=address))


REFUSED: dict[str, tuple[dict[str, Any], tuple[int, str]]] = {
    "an id nobody registered": ({"documentId": "0" * 64}, (404, "NOT_FOUND")),
    "an id with a text to register": (
        {"documentId": "0" * 64, "query": "{ __typename }"},
        (404, "NOT_FOUND"),
    ),
    "another text under the id": ({"documentId": ID, "query": "{ a }"}, (400, "BAD_REQUEST")),
    "two ids": (
        {"documentId": ID, "extensions": {"persistedQuery": {"sha256Hash": "x"}}},
        (400, "BAD_REQUEST"),
    ),
    "a number": ({"documentId": 4}, (400, "BAD_REQUEST")),
    "a hash that is a list": ({"extensions": {"persistedQuery": [ID]}}, (400, "BAD_REQUEST")),
}


@pytest.mark.parametrize(("sent", "expected"), REFUSED.values(), ids=REFUSED)
def test_what_is_not_registered_is_refused(
    tmp_path: Path, sent: dict[str, Any], expected: tuple[int, str]
) -> None:
    """
    Nothing is registered by asking.
    """
    with client(tmp_path, alone=False) as service:
        assert expected == refused(service.post("/graphql", json=sent))


def test_alone_nothing_else_runs(tmp_path: Path) -> None:
    """
    No text, no introspection; without the mode both do.
    """
    for query in ("{ __typename }", "{ __schema { queryType { name } } }", BODY):
        with client(tmp_path, alone=True) as service:
            assert (403, "FORBIDDEN") == refused(service.post("/graphql", json={"query": query}))
        with client(tmp_path, alone=False) as service:
            assert "data" in service.post("/graphql", json={"query": query}).json()


WRONG = {
    "no operation": ([{"id": "a", "type": "query"}], "operations.0.body"),
    "no GraphQL": ([OPERATION, {**OPERATION, "id": "b", "body": "{"}], "operations.1 (b)"),
    "no such field": ([{**OPERATION, "body": "{ nothing }"}], "Cannot query field 'nothing'"),
    "another kind": ([{**OPERATION, "type": "mutation"}], "no mutation Type"),
    "one id, two documents": ([OPERATION, {**OPERATION, "body": BODY + " "}], "two documents"),
    "too dear": (
        [{**OPERATION, "body": "{" + " ".join(f"a{n}: __typename" for n in range(40)) + "}"}],
        "more than 30",
    ),
}


@pytest.mark.parametrize(("operations", "said"), WRONG.values(), ids=WRONG)
def test_a_wrong_file_stops_the_start(tmp_path: Path, operations: list[Any], said: str) -> None:
    """
    With one line that names file and place.
    """
    file = manifest(tmp_path, *operations)
    with pytest.raises(WrongUse) as found:
        trusted(Settings(goldenthread_documents=file))

    assert str(file) in str(found.value) and said in str(found.value)
    assert "\n" not in str(found.value)


def test_a_file_that_is_none_stops_the_start(tmp_path: Path) -> None:
    """
    Not there, another format, or the mode without a file.
    """
    for chosen in (
        Settings(goldenthread_documents=tmp_path / "none"),
        Settings(goldenthread_documents=manifest(tmp_path, format="other")),
        Settings(goldenthread_documents_only=True),
    ):
        with pytest.raises(WrongUse):
            trusted(chosen)
