"""Statements are compiled once for who asks the same, and never told to who asks something else."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from typing import Any

import pytest

from graph import preparing
from graph.compile import Compiler
from graph.fragments import Fragments
from graph.kept import Kept
from graph.ontology import ONTOLOGY
from graph.ontology.measures import Kpi
from graph.questions import Ask, plain
from graph.selection import Select, wants
from graph.store import Store
from graph.viewers import Viewer
from tests.asking import put, thing

ALL = Fragments()


@pytest.fixture(autouse=True)
def forgotten() -> Iterator[None]:
    """Nothing is kept from another test, and nothing for the next."""
    preparing.STATEMENTS.clear()
    yield
    preparing.STATEMENTS.clear()


class Making:
    """A compiler of nothing that counts how often it is asked."""

    def __init__(self) -> None:
        self.numbers = count(1)

    def __call__(self, compiler: Compiler, *given: Any) -> tuple[str, int]:
        return "RETURN 1", next(self.numbers)


def asked(name: str = "name", **arguments: Any) -> Select:
    """A selection made anew."""
    return Select("kpi", "kpi", arguments, wants(name))


def test_the_same_selection_is_compiled_once() -> None:
    """Two selections that are equal word by word get the very same statement and builder."""
    make = Making()
    for _ in range(3):
        made = preparing.prepared(ONTOLOGY, ALL, make, (), asked(first=2, filter={"a": ["x"]}))
        assert 1 == made.answer


@pytest.mark.parametrize(
    "other",
    [
        asked("purpose", first=1),
        asked(first=2),
        asked(first="1"),
        asked(first=True),
        asked(first=1.0),
        asked(first=1, after="x"),
        asked(),
        Select("other", "kpi", {"first": 1}, wants("name")),
        Select("kpi", "kpi", {"first": 1}, wants("name"), frozenset({"Kpi"})),
    ],
)
def test_another_selection_is_compiled_anew(other: Select) -> None:
    """An alias, a field, an argument, its type or the kinds it is asked of make it another."""
    make = Making()
    assert 1 == preparing.prepared(ONTOLOGY, ALL, make, (), asked(first=1)).answer
    assert 2 == preparing.prepared(ONTOLOGY, ALL, make, (), other).answer


def test_another_viewer_never_gets_the_statement_of_the_first() -> None:
    """What a viewer may see stands in the text, so that it is compiled for each kind of viewer."""
    make = Making()
    few = Fragments(viewer=Viewer("few", frozenset({"Kpi"})), hidden=("Persona",))
    assert 1 == preparing.prepared(ONTOLOGY, ALL, make, (), asked()).answer
    assert 2 == preparing.prepared(ONTOLOGY, few, make, (), asked()).answer


def test_what_was_not_asked_for_longest_is_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only so much of statements is kept, so that odd questions cannot fill the memory."""
    kept: Kept[preparing.Prepared[Any]] = Kept(40, 10)
    monkeypatch.setattr(preparing, "STATEMENTS", kept)
    make = Making()
    for first in range(30):
        preparing.prepared(ONTOLOGY, ALL, make, (), asked(first=first))
        assert 0 < kept.held <= 40
    assert 30 == preparing.prepared(ONTOLOGY, ALL, make, (), asked(first=29)).answer
    assert 31 == preparing.prepared(ONTOLOGY, ALL, make, (), asked(first=0)).answer


async def test_one_statement_tells_each_thing_its_own(store: Store) -> None:
    """Two KPIs looked up one after another by the same statement answer their own names."""
    await put(store, thing("kpi:churn", name="Churn"), thing("kpi:nps", name="NPS"))
    names = [
        (await plain.thing(Ask.of(store), Kpi, key, None, asked()))["name"]
        for key in ("churn", "nps", "churn")
    ]
    assert ["Churn", "NPS", "Churn"] == names
