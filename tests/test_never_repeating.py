"""Documents that never repeat take no more room than their limit, and known ones stay known."""

from __future__ import annotations

from itertools import islice

import pytest

from api.answering import answered
from api.app import schema
from api.documents import Documents
from api.limits import Limits
from api.requests import GraphQLRequest
from graph import preparing
from graph.questions import Ask
from graph.store import Store
from tests.faults.distinct import KNOWN, at_once, documents
from tests.serving import NOWHERE

KEPT = 2_000
"""Characters of documents that are kept: five of the stream, and the known one."""


async def test_documents_that_never_repeat_are_let_go_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """
    Two hundred, each answered, within the room of a few; one that is asked in between stays.
    """
    monkeypatch.setattr(Store, "read", at_once)
    kept = Documents(schema()._schema, Limits(documents_kept=KEPT))
    async with Store.at(NOWHERE) as store:
        first = kept.of(KNOWN)
        for text in islice(documents(), 200):
            told = await answered(schema(), GraphQLRequest(text), Ask.of(store), documents=kept)
            assert told.errors is None
            assert [None] == list((told.data or {}).values())
            assert 0 < kept.kept.held <= KEPT
            assert first is kept.of(KNOWN)
    assert 0 < preparing.STATEMENTS.held <= preparing.MOST


async def test_the_same_text_is_looked_at_once() -> None:
    """
    Another letter makes another document.
    """
    kept = Documents(schema()._schema, Limits())
    assert kept.of(KNOWN) is kept.of(KNOWN)
    assert kept.of(KNOWN) is not kept.of(KNOWN + " ")
