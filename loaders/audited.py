"""The audit as a file: CSV with a row for each entry, or JSON Lines with its changes beside it.

In order of sequence; the same audit gives the same bytes. Everything that an entry was hashed from
is there, so that the chain can be followed without the database.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

import orjson

from graph.audit_reading import entries, length, parts
from graph.errors import BadRequest
from graph.store import Store
from loaders import csv_folder
from loaders.export import beside

COLUMNS = (
    "sequence",
    "at",
    "actor",
    "roles",
    "token",
    "request",
    "reason",
    "first",
    "last",
    "created",
    "changed",
    "ended",
    "unchanged",
    "count",
    "key",
    "digest",
    "batch",
    "instants",
    "root",
    "previous",
    "hash",
)
"""What an entry may say, in the order of the file."""


async def export_audit(store: Store, path: Path, force: bool = False) -> int:
    """Write the audit to a file that ends in .csv or .jsonl; answers how many entries it has.

    Raises BadRequest.
    """
    if path.suffix not in (".csv", ".jsonl"):
        raise BadRequest(f"{path} must end in .csv or .jsonl")
    if path.exists() and not force:
        raise BadRequest(f"{path} is there already; name another file, or say --force")
    last = await length(store.answer)
    lines = _rows(store, last) if path.suffix == ".csv" else _objects(store, last)
    with beside(path) as aside:
        made = aside / path.name
        with made.open("wb") as file:
            async for line in lines:
                file.write(line)
        made.replace(path)
    return last


async def _rows(store: Store, last: int) -> AsyncIterator[bytes]:
    yield csv_folder.line(COLUMNS).encode()
    async for entry, _ in entries(store.answer, last):
        yield csv_folder.line(map(_cell, _told(entry).values())).encode()


async def _objects(store: Store, last: int) -> AsyncIterator[bytes]:
    """Entries with their commits and leaves; both are read in step."""
    kept = parts(store.answer, last)
    part = await anext(kept, None)
    async for entry, commits in entries(store.answer, last):
        leaves: list[str] = []
        while part and part[0] == entry["sequence"]:
            leaves += part[2]
            part = await anext(kept, None)
        said = {name: value for name, value in _told(entry).items() if value is not None}
        told = {**said, "commits": commits, "leaves": [orjson.Fragment(leaf) for leaf in leaves]}
        yield orjson.dumps(told, option=orjson.OPT_UTC_Z) + b"\n"


def _told(entry: Mapping[str, Any]) -> dict[str, Any]:
    return {name: entry.get(name) for name in COLUMNS}


def _cell(value: object) -> str:
    if isinstance(value, list):
        return ";".join(map(str, value))
    return "" if value is None else str(value)
