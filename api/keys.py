"""Public keys of those who sign tokens, as their issuer publishes them (JWKS), kept for a while."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass
from http.client import HTTPException
from typing import Any, Protocol
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit
from urllib.request import HTTPRedirectHandler, ProxyHandler, Request, build_opener

import orjson
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from jwt import PyJWK
from jwt.exceptions import PyJWTError

from api.errors import log
from api.settings import loopback
from graph.errors import Unavailable

ALGORITHMS = {"RSA": "RS256", "EC": "ES256"}
"""The one algorithm that a key of each type may sign with."""
LEAST_RSA = 2048
"""Bits of an RSA key."""
LARGEST = 256 * 1024
"""Bytes of a set of keys."""
MOST = 100
"""Keys of a set."""

Fetch = Callable[[], Awaitable[bytes]]


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A public key and the one algorithm that it may be used with."""

    algorithm: str
    public: RSAPublicKey | EllipticCurvePublicKey


class Keys(Protocol):
    """Where the key of a token is looked up."""

    async def named(self, kid: str) -> SigningKey | None:
        """The key of an id; None where there is none. Raises Unavailable."""
        ...


@dataclass(frozen=True, slots=True)
class Patience:
    """For how many seconds fetched keys are kept, and how often they are asked for."""

    fresh: float = 600.0
    """Keys younger than this are used without asking; a key that is withdrawn lives so long."""
    stale: float = 3600.0
    """Keys younger than this are used where the issuer does not answer."""
    pause: float = 30.0
    """Between two fetches, be it for an unknown id or after a failure."""


PATIENT = Patience()


class PublishedKeys:
    """The keys of an issuer. An unknown id makes them be fetched again, but not often."""

    def __init__(
        self,
        fetch: Fetch,
        patience: Patience = PATIENT,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._fetch = fetch
        self._patience = patience
        self._clock = clock
        self._keys: Mapping[str, SigningKey] = {}
        self._got = self._tried = -float("inf")
        self._turn = asyncio.Lock()

    async def named(self, kid: str) -> SigningKey | None:
        """The key of an id; None where there is none. Raises Unavailable."""
        if kid not in self._keys or self._age > self._patience.fresh:
            async with self._turn:
                await self._refreshed(kid)
        if self._age > self._patience.stale:
            raise Unavailable("the keys of the issuer cannot be had; try again in a moment")
        return self._keys.get(kid)

    @property
    def _age(self) -> float:
        return self._clock() - self._got

    async def _refreshed(self, kid: str) -> None:
        """Fetch, unless another caller just did or it was tried a moment ago."""
        if kid in self._keys and self._age <= self._patience.fresh:
            return
        if self._clock() - self._tried < self._patience.pause:
            return
        self._tried = self._clock()
        try:
            self._keys = dict(parsed(await self._fetch()))
        except (OSError, HTTPException, ValueError, TimeoutError) as error:
            log.warning("keys not fetched", why=type(error).__name__)
            return
        self._got = self._clock()


def parsed(data: bytes) -> Iterator[tuple[str, SigningKey]]:
    """The keys of a set that may sign tokens, by id. Raises ValueError where it is no set."""
    told = orjson.loads(data)
    keys = told.get("keys") if isinstance(told, dict) else None
    if not isinstance(keys, list) or len(keys) > MOST:
        raise ValueError("no set of keys")
    for one in keys:
        if isinstance(one, dict) and (found := _signing(one)):
            yield found


def _signing(jwk: Mapping[str, Any]) -> tuple[str, SigningKey] | None:
    """A key for signatures with its id; None for any other, and for a private or weak one."""
    kid, kty = jwk.get("kid"), jwk.get("kty")
    algorithm = ALGORITHMS.get(kty) if isinstance(kty, str) else None
    if not isinstance(kid, str) or algorithm is None or jwk.get("use", "sig") != "sig":
        return None
    if jwk.get("alg", algorithm) != algorithm or "d" in jwk:
        return None
    try:
        public = PyJWK.from_dict(dict(jwk), algorithm).key
    except (PyJWTError, ValueError, TypeError):
        return None
    return (kid, SigningKey(algorithm, public)) if _strong(public) else None


def _strong(public: object) -> bool:
    if isinstance(public, RSAPublicKey):
        return public.key_size >= LEAST_RSA
    return isinstance(public, EllipticCurvePublicKey) and isinstance(public.curve, SECP256R1)


class _NoRedirect(HTTPRedirectHandler):
    """Keys come from the address that is set, or not at all."""

    def redirect_request(self, *_: object) -> None:
        """Refuse."""


def over_http(address: str, timeout: float = 3.0) -> Fetch:
    """How the bytes at an address are fetched: beside the event loop, without redirects."""
    near = loopback(urlsplit(address).hostname or "")
    opener = build_opener(_NoRedirect, *([ProxyHandler({})] if near else []))
    request = Request(address, headers={"Accept": "application/json"})

    def fetched() -> bytes:
        try:
            with opener.open(request, timeout=timeout) as response:
                data: bytes = response.read(LARGEST + 1)
        except HTTPError as error:
            error.close()
            raise
        if len(data) > LARGEST:
            raise URLError("too large")
        return data

    async def fetch() -> bytes:
        return await asyncio.wait_for(asyncio.to_thread(fetched), 2 * timeout)

    return fetch
