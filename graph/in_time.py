"""Predicates of the two times: in force at an instant, as far as is known."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class InTime:
    """Text of the predicates for one way of naming the record time.

    `t` is the valid time, `k` the newest commit read.
    """

    instant: bool = False
    """Whether the record time is an instant, which may cover several runs of commits."""
    known_as: str = "known"
    """The variable that holds what is known, where the record time is an instant."""

    def known(self, x: str) -> str:
        """Predicate on a state or link: recorded and not superseded, as far as is known."""
        if self.instant:
            superseded = self._within(f"{x}.superseded")
            return f"any({self._within(f'{x}.recorded')}) AND none({superseded})"
        return f"{x}.recorded <= k AND k < {x}.superseded"

    def published(self, c: str) -> str:
        """Predicate on the number of a commit: it is known."""
        return f"any({self._within(c)})" if self.instant else f"{c} <= k"

    def heard(self, x: str) -> str:
        """Predicate on a state: it was known at some time, be it believed still or no longer."""
        return self.published(f"{x}.recorded")

    def _within(self, number: str) -> str:
        return f"run IN {self.known_as} WHERE run[0] <= {number} AND {number} <= run[1]"

    def in_force(self, x: str, t: str = "t") -> str:
        """Predicate on a state or link: it holds at `t`, as far as is known."""
        return f"{x}.validFrom <= {t} AND {t} < {x}.validTo AND {self.known(x)}"

    def ranges(self, when: str) -> str:
        """Expression: what was known at an instant, as `known` of a question with record times."""
        return (
            "COLLECT { MATCH (ledger:Ledger) UNWIND ledger.runs AS run"
            f" MATCH (c:Commit {{run: run}}) WHERE c.at <= {when}"
            " AND c.sequence <= ledger.published"
            " WITH run, max(c.sequence) AS last RETURN [run, last] }"
        )

    def last_of(self, period: str) -> str:
        """Expression: the last instant of a period; null where there is none."""
        length = (
            f"CASE WHEN {period} CONTAINS 'Q' THEN duration({{months: 3}})"
            f" WHEN {period} CONTAINS 'W' THEN duration({{weeks: 1}})"
            f" WHEN size({period}) = 4 THEN duration({{years: 1}})"
            f" WHEN size({period}) = 7 THEN duration({{months: 1}}) ELSE duration({{days: 1}}) END"
        )
        begin = f"datetime({{date: date({period}), timezone: 'Z'}})"
        last = f"{begin} + {length} - duration({{microseconds: 1}})"
        return f"CASE WHEN {period} IS NOT NULL THEN {last} END"

    def _begun(self, x: str) -> str:
        return f"{x}.validFrom <= t AND {self.known(x)}"

    def recorded(self, x: str) -> str:
        """Expression: since when a state or link is known."""
        return f"head(COLLECT {{ MATCH (c:Commit {{sequence: {x}.recorded}}) RETURN c.at }})"


def runs(instant: str) -> str:
    """Expression: of each run of commits the last that was recorded by an instant."""
    last = (
        f"MATCH (c:Commit {{run: run}}) WHERE c.at <= {instant}"
        " AND c.sequence <= ledger.published"
        " RETURN c.sequence ORDER BY c.at DESC, c.sequence DESC LIMIT 1"
    )
    return (
        f"COLLECT {{ UNWIND ledger.runs AS run UNWIND COLLECT {{ {last} }} AS last"
        " RETURN [run, last] }"
    )
