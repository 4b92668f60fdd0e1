"""Which database a command works on: the one named in the settings, else the private one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from api import terminal
from api.settings import Settings
from graph import local
from graph.errors import Unavailable
from graph.store import Address


@contextmanager
def database(settings: Settings, data: Path | None = None) -> Iterator[Address]:
    """The address of a database for as long as the block runs."""
    if settings.address is not None and data is None:
        try:
            yield settings.address
        except Unavailable as error:
            raise Unavailable(f"NEO4J_URI {settings.address.uri!r}: {error}") from error
        return
    folder = data or settings.goldenthread_data
    with terminal.fetching() as progress:
        starting = local.running(folder, progress=progress)
        running = starting.__enter__()
    try:
        yield Address(running.uri, running.username, running.password)
    finally:
        starting.__exit__(None, None, None)
