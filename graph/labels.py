"""Labels in predicates on nodes, and those that hand-written patterns give their variables."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

FEW_LABELS = 3
"""Labels that a predicate names one by one."""
_LABELLED = re.compile(r"\((\w+):(?:([A-Za-z|]+)|\{(\w+)\})")


def labelled(n: str, quantor: str, labels: Sequence[str]) -> str:
    """Predicate: any, or none, of the labels of a node is among some.

    Several are a list: of many labels joined by OR or AND Neo4j makes so many clauses where the
    predicate is part of another OR that it never ends planning.
    """
    if len(labels) <= FEW_LABELS:
        return f"({'NOT ' if quantor == 'none' else ''}{n}:{'|'.join(labels)})"
    return f"{quantor}(label IN labels({n}) WHERE label IN {list(labels)})"


def labels_in(text: str, words: Mapping[str, str]) -> tuple[tuple[str, frozenset[str]], ...]:
    """Labels of variables that are bound by labelled patterns alone."""
    found: dict[str, frozenset[str]] = {"": frozenset()}
    for n, said, word in _LABELLED.findall(text):
        labels = frozenset((words.get(word, "Identity") if word else said).split("|"))
        found[n] = found.get(n, frozenset()) | labels
    unsure = {n for n, labels in found.items() if "Identity" in labels}
    unsure |= set(re.findall(r"\bAS (\w+)", text)) | {""}
    return tuple((n, found[n]) for n in sorted(found) if n not in unsure) or (("", frozenset()),)
