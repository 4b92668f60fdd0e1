"""Hashes of the audit: published vectors, and what happens to a chain that is touched."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from hashlib import sha256
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.audit import GENESIS, PART, Actor, Leaves, canonical, chained, entry, merkle_root, parts

LEAVES = [
    bytes.fromhex(text)
    for text in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
"""Of the first 0, 1, 2 ... of these leaves, as the certificate transparency reference has them."""


def told(**other: Any) -> dict[str, object]:
    """An entry of the chain over two leaves."""
    leaves = Leaves()
    for text in (b"1", b"2"):
        leaves.add(text)
    said: dict[str, Any] = {
        "sequence": 7,
        "at": datetime(2026, 7, 20, tzinfo=UTC),
        "actor": Actor("ada", ("board",), "t1", "r1"),
        "reason": "a test",
        "commits": (3, 4),
        "leaves": leaves,
        "previous": GENESIS,
        "key": "k1",
    }
    return entry(**(said | other))


@pytest.mark.parametrize("count", range(9))
def test_a_root_is_the_published_one(count: int) -> None:
    """
    RFC 6962, 2.1, checked with the leaves and roots of the reference implementation.
    """
    assert ROOTS[count] == merkle_root(LEAVES[:count])


def by_the_book(leaves: list[bytes]) -> bytes:
    """The recursive definition of RFC 6962, 2.1, word for word."""
    if not leaves:
        return sha256().digest()
    if len(leaves) == 1:
        return sha256(b"\x00" + leaves[0]).digest()
    k = max(2**i for i in range(len(leaves).bit_length()) if 2**i < len(leaves))
    return sha256(b"\x01" + by_the_book(leaves[:k]) + by_the_book(leaves[k:])).digest()


@given(st.lists(st.binary(max_size=4), max_size=70))
def test_a_root_taken_leaf_by_leaf_is_the_recursive_one(leaves: list[bytes]) -> None:
    """
    Keeping only the roots of full trees gives what the definition gives.
    """
    assert by_the_book(leaves).hex() == merkle_root(leaves)


def test_a_value_has_one_text() -> None:
    """
    Keys in any order, times in any zone, dates as dates.
    """
    noon = datetime(2026, 7, 20, 12, tzinfo=UTC)
    east = noon.astimezone(timezone(timedelta(hours=2)))

    assert canonical({"a": noon, "b": 1}) == canonical({"b": 1, "a": east})
    assert b'{"day":"2026-07-20"}' == canonical({"day": date(2026, 7, 20)})


def test_an_entry_holds_the_hash_of_all_it_says() -> None:
    """
    The hash can be worked out again from the entry alone.
    """
    said = told()

    assert said["hash"] == chained(said)
    assert (2, merkle_root([b"1", b"2"])) == (said["count"], said["root"])


@pytest.mark.parametrize("field", sorted(told().keys() - {"hash"}))
def test_an_entry_that_is_touched_has_another_hash(field: str) -> None:
    """
    No field of an entry can be altered or removed unnoticed.
    """
    said = told()
    without = {name: value for name, value in said.items() if name != field}

    assert said["hash"] != chained(said | {field: "touched"})
    assert said["hash"] != chained(without)


def test_an_entry_cannot_be_moved_to_another_place_of_the_chain() -> None:
    """
    The hash before is part of the hash.
    """
    assert told()["hash"] != told(previous="1" * 64)["hash"]


def test_leaves_are_kept_in_parts_that_tell_their_place() -> None:
    """
    In order, each once, at most so many together.
    """
    texts = [str(number).encode() for number in range(PART + 2)]
    kept = parts(7, 40, texts)

    assert [(7, 40, PART), (7, 40 + PART, 2)] == [
        (part["entry"], part["place"], len(part["leaves"])) for part in kept
    ]
    assert texts == [text.encode() for part in kept for text in part["leaves"]]
    assert [] == parts(7, 0, [])
