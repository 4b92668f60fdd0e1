"""The six questions of the bench: answers of full size, which floor and peer tell as well."""

from __future__ import annotations

import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import networkx as nx
import pytest
from graphql import FieldNode, InlineFragmentNode, OperationDefinitionNode, SelectionSetNode, parse
from starlette.testclient import TestClient

from bench import driving, floor, graphs, peers, processes
from bench.__main__ import chosen
from bench.bare import pointed
from bench.driving import Driven, Sending
from bench.leaves import leaves, things
from bench.questions import check, growth, sending
from bench.reading import Listening
from bench.sent import Statements, keep, kept, told
from bench.six import PEERS, Question, six
from graph.audit import Actor
from graph.ontology import ONTOLOGY
from graph.policy import Policy
from graph.store import Address, Store
from loaders.load import load

NODES = 4_000
SIX = {one.name: one for one in six(NODES)}
COUNTED = {
    "point": lambda data: len(leaves(data)),
    "nested": lambda data: sum(
        len(kpi["series"]["nodes"])
        for top in data["objectives"]["nodes"]
        for kpi in top["kpis"]["nodes"]
    ),
    "observations": lambda data: sum(
        len(series["observations"]["nodes"])
        for kpi in data["kpis"]["nodes"]
        for series in kpi["series"]["nodes"]
    ),
    "impact": lambda data: len(data["impact"]["effects"]),
    "page": lambda data: (len(data["fields"]["nodes"]), data["fields"]["totalCount"]),
}
"""How large an answer is."""


async def test_answers_have_their_full_size_and_the_floor_tells_the_same(
    store: Store, address: Address, tmp_path: Path
) -> None:
    """On a graph of 4,000 nodes, as the role that the bench asks as; a wrong row is found out."""
    graphs.write(tmp_path / "tables", NODES)
    await load(store, tmp_path / "tables", Actor("tests"))
    answers, statements = await _asked(address, tmp_path)
    keep(tmp_path / "statements", address, statements)

    with TestClient(floor.create_app(*kept(tmp_path / "statements"))) as client:
        rows = {
            name: [client.get(f"/{name}/{place}").json() for place in range(len(made))]
            for name, made in statements.items()
        }

    for name, one in SIX.items():
        check(one, [{"data": data} for data in answers[name]], rows[name])
        with pytest.raises(ValueError, match=f"{name}: the floor does not tell"):
            check(one, [{"data": answers[name][0]}], [{"answer": None}])
    sizes = {name: COUNTED[name](answers[name][0]) for name in COUNTED}
    assert sizes == {
        "point": 10,
        "nested": 240,
        "observations": 1_000,
        "impact": 8 * 12,
        "page": (50, 80),
    }
    for data in answers["lineage"]:
        assert 6 == _longest(data["lineage"])
        assert 45 <= len(data["lineage"]["edges"]) <= 75


def _longest(lineage: dict[str, Any]) -> int:
    """The most hops that networkx needs from the root, against the data."""
    against = nx.DiGraph([(edge["to"], edge["from"]) for edge in lineage["edges"]])
    hops = nx.single_source_shortest_path_length(against, lineage["root"]["id"])
    return max(hops.values())


async def _asked(address: Address, folder: Path) -> tuple[dict[str, list[Any]], Statements]:
    """Answers and statements by question."""
    policy = folder / processes.POLICY
    policy.write_text(processes.ALLOWED)
    viewer = Policy.read(policy, ONTOLOGY).viewer("tests", [processes.ROLE])
    async with Listening.at(address) as listening:
        assert isinstance(listening, Listening)
        found = {
            one.name: [await told(listening, viewer, one, given) for given in one.variables]
            for one in SIX.values()
        }
    answers = {name: [each.data for each in all_] for name, all_ in found.items()}
    return answers, {name: [each.sent for each in all_] for name, all_ in found.items()}


@pytest.mark.parametrize("one", SIX.values(), ids=SIX)
def test_the_peer_is_asked_for_the_same_leaves(one: Question) -> None:
    """Both documents are GraphQL, with the same leaves and the same variables."""
    ours, theirs = parse(one.text), parse(one.peers)

    assert set(_leaves_of(ours.definitions[0])) == set(_leaves_of(theirs.definitions[0]))
    assert _variables(ours.definitions[0]) == _variables(theirs.definitions[0])
    assert all(given.keys() == _variables(ours.definitions[0]) for given in one.variables)


def _leaves_of(node: Any, above: str = "") -> Iterator[tuple[str, str]]:
    """Names of leaves with the name of the thing above, past what only wraps things."""
    selections: SelectionSetNode = node.selection_set
    for each in selections.selections:
        assert isinstance(each, FieldNode | InlineFragmentNode)
        name = above if isinstance(each, InlineFragmentNode) else each.name.value
        if each.selection_set is None:
            yield above.removesuffix("Connection"), name
        else:
            wraps = name in ("nodes", "edges", "node")
            yield from _leaves_of(each, above if wraps else name.replace("kpis", "kpi"))


def _variables(node: Any) -> set[str]:
    assert isinstance(node, OperationDefinitionNode)
    return {each.variable.name.value for each in node.variable_definitions or ()}


def test_the_peer_walks_all_flows_that_we_walk() -> None:
    """Its types are GraphQL, and its lineage follows exactly the links that ours follows."""
    text = (PEERS / "types.graphql").read_text()
    assert parse(text)
    for walked in re.findall(r":([A-Z_|]+\|[A-Z_|]+)", text):
        assert sorted(link.type for link in ONTOLOGY.flowing) == sorted(walked.split("|"))


def test_the_tables_stand_in_the_direction_of_the_data() -> None:
    """A bare row of a link that is stored the other way round is turned, any other stays."""
    row = {"source": "a", "target": "b", "said": {}}
    links = {link.word: link for link in ONTOLOGY.links.values()}
    turned = {"source": "b", "target": "a", "said": {}}
    assert [turned] == list(pointed(links["derived_from"], [row]))
    assert [row] == list(pointed(links["affects"], [row]))


def test_wrappers_and_order_do_not_count_and_leaves_do() -> None:
    """Lists, nulls and the last digit of sums are no difference; a value or a place is."""
    ours = {"page": {"total": 2, "nodes": [{"id": "a", "is": {"n": 1, "no": None}}, {"id": "b"}]}}
    same = {"total": 2, "edges": [{"node": {"id": "b"}}, {"node": {"id": "a", "is": [{"n": 1.0}]}}]}
    other = {"total": 2, "edges": [{"node": {"id": "a"}}, {"node": {"id": "b", "n": 1}}]}

    assert things(ours) == things(same)
    assert things(ours) != things(other)
    assert things({"sum": 0.1 + 0.2}) == things({"sum": 0.3})
    assert Counter({2.0: 2, "a": 1}) == leaves({"x": [2, {"y": "a"}], "z": 2.0, "none": None})


def test_a_peer_that_tells_something_else_is_refused() -> None:
    """One wrong leaf, or an error, stops the measure and names the question."""
    right, wrong = {"data": {"kpi": {"id": "a"}}}, {"data": {"kpis": [{"id": "b"}]}}
    peers.same("point", [right], [{"data": {"kpis": [{"id": "a"}]}}])
    with pytest.raises(ValueError, match="point: answers differ"):
        peers.same("point", [right], [wrong])
    with pytest.raises(ValueError, match="not answered"):
        peers.same("point", [right], [{"errors": [{"message": "no"}]}])


def test_growth_is_the_cost_in_the_larger_graph_beside_the_small_one() -> None:
    """Processor time of the service and of Neo4j at 32 connections; twice as much is 2.00."""

    def costs(service: float, database: float) -> dict[tuple[str, int], Driven]:
        return {
            (one.name, count): Driven(1, 1, 1, service * count, database)
            for one in SIX.values()
            for count in (1, 32)
        }

    lines = growth(costs(0.001, 0.002), costs(0.002, 0.002))

    assert [2.0, 1.0] * 6 == [line.ratio for line in lines]
    assert ("64.00 ms", "32.00 ms") == (lines[0].ours, lines[0].beside)


def test_the_load_sends_every_document_with_each_of_its_variables() -> None:
    """The script of wrk has all bodies and headers, whatever signs stand in them."""
    one = Question("point", "point", ({"key": "a"}, {"key": ']="'}), 1, 1)
    made = sending("http://here", {one: one.text}, {"A": "b"})["point"]

    script = made.script()

    assert 2 == len(made.requests)
    assert all(f"body = [==[{body}]==]" in script for _, body in made.requests)
    assert "{ [ [==[A]==] ] = [==[b]==] }" in script


def test_a_round_with_refusals_or_short_answers_is_no_figure(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """One failed request, no request, or bytes for fewer answers than were counted."""
    whole = {"requests": 10, "seconds": 2.0, "failed": 0, "bytes": 1000, "p50": 0.1, "p99": 0.2}
    asked = SimpleNamespace(least=lambda: 100.0, requests=[("/graphql", None)])
    monkeypatch.setattr(driving, "sleep", lambda seconds: None)
    monkeypatch.setattr(driving, "busy", _counted([0.0, 0.0, 1.0, 2.0]))
    found = _round(monkeypatch, asked, whole)
    assert Driven(5.0, 0.1, 0.2, 0.1, 0.2) == found
    for spoilt in ({"failed": 1}, {"bytes": 999}, {"requests": 0}):
        monkeypatch.setattr(driving, "busy", _counted([0.0] * 4))
        with pytest.raises(ValueError, match="not all answered"):
            _round(monkeypatch, asked, whole | spoilt)


def _counted(times: list[float]) -> Any:
    left = iter(times)
    return lambda pid: next(left)


def _round(monkeypatch: pytest.MonkeyPatch, asked: Any, found: dict[str, Any]) -> Driven:
    monkeypatch.setattr(driving, "_wrk", lambda *given: found)
    sending: Sending = asked
    return driving.driven(sending, 1, 1, 2)


@pytest.mark.parametrize("measure", ["questions", "peer"])
def test_without_wrk_the_bench_says_so_in_one_line_and_ends_with_1(measure: str) -> None:
    """Before anything is started; the line says how to get it."""
    command = [sys.executable, "-m", "bench", measure]
    ran = subprocess.run(command, capture_output=True, text=True, env={"PATH": ""})

    assert 1 == ran.returncode
    assert [f"bench: {driving.NO_WRK}"] == ran.stderr.splitlines()


def test_without_wrk_all_else_is_measured(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Where nothing is named, the questions are left out and one line says so."""
    monkeypatch.setenv("PATH", "")
    assert "questions" not in chosen([])
    assert f"questions over HTTP are left out: {driving.NO_WRK}\n" == capsys.readouterr().out
    assert ["reading"] == chosen(["reading"])
    assert "" == capsys.readouterr().out


def test_without_npm_the_peer_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    """One line, with the tool that is missing."""
    monkeypatch.setenv("PATH", "")
    with pytest.raises(driving.NoTool, match=r"^npm is not here, .* install Node.js 20 or newer$"):
        peers.check()
