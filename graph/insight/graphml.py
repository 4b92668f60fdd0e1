"""A picture as GraphML, written by networkx."""

from __future__ import annotations

from io import BytesIO

from graph.insight.picture import Arrow, Node, Picture, escaped


def graphml(picture: Picture) -> str:
    """A directed graph; things keep their ids, arrows theirs, and all else is an attribute."""
    import networkx as nx

    graph: nx.MultiDiGraph[str] = nx.MultiDiGraph()
    lanes = {lane.id: lane.name for lane in picture.lanes}
    for node in picture.nodes:
        graph.add_node(escaped(node.id), **_node(node, lanes.get(node.lane, "")))
    for arrow in picture.arrows:
        ends = escaped(arrow.from_), escaped(arrow.to)
        graph.add_edge(*ends, key=escaped(arrow.id), **_arrow(arrow))
    file = BytesIO()
    nx.write_graphml_xml(graph, file)
    return file.getvalue().decode("utf-8")


def _node(node: Node, lane: str) -> dict[str, str | int]:
    said = {"label": node.name, "kind": node.kind, "lane": lane, "note": node.note}
    return {"rank": node.rank} | {name: text for name, text in said.items() if text}


def _arrow(arrow: Arrow) -> dict[str, str | int]:
    sign = {} if arrow.sign is None else {"sign": arrow.sign}
    said = {"label": arrow.label, "note": arrow.note}
    return sign | {name: text for name, text in said.items() if text}
