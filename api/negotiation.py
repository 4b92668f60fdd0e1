"""Media types of GraphQL over HTTP: what a body may be, and in what an answer is told."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

JSON = "application/json"
GRAPHQL = "application/graphql-response+json"
UTF8 = ("utf-8", "utf8")
KEPT = 64
"""Headers that are known already: clients send the same again and again."""
QUALITY = re.compile(r"0(\.\d{0,3})?|1(\.0{0,3})?")


@dataclass(frozen=True, slots=True)
class MediaType:
    """A media type as a header names it, in lower case."""

    name: str
    parameters: dict[str, str]

    @classmethod
    @lru_cache(KEPT)
    def parse(cls, text: str) -> MediaType:
        """The type before the first semicolon, and what follows as name=value."""
        name, *rest = text.lower().split(";")
        pairs = (part.partition("=") for part in rest if part.strip())
        return cls(name.strip(), {key.strip(): value.strip(' "\t') for key, _, value in pairs})

    @property
    def utf8(self) -> bool:
        """Whether it is UTF-8, as all JSON is that does not say otherwise."""
        return self.parameters.get("charset", "utf-8") in UTF8

    @property
    def quality(self) -> float:
        """How much it is wanted, 0 to 1; 0 where the weight is no weight."""
        given = self.parameters.get("q", "1")
        return float(given) if QUALITY.fullmatch(given) else 0.0

    def covers(self, offered: str) -> int:
        """How exactly it names a type that we offer: 3 by name, 1 as any type, 0 not at all."""
        ranges = ("*/*", f"{offered.partition('/')[0]}/*", offered)
        return ranges.index(self.name) + 1 if self.name in ranges and self.utf8 else 0


@lru_cache(KEPT)
def negotiated(accept: str) -> str | None:
    """
    The type to answer in, None where none of ours is acceptable.

    The greater weight wins, then the more exact name, then the earlier place. Who does not say
    takes anything and gets `application/json`.
    """
    ranges = [MediaType.parse(part) for part in accept.split(",") if part.strip()]
    if not ranges:
        return JSON
    weights = {offered: _weight(ranges, offered) for offered in (JSON, GRAPHQL)}
    best = max(weights, key=lambda offered: weights[offered])
    return best if weights[best][0] else None


def _weight(ranges: list[MediaType], offered: str) -> tuple[float, int, int]:
    """Weight, exactness and place of the range that names a type most exactly."""
    found = [(one.covers(offered), -place, one) for place, one in enumerate(ranges)]
    exact, place, one = max(found, key=lambda each: each[:2])
    return (one.quality, exact, place) if exact else (0.0, 0, 0)
