"""A GraphQL request as HTTP brings it: in the address of a GET or as the JSON of a POST."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import parse_qsl

import orjson
from starlette.requests import Request

from api.errors import Declined
from api.negotiation import JSON, MediaType
from graph.kept import Kept

NAMES = ("query", "operationName", "variables", "extensions")
SHAPE = '{"query": "{ __typename }"}'
DEEPEST = 64
"""Levels of lists and objects in one JSON text."""
READ = 4
"""Times the longest body that is read before hanging up, so that who sent more sees why."""


@dataclass(frozen=True)
class GraphQLRequest:
    """What is asked. Names that we do not know are left out, as the draft wants."""

    query: str
    operation_name: str | None = None
    variables: dict[str, Any] | None = None
    extensions: dict[str, Any] | None = None
    document_id: str | None = None
    """Id of a registered document, in place of `query` or beside it."""

    @cached_property
    def said(self) -> tuple[str, str | None, bytes]:
        """All that an answer depends on."""
        told = orjson.dumps(self.variables, option=orjson.OPT_SORT_KEYS) if self.variables else b""
        return self.query, self.operation_name, told

    @classmethod
    def of(cls, given: Mapping[str, Any]) -> GraphQLRequest:
        """From parameters whose types nobody has looked at yet. Raises Declined."""
        query, name, variables, extensions = map(given.get, NAMES)
        id_ = _named(given.get("documentId"), extensions)
        if not isinstance(query, str) and (query is not None or id_ is None):
            raise Declined(f"`query` must be a string of GraphQL, as in {SHAPE}")
        if not isinstance(name, str | None):
            raise Declined("`operationName` must be a string or null")
        for parameter, value in (("variables", variables), ("extensions", extensions)):
            if not isinstance(value, dict | None):
                raise Declined(f"`{parameter}` must be a JSON object or null")
        return cls(query or "", name, variables, extensions, id_)


def _named(document_id: Any, extensions: Any) -> str | None:
    """The id of a registered document: `documentId`, or the hash that Apollo's clients send."""
    persisted = extensions.get("persistedQuery") if isinstance(extensions, dict) else None
    if not isinstance(persisted, dict | None):
        raise Declined("`extensions.persistedQuery` must be a JSON object")
    given = (document_id, persisted.get("sha256Hash") if persisted else None)
    found = [one for one in given if one is not None]
    if not all(isinstance(one, str) and one for one in found) or len({*map(str, found)}) > 1:
        raise Declined("`documentId` and `persistedQuery.sha256Hash` must be one same string")
    return found[0] if found else None


async def read(request: Request, most: int) -> GraphQLRequest:
    """The GraphQL request of a GET, HEAD or POST of at most so many bytes. Raises Declined."""
    if request.method != "POST":
        return from_address(request.scope["query_string"])
    _check_headers(request)
    return from_body(await _body(request, most))


async def _body(request: Request, most: int) -> bytes:
    """The body; of one that is too long the rest is read as far as a socket may still hold it."""
    parts, length = [], 0
    if int(request.headers.get("content-length", 0)) > READ * most:
        raise _too_long(most)
    async for part in request.stream():
        length += len(part)
        if length <= most:
            parts.append(part)
        if length > READ * most:
            break
    if length > most:
        raise _too_long(most)
    return b"".join(parts)


def _too_long(most: int) -> Declined:
    told = f"the body is longer than {most} bytes; send less at a time"
    return Declined(told, 413, headers={"Connection": "close"})


def from_address(text: bytes) -> GraphQLRequest:
    """From the part of an address after its question mark; what is left empty is not given."""
    try:
        pairs = parse_qsl(text.decode("ascii"), keep_blank_values=True, errors="strict")
    except ValueError as error:
        raise Declined("the address is not UTF-8 in percent signs") from error
    given: dict[str, Any] = {}
    for name, value in pairs:
        if name in given:
            raise Declined(f"`{name[:40]}` is given twice in the address; give it once")
        given[name] = value
    for name in NAMES[1:]:
        given[name] = given.get(name) or None
    given["documentId"] = given.get("documentId") or None
    if given["documentId"] or given["extensions"]:
        given["query"] = given.get("query") or None
    for name in ("variables", "extensions"):
        if given[name]:
            given[name] = parsed(given[name].encode(), f"`{name}`")
    return GraphQLRequest.of(given)


def from_body(data: bytes) -> GraphQLRequest:
    """From the body of a POST; the same bytes are the same request."""
    if (found := BODIES.find(data)) is None:
        found = _from_body(data)
        BODIES.keep(data, found, len(data))
    return found


def _from_body(data: bytes) -> GraphQLRequest:
    if not data:
        raise Declined(f"the body is empty; send {SHAPE}")
    given = parsed(data, "the body")
    if isinstance(given, list):
        raise Declined("a list of requests is not taken; send one at a time, or use aliases")
    if not isinstance(given, dict):
        raise Declined(f"the body must be a JSON object, as in {SHAPE}")
    return GraphQLRequest.of(given)


BODIES: Kept[GraphQLRequest] = Kept(1_000_000, 10_000)
"""Bodies of this process, as many bytes as that, with what they ask."""


def parsed(data: bytes, where: str) -> Any:
    """JSON that every reader reads alike: UTF-8, no name twice, at most 64 levels."""
    try:
        found = orjson.loads(data)
    except orjson.JSONDecodeError as error:
        raise Declined(f"{where} is no JSON: {error}") from error
    if _levels_exceed(found, DEEPEST):
        raise Declined(f"{where} is nested deeper than {DEEPEST} levels")

    def once(pairs: list[tuple[str, Any]]) -> None:
        names = [name for name, _ in pairs]
        if len(set(names)) < len(names):
            twice = next(name for name in names if names.count(name) > 1)
            raise Declined(f"{where} has `{twice[:40]}` twice in one object; give it once")

    try:
        json.loads(data, object_pairs_hook=once)
    except ValueError as error:
        raise Declined(f"{where} has a number of too many digits") from error
    return found


def _levels_exceed(found: Any, most: int) -> bool:
    level = [found]
    for _ in range(most + 1):
        if not level:
            return False
        level = [
            inner
            for outer in level
            if isinstance(outer, dict | list)
            for inner in (outer.values() if isinstance(outer, dict) else outer)
        ]
    return any(isinstance(one, dict | list) for one in level)


def _check_headers(request: Request) -> None:
    """Only JSON in UTF-8 as it is: whatever else a browser may send is sent without asking us."""
    coding = request.headers.get("content-encoding", "identity")
    if coding.strip().lower() not in ("", "identity"):
        told = "compressed bodies are not taken; send it without Content-Encoding"
        raise Declined(told, 415, headers={"Accept-Encoding": "identity"})
    given = ", ".join(request.headers.getlist("content-type"))
    if (media := MediaType.parse(given)).name != JSON or not media.utf8:
        stated = f"not {given[:80]!r}" if given else "and none is given"
        told = f"the Content-Type of a POST must be {JSON} in UTF-8, {stated}"
        raise Declined(told, 415, headers={"Accept": JSON})
