"""Statements of the checks that the declarations ask for, whatever they declare.

Required values, shares of a whole, links without circles, things that stand alone. The text finds
what may be wrong; `graph/insight/rules.py` judges it. What is wrong because of something that the
viewer may not see is not told: sums and rivals are taken over all, and told if all may be seen.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from graph.fragments import Fragments
from graph.ontology import Ontology
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
    found: dict[str, list[str]] = {}
    for one in declared:
        if issubclass(one, Kind | Link):
            infos = one.model_fields.items()
            names = [camel(n) for n, info in infos if info.is_required() and n != "key"]
            found |= {one.word: names} if names else {}
    return found


class DeclaredChecks:
    """Text of each of these checks for one viewer and moment; it answers `{rows, ..}`.

    One pattern serves all kinds and links of a check: to plan one for each would take seconds.
    """

    def __init__(self, ontology: Ontology, fragments: Fragments) -> None:
        self.ontology = ontology
        self.seen = fragments
        self.all = fragments.of_everyone()

    def parameters(self) -> Mapping[str, object]:
        """What the statements need to be told."""
        return {"required": required(self.ontology.declared()), "alone": alone(self.ontology)}

    def missing(self) -> str:
        """Things, then links, without a value that they must have. Needs `$required`."""
        f, links = self.seen, self.ontology.links
        types = "|".join(links[word].type for word in required(links.values()))
        names = "[name IN $required[split({0}.id, ':')[0]] WHERE {0}[name] IS NULL] AS missing"
        told = (
            "WITH {}.id AS id, missing ORDER BY id LIMIT $most"
            " RETURN collect({{of: id, others: [], said: {{missing: missing}}}}) AS {}"
        )
        things = (
            f"MATCH (e:Identity)-[h:STATE]->(s) WHERE {f.in_force('s')} AND {f.visible('e')}"
            f" WITH e, {names.format('s')} WHERE size(missing) > 0 {told.format('e', 'things')}"
        )
        if not types:
            return f"{GIVEN} {{ {things} }} RETURN {{rows: things}}"
        linked = (
            f"MATCH (a:Identity)-[r:{types}]->(b:Identity) WHERE {f.holds('r')}"
            f" WITH a, b, r, t, k, known, {names.format('r')} WHERE size(missing) > 0"
            f" AND {f.exists('a')} AND {f.exists('b')} {told.format('r', 'links')}"
        )
        return f"{GIVEN} {{ {things} }} {GIVEN} {{ {linked} }} RETURN {{rows: things + links}}"

    def not_one(self) -> str:
        """Wholes of which the shares in force do not make 1, with their parts."""
        every = [one for one in wholes(self.ontology) if self._told(one)]
        types = "|".join(one.link.type for one in every)
        first = [f"'{one.link.type}'" for one in every if one.forward != one.link.reversed()]
        share = "".join(
            f" WHEN '{one.link.type}' THEN {'s' if one.part else 'r'}.`{camel(one.field)}`"
            for one in every
        )
        name = "".join(f" WHEN '{one.link.type}' THEN '{plural(one.field)}'" for one in every)
        begins = f"type(r) IN [{', '.join(first)}]"
        return self._rows(
            f"MATCH (a:Identity)-[r:{types}]->(b:Identity) WHERE {self.all.in_force('r')}"
            f" WITH r, CASE WHEN {begins} THEN a ELSE b END AS w,"
            f" CASE WHEN {begins} THEN b ELSE a END AS p, t, k, known"
            f" WITH r, w, p, t, k, known, {self.all.state('p')} AS s WHERE s IS NOT NULL"
            f" WITH r, w, p, CASE type(r){share} END AS share, t, k, known"
            f" WHERE share IS NOT NULL AND {self.seen.exists('w')}"
            f" WITH w.id AS id, type(r) AS link, CASE type(r){name} END AS name, share,"
            f" [p.id, share] AS told, {self.seen.visible('p')} AND {self.seen.holds('r')} AS seen"
            " WITH id, link, name, sum(share) AS total, collect(told) AS shares,"
            " collect(seen) AS seen"
            " WHERE abs(total - 1) > 5e-10 AND all(one IN seen WHERE one)"
            " WITH id, name, shares ORDER BY id LIMIT $most"
            " RETURN collect({of: id, others: [one IN shares[..$most] | one[0]],"
            " said: {name: name, shares: shares}}) AS rows"
        )

    def _told(self, one: Wholes) -> bool:
        """Whether the shares may be seen."""
        return not self.seen.denies(one.part or one.link, camel(one.field))

    def circles(self) -> str:
        """Links that may be part of a circle: others of their type lead to them and on."""
        links = [link for link in self.ontology.links.values() if link.acyclic]
        ends = {end for link in links for end in _both(self.ontology, link)}
        labels, f = "|".join(sorted(ends)), self.seen
        types = "|".join(link.type for link in links)
        turned = [f"'{link.type}'" for link in links if link.reversed()]
        back = f"type(r) IN [{', '.join(turned)}]"
        return self._rows(
            f"MATCH (a:{labels})-[r:{types}]->(b:{labels}) WHERE {f.holds('r')}"
            f" AND EXISTS {{ (a)<-[:{types}]-() }} AND EXISTS {{ (b)-[:{types}]->() }}"
            f" AND {f.exists('a')} AND {f.exists('b')}"
            f" WITH DISTINCT CASE WHEN {back} THEN b.id ELSE a.id END AS a,"
            f" CASE WHEN {back} THEN a.id ELSE b.id END AS b, split(r.id, ':')[0] AS link"
            " ORDER BY a, b LIMIT $edges + 1"
            " RETURN collect({of: a, others: [b], said: {link: link}}) AS rows",
            full="size(rows) > $edges",
        )

    def together(self) -> str:
        """Things that agree in what only one in force may have. Needs `$alone`."""
        words = alone(self.ontology)
        labels = "|".join(self.ontology.kinds[word].label for word in words)
        types = "|".join(sorted({end[0] for own in words.values() for end in own["ends"]}))
        f = self.all
        ends = (
            f"COLLECT {{ MATCH (e)-[l:{types}]-(q:Identity) WHERE {f.in_force('l')}"
            " AND any(x IN own.ends WHERE x[0] = type(l) AND x[1] = (startNode(l) = e))"
            f" AND {f.exists('q')} WITH DISTINCT type(l) AS link, q ORDER BY link, q.id"
            f" RETURN [link, q.id, {self.seen.visible('q')}] }}"
        )
        return self._rows(
            f"MATCH (e:{labels}) WITH e, t, k, known, {f.state('e')} AS s WHERE s IS NOT NULL"
            " WITH e, s, split(e.id, ':')[0] AS word, t, k, known"
            " WITH e, s, word, $alone[word] AS own, t, k, known"
            f" WITH e, s, word, own, {ends if types else '[]'} AS ends, t, k, known"
            " WHERE all(name IN own.fields WHERE s[name] IS NOT NULL)"
            " AND all(x IN own.ends WHERE NOT x[2] OR any(q IN ends WHERE q[0] = x[0]))"
            " WITH [word, [name IN own.fields | s[name]], [q IN ends | q[1]]] AS agreed,"
            " own.same AS same, [e.id, toString(s.validFrom), toString(s.validTo)] AS claim,"
            f" {self.seen.visible('e')} AND all(q IN ends WHERE q[2]) AS seen"
            " WITH agreed, same, collect(seen) AS seen, collect(claim) AS claims"
            " WHERE size(claims) > 1 AND all(one IN seen WHERE one)"
            " WITH same, claims ORDER BY claims[0][0] LIMIT $most"
            " RETURN collect({of: claims[0][0], others: [c IN claims[1..$most] | c[0]],"
            " said: {claims: claims[..$most], same: same}}) AS rows"
        )

    def _rows(self, text: str, full: str = "false") -> str:
        return f"{GIVEN} {{ {text} }} RETURN {{rows: rows, full: {full}}}"


def alone(ontology: Ontology) -> dict[str, dict[str, Any]]:
    """By word: fields and stored links (type, whether away, whether needed) that rivals share."""
    return {
        kind.word: {
            "fields": [camel(name) for name in kind.alone if name in kind.model_fields],
            "ends": [
                [end.link.type, end.forward != end.link.reversed(), end.single]
                for name in kind.alone
                if (end := ontology.ends(kind).get(name))
            ],
            "same": same(kind),
        }
        for kind in ontology.kinds.values()
        if kind.alone
    }


def _both(ontology: Ontology, link: type[Link]) -> list[str]:
    """Labels of the kinds at which a link may both start and end."""
    return [kind.label for kind in ontology.sources(link) if kind in ontology.targets(link)]


def same(kind: type[Kind]) -> str:
    """What things of a kind agree in of which one may be in force, in words of its table."""
    names = [kind.model_fields[n].alias or n if n in kind.model_fields else n for n in kind.alone]
    return " and ".join(name.replace("_", " ") for name in names)
