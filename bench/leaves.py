"""Whether two answers say the same, whatever lists and wrappers their leaves lie in."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

DIGITS = 9
"""Significant digits in which numbers are compared: sums differ in the last by their order."""

Leaf = tuple[str, Any]


def things(answer: Any) -> Counter[frozenset[Leaf]]:
    """Every object with leaves that are not null, as these leaves by name, and how often."""
    return Counter(filter(None, _objects(answer)))


def leaves(answer: Any) -> Counter[Any]:
    """Every value, and how often."""
    return Counter(_values(answer))


def told(answer: Any) -> set[Any]:
    """The ids among the values."""
    return {value for value in leaves(answer) if isinstance(value, str) and ":" in value}


def _objects(answer: Any) -> Iterator[frozenset[Leaf]]:
    if isinstance(answer, Mapping):
        plain = {name: v for name, v in answer.items() if not isinstance(v, dict | list)}
        yield frozenset((name, _plain(v)) for name, v in plain.items() if v is not None)
    for below in _below(answer):
        yield from _objects(below)


def _values(answer: Any) -> Iterator[Any]:
    if isinstance(answer, dict | list):
        for below in _below(answer):
            yield from _values(below)
    elif answer is not None:
        yield _plain(answer)


def _below(answer: Any) -> Iterator[Any]:
    yield from answer.values() if isinstance(answer, Mapping) else ()
    yield from answer if isinstance(answer, list) else ()


def _plain(value: Any) -> Any:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return float(f"{value:.{DIGITS}g}") if number else value
