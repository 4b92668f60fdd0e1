"""Roll-up of scores into one, with how much of the weight was there (OECD/JRC 2008)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import fsum

from graph.insight.formulas import Rule

SAME = 1e-9
"""Numbers this close are the same."""


@dataclass(frozen=True, slots=True)
class Part:
    """A score and its weight; None where it has no value."""

    weight: float
    score: float | None


@dataclass(frozen=True, slots=True)
class Total:
    """A composite, None where too little of it was there.

    `coverage` is the share of the weight that was there, 0..1; `counted` that weight itself.
    """

    value: float | None
    coverage: float
    counted: float


def composite(parts: Sequence[Part], rule: Rule, least: float | None = None) -> Total:
    """The scores that are there, each cut, as one; None under the least coverage.

    Arithmetic: scale * sum(w a) / sum(w), so that a bad score can be made up for. Geometric:
    scale * prod(a^w)^(1/sum w), so that it can less (OECD/JRC 2008, step 6).
    """
    there = [(part.weight, rule.cut(part.score)) for part in parts if part.score is not None]
    counted, whole = fsum(weight for weight, _ in there), fsum(part.weight for part in parts)
    coverage = counted / whole if whole else 0.0
    if counted <= 0 or coverage < (least or 0.0) - SAME:
        return Total(None, coverage, counted)
    shares = [(weight / counted, score) for weight, score in there]
    return Total(rule.scale * _mean(shares, rule.geometric), coverage, counted)


def contribution(part: Part, rule: Rule, total: Total) -> float | None:
    """What a score adds to the composite; None where it is not there or nothing is added up."""
    if part.score is None or rule.geometric or not total.counted:
        return None
    return rule.scale * part.weight * rule.cut(part.score) / total.counted


def rounded(value: float | None, decimals: int | None) -> float | None:
    """A value to its decimals, halves to even (IEEE 754); as it is where none are said."""
    return value if value is None or decimals is None else round(value, decimals)


def equal(exact: float | None, told: float | None, decimals: int | None) -> bool:
    """Whether a published value is the exact one, rounded either way where that is a tie."""
    if exact is None or told is None:
        return exact is told
    if decimals is None:
        return abs(exact - told) <= SAME * max(1.0, abs(told))
    whole = abs(told - round(told, decimals)) <= SAME
    return whole and abs(exact - told) <= 0.5 * 10**-decimals + SAME


def _mean(shares: Sequence[tuple[float, float]], geometric: bool) -> float:
    if not geometric:
        return fsum(share * score for share, score in shares)
    product = 1.0
    for share, score in shares:
        product *= max(score, 0.0) ** share
    return product
