"""The name of a load: the same files, declarations and loader give the same name."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

from graph import migrations
from graph.errors import BadRequest
from graph.ontology import Ontology

VERSION = 1
"""Raised when the loader reads the same files as other changes."""

_READ = ("table", "begins", "ends", "alone", "source", "target", "columns", "identity", "acyclic")
"""What a declaration says beside its fields of the tables that it reads."""


def batch_id(ontology: Ontology, path: Path, partial: bool) -> str:
    """SHA-256 over the bytes of all files of a load with their names, and over what reads them.

    Raises BadRequest where a file cannot be read.
    """
    said = hashlib.sha256(f"goldenthread load {VERSION} {partial}\n".encode())
    said.update(_declared(ontology))
    for file in files(path):
        said.update(f"\n{file.name}\n".encode())
        try:
            with file.open("rb") as opened:
                said.update(hashlib.file_digest(opened, "sha256").digest())
        except OSError as error:
            raise BadRequest(f"cannot read {file}: {error.strerror}") from error
    return said.hexdigest()


def files(path: Path) -> list[Path]:
    """The files that hold the tables of a path, in order of name; none where there is none."""
    if path.is_dir():
        return sorted(path.glob("*.csv"))
    return [path] if path.is_file() else []


def _declared(ontology: Ontology) -> bytes:
    """A text that differs where kinds or links, or what tables say of them, differ."""
    told = [migrations.declared(ontology)]
    for one in ontology.declared():
        marks = (getattr(one, name, None) for name in _READ)
        told.append(f"{one.__name__} {one.model_fields} {list(marks)}")
    return re.sub(r" at 0x[0-9a-f]+", "", "\n".join(told)).encode()
