"""Trusted documents: a registry of operations by hash, and a mode in which nothing else runs.

The file has the form of Apollo's persisted-query manifest, as client build tools write it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

from graphql import GraphQLSchema
from pydantic import BaseModel, ConfigDict, StringConstraints, ValidationError

from api.documents import Documents, Unfit
from api.errors import Declined
from api.limits import Limits
from api.settings import WrongUse

NAMED = Annotated[str, StringConstraints(min_length=1, max_length=200)]


class Operation(BaseModel):
    """One operation that may be run."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    id: NAMED
    """What a client sends in its place, usually the SHA-256 of the body."""
    name: str | None = None
    """Name of the operation."""
    type: Literal["query", "mutation", "subscription"]
    """Kind of it."""
    body: str
    """The document."""


class Manifest(BaseModel):
    """The file."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    format: Literal["apollo-persisted-query-manifest"]
    version: Literal[1]
    operations: tuple[Operation, ...]


@dataclass(frozen=True, slots=True)
class Trusted:
    """Operations by their id, and whether anything else may run."""

    bodies: Mapping[str, str]
    alone: bool = False

    @classmethod
    def read(cls, path: Path, schema: GraphQLSchema, limits: Limits, alone: bool) -> Trusted:
        """The registry of a file. Raises WrongUse in one line that names file and place."""
        try:
            manifest = Manifest.model_validate_json(path.read_bytes())
        except OSError as error:
            raise WrongUse(f"cannot read {path} ({error.strerror})") from error
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            where = ".".join(map(str, first["loc"])) or "the file"
            raise WrongUse(f"{path}: {where}: {first['msg']}") from error
        bodies: dict[str, str] = {}
        documents = Documents(schema, limits)
        for place, one in enumerate(manifest.operations):
            _check(documents, path, place, one)
            if bodies.setdefault(one.id, one.body) != one.body:
                raise WrongUse(
                    f"{path}: operations.{place}: id {one.id!r} stands for two documents"
                )
        return cls(bodies, alone)

    def text(self, query: str, id_: str | None) -> str:
        """The document to run: by its id, or as sent where that is allowed. Raises Declined."""
        if id_ is None and not self.alone:
            return query
        if id_ is None:
            told = "only registered operations run here; send `documentId` or its hash"
            raise Declined(told, 403, "FORBIDDEN")
        body = self.bodies.get(id_)
        if body is None:
            told = f"no operation is registered under {id_[:80]!r}; nothing is registered by asking"
            raise Declined(told, 404, "NOT_FOUND")
        if query and query != body:
            raise Declined(f"`query` is not the document registered under {id_[:80]!r}")
        return body


NOTHING_TRUSTED = Trusted({})


def _check(documents: Documents, path: Path, place: int, one: Operation) -> None:
    try:
        document = documents.of(one.body)
    except Unfit as error:
        raise WrongUse(f"{path}: operations.{place} ({one.id[:12]}): {error}") from error
    wrong = [error.message for error in document.errors]
    if not wrong and one.type not in document.kinds(one.name):
        wrong = [f"the document has no {one.type} {one.name or ''}".rstrip()]
    if wrong:
        raise WrongUse(f"{path}: operations.{place} ({one.id[:12]}): {wrong[0]}")
