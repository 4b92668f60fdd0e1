"""Who asks, and what he may see and do."""

from __future__ import annotations

from dataclasses import dataclass

from graph.sight import EVERYTHING, Sight


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who asks. `kinds` are the labels that may be seen, None all; `sight` is what policy adds."""

    subject: str = "anyone"
    kinds: frozenset[str] | None = None
    roles: tuple[str, ...] = ()
    """Roles that the policy knows."""
    token: str | None = None
    """Id of the token with which he signed in."""
    sight: Sight = EVERYTHING
    cost: int | None = None
    """Most that a question of his may cost; None = what the settings let anybody."""

    def may(self, verb: str) -> bool:
        """Whether he may ask for a mutation, by its name in the schema."""
        return self.sight.verbs is None or verb in self.sight.verbs


EVERYONE = Viewer()
"""The unrestricted viewer, until access rules are set."""
