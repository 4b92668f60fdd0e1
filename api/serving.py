"""The service as processes: one worker, or several on one socket."""

from __future__ import annotations

import socket
import threading
from collections.abc import Collection
from contextlib import suppress
from functools import partial

import uvicorn
from starlette.applications import Starlette
from uvicorn.supervisors import Multiprocess

from api import terminal
from api.app import create_app
from api.ending import DRAIN, end_with_parent
from api.limits import Limits
from api.logs import configure
from api.settings import Settings
from api.wire import limited
from graph.store import Address

STARTED_WITHIN = 60
"""Seconds that a worker may need to start on a busy machine before it counts as hung."""


def serve(address: Address, chosen: Settings) -> None:
    """Serve until Ctrl-C or SIGTERM. Each worker has a store of its own; one that dies is replaced.

    Workers get the address through a pipe: a password is in no environment and no process list.
    """
    config = uvicorn.Config(
        partial(worker, address, chosen.goldenthread_origins, chosen.goldenthread_limits),
        factory=True,
        http=limited(chosen.goldenthread_limits),
        host=chosen.goldenthread_host,
        port=chosen.goldenthread_port,
        workers=chosen.goldenthread_workers,
        log_config=None,
        access_log=False,
        timeout_keep_alive=chosen.goldenthread_limits.idle_seconds,
        server_header=False,
        timeout_graceful_shutdown=DRAIN,
        timeout_worker_healthcheck=STARTED_WITHIN,
    )
    listening = config.bind_socket()
    terminal.err.print(f"\nServing {_url(listening)}/graphql until Ctrl-C.")
    if config.workers > 1:
        Multiprocess(config, [listening]).run()
    else:
        with suppress(KeyboardInterrupt):
            uvicorn.Server(config).run([listening])


def worker(address: Address, origins: Collection[str], limits: Limits) -> Starlette:
    """The app of one process."""
    configure()
    threading.Thread(target=end_with_parent, daemon=True).start()
    return create_app(address, origins, limits)


def _url(listening: socket.socket) -> str:
    host, port = listening.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
