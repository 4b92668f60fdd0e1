"""How the leaves of the audit are read inside of a statement: the one place that knows their text.

A leaf is JSON with sorted keys: `{"action":..,"after":[..],"before":[..],"commit":7,"id":".."`,
for a link `,"source":"..","target":".."`, and `}`. Digests before the id hold no quotes, ids no
control characters, so that quotes and backslashes are all that is escaped.
"""

from __future__ import annotations

from collections.abc import Iterable

_REST = """split({leaf}, ',"id":"')[1]"""
_ENDS = """split(split({leaf}, ',"id":"')[1], '","source":"')"""


def words(leaf: str) -> dict[str, str]:
    """Expressions of the commit, id, source and target that a leaf names; of a thing, no ends."""
    rest, ends = _REST.format(leaf=leaf), _ENDS.format(leaf=leaf)
    both = f"""split({ends}[1], '","target":"')"""
    alone, linked = _plain(_whole(rest)), _plain(f"{ends}[0]")
    return {
        "commit": f"""toInteger(split(split({leaf}, '"commit":')[1], ',')[0])""",
        "id": f"CASE size({ends}) WHEN 1 THEN {alone} ELSE {linked} END",
        "source": _plain(f"{both}[0]"),
        "target": _plain(_whole(f"{both}[1]")),
    }


def of_words(leaf: str, kinds: Iterable[str]) -> str:
    """Predicate: a leaf speaks of a thing or link whose id begins with one of some words."""
    begins = [f',"id":"{word}:' for word in kinds]
    return f"any(word IN {begins} WHERE {leaf} CONTAINS word)"


def _whole(text: str) -> str:
    """Without the quote and brace that end a leaf."""
    return f"left({text}, size({text}) - 2)"


def _plain(text: str) -> str:
    return rf"""replace(replace({text}, '\\"', '"'), '\\\\', '\\')"""
