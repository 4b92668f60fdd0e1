"""Hand-written Cypher, one statement a file.

`QUESTIONS` ask the graph, `PAST` asks what changed in it, `CHECKS` look for what is wrong in it,
`LEDGER` keeps it.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib.resources import files


def _read(folder: str) -> Mapping[str, str]:
    texts = {}
    for file in sorted(files(__package__).joinpath(folder).iterdir(), key=lambda file: file.name):
        if file.name.endswith(".cypher"):
            text = file.read_text(encoding="utf-8")
            if not text.startswith("// "):
                raise ValueError(f"queries/{folder}/{file.name} does not say why in its first line")
            texts[file.name.removesuffix(".cypher")] = text
    return texts


QUESTIONS = _read("questions")
CHECKS = _read("checks")
LEDGER = _read("ledger")
PAST = _read("past")
