"""Modules that a dependency imports if they are there, and that we have no use for in it."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def unseen(*names: str) -> Iterator[None]:
    """Within the block these look as if they were not installed, unless they are loaded already.

    Neo4j's driver imports pandas to turn frames into parameters, half a second at every start;
    we hand it plain values only.
    """
    absent = [name for name in names if name not in sys.modules]
    sys.modules |= dict.fromkeys(absent)  # type: ignore[arg-type]
    try:
        yield
    finally:
        for name in absent:
            del sys.modules[name]
