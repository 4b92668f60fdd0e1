"""Refuses hand-written statements that forget time or viewer: every pattern needs its predicates.

It reads the text strictly and understands little: what it cannot read, it refuses.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

_COMMENT = re.compile(r"//[^\n]*")
_STRING = re.compile(r"'[^']*'|\"[^\"]*\"")
_FRAGMENT = re.compile(r"\{([a-z_]+)\((\w+)\)\}")
_WORD = re.compile(r"\{[a-z_]+\}")
_LABELS = r"(?::[\w|&:]*)?\s*(?:\{[^{}]*\})?\s*"
_NODE = re.compile(rf"\s*\(\s*(\w*)\s*{_LABELS}\)")
_LINK = re.compile(rf"\s*<?-\s*\[\s*(\w*)\s*(?::[\w|&:]*)?\s*(\*[\d.]*)?\s*{_LABELS}\]\s*->?")
_TRACE = re.compile(r"-\s*\[|\]\s*-|--|<-|->")
_MATCH = re.compile(r"\bMATCH\b", re.I)
_WITH = re.compile(r"\bWITH\b", re.I)
_WHERE = re.compile(r"\bWHERE\b", re.I)
_CLAUSE = re.compile(r"\b(?:WITH|RETURN|MATCH|OPTIONAL|UNWIND|CALL|UNION|ORDER|LIMIT)\b|[{}]", re.I)
_COMMA = re.compile(r"\s*,(?=\s*\()")
_UNWIND = re.compile(r"\bUNWIND\b.*?\bAS\s+(\w+)", re.I)
_BLOCK = re.compile(r"\bCALL\s*(?:\(([^)]*)\)\s*)?\{", re.I)
_OF_LINKS = ("holds", "held")
"""Predicates of links: in force, or begun."""
_NESTED = re.compile(r"\b(?:CALL\s*(?:\([^)]*\)\s*)?|COLLECT\s*|COUNT\s*|EXISTS\s*)\{", re.I)
_WRITES = re.compile(
    r"\b(?:CREATE|MERGE|SET|DELETE|REMOVE|FOREACH|LOAD)\b|\bCALL\s+\w+\."
    r"|\b(?:shortestPath|allShortestPaths|nodes|relationships|startNode|endNode)\s*\(",
    re.I,
)
_KEPT = re.compile(r"\(\s*(\w+):(?:Commit|Ledger|AuditEvent|AuditPart|Pseudonym)\b")
_TO_STATE = re.compile(r"\[\s*(\w+):STATE(?:\|ERASED)?\s*\]\s*->\s*\(\s*(\w+)\s*\)")
_SIZE = re.compile(r"\bsize\(\w+\.leaves\)")
_LEAF = re.compile(r"\bleaves\[[^\]]*\](?:\s+AS\s+(\w+))?|\bleaves\b(?:\s+AS\s+(\w+))?")
_FORBIDDEN = re.compile(
    r"\b(?:CREATE|MERGE|SET|DELETE|REMOVE|FOREACH|LOAD)\b|\b(?:EXISTS|COLLECT|COUNT)\s*\{"
    r"|\b(?:shortestPath|allShortestPaths|nodes|relationships|startNode|endNode)\s*\("
    r"|\bCALL\s+\w+\.",
    re.I,
)


@dataclass(slots=True)
class _Block:
    """A stretch of a statement with variables of its own: the whole, or a subquery."""

    text: str
    given: set[str]
    links: list[tuple[str, bool, str]] = field(default_factory=list)
    """Name, whether of variable length, and the WHERE of its MATCH."""
    nodes: list[tuple[str, int]] = field(default_factory=list)
    """Name, and where its MATCH stands."""


def check(name: str, text: str) -> None:
    """Refuse a statement that opens without `{moment}` or has a pattern without its predicates.

    A link needs `{holds(..)}` in the WHERE of its own MATCH; one of variable length needs it of
    every part. A node needs `{exists(..)}` or `{state(..)}` where it is found. Where whole lives
    are asked for, `{held(..)}`, `{lived(..)}` and `{was(..)}` stand in their place. Raises
    ValueError with the name of the statement and of the variable.
    """
    for wrong in _wrongs(text):
        raise ValueError(f"{name}: {wrong}")


def check_past(name: str, text: str) -> None:
    """Refuse a statement on the past that has a pattern without its predicates.

    A link needs `{spoken(..)}` or `{holds(..)}` in the WHERE of its own MATCH, a state that is
    reached by STATE `{heard(..)}` there. A node needs `{visible(..)}` there, or what `check` asks
    for; commits, ledger and audit need none, but a leaf of the audit needs `{told(..)}` where it
    is read. Raises ValueError with the name of the statement and of the variable.
    """
    for wrong in _past_wrongs(text):
        raise ValueError(f"{name}: {wrong}")


def _past_wrongs(text: str) -> Iterator[str]:
    plain = _STRING.sub("''", _COMMENT.sub("", text))
    plain = _SIZE.sub("0", _WORD.sub("", _FRAGMENT.sub(r"«\1 \2»", plain)))
    if found := _WRITES.search(plain):
        yield f"{found[0].strip()} has no place in a question"
    for block in _nested(plain):
        yield from _patterns(block)
        states = {found[1]: found[2] for found in _TO_STATE.finditer(block.text)}
        yield from _unspoken(block, states)
        yield from _unseen(block, set(states.values()))
        yield from _untold(block)


def _nested(text: str) -> Iterator[_Block]:
    """Subqueries and the lists they make, then what is left of a text."""
    while opening := _NESTED.search(text):
        closing = _closing(text, opening.end())
        yield from _nested(text[opening.end() : closing])
        text = f"{text[: opening.start()]} 0 {text[closing + 1 :]}"
    yield _Block(text, set())


def _unspoken(block: _Block, states: dict[str, str]) -> Iterator[str]:
    for name, many, where in block.links:
        said = f"«heard {states[name]}»" if name in states else f"«spoken {name}»"
        if not name or many or not {said, f"«holds {name}»"} & set(_conjuncts(where)):
            lacking = "{heard(..)}" if name in states else "{spoken(..)}"
            yield f"link {name or 'without a name'} lacks {lacking} in the WHERE of its MATCH"


def _unseen(block: _Block, states: set[str]) -> Iterator[str]:
    kept = set(_KEPT.findall(block.text)) | states
    for name, at in block.nodes:
        stop = _read(block.text, at + len("MATCH"))[2]
        seen = _conjuncts(block.text[stop : _next_clause(block.text, stop)])
        bound = name in kept or f"«visible {name}»" in seen or _guarded(block.text[at:], name)
        if not name or not bound:
            yield f"node {name or 'without a name'} lacks {{visible(..)}}"


def _untold(block: _Block) -> Iterator[str]:
    """A leaf of the audit is a text with ids in it."""
    wheres = (
        block.text[m.start() : _next_clause(block.text, m.end())]
        for m in _WHERE.finditer(block.text)
    )
    told = {part for where in wheres for part in _conjuncts(where)}
    for found in _LEAF.finditer(block.text):
        name = found[1] or found[2]
        if f"«told {name}»" not in told:
            yield f"leaf {name or 'without a name'} lacks {{told(..)}}"


def _wrongs(text: str) -> Iterator[str]:
    plain = _STRING.sub("''", _COMMENT.sub("", text))
    if not plain.lstrip().startswith("{moment}"):
        yield "does not begin with {moment}"
    plain = _WORD.sub("", _FRAGMENT.sub(r"«\1 \2»", plain))
    if found := _FORBIDDEN.search(plain):
        yield f"{found[0].strip()} has no place in a question"
    for block in _blocks(plain, {"ledger"}):
        yield from _patterns(block)
        yield from _bare_links(block)
        yield from _bare_nodes(block)
        yield from _untimed(block)


def _blocks(text: str, given: set[str]) -> Iterator[_Block]:
    """The subqueries of a text, then what is left of it."""
    while opening := _BLOCK.search(text):
        closing = _closing(text, opening.end())
        imports = {part.strip() for part in (opening[1] or "").split(",")}
        yield from _blocks(text[opening.end() : closing], imports)
        text = f"{text[: opening.start()]} {text[closing + 1 :]}"
    yield _Block(text, given | set(_UNWIND.findall(text)))


def _closing(text: str, at: int) -> int:
    depth = 1
    while depth and at < len(text):
        depth += {"{": 1, "}": -1}.get(text[at], 0)
        at += 1
    return at - 1


def _patterns(block: _Block) -> Iterator[str]:
    """Read the pattern of every MATCH; what looks like a pattern elsewhere is refused."""
    rest, end = "", 0
    for found in _MATCH.finditer(block.text):
        nodes, links, stop = _read(block.text, found.end())
        if not nodes:
            begins = block.text[found.end() : found.end() + 40].strip()
            yield f"the pattern {begins!r} cannot be read"
        where = block.text[stop : _next_clause(block.text, stop)]
        block.nodes += [(name, found.start()) for name in nodes]
        block.links += [(name, many, where) for name, many in links]
        rest, end = rest + block.text[end : found.start()], stop
    if trace := _TRACE.search(rest + block.text[end:]):
        yield f"{trace[0]!r} looks like a pattern outside of MATCH"


def _read(text: str, at: int) -> tuple[list[str], list[tuple[str, bool]], int]:
    nodes: list[str] = []
    links: list[tuple[str, bool]] = []
    while node := _NODE.match(text, at):
        nodes.append(node[1])
        at = node.end()
        if link := _LINK.match(text, at):
            links.append((link[1], bool(link[2])))
            at = link.end()
        elif comma := _COMMA.match(text, at):
            at = comma.end()
        else:
            break
    return (nodes, links, at) if len(nodes) > len(links) else ([], [], at)


def _next_clause(text: str, at: int) -> int:
    found = _CLAUSE.search(text, at)
    return found.start() if found else len(text)


def _conjuncts(where: str) -> list[str]:
    """Parts of a WHERE that all must hold."""
    opening = _WHERE.match(where.strip())
    if not opening:
        return []
    parts, depth = [""], 0
    for token in re.split(r"(\bAND\b|[()])", where.strip()[opening.end() :]):
        depth += {"(": 1, ")": -1}.get(token, 0)
        if token == "AND" and depth == 0:
            parts.append("")
        else:
            parts[-1] += token
    return [" ".join(part.split()) for part in parts]


def _bare_links(block: _Block) -> Iterator[str]:
    for name, many, where in block.links:
        held = [f"«{word} {name}»" for word in _OF_LINKS]
        if many:
            each = re.findall(rf"all\((\w+) IN {name} WHERE", where) if name else []
            held = [f"all({x} IN {name} WHERE «{word} {x}»)" for x in each for word in _OF_LINKS]
        if not name or not set(held) & set(_conjuncts(where)):
            yield f"link {name or 'without a name'} lacks {{holds(..)}} in the WHERE of its MATCH"


def _bare_nodes(block: _Block) -> Iterator[str]:
    held: dict[str, int] = {}
    for name, at in block.nodes:
        bound = name in held and _carried(block.text[held[name] : at], name)
        if not name or not (name in block.given or bound or _guarded(block.text[at:], name)):
            yield f"node {name or 'without a name'} lacks {{exists(..)}} or {{state(..)}}"
        held[name] = at


def _untimed(block: _Block) -> Iterator[str]:
    """A node keeps what holds today; what held at the asked time is in its state."""
    for name in sorted({name for name, _ in block.nodes} - {""}):
        if read := re.search(rf"\b{name}\.(?!id\b)`?\w+", block.text):
            yield f"{read[0]} is of today; read it from {{state({name})}}"


def _carried(text: str, name: str) -> bool:
    """Whether every WITH in between hands the variable on."""
    clauses = (text[m.end() : _next_clause(text, m.end())] for m in _WITH.finditer(text))
    return all("*" in clause or re.search(rf"\b{name}\b", clause) for clause in clauses)


def _guarded(text: str, name: str) -> bool:
    """Whether one of the predicates of a node follows, as a condition that must hold."""
    known = re.findall(rf"\b{name} IN \w+ AS (\w+)", text)
    sure = [f"«{word} {name}»" for word in ("exists", "lived")]
    held = {*sure, *(f"{word} OR {one}" for word in (f"{name} IS NULL", *known) for one in sure)}
    wheres = (text[m.start() : _next_clause(text, m.end())] for m in _WHERE.finditer(text))
    if any(held & set(_conjuncts(where)) for where in wheres):
        return True
    state = re.search(
        rf"(?:,|WITH)\s*«(?:state|was) {name}» AS (\w+) WHERE (\w+) IS NOT NULL", text
    )
    return bool(state and state[1] == state[2])
