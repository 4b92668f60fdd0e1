"""A token that was proven is not proven again, for as long as its key and its time hold."""

from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import UTC, datetime
from hashlib import sha256

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from api import tokens as module
from api.keys import SigningKey
from api.tokens import LEEWAY, Tokens
from graph.errors import Unauthenticated
from tests.issuers import AUDIENCE, ISSUER, claims, ec_key, signed


def key(name: str) -> SigningKey:
    """The public half of a key of that name."""
    return SigningKey("ES256", ec_key(name).public_key())


class Held:
    """Keys as they are at the moment."""

    def __init__(self, keys: Mapping[str, SigningKey]) -> None:
        self.keys = keys

    async def named(self, kid: str) -> SigningKey | None:
        """The key of an id."""
        return self.keys.get(kid)


@pytest.fixture
def proofs(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Tokens whose signatures were looked at."""
    found: list[str] = []
    prove = jwt.decode

    def decode(token: str, *given: object, **named: object) -> object:
        found.append(token)
        return prove(token, *given, **named)  # type: ignore[arg-type]

    monkeypatch.setattr("jwt.decode", decode)
    return found


async def test_a_token_is_proven_once(proofs: list[str]) -> None:
    """
    Three times the same and once another: two proofs, and each bearer is told apart.
    """
    tokens = Tokens(Held({"one": key("one")}), ISSUER, AUDIENCE)
    ada, ben = (signed(claims(sub=name), ec_key("one")) for name in ("ada", "ben"))
    told = [(await tokens.claims(one)).subject for one in (ada, ada, ben, ada)]
    assert ["ada", "ada", "ben", "ada"] == told
    assert [ada, ben] == proofs


async def test_a_withdrawn_key_takes_its_tokens_with_it() -> None:
    """
    Also where another key has its id now.
    """
    token = signed(claims(), ec_key("one"))
    for later in ({}, {"one": key("two")}):
        held = Held({"one": key("one")})
        tokens = Tokens(held, ISSUER, AUDIENCE)
        await tokens.claims(token)
        held.keys = later
        with pytest.raises(Unauthenticated):
            await tokens.claims(token)


async def test_a_proven_token_ends_when_it_says(monkeypatch: pytest.MonkeyPatch) -> None:
    """
    An hour and half a minute later, by the clock: a second before it is taken, then no longer.
    """
    token = signed(claims(exp=int(time.time()) + 3_600), ec_key("one"))
    tokens = Tokens(Held({"one": key("one")}), ISSUER, AUDIENCE)
    end = (await tokens.claims(token)).until.timestamp()
    assert abs(end - time.time() - 3_600 - LEEWAY) < 5

    class Clock(datetime):
        """Stands where it is put."""

        at = 0.0

        @classmethod
        def now(cls, tz: object = None) -> datetime:  # type: ignore[override]
            return datetime.fromtimestamp(cls.at, UTC)

    monkeypatch.setattr(module, "datetime", Clock)
    Clock.at = end - 1
    assert "ada" == (await tokens.claims(token)).subject
    Clock.at = end
    assert not await tokens._known(sha256(token.encode()).digest())
    assert not tokens._proven


async def test_what_proves_nothing_is_not_remembered(proofs: list[str]) -> None:
    """
    A forged token is looked at each time, and leaves nothing behind.
    """
    tokens = Tokens(Held({"one": key("one")}), ISSUER, AUDIENCE)
    for _ in range(3):
        with pytest.raises(Unauthenticated):
            await tokens.claims(signed(claims(), ec.generate_private_key(ec.SECP256R1())))
    assert len(proofs) == 3
    assert not tokens._proven


async def test_only_so_many_are_remembered(
    monkeypatch: pytest.MonkeyPatch, proofs: list[str]
) -> None:
    """
    Of five within the room of three the last three are known, and the first is proven again.
    """
    monkeypatch.setattr(module, "KEPT", 3)
    tokens = Tokens(Held({"one": key("one")}), ISSUER, AUDIENCE)
    five = [signed(claims(sub=f"user{n}"), ec_key("one")) for n in range(5)]
    for token in (*five, five[4], five[0]):
        await tokens.claims(token)
        assert len(tokens._proven) <= 3
    assert [*five, five[0]] == proofs
