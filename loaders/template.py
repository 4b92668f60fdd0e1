"""An empty workbook to fill in, or a folder of files with a header: every table that is declared.

What a column means, its unit and its words stand in a note at its header. To load an untouched
template changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

from pydantic.fields import FieldInfo

from graph.ontology import Ontology
from graph.ontology.terms import Term
from graph.ontology.vocabulary import PeriodMark, Refers, Unit, UnitMark, mark
from loaders import sheets
from loaders.columns import RETRACTED, Columns
from loaders.drafts import blank
from loaders.export import beside, writer

if TYPE_CHECKING:
    from openpyxl.workbook import Workbook

WORDS = "_words"
"""The hidden sheet that holds the words a cell may hold; loading leaves it out."""
NOTES = {
    "key": "Business key: unique in this table and stable.",
    "source": "Global id of the thing that the link comes from, e.g. kpi:churn.",
    "target": "Global id of the thing that the link goes to.",
    "valid_from": "First day in force, e.g. 2026-07-20. Empty: see docs/loading.md.",
    "valid_to": "First day no longer in force. Empty: no end.",
    "recorded_on": "The day the organization knew it. Empty: the time of the load.",
}
HOW = (
    "How to fill in this workbook",
    "One sheet is one table; its first row names the columns. Point at a name to read about it.",
    "Leave empty what you do not know. Sheets without rows are left as they are.",
    "Bold columns without a note on times are yours to fill; `key`, or `source` and `target`, must"
    " never be empty.",
    "A column that names other things holds their keys, joined by ; where there are several.",
    "Where things of several kinds may stand, write global ids: persona:small_trader.",
    "Write dates as 2026-07-20, decimals with a point or as numbers. No formulas: paste values.",
    "Several rows of one key are its states one after another; valid_from and valid_to part them.",
    "Load it: goldenthread load FILE. One wrong cell, and nothing is loaded; each one is named.",
)


@dataclass(frozen=True, slots=True)
class Empty:
    """A table without rows."""

    columns: Columns

    @property
    def name(self) -> str:
        """What the table is called."""
        return self.columns.declared.table

    @property
    def header(self) -> list[str]:
        """Its columns."""
        return blank(self.columns)

    def rows(self) -> Iterator[list[str]]:
        """None."""
        yield from ()


def template(ontology: Ontology, path: Path, force: bool = False) -> int:
    """Write a template; answers how many tables it has. Raises BadRequest."""
    target = writer(path)
    target.free(path, force)
    tables = [Empty(Columns(ontology, declared)) for declared in ontology.declared()]
    with beside(path) as aside:
        if target is sheets:
            sheets.save(_book(tables), path, aside)
        else:
            target.write(path, tables, aside, [table.name for table in tables])
    return len(tables)


def note(columns: Columns, name: str) -> str:
    """What a column means, with its unit and its words."""
    field = columns.fields.get(name)
    if field:
        info = columns.declared.model_fields[field.field]
        return " ".join(filter(None, (info.description, *_more(info, field.several))))
    if name in columns.links:
        link, forward = columns.links[name]
        kinds = " or ".join(kind.table for kind in columns.others(link, forward))
        return f"{' '.join((link.__doc__ or '').split())} Names {kinds}."
    return NOTES[name]


def words(columns: Columns, name: str) -> list[str]:
    """The only words that a cell of a column may hold; none where anything may stand there."""
    if name == RETRACTED or name not in columns.fields:
        return []
    types = list(_types(columns.declared.model_fields[columns.fields[name].field].annotation))
    if columns.fields[name].several:
        return []
    if bool in types:
        return ["true", "false"]
    terms = [one for one in types if isinstance(one, type) and issubclass(one, Term)]
    return [word for term in terms for word in term.__members__]


def _more(info: FieldInfo, several: bool) -> Iterator[str]:
    unit, refers = mark(info, Unit), mark(info, Refers)
    if unit:
        yield f"Unit: {unit}."
    if mark(info, PeriodMark):
        yield "A period: 2025, 2025-Q3, 2025-07, 2025-W27 or 2025-07-14."
    if mark(info, UnitMark):
        yield "A unit: %, count, points, h, d or EUR, or one of them with /month."
    if refers and refers.words:
        yield f"Names {' or '.join(refers.words)}."
    if several:
        yield "Several are joined by ;"
    for term in _types(info.annotation):
        if isinstance(term, type) and issubclass(term, Term):
            yield from (f"\n{word}: {one.value}" for word, one in term.__members__.items())
    if info.is_required():
        yield "\nMust be filled in."


def _types(annotation: object) -> Iterator[object]:
    yield annotation
    for part in get_args(annotation):
        yield from _types(part)


def _book(tables: Sequence[Empty]) -> Workbook:
    from openpyxl import Workbook

    book = Workbook()
    how: Any = book.active
    how.title = "README"
    for line in HOW:
        how.append([line])
    how.column_dimensions["A"].width = 110
    listed = book.create_sheet(WORDS)
    listed.sheet_state = "hidden"
    lists: dict[tuple[str, ...], str] = {}
    for table in tables:
        _table(book.create_sheet(table.name), listed, lists, table)
    return book


def _table(sheet: Any, listed: Any, lists: dict[tuple[str, ...], str], table: Empty) -> None:
    from openpyxl.comments import Comment
    from openpyxl.styles import Font
    from openpyxl.utils import get_column_letter
    from openpyxl.worksheet.datavalidation import DataValidation

    sheet.freeze_panes = "A2"
    for place, name in enumerate(table.header, start=1):
        letter, said = get_column_letter(place), note(table.columns, name)
        cell = sheet.cell(1, place, name)
        cell.font = Font(bold=True)
        height = 40 + 16 * (said.count("\n") + len(said) // 45)
        cell.comment = Comment(said, "goldenthread", height=height, width=320)
        sheet.column_dimensions[letter].width = max(12, len(name) + 4)
        sheet.column_dimensions[letter].number_format = sheets.TEXT
        if allowed := tuple(words(table.columns, name)):
            if allowed not in lists:
                lists[allowed] = _list(listed, len(lists) + 1, allowed)
            check = DataValidation("list", formula1=lists[allowed], allow_blank=True)
            check.error, check.errorTitle = f"one of {', '.join(allowed)}"[:220], name
            check.showErrorMessage = True
            check.add(f"{letter}2:{letter}1048576")
            sheet.add_data_validation(check)


def _list(listed: Any, place: int, allowed: Sequence[str]) -> str:
    """Write words into a column of their sheet; answers where they stand."""
    from openpyxl.utils import get_column_letter

    for number, word in enumerate(allowed, start=1):
        listed.cell(number, place, word)
    letter = get_column_letter(place)
    return f"{WORDS}!${letter}$1:${letter}${len(allowed)}"
