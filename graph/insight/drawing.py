"""Pictures as texts, in each of the formats."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from graph.insight.graphml import graphml
from graph.insight.mermaid import mermaid
from graph.insight.picture import DrawingFormat, Picture
from graph.insight.svg import svg

_WRITERS: Mapping[DrawingFormat, Callable[[Picture], str]] = {
    DrawingFormat.MERMAID: mermaid,
    DrawingFormat.GRAPHML: graphml,
    DrawingFormat.SVG: svg,
}


def drawn(picture: Picture, names: Mapping[str, str], format_: DrawingFormat) -> str:
    """A picture of what has a name, as text. Equal pictures give equal texts."""
    return _WRITERS[format_](picture.named(names))
