"""How the service ends when told to: not ready first, later no longer accepting, code 0 at last."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from multiprocessing import parent_process
from types import FrameType

from starlette.datastructures import State

NOTICE = 2.0
"""Seconds from not being ready to no longer accepting, so that a proxy can look elsewhere."""
DRAIN = 10
"""Seconds that requests at work may take after that."""


def end_calmly() -> None:
    """From here on SIGTERM unwinds what is open, as an exit with code 0."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))


def end_with_parent() -> None:
    """A parent that was killed could not tell its workers: they notice on their own."""
    if parent := parent_process():
        parent.join()
        os.kill(os.getpid(), signal.SIGTERM)


@contextmanager
def noticed(state: State, then: Callable[[], None] = lambda: None) -> Iterator[None]:
    """In this block SIGTERM sets `state.ending`, and does what it did before NOTICE seconds later.

    `then` is called at once, also at SIGINT, which does what it did without delay. Where nobody
    handles SIGTERM, or outside the main thread, nothing changes.
    """
    state.ending = False
    before, loop = signal.getsignal(signal.SIGTERM), asyncio.get_running_loop()
    stopped = signal.getsignal(signal.SIGINT)
    if not callable(before) or threading.current_thread() is not threading.main_thread():
        yield
        return

    def told(number: int, frame: FrameType | None) -> None:
        state.ending = True
        loop.call_soon_threadsafe(then)
        loop.call_soon_threadsafe(partial(loop.call_later, NOTICE, before, number, frame))

    def interrupted(number: int, frame: FrameType | None) -> None:
        loop.call_soon_threadsafe(then)
        if callable(stopped):
            stopped(number, frame)

    signal.signal(signal.SIGTERM, told)
    signal.signal(signal.SIGINT, interrupted)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, stopped)
        signal.signal(signal.SIGTERM, before)
