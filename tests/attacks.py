"""Requests that mean harm, by name: each of safety.md's list, as bytes and what must come back.

Used by the tests one by one, and by `tests/faults/attacks.py` all together.
"""

from __future__ import annotations

import gzip
from dataclasses import dataclass

from graphql import get_introspection_query

from tests.spoken import AS_JSON, POST, asked, chunked, posted

BAD, COMPLEX, PARSE = "BAD_REQUEST", "QUERY_TOO_COMPLEX", "GRAPHQL_PARSE_FAILED"
INVALID = "GRAPHQL_VALIDATION_FAILED"
PLAIN = b'{"query": "{ __typename }"}'
LONG = b'{"query": "{ __typename }", "x": "' + b"x" * 300_000 + b'"}'


@dataclass(frozen=True, slots=True)
class Attack:
    """Bytes, and the status and code they are refused with."""

    sent: bytes
    status: int
    code: str


def question(text: str, code: str = COMPLEX, **variables: object) -> Attack:
    """A question that is refused; in `application/json` with 200."""
    return Attack(asked(text, **variables), 200, code)


def body(data: bytes, status: int = 400, more: bytes = b"") -> Attack:
    """A body that is no request."""
    return Attack(posted(data, more), status, BAD)


def head(lines: bytes, status: int) -> Attack:
    """Headers that are too much."""
    return Attack(POST + lines + b"\r\n", status, BAD)


def spread(times: int, fragments: int) -> str:
    """Fragments that spread one another: as many fields as `times` to the power of `fragments`."""
    chain = "".join(
        f"fragment f{n} on Kpi {{ {f'...f{n + 1} ' * times} }} " for n in range(fragments)
    )
    end = f"fragment f{fragments} on Kpi {{ perspective {{ name }} }}"
    return f'{{ kpi(key: "x") {{ ...f0 }} }} {chain} {end}'


def nested(times: int) -> str:
    """Things below one another."""
    inner = "objectives { nodes { kpis { nodes { " * times + "key" + " } } } }" * times
    return f'{{ kpi(key: "x") {{ {inner} }} }}'


def levels(times: int) -> bytes:
    """JSON in JSON."""
    return b'{"query": "{ __typename }", "variables": {"a": ' + b"[" * times + b"]" * times + b"}}"


DEEP_SCHEMA = "{ __schema { types { " + "fields { type { " * 8 + "name" + " } }" * 8 + " } } }"
WHOLE = get_introspection_query()
MANY_SCHEMAS = WHOLE.replace("__schema {", "a: __schema { types { name } } __schema {").replace(
    "types {", "types { again: fields { args { name type { fields { name } } } }", 1
)
SPREAD_OBJECT = "{" + ", ".join(f"a{n}: {{b: [1]}}" for n in range(500)) + "}"

ATTACKS = {
    "fragments that spread one another (737 bytes froze others)": question(spread(8, 20)),
    "fragments in circles": question(
        '{ kpi(key: "x") { ...a } } fragment a on Kpi { ...b } fragment b on Kpi { ...a }', INVALID
    ),
    "1,000 aliases": question("{" + " ".join(f"a{n}: __typename" for n in range(990)) + "}"),
    "500 aliases of a dear field": question(
        "{" + " ".join(f"a{n}: verifyAudit {{ intact }}" for n in range(480)) + "}"
    ),
    "5,000 directives": question("{ __typename" + " @skip(if: false)" * 300 + "}"),
    "a directive that nobody knows, often": question("{ __typename" + " @a" * 900 + "}"),
    "10,000 fields of one name": question("{" + " __typename" * 1_900 + "}"),
    "fields that overlap": question(
        "{" + ' kpi(key: "x") { name owners { nodes { name } } }' * 60 + "}"
    ),
    "many operations": question(" ".join(f"query q{n} {{ __typename }}" for n in range(300))),
    "many fragments": question(
        "{ __typename }" + "".join(f"fragment f{n} on Kpi {{ key }} " for n in range(250))
    ),
    "many variables": question(
        "query (" + " ".join(f"$v{n}: Int" for n in range(400)) + ") { __typename }"
    ),
    "20,000 tokens": question("{" + " __typename" * 20_000 + "}"),
    "a source of 60,000 characters": question("{ __typename }" + " " * 60_000),
    "comments without end": question("#\n" * 15_000 + "{ __typename }"),
    "things below one another": question(nested(20)),
    "selections below one another": question("{" * 1_000, PARSE),
    "lists below one another": question("{ kpi(key: " + "[" * 900 + ") { id } }", PARSE),
    "objects in an argument": question(f"{{ kpi(key: {SPREAD_OBJECT}) {{ id }} }}"),
    "pages within pages": question(
        "{ kpis(first: 200) { nodes { series(first: 200) { nodes { observations(first: 1000)"
        " { nodes { value } } } } } } }"
    ),
    "pages within pages by variables": question(
        "query ($n: Int) { kpis(first: $n) { nodes { series(first: $n) { nodes {"
        " observations(first: $n) { nodes { value } } } } } } }",
        n=200,
    ),
    "the schema in itself": question(DEEP_SCHEMA, INVALID),
    "the schema asked again and again": question(MANY_SCHEMAS),
    "a list of 10,000": question(
        "query ($i: [ID!]!) { nodes(ids: $i) { id } }", BAD, i=["kpi:nps"] * 10_000
    ),
    "a text of 100,000": question(
        "query ($t: String!) { search(text: $t) { totalCount } }", BAD, t="x" * 100_000
    ),
    "an integer of 5,000 digits": question(
        "{ kpis(first: " + "1" * 5_000 + ") { totalCount } }", BAD
    ),
    "an integer of 5,000 digits as variable": body(
        b'{"query": "query ($n: Int) { kpis(first: $n) { totalCount } }", "variables": {"n": '
        + b"1" * 5_000
        + b"}}"
    ),
    "a variable of another type": question(
        "query ($n: Int) { kpis(first: $n) { totalCount } }", BAD, n={"a": 1}
    ),
    "Cypher in a key": question(
        "query ($k: ID!) { lineage(of: $k) { root { id } } }", BAD, k="x'}) DETACH DELETE (n) //"
    ),
    "Cypher in the name of an order": question(
        "{ kpis(orderBy: [{field: NAME}]) { totalCount } x: kpis(orderBy: [{field: n}) }", PARSE
    ),
    "a cursor that was made up": question('{ kpis(after: "AAAA") { totalCount nodes {id} } }', BAD),
    "null": body(b"null"),
    "a number": body(b"1"),
    "a string": body(b'"{ __typename }"'),
    "true": body(b"true"),
    "a list of requests": body(b"[" + b",".join([PLAIN] * 1_000) + b"]"),
    "nothing": body(b""),
    "half of it": body(PLAIN[:-1]),
    "bad UTF-8": body(b'{"query": "{ __typename } \xff\xfe"}'),
    "a lone surrogate": body(rb'{"query": "{ __typename } \ud800"}'),
    "JSON nested 1,000 deep": body(levels(1_000)),
    "JSON nested 100,000 deep": body(levels(100_000)),
    "gzip": body(gzip.compress(PLAIN), 415, b"Content-Encoding: gzip\r\n"),
    "gzip of much": body(gzip.compress(b" " * 10_000_000), 415, b"Content-Encoding: gzip\r\n"),
    "a body of 300 KB": body(LONG, 413),
    "a body of 300 KB in chunks": Attack(chunked(LONG, 4_096), 413, BAD),
    "a body of 10 MB": body(b" " * 10_000_000, 413),
    "a length of a thousand million": Attack(
        POST + AS_JSON + b"Content-Length: 1000000000\r\n\r\n" + PLAIN, 413, BAD
    ),
    "a negative length": Attack(POST + AS_JSON + b"Content-Length: -1\r\n\r\n", 400, BAD),
    "a length and chunks": Attack(
        POST + AS_JSON + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        400,
        BAD,
    ),
    "a chunk without end": Attack(
        POST + AS_JSON + b"Transfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\n", 400, BAD
    ),
    "200 headers": head(b"".join(b"X-%d: y\r\n" % n for n in range(200)), 431),
    "a header of 100 KB": head(b"X-Y: " + b"z" * 100_000 + b"\r\n", 431),
    "a header without end": Attack(POST + b"X-Y: " + b"z" * 1_000_000, 431, BAD),
    "an address of 100 KB": Attack(
        b"GET /graphql?query=" + b"%20" * 34_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n", 414, BAD
    ),
    "a NUL in the address": Attack(
        b"GET /graphql?query=%00 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", 200, PARSE
    ),
    "a deadline that is none": body(PLAIN, 400, b"X-Deadline: nan\r\n"),
    "another method": Attack(
        b"TRACE /graphql HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", 405, BAD
    ),
    "a form": Attack(
        POST + b"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 0\r\n\r\n",
        415,
        BAD,
    ),
}
