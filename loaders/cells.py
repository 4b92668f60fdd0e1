"""What is stored as the cells of a row, and whether a load of them would store the same."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time

from graph.changes import Property, State
from graph.ontology.terms import ENDINGS, Status
from graph.ontology.vocabulary import Declared, Kind, Link
from graph.times import DAWN, FAR, written
from loaders.columns import ENDING, RETRACTED, Columns
from loaders.facts import Ends, derived, link_id, names, state_of
from loaders.lines import Line


@dataclass(frozen=True, slots=True)
class Row:
    """Cells of one row by column, those that say something.

    `wrong` says why a load of it would store something else; nothing where it would not. `plain`
    = how it ended can be told by `status` alone, without a column of its own.
    """

    cells: Mapping[str, str]
    wrong: str | None
    plain: bool


def row(columns: Columns, id_: str, ends: Ends | None, line: Line) -> Row:
    """A row of a table; `ends` are those of a link."""
    state = dict(line.piece.state)
    ending = state.pop(ENDING, None) if columns.ending else None
    told = dict(_identity(columns, id_, ends)) | dict(_fields(columns, state))
    value, wrong = _read(columns, told)
    wrong = wrong or _differs(columns, id_, ends, state, value)
    if ending is not None and ending not in _ENDINGS:
        wrong = f"{ENDING} is none of {', '.join(sorted(_ENDINGS))}"
    cells = told | dict(_times(columns, value, line)) | dict(_named(columns, line))
    if ending is not None:
        cells[ENDING] = str(ending)
    if line.retracted:
        cells[RETRACTED] = "true"
    return Row(cells, wrong, line.retracted or _plain(state, ending, line.piece.until))


def text(value: Property) -> str:
    """A property as a cell says it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return repr(value).removesuffix(".0")
    if isinstance(value, datetime):
        return instant(value)
    if isinstance(value, date):
        return value.isoformat()
    return ";".join(value) if isinstance(value, list) else str(value)


def instant(when: datetime) -> str:
    """A date where it is 00:00 UTC, else RFC 3339."""
    return when.date().isoformat() if when.time() == time() else written(when)


_ENDINGS = frozenset(term.name for term in ENDINGS)


def _identity(columns: Columns, id_: str, ends: Ends | None) -> Iterator[tuple[str, str]]:
    if ends:
        yield from zip(("source", "target"), ends, strict=True)
    if "key" in columns.fields:
        yield "key", id_.partition(":")[2]


def _fields(columns: Columns, state: State) -> Iterator[tuple[str, str]]:
    told = dict(names(columns.declared))
    for name, column in columns.fields.items():
        if (value := state.get(told.get(column.field, ""))) is not None:
            yield name, text(value)


def _read(columns: Columns, cells: Mapping[str, str]) -> tuple[Declared | None, str | None]:
    """What a load would read, or the first rule that the cells break."""
    given = columns.values({name: cells[name] for name in columns.fields if name in cells})
    value, wrong = columns.read(given)
    return value, next((f"{name} {rule}" for name, rule in wrong.items()), None)


def _differs(
    columns: Columns, id_: str, ends: Ends | None, state: State, value: Declared | None
) -> str | None:
    """What a load would store otherwise."""
    again = "" if value is None else _id(columns, ends, value)
    if again != id_:
        return f"its id would be {again}"
    found = state_of(value) if value is not None else {}
    differ = sorted(name for name in {*found, *state} if found.get(name) != state.get(name))
    return f"{', '.join(differ)} would differ" if differ else None


def _id(columns: Columns, ends: Ends | None, value: Declared) -> str:
    if isinstance(value, Link) and ends:
        return link_id(type(value), ends, value)
    return value.id_of(value.key) if isinstance(value, Kind) else ""


def _times(columns: Columns, value: Declared | None, line: Line) -> Iterator[tuple[str, str]]:
    """Times, where a load would not take the same from an empty cell."""
    declared, piece = columns.declared, line.piece
    since = derived(value, getattr(declared, "begins", None)) if value else None
    until = derived(value, getattr(declared, "ends", None)) if value else None
    if piece.since != (since or DAWN):
        yield "valid_from", instant(piece.since)
    if piece.until != (until or FAR):
        yield "valid_to", instant(piece.until)
    if line.recorded:
        yield "recorded_on", instant(line.recorded)


def _named(columns: Columns, line: Line) -> Iterator[tuple[str, str]]:
    for column, others in line.named:
        yield column, ";".join(filter(None, (columns.mention(column, one) for one in others)))


def _plain(state: State, ending: Property | None, until: datetime) -> bool:
    """Whether a load makes this status and ending of one word in `status`."""
    status = state.get("status")
    if ending is None:
        return status not in _ENDINGS or until == FAR
    return status == Status.ACTIVE.name and until < FAR
