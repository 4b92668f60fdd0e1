"""Statements of the checks that the declarations ask for, whatever they declare.

Required values, shares of a whole, links without circles, things that stand alone. The text finds
what may be wrong; `graph/insight/rules.py` judges it. What is wrong because of something that the
viewer may not see is not told: sums and rivals are taken over all, and told if all may be seen.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from graph.fragments import EVERYONE, Fragments
from graph.ontology import End, Ontology
from graph.ontology.vocabulary import Declared, Kind, Link, Whole, camel, mark, plural

GIVEN = "CALL (t, k, known)"


@dataclass(frozen=True, slots=True)
class Wholes:
    """Shares of a whole: the field that holds them, the link to the whole, whose end that is."""

    field: str
    link: type[Link]
    forward: bool
    """Whether the whole is the link's source."""
    part: type[Kind] | None
    """The kind that has the field; None where the link has it."""


def wholes(ontology: Ontology) -> Iterator[Wholes]:
    """Everything that is declared to be a share of a whole."""
    for declared in ontology.declared():
        for name, info in declared.model_fields.items():
            of = mark(info, Whole)
            if of and issubclass(declared, Link):
                yield Wholes(name, declared, of.of == "source", None)
            elif of and issubclass(declared, Kind):
                end = ontology.ends(declared)[of.of]
                yield Wholes(name, end.link, not end.forward, declared)


def required(declared: Iterable[type[Declared]]) -> dict[str, list[str]]:
    """The properties that each of these must have, by word; its key aside."""
    found = {}
    for one in declared:
        if issubclass(one, Kind | Link):
            infos = one.model_fields.items()
            names = [camel(n) for n, info in infos if info.is_required() and n != "key"]
            found |= {one.word: names} if names else {}
    return found


class DeclaredChecks:
    """Text of each of these checks for one viewer and moment; it answers `{rows, ..}`."""

    def __init__(self, ontology: Ontology, fragments: Fragments) -> None:
        self.ontology = ontology
        self.seen = fragments
        self.all = replace(fragments, viewer=EVERYONE, unseen=(), groups=())

    def missing(self) -> str:
        """Things, then links, without a value that they must have. Needs `$required`."""
        o, f = self.ontology, self.seen
        kinds = required(o.kinds.values())
        states = "|".join(f"{o.kinds[word].label}State" for word in kinds)
        types = "|".join(o.links[word].type for word in required(o.links.values()))
        names = "[name IN $required[split({0}.id, ':')[0]] WHERE {0}[name] IS NULL] AS missing"
        row = "WITH {}.id AS id, missing ORDER BY id LIMIT $most RETURN {}"
        told = "collect({of: id, others: [], said: {missing: missing}}) AS "
        things = (
            f"MATCH (s:{states}) WHERE {f.in_force('s')}"
            f" WITH s, {names.format('s')} WHERE size(missing) > 0"
            f" MATCH (s)<-[:STATE]-(e:Identity) WHERE {f.visible('e')}"
            f" {row.format('e', f'{told}things')}"
        )
        links = (
            f"MATCH (a:Identity)-[r:{types}]->(b:Identity) WHERE {f.holds('r')}"
            f" WITH a, b, r, t, k, known, {names.format('r')}"
            f" WHERE size(missing) > 0 AND {f.exists('a')} AND {f.exists('b')}"
            f" {row.format('r', f'{told}links')}"
        )
        found = [f"{GIVEN} {{ {things} }}"] if states else ["WITH *, [] AS things"]
        found += [f"{GIVEN} {{ {links} }}"] if types else ["WITH *, [] AS links"]
        return f"{' '.join(found)} RETURN {{rows: things + links}}"

    def not_one(self) -> str:
        """Wholes of which the shares in force do not make 1, with them."""
        return self._joined([self._whole(one) for one in wholes(self.ontology)])

    def circles(self) -> str:
        """Links that may be part of a circle: others of their type lead to them and on."""
        links = [link for link in self.ontology.links.values() if link.acyclic]
        return self._joined([self._steps(link) for link in links], full="size(rows) > $edges")

    def together(self) -> str:
        """Things that agree in what only one in force may have, several in force each."""
        kinds = [kind for kind in self.ontology.kinds.values() if kind.alone]
        return self._joined([self._rivals(kind) for kind in kinds])

    def _joined(self, parts: list[str], full: str = "false") -> str:
        """Rows of several parts, each answering a list, as one list."""
        calls = " ".join(f"{GIVEN} {{ {text} AS rows{i} }}" for i, text in enumerate(parts))
        rows = " + ".join([f"rows{i}" for i in range(len(parts))]) or "[]"
        return f"{calls} WITH {rows} AS rows RETURN {{rows: rows, full: {full}}}"

    def _whole(self, one: Wholes) -> str:
        arrow = _arrow(one.link, one.forward)
        held = f"{self.all.in_force('r')} AND {self.seen.exists('w')}"
        part = f"{self.all.state('p')} AS s WHERE s IS NOT NULL"
        share = f"{'s' if one.part else 'r'}.`{camel(one.field)}`"
        seen = f"{self.seen.visible('p')} AND {self.seen.holds('r')}"
        name = plural(one.field)
        return (
            f"MATCH (w:Identity){arrow.format('r')}(p:Identity) WHERE {held}"
            f" WITH w, p, r, t, k, known, {part} AND {share} IS NOT NULL"
            f" WITH w.id AS id, {share} AS share, [{'p' if one.part else 'r'}.id, {share}] AS told,"
            f" p.id AS part, {seen} AS seen"
            " WITH id, sum(share) AS total, collect(told) AS shares, collect(part) AS parts,"
            " collect(seen) AS seen"
            " WHERE abs(total - 1) > 5e-10 AND all(one IN seen WHERE one)"
            " WITH id, shares, parts ORDER BY id LIMIT $most"
            " RETURN collect({of: id, others: parts[..$most],"
            f" said: {{name: '{name}', shares: shares}}}})"
        )

    def _steps(self, link: type[Link]) -> str:
        sources, targets = self.ontology.sources(link), self.ontology.targets(link)
        both = "|".join(kind.label for kind in sources if kind in targets)
        arrow, f = _arrow(link, True), self.seen
        return (
            f"MATCH (a:{both}){arrow.format('r')}(b:{both}) WHERE {f.holds('r')}"
            f" AND EXISTS {{ (a){_arrow(link, False).format('')}() }}"
            f" AND EXISTS {{ (b){arrow.format('')}() }}"
            f" AND {f.exists('a')} AND {f.exists('b')}"
            " WITH DISTINCT a.id AS a, b.id AS b ORDER BY a, b LIMIT $edges + 1"
            f" RETURN collect({{of: a, others: [b], said: {{link: '{link.word}'}}}})"
        )

    def _rivals(self, kind: type[Kind]) -> str:
        ends = self.ontology.ends(kind)
        fields = [name for name in kind.alone if name not in ends]
        follow = [ends[name] for name in kind.alone if name in ends]
        hops = "".join(f", {self._ends(end)} AS e{i}" for i, end in enumerate(follow))
        tests = [f"s.`{camel(name)}` IS NOT NULL" for name in fields]
        tests += [f"size(e{i}) > 0" for i, end in enumerate(follow) if end.single]
        key = [f"s.`{camel(name)}`" for name in fields]
        key += [f"[q IN e{i} | q[0]]" for i in range(len(follow))]
        seen = [f"all(q IN e{i} WHERE q[1])" for i in range(len(follow))]
        return (
            f"MATCH (e:{kind.label}) WITH e, t, k, known, {self.all.state('e')} AS s"
            f" WHERE s IS NOT NULL WITH e, s{hops} WHERE {' AND '.join(tests)}"
            f" WITH [{', '.join(key)}] AS agreed, e, s,"
            f" {' AND '.join([self.seen.visible('e'), *seen])} AS seen"
            " WITH agreed, collect(seen) AS seen,"
            " collect([e.id, toString(s.validFrom), toString(s.validTo)]) AS claims"
            " WHERE size(claims) > 1 AND all(one IN seen WHERE one)"
            " WITH claims ORDER BY claims[0][0] LIMIT $most"
            " RETURN collect({of: claims[0][0], others: [c IN claims[1..$most] | c[0]],"
            f" said: {{claims: claims, same: '{same(kind)}'}}}})"
        )

    def _ends(self, end: End) -> str:
        """What a link leads to: ids in order, and whether each may be seen."""
        arrow = _arrow(end.link, end.forward).format("l")
        return (
            f"COLLECT {{ MATCH (e){arrow}(q:Identity)"
            f" WHERE {self.all.in_force('l')} AND {self.all.exists('q')}"
            f" WITH DISTINCT q ORDER BY q.id RETURN [q.id, {self.seen.visible('q')}] }}"
        )

    def parameters(self) -> Mapping[str, object]:
        """What the statements need to be told."""
        return {"required": required(self.ontology.declared())}


def same(kind: type[Kind]) -> str:
    """What things of a kind agree in of which one may be in force, in words of its table."""
    names = [kind.model_fields[n].alias or n if n in kind.model_fields else n for n in kind.alone]
    return " and ".join(name.replace("_", " ") for name in names)


def _arrow(link: type[Link], forward: bool) -> str:
    """A stored relationship as seen from its source (or from its target); `{}` is its name."""
    away = forward != link.reversed()
    return f"{'' if away else '<'}-[{{}}:{link.type}]-{'>' if away else ''}"
