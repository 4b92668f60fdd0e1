"""The schema as a promise: committed as served, described throughout, with the agreed names."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from graphql import (
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLNonNull,
    GraphQLObjectType,
    build_schema,
    get_named_type,
)

import api
from api.app import schema as served
from api.schema import sdl
from graph.ontology import ONTOLOGY
from graph.ontology.vocabulary import camel

TYPES = {
    name: type_
    for name, type_ in served()._schema.type_map.items()
    if not name.startswith("__") and name not in ("String", "Int", "Float", "Boolean", "ID")
}
Fielded = GraphQLObjectType | GraphQLInterfaceType

SHAPES = {
    "AsOf": "validAt: DateTime  knownAt: DateTime",
    "Node": "id: ID!",
    "Entity": """id: ID!  kind: Kind!  key: String!  name: String!  status: Status!
        validFrom: DateTime!  validTo: DateTime  recordedAt: DateTime!  supersededAt: DateTime
        retirement: Retirement  history: ChangeConnection  revision: Int!""",
    "Change": """sequence: Int!  at: DateTime!  actor: String!  reason: String!
        action: ChangeAction!  of: ID!  fields: [FieldChange!]!  hash: String!
        recordedAt: DateTime!  validFrom: DateTime!  validTo: DateTime  node: Node
        decision: Decision  entry: Int!""",
    "FieldChange": "name: String!  before: String  after: String",
    "Completeness": "complete: Boolean!  reason: ClipReason  explored: Int!  frontier: [ID!]!",
    "Lineage": """root: Node!  nodes: [LineageNode!]!  edges: [LineageEdge!]!  sources: [Node!]!
        completeness: Completeness!""",
    "LineageNode": "node: Node!  layer: Layer!  depth: Int!",
    "LineageEdge": "from: ID!  to: ID!  link: String!  transformation: String  delayHours: Float",
    "CauseEdge": """id: ID!  from: Node!  to: Node!  group: Entity  sign: Int!  strength: Strength
        weight: Float  se: Float  lag: Int!  confidence: Float""",
    "Chains": "chains: [Chain!]!  completeness: Completeness!",
    "Chain": "edges: [CauseEdge!]!  sign: Int!  effect: Float  lag: Int!  weakestConfidence: Float",
    "StrategyMap": "perspectives: [MapLane!]!  edges: [CauseEdge!]!  completeness: Completeness!",
    "MapLane": "perspective: Perspective!  nodes: [MapNode!]!",
    "MapNode": "objective: Objective!  rank: Int!  kpis: [Kpi!]!",
    "Impact": "effects: [Effect!]!  completeness: Completeness!",
    "Effect": "on: Node!  group: Entity  chains: [Chain!]!",
    "Retirement": """at: DateTime!  reason: String!  evidence: [String!]!  decision: Decision
        successor: Node""",
    "ShockInput": "on: ID!",
    "PageInfo": """hasNextPage: Boolean!  hasPreviousPage: Boolean!  startCursor: String
        endCursor: String""",
}
WORDS = {
    "Direction": "UPSTREAM DOWNSTREAM",
    "Layer": "SOURCE DATASET FIELD KPI OBJECTIVE PROCESS INITIATIVE OWNER GROUP",
    "ClipReason": "DEPTH PATHS TIME ROWS",
}
ROOTS = {
    "node": ("id: ID!  asOf: AsOf", "Node"),
    "nodes": ("ids: [ID!]!  asOf: AsOf", "[Node]"),
    "search": (
        "text: String!  kinds: [Kind!]  first: Int  after: String  asOf: AsOf",
        "EntityConnection",
    ),
    "lineage": ("of: ID!  direction: Direction!  layers: [Layer!]  asOf: AsOf", "Lineage"),
    "chains": ("from: ID!  to: ID!  group: ID  first: Int!  asOf: AsOf", "Chains"),
    "impact": ("of: [ShockInput!]!  groups: [ID!]  asOf: AsOf", "Impact"),
    "strategyMap": ("group: ID  asOf: AsOf", "StrategyMap"),
    "history": ("of: ID!  first: Int  after: String  asOf: AsOf", "ChangeConnection"),
    "changes": (
        """since: DateTime  until: DateTime  actor: String  reason: String  kinds: [Kind!]
        ids: [ID!]  first: Int  after: String  asOf: AsOf""",
        "ChangeConnection",
    ),
    "diff": ("of: ID!  from: AsOf!  to: AsOf!  depth: Int!  asOf: AsOf", "Diff"),
    "revisionBefore": ("of: ID!  revision: Int!  asOf: AsOf", "Change"),
    "revisionAfter": ("of: ID!  revision: Int!  asOf: AsOf", "Change"),
    "whyChanged": ("of: ID!  field: String  asOf: AsOf", "WhyChanged"),
    "archive": (
        "kinds: [Kind!]  filter: ArchiveFilter  first: Int  after: String  asOf: AsOf",
        "ArchiveConnection",
    ),
}


def test_the_committed_schema_is_the_one_served() -> None:
    """
    `make schema` was run; what programs read in the repository is what they get.
    """
    committed = Path(api.__file__).with_name("schema.graphql").read_text(encoding="utf-8")

    assert committed == sdl(served())
    assert set(build_schema(committed).type_map) >= TYPES.keys()


def bare() -> Iterator[str]:
    """Everything without a description."""
    for name, type_ in TYPES.items():
        told = {name: type_.description}
        if isinstance(type_, GraphQLEnumType):
            told |= {f"{name}.{word}": value.description for word, value in type_.values.items()}
        if isinstance(type_, GraphQLInputObjectType):
            told |= {f"{name}.{field}": f.description for field, f in type_.fields.items()}
        if isinstance(type_, Fielded):
            for field, f in type_.fields.items():
                told[f"{name}.{field}"] = f.description
                told |= {f"{name}.{field}({a})": x.description for a, x in f.args.items()}
        yield from (what for what, description in told.items() if not (description or "").strip())


def test_everything_is_described() -> None:
    """
    Every type, field, argument, word and input field says what it is.
    """
    assert [] == list(bare())
    assert len(TYPES) > 100


@pytest.mark.parametrize("name", SHAPES)
def test_the_agreed_shapes_are_kept(name: str) -> None:
    """
    Other programs rely on these fields and their types; more may stand beside them.
    """
    type_ = TYPES[name]
    assert isinstance(type_, Fielded | GraphQLInputObjectType)
    expected = pairs(SHAPES[name])

    assert expected == {field: str(type_.fields[field].type) for field in expected}


@pytest.mark.parametrize("name", WORDS)
def test_the_agreed_words_are_kept(name: str) -> None:
    """
    The closed lists hold the agreed words in their order.
    """
    type_ = TYPES[name]

    assert isinstance(type_, GraphQLEnumType)
    assert WORDS[name].split() == list(type_.values)


@pytest.mark.parametrize("name", ROOTS)
def test_the_agreed_questions_are_kept(name: str) -> None:
    """
    Arguments by name and type; every question may be answered with null.
    """
    arguments, answers = ROOTS[name]
    field = query()[name]
    expected = pairs(arguments)

    assert expected == {argument: str(field.args[argument].type) for argument in expected}
    assert answers == str(field.type)


def test_every_entity_has_its_pair_and_every_question_may_fail_alone() -> None:
    """
    One by key and a page of them for each kind with a name; all root fields are nullable.
    """
    for kind in ONTOLOGY.entities:
        one, many = query()[camel(kind.word)], None
        assert kind.label == str(one.type)
        many = next(f for f in query().values() if str(f.type) == f"{kind.label}Connection")
        assert f"{kind.label}Filter" == str(many.args["filter"].type)
        assert f"[{kind.label}Order!]" == str(many.args["orderBy"].type)
    assert not [name for name, f in query().items() if isinstance(f.type, GraphQLNonNull)]


def test_every_thing_and_link_is_a_node() -> None:
    """
    All kinds and links have a global id; kinds with a name are entities.
    """
    for declared in (*ONTOLOGY.kinds.values(), *ONTOLOGY.links.values()):
        type_ = TYPES[getattr(declared, "label", declared.__name__)]
        assert isinstance(type_, GraphQLObjectType)
        interfaces = {interface.name for interface in type_.interfaces}

        assert "Node" in interfaces
        assert ("Entity" in interfaces) == (declared in ONTOLOGY.entities)


def test_units_are_told_with_the_numbers() -> None:
    """
    A field with a unit says so in its description.
    """
    lag = TYPES["Chain"]
    assert isinstance(lag, GraphQLObjectType)

    assert "Unit: month." in str(lag.fields["lag"].description)


def test_connections_are_relay_connections() -> None:
    """
    Edges with node and cursor, nodes alone, pageInfo, totalCount.
    """
    for name, type_ in TYPES.items():
        if not name.endswith("Connection") or not isinstance(type_, GraphQLObjectType):
            continue
        fields = {field: str(f.type) for field, f in type_.fields.items()}
        edge = get_named_type(type_.fields["edges"].type)
        assert isinstance(edge, GraphQLObjectType)
        node = str(edge.fields["node"].type)

        assert {
            "edges": f"[{edge.name}!]!",
            "nodes": f"[{node}]!",
            "pageInfo": "PageInfo!",
            "totalCount": "Int!",
        } == {field: told for field, told in fields.items() if field != "facets"}
        assert "[Facet!]!" == fields.get("facets", "[Facet!]!")
        assert "String!" == str(edge.fields["cursor"].type)


def pairs(text: str) -> dict[str, str]:
    """`name: type` pairs of a shape."""
    words = text.split()
    return {name.rstrip(":"): type_ for name, type_ in zip(words[::2], words[1::2], strict=True)}


def query() -> dict[str, GraphQLField]:
    """The root fields."""
    type_ = TYPES["Query"]
    assert isinstance(type_, GraphQLObjectType)
    return dict(type_.fields)
