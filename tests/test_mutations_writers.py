"""Many writers at once: one wins each revision, none is lost, a key is written once."""

from __future__ import annotations

import asyncio
from collections import Counter

from graph.store import Store
from tests.asking import answer, put, thing
from tests.looking import name, numbers, year
from tests.writing import at, did, done

KPI = "kpi:churn"
WRITERS = 40


async def revision(store: Store) -> int:
    """The revision of the KPI, as a client reads it."""
    found: int = (await answer(store, '{ kpi(key: "churn") { revision } }'))["kpi"]["revision"]
    return found


async def test_of_40_writers_with_one_revision_one_wins_and_all_others_are_told(
    store: Store,
) -> None:
    """
    The others get the revision that it has now as data.
    """
    await put(store, thing(KPI, year(2020)))
    seen = await revision(store)
    told = await asyncio.gather(
        *(
            did(store, "change", of=KPI, set={"kpi": {"name": f"n{i}"}}, revision=seen)
            for i in range(WRITERS)
        )
    )

    assert {"Receipt": 1, "RevisionConflict": WRITERS - 1} == Counter(
        one["__typename"] for one in told
    )
    lost = [one for one in told if one["__typename"] == "RevisionConflict"]
    assert {("STALE", KPI, seen, seen + 1)} == {
        (one["code"], one["of"], one["seen"], one["revision"]) for one in lost
    }
    assert 2 == (await numbers(store))["entries"]


async def test_40_writers_who_read_again_are_all_done(store: Store) -> None:
    """
    Each reads, adds a letter to the name and writes on what it read, until it is done.
    """
    await put(store, thing(KPI, year(2020), name="."))
    text = '{ kpi(key: "churn") { revision name } }'

    async def writes(letter: str) -> None:
        while True:
            found = (await answer(store, text))["kpi"]
            said = {"kpi": {"name": found["name"] + letter}}
            told = await did(store, "change", of=KPI, set=said, revision=found["revision"])
            if told["__typename"] == "Receipt":
                return
            assert "RevisionConflict" == told["__typename"]

    letters = [chr(ord("A") + i) for i in range(WRITERS)]
    await asyncio.gather(*(writes(letter) for letter in letters))

    told = await name(store, KPI, year(2090))
    assert [".", *letters] == sorted(told or "")
    assert WRITERS + 1 == (await numbers(store))["published"]


async def test_writers_without_a_revision_are_worked_out_anew(store: Store) -> None:
    """
    Each changes another field of one thing: all of them hold in the end.
    """
    await put(store, thing("persona:p", year(2020)))
    fields = {
        "name": "P",
        "description": "d",
        "influence": 0.5,
        "rationale": "r",
        "reviewEveryMonths": 6,
        "accessClass": "PUBLIC",
    }
    await asyncio.gather(
        *(
            done(store, "change", of="persona:p", set={"persona": {name: value}})
            for name, value in fields.items()
        )
    )
    text = f'{{ persona(key: "p") {{ {" ".join(fields)} }} }}'

    assert fields == (await answer(store, text))["persona"]


async def test_a_key_repeated_20_times_at_once_is_written_once(store: Store) -> None:
    """
    All get the receipt of the first; the key with other input is told as a conflict.
    """
    said = {"thing": {"kpi": {"key": "churn", "name": "Churn"}}, "validFrom": at(2024), "key": "k1"}
    told = await asyncio.gather(*(done(store, "create", **said) for _ in range(20)))
    other = await did(store, "create", **{**said, "validFrom": at(2023)})
    again = await done(store, "create", **said)

    assert {(1, 1, 1)} == {(one["sequence"], one["entry"], one["created"]) for one in told}
    assert {True: 19, False: 1} == Counter(one["repeated"] for one in told)
    assert again["repeated"] and 1 == (await numbers(store))["entries"]
    assert ("KeyConflict", "KEY_TAKEN") == (other["__typename"], other["code"])


async def test_rules_hold_among_writers_who_would_break_them_together(store: Store) -> None:
    """
    Two add a half each to a whole of a half: one of them is refused.
    """
    share = {"accountability": "JOINT", "share": 1.0}
    await put(store, thing(KPI), thing("role:a"), thing("role:b"))
    told = await asyncio.gather(
        *(
            did(store, "link", links=[{"owns": {"source": role, "target": KPI, **share}}])
            for role in ("role:a", "role:b")
        )
    )

    assert ["Receipt", "RuleBroken"] == sorted(one["__typename"] for one in told)
