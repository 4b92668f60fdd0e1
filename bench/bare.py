"""The tables of a folder as bare statements: nodes and relationships, on one indexed key.

The same nodes and relationships as ours: each thing with a state behind it, and all with their two
times, the same for all. Or the least that can hold the tables, with neither.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from contextlib import suppress
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar

from graph.ontology import ONTOLOGY
from graph.ontology.vocabulary import Kind, Link
from graph.times import DAWN, FAR, OPEN
from loaders.columns import Columns
from loaders.reading import tables_of

T = TypeVar("T")
BATCH = 10_000
UNIQUE = "CREATE CONSTRAINT bare_id IF NOT EXISTS FOR (n:Bare) REQUIRE n.id IS UNIQUE"
AWAIT = "CALL db.awaitIndexes(300)"
NODES = {
    False: "UNWIND $rows AS row CREATE (n:Bare:{label}) SET n = row",
    True: "UNWIND $rows AS row CREATE (n:Bare:{label})-[:BARE_STATE]->(x:{label}Bare)"
    " SET n = row, n += $times, x = row, x += $times",
}
"""By whether things have states and times."""
_JOIN = (
    "UNWIND $rows AS row MATCH (a:Bare {{id: row.source}}) MATCH (b:Bare {{id: row.target}})"
    " CREATE (a)-[r:{type}]->(b) SET r = row.said"
)
LINKS = {False: _JOIN, True: f"{_JOIN}, r += $times"}
TIMES = {"validFrom": DAWN, "validTo": FAR, "recorded": 1, "superseded": OPEN}
"""`$times` of every statement."""

Row = dict[str, Any]
Batch = tuple[str, list[Row]]
"""A statement and its rows."""


def batches(folder: Path, states: bool) -> Iterator[Batch]:
    """Every batch, nodes before links."""
    declared = tables_of(ONTOLOGY)
    paths = sorted(folder.glob("*.csv"))
    kinds = [(path, one) for path in paths if issubclass(one := declared[path.stem], Kind)]
    links = [(path, one) for path in paths if issubclass(one := declared[path.stem], Link)]
    for path, kind in kinds:
        columns = Columns(ONTOLOGY, kind)
        nodes = (_node(kind, columns, row) for row in _read(path))
        yield from _statements(NODES[states].format(label=kind.label), nodes)
    for path, kind in kinds:
        columns = Columns(ONTOLOGY, kind)
        for name, (link, forward) in columns.links.items():
            told = pointed(link, _carried(path, kind, columns, name, forward))
            yield from _statements(LINKS[states].format(type=link.type), told)
    for path, link in links:
        told = pointed(link, (_link(row) for row in _read(path)))
        yield from _statements(LINKS[states].format(type=link.type), told)


def _statements(text: str, rows: Iterable[Row]) -> Iterator[Batch]:
    left = iter(rows)
    while batch := list(islice(left, BATCH)):
        yield text, batch


def _read(path: Path) -> Iterator[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def _node(kind: type[Kind], columns: Columns, row: dict[str, str]) -> Row:
    said = {name: row[name] for name in row if name not in columns.links}
    return _plain(said) | {"id": kind.id_of(row["key"])}


def _carried(
    path: Path, kind: type[Kind], columns: Columns, name: str, forward: bool
) -> Iterator[Row]:
    """Links that a column carries."""
    others = columns.others(*columns.links[name])
    for row in _read(path):
        if row.get(name):
            ends = kind.id_of(row["key"]), columns.end(others, row[name])
            source, target = ends if forward else ends[::-1]
            yield {"source": source, "target": target, "said": {"id": f"{source}/{target}"}}


def _link(row: dict[str, str]) -> Row:
    source, target = row.pop("source"), row.pop("target")
    said = {"id": f"{source}/{target}"} | _plain(row)
    return {"source": source, "target": target, "said": said}


def pointed(link: type[Link], rows: Iterable[Row]) -> Iterator[Row]:
    """Links as they are stored: those along which data flows point with it."""
    for row in rows:
        yield row | {"source": row["target"], "target": row["source"]} if link.reversed() else row


def _plain(said: dict[str, str]) -> Row:
    """What a row says, numbers as numbers, nothing empty."""
    return {name: _number(text) for name, text in said.items() if text}


def _number(text: str) -> float | str:
    with suppress(ValueError):
        return float(text)
    return text
