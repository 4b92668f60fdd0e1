"""The development key: signs tokens on one machine, for the demo and for trying things out.

It is made once per data folder, for its owner alone. A service that takes its tokens listens on
nothing but this machine.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from api.keys import SigningKey
from api.settings import WrongUse
from api.tokens import Tokens

ISSUER = "goldenthread-development"
AUDIENCE = "goldenthread"
NAME = "development.key"
KID = "development"


class DevelopmentKey:
    """The key of one data folder."""

    def __init__(self, folder: Path) -> None:
        """Read the key, or make it. Raises WrongUse where others could read it."""
        self._private = _read(folder / NAME)
        self._public = SigningKey("ES256", self._private.public_key())

    async def named(self, kid: str) -> SigningKey | None:
        """The public half, by its only name."""
        return self._public if kid == KID else None

    def tokens(self) -> Tokens:
        """Whose tokens are taken: those that this key signed."""
        return Tokens(self, ISSUER, AUDIENCE)

    def token(self, roles: Sequence[str], subject: str, life: timedelta) -> str:
        """A token that ends after some time."""
        now = datetime.now(UTC)
        told = {
            "iss": ISSUER,
            "aud": AUDIENCE,
            "sub": subject,
            "roles": list(roles),
            "iat": now,
            "exp": now + life,
            "jti": uuid4().hex,
        }
        return jwt.encode(told, self._private, algorithm="ES256", headers={"kid": KID})


def _read(path: Path) -> ec.EllipticCurvePrivateKey:
    try:
        if not path.exists():
            _make(path)
        if path.stat().st_mode & 0o077:
            raise WrongUse(f"{path} can be read by others; write: chmod 600 {path}")
        found = serialization.load_pem_private_key(path.read_bytes(), None)
    except OSError as error:
        raise WrongUse(
            f"cannot use {path} ({error.strerror}); name another folder: --data"
        ) from error
    except ValueError as error:
        raise WrongUse(f"{path} holds no key; delete it, and a new one is made") from error
    if not isinstance(found, ec.EllipticCurvePrivateKey):
        raise WrongUse(f"{path} holds a key of another kind; delete it, and a new one is made")
    return found


def _make(path: Path) -> None:
    """Write a new key; where two make one at once, the first stays."""
    text = ec.generate_private_key(ec.SECP256R1()).private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    aside = path.with_name(f"{NAME}.{os.getpid()}")
    aside.touch(mode=0o600)
    aside.write_bytes(text)
    try:
        os.link(aside, path)
    except FileExistsError:
        pass
    finally:
        aside.unlink()
