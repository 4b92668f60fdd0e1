"""The service as processes: one worker, or several on one socket."""

from __future__ import annotations

import gc
import socket
import threading
from contextlib import suppress
from functools import partial

import uvicorn
from starlette.applications import Starlette
from uvicorn.supervisors import Multiprocess

from api import terminal, traces
from api.admission import sign_in, warn
from api.app import create_app, schema
from api.ending import DRAIN, end_with_parent
from api.logs import configure
from api.metrics import shared
from api.settings import Settings, WrongUse
from api.socket_wire import SocketProtocol
from api.trusted import NOTHING_TRUSTED, Trusted
from api.wire import limited
from graph.store import Address

YOUNG = (2_000, 20, 50)
"""When cycles are collected. The driver leaves 45 objects in cycles with each statement: more at a
time would hold up somebody for longer (17 ms of each second at 50,000), fewer look at a large
answer again and again."""
STARTED_WITHIN = 60
"""Seconds that a worker may need to start on a busy machine before it counts as hung."""


def serve(address: Address, chosen: Settings) -> None:
    """Serve until Ctrl-C or SIGTERM. Each worker has a store of its own; one that dies is replaced.

    Workers get the address through a pipe: a password is in no environment and no process list.
    """
    config = uvicorn.Config(
        partial(worker, address, chosen),
        factory=True,
        http=limited(chosen.goldenthread_limits),
        ws=SocketProtocol,
        ws_max_size=chosen.goldenthread_sockets.message_bytes,
        ws_per_message_deflate=False,
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
    trusted(chosen)
    if chosen.goldenthread_traces:
        traces.check()
    listening = config.bind_socket()
    terminal.err.print(f"\nServing {_url(listening)}/graphql until Ctrl-C.")
    warn(chosen)
    if config.workers > 1:
        with shared(config.workers):
            Multiprocess(config, [listening]).run()
    else:
        with suppress(KeyboardInterrupt):
            uvicorn.Server(config).run([listening])


def worker(address: Address, chosen: Settings) -> Starlette:
    """The app of one process; the schema is no garbage, and is not looked through again."""
    configure()
    threading.Thread(target=end_with_parent, daemon=True).start()
    app = create_app(
        address,
        chosen.goldenthread_origins,
        chosen.goldenthread_limits,
        chosen.goldenthread_metrics_readers,
        trusted(chosen),
        traces.tracer() if chosen.goldenthread_traces else None,
        sign_in(chosen),
        chosen.goldenthread_sockets,
    )
    spare()
    return app


def spare() -> None:
    """Let the collector of cycles leave alone what is there, and look at what is new by YOUNG."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*YOUNG)


def trusted(chosen: Settings) -> Trusted:
    """The trusted documents of the settings. Raises WrongUse."""
    path, alone = chosen.goldenthread_documents, chosen.goldenthread_documents_only
    if path is None and alone:
        raise WrongUse("GOLDENTHREAD_DOCUMENTS_ONLY needs the file: GOLDENTHREAD_DOCUMENTS")
    if path is None:
        return NOTHING_TRUSTED
    return Trusted.read(path, schema()._schema, chosen.goldenthread_limits, alone)


def _url(listening: socket.socket) -> str:
    host, port = listening.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
