"""What mutations answer: the receipt, the errors that are data, and the union of them."""

from __future__ import annotations

from typing import Annotated, Any, Union

import strawberry

from api.derive.annotations import Types, described
from api.derive.shells import doc, listed, put, shell
from graph.ontology.vocabulary import Declared
from loaders.mutations.outcomes import ERRORS, Receipt, UserError

NODES = (
    "What was written, as it is now; what is not in force now is left out. "
    "Of a dry run, as it is before."
)


def result(types: Types, node: Any) -> Any:
    """The union that every mutation answers."""
    error = shell("UserError")
    _fill(error, UserError, types)
    strawberry.interface(error, description=doc(UserError))
    receipt = shell("Receipt")
    _fill(receipt, Receipt, types)
    put(receipt, "nodes", listed(node), NODES)
    made = [strawberry.type(receipt, description=doc(Receipt))]
    for sort in ERRORS:
        one = shell(sort.__name__, error)
        _fill(one, sort, types, UserError)
        made.append(strawberry.type(one, description=doc(sort)))
    told = "What was done, or why nothing was."
    union: Any = Union[tuple(made)]  # noqa: UP007
    return Annotated[union, strawberry.union("WriteResult", description=told)]


def _fill(
    made: Any, declared: type[Declared], types: Types, shared: type[Declared] | None = None
) -> None:
    known = shared.model_fields if shared else {}
    for name, info in declared.model_fields.items():
        if name not in known:
            put(made, name, types.out(info.annotation, info), described(info))
