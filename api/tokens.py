"""Bearer tokens: what one says, once its signature, its times and whom it is for are proven."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

import jwt
from jwt.exceptions import PyJWTError

from api.keys import Keys, SigningKey
from graph.errors import Unauthenticated
from graph.kept import Kept

LEEWAY = 30
"""Seconds by which clocks may differ."""
REQUIRED = ["exp", "iat", "sub", "aud", "iss"]
LONGEST = 8 * 1024
"""Characters of a token."""
LONGEST_NAME = 256
"""Characters of a subject, a token id, a key id or a role."""
KEPT = 1_000
"""Proven tokens that are remembered, by their hashes."""
MOST_ROLES = 64
"""Roles of one token; what comes after is not looked at."""


@dataclass(frozen=True, slots=True)
class Claims:
    """What a token says of its bearer."""

    subject: str
    roles: tuple[str, ...]
    token: str | None
    """Its id, never the token."""
    until: datetime
    """When it ends, leeway included."""

    @property
    def ended(self) -> bool:
        """Whether it is over."""
        return self.until <= datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Proven:
    """What a token says, and the very key by which that was proven."""

    kid: str
    key: SigningKey
    claims: Claims


@dataclass(frozen=True, slots=True)
class Tokens:
    """Whose tokens are taken: who signs them, for whom, and where they name roles."""

    keys: Keys
    issuer: str
    audience: str
    roles: str = "roles"
    _proven: Kept[Proven] = field(default_factory=lambda: Kept(KEPT), compare=False)

    async def claims(self, token: str) -> Claims:
        """What a good token says. Raises Unauthenticated, Unavailable.

        What was proven once holds until the token ends or its key is another.
        """
        if len(token) > LONGEST:
            raise Unauthenticated("the token is longer than 8 KiB")
        digest = sha256(token.encode("utf-8", "surrogatepass")).digest()
        if known := await self._known(digest):
            return known
        kid, algorithm = _header(token)
        key = await self.keys.named(kid)
        if key is None or key.algorithm != algorithm:
            raise Unauthenticated("the token is signed by no key that is known here")
        claims = self._decoded(token, key)
        self._proven.keep(digest, Proven(kid, key, claims))
        return claims

    async def _known(self, digest: bytes) -> Claims | None:
        found = self._proven.find(digest)
        if found is None:
            return None
        if await self.keys.named(found.kid) is not found.key or found.claims.ended:
            self._proven.drop(digest)
            return None
        return found.claims

    def _decoded(self, token: str, key: SigningKey) -> Claims:
        """What a token says that this key signed, for us, and that has not ended."""
        try:
            told = jwt.decode(
                token,
                key.public,
                algorithms=[key.algorithm],
                audience=self.audience,
                issuer=self.issuer,
                leeway=LEEWAY,
                options={"require": REQUIRED},
            )
            return _claims(told, self.roles)
        except (PyJWTError, ValueError, OverflowError, TypeError) as error:
            raise Unauthenticated(_why(error)) from error


def _header(token: str) -> tuple[str, str]:
    """Key id and algorithm that a token names, unproven."""
    try:
        told = jwt.get_unverified_header(token)
    except (PyJWTError, ValueError, RecursionError) as error:
        raise Unauthenticated("the token is malformed") from error
    kid, algorithm = told.get("kid"), told.get("alg")
    if not _name(kid) or not isinstance(algorithm, str):
        raise Unauthenticated("the token names no key (`kid`) or no algorithm (`alg`)")
    return str(kid), algorithm


def _claims(told: Mapping[str, Any], roles: str) -> Claims:
    subject, token, ends = told["sub"], told.get("jti"), told["exp"]
    if not _name(subject):
        raise Unauthenticated("the token names nobody (`sub`)")
    if isinstance(ends, bool) or not isinstance(ends, int | float):
        raise Unauthenticated("the token has no end (`exp`) that is a number")
    until = datetime.fromtimestamp(ends + LEEWAY, UTC)
    return Claims(subject, _roles(told, roles), token if _name(token) else None, until)


def _roles(told: Mapping[str, Any], claim: str) -> tuple[str, ...]:
    """The roles, each once; what is malformed is no role. A claim of claims is named with dots."""
    found: Any = told.get(claim)
    if claim not in told:
        found = told
        for part in claim.split("."):
            found = found.get(part) if isinstance(found, dict) else None
    named = found[:MOST_ROLES] if isinstance(found, list) else []
    return tuple(dict.fromkeys(one for one in named if _name(one)))


def _name(value: object) -> bool:
    """Whether it is a name that can be told and kept: short, printable text."""
    return isinstance(value, str) and 0 < len(value) <= LONGEST_NAME and value.isprintable()


_WHY: Mapping[type[Exception], str] = {
    jwt.ExpiredSignatureError: "the token has expired; sign in again",
    jwt.ImmatureSignatureError: "the token is not valid yet",
    jwt.InvalidAudienceError: "the token is for another service (`aud`)",
    jwt.InvalidIssuerError: "the token is from another issuer (`iss`)",
    jwt.InvalidSignatureError: "the signature of the token is wrong",
}


def _why(error: Exception) -> str:
    if isinstance(error, jwt.MissingRequiredClaimError):
        return f"the token lacks `{error.claim}`"
    found = (told for kind, told in _WHY.items() if isinstance(error, kind))
    return next(found, "the token is malformed")
