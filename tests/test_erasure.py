"""Erasing a person: nothing that spoke of them is left, and the audit still holds."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from graph.errors import NotFound
from graph.store import Receipt, Store
from graph.terms import Terms
from graph.veil import Veil
from tests.asking import TESTER, answer, link, put, thing
from tests.looking import chain, everything, kept, loaded, proved, year

CU7 = "membership:cu7/school/2024"
CU8 = "membership:cu8/school/2024"
TAGS = "memberships(first: 9) { totalCount nodes { key customerRef } }"
ALL = """
MATCH (n) WITH collect([labels(n), properties(n)]) AS nodes
MATCH ()-[r]->() WITH nodes, collect(properties(r)) AS links
RETURN [nodes, links] AS answer
"""


async def told(store: Store) -> Store:
    """Two customers in a persona, one of them with a history."""
    await put(store, thing("persona:school"), thing("role:r"))
    await put(store, member(CU7, "cu7", score=0.5), member(CU8, "cu8"), in_persona(CU7))
    await put(store, member(CU7, "cu7", score=0.9), in_persona(CU8))
    return store


def member(id_: str, customer: str, **said: Any) -> Any:
    """A membership of a customer."""
    return thing(id_, year(2024), customerRef=customer, method="RULE", **said)


def in_persona(id_: str) -> Any:
    """What a membership belongs to."""
    encoded = id_.replace("/", "%2F")
    return link("member_of", id_, "persona:school", year(2024), key=f"{encoded}/persona:school")


async def erase(store: Store, **terms: Any) -> Receipt:
    """Erase the customer cu7."""
    return await store.erase("cu7", TESTER, "asked to be forgotten", Terms(**terms))


async def test_nothing_of_the_person_is_left_in_the_database(store: Store) -> None:
    """
    No property of any node or link holds the name any more; the other customer is untouched.
    """
    await told(store)
    assert "cu7" in str(await store.answer(ALL))
    done = await erase(store)
    left = str(await store.answer(ALL))

    assert "cu7" not in left
    assert "cu8" in left
    assert (1, 4) == (done.ended, done.sequence)


async def test_the_audit_never_held_the_name_and_still_holds(store: Store) -> None:
    """
    Leaves call the membership by a pseudonym from the first; after the erasure it is all there is.
    """
    await told(store)
    before = await kept(store)
    assert (await proved(store)).intact
    await erase(store)
    after, verdict = await kept(store), await proved(store)

    assert (True, 4) == (verdict.intact, verdict.entries), verdict.explanation
    assert "cu7" not in str(before) + str(await chain(store))
    assert before == {number: leaves for number, leaves in after.items() if number < 4}
    assert "asked to be forgotten" == (await chain(store))[-1]["reason"]


async def test_an_erased_membership_is_seen_at_no_time(store: Store) -> None:
    """
    Also not by those who ask what was known before.
    """
    await told(store)
    known = (await chain(store))[-1]["at"]
    text = f'query Q($k: DateTime) {{ persona(key: "school", asOf: {{knownAt: $k}}) {{ {TAGS} }} }}'
    before = (await answer(store, text, k=known))["persona"]
    await erase(store)
    after = (await answer(store, text, k=known))["persona"]

    assert 2 == before["memberships"]["totalCount"]
    assert ["cu8"] == [one["customerRef"] for one in after["memberships"]["nodes"]]
    assert {"node": None} == await answer(store, f'{{ node(id: "{CU7}") {{ id }} }}')


async def test_an_emptied_state_that_nobody_erased_is_found(store: Store) -> None:
    """
    Whoever takes the values and leaves the hash must say so in the audit.
    """
    await told(store)
    await erase(store)
    leaf = "MATCH (x:MembershipState {key: 'cu8/school/2024'}) SET x.erased = 'x', x.score = null"
    await store.alone(leaf)

    assert not (await proved(store)).intact


async def test_a_dry_run_erases_nothing(store: Store) -> None:
    """
    It tells how much it would be.
    """
    await told(store)
    before = await everything(store)

    assert 1 == (await erase(store, dry=True)).ended
    assert before == await everything(store)


async def test_a_person_of_whom_nothing_is_said_cannot_be_erased(store: Store) -> None:
    """
    Nor twice; but the same key gives the first receipt.
    """
    await told(store)
    first = await erase(store, key="k", digest="d")

    assert first.entry == (await erase(store, key="k", digest="d")).entry
    with pytest.raises(NotFound):
        await erase(store)


async def test_a_large_load_hides_names_too(store: Store, tmp_path: Path) -> None:
    """
    Written in several transactions, it can be proved and forgotten like a small one.
    """
    rows = "".join(f"cu{n}/school/2024,cu{n},school,2024-01-01\n" for n in range(150))
    await loaded(
        store,
        tmp_path,
        personas="key,name\nschool,School\n",
        memberships=f"key,customer_ref,persona,valid_from\n{rows}",
    )
    leaves = str(await kept(store))

    assert "cu7/" not in leaves and "cu7%2F" not in leaves
    assert 1 == (await erase(store)).ended
    verdict = await proved(store)
    assert verdict.intact, verdict.explanation


def test_a_veil_can_be_lifted() -> None:
    """
    Names of links hold those of their ends, and of no other that begins alike.
    """
    names = {"membership:a/1": "membership:~1", "membership:a/12": "membership:~2"}
    back = Veil({alias: id_ for id_, alias in names.items()})
    ends = ("membership:a/12", "persona:p")
    real = "member_of:membership:a%2F12/persona:p"
    hidden = Veil(names).name(real, ends)

    assert "member_of:membership:~2/persona:p" == hidden
    assert real == back.name(hidden, ("membership:~2", "persona:p"))


ERASE = """
mutation Erase($person: String!, $dry: Boolean!, $key: String) {
  erasePerson(input: {person: $person, reason: "asked to be forgotten", dryRun: $dry, key: $key}) {
    ... on Receipt { entry ended dryRun repeated }
    ... on UserError { code message }
  }
}
"""


async def test_the_api_erases_a_person_once(store: Store) -> None:
    """
    A dry run tells how much; the same key gives the first receipt; whom nobody knows is an error.
    """
    await told(store)

    async def ask(person: str, dry: bool = False) -> Any:
        given = {"person": person, "dry": dry, "key": None if dry else "k-1"}
        return (await answer(store, ERASE, **given))["erasePerson"]  # type: ignore[arg-type]

    dry, done, again = await ask("cu7", dry=True), await ask("cu7"), await ask("cu7")

    assert (None, 1, True) == (dry["entry"], dry["ended"], dry["dryRun"])
    assert (4, 1, False) == (done["entry"], done["ended"], done["repeated"])
    assert (4, True) == (again["entry"], again["repeated"])
    assert "NOT_THERE" == (await ask("nobody", dry=True))["code"]
    assert "cu7" not in str(await store.answer(ALL))
