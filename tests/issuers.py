"""An issuer of tokens for tests: its keys, where it publishes them, and tokens written by hand."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from api.keys import PATIENT, Patience, PublishedKeys, over_http
from api.tokens import Tokens

ISSUER = "https://login.example.org"
AUDIENCE = "goldenthread"
Private = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey


@cache
def rsa_key(name: str, bits: int = 2048) -> rsa.RSAPrivateKey:
    """A key of that name."""
    return rsa.generate_private_key(65537, bits)


@cache
def ec_key(name: str) -> ec.EllipticCurvePrivateKey:
    """A key of that name."""
    return ec.generate_private_key(ec.SECP256R1())


def claims(**other: Any) -> dict[str, Any]:
    """Claims of a good token; None leaves one out."""
    now = int(time.time())
    told = {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "sub": "ada",
        "iat": now,
        "exp": now + 86_400,
        "jti": "t-1",
        "roles": ["reader"],
    }
    return {name: value for name, value in (told | other).items() if value is not None}


def coded(data: bytes) -> str:
    """Base64 as tokens have it (RFC 7515, section 2)."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def signed(told: Mapping[str, Any], key: Private, kid: str | None = "one", **header: Any) -> str:
    """A token by RFC 7515, written without a library of tokens."""
    algorithm = "RS256" if isinstance(key, rsa.RSAPrivateKey) else "ES256"
    text = _text({"alg": algorithm, "kid": kid, "typ": "JWT"} | header, told)
    if isinstance(key, rsa.RSAPrivateKey):
        signature = key.sign(text.encode(), padding.PKCS1v15(), hashes.SHA256())
    else:
        r, s = decode_dss_signature(key.sign(text.encode(), ec.ECDSA(hashes.SHA256())))
        signature = r.to_bytes(32, "big") + s.to_bytes(32, "big")
    return f"{text}.{coded(signature)}"


def unsigned(told: Mapping[str, Any], algorithm: str = "none") -> str:
    """A token that asks to be believed."""
    return _text({"alg": algorithm, "kid": "one"}, told) + "."


def by_secret(told: Mapping[str, Any], key: Private) -> str:
    """A token whose secret is the public key, as if it were one."""
    pem = key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    text = _text({"alg": "HS256", "kid": "one"}, told)
    return f"{text}.{coded(hmac.digest(pem, text.encode(), hashlib.sha256))}"


def _text(header: Mapping[str, Any], told: Mapping[str, Any]) -> str:
    said = {name: value for name, value in header.items() if value is not None}
    return ".".join(coded(json.dumps(part).encode()) for part in (said, told))


def jwk(key: Private, kid: str = "one", **other: Any) -> dict[str, Any]:
    """The public half as RFC 7517 writes it."""
    numbers: Any = key.public_key().public_numbers()
    if isinstance(key, rsa.RSAPrivateKey):
        told = {"kty": "RSA", "n": _number(numbers.n, 256), "e": "AQAB"}
    else:
        told = {"kty": "EC", "crv": "P-256"}
        told |= {"x": _number(numbers.x, 32), "y": _number(numbers.y, 32)}
    return told | {"kid": kid} | other


def _number(number: int, size: int) -> str:
    return coded(number.to_bytes(max(size, (number.bit_length() + 7) // 8), "big"))


@dataclass
class Issuer:
    """What it publishes at the moment, and how often it was asked."""

    keys: list[dict[str, Any]] = field(default_factory=lambda: [jwk(rsa_key("one"))])
    status: int = 200
    asked: int = 0
    address: str = ""

    def tokens(self, patience: Patience = PATIENT, roles: str = "roles") -> Tokens:
        """How the service proves its tokens."""
        return Tokens(PublishedKeys(over_http(self.address), patience), ISSUER, AUDIENCE, roles)


@contextmanager
def publishing() -> Iterator[Issuer]:
    """An issuer on a real socket, as long as the block runs."""
    issuer = Issuer()

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            """Tell the keys."""
            issuer.asked += 1
            self.send_response(issuer.status)
            self.send_header("Location", "/elsewhere")
            self.end_headers()
            self.wfile.write(json.dumps({"keys": issuer.keys}).encode())

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Answer) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        issuer.address = f"http://127.0.0.1:{server.server_port}/keys"
        yield issuer
        server.shutdown()
        thread.join()
