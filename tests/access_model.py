"""What a role of the bank may see, read off the policy file and the bank's tables alone."""

from __future__ import annotations

import tomllib
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any

from graph.ontology import ONTOLOGY
from graph.ontology.vocabulary import Kind, Link, Seen, camel, mark, nullable
from graph.policy import Policy
from tests.files import BANK, table

POLICY = BANK.parent / "policies" / "omnichannel_bank.toml"
SAID: dict[str, Any] = tomllib.loads(POLICY.read_text(encoding="utf-8"))
ROLES = tuple(SAID["roles"])
CLASSES = ["PUBLIC", "INTERNAL", "CONFIDENTIAL", "RESTRICTED"]

PARTS = {
    "series": {"kpi": "kpi", "group": ""},
    "observation": {"series": "series"},
    "target": {"series": "series"},
    "threshold": {"series": "series"},
    "breach": {"threshold": "threshold"},
    "escalation": {"breach": "breach"},
    "weight_set": {"kpi": "kpi", "group": ""},
    "weight": {"weight_set": "weight_set", "component": ""},
    "kpi_version": {"kpi": "kpi"},
    "benchmark": {"kpi": "kpi", "group": ""},
    "impact_assessment": {"initiative": "initiative", "persona": "persona", "kpi": "kpi"},
    "pilot": {"initiative": "initiative", "persona": "persona", "control": "persona"},
    "identifier_mapping": {"group": ""},
    "membership_snapshot": {"group": ""},
    "membership": {"persona": "persona"},
    "voice_item": {"persona": "persona"},
    "payout": {"incentive_scheme": "incentive_scheme"},
    "incentive_scheme": {"role": "role"},
    "service_level": {"tier": ""},
    "dataset": {"source_system": "source_system"},
    "field": {"dataset": "dataset"},
    "role": {"unit": "org_unit"},
    "adoption": {"unit": "org_unit"},
}
"""Columns that say to what a row belongs, with the kind of the keys in them ("" = ids)."""
SHARED = {"persona_of": ("source", "target"), "for_group": ("source", "target")}
SHARED |= {"performed_by": ("source", "target")}
"""Tables that say to which of several things something belongs: hidden when all of them are."""


@cache
def policy() -> Policy:
    """The bank's policy."""
    return Policy.read(POLICY, ONTOLOGY)


@cache
def rows() -> dict[str, list[dict[str, str]]]:
    """Every row of the bank's things by id; several where a thing changed."""
    found: defaultdict[str, list[dict[str, str]]] = defaultdict(list)
    for kind in ONTOLOGY.kinds.values():
        if (BANK / f"{kind.table}.csv").exists():
            for row in table(kind.table):
                found[f"{kind.word}:{row['key']}"].append(row)
    return dict(found)


@dataclass(frozen=True)
class Role:
    """One role, as a reader of the file would understand it."""

    name: str

    @property
    def said(self) -> dict[str, Any]:
        """Its table in the file."""
        found: dict[str, Any] = SAID["roles"][self.name]
        return found

    @property
    def above(self) -> list[str]:
        """Classes that it may not see."""
        return CLASSES[CLASSES.index(self.said["clearance"]) + 1 :]

    def sees(self, of: type[Kind] | type[Link]) -> bool:
        """Whether it sees things of a kind, or links of a type, at all."""
        said, word = self.said["kinds"], of.word
        if issubclass(of, Kind) and not (said == "*" or word in said):
            return False
        if word in self.said.get("except_kinds", ()) or of.access.name in self.above:
            return False
        return all(nullable(i) or self.told(of, n) for n, i in of.model_fields.items())

    def told(self, of: type[Kind] | type[Link], name: str) -> bool:
        """Whether it is told a field."""
        seen = mark(of.model_fields[name], Seen)
        denied = f"{of.word}.{camel(name)}" in self.said.get("fields", ())
        return not denied and (seen.access if seen else of.access).name not in self.above

    @cached_property
    def hidden(self) -> frozenset[str]:
        """Ids of all rows that it may not see, and of all that belongs to them."""
        found = {id_ for id_ in rows() if not self._in_class(id_) or not self._in_scope(id_)}
        found |= {id_ for id_ in rows() if not self.sees(ONTOLOGY.kinds[id_.partition(":")[0]])}
        while new := set(self._belonging(found)) - found:
            found |= new
        return frozenset(found | set(self._evidence(found)))

    def _in_class(self, id_: str) -> bool:
        names = ("access_class", "confidentiality")
        return not any(row.get(name) in self.above for row in rows()[id_] for name in names)

    def _in_scope(self, id_: str) -> bool:
        word, _, key = id_.partition(":")
        if word == "segment":
            allowed = self.said.get("segments", "*")
            named = key not in self.said.get("except_segments", ())
            return named and (allowed == "*" or key in allowed)
        if word == "org_unit" and self.said.get("units", "*") != "*":
            return self._unit(key)
        return True

    def _unit(self, key: str) -> bool:
        if key in self.said["units"]:
            return True
        parents = [row["parent"] for row in table("org_units") if row["key"] == key]
        return all(parent and self._unit(parent) for parent in parents)

    def _belonging(self, hidden: set[str]) -> Iterator[str]:
        for id_, said in rows().items():
            columns = PARTS.get(id_.partition(":")[0], {})
            wholes = {_id(word, row[c]) for c, word in columns.items() for row in said if row[c]}
            if wholes & hidden:
                yield id_
        for name in SHARED:
            owners: defaultdict[str, set[str]] = defaultdict(set)
            for row in table(name):
                owners[row["source"]].add(row["target"])
            yield from (part for part, wholes in owners.items() if wholes <= hidden)

    def _evidence(self, hidden: set[str]) -> Iterator[str]:
        for row in table("affects"):
            if {row["source"], row["target"], row["group"]} & hidden:
                ours = (x for x in table("link_evidence") if x["link"] == row["key"])
                yield from (f"link_evidence:{x['key']}" for x in ours)

    def names_hidden(self, text: str) -> bool:
        """Whether a text names a thing that it may not see."""
        return any(id_ in text for id_ in self.hidden) if ":" in text else False


def _id(word: str, text: str) -> str:
    return f"{word}:{text}" if word and ":" not in text else text


@cache
def role(name: str) -> Role:
    """A role of the bank."""
    return Role(name)


def visible(name: str, ids: Iterable[str]) -> list[str]:
    """Those of some ids that a role may see, in their order."""
    return [id_ for id_ in ids if id_ not in role(name).hidden]
