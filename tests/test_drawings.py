"""Drawings: the same picture in three formats, and no name that can break one."""

from __future__ import annotations

import re
from io import BytesIO
from itertools import combinations, pairwise
from xml.etree import ElementTree

import networkx as nx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graph.insight.drawing import drawn
from graph.insight.ordering import crossings, ordered
from graph.insight.picture import Arrow, DrawingFormat, Lane, Node, Picture, escaped, written
from graph.insight.ranks import components, ranks
from tests.mapped import longest

SVG = "{http://www.w3.org/2000/svg}"
HOSTILE = (
    "</text><script>alert(1)</script>",
    '"]; click n1 "javascript:alert(1)"',
    "end",
    "a\nb\r\n\tc",
    "\x00\x08\x1b[31m\x7f\x9b",
    "`**bold**`",
    "%%{init: {'theme': 'dark'}}%%",
    "style: x#quot;;#35;",
    "\u202egnp.exe\u202c \u2067hidden",
    "\u05e9\u05dc\u05d5\u05dd \u0645\u0631\u062d\u0628\u0627",
    "\ufffe\uffff\U0001f600 \u4e2d\u6587" * 40,
    "]]> <!-- & &amp; &#x3c; ' \\",
    "1. first - second",
    " ",
)
names = st.one_of(st.sampled_from(HOSTILE), st.text(max_size=60))
ids = st.from_regex(r"\A[a-z]{1,5}:[^\s\x00-\x1f][^\x00-\x1f\ud800-\udfff]{0,12}\Z")


@st.composite
def pictures(draw: st.DrawFn) -> tuple[Picture, dict[str, str]]:
    """Up to eight things in up to three lanes or none, with arrows of all signs, and names."""
    found = draw(st.lists(ids, min_size=1, max_size=8, unique_by=escaped))
    lanes = [Lane(f"lane:{i}") for i in range(draw(st.integers(0, 3)))]
    homes = st.sampled_from([lane.id for lane in lanes]) if lanes else st.just("")
    nodes = [Node(id_, draw(homes), note=draw(names)) for id_ in found]
    ends = st.sampled_from(found)
    pairs = draw(st.lists(st.tuples(ends, ends), max_size=12))
    arrows = [
        Arrow(f"link:{i}", a, b, draw(st.sampled_from([1, -1, 0, None])), draw(names), draw(names))
        for i, (a, b) in enumerate(pairs)
    ]
    told = {one.id: draw(names) for one in (*lanes, *nodes)}
    return Picture(tuple(lanes), tuple(nodes), tuple(arrows), draw(st.booleans())), told


Drawn = tuple[Picture, dict[str, str]]


def edges(picture: Picture) -> list[tuple[str, str, str, int | None]]:
    """Arrows as a format should give them back."""
    return sorted((escaped(x.id), escaped(x.from_), escaped(x.to), x.sign) for x in picture.arrows)


@settings(deadline=None, derandomize=True)
@given(pictures())
def test_svg_parses_back_to_the_same_things_and_arrows(drawing: Drawn) -> None:
    """
    Valid XML of a few harmless elements, in which every thing and arrow is found by its id.
    """
    picture, told = drawing
    root = ElementTree.fromstring(drawn(picture, told, DrawingFormat.SVG))
    groups = {kind: root.findall(f"{SVG}g[@class='{kind}']") for kind in ("lane", "node", "arrow")}

    assert {f"{SVG}{tag}" for tag in TAGS} >= {element.tag for element in root.iter()}
    assert [lane.id for lane in picture.lanes] == [g.get("data-id") for g in groups["lane"]]
    assert [escaped(node.id) for node in picture.nodes] == [
        g.get("data-id") for g in groups["node"]
    ]
    assert edges(picture) == sorted(
        (
            g.attrib["data-id"],
            g.attrib["data-from"],
            g.attrib["data-to"],
            sign_of(g.get("data-sign")),
        )
        for g in groups["arrow"]
    )
    for node, group in zip(picture.nodes, groups["node"], strict=True):
        assert written(told[node.id]) in str(group.findtext(f"{SVG}title"))


TAGS = ("svg", "g", "title", "text", "rect", "path", "circle", "defs", "marker")


def sign_of(text: str | None) -> int | None:
    """A sign as written, None where there is none."""
    return None if text is None else int(text)


@settings(deadline=None, derandomize=True)
@given(pictures())
def test_graphml_is_read_back_by_networkx(drawing: Drawn) -> None:
    """
    Things with name, lane and note, arrows with id and sign.
    """
    picture, told = drawing
    text = drawn(picture, told, DrawingFormat.GRAPHML)
    graph = nx.read_graphml(BytesIO(text.encode()), force_multigraph=True)

    assert {escaped(n.id): written(told[n.id]) for n in picture.nodes} == {
        id_: said.get("label", "") for id_, said in graph.nodes.items()
    }
    assert {escaped(n.id): written(told.get(n.lane, "")) for n in picture.nodes} == {
        id_: said.get("lane", "") for id_, said in graph.nodes.items()
    }
    assert edges(picture) == sorted(
        (key, a, b, said.get("sign")) for a, b, key, said in graph.edges(keys=True, data=True)
    )


LINE = re.compile(
    r'  (?:  )?(?P<node>n\d+)\["(?P<name>[^"]*)"\]'
    r'|  subgraph l\d+\["(?P<lane>[^"]*)"\]'
    r"|  (?P<end>end)"
    r'|  (?P<from>n\d+) (?P<line>-->|-\.->)(?:\|"(?P<label>[^"]*)"\|)? (?P<to>n\d+)'
)
QUOTED = re.compile(r"(?:[^\W_]|[ ,/()]|#\d+;)*")


def read(text: str) -> tuple[list[str], dict[str, tuple[str, str]], list[tuple[str, str, str]]]:
    """What a strict reader of our small part of Mermaid finds: lanes, things in lanes, arrows."""
    head, *lines = text.removesuffix("\n").split("\n")
    assert head in ("flowchart BT", "flowchart LR")
    lanes, things, arrows, lane = [], {}, [], ""
    for line in lines:
        found = LINE.fullmatch(line)
        assert found, line
        assert all(QUOTED.fullmatch(found[name] or "") for name in ("name", "lane", "label"))
        if found["node"]:
            things[found["node"]] = (lane, decoded(found["name"]))
        elif found["lane"] is not None:
            lane = decoded(found["lane"])
            lanes.append(lane)
        elif found["end"]:
            lane = ""
        else:
            arrows.append((found["from"], found["to"], found["line"]))
    return lanes, things, arrows


def decoded(text: str) -> str:
    """Entities as the characters that they stand for."""
    return re.sub(r"#(\d+);", lambda found: chr(int(found[1])), text)


@settings(deadline=None, derandomize=True)
@given(pictures())
def test_mermaid_is_read_back_by_a_strict_reader(drawing: Drawn) -> None:
    """
    Every line is one of four forms, and what is quoted holds nothing that Mermaid would read.
    """
    picture, told = drawing
    lanes, things, arrows = read(drawn(picture, told, DrawingFormat.MERMAID))
    places = {node.id: f"n{i}" for i, node in enumerate(picture.nodes, start=1)}

    assert [written(told[lane.id]) or " " for lane in picture.lanes] == lanes
    assert {
        places[n.id]: written(told.get(n.lane, "")) or " " for n in picture.nodes if n.lane
    } == {id_: lane for id_, (lane, _) in things.items() if lane}
    for node in picture.nodes:
        assert things[places[node.id]][1].startswith(written(told[node.id]) or " ")
    assert sorted(
        (places[x.from_], places[x.to], "-.->" if x.sign == 0 else "-->") for x in picture.arrows
    ) == sorted(arrows)


@settings(deadline=None, derandomize=True, max_examples=40)
@given(pictures(), st.randoms(use_true_random=False))
def test_equal_pictures_give_equal_drawings(drawing: Drawn, random: st.DataObject) -> None:
    """
    In whatever order names are known, the text is the same.
    """
    picture, told = drawing
    shuffled = list(told.items())
    random.shuffle(shuffled)  # type: ignore[attr-defined]

    for format_ in DrawingFormat:
        assert drawn(picture, told, format_) == drawn(picture, dict(shuffled), format_)


@pytest.mark.parametrize("format_", DrawingFormat, ids=lambda one: one.name)
def test_what_has_no_name_is_not_drawn(format_: DrawingFormat) -> None:
    """
    A thing that may not be seen is missing, with its arrows and without its id.
    """
    picture = Picture(
        (Lane("lane:a", "A"),),
        tuple(Node(f"kpi:{name}", "lane:a") for name in ("seen", "hidden", "other")),
        (
            Arrow("affects:1", "kpi:seen", "kpi:hidden", 1),
            Arrow("affects:2", "kpi:hidden", "kpi:other", 1),
        ),
    )
    text = drawn(picture, {"kpi:seen": "Seen", "kpi:other": "Other"}, format_)

    assert "Seen" in text and "Other" in text
    assert "hidden" not in text and "affects" not in text


def test_things_that_share_a_name_are_told_apart_by_their_keys() -> None:
    """
    Two fields of one name carry their keys, a third does not.
    """
    nodes = tuple(Node(f"field:{key}") for key in ("crm/ref", "desk/ref", "crm/day"))
    told = {"field:crm/ref": "ref", "field:desk/ref": "ref", "field:crm/day": "day"}
    text = drawn(Picture((), nodes, ()), told, DrawingFormat.MERMAID)

    assert ["ref (crm/ref)", "ref (desk/ref)", "day"] == [
        name for _, name in read(text)[1].values()
    ]


nodes_and_pairs = st.integers(1, 9).flatmap(
    lambda n: st.tuples(
        st.just([f"n{i}" for i in range(n)]),
        st.lists(st.tuples(st.integers(0, n - 1), st.integers(0, n - 1)), max_size=20).map(
            lambda pairs: [(f"n{a}", f"n{b}") for a, b in pairs]
        ),
    )
)


@settings(deadline=None, derandomize=True, max_examples=300)
@given(nodes_and_pairs)
def test_ranks_and_loops_are_those_of_networkx(
    drawing: tuple[list[str], list[tuple[str, str]]],
) -> None:
    """
    Strongly connected components, and the longest way through their condensation.
    """
    nodes, pairs = drawing
    graph = nx.DiGraph(pairs)
    graph.add_nodes_from(nodes)
    loops = components(nodes, pairs)

    assert {frozenset(found) for found in nx.strongly_connected_components(graph)} == {
        frozenset(n for n in nodes if loops[n] == number) for number in loops.values()
    }
    assert longest(nodes, pairs) == ranks(nodes, pairs)


def test_a_long_line_is_ranked_without_recursion() -> None:
    """
    Five thousand things in a row, the last of them closing a loop of two.
    """
    row = [f"n{i:05}" for i in range(5_000)]
    pairs = [*pairwise(row), (row[-1], row[-2])]

    assert 4_998 == max(ranks(row, pairs).values())


@settings(deadline=None, derandomize=True)
@given(nodes_and_pairs, st.data())
def test_crossings_are_counted_as_by_looking_at_each_pair(
    drawing: tuple[list[str], list[tuple[str, str]]], data: st.DataObject
) -> None:
    """
    Two arrows between the same levels cross if their ends are in opposite order; ordering never
    makes more of them than the order by id has, and keeps every thing on its level.
    """
    nodes, pairs = drawing
    levels: list[list[str]] = [[], [], []]
    for node in nodes:
        levels[data.draw(st.integers(0, 2))].append(node)
    place = {n: (i, j) for i, level in enumerate(levels) for j, n in enumerate(level)}
    told = [tuple(sorted((place[a], place[b]))) for a, b in pairs if place[a][0] != place[b][0]]
    crossed = sum(
        (a[0], b[0]) == (c[0], d[0]) and (a[1] - c[1]) * (b[1] - d[1]) < 0
        for (a, b), (c, d) in combinations(told, 2)
    )
    better = ordered(levels, pairs)

    assert crossed == crossings(levels, pairs)
    assert crossings(better, pairs) <= crossings([sorted(level) for level in levels], pairs)
    assert [sorted(level) for level in levels] == [sorted(level) for level in better]
