"""Who may see and do what, read from a TOML file: roles with kinds, fields, rows and verbs."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from graph.errors import BadRequest
from graph.ontology import Ontology
from graph.ontology.vocabulary import Kind, camel
from graph.sight import Scope, Sight, seen_by, together
from graph.viewers import Viewer

LEAST = 10
"""Least size of a group of which figures are told, where the policy names none."""
ROLE = re.compile(r"[a-z][a-z0-9_]{0,63}")
SCOPES = {"segments": "segment", "except_segments": "segment"}
SCOPES |= {"units": "org_unit", "except_units": "org_unit"}
ID = r"^[^\s\x00-\x1f;]([^\x00-\x1f;]*[^\s\x00-\x1f;])?$"

Word = Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9_]*$", max_length=100)]
Words = Literal["*"] | tuple[Word, ...]
Id = Annotated[str, StringConstraints(pattern=ID, max_length=300)]
Ids = Literal["*"] | tuple[Id, ...]
FieldName = Annotated[str, StringConstraints(pattern=r"^[a-z_]+\.[A-Za-z][A-Za-z0-9_]*$")]


class Closed(BaseModel):
    """A table of the file; keys that it does not have are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


class Role(Closed):
    """What one role sees and may do. What is not said is not allowed, but for rows."""

    clearance: Literal["PUBLIC", "INTERNAL", "CONFIDENTIAL", "RESTRICTED"] = "PUBLIC"
    """Highest access class it sees."""
    kinds: Words = ()
    """Words of the kinds it sees, `"*"` for all."""
    except_kinds: tuple[Word, ...] = ()
    """Of these, those it does not see; also words of links."""
    fields: tuple[FieldName, ...] = ()
    """Fields it does not see whatever their class: `segment.profit`."""
    verbs: Words = ()
    """Mutations it may ask for, as the schema names them, `"*"` for all."""
    segments: Ids = "*"
    """Segments it sees by key, with all that belongs to them."""
    except_segments: tuple[Id, ...] = ()
    """Segments it does not see."""
    units: Ids = "*"
    """Units it sees by key, with the units below them and all that belongs to them."""
    except_units: tuple[Id, ...] = ()
    """Units it does not see, with those below."""
    cost: int | None = Field(default=None, ge=1, strict=True)
    """Most that a question of it may cost; None = as much as the settings let anybody."""


class File(Closed):
    """The whole file."""

    least_group_size: int = Field(default=LEAST, ge=1, le=1_000_000)
    """Figures of fewer customers are suppressed."""
    nobody: Role = Role()
    """What callers see who have no role of the policy."""
    roles: dict[str, Role] = {}
    """Roles by name."""


@dataclass(frozen=True, slots=True)
class Explained:
    """What a role sees and may do, for people."""

    role: str
    clearance: str
    kinds: tuple[str, ...]
    hidden_kinds: tuple[str, ...]
    hidden_links: tuple[str, ...]
    hidden_fields: tuple[str, ...]
    """Of the kinds and links that it sees."""
    verbs: tuple[str, ...] | None
    """None for all."""
    segments: str
    units: str
    least_group_size: int
    cost: int | None
    """None for what the settings let anybody."""


@dataclass(frozen=True, slots=True)
class Policy:
    """Roles and what each sees and may do."""

    roles: Mapping[str, Sight]
    nobody: Sight
    ontology: Ontology
    costs: Mapping[str, int | None]
    """What a question may cost, by role and for `nobody`."""

    @classmethod
    def read(cls, path: Path, ontology: Ontology, verbs: Collection[str] | None = None) -> Policy:
        """The policy in a file. Raises BadRequest that names place and remedy.

        `verbs` are the mutations that there are; without them, verbs are not looked at.
        """
        try:
            text = path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise BadRequest(f"{path}: no policy can be read there; name a TOML file") from error
        try:
            return cls.of(tomllib.loads(text), ontology, str(path), verbs)
        except tomllib.TOMLDecodeError as error:
            raise BadRequest(f"{path}: is no TOML: {error}") from None

    @classmethod
    def of(
        cls,
        said: Mapping[str, Any],
        ontology: Ontology,
        place: str = "policy",
        verbs: Collection[str] | None = None,
    ) -> Policy:
        """The policy that tables say. Raises BadRequest."""
        try:
            file = File.model_validate(said)
        except ValidationError as error:
            raise BadRequest(f"{place}: {_refused(error)}") from None
        every = {"nobody": file.nobody} | {f"roles.{name}": x for name, x in file.roles.items()}
        wrongs = [*_named(file), *(w for at, x in every.items() for w in _wrongs(at, x, ontology))]
        wrongs += [w for at, x in every.items() for w in _unknown_verbs(at, x, verbs)]
        if wrongs:
            raise BadRequest(f"{place}: {wrongs[0]}")
        least = file.least_group_size
        sights = {name: _sight(role, ontology, least) for name, role in file.roles.items()}
        costs = {at.removeprefix("roles."): role.cost for at, role in every.items()}
        return cls(sights, _sight(file.nobody, ontology, least), ontology, costs)

    def viewer(self, subject: str, roles: Iterable[str], token: str | None = None) -> Viewer:
        """Who asks, with what his roles show; a role that the policy does not know is none."""
        known = tuple(dict.fromkeys(role for role in roles if role in self.roles))
        sights = [self.roles[role] for role in known]
        sight = together(self.ontology, sights) if sights else self.nobody
        return Viewer(subject, sight.kinds, known, token, sight, self._cost(known or ("nobody",)))

    def explain(self, role: str, ontology: Ontology) -> Explained:
        """What a role sees and may do. Raises BadRequest for a role that there is not."""
        sight = self.nobody if role == "nobody" else self.roles.get(role)
        if sight is None:
            raise BadRequest(f"`{role[:60]}` is no role of the policy; {self._known(role)}")
        (scope,) = sight.scopes
        kinds = {kind.word: kind.label in (sight.kinds or ()) for kind in ontology.kinds.values()}
        seen = {word for word, told in kinds.items() if told} | (
            ontology.links.keys() - sight.links
        )
        hidden = (f"{word}.{name}" for word, name in sorted(sight.denied) if word in seen)
        return Explained(
            role,
            scope.clearance,
            tuple(word for word, told in kinds.items() if told),
            tuple(word for word, told in kinds.items() if not told),
            tuple(sorted(sight.links)),
            tuple(hidden),
            None if sight.verbs is None else tuple(sorted(sight.verbs)),
            _rows(scope.segments, scope.except_segments),
            _rows(scope.units, scope.except_units),
            sight.least,
            self.costs[role],
        )

    def _cost(self, roles: Iterable[str]) -> int | None:
        """The largest of several; a role that says nothing may all that anybody may."""
        said = [self.costs[role] for role in roles]
        known = [one for one in said if one is not None]
        return max(known) if len(known) == len(said) else None

    def _known(self, role: str) -> str:
        near = get_close_matches(role, self.roles, 1)
        names = ", ".join(sorted(self.roles)) or "it has none"
        return f"did you mean {near[0]}?" if near else f"write one of {names}"


def _sight(role: Role, ontology: Ontology, least: int) -> Sight:
    labels = {kind.word: kind.label for kind in ontology.kinds.values()}
    words = labels.keys() if role.kinds == "*" else role.kinds
    kinds = frozenset(labels[word] for word in words if word not in role.except_kinds)
    links = frozenset(word for word in role.except_kinds if word in ontology.links)
    denied = frozenset(
        (word, camel(name)) for word, _, name in (x.partition(".") for x in role.fields)
    )
    verbs = None if role.verbs == "*" else frozenset(role.verbs)
    scope = Scope(
        role.clearance,
        _ids("segment", role.segments),
        _ids("segment", role.except_segments) or frozenset(),
        _ids("org_unit", role.units),
        _ids("org_unit", role.except_units) or frozenset(),
    )
    return seen_by(ontology, Sight(kinds, links, denied, (scope,), least, verbs))


def _ids(word: str, keys: Ids) -> frozenset[str] | None:
    """Global ids of keys, which may be written as ids too."""
    if keys == "*":
        return None
    return frozenset(key if key.startswith(f"{word}:") else f"{word}:{key}" for key in keys)


def _rows(allowed: frozenset[str] | None, without: frozenset[str]) -> str:
    told = "all" if allowed is None else ", ".join(sorted(allowed)) or "none"
    return f"{told} but {', '.join(sorted(without))}" if without else told


def _refused(error: ValidationError) -> str:
    """The first thing wrong with the file: table, key, what, remedy."""
    wrong = error.errors()[0]
    *tables, key = [str(part) for part in wrong["loc"] if not str(part).startswith("function")]
    place = f"[{'.'.join(tables[:2]) or 'the file'}] {key}" if tables else key
    if wrong["type"] == "extra_forbidden":
        known = File if not tables else Role
        names = ", ".join(known.model_fields)
        return f"{place}: is no key of this table; write one of {names}"
    if key == "cost":
        return f"{place}: is no cost; write a whole number from 1, as in cost = 2000"
    return f"{place}: {wrong['msg'][:200]}"


def _named(file: File) -> Iterator[str]:
    for name in file.roles:
        if not ROLE.fullmatch(name) or name == "nobody":
            yield (
                f"[roles.{name[:60]}]: is no name of a role; write small letters, digits and _,"
                " and not nobody"
            )


def _wrongs(at: str, role: Role, ontology: Ontology) -> Iterator[str]:
    """What a role says of kinds, links, fields and rows that there are not."""
    for word in () if role.kinds == "*" else role.kinds:
        if word not in ontology.kinds:
            yield f"[{at}] kinds: `{word}` is no kind; {_near(word, ontology.kinds)}"
    for word in role.except_kinds:
        if word not in ontology.kinds and word not in ontology.links:
            every = [*ontology.kinds, *ontology.links]
            yield f"[{at}] except_kinds: `{word}` is no kind and no link; {_near(word, every)}"
    for field in role.fields:
        yield from _field_wrong(at, field, ontology)
    for key, word in SCOPES.items():
        ids = getattr(role, key)
        for id_ in () if ids == "*" else ids:
            if ":" in id_ and not re.fullmatch(rf"{word}:[^:]+", id_):
                yield f"[{at}] {key}: `{id_}` is no {word}; write its key or {word}:key"


def _field_wrong(at: str, field: str, ontology: Ontology) -> Iterator[str]:
    word, _, name = field.partition(".")
    of = ontology.kinds.get(word) or ontology.links.get(word)
    if of is None:
        every = [*ontology.kinds, *ontology.links]
        yield f"[{at}] fields: `{word}` is no kind and no link; {_near(word, every)}"
        return
    names = [camel(one) for one in of.model_fields]
    if camel(name) not in names:
        yield f"[{at}] fields: {word} has no `{name}`; {_near(name, names)}"
    elif camel(name) == "key" and issubclass(of, Kind):
        yield f"[{at}] fields: `{field}` is in every id; write {word} to except_kinds"


def _unknown_verbs(at: str, role: Role, verbs: Collection[str] | None) -> Iterator[str]:
    known = role.verbs if verbs is None else verbs
    for verb in () if role.verbs == "*" else role.verbs:
        if verb not in known:
            yield f"[{at}] verbs: `{verb}` is no mutation; {_near(verb, known)}"


def _near(word: str, known: Iterable[str]) -> str:
    names: Sequence[str] = sorted(known)
    near = get_close_matches(word, names, 3)
    return f"write {' or '.join(near)}" if near else f"write one of {', '.join(names)[:300]}"
