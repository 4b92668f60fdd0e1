"""A server in a process of its own whose database is played, so that nothing else is measured."""

from __future__ import annotations

import gc
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing import get_context
from multiprocessing.connection import Connection
from typing import Any

import psutil

from api.limits import Limits
from graph.store import Store

LIMITS = Limits(share=1)


def _serve(told: Connection, read: Callable[..., Any]) -> None:
    """Until the other end says so."""
    from api.logs import configure
    from tests.serving import NOWHERE, create_app, listening

    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
    configure()
    Store.read = read  # type: ignore[method-assign]
    app = create_app(NOWHERE, limits=LIMITS)
    gc.collect()
    gc.freeze()
    with listening(app, LIMITS) as port:
        told.send(port)
        told.recv()


@contextmanager
def unbacked(read: Callable[..., Any]) -> Iterator[tuple[int, psutil.Process]]:
    """Its port and process; `read` stands in the place of `Store.read`."""
    context = get_context("spawn")
    ours, theirs = context.Pipe()
    server = context.Process(target=_serve, args=(theirs, read))
    server.start()
    try:
        yield ours.recv(), psutil.Process(server.pid)
    finally:
        ours.send("end")
        server.join(20)
