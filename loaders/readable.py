"""Which cells can be kept as text at all, whatever file they come from."""

from __future__ import annotations

import re

from loaders.report import Place, Problem, Unread

REFUSED = "refused"
"""The column that says why a row was refused; a load takes no notice of it."""
_ODD = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


def readable(cells: dict[str, str], place: Place) -> dict[str, str] | Unread:
    """A row as it is, or told unread where a cell holds what is no text; `place` is its own."""
    if not _ODD.search("".join(cells.values())):
        return cells
    wrong = [
        Problem(place.file, place.row, name, text, rule, place.sheet)
        for name, text in cells.items()
        if name != REFUSED and (rule := odd(text))
    ]
    return Unread(cells, wrong) if wrong else cells


def odd(text: str) -> str | None:
    """The rule that a text breaks which holds control characters or halves of characters."""
    found = _ODD.search(text)
    if not found:
        return None
    if found[0] == "\0":
        return "holds a NUL character; take it out"
    code = f"U+{ord(found[0]):04X}"
    if "\ud800" <= found[0] <= "\udfff":
        return f"holds half of a character ({code}); write the whole character"
    return f"holds the control character {code}; take it out"
