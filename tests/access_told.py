"""What a role should be told of the sample things, field by field, and of changes of them."""

from __future__ import annotations

import re
from typing import Any

from graph.ontology import ONTOLOGY
from graph.ontology.vocabulary import Kind, camel
from tests.access_model import Role

ID = re.compile(r"^[a-z_]+:")
TOLD = "of action fields { name before after }"
"""What is asked of a change."""


def hidden(who: Role, id_: str) -> bool:
    """Whether a role may not see a thing: for its kind, its class, or its place."""
    word, _, key = id_.partition(":")
    kind = ONTOLOGY.kinds[word]
    said = who.said.get({"segment": "segments", "org_unit": "units"}.get(word, ""), "*")
    without = who.said.get("except_segments", ()) if word == "segment" else ()
    classed = key == "secret" and "RESTRICTED" in who.above
    return not who.sees(kind) or classed or key in without or (said != "*" and key not in said)


def shown(who: Role, kind: type[Kind], name: str, value: Any) -> Any:
    """What a role is told in a field of a thing that it sees."""
    names = {camel(field): field for field in kind.model_fields}
    if name in names and not who.told(kind, names[name]):
        return [] if isinstance(value, list) else None
    if isinstance(value, str) and name != "id" and ID.match(value):
        kind_ = ONTOLOGY.kinds.get(value.partition(":")[0])
        return None if kind_ and (kind_.many or hidden(who, value)) else value
    return value


def change(who: Role, told: dict[str, Any]) -> dict[str, Any] | None:
    """A change as a role is told it; None where it is not told of it at all."""
    kind = ONTOLOGY.kinds[told["of"].partition(":")[0]]
    if hidden(who, told["of"]):
        return None
    fields = [
        {
            side: one[side] if side == "name" else shown(who, kind, one["name"], one[side])
            for side in ("name", "before", "after")
        }
        for one in told["fields"]
    ]
    return told | {"fields": [one for one in fields if one["before"] != one["after"]]}
