"""The formula of a composite, read from the words in which a version keeps it."""

from __future__ import annotations

import re
from dataclasses import dataclass

NOTATION = (
    "100 * sum(w_i * clip(a_i, 0, 1.2)) / sum(w_i)",
    "100 * prod(clip(a_i, 0, 1.2) ^ w_i) ^ (1 / sum(w_i))",
)
"""How a formula is written that can be computed. The factor and the clip may be left out; ` over
components present` may follow: it is what both mean."""

_NUMBER = r"\d+(?:\.\d+)?"
_SCORE = rf"(?:clip\(a_i,(?P<low>-?{_NUMBER}),(?P<cap>{_NUMBER})\)|a_i)"
_FORMS = tuple(
    re.compile(rf"(?:(?P<scale>{_NUMBER})\*)?{core}(?:over(?:the)?componentspresent)?\.?")
    for core in (
        rf"sum\(w_i\*{_SCORE}\)/sum\(w_i\)",
        rf"prod\({_SCORE}\^w_i\)\^\(1/sum\(w_i\)\)",
    )
)


@dataclass(frozen=True, slots=True)
class Rule:
    """How scores become one: weighted mean or weighted geometric mean, times a scale.

    Scores are cut to [low, cap] first; None = not cut.
    """

    scale: float = 1.0
    low: float | None = None
    cap: float | None = None
    geometric: bool = False

    def cut(self, score: float) -> float:
        """A score within the limits."""
        raised = score if self.low is None else max(score, self.low)
        return raised if self.cap is None else min(raised, self.cap)


MEAN = Rule()
"""The plain weighted mean."""


def read(formula: str) -> Rule | None:
    """The rule that a formula tells, None where it is not written in the notation."""
    text = re.sub(r"\s", "", formula)
    for geometric, form in enumerate(_FORMS):
        if found := form.fullmatch(text):
            scale, low, cap = (found[name] for name in ("scale", "low", "cap"))
            return Rule(
                1.0 if scale is None else float(scale),
                None if low is None else float(low),
                None if cap is None else float(cap),
                bool(geometric),
            )
    return None
