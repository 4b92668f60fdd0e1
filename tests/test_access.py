"""Policies: what they refuse, how roles add up, and that what is hidden leaves no trace."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from graph.errors import BadRequest
from graph.ontology import ONTOLOGY, Ontology
from graph.ontology.terms import Access
from graph.ontology.vocabulary import Record
from graph.policy import Policy
from graph.sight import Scope
from graph.store import Store
from graph.viewers import EVERYONE
from tests.access_model import POLICY, ROLES, policy, role
from tests.asking import answer, link, put, thing

WRONG = {
    "[roles.x] clearence": {"clearence": "PUBLIC"},
    "[roles.x] clearance": {"clearance": "SECRET"},
    "[roles.x] kinds: `kpis` is no kind; write kpi": {"kinds": ["kpis"]},
    "[roles.x] except_kinds: `afects` is no kind and no link; write affects": {
        "except_kinds": ["afects"]
    },
    "[roles.x] fields: segment has no `profits`; write profit": {"fields": ["segment.profits"]},
    "[roles.x] fields: `segmnt` is no kind": {"fields": ["segmnt.profit"]},
    "[roles.x] fields: `kpi.key` is in every id": {"fields": ["kpi.key"]},
    "[roles.x] segments: `persona:p` is no segment": {"segments": ["persona:p"]},
    "[roles.x] verbs: `chnge` is no mutation; write change": {"verbs": ["chnge"]},
    "[roles.x] cost: is no cost; write a whole number from 1, as in cost = 2000": {"cost": 0},
}


@pytest.mark.parametrize("told", WRONG)
def test_a_wrong_word_is_refused_with_place_and_remedy(told: str) -> None:
    """
    The table, the key, the word, and what to write.
    """
    with pytest.raises(BadRequest) as refused:
        Policy.of({"roles": {"x": WRONG[told]}}, ONTOLOGY, verbs=["change", "create"])

    assert told in str(refused.value)


def test_a_file_that_cannot_be_read_is_refused_by_name(tmp_path: Path) -> None:
    """
    No file, and no TOML.
    """
    bad = tmp_path / "bad.toml"
    bad.write_text("[roles\n", encoding="utf-8")
    for path in (tmp_path / "none.toml", bad):
        with pytest.raises(BadRequest, match=path.name):
            Policy.read(path, ONTOLOGY)


def test_every_kind_and_link_states_its_access_class() -> None:
    """
    One that states none, though what is above it does, is no part of an ontology.
    """

    class Toy(Record):
        """Something to play with."""

    with pytest.raises(ValueError, match="Toy has no access class; write access = one of PUBLIC"):
        Ontology([Toy], [])


def test_who_has_no_role_of_the_policy_sees_and_may_do_nothing() -> None:
    """
    An unknown role is no role.
    """
    viewer = policy().viewer("somebody", ["king"])

    assert (frozenset(), ()) == (viewer.kinds, viewer.roles)
    assert not viewer.may("change")


def test_roles_of_the_same_rows_add_up() -> None:
    """
    Kinds, fields and verbs of either.
    """
    said = {
        "a": {"clearance": "INTERNAL", "kinds": ["kpi"], "verbs": ["change"]},
        "b": {"clearance": "INTERNAL", "kinds": ["segment"], "verbs": ["create"]},
    }
    viewer = Policy.of({"roles": said}, ONTOLOGY).viewer("somebody", ["a", "b"])

    assert frozenset({"Kpi", "Segment"}) == viewer.kinds
    assert (True, True, False) == (viewer.may("change"), viewer.may("create"), viewer.may("end"))


def test_roles_of_other_rows_never_show_a_field_that_no_role_shows_of_that_row() -> None:
    """
    One sees all segments without figures, one a segment with them: rows of both, figures of none.
    """
    said = {
        "wide": {"clearance": "INTERNAL", "kinds": "*"},
        "deep": {"clearance": "RESTRICTED", "kinds": "*", "segments": ["s"]},
    }
    sight = Policy.of({"roles": said}, ONTOLOGY).viewer("somebody", ["wide", "deep"]).sight

    assert ("segment", "customers") in sight.denied
    assert {"INTERNAL", "RESTRICTED"} == {scope.clearance for scope in sight.scopes}


def test_a_role_within_another_adds_and_takes_nothing() -> None:
    """
    A frontline role that a member of the board has too leaves him what the board sees.
    """
    both = policy().viewer("somebody", ["board", "frontline"]).sight

    assert policy().viewer("somebody", ["board"]).sight == both
    assert (Scope(),) == both.scopes


async def test_the_bank_keeps_its_restricted_segment_to_the_board_and_its_director(
    bank: Store,
) -> None:
    """
    No word of it, nor of what belongs to it, in lists, search, lineage, archive or changes.
    """
    texts = """
    segments { totalCount nodes { id } } personas { nodes { id } }
    search(text: "affluent") { totalCount nodes { id } }
    archive { totalCount nodes { id } }
    lineage(of: "segment:affluent") { nodes { node { id } } }
    impact(of: [{on: "initiative:adviser_school"}]) { effects { on { id } group { id } } }
    values(of: "kpi:churn") { periods { group { id } } }
    reviews { nodes { id focusGroups { nodes { id } } } }
    changes(first: 200) { nodes { of reason fields { name before after } } }
    """
    for name in ROLES:
        who = policy().viewer("somebody", [name])
        asked = [f"{{ {text} }}" for text in texts.strip().splitlines()]
        told = json.dumps([await answer(bank, text, who) for text in asked])
        sees = name in ("board", "segment_director")
        assert (name, sees) == (name, "segment:affluent" in told)
        assert (name, []) == (
            name,
            [id_ for id_ in sorted(role(name).hidden) if f'"{id_}"' in told],
        )


async def test_a_hidden_kpi_takes_no_part_in_an_effect(store: Store) -> None:
    """
    From a to c by a hidden b, and directly: the viewer is told the direct way alone.
    """
    await put(
        store,
        *(thing(f"kpi:{x}", kpiKind="BASE") for x in "ac"),
        thing("kpi:b", kpiKind="BASE", confidentiality="RESTRICTED"),
        link("affects", "kpi:a", "kpi:b", key="a/b/all/1", sign=1, weight=2.0),
        link("affects", "kpi:b", "kpi:c", key="b/c/all/1", sign=1, weight=3.0),
        link("affects", "kpi:a", "kpi:c", key="a/c/all/1", sign=1, weight=1.0),
    )
    text = '{ chains(from: "kpi:a", to: "kpi:c") { chains { effect } } }'
    every = (await answer(store, text, EVERYONE))["chains"]
    said = {"x": {"clearance": "CONFIDENTIAL", "kinds": "*"}}
    viewer = Policy.of({"roles": said}, ONTOLOGY).viewer("somebody", ["x"])
    told = (await answer(store, text, viewer))["chains"]

    assert [6.0, 1.0] == sorted((one["effect"] for one in every["chains"]), reverse=True)
    assert [1.0] == [one["effect"] for one in told["chains"]]


async def test_what_becomes_hidden_is_hidden_from_the_next_question(store: Store) -> None:
    """
    A segment is restricted after somebody has looked: he is told no more of it, also as of then.
    """
    said = {"x": {"clearance": "INTERNAL", "kinds": "*"}}
    viewer = Policy.of({"roles": said}, ONTOLOGY).viewer("somebody", ["x"])
    text = (
        '{ segment(key: "s") { id } was: segment(key: "s", asOf: {validAt: "2020-01-01"}) { id } }'
    )
    await put(store, thing("segment:s"))
    before = await answer(store, text, viewer)
    await put(store, thing("segment:s", accessClass=Access.RESTRICTED.name))
    after = await answer(store, text, viewer)

    assert {"segment": {"id": "segment:s"}, "was": {"id": "segment:s"}} == before
    assert {"segment": None, "was": None} == after


async def test_small_groups_are_kept_back_with_the_one_that_would_tell_them(store: Store) -> None:
    """
    Three members of 30: neither they nor the next smallest snapshot are told, the largest is.
    """
    groups = {"a": 3, "b": 12, "c": 40}
    await put(
        store,
        *(thing(f"persona:{x}") for x in groups),
        *(
            thing(f"membership_snapshot:{x}", takenOn="2025-01-31", scheme="s", taggedMembers=n)
            for x, n in groups.items()
        ),
        *(link("snapshot_of", f"membership_snapshot:{x}", f"persona:{x}") for x in groups),
    )
    said = {"x": {"clearance": "RESTRICTED", "kinds": "*"}}
    viewer = Policy.of({"roles": said}, ONTOLOGY).viewer("somebody", ["x"])
    text = "{ personas { nodes { snapshots { nodes { taggedMembers suppressed } } } } }"
    told = (await answer(store, text, viewer))["personas"]["nodes"]
    every = (await answer(store, text))["personas"]["nodes"]
    kept = {"taggedMembers": None, "suppressed": ["taggedMembers"]}

    assert [kept, kept, {"taggedMembers": 40, "suppressed": []}] == [
        one["snapshots"]["nodes"][0] for one in told
    ]
    assert [3, 12, 40] == [one["snapshots"]["nodes"][0]["taggedMembers"] for one in every]
    assert [[]] * 3 == [one["snapshots"]["nodes"][0]["suppressed"] for one in every]


async def test_a_figure_that_is_not_known_or_not_for_him_is_not_said_to_be_kept_back(
    store: Store,
) -> None:
    """
    Three segments: one too small, one without a figure, one of a size; another role is told none.
    """
    for key, customers in (("few", {"customers": 4}), ("many", {"customers": 400}), ("no", {})):
        await put(store, thing(f"segment:{key}", **customers))
    said = {"x": {"clearance": "RESTRICTED", "kinds": "*"}}
    said["y"] = said["x"] | {"fields": ["segment.customers"]}
    made = Policy.of({"roles": said}, ONTOLOGY)
    text = "{ segments { nodes { key customers suppressed } } }"
    asked = [await answer(store, text, made.viewer("somebody", [role])) for role in said]
    told, blind = ([tuple(n.values()) for n in one["segments"]["nodes"]] for one in asked)

    assert [("few", None, ["customers"]), ("many", 400, []), ("no", None, [])] == told
    assert [("few", None, []), ("many", None, []), ("no", None, [])] == blind


async def test_shares_of_a_segment_are_said_to_be_kept_back_on_their_links(store: Store) -> None:
    """
    On the edge as on the link by its id.
    """
    await put(store, thing("segment:s", customers=100), thing("persona:p"), thing("persona:q"))
    for key, share in (("p", 0.05), ("q", 0.95)):
        await put(store, link("persona_of", f"persona:{key}", "segment:s", share=share))
    said = {"x": {"clearance": "RESTRICTED", "kinds": "*"}}
    viewer = Policy.of({"least_group_size": 9, "roles": said}, ONTOLOGY).viewer("somebody", ["x"])
    text = """{
      segment(key: "s") { personas { edges { share suppressed } } }
      node(id: "persona_of:persona:p/segment:s") { ... on PersonaOf { share suppressed } }
    }"""
    kept = {"share": None, "suppressed": ["share"]}

    told = await answer(store, text, viewer)
    assert [kept, kept] == told["segment"]["personas"]["edges"]
    assert kept == told["node"]


def test_the_policy_of_the_bank_names_mutations_that_there_are() -> None:
    """
    Its words are checked against the schema's.
    """
    from api.app import schema

    mutations: Any = schema()._schema.mutation_type
    Policy.read(POLICY, ONTOLOGY, verbs=list(mutations.fields))
