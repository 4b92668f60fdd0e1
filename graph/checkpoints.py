"""Checkpoints of the audit: how far the chain had come on a day, signed, kept outside the database.

Whoever rewrites the whole chain in the database cannot rewrite these. Ed25519 (RFC 8032); the root
is that of a Merkle tree over the hashes of the entries (RFC 6962, as its signed tree heads).
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from graph.audit import canonical
from graph.errors import BadRequest

_MAKE = "make one: goldenthread audit keys FOLDER"
_NAME = "name the audit.pub that you kept"


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The chain up to an entry. Hashes and the signature are hexadecimal."""

    sequence: int
    """Number of the last entry."""
    head: str
    """Its hash."""
    root: str
    """Merkle root over the hashes of all entries up to it."""
    at: str
    """When it was taken (RFC 3339)."""
    key: str = ""
    """SHA-256 of the public key."""
    signature: str = ""

    def content(self) -> bytes:
        """What is signed."""
        told = {"sequence": self.sequence, "head": self.head, "root": self.root, "at": self.at}
        return b"goldenthread audit checkpoint v1\n" + canonical({**told, "key": self.key})

    def text(self) -> bytes:
        """The file that holds it."""
        told = {name: getattr(self, name) for name in self.__slots__}
        return orjson.dumps(told, option=orjson.OPT_INDENT_2) + b"\n"


def make_keys(folder: Path) -> tuple[Path, Path]:
    """Write a new pair of keys as PEM: `audit.key` to sign with, `audit.pub` to verify with.

    Raises BadRequest where there is one already.
    """
    from cryptography.hazmat.primitives import serialization as pem
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    private, public = folder / "audit.key", folder / "audit.pub"
    if found := next((path for path in (private, public) if path.exists()), None):
        raise BadRequest(f"{found} is there already; name another folder")
    key = Ed25519PrivateKey.generate()
    folder.mkdir(parents=True, exist_ok=True)
    private.touch(mode=0o600)
    private.write_bytes(
        key.private_bytes(pem.Encoding.PEM, pem.PrivateFormat.PKCS8, pem.NoEncryption())
    )
    public.write_bytes(
        key.public_key().public_bytes(pem.Encoding.PEM, pem.PublicFormat.SubjectPublicKeyInfo)
    )
    return private, public


def signed(sequence: int, head: str, root: str, at: str, key: Path) -> Checkpoint:
    """A checkpoint signed with the private key of a PEM file. Raises BadRequest."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    try:
        private = load_pem_private_key(_bytes(key), password=None)
    except (ValueError, TypeError) as error:
        raise BadRequest(
            f"{key} holds no private key; make one: goldenthread audit keys"
        ) from error
    if not isinstance(private, Ed25519PrivateKey):
        raise BadRequest(f"{key} is no Ed25519 key; {_MAKE}")
    told = Checkpoint(sequence, head, root, at, _name(private.public_key().public_bytes_raw()))
    return Checkpoint(sequence, head, root, at, told.key, private.sign(told.content()).hex())


def read(path: Path, public: Path) -> Checkpoint:
    """A checkpoint whose signature is right for a public key kept apart. Raises BadRequest."""
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    from cryptography.hazmat.primitives.serialization import load_pem_public_key

    found = _parsed(path)
    try:
        key = load_pem_public_key(_bytes(public))
    except ValueError as error:
        raise BadRequest(
            f"{public} holds no public key; name the audit.pub that you kept"
        ) from error
    if not isinstance(key, Ed25519PublicKey):
        raise BadRequest(f"{public} is no Ed25519 key; {_NAME}")
    try:
        key.verify(bytes.fromhex(found.signature), found.content())
    except (InvalidSignature, ValueError) as error:
        raise BadRequest(
            f"{path} is not signed by {public}: it was altered, or signed with another key"
        ) from error
    return found


def _parsed(path: Path) -> Checkpoint:
    try:
        told: Mapping[str, Any] = orjson.loads(_bytes(path))
        found = Checkpoint(**told)
    except (orjson.JSONDecodeError, TypeError) as error:
        raise BadRequest(f"{path} is no checkpoint of an audit") from error
    if not isinstance(found.sequence, int) or not isinstance(found.signature, str):
        raise BadRequest(f"{path} is no checkpoint of an audit")
    return found


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise BadRequest(f"cannot read {path}: {error.strerror}") from error


def _name(public: bytes) -> str:
    return hashlib.sha256(public).hexdigest()
